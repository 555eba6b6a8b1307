//! The search by which a client looks for a domain controller (\[MS-ADTS\] section 6.3.3.1): who asks for what domain.
//!
//! ```text
//!   (&(DnsDomain=plant.example)(Host=ENG-W10)(User=...)(AAC=...)(DomainGuid=...)(NtVer=...))
//! ```
//!
//! The user is not kept.

use crate::model::Subject;
use crate::protocols::Sink;
use crate::protocols::ldap::{HOST, REQUESTED_DOMAIN};
use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader, text};

/// Reads a search request for the root entry. Says nothing when it is not a ping.
pub(super) fn read(
    mut body: Reader<'_>,
    client: &Subject,
    out: &mut Sink<'_>,
) -> Result<(), Malformed> {
    for field in ["baseObject", "scope", "derefAliases", "sizeLimit", "timeLimit", "typesOnly"] {
        ber::element(&mut body, field)?;
    }
    let filter = ber::element(&mut body, "filter")?;
    if filter.tag != AND {
        return Ok(());
    }
    let mut terms = filter.body.clone();
    let mut is_ping = false;
    for _ in 0..TERMS_MAX {
        if terms.is_empty() {
            break;
        }
        let term = ber::element(&mut terms, "filter term")?;
        is_ping |= equality(term)?.is_some_and(|(name, _)| name.eq_ignore_ascii_case(b"NtVer"));
    }
    let mut terms = filter.body;
    for _ in 0..TERMS_MAX {
        if terms.is_empty() || !is_ping {
            break;
        }
        let Some((name, mut value)) = equality(ber::element(&mut terms, "filter term")?)? else {
            continue;
        };
        let key = match name {
            name if name.eq_ignore_ascii_case(b"Host") => HOST,
            name if name.eq_ignore_ascii_case(b"DnsDomain") => REQUESTED_DOMAIN,
            _ => continue,
        };
        let start = value.at();
        let said = text::utf8(value.rest()).unwrap_or_default();
        // Names end with a dot where a client asks for no other domain.
        out.text(client, key, said.trim_end_matches('.'), value.since(start));
    }
    Ok(())
}

/// Name and value of an equality match; nothing of other terms.
fn equality(term: ber::Element<'_>) -> Result<Option<(&[u8], Reader<'_>)>, Malformed> {
    let ber::Element { tag, mut body } = term;
    if tag != EQUALITY_MATCH {
        return Ok(None);
    }
    let name = ber::expect(&mut body, ber::OCTET_STRING, "attributeDesc")?;
    let value = ber::expect(&mut body, ber::OCTET_STRING, "assertionValue")?;
    Ok(Some((name.peek(), value)))
}

const AND: u8 = 0xa0;
const EQUALITY_MATCH: u8 = 0xa3;

/// Terms of a filter that are looked at: a ping has six.
const TERMS_MAX: usize = 16;
