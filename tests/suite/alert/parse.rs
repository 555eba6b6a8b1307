//! Small readers of what arrives, written from the specifications and not from the writers.

use std::collections::BTreeMap;

/// A message of RFC 5424.
#[derive(Debug)]
pub struct Syslog {
    pub facility: u32,
    pub severity: u32,
    pub timestamp: String,
    pub hostname: String,
    pub app_name: String,
    pub msgid: String,
    /// Elements with their parameters; a parameter may stand several times.
    pub data: BTreeMap<String, Vec<(String, String)>>,
    pub text: String,
}

impl Syslog {
    /// The values of a parameter.
    pub fn values(&self, element: &str, name: &str) -> Vec<&str> {
        let parameters = self.data.get(element).map_or(&[][..], |all| all);
        parameters.iter().filter(|(own, _)| own == name).map(|(_, value)| &**value).collect()
    }

    pub fn number(&self) -> u64 {
        self.values("nameplate@32473", "number")[0].parse().unwrap()
    }
}

/// RFC 6587, section 3.4.1: what is complete of a stream.
pub fn octets(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&bytes[..space]).unwrap();
        assert!(
            !length.starts_with('0') && length.bytes().all(|b| b.is_ascii_digit()),
            "{length:?}"
        );
        let end = space + 1 + length.parse::<usize>().unwrap();
        if end > bytes.len() {
            break;
        }
        messages.push(String::from_utf8(bytes[space + 1..end].to_vec()).unwrap());
        bytes = &bytes[end..];
    }
    messages
}

/// RFC 6587, section 3.4.2.
pub fn lines(bytes: &[u8]) -> Vec<String> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = String::from_utf8(bytes[..end].to_vec()).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// RFC 5424, section 6.
pub fn rfc5424(message: &str) -> Syslog {
    let (priority, rest) = message.strip_prefix('<').unwrap().split_once('>').unwrap();
    let priority: u32 = priority.parse().unwrap();
    assert!(priority <= 191);
    let mut words = rest.splitn(7, ' ');
    let mut word = || {
        let word = words.next().unwrap();
        assert!(!word.is_empty() && word.bytes().all(|b| (33..=126).contains(&b)), "{word:?}");
        word.to_owned()
    };
    assert_eq!(word(), "1");
    let (timestamp, hostname, app_name, _process, msgid) = (word(), word(), word(), word(), word());
    assert!(hostname.len() <= 255 && app_name.len() <= 48 && msgid.len() <= 32);
    let mut rest = words.next().unwrap();
    let mut data = BTreeMap::new();
    if let Some(after) = rest.strip_prefix('-') {
        rest = after;
    }
    while let Some(inner) = rest.strip_prefix('[') {
        let (id, parameters, after) = element(inner);
        assert!(data.insert(id, parameters).is_none(), "an element stands twice");
        rest = after;
    }
    let text = rest.strip_prefix(' ').unwrap_or(rest);
    let text = match text.strip_prefix('\u{feff}') {
        Some(text) => text,
        None => {
            assert!(text.is_ascii(), "UTF-8 without its mark: {text:?}");
            text
        }
    };
    Syslog {
        facility: priority / 8,
        severity: priority % 8,
        timestamp,
        hostname,
        app_name,
        msgid,
        data,
        text: text.to_owned(),
    }
}

/// Section 6.3: identifier, parameters, and what follows the bracket.
fn element(text: &str) -> (String, Vec<(String, String)>, &str) {
    let at = text.find([' ', ']']).unwrap();
    let (id, mut rest) = text.split_at(at);
    assert!(id.len() <= 32 && id.contains('@'), "{id:?}");
    let mut parameters = Vec::new();
    while let Some(inner) = rest.strip_prefix(' ') {
        let (name, value) = inner.split_once("=\"").unwrap();
        let is_plain = |c: char| c.is_ascii_graphic() && !"=]\" ".contains(c);
        assert!((1..=32).contains(&name.len()) && name.chars().all(is_plain), "{name:?}");
        let mut read = String::new();
        let mut characters = value.char_indices();
        let end = loop {
            match characters.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => {
                    let (_, escaped) = characters.next().unwrap();
                    assert!("\"\\]".contains(escaped), "a backslash before {escaped:?}");
                    read.push(escaped);
                }
                (_, plain) => {
                    assert_ne!(plain, ']', "a bracket that is not escaped in {value:?}");
                    read.push(plain);
                }
            }
        };
        parameters.push((name.to_owned(), read));
        rest = &value[end + 1..];
    }
    (id.to_owned(), parameters, rest.strip_prefix(']').unwrap())
}

/// The header and the extension of a message of CEF, after whatever stands before it.
pub fn cef(message: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let start = message.find("CEF:0|").unwrap();
    let mut header = vec![String::new()];
    let mut characters = message[start..].chars();
    while header.len() < 8 {
        match characters.next().unwrap() {
            '|' => header.push(String::new()),
            '\\' => header.last_mut().unwrap().push(characters.next().unwrap()),
            plain => header.last_mut().unwrap().push(plain),
        }
    }
    header.pop();
    (header, extension(characters.as_str()))
}

/// `key=value key=value`: a value goes on until the word before the next `=` that is not escaped.
fn extension(text: &str) -> BTreeMap<String, String> {
    let bytes = text.as_bytes();
    let mut signs = Vec::new();
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\\' if !escaped => escaped = true,
            b'=' if !escaped => signs.push(at),
            _ => escaped = false,
        }
    }
    let key_of = |sign: usize| text[..sign].rfind(' ').map_or(0, |at| at + 1);
    let mut fields = BTreeMap::new();
    for (index, sign) in signs.iter().enumerate() {
        let key = &text[key_of(*sign)..*sign];
        assert!(key.chars().all(|c| c.is_ascii_alphanumeric()), "{key:?} in {text:?}");
        let end = signs.get(index + 1).map_or(text.len(), |next| key_of(*next) - 1);
        let mut value = String::new();
        let mut characters = text[sign + 1..end].chars();
        while let Some(c) = characters.next() {
            match c {
                '\\' => match characters.next().unwrap() {
                    'n' => value.push('\n'),
                    'r' => value.push('\r'),
                    escaped => {
                        assert!("\\=".contains(escaped), "a backslash before {escaped:?}");
                        value.push(escaped);
                    }
                },
                plain => value.push(plain),
            }
        }
        assert!(fields.insert(key.to_owned(), value).is_none(), "{key} stands twice");
    }
    fields
}
