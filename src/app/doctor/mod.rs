//! `nameplate doctor`: can this box see the plant? One line for each thing that must be right, with the command that puts it right.
//!
//! It reads what the system says of itself, and with `--listen` what comes in. It changes nothing and sends nothing.

mod check;
mod knowing;
mod listening;
mod machine;
mod mirror;
mod port;
mod room;

use std::path::PathBuf;
use std::time::Duration;

use crate::app::AppError;
use crate::app::knowledge::Sources;
use crate::capture::{self, CaptureError, Interface};

pub(super) use check::{Check, Level, count, rows, table};
pub(super) use port::script;

/// What is asked of the doctor.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    /// The ports to look at.
    pub(super) interfaces: Vec<String>,
    /// How long to listen on them.
    pub(super) listen: Option<Duration>,
    /// The store to look at.
    pub(super) store: Option<PathBuf>,
    /// What would be judged with.
    pub(super) sources: Sources,
}

/// Looks at everything asked for. When it begins to listen, it says for how long.
pub(super) fn examine(
    request: &Request,
    begins: &dyn Fn(Duration),
) -> Result<Vec<Check>, AppError> {
    let known = capture::interfaces()?;
    let mut checks = machine::checks(request.interfaces.len());
    checks.extend(knowing::checks(&request.sources, request.store.as_deref()));
    checks.push(room::check(request.store.as_deref()));
    if request.interfaces.is_empty() {
        checks.push(candidates(&known));
    }
    for name in &request.interfaces {
        match known.iter().find(|interface| interface.name == *name) {
            Some(interface) => checks.extend(port::checks(interface)),
            None => checks.push(missing(name, &known)),
        }
    }
    checks.extend(listening::checks(&request.interfaces, request.listen, begins));
    Ok(checks)
}

fn missing(name: &str, known: &[Interface]) -> Check {
    let known: Vec<&str> = known.iter().map(|interface| interface.name.as_str()).collect();
    let (interface, known) = (name.to_owned(), known.join(", "));
    let text = CaptureError::NoInterface { interface, known }.to_string();
    Check::new(name, "link", Level::Fail, text).helped_by("nameplate interfaces".to_owned())
}

/// Nobody said which port the mirror comes in at: those it could be.
fn candidates(known: &[Interface]) -> Check {
    let could_be = |interface: &&Interface| {
        let port = interface.port.as_ref();
        port.is_some_and(|port| !port.is_loopback) && interface.addresses.is_empty()
    };
    let names: Vec<&str> =
        known.iter().filter(could_be).map(|interface| interface.name.as_str()).collect();
    let text = match names.as_slice() {
        [] => "no port was named, and every interface here has an address".to_owned(),
        names => format!("no port was named; without an address are {}", names.join(", ")),
    };
    let port = names.first().map_or("IFACE".into(), |name| crate::export::escape::shell(name));
    Check::new("ports", "named", Level::Skip, text)
        .helped_by(format!("nameplate doctor -i {port} --listen 10s"))
}
