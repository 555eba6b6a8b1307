//! What is kept of each thing stays as small as `docs/performance.md` states.

use super::*;
use crate::engine::hosts::host_bytes;
use crate::engine::mark::Mark;
use crate::model::{Asset, Conversation as Told, Finding, Ground};

#[test]
fn what_is_kept_of_each_thing_is_as_small_as_stated() {
    let page = include_str!("../../../docs/performance.md");
    let found = [
        ("a conversation under way", Flows::<Conversation>::conversation_bytes()),
        ("a host", host_bytes()),
        ("a value said before", size_of::<(Mark, u64)>()),
        ("an observation on its way", size_of::<Observation>()),
        ("a fact in the ledger", size_of::<Ground>()),
        ("a device", size_of::<Asset>()),
        ("a finding", size_of::<Finding>()),
        ("a conversation as told", size_of::<Told>()),
    ];
    for (what, bytes) in found {
        let row = format!("| {what} | {bytes} |");
        assert!(page.contains(&row), "docs/performance.md has no row that begins {row}");
    }
}
