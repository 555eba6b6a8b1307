//! A mirror port to listen on, made for a test: a cable between two network namespaces. What is put in at the end called `plant` comes out at
//! the end called `mirror`, prepared as the port of a sensor is: no address, no ARP, no IPv6.
//!
//! Needs root, `ip` and `tcpreplay`; a test says so where they are not, and runs where they are.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Name of the interface that is listened on, in [`Mirror::sensor`].
pub const PORT: &str = "mirror";

/// A cable between two namespaces; both end with it.
pub struct Mirror {
    /// Namespace of the sensor.
    pub sensor: String,
    plant: String,
}

impl Mirror {
    /// Lays one; `None`, said on standard error, where that cannot be done.
    pub fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        for tool in ["ip", "tcpreplay"] {
            if Command::new(tool)
                .arg("-V")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_err()
            {
                eprintln!("skipped: {tool} is not here");
                return None;
            }
        }
        let name = format!("np{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mirror = Self { sensor: format!("{name}s"), plant: format!("{name}p") };
        for namespace in [&mirror.sensor, &mirror.plant] {
            if !run("ip", &["netns", "add", namespace]).status.success() {
                eprintln!("skipped: the right to make network namespaces is not here");
                return None;
            }
            let quiet = "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 2>/dev/null; true";
            done(&inside(namespace, "sh").args(["-c", quiet]).output().unwrap());
        }
        mirror.lay();
        Some(mirror)
    }

    /// Connects both ends, and switches them on.
    pub fn lay(&self) {
        let Self { sensor, plant } = self;
        done(&run(
            "ip",
            &[
                "-n", sensor, "link", "add", PORT, "mtu", MTU, "type", "veth", "peer", "name",
                "plant", "mtu", MTU, "netns", plant,
            ],
        ));
        for (namespace, end) in [(sensor, PORT), (plant, "plant")] {
            done(&run("ip", &["-n", namespace, "link", "set", end, "arp", "off", "up"]));
        }
    }

    /// Changes the end that is listened on, as `ip link set`.
    pub fn set(&self, words: &[&str]) {
        let mut all = vec!["-n", &self.sensor, "link", "set", PORT];
        all.extend(words);
        done(&run("ip", &all));
    }

    /// Pulls the cable out at the other end with `down`, puts it in with `up`.
    pub fn cable(&self, state: &str) {
        done(&run("ip", &["-n", &self.plant, "link", "set", "plant", state]));
    }

    /// Takes both ends away.
    pub fn remove(&self) {
        done(&run("ip", &["-n", &self.sensor, "link", "del", PORT]));
    }

    /// Puts the frames of captures in at the other end, in their order.
    pub fn replay(&self, files: &[PathBuf], options: &[&str]) {
        let mut command = inside(&self.plant, "tcpreplay");
        done(&command.args(["-q", "-i", "plant"]).args(options).args(files).output().unwrap());
    }

    /// What the system counted at the end that is listened on, as `tx_packets`.
    pub fn counter(&self, name: &str) -> u64 {
        let path = format!("/sys/class/net/{PORT}/statistics/{name}");
        let output = inside(&self.sensor, "cat").arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    }

    /// A command in the namespace of the sensor.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        inside(&self.sensor, program)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        for namespace in [&self.sensor, &self.plant] {
            run("ip", &["netns", "del", namespace]);
        }
    }
}

fn inside(namespace: &str, program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace]).arg(program.as_ref()).stdin(Stdio::null());
    command
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Room for every frame of the captures.
const MTU: &str = "9000";
