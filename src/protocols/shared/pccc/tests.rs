//! Commands and replies written after publication 1770-6.5.16; `10.0.0.1` asks, `10.0.0.2` is the processor.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use super::*;
use crate::flow::Direction::{ToClient, ToServer};
use crate::flow::{Attach, Input};
use crate::protocols::harness::{self, Listener};
use crate::protocols::{Dissector, Probe, Protocol, Step};

const PROTOCOL: Protocol = Protocol {
    name: "pccc",
    spec: "",
    attach: &[Attach::Tcp(1)],
    keys: &[KEYS],
    probe: |_| Probe::No,
    start: || Box::new(Bare(None)),
};

/// Commands and replies with nothing around them.
struct Bare(Option<Command>);

impl Dissector for Bare {
    fn read(&mut self, input: &Input<'_>, out: &mut Sink<'_>) -> Step {
        let processor = Subject::node(input.flow.server);
        let asker = input.flow.client.addr;
        let mut message = Reader::new(input.bytes);
        let read = match (input.direction, self.0) {
            (ToServer, _) => command(&mut message, &processor, asker, out).map(|asked| {
                self.0 = Some(asked);
            }),
            (ToClient, Some(asked)) => {
                reply(&mut message, asked, &processor, asker, out).map(|mine| {
                    if !mine {
                        out.count("pccc.not_mine");
                    }
                })
            }
            (ToClient, None) => Ok(()),
        };
        if let Err(malformed) = read {
            out.damaged(malformed);
        }
        Step::Used(input.bytes.len())
    }
}

fn asked(command: &[u8], reply: &[u8]) -> Listener {
    harness::read(&PROTOCOL, true, &[(ToServer, command), (ToClient, reply)])
}

/// The facts without subject and place.
fn facts(listener: &Listener) -> Vec<String> {
    let told = |line: String| {
        let line = line.strip_prefix("10.0.0.2  pccc.").unwrap();
        line.rsplit_once(" @").unwrap().0.to_owned()
    };
    listener.lines().into_iter().map(told).collect()
}

/// What follows from a command of `function` that succeeds.
fn done(command: u8, function_and_data: &[u8]) -> Vec<String> {
    let question = [&[command, 0, 7, 0], function_and_data].concat();
    facts(&asked(&question, &[command | 0x40, 0, 7, 0]))
}

#[test]
fn slc_and_micrologix_say_name_series_release_mode_and_program() {
    let status = [
        &[0x46, 0x00, 0x34, 0x12][..],   // CMD, STS, TNS
        &[0x00, 0xEE, 0x34, 0x5B, 0x42], // mode, extender, interface, processor, series C release 3
        b"5/04       ",                  // bulletin name
        &[0x03, 0x00],                   // major error word
        &[0x66, 0x20],                   // remote RUN, forces active and installed; major error
        &[0xCD, 0xAB],                   // program ID
        &[0x40, 0xFC],                   // memory, owner
    ];
    let listener = asked(&[0x06, 0, 0x34, 0x12, 0x03], &status.concat());
    assert_eq!(
        listener.lines(),
        [
            "10.0.0.2  pccc.bulletin_name = 5/04 @9+11",
            "10.0.0.2  pccc.processor_type = 91 @7+1",
            "10.0.0.2  pccc.series = C @8+1",
            "10.0.0.2  pccc.revision = 3 @8+1",
            "10.0.0.2  pccc.processor_mode = remote run @22+1",
            "10.0.0.2  pccc.forces_installed = 1 @22+2",
            "10.0.0.2  pccc.major_fault = 1 @22+2",
            "10.0.0.2  pccc.program_id = 43981 @24+2",
        ]
    );
}

#[test]
fn a_plc_5_says_a_number_for_its_name() {
    let status = [
        &[0x46, 0x00, 0x01, 0x00][..], // CMD, STS, TNS
        &[0x06, 0xEB, 0x4B],           // remote run, PLC-5, 1785-L40E
        &[0x00, 0x80, 0x01, 0x00],     // size of user memory
        &[0xA2],                       // series F, revision C
        &[0x08, 0xFD, 0x00],           // DH+ node, I/O address, parameters
        &[0xC9, 0x00, 0x36, 0x00],     // numbers of files
        &[0x10, 0x00, 0x00],           // forces present; memory protect, bad RAM
    ];
    assert_eq!(
        facts(&asked(&[0x06, 0, 1, 0, 3], &status.concat())),
        [
            "processor_expansion = 75",
            "series = F",
            "revision = C",
            "processor_mode = remote run",
            "major_fault = 0",
            "forces_installed = 1",
        ]
    );
}

#[test]
fn other_modules_and_other_layouts_are_not_taken_for_processors() {
    let question = [0x06, 0, 1, 0, 3];
    let module = [0x46, 0, 1, 0, 0x00, 0xFE, 0x19, 0, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(asked(&question, &module).said.is_empty());
    let nameless = [&[0x46, 0, 1, 0, 0, 0xEE, 0x30, 0x2F][..], &[0x80; 20]].concat();
    let listener = asked(&question, &nameless);
    assert!(listener.said.is_empty());
    assert_eq!(listener.damage.len(), 1);
}

#[test]
fn changes_of_mode_are_told_with_the_mode_asked_for() {
    for (function_and_data, mode) in [
        (&[0x80, 0x01][..], "remote program"),
        (&[0x80, 0x06], "remote run"),
        (&[0x80, 0x07], "remote test, continuous scan"),
        (&[0x80, 0x08], "remote test, single scan"),
        (&[0x80, 0x09], "remote test, single step"),
        (&[0x80, 0x55], "another mode"),
        (&[0x3A, 0x00], "remote program"),
        (&[0x3A, 0x01], "remote program or test"),
        (&[0x3A, 0x06], "remote run"), // with the bit that locks others out
    ] {
        assert_eq!(
            done(0x0F, function_and_data),
            [
                format!("attempt = change of mode to {mode} by 10.0.0.1"),
                "mode_change = 10.0.0.1".to_owned()
            ]
        );
    }
    assert!(done(0x0F, &[0x3A, 0x03]).is_empty());
}

#[test]
fn programs_that_come_and_go_are_told() {
    let download = ["attempt = program download by 10.0.0.1", "program_download = 10.0.0.1"];
    for function in [0x05, 0x50, 0x52] {
        assert_eq!(done(0x0F, &[function]), download);
    }
    assert_eq!(done(0x07, &[0x04]), download);
    // Size, file 2, ladder logic; then the same in a file beyond 254, by masked write.
    assert_eq!(done(0x0F, &[0xAA, 4, 2, 0x22, 0, 0]), download);
    assert_eq!(done(0x0F, &[0xAB, 4, 0xFF, 0x00, 0x01, 0x65, 0, 0]), download);
    for function_and_data in [&[0x53][..], &[0x55], &[0x06], &[0xA2, 80, 2, 0x22, 0, 0]] {
        assert_eq!(done(0x0F, function_and_data), ["program_upload = 10.0.0.1"]);
    }
}

#[test]
fn other_interventions_are_told() {
    for (function_and_data, attempt, event) in [
        (&[0x11][..], "get edit resource", "edit_resource"),
        (&[0x57], "initialize memory", "memory_initialized"),
        (&[0x8F, 0x00], "change of configuration", "configuration_change"),
        (&[0xA9, 4, 1, 0x49, 0], "change of configuration", "configuration_change"),
        (&[0x41], "disable forces", "forces_disabled"),
    ] {
        assert_eq!(
            done(0x0F, function_and_data),
            [format!("attempt = {attempt} by 10.0.0.1"), format!("{event} = 10.0.0.1")]
        );
    }
}

#[test]
fn whoever_writes_data_is_named_and_the_data_are_not() {
    for command in [0x00, 0x02, 0x05, 0x08] {
        assert_eq!(done(command, &[0, 0, 1, 2]), ["writer = 10.0.0.1"]);
    }
    for function in [0x00, 0x02, 0x03, 0x08, 0x18, 0x26, 0x67, 0x79, 0xAF] {
        assert_eq!(done(0x0F, &[function, 1, 2, 3]), ["writer = 10.0.0.1"]);
    }
    assert_eq!(done(0x0F, &[0xAA, 2, 7, 0x89, 0, 0, 1, 0]), ["writer = 10.0.0.1"]);
    assert!(done(0x0F, &[0xA2, 2, 7, 0x89, 0, 0]).is_empty());
    assert!(done(0x0F, &[0x68, 0, 0]).is_empty());
    assert!(done(0x06, &[0x00]).is_empty());
}

#[test]
fn a_refused_command_stays_an_attempt() {
    let listener = asked(&[0x0F, 0, 1, 0, 0x80, 0x06], &[0x4F, 0xF0, 1, 0, 0x0B]);
    assert_eq!(facts(&listener), ["attempt = change of mode to remote run by 10.0.0.1"]);
}

#[test]
fn a_reply_to_something_else_is_none() {
    for reply in [[0x4F, 0, 2, 0], [0x46, 0, 1, 0]] {
        let listener = asked(&[0x0F, 0, 1, 0, 0x57], &reply);
        assert_eq!(facts(&listener).len(), 1);
        assert_eq!(listener.counted, ["pccc.not_mine"]);
    }
}

#[test]
fn cut_anywhere_says_no_more_than_there_is() {
    let status = [&[0x46, 0, 1, 0, 0, 0xEE, 0x34, 0x5B, 0x42][..], b"5/04       ", &[0x06; 8]];
    let status = status.concat();
    let all = facts(&asked(&[0x06, 0, 1, 0, 3], &status));
    assert_eq!(all.len(), 8);
    for cut in 0..status.len() {
        let some = facts(&asked(&[0x06, 0, 1, 0, 3], &status[..cut]));
        assert!(all.starts_with(&some), "cut at {cut}");
    }
    for cut in 0..8 {
        asked(&[0x0F, 0, 1, 0, 0xAA, 4, 0xFF, 0, 0x22][..cut], &[]);
    }
}
