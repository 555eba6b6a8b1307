//! The answer to a login: tokens, of which those are read that name the server (\[MS-TDS\] sections 2.2.7.13 and 2.2.7.14).
//!
//! ```text
//!   | token 1 | length 2 | ... |        AA error, AB information: number 4, state 1, class 1, text, server, procedure, line 4
//!                                       AD acknowledgement: interface 1, TDS 4, program, version 4;  E3 change, FD done
//! ```

use crate::model::Subject;
use crate::model::limits::LIST_ITEMS_MAX;
use crate::protocols::Sink;
use crate::protocols::tds::{PROGRAM, SERVER_NAME, VERSION, say};
use crate::wire::{Malformed, Reader};

/// Reads the tokens up to the first that has no length.
pub(super) fn read(
    mut body: Reader<'_>,
    server: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for _ in 0..LIST_ITEMS_MAX {
        if body.is_empty() {
            break;
        }
        let token = body.u8("TokenType")?;
        if !matches!(token, ERROR | INFORMATION | ACKNOWLEDGEMENT | CHANGE) {
            break;
        }
        let length = usize::from(body.u16_le("Length")?);
        let mut data = body.sub("TokenData", length)?;
        match token {
            ERROR | INFORMATION => {
                data.skip("Number, State, Class", 6)?;
                let text = usize::from(data.u16_le("MsgText length")?).saturating_mul(2);
                // It may hold the name of a user.
                data.skip("MsgText", text)?;
                let name = short_text(&mut data, "ServerName")?;
                say(server, SERVER_NAME, name, out);
            }
            ACKNOWLEDGEMENT => {
                data.skip("Interface, TDSVersion", 5)?;
                let program = short_text(&mut data, "ProgName")?;
                say(server, PROGRAM, program, out);
                let start = data.at();
                let [major, minor, high, low] = data.array("ProgVersion")?;
                let build = u16::from_be_bytes([high, low]);
                let text = format!("{major}.{minor}.{build}");
                out.text(server, VERSION, &text, data.since(start));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Text with its number of letters in one byte in front. Names may end in a zero.
fn short_text<'a>(data: &mut Reader<'a>, field: &'static str) -> Result<Reader<'a>, Malformed> {
    let bytes = usize::from(data.u8(field)?).saturating_mul(2);
    let text = data.sub(field, bytes)?;
    let zeros = text.peek().rchunks_exact(2).take_while(|pair| *pair == [0, 0]).count();
    let kept = bytes.saturating_sub(zeros.saturating_mul(2));
    text.clone().sub(field, kept)
}

const ERROR: u8 = 0xaa;
const INFORMATION: u8 = 0xab;
const ACKNOWLEDGEMENT: u8 = 0xad;
const CHANGE: u8 = 0xe3;
