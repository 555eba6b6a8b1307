//! SQL Server Browser (\[MC-SQLR\] section 2.2.5): which instances run on a host, and where.
//!
//! ```text
//!   | 5 | length 2 | ServerName;PLANT-SQL;InstanceName;MSSQLSERVER;IsClustered;No;Version;15.0.2000.5;tcp;1433;; ...
//! ```

use crate::flow::{Direction, Input};
use crate::model::Subject;
use crate::model::limits::LIST_ITEMS_MAX;
use crate::protocols::Sink;
use crate::protocols::tds::{INSTANCE, INSTANCE_PORT, INSTANCE_VERSION, SERVER_NAME};
use crate::wire::{Malformed, Reader, Span};

/// Whether a datagram is an answer; nothing else begins so.
pub(super) fn is_answer(bytes: &[u8]) -> bool {
    let length = bytes.len().checked_sub(HEAD_BYTES).and_then(|length| u16::try_from(length).ok());
    match bytes {
        [ANSWER, low, high, rest @ ..] => {
            length == Some(u16::from_le_bytes([*low, *high])) && rest.starts_with(FIRST_NAME)
        }
        _ => false,
    }
}

/// Reads an answer; questions say nothing.
pub(super) fn read(input: &Input<'_>, out: &mut Sink<'_>) -> Result<(), Malformed> {
    let mut r = Reader::new(input.bytes);
    if r.u8("SVR_RESP")? != ANSWER || input.direction == Direction::ToServer {
        return Ok(());
    }
    let length = usize::from(r.u16_le("RESP_SIZE")?);
    let mut data = r.sub("RESP_DATA", length)?;
    let server = Subject::node(input.sender());
    let mut instance = None;
    for _ in 0..LIST_ITEMS_MAX {
        let Some((name, _)) = word(&mut data) else { break };
        if name.is_empty() {
            // The end of one instance.
            instance = None;
            continue;
        }
        let Some((value, span)) = word(&mut data) else { break };
        match (name, instance) {
            ("ServerName", _) => out.text(&server, SERVER_NAME, value, span),
            ("InstanceName", _) => {
                out.text(&server, INSTANCE, value, span);
                instance = Some(value);
            }
            ("Version", Some(instance)) => {
                out.text(&server, INSTANCE_VERSION, &format!("{instance} {value}"), span);
            }
            ("tcp", Some(instance)) => {
                out.text(&server, INSTANCE_PORT, &format!("{instance} {value}"), span);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The text up to the next semicolon, and where it stands. Nothing at the end, or where there is no text.
fn word<'a>(data: &mut Reader<'a>) -> Option<(&'a str, Span)> {
    let length = data.peek().iter().position(|byte| *byte == b';')?;
    let start = data.at();
    let bytes = data.bytes("RESP_DATA", length).ok()?;
    let span = data.since(start);
    data.skip("semicolon", 1).ok()?;
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains(char::is_control)).then_some((text, span))
}

const ANSWER: u8 = 5;
const HEAD_BYTES: usize = 3;
const FIRST_NAME: &[u8] = b"ServerName;";
