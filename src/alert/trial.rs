//! One notice to one receiver, to see whether that works.

use std::time::{Duration, Instant};

use crate::alert::now;
use crate::alert::plan::Plan;
use crate::alert::transport::{self, Standing};
use crate::model::{Notice, NoticeKind, Severity};

/// What became of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trial {
    /// The receiver said that it has it, or it is on disk.
    Delivered,
    /// It was sent, and arrived as far as the protocol lets a sender know.
    Sent,
    /// It was not; why.
    Failed(String),
}

/// Sends one notice that says that it is a test, whatever the output subscribes to.
pub fn attempt(plan: &Plan) -> Trial {
    let message = plan.form.write(&notice(plan));
    let mut transport = transport::open(plan);
    if let Err(error) = transport.send(&[message]) {
        return Trial::Failed(error.to_string());
    }
    let begun = Instant::now();
    loop {
        match transport.standing() {
            Ok(Standing::Delivered) => return Trial::Delivered,
            Ok(Standing::Arrived) if begun.elapsed() >= SETTLE => break,
            Ok(Standing::OnItsWay(_)) if begun.elapsed() >= plan.timeout => {
                let seconds = plan.timeout.as_secs();
                let cause = format!("{} did not confirm it within {seconds} s", plan.target);
                return Trial::Failed(cause);
            }
            Ok(_) => std::thread::sleep(LOOK_AGAIN),
            Err(error) => return Trial::Failed(error.to_string()),
        }
    }
    transport.close(SETTLE);
    Trial::Sent
}

fn notice(plan: &Plan) -> Notice {
    Notice {
        number: 0,
        at: now(),
        told: now(),
        kind: NoticeKind::SensorState,
        severity: Severity::Notice,
        site: "".into(),
        asset: None,
        name: "".into(),
        addresses: Vec::new(),
        finding: None,
        text: format!("This is a test of the output {}: nothing happened", plan.name).into(),
        details: vec![("test".into(), "true".into())],
    }
}

/// How long a refusal may take to come back.
const SETTLE: Duration = Duration::from_millis(500);

const LOOK_AGAIN: Duration = Duration::from_millis(20);
