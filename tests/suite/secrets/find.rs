//! Finds secrets in the bytes of conversations. Written apart from the program, so that it cannot share its mistakes: no
//! reader of the program is used, only patterns and lengths of the specifications.

use std::collections::{BTreeSet, HashSet};

/// What must not be kept, and the names that may be although they look like an account's.
#[derive(Default)]
pub struct Secrets {
    /// All runs of [`WINDOW`] bytes of secrets that are numbers: responses, keys, challenges, tickets.
    pub windows: HashSet<[u8; WINDOW]>,
    /// Secrets that are text: passwords, communities, cookies.
    pub texts: BTreeSet<Vec<u8>>,
    /// Accounts of people, in lower case.
    pub accounts: BTreeSet<String>,
    /// Words of machines and domains, in lower case.
    pub machines: BTreeSet<String>,
    /// What was found, by kind.
    pub kinds: BTreeSet<&'static str>,
}

/// Bytes that no two things have in common by accident.
pub const WINDOW: usize = 8;

impl Secrets {
    /// Looks through the bytes of one direction of a conversation, or one datagram.
    pub fn look(&mut self, bytes: &[u8], ports: [u16; 2]) {
        self.ntlm(bytes);
        self.smb1(bytes);
        self.kerberos(bytes);
        self.lines(bytes);
        self.opcua(bytes);
        if ports.iter().any(|port| matches!(port, 161 | 162)) {
            self.snmp(bytes);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.windows.is_empty() && self.texts.is_empty() && self.accounts.is_empty()
    }

    fn number(&mut self, kind: &'static str, secret: &[u8]) {
        for window in secret.windows(WINDOW) {
            let distinct: BTreeSet<&u8> = window.iter().collect();
            if distinct.len() > WINDOW / 2 {
                self.windows.insert(window.try_into().unwrap());
                self.kinds.insert(kind);
            }
        }
    }

    fn text(&mut self, kind: &'static str, secret: &[u8]) {
        if secret.len() >= TEXT_BYTES_MIN {
            self.texts.insert(secret.to_vec());
            self.kinds.insert(kind);
        }
    }

    fn account(&mut self, kind: &'static str, name: &str) {
        let is_machine = name.ends_with('$');
        if name.len() >= NAME_BYTES_MIN && !is_machine && name.chars().all(|c| !c.is_control()) {
            self.accounts.insert(name.to_lowercase());
            self.kinds.insert(kind);
        }
    }

    fn machine(&mut self, name: &str) {
        let words = name.split(|c: char| !c.is_alphanumeric());
        self.machines.extend(words.map(str::to_lowercase));
        self.machines.insert(name.to_lowercase());
    }

    /// [MS-NLMP] 2.2.1.2 and 2.2.1.3, wherever the signature stands.
    fn ntlm(&mut self, bytes: &[u8]) {
        for at in positions(bytes, b"NTLMSSP\0") {
            let message = &bytes[at..];
            match message.get(8) {
                Some(2) => {
                    self.number("server challenge", message.get(24..32).unwrap_or_default());
                    self.machine(&name(field(message, 12), flags(message, 20)));
                    self.pairs(field(message, 40));
                }
                Some(3) => self.authenticate(message),
                _ => {}
            }
        }
    }

    fn authenticate(&mut self, message: &[u8]) {
        self.number("LM response", field(message, 12));
        let response = field(message, 20);
        if response.len() > 44 {
            // The proof and the client's challenge; behind them the server's names come back.
            self.number("NTLMv2 response", &response[..16]);
            self.number("NTLMv2 response", &response[32..40]);
            self.pairs(&response[44..]);
        } else {
            self.number("NTLM response", response);
        }
        let payloads = [12, 20, 28, 36, 44].map(|at| offset(message, at)).into_iter().flatten();
        let flags = if payloads.min() >= Some(64) { flags(message, 60) } else { 1 };
        if payloads_hold_key(message) {
            self.number("session key", field(message, 52));
        }
        self.account("account in NTLM", &name(field(message, 36), flags));
        self.machine(&name(field(message, 28), flags));
        self.machine(&name(field(message, 44), flags));
    }

    fn pairs(&mut self, mut pairs: &[u8]) {
        while let [kind, 0, low, high, rest @ ..] = pairs {
            let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
            if matches!(kind, 1..=5 | 9) {
                self.machine(&name(&rest[..length], 1));
            }
            pairs = &rest[length..];
        }
    }

    /// OPC 10000-4, 7.40.4: a UserNameIdentityToken, whose encoding has the number 324: policy, user name, password.
    fn opcua(&mut self, bytes: &[u8]) {
        for at in positions(bytes, b"\x01\x00\x44\x01\x01") {
            let mut rest = bytes.get(at + 9..).unwrap_or_default();
            let mut next = || {
                let (length, behind) = rest.split_first_chunk()?;
                let (field, behind) =
                    behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                rest = behind;
                Some(field)
            };
            let (Some(_), Some(user), Some(password)) = (next(), next(), next()) else { continue };
            self.account("account in OPC UA", &String::from_utf8_lossy(user));
            if password.is_ascii() && !password.contains(&0) {
                self.text("OPC UA password", password);
            }
        }
    }

    /// [MS-CIFS] 2.2.4.53.1 and 2.2.4.55.1: passwords, and the account behind them. 2.2.4.52.2: the challenge.
    fn smb1(&mut self, bytes: &[u8]) {
        for at in positions(bytes, b"\xffSMB") {
            let message = &bytes[at..];
            let (Some(command), Some(flags), Some(count)) =
                (message.get(4), message.get(9), message.get(32))
            else {
                continue;
            };
            let words = message.get(33..33 + 2 * usize::from(*count)).unwrap_or_default();
            let data = message.get(35 + words.len()..).unwrap_or_default();
            let word = |n: usize| usize::from(u16::from_le_bytes([words[2 * n], words[2 * n + 1]]));
            match (command, flags & 0x80 != 0, words.len() / 2) {
                (0x73, false, 10) => {
                    let (password, rest) = data.split_at(word(7).min(data.len()));
                    self.number("SMB1 password", password);
                    self.account("account in SMB1", &until_nul(rest));
                }
                (0x73, false, 13) => {
                    let passwords = word(7) + word(8);
                    let (passwords, rest) = data.split_at(passwords.min(data.len()));
                    self.number("SMB1 password", passwords);
                    let is_wide = message.get(11).is_some_and(|flags| flags & 0x80 != 0);
                    let odd = (35 + words.len() + passwords.len()) % 2;
                    if is_wide {
                        self.account(
                            "account in SMB1",
                            &wide_until_nul(rest.get(odd..).unwrap_or_default()),
                        );
                    } else {
                        self.account("account in SMB1", &until_nul(rest));
                    }
                }
                (0x75, false, 4) => {
                    self.number("SMB1 share password", &data[..word(3).min(data.len())])
                }
                (0x72, true, 17) if words[22] & 0x80 == 0 => {
                    self.number("server challenge", data.get(..8).unwrap_or_default());
                }
                _ => {}
            }
        }
    }

    /// RFC 4120 5.2.9: the cipher of each EncryptedData; 5.2.2: principals of one part that are no machine.
    fn kerberos(&mut self, bytes: &[u8]) {
        for at in positions(bytes, &[0xa0, 0x03, 0x02, 0x01]) {
            let mut rest = &bytes[at + 5..];
            if rest.first() == Some(&0xa1) && bytes.get(at + 4) < Some(&10) {
                self.principal(rest);
                if rest.get(2) == Some(&0x02) {
                    let version = usize::from(rest[1]) + 2; // kvno [1] INTEGER
                    rest = rest.get(version..).unwrap_or_default();
                }
            } else if rest.first() == Some(&0xa1) && rest.get(2) == Some(&0x02) {
                rest = rest.get(usize::from(rest[1]) + 2..).unwrap_or_default();
            }
            let Some((0xa2, body)) = element(rest) else { continue };
            if let Some((0x04, cipher)) = element(body) {
                self.number("Kerberos ticket or authenticator", cipher);
            }
        }
    }

    fn principal(&mut self, parts: &[u8]) {
        let Some((0xa1, body)) = element(parts) else { return };
        let Some((0x30, strings)) = element(body) else { return };
        let Some((0x1b, name)) = element(strings) else { return };
        let is_alone = strings.len() == name.len() + 2;
        let text = String::from_utf8_lossy(name);
        if is_alone { self.account("principal in Kerberos", &text) } else { self.machine(&text) }
    }

    /// RFC 1157: a sequence of version, community, data unit.
    fn snmp(&mut self, bytes: &[u8]) {
        let Some((0x30, [0x02, 0x01, 0..=1, rest @ ..])) = element(bytes) else { return };
        if let Some((0x04, community)) = element(rest) {
            self.text("SNMP community", community);
        }
    }

    /// RFC 9110 11.6 and RFC 6265, and the like in other protocols of lines.
    fn lines(&mut self, bytes: &[u8]) {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| line.is_ascii()) {
            let line = line.trim_ascii();
            for (name, kind) in LINES {
                let Some(value) = strip(line, name.as_bytes()) else { continue };
                let value = value.trim_ascii();
                if let Some(token) = strip(value, b"NTLM ").or(strip(value, b"Negotiate ")) {
                    self.look_into_token(token);
                } else if *kind != CHALLENGE {
                    self.text(kind, value);
                    if let Some(basic) = strip(value, b"Basic ") {
                        self.text("HTTP Basic", &base64(basic));
                    }
                }
            }
        }
    }

    /// What is secret in a token is secret in its letters, too.
    fn look_into_token(&mut self, token: &[u8]) {
        let message = base64(token.trim_ascii());
        self.ntlm(&message);
        self.kerberos(&message);
        let before = self.windows.len();
        for at in positions(&message, b"NTLMSSP\0\x03\0\0\0") {
            let proof = offset(&message[at..], 20).unwrap_or_default() + at;
            let letters = token.get(proof.div_ceil(3) * 4..(proof + 16) / 3 * 4);
            self.number("NTLM in base64", letters.unwrap_or_default());
        }
        if self.windows.len() > before {
            self.kinds.insert("NTLM in base64");
        }
    }
}

/// Where a pattern begins.
fn positions<'a>(bytes: &'a [u8], pattern: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let starts = bytes.windows(pattern.len()).enumerate();
    starts.filter(move |(_, window)| *window == pattern).map(|(at, _)| at)
}

fn offset(message: &[u8], at: usize) -> Option<usize> {
    let fields = message.get(at..at + 8)?;
    let is_filled = fields[..2] != [0, 0];
    is_filled.then(|| u32::from_le_bytes(fields[4..].try_into().unwrap()) as usize)
}

fn field(message: &[u8], at: usize) -> &[u8] {
    let Some(offset) = offset(message, at) else { return &[] };
    let length = usize::from(u16::from_le_bytes([message[at], message[at + 1]]));
    let end = offset.saturating_add(length).min(message.len());
    message.get(offset..end).unwrap_or_default()
}

fn payloads_hold_key(message: &[u8]) -> bool {
    [12, 20, 28, 36, 44].iter().filter_map(|at| offset(message, *at)).min() >= Some(60)
}

fn flags(message: &[u8], at: usize) -> u32 {
    let bytes = message.get(at..at + 4).unwrap_or(&[0; 4]);
    u32::from_le_bytes(bytes.try_into().unwrap())
}

fn name(bytes: &[u8], flags: u32) -> String {
    let is_wide = flags & 1 != 0 && bytes.iter().skip(1).step_by(2).any(|byte| *byte == 0);
    if is_wide { wide_until_nul(bytes) } else { String::from_utf8_lossy(bytes).into_owned() }
}

fn wide_until_nul(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<u16>>())
}

fn until_nul(bytes: &[u8]) -> String {
    let text: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&text).into_owned()
}

/// Tag and body of an element of the basic encoding rules that is there as a whole.
fn element(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, first) = (*bytes.first()?, usize::from(*bytes.get(1)?));
    let (start, length) = match first {
        0..=0x7f => (2, first),
        0x81 => (3, usize::from(*bytes.get(2)?)),
        0x82 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        _ => return None,
    };
    Some((tag, bytes.get(start..start + length)?))
}

fn strip<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (head, rest) = line.split_at_checked(name.len())?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

fn base64(letters: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in letters {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => break,
        };
        (held, bits) = (held << 6 | u32::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

/// Without padding at the end.
pub fn to_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut letters = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            letters.push(char::from(LETTERS[(number >> (18 - 6 * place) & 63) as usize]));
        }
    }
    letters
}

const TEXT_BYTES_MIN: usize = 6;
const NAME_BYTES_MIN: usize = 4;

/// What a server asks with: schemes and realms, which are no secrets, and messages of NTLM.
const CHALLENGE: &str = "HTTP challenge";

/// Beginnings of lines behind which a secret stands.
const LINES: &[(&str, &str)] = &[
    ("Authorization: ", "HTTP authorization"),
    ("Proxy-Authorization: ", "HTTP authorization"),
    ("WWW-Authenticate: ", CHALLENGE),
    ("Cookie: ", "HTTP cookie"),
    ("Set-Cookie: ", "HTTP cookie"),
    ("PASS ", "password in a line"),
];
