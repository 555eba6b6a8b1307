//! Conversations that were not there before.

use std::fmt;

use crate::model::notice::{Notice, NoticeKind};
use crate::model::{Conversation, Node, Port};
use crate::watch::{Now, Watch, blank, weighed};

/// Who talks to whom, in what: the conversation without its numbers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TalkKey {
    /// Who asks.
    pub client: Node,
    /// Who answers.
    pub server: Node,
    /// Where.
    pub port: Port,
    /// In which protocol, by registry name.
    pub protocol: Option<&'static str>,
}

impl TalkKey {
    /// That of a conversation.
    pub fn of(talk: &Conversation) -> Self {
        let Conversation { client, server, port, protocol, .. } = talk;
        Self { client: *client, server: *server, port: *port, protocol: *protocol }
    }

    /// The same before its protocol was recognised.
    fn unrecognised(self) -> Self {
        Self { protocol: None, ..self }
    }
}

impl fmt::Display for TalkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, server, port, protocol } = self;
        write!(f, "{} to {} on {port}", client.addr, server.addr)?;
        protocol.map_or(Ok(()), |protocol| write!(f, ", {protocol}"))
    }
}

/// Notices about conversations that are new. That somebody recognised at last what two have been speaking is no news.
pub(super) fn notices(watch: &Watch, now: &Now<'_>) -> Vec<Notice> {
    let mut notices = Vec::new();
    if watch.is_full() {
        return notices;
    }
    for talk in now.conversations {
        let key = TalkKey::of(talk);
        if watch.talks.contains(&key) || watch.talks.contains(&key.unrecognised()) {
            continue;
        }
        notices.push(notice(watch, talk, key, now));
    }
    notices
}

fn notice(watch: &Watch, talk: &Conversation, key: TalkKey, now: &Now<'_>) -> Notice {
    let is_accepted = |baseline: &super::Baseline| {
        baseline.talks.contains(&key) || baseline.talks.contains(&key.unrecognised())
    };
    let (severity, more, detail) = weighed(watch.beside(is_accepted));
    let (client, server) = (key.client.addr.to_string(), key.server.addr.to_string());
    let site = now.sites.name(key.client.scope.site);
    let mut details: Vec<(Box<str>, Box<str>)> = vec![
        ("client".into(), client.clone().into()),
        ("server".into(), server.clone().into()),
        ("port".into(), key.port.to_string().into()),
    ];
    if let Some(protocol) = key.protocol {
        details.push(("protocol".into(), protocol.into()));
    }
    if key.client.scope.vlan != 0 {
        details.push(("vlan".into(), key.client.scope.vlan.to_string().into()));
    }
    details.extend(detail);
    Notice {
        kind: NoticeKind::ConversationNew,
        severity,
        site: site.unwrap_or_default().into(),
        addresses: vec![client.into(), server.into()],
        text: format!("a conversation that was not known: {key}{more}").into(),
        details,
        ..blank(talk.first, now.told)
    }
}
