//! System calls: seccomp, seccomp(2). What no part of the process needs is refused with EPERM; what a thread does not need, in that thread.
//!
//! Lists name what is refused and not what is allowed: SQLite, allocators and the C library need many calls, and other ones with each version.
//! A packet socket sends with `write` as well as with `sendto`, so threads that hold or could reach one may write to standard output and error only.

mod lists;

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::{Network, Step, Work};

use lists::{DATA_OUT, FILES, LISTENING, NEVER, SENDING, X32_BIT, X32_OTHERS};

/// Refuses what no thread of the process needs, in all of its threads.
pub(super) fn close(network: &Network) -> Step {
    let mut refused = Refused::default();
    refused.all(NEVER);
    refused.processes();
    let families: &[i32] = match network {
        Network::Nobody => &[libc::AF_PACKET, libc::AF_NETLINK, libc::AF_UNIX],
        Network::Outward(_) => {
            &[libc::AF_PACKET, libc::AF_NETLINK, libc::AF_UNIX, libc::AF_INET, libc::AF_INET6]
        }
        Network::Server { .. } => &[libc::AF_NETLINK, libc::AF_UNIX, libc::AF_INET, libc::AF_INET6],
    };
    refused.sockets_but(families);
    if !matches!(network, Network::Server { .. }) {
        refused.all(LISTENING);
    }
    if *network == Network::Nobody {
        // What remains is `send` on a connected socket, which is how the service manager is told.
        refused.all(&[libc::SYS_connect, libc::SYS_sendmsg, libc::SYS_sendmmsg]);
        refused.when(
            libc::SYS_sendto,
            vec![condition(4, SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, 0)],
        );
    }
    let text = match network {
        Network::Nobody => "no programs, no connections, no sending to any address",
        Network::Outward(_) => "no programs, no listening",
        Network::Server { .. } => "no programs, no packet sockets",
    };
    let applied = older_clone(true).and_then(|()| refused.apply(true));
    told(applied, &format!("{text} (seccomp, all threads)"))
}

/// Refuses what the calling thread does not need.
pub(super) fn narrow(work: &Work) -> Step {
    let mut refused = Refused::default();
    refused.all(SENDING);
    refused.all(&[libc::SYS_connect]);
    refused.all(LISTENING);
    let text = match work {
        Work::Capture => {
            refused.sockets_but(&[libc::AF_PACKET, libc::AF_NETLINK, libc::AF_UNIX]);
            refused.writes_but_standard();
            "receives, and sends on no socket"
        }
        Work::Reading => {
            refused.all(&[libc::SYS_socket, libc::SYS_bind]);
            refused.all(FILES);
            refused.writes_but_standard();
            "opens no file and no socket, sends nothing"
        }
        Work::Storing(captures) => {
            refused.all(&[libc::SYS_socket, libc::SYS_bind]);
            captures.iter().for_each(|capture| refused.writes_to(*capture));
            "writes files, opens no socket, sends nothing"
        }
    };
    let applied = refused.apply(false);
    told(applied, &format!("this thread {text} (seccomp)"))
}

fn told(applied: Result<(), String>, text: &str) -> Step {
    match applied {
        Ok(()) => Step::done(MEASURE, text.to_owned()),
        Err(why) => Step::not(MEASURE, why),
    }
}

/// `clone3` tells in memory, where no filter sees it, whether it makes a thread or a process. As if it did not exist, the C library asks with `clone`.
fn older_clone(everywhere: bool) -> Result<(), String> {
    let mut refused = Refused::default();
    refused.all(&[libc::SYS_clone3]);
    refused.apply_with(libc::ENOSYS, everywhere)
}

/// Calls that are refused, each always or under conditions of which one must hold.
#[derive(Default)]
struct Refused {
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    /// What went wrong while the list was made.
    wrong: Option<String>,
}

impl Refused {
    fn all(&mut self, calls: &[i64]) {
        for call in calls {
            for number in numbers(*call) {
                self.rules.insert(number, Vec::new());
            }
        }
    }

    /// Refuses a call when all of these hold of its arguments.
    fn when(&mut self, call: i64, conditions: Vec<Result<SeccompCondition, String>>) {
        let conditions: Result<Vec<_>, String> = conditions.into_iter().collect();
        let rule =
            conditions.and_then(|all| SeccompRule::new(all).map_err(|error| error.to_string()));
        let rule = match rule {
            Ok(rule) => rule,
            Err(error) => {
                self.wrong = Some(error);
                return;
            }
        };
        for number in numbers(call) {
            match self.rules.get_mut(&number) {
                // Always refused already.
                Some(rules) if rules.is_empty() => {}
                Some(rules) => rules.push(rule.clone()),
                None => {
                    self.rules.insert(number, vec![rule.clone()]);
                }
            }
        }
    }

    /// Other processes: only threads may be made.
    fn processes(&mut self) {
        let thread = u64::try_from(libc::CLONE_THREAD).unwrap_or_default();
        let masked = SeccompCmpOp::MaskedEq(thread);
        self.when(libc::SYS_clone, vec![condition(0, SeccompCmpArgLen::Qword, masked, 0)]);
    }

    /// Sockets of other families than these.
    fn sockets_but(&mut self, families: &[i32]) {
        let others = families.iter().map(|family| {
            let family = u64::try_from(*family).unwrap_or_default();
            condition(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
        });
        self.when(libc::SYS_socket, others.collect());
    }

    /// Writing to any descriptor but those of standard output and error, which are the first three.
    fn writes_but_standard(&mut self) {
        for call in DATA_OUT {
            let beyond = condition(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Gt, 2);
            self.when(*call, vec![beyond]);
        }
        self.all(&[libc::SYS_splice, libc::SYS_tee, libc::SYS_vmsplice, libc::SYS_sendfile]);
    }

    /// Writing to one descriptor, or making another name for it.
    fn writes_to(&mut self, descriptor: i32) {
        let number = u64::try_from(descriptor).unwrap_or(u64::MAX);
        let same =
            |argument| condition(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, number);
        for call in DATA_OUT.iter().chain(&[libc::SYS_dup, libc::SYS_dup3, libc::SYS_sendfile]) {
            self.when(*call, vec![same(0)]);
        }
        #[cfg(target_arch = "x86_64")]
        self.when(libc::SYS_dup2, vec![same(0)]);
        self.when(libc::SYS_splice, vec![same(2)]);
        for command in [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC] {
            let command = u64::try_from(command).unwrap_or_default();
            let duplicates = condition(1, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, command);
            self.when(libc::SYS_fcntl, vec![same(0), duplicates]);
        }
    }

    fn apply(self, everywhere: bool) -> Result<(), String> {
        self.apply_with(libc::EPERM, everywhere)
    }

    fn apply_with(self, error: i32, everywhere: bool) -> Result<(), String> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let said = |error: seccompiler::BackendError| error.to_string();
        let refuse = SeccompAction::Errno(error.unsigned_abs());
        let machine = std::env::consts::ARCH.try_into().map_err(said)?;
        let filter = SeccompFilter::new(self.rules, SeccompAction::Allow, refuse, machine);
        let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(said)?;
        let applied = match everywhere {
            true => seccompiler::apply_filter_all_threads(&program),
            false => seccompiler::apply_filter(&program),
        };
        applied.map_err(|error| format!("the kernel takes no filter: {error}"))
    }
}

/// The numbers of a call: on x86-64 that of the x32 interface too, which reaches the same code.
fn numbers(call: i64) -> impl Iterator<Item = i64> {
    let others = X32_OTHERS.iter().filter(move |(own, _)| *own == call);
    let others = others.map(|(_, other)| *other | X32_BIT.unwrap_or_default());
    let same = X32_BIT.map(|bit| call | bit);
    std::iter::once(call).chain(same).chain(others)
}

fn condition(
    argument: u8,
    length: SeccompCmpArgLen,
    operation: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, length, operation, value).map_err(|error| error.to_string())
}

const MEASURE: &str = "system calls";
