//! Conversations of the one look that the other does not have.

use std::collections::BTreeSet;

use crate::compare::{Difference, Kind, Said, Talk};

/// Tells conversations that are in one look only. That somebody recognised at last, or no longer does, what two have been speaking is no difference.
pub(super) fn of_talks<'a>(was: &'a [Talk], is: &'a [Talk], all: &mut Vec<Difference<'a>>) {
    let mut tell = |kind, talks: &'a [Talk], others: &[Talk]| {
        let known: BTreeSet<Key<'_>> = others.iter().map(key).collect();
        let places: BTreeSet<Key<'_>> = others.iter().map(|talk| unrecognised(key(talk))).collect();
        for talk in talks {
            let own = key(talk);
            let bare = unrecognised(own);
            let is_known = match own == bare {
                true => places.contains(&bare),
                false => known.contains(&own) || known.contains(&bare),
            };
            if !is_known {
                all.push(told(kind, talk));
            }
        }
    };
    tell(Kind::ConversationNew, is, was);
    tell(Kind::ConversationNotSeen, was, is);
}

/// Site, client, server, port, protocol.
pub(super) type Key<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>);

/// The conversation without when it was.
pub(super) fn key(talk: &Talk) -> Key<'_> {
    (&talk.site, &talk.client, &talk.server, &talk.port, talk.protocol.as_deref())
}

fn unrecognised((site, client, server, port, _): Key<'_>) -> Key<'_> {
    (site, client, server, port, None)
}

fn told(kind: Kind, talk: &Talk) -> Difference<'_> {
    let said = Said { value: talk.to_string().into(), seen_in: Vec::new() };
    let (was, is) = match kind {
        Kind::ConversationNew => (None, Some(said)),
        _ => (Some(said), None),
    };
    Difference {
        kind,
        before: None,
        after: None,
        module: None,
        talk: Some(talk),
        what: "conversation".to_owned(),
        was,
        is,
        same_serial: None,
    }
}
