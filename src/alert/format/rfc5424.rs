//! RFC 5424: header, structured data, text.
//!
//! ```text
//! <132>1 2026-11-22T18:22:08.000000Z sensor1 nameplate 812 asset_new [nameplate@32473 number="7" …][details@32473 …] text
//! ```

use std::fmt::{self, Write};

use crate::alert::format::Form;
use crate::export::escape::term;
use crate::model::{Notice, Timestamp};

/// Section 6.
pub(super) fn write(form: &Form, notice: &Notice, shortened: bool) -> String {
    let mut message = header(form, notice);
    let mut parts = Parts { message: &mut message, enterprise: form.enterprise };
    // Writing to a String cannot fail.
    let _ = parts.write(notice, shortened);
    message.push(' ');
    let text = term(&notice.text);
    if !text.is_ascii() {
        // Section 6.4: text in UTF-8 begins with this mark; ASCII needs none, and many receivers show it as letters.
        message.push(BYTE_ORDER_MARK);
    }
    message.push_str(&text);
    message
}

/// Priority to message identifier: sections 6.2.1 to 6.2.7.
pub(super) fn header(form: &Form, notice: &Notice) -> String {
    format!(
        "<{}>1 {} {} {APP_NAME} {} {} ",
        form.priority(notice.severity),
        microseconds(notice.told),
        form.hostname,
        form.process,
        notice.kind
    )
}

/// Section 6.2.3 allows six digits of fraction at most.
fn microseconds(at: Timestamp) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(at.0)) {
        Ok(time) => format!("{time:.6}"),
        Err(_) => "-".to_owned(),
    }
}

/// Structured data: section 6.3.
struct Parts<'a> {
    message: &'a mut String,
    enterprise: u32,
}

impl Parts<'_> {
    fn write(&mut self, notice: &Notice, shortened: bool) -> fmt::Result {
        write!(self.message, "[nameplate@{}", self.enterprise)?;
        self.value("number", &notice.number.to_string())?;
        self.value("topic", notice.kind.topic().name())?;
        self.value("time", &notice.at.to_string())?;
        self.stated("site", &notice.site)?;
        if let Some(asset) = &notice.asset {
            self.value("asset", &asset.to_string())?;
        }
        self.stated("name", &notice.name)?;
        notice.addresses.iter().try_for_each(|address| self.value("address", address))?;
        if let Some(finding) = &notice.finding {
            self.value("finding", &finding.to_string())?;
        }
        if shortened {
            self.value("shortened", "true")?;
        }
        self.message.push(']');
        if notice.details.is_empty() {
            return Ok(());
        }
        write!(self.message, "[details@{}", self.enterprise)?;
        for (name, value) in &notice.details {
            self.value(&parameter(name), value)?;
        }
        self.message.push(']');
        Ok(())
    }

    fn stated(&mut self, name: &str, value: &str) -> fmt::Result {
        if value.is_empty() { Ok(()) } else { self.value(name, value) }
    }

    /// Section 6.3.3: quotation marks, backslashes and closing brackets are escaped.
    fn value(&mut self, name: &str, value: &str) -> fmt::Result {
        write!(self.message, " {name}=\"")?;
        for c in term(value).chars() {
            if matches!(c, '"' | '\\' | ']') {
                self.message.push('\\');
            }
            self.message.push(c);
        }
        self.message.write_char('"')
    }
}

/// A name of at most 32 printable characters of ASCII, none of them a sign of the syntax.
fn parameter(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"');
    let plain = name.chars().map(|c| if is_plain(c) { c } else { '_' });
    let name: String = plain.take(PARAMETER_NAME_MAX).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

const APP_NAME: &str = "nameplate";

const BYTE_ORDER_MARK: char = '\u{feff}';

const PARAMETER_NAME_MAX: usize = 32;
