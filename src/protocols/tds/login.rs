//! A login (\[MS-TDS\] section 2.2.6.4). Of its names those of machines and programs are read; never the user's, the
//! password, or the place of either.
//!
//! ```text
//!   | length 4 | version 4 | packet size 4 | client program 4 | process 4 | connection 4 | flags 4 | zone 4 | locale 4 |
//!   | offset 2 and letters 2 of: client name, user, password, program, server, extension, library, language, database ... |
//! ```

use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::tds::{APPLICATION, CLIENT_LIBRARY, CLIENT_NAME, say};
use crate::wire::{Malformed, Reader};

/// Reads the login of a client.
pub(super) fn read(
    body: Reader<'_>,
    client: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    let mut fields = body.ahead("OffsetLength", FIXED_BYTES)?;
    for key in [Some(CLIENT_NAME), None, None, Some(APPLICATION), None, None, Some(CLIENT_LIBRARY)]
    {
        let offset = usize::from(fields.u16_le("ib")?);
        let bytes = usize::from(fields.u16_le("cch")?).saturating_mul(2);
        let Some(key) = key else { continue };
        let text = body.ahead("ib", offset)?.sub("Data", bytes)?;
        say(client, key, text, out);
    }
    Ok(())
}

const FIXED_BYTES: usize = 36;
