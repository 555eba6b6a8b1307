//! The sensor as it runs: `nameplate run` on the mirror port of a network namespace that each test makes, and what it leaves in its store.

mod equal;
mod hard;
mod later;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::mirror::{Mirror, PORT};
use crate::program::{AS_OF, Ran, run};

/// A sensor that runs until the test ends it.
pub struct Sensor {
    child: Child,
    store: PathBuf,
}

impl Sensor {
    /// Starts one, and waits until it listens.
    pub fn start(mirror: &Mirror, store: &Path, options: &[&str]) -> Self {
        let mut command = mirror.command(env!("CARGO_BIN_EXE_nameplate"));
        command.args(["run", "-i", PORT, "--store"]).arg(store).args(options);
        Self::listening(command, store)
    }

    /// The same with a command of one's own.
    pub fn listening(mut command: Command, store: &Path) -> Self {
        let errors = store.with_extension("err");
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(errors).unwrap();
        command.env("NAMEPLATE_AS_OF", AS_OF).stderr(errors).stdout(Stdio::null());
        let _ = std::fs::remove_file(store.join("health.json"));
        let sensor = Self { child: command.spawn().unwrap(), store: store.to_owned() };
        sensor.wait_until("it listens", |health| {
            health["phase"] == "running" && health["interfaces"][0]["state"] == "up"
        });
        sensor
    }

    /// What it says of itself.
    pub fn health(&self) -> Value {
        let text = std::fs::read_to_string(self.store.join("health.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Waits for something to be true of it.
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        while !is_so(&self.health()) {
            if began.elapsed() > PATIENCE {
                let errors = std::fs::read_to_string(self.store.with_extension("err"));
                panic!("not in time: {what}: {} {errors:?}", self.health());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until so many frames were read.
    pub fn wait_for_frames(&self, frames: u64) {
        self.wait_until(&format!("{frames} frames"), |health| {
            health["interfaces"][0]["frames"].as_u64() >= Some(frames)
        });
    }

    /// Process of the program itself; the child may be another one that started it.
    pub fn process(&self) -> u64 {
        self.health()["process"].as_u64().unwrap()
    }

    /// Sends a signal; one that has ended already gets none.
    pub fn signal(&self, name: &str) {
        let process = self.process().to_string();
        Command::new("kill").args(["-s", name, &process]).status().unwrap();
    }

    /// Ends it in order; what it said of itself last.
    pub fn end(mut self) -> Value {
        self.signal("TERM");
        let ended = self.child.wait().unwrap();
        let errors = std::fs::read_to_string(self.store.with_extension("err")).unwrap();
        assert!(ended.success(), "{errors}");
        let health = self.health();
        assert_eq!(health["phase"], "stopped", "{errors}");
        health
    }

    /// Ends it without asking.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Sensor {
    fn drop(&mut self) {
        // Where another program started it, that one's end is not its own.
        if let (Some(process), Ok(None)) =
            (self.health()["process"].as_u64(), self.child.try_wait())
        {
            let _ = Command::new("kill").args(["-s", "KILL", &process.to_string()]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a store holds, as NDJSON.
pub fn held(store: &Path) -> Ran {
    let store = store.to_str().unwrap();
    let ran = run(&["assets", "list", "--store", store, "-o", "ndjson"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// A debug build on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);
