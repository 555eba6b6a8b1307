//! The service manager: that the sensor is ready, how it is, and that it lives, as sd_notify(3) has it.
//!
//! A datagram to a socket on this machine whose name is in the environment. It is connected while the process may still open sockets; later messages go
//! over it by `send`, which threads that read frames may not do (see [`super::rights`]), so they are sent from the main thread.

use std::time::{Duration, Instant};

/// The service manager that started the process, if one did.
#[derive(Debug, Default)]
pub struct Service {
    #[cfg(unix)]
    socket: Option<std::os::unix::net::UnixDatagram>,
    /// How often it wants to hear that the process lives.
    watchdog: Option<Duration>,
    /// When it was told so last.
    told: Option<Instant>,
}

impl Service {
    /// Connects to the service manager that the environment names; nothing is told to nobody without one.
    pub fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let pid = variable("WATCHDOG_PID").map(|pid| pid == std::process::id().to_string());
        let wanted = variable("WATCHDOG_USEC").and_then(|micros| micros.parse().ok());
        let watchdog = wanted.map(Duration::from_micros).filter(|time| !time.is_zero());
        Self {
            #[cfg(unix)]
            socket: variable("NOTIFY_SOCKET").and_then(|name| connect(&name)),
            // A watchdog of another process is not ours to feed.
            watchdog: watchdog.filter(|_| pid != Some(false)),
            told: None,
        }
    }

    /// How often to call [`Service::alive`]: half of what the service manager waits. `None` when it does not wait.
    pub fn interval(&self) -> Option<Duration> {
        self.watchdog.and_then(|time| time.checked_div(2))
    }

    /// The sensor listens, and `status` says on what.
    pub fn ready(&mut self, status: &str) {
        self.send(&format!("READY=1\n{}", said(status)));
    }

    /// How the sensor is, for people who ask the service manager.
    pub fn status(&mut self, status: &str) {
        self.send(&said(status));
    }

    /// The sensor works: called whenever it is known to, and only then. Tells the service manager often enough and no more; says whether it did.
    pub fn alive(&mut self, now: Instant) -> bool {
        let Some(interval) = self.interval() else { return false };
        let waited = self.told.map(|told| now.saturating_duration_since(told));
        if waited.is_some_and(|waited| waited < interval) {
            return false;
        }
        self.told = Some(now);
        self.send("WATCHDOG=1");
        true
    }

    /// The sensor takes other knowledge; [`Service::ready`] ends it. What `Type=notify-reload` waits for.
    pub fn reloading(&mut self) {
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}", monotonic_micros()));
    }

    /// The sensor writes what it has, and ends.
    pub fn stopping(&mut self, status: &str) {
        self.send(&format!("STOPPING=1\n{}", said(status)));
    }

    /// A service manager that does not listen is no reason to stop listening to the plant.
    #[cfg(unix)]
    fn send(&self, message: &str) {
        if let Some(socket) = &self.socket {
            let _ = socket.send(message.as_bytes());
        }
    }

    #[cfg(not(unix))]
    fn send(&self, _: &str) {}
}

/// A line feed would begin another variable.
fn said(status: &str) -> String {
    let line: String = status.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("STATUS={line}")
}

#[cfg(unix)]
fn connect(name: &str) -> Option<std::os::unix::net::UnixDatagram> {
    let socket = std::os::unix::net::UnixDatagram::unbound().ok()?;
    socket.set_nonblocking(true).ok()?;
    match name.strip_prefix('@') {
        Some(name) => abstractly(&socket, name)?,
        None => socket.connect(name).ok()?,
    }
    Some(socket)
}

/// A name that is in no directory.
#[cfg(target_os = "linux")]
fn abstractly(socket: &std::os::unix::net::UnixDatagram, name: &str) -> Option<()> {
    use std::os::linux::net::SocketAddrExt as _;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name).ok()?;
    socket.connect_addr(&address).ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn abstractly(_: &std::os::unix::net::UnixDatagram, _: &str) -> Option<()> {
    None
}

#[cfg(target_os = "linux")]
fn monotonic_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let micros = now.tv_nsec.checked_div(1_000).unwrap_or_default();
    now.tv_sec.saturating_mul(1_000_000).saturating_add(micros)
}

#[cfg(not(target_os = "linux"))]
fn monotonic_micros() -> i64 {
    0
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixDatagram;

    fn pair() -> (Service, UnixDatagram) {
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let watchdog = Some(Duration::from_secs(10));
        (Service { socket: Some(ours), watchdog, told: None }, theirs)
    }

    fn heard(socket: &UnixDatagram) -> Option<String> {
        let mut bytes = [0; 512];
        let length = socket.recv(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    #[test]
    fn tells_that_it_is_ready_and_how_it_is_in_one_line() {
        let (mut service, manager) = pair();
        service.ready("listens on eth1\nREADY=0");
        assert_eq!(heard(&manager).unwrap(), "READY=1\nSTATUS=listens on eth1 READY=0");
        service.reloading();
        let reloading = heard(&manager).unwrap();
        let micros = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
        assert!(micros.parse::<i64>().unwrap() > 0);
        service.stopping("writes what it has");
        assert_eq!(heard(&manager).unwrap(), "STOPPING=1\nSTATUS=writes what it has");
    }

    #[test]
    fn the_watchdog_is_fed_at_half_its_time_and_only_when_told_to() {
        let (mut service, manager) = pair();
        let start = Instant::now();
        assert_eq!(service.interval(), Some(Duration::from_secs(5)));
        assert!(service.alive(start));
        assert!(!service.alive(start.checked_add(Duration::from_secs(4)).unwrap()));
        assert!(service.alive(start.checked_add(Duration::from_secs(5)).unwrap()));
        assert_eq!(heard(&manager).unwrap(), "WATCHDOG=1");
        assert_eq!(heard(&manager).unwrap(), "WATCHDOG=1");
        assert_eq!(heard(&manager), None);
    }

    #[test]
    fn nobody_is_told_without_a_service_manager() {
        let mut service = Service::default();
        service.ready("alone");
        assert!(!service.alive(Instant::now()));
    }
}
