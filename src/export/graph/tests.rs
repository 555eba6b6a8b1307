use std::sync::Arc;

use super::*;
use crate::export::escape::{NASTY, is_hostile};
use crate::export::talks::whose;
use crate::export::{Layout, Show};
use crate::model::{Acts, Conversation, Levels, Port, Run, Scope, Timestamp, Zones};

fn printed(names: &[&str]) -> [String; 2] {
    let asset = |(number, name): (u128, &&str)| {
        Arc::new(Asset {
            id: AssetId(uuid::Uuid::from_u128(number)),
            identity: (*name).into(),
            ..Asset::default()
        })
    };
    let assets: Vec<Arc<Asset>> = (1..).zip(names).map(asset).collect();
    let node = |last| Node::ip(Scope::default(), [10, 0, 0, last].into());
    let said = [Conversation {
        client: node(1),
        server: Node::ip(Scope::default(), [224, 0, 0, 1].into()),
        port: Port::Udp(2_222),
        protocol: None,
        first: Timestamp(0),
        last: Timestamp(1),
        packets: [1, 0],
        bytes: [60, 0],
        acts: Acts::default(),
    }];
    let talks = whose(&said, &assets);
    let report = Report {
        run: &Run::default(),
        assets: &assets,
        findings: &[],
        talks: &talks,
        show: Show::All,
        zones: &Zones::default(),
        levels: &Levels::default(),
        selected: None,
        layout: &Layout::default(),
    };
    let (mut one, mut other) = (Vec::new(), Vec::new());
    graphml(&report, &mut one).unwrap();
    dot(&report, &mut other).unwrap();
    [one, other].map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn hostile_names_stay_in_their_places() {
    let [graphml, dot] = printed(NASTY);
    for text in [&graphml, &dot] {
        assert!(!text.contains(|c| is_hostile(c) && c != '\n'));
    }
    assert!(!graphml.contains("<script>"));
    // Each name is in one line of DOT: nothing ends the string, the attribute list or the statement.
    for line in dot.lines().filter(|line| line.contains("kind=device")) {
        let mut is_open = false;
        let mut outside = String::new();
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if is_open => drop(chars.next()),
                '"' => is_open = !is_open,
                c if !is_open => outside.push(c),
                _ => {}
            }
        }
        assert!(!is_open && outside.ends_with("];") && outside.matches(';').count() == 1, "{line}");
    }
}

#[test]
fn an_address_of_nobody_and_a_group_are_nodes_too() {
    let [graphml, dot] = printed(&["a"]);
    assert!(graphml.contains(r#"<edge id="e1" source="10.0.0.1" target="224.0.0.1">"#));
    assert!(graphml.contains(r#"<data key="node_kind">group</data>"#));
    assert!(dot.contains("\"10.0.0.1\" -> \"224.0.0.1\" [label=\"udp/2222\""));
}
