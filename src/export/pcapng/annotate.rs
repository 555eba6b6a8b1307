//! Comments that are known only when the evidence is written already: on frames that the file has.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};

use super::{AROUND_BODY_BYTES, Comment, ENHANCED_PACKET, OPTION_COMMENT, OPTION_END, pad};
use crate::model::limits::{EVIDENCE_COMMENTS_PER_FRAME_BYTES_MAX, FRAME_BYTES_MAX};

/// Copies evidence that [`super::Pcapng`] wrote, and adds comments to frames, which are named by the first comment that
/// they have. Gives how many comments were added.
pub fn annotate(
    evidence: &mut impl Read,
    out: &mut impl Write,
    more: &BTreeMap<String, Vec<Comment>>,
) -> io::Result<u64> {
    let mut added = 0_u64;
    while let Some((kind, mut body)) = block(evidence)? {
        if kind == ENHANCED_PACKET
            && let Some(comments) = origin(&body).and_then(|origin| more.get(origin))
        {
            // The end of the options goes behind what is added.
            body.truncate(body.len().saturating_sub(END_BYTES));
            comments.iter().for_each(|comment| option(&mut body, OPTION_COMMENT, comment.text()));
            option(&mut body, OPTION_END, "");
            added = added.saturating_add(u64::try_from(comments.len()).unwrap_or(u64::MAX));
        }
        let length = body.len().saturating_add(AROUND_BODY_BYTES);
        let length = u32::try_from(length).map_err(|_| wrong())?.to_le_bytes();
        for part in [&kind.to_le_bytes()[..], &length, &body, &length] {
            out.write_all(part)?;
        }
    }
    out.flush()?;
    Ok(added)
}

/// The next block: its type and its body.
fn block(evidence: &mut impl Read) -> io::Result<Option<(u32, Vec<u8>)>> {
    let mut head = [0; 8];
    if evidence.read(head.get_mut(..1).unwrap_or_default())? == 0 {
        return Ok(None);
    }
    evidence.read_exact(head.get_mut(1..).unwrap_or_default())?;
    let [a, b, c, d, e, f, g, h] = head;
    let (kind, length) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > BLOCK_BYTES_MAX {
        return Err(wrong());
    }
    let mut body = vec![0; length.checked_sub(AROUND_BODY_BYTES).ok_or_else(wrong)?];
    evidence.read_exact(&mut body)?;
    evidence.read_exact(&mut [0; 4])?;
    Ok(Some((kind, body)))
}

/// The first comment of a packet.
fn origin(body: &[u8]) -> Option<&str> {
    let captured: [u8; 4] = body.get(12..16)?.try_into().ok()?;
    let captured =
        usize::try_from(u32::from_le_bytes(captured)).ok()?.checked_next_multiple_of(4)?;
    let options = body.get(PACKET_HEADER_BYTES.checked_add(captured)?..)?;
    let [code_low, code_high, length_low, length_high, rest @ ..] = options else { return None };
    let code = u16::from_le_bytes([*code_low, *code_high]);
    let length = usize::from(u16::from_le_bytes([*length_low, *length_high]));
    let text = rest.get(..length).filter(|_| code == OPTION_COMMENT)?;
    std::str::from_utf8(text).ok()
}

fn option(body: &mut Vec<u8>, code: u16, text: &str) {
    // Comments are far shorter than what the length can say.
    let Ok(length) = u16::try_from(text.len()) else { return };
    body.extend(code.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(text.as_bytes());
    pad(body);
}

fn wrong() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "something else wrote to the evidence meanwhile")
}

/// Code and length of the option that ends the list.
const END_BYTES: usize = 4;
/// Interface, two words of time, two lengths.
const PACKET_HEADER_BYTES: usize = 20;
/// The largest frame with all that may be said of it, and some more for padding and heads of options.
#[expect(clippy::as_conversions, reason = "a constant that fits every usize there is")]
const BLOCK_BYTES_MAX: usize = FRAME_BYTES_MAX as usize + 4 * EVIDENCE_COMMENTS_PER_FRAME_BYTES_MAX;

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::as_conversions)]
mod tests {
    use super::*;
    use crate::export::pcapng::Pcapng;
    use crate::model::{Frame, FrameRef, LinkType, Run, Timestamp};

    fn evidence(frames: &[(&str, &[&str])]) -> Vec<u8> {
        let run = Run::default();
        let mut bytes = Vec::new();
        let mut file = Pcapng::new(&mut bytes, &run).unwrap();
        for (number, (origin, said)) in (1..).zip(frames) {
            let frame = Frame {
                at: Timestamp(number as i64),
                frame: FrameRef { capture: 0, number },
                link: LinkType::ETHERNET,
                wire_len: 5,
                bytes: &[1, 2, 3, 4, 5],
            };
            let comments: Vec<Comment> =
                std::iter::once(origin).chain(*said).map(|text| Comment::new(text)).collect();
            file.frame(&run, &frame, comments.iter()).unwrap();
        }
        file.finish(&run).unwrap();
        bytes
    }

    fn annotated(bytes: &[u8], more: &[(&str, &str)]) -> io::Result<(Vec<u8>, u64)> {
        let more =
            more.iter().map(|(origin, text)| ((*origin).to_owned(), vec![Comment::new(text)]));
        let mut out = Vec::new();
        let added = annotate(&mut &*bytes, &mut out, &more.collect())?;
        Ok((out, added))
    }

    #[test]
    fn a_frame_gets_its_comment_as_if_it_had_been_known_at_once() {
        let before = evidence(&[("a#1", &["x"]), ("a#2", &[]), ("a#3", &["y"])]);
        let expected =
            evidence(&[("a#1", &["x"]), ("a#2", &["changed"]), ("a#3", &["y", "since"])]);
        let more = [("a#2", "changed"), ("a#3", "since"), ("a#4", "is not here")];
        assert_eq!(annotated(&before, &more).unwrap(), (expected, 2));
    }

    #[test]
    fn without_more_to_say_nothing_changes() {
        let before = evidence(&[("a#1", &["x"])]);
        assert_eq!(annotated(&before, &[]).unwrap(), (before, 0));
    }

    #[test]
    fn what_somebody_else_wrote_is_refused() {
        let file = evidence(&[("a#1", &["x"])]);
        assert!(annotated(&file[..file.len() - 1], &[]).is_err());
        let mut long = file.clone();
        long[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(annotated(&long, &[]).is_err());
        long[4..8].copy_from_slice(&3_u32.to_le_bytes());
        assert!(annotated(&long, &[]).is_err());
    }
}
