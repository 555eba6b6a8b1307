//! One capture being read: compression, format and count under one roof.

use std::io;

use super::decompress::Stream;
use super::error::Damage;
use super::file::RawBytes;
use super::pcap_file::PcapFile;
use super::pcapng::PcapngFile;
use super::record::{Record, Stop};
use super::window::Window;

/// An open capture.
pub(super) struct Reader {
    window: Window,
    format: Format,
    /// Number of the last packet, found or lost, as Wireshark counts.
    number: u64,
    /// Packets passed so far, found or lost: `<= number`.
    packets: u64,
    /// The first damage that cost a packet but not the rest.
    note: Option<String>,
}

enum Format {
    Pcap(PcapFile),
    Pcapng(PcapngFile),
}

/// Why an input is not read at all.
pub(super) enum Refusal {
    /// The path cannot be opened.
    Unopened(io::Error),
    Empty,
    NotACapture,
    Header(Damage),
    Unreadable(io::Error),
}

/// How reading ended.
pub(super) enum Ending {
    Complete,
    /// With the place, as a reader of the report understands it.
    Incomplete(String),
}

impl Reader {
    /// Recognises compression and format by their first bytes, and reads the header.
    pub(super) fn start(raw: RawBytes) -> Result<Self, Refusal> {
        if raw.magic().is_empty() {
            return Err(Refusal::Empty);
        }
        let stream = Stream::new(raw).map_err(Refusal::Unreadable)?;
        let mut window = Window::new(stream);
        if !window.have(MAGIC_BYTES) {
            return Err(match Stop::inside(&mut window, false) {
                Stop::Unreadable(failure) => Refusal::Unreadable(failure),
                _ => Refusal::NotACapture,
            });
        }
        let magic = window.unread().first_chunk().copied().unwrap_or_default();
        let format = if PcapFile::recognises(magic) {
            PcapFile::start(&mut window).map(Format::Pcap)
        } else if PcapngFile::recognises(magic) {
            PcapngFile::start(&mut window).map(Format::Pcapng)
        } else {
            return Err(Refusal::NotACapture);
        };
        match format {
            Ok(format) => Ok(Self { window, format, number: 0, packets: 0, note: None }),
            Err(Stop::Damaged(damage) | Stop::Lost(damage)) => Err(Refusal::Header(damage)),
            Err(Stop::Unreadable(failure)) => Err(Refusal::Unreadable(failure)),
            Err(Stop::End | Stop::Numbered | Stop::Cut { .. }) => Err(Refusal::Header(Damage::Cut)),
        }
    }

    /// Finds the next frame; its number is [`Self::number`].
    #[inline]
    pub(super) fn next(&mut self) -> Result<Record, Ending> {
        loop {
            let found = match &mut self.format {
                Format::Pcap(file) => file.next(&mut self.window),
                Format::Pcapng(file) => file.next(&mut self.window),
            };
            match found {
                Ok(record) => {
                    self.number = self.number.saturating_add(1);
                    self.packets = self.packets.saturating_add(1);
                    return Ok(record);
                }
                Err(Stop::Lost(damage)) => {
                    self.number = self.number.saturating_add(1);
                    self.packets = self.packets.saturating_add(1);
                    let number = self.number;
                    self.note
                        .get_or_insert_with(|| format!("packet {number} cannot be read: {damage}"));
                }
                Err(Stop::Numbered) => self.number = self.number.saturating_add(1),
                Err(stop) => return Err(self.ending(stop)),
            }
        }
    }

    /// Number of the packet that was found last.
    #[inline]
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Packets passed so far, those that could not be read included.
    #[inline]
    pub(super) fn packets(&self) -> u64 {
        self.packets
    }

    /// The bytes of a record, until the next one is looked for.
    #[inline]
    pub(super) fn bytes(&self, record: &Record) -> &[u8] {
        self.window.lend(record.position, record.len)
    }

    /// The bytes as they lie on disk.
    pub(super) fn raw(&self) -> &RawBytes {
        self.window.stream().raw()
    }

    /// The bytes as they lie on disk, to park or drain them.
    pub(super) fn raw_mut(&mut self) -> &mut RawBytes {
        self.window.stream_mut().raw_mut()
    }

    #[cold]
    fn ending(&mut self, stop: Stop) -> Ending {
        let read = self.number;
        let next = read.saturating_add(1);
        let stream = self.window.stream().name();
        let place = match stop {
            Stop::End | Stop::Lost(_) | Stop::Numbered => None,
            Stop::Cut { in_packet: true } => Some(format!("cut in packet {next}")),
            Stop::Cut { in_packet: false } => Some(format!("cut after packet {read}")),
            Stop::Damaged(damage) => Some(format!("damaged after packet {read}: {damage}")),
            Stop::Unreadable(failure) => {
                Some(format!("the {stream} breaks off after packet {read}: {failure}"))
            }
        };
        match (self.note.take(), place) {
            (None, None) => Ending::Complete,
            (Some(why), None) | (None, Some(why)) => Ending::Incomplete(why),
            (Some(note), Some(place)) => Ending::Incomplete(format!("{note}; {place}")),
        }
    }
}

/// Bytes that tell the formats apart.
const MAGIC_BYTES: usize = 4;
