//! Variables that are read or written, by their names: those of name plates, and those that operate something
//! (IEC 61850-8-1, 8.1.3.2; IEC 61850-7-4, LPHD and LLN0; IEC 61850-7-3, DPL and LPL).
//!
//! ```text
//!   A1 { A0 { 30 { A0 { A1 { 1A domain   1A LPHD1$DC$PhyNam$serNum } } } ... } }          node $ constraint $ object $ attribute
//! ```

use crate::model::Key;
use crate::model::limits::MMS_ITEMS_MAX;
use crate::protocols::mms::keys;
use crate::protocols::shared::ber;
use crate::wire::{Malformed, Reader, Span};

/// One variable that is named.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    name: &'a [u8],
    /// Where the name stands.
    pub(super) span: Span,
}

impl<'a> Item<'a> {
    /// The fact that its value is, when it is one attribute of a name plate.
    pub(super) fn plate(&self) -> Option<Key> {
        let mut parts = self.name.split(|byte| *byte == b'$');
        let (Some(_), Some(b"DC"), Some(object), Some(attribute), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let found = PLATES
            .iter()
            .find(|(own, name, _)| own.as_bytes() == object && name.as_bytes() == attribute);
        found.map(|(.., key)| *key)
    }

    /// True when writing it operates something: the control value and its origin stand in `Oper`, those that are chosen
    /// first in `SBOw`, and `Cancel` takes both back.
    pub(super) fn operates(&self) -> bool {
        self.name.windows(CONTROL.len()).any(|window| window == CONTROL)
    }

    /// The name, as far as it is text.
    pub(super) fn name(&self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.name)
    }
}

/// The variables of a Read or Write request, in their order; those named by a list that the server keeps are none.
pub(super) fn named<'a>(service: &Reader<'a>, is_read: bool) -> Result<Vec<Item<'a>>, Malformed> {
    let mut r = service.clone();
    let mut list = if is_read {
        let mut element = ber::element(&mut r, "read")?;
        // Whether the answer is to repeat the variables.
        if element.tag == WITH_RESULT {
            element = ber::element(&mut r, "read")?;
        }
        let mut access = element.body;
        ber::element(&mut access, "variable access specification")?
    } else {
        ber::element(&mut r, "variable access specification")?
    };
    let mut items = Vec::new();
    while list.tag == LIST_OF_VARIABLES && !list.body.is_empty() && items.len() < MMS_ITEMS_MAX {
        let mut variable = ber::expect(&mut list.body, ber::SEQUENCE, "variable")?;
        let mut name = ber::element(&mut variable, "variable specification")?.body;
        let mut object = ber::element(&mut name, "object name")?;
        let item = if object.tag == OF_DOMAIN {
            ber::element(&mut object.body, "domain identifier")?;
            ber::element(&mut object.body, "item identifier")?.body
        } else {
            object.body
        };
        let mut item = item;
        let span = Span { at: item.at(), len: item.left() };
        items.push(Item { name: item.rest(), span });
    }
    Ok(items)
}

const WITH_RESULT: u8 = 0x80;
const LIST_OF_VARIABLES: u8 = 0xa0;
const OF_DOMAIN: u8 = 0xa1;
const CONTROL: &[u8] = b"$CO$";

const PLATES: &[(&str, &str, Key)] = &[
    ("PhyNam", "vendor", keys::DEVICE_VENDOR),
    ("PhyNam", "hwRev", keys::HARDWARE_REVISION),
    ("PhyNam", "swRev", keys::SOFTWARE_REVISION),
    ("PhyNam", "serNum", keys::SERIAL_NUMBER),
    ("PhyNam", "model", keys::MODEL),
    ("PhyNam", "location", keys::LOCATION),
    ("NamPlt", "vendor", keys::NODE_VENDOR),
    ("NamPlt", "swRev", keys::NODE_SOFTWARE_REVISION),
    ("NamPlt", "d", keys::NODE_DESCRIPTION),
    ("NamPlt", "configRev", keys::CONFIGURATION_REVISION),
];
