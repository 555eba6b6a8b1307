//! The capture filter of tcpdump, compiled by libpcap and run on the frames of files: pcap-filter(7).

use std::collections::BTreeMap;

use pcap::{BpfProgram, Linktype};

use crate::model::LinkType;
use crate::model::limits::FILTER_PROGRAMS_MAX;

use super::error::CaptureError;

/// Whether a filter is one, for the frames of Ethernet that a mirror port delivers. Fails with libpcap's words when it is not.
pub fn check_filter(text: &str) -> Result<(), CaptureError> {
    Filter::new(text, std::iter::once(LinkType::ETHERNET)).map(drop)
}

/// One filter text, and its program for every link type met so far.
pub(super) struct Filter {
    text: String,
    programs: BTreeMap<LinkType, Result<BpfProgram, String>>,
}

/// What the filter says of a frame.
pub(super) enum Passage<'a> {
    Passes,
    Refused,
    /// The filter cannot be compiled for the frame's link type; libpcap's words.
    NoProgram(&'a str),
}

impl Filter {
    /// Compiles the filter for the link types at hand. Fails when it compiles for none of them: a filter on Wi-Fi
    /// frames is sound although Ethernet refuses it, but a slip of the pen is refused by all.
    pub(super) fn new(
        text: &str,
        links: impl Iterator<Item = LinkType>,
    ) -> Result<Self, CaptureError> {
        let mut filter = Self { text: text.to_owned(), programs: BTreeMap::new() };
        for link in links {
            let _ = filter.program(link);
        }
        if filter.programs.is_empty() {
            let _ = filter.program(LinkType::ETHERNET);
        }
        let mut messages = filter.programs.values().filter_map(|program| program.as_ref().err());
        match messages.next() {
            Some(message) if filter.programs.values().all(Result::is_err) => {
                Err(CaptureError::Filter { filter: text.to_owned(), message: message.clone() })
            }
            _ => Ok(filter),
        }
    }

    /// Runs the filter on a frame.
    #[inline]
    pub(super) fn judge(&mut self, link: LinkType, bytes: &[u8]) -> Passage<'_> {
        match self.program(link) {
            Ok(program) if program.filter(bytes) => Passage::Passes,
            Ok(_) => Passage::Refused,
            Err(message) => Passage::NoProgram(message),
        }
    }

    fn program(&mut self, link: LinkType) -> Result<&BpfProgram, &str> {
        if self.programs.len() >= FILTER_PROGRAMS_MAX && !self.programs.contains_key(&link) {
            return Err("too many link types in one run");
        }
        let text = &self.text;
        let program = self.programs.entry(link).or_insert_with(|| compile(text, link));
        program.as_ref().map_err(String::as_str)
    }
}

fn compile(text: &str, link: LinkType) -> Result<BpfProgram, String> {
    let capture = pcap::Capture::dead(data_link(link)).map_err(|failure| failure.to_string())?;
    capture.compile(text, true).map_err(|failure| failure.to_string())
}

/// libpcap compiles for the numbers of the running system (DLT), which differ from those in files for a few types.
fn data_link(link: LinkType) -> Linktype {
    match link {
        LinkType::RAW => Linktype(DLT_RAW),
        LinkType(LINKTYPE_ATM_RFC1483) => Linktype(DLT_ATM_RFC1483),
        LinkType(other) => Linktype(i32::from(other)),
    }
}

/// The other way round: what files call the link type that a live capture has. One without a number in files becomes one that nothing reads.
pub(super) fn link_type(link: Linktype) -> LinkType {
    match link.0 {
        DLT_RAW => LinkType::RAW,
        DLT_ATM_RFC1483 => LinkType(LINKTYPE_ATM_RFC1483),
        other => LinkType(u16::try_from(other).unwrap_or(u16::MAX)),
    }
}

const DLT_RAW: i32 = 12;
const LINKTYPE_ATM_RFC1483: u16 = 100;
const DLT_ATM_RFC1483: i32 = 11;
