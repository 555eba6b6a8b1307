//! A dissector must not care how TCP cut its bytes: any cut gives the same facts.

use nameplate::model::Act;
use nameplate::protocols::POLLS;

use crate::traffic::{Shot, captures, cut, run};

#[test]
fn any_cut_of_any_stream_gives_the_same_facts() {
    for (name, shots) in captures() {
        let whole = run(&shots).facts;
        let longest = shots.iter().map(|shot| shot.bytes.len()).max().unwrap_or(0);
        let cuts = (1..longest).filter(|at| *at <= CUTS_MAX || at % CUTS_STEP == 0);
        for at in cuts {
            let changed = recut(&shots, || Box::new([at].into_iter()));
            assert_eq!(run(&changed).facts, whole, "{name}: every segment cut at byte {at}");
        }
    }
}

#[test]
fn byte_by_byte_gives_the_same_facts() {
    for (name, shots) in captures() {
        let changed = recut(&shots, || Box::new(std::iter::repeat(1)));
        assert_eq!(run(&changed).facts, run(&shots).facts, "{name}: byte by byte");
    }
}

#[test]
fn pieces_in_reverse_order_give_the_same_facts() {
    for (name, shots) in captures() {
        let mut changed = Vec::new();
        for shot in &shots {
            let pieces = cut(shot, &mut [9, 7].into_iter());
            match pieces {
                Some(pieces) => changed.extend(pieces.into_iter().rev()),
                None => changed.push(shot.clone()),
            }
        }
        let (mut facts, mut whole) = (run(&changed).facts, run(&shots).facts);
        facts.retain(|fact| !is_of_one_request(fact));
        whole.retain(|fact| !is_of_one_request(fact));
        assert_eq!(facts, whole, "{name}: reversed");
    }
}

/// What requests are for is told by each request alone. Of a conversation that was under way, the first one cannot be read
/// when its end came first: it may be the only one of its sort, or the one that makes a poll of the others.
pub(crate) fn is_of_one_request(fact: &str) -> bool {
    let mut keys = Act::ALL.iter().map(|act| act.key()).chain([POLLS]);
    keys.any(|key| fact.contains(&format!(" {key} = ")))
}

fn recut(shots: &[Shot], lengths: impl Fn() -> Box<dyn Iterator<Item = usize>>) -> Vec<Shot> {
    shots
        .iter()
        .flat_map(|shot| cut(shot, &mut *lengths()).unwrap_or_else(|| vec![shot.clone()]))
        .collect()
}

/// Headers and names of identity messages end before; the rest is looked at in steps to keep the test short.
const CUTS_MAX: usize = 128;
const CUTS_STEP: usize = 61;
