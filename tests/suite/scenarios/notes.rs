//! What a scenario has to tell beside its inventory: a verdict that cannot be given, and what nobody could read.

use nameplate::model::{Observation, Value, Verdict, Why};

use super::{captures, device, holds};
use crate::replayed::hear;

/// Advisories for the release are listed, and none of them is answered: the build says nothing about updates.
#[test]
fn a_windows_build_alone_settles_no_patch() {
    let known = holds("18-windows-build");
    let server = device(&known, "10.30.18.20");
    let of_server = known.findings.iter().filter(|finding| finding.asset == server.id);
    let verdicts: Vec<&Verdict> = of_server.map(|finding| &finding.judgement.verdict).collect();
    assert!(!verdicts.is_empty(), "an advisory for Windows Server 2016 is known");
    for verdict in verdicts {
        assert!(matches!(verdict, Verdict::Unknown(Why::UpdateLevel)), "{verdict:?}");
    }
}

/// From frame 12 on the client's side, and from frame 13 on the server's, nobody can read along; both are told with the
/// frame, so that "nothing seen" is never taken for "nothing there".
#[test]
fn what_is_hidden_is_told_with_the_frame_since_when() {
    holds("19-encrypted");
    let heard = hear(&[captures().join("19-encrypted.pcap")], false);
    let hidden: Vec<(String, u64)> = heard
        .observations
        .iter()
        .filter(|Observation { key, value, .. }| {
            key.name == "smb.encrypted" && *value == Value::Uint(1)
        })
        .map(|one| (one.subject.to_string(), one.frame.number))
        .collect();
    assert_eq!(hidden, [("10.30.19.10".to_owned(), 12), ("10.30.19.20".to_owned(), 13)]);
    assert_eq!(heard.counters.count("smb.encrypted_messages"), 8);
}
