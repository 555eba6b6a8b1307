//! NTLM authentication messages: the names and the Windows version that both ends tell before any secret.
//!
//! Reads NEGOTIATE, CHALLENGE and AUTHENTICATE: \[MS-NLMP\] sections 2.2.1.1 to 2.2.1.3, AV_PAIR 2.2.2.1,
//! flags 2.2.2.5, VERSION 2.2.2.10; of an NTLMv2 response (2.2.2.7) the names of the server that it repeats, which
//! are all there is of the server where only its clients are seen. Skips challenges, responses, session keys, times,
//! channel bindings and the integrity code, and keeps no account name but that of a machine: none of these may
//! reach a disk. Skips the machine identifier of Single_Host_Data too: it is random, and new with every start.
//!
//! ```text
//!   0          8       12                                                       first payload offset
//!   | NTLMSSP\0 | type  | fields: length u16, capacity u16, offset u32 | flags | VERSION |  payload ...
//!
//!   NEGOTIATE     12 flags        16 domain   24 workstation   32 VERSION
//!   CHALLENGE     12 target name  20 flags    24 challenge     32 reserved      40 target info   48 VERSION
//!   AUTHENTICATE  12 LM   20 NT   28 domain   36 user          44 workstation   52 session key   60 flags
//!                 64 VERSION
//! ```
//!
//! Offsets count from the signature. Each generation of clients appended fields and left the rest alone, so a
//! fixed field is there only when the payload does not begin before its end: an old client that sets every
//! flag still has no VERSION when its names lie where the VERSION would be.

use crate::model::{Key, Subject};
use crate::protocols::Sink;
use crate::wire::{Malformed, Reader, Span, text};

/// Windows version of whoever sent the message, as text: `10.0.19041`. Samba says `6.1.0`.
pub(in crate::protocols) const VERSION: Key = Key::one("ntlmssp.version");
/// Revision of the NTLM implementation, a number; 15 since Windows Server 2003.
pub(in crate::protocols) const REVISION: Key = Key::one("ntlmssp.revision");
/// The realm that the server authenticates for: its domain, or itself.
pub(in crate::protocols) const TARGET_NAME: Key = Key::one("ntlmssp.target_name");
/// NetBIOS name of the server.
pub(in crate::protocols) const NETBIOS_COMPUTER_NAME: Key =
    Key::one("ntlmssp.netbios_computer_name");
/// NetBIOS name of the server's domain; its own name outside a domain.
pub(in crate::protocols) const NETBIOS_DOMAIN_NAME: Key = Key::one("ntlmssp.netbios_domain_name");
/// Fully qualified name of the server.
pub(in crate::protocols) const DNS_COMPUTER_NAME: Key = Key::one("ntlmssp.dns_computer_name");
/// Fully qualified name of the server's domain.
pub(in crate::protocols) const DNS_DOMAIN_NAME: Key = Key::one("ntlmssp.dns_domain_name");
/// Fully qualified name of the server's forest.
pub(in crate::protocols) const DNS_TREE_NAME: Key = Key::one("ntlmssp.dns_tree_name");
/// Service that a client wants of this server, with the name it knows the server by: `cifs/10.1.1.1`.
pub(in crate::protocols) const SERVICE_PRINCIPAL: Key = Key::several("ntlmssp.service_principal");
/// Name that the client gives itself.
pub(in crate::protocols) const WORKSTATION: Key = Key::one("ntlmssp.workstation");
/// Domain of the client machine or of the account used: a client may use accounts of several domains.
pub(in crate::protocols) const DOMAIN: Key = Key::several("ntlmssp.domain");
/// Account of the client machine itself, with its `$`. Names of people are not kept.
pub(in crate::protocols) const MACHINE_ACCOUNT: Key = Key::one("ntlmssp.machine_account");

/// Everything that NTLM says: a protocol that carries it lists this among its keys.
pub(in crate::protocols) const KEYS: &[Key] = &[
    VERSION,
    REVISION,
    TARGET_NAME,
    NETBIOS_COMPUTER_NAME,
    NETBIOS_DOMAIN_NAME,
    DNS_COMPUTER_NAME,
    DNS_DOMAIN_NAME,
    DNS_TREE_NAME,
    SERVICE_PRINCIPAL,
    WORKSTATION,
    DOMAIN,
    MACHINE_ACCOUNT,
];

/// What every NTLM message begins with.
pub(in crate::protocols) const SIGNATURE: &[u8] = b"NTLMSSP\0";

/// Reads one message that takes all bytes left in `reader`. What it says is about whoever must have sent a
/// message of its type, so that an exchange seen the wrong way round does no harm. Damage is counted.
pub(in crate::protocols) fn read(
    reader: &mut Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) {
    let message = reader.clone();
    reader.rest();
    if let Err(malformed) = any(message, out, client, server) {
        out.damaged(malformed);
    }
}

fn any(
    message: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) -> Result<(), Malformed> {
    let mut fixed = message.clone();
    if fixed.bytes("NTLMSSP signature", SIGNATURE.len())? != SIGNATURE {
        return Err(message.impossible("NTLMSSP signature"));
    }
    match fixed.u32_le("NTLMSSP MessageType")? {
        NEGOTIATE => negotiate(&message, fixed, out, client),
        CHALLENGE => challenge(&message, fixed, out, server),
        AUTHENTICATE => authenticate(&message, fixed, out, client, server),
        _ => Err(fixed.impossible("NTLMSSP MessageType")),
    }
}

/// Names in this message are in the client's OEM code page, whatever the flags say: nothing is agreed yet. The
/// flags that announce them are not asked: some clients send the names without, and none send a length for naught.
fn negotiate(
    message: &Reader<'_>,
    mut fixed: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
) -> Result<(), Malformed> {
    let flags = fixed.u32_le("NegotiateFlags")?;
    if fixed.is_empty() {
        return Ok(()); // Windows 95: the message ends with its flags.
    }
    let domain = Field::read(&mut fixed, "DomainNameFields")?;
    let workstation = Field::read(&mut fixed, "WorkstationFields")?;
    let payload = Field::lowest(&[&domain, &workstation]);
    version(&mut fixed, flags, payload, NEGOTIATE_FIXED_BYTES, out, client);
    for (key, field) in [(DOMAIN, domain), (WORKSTATION, workstation)] {
        name(message, &field, NEGOTIATE_FIXED_BYTES, false, key, out, client);
    }
    Ok(())
}

fn challenge(
    message: &Reader<'_>,
    mut fixed: Reader<'_>,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    let target_name = Field::read(&mut fixed, "TargetNameFields")?;
    let flags = fixed.u32_le("NegotiateFlags")?;
    let unicode = flags & UNICODE != 0;
    fixed.skip("ServerChallenge", 8)?;
    let names_at = Field::lowest(&[&target_name]);
    if names_at < CHALLENGE_FIXED_BYTES || fixed.is_empty() {
        name(message, &target_name, CHALLENGE_OLD_BYTES, unicode, TARGET_NAME, out, server);
        return Ok(());
    }
    fixed.skip("Reserved", 8)?;
    let target_info = Field::read(&mut fixed, "TargetInfoFields")?;
    let payload = Field::lowest(&[&target_name, &target_info]);
    version(&mut fixed, flags, payload, CHALLENGE_FIXED_BYTES, out, server);
    name(message, &target_name, CHALLENGE_FIXED_BYTES, unicode, TARGET_NAME, out, server);
    if flags & TARGET_INFO != 0
        && let Some(mut list) = target_info.start(message, CHALLENGE_FIXED_BYTES)?
    {
        // A list that is cut keeps the pairs before the cut.
        let pairs = list.sub("TargetInfo", target_info.length);
        av_pairs(pairs.unwrap_or(list), out, server)?;
    }
    Ok(())
}

fn authenticate(
    message: &Reader<'_>,
    mut fixed: Reader<'_>,
    out: &mut Sink<'_>,
    client: &Subject,
    server: &Subject,
) -> Result<(), Malformed> {
    let lm_response = Field::read(&mut fixed, "LmChallengeResponseFields")?;
    let nt_response = Field::read(&mut fixed, "NtChallengeResponseFields")?;
    let domain = Field::read(&mut fixed, "DomainNameFields")?;
    let user = Field::read(&mut fixed, "UserNameFields")?;
    let workstation = Field::read(&mut fixed, "WorkstationFields")?;
    let all = [&lm_response, &nt_response, &domain, &user, &workstation];
    let payload = Field::lowest(&all);
    if payload < AUTHENTICATE_FIXED_BYTES {
        // An old client, without flags: the names themselves must tell what alphabet they are in.
        let fixed_bytes = AUTHENTICATE_OLD_BYTES;
        let unicode = |field: &Field| {
            let name = field.payload(message, fixed_bytes).ok().flatten();
            name.is_some_and(|name| looks_like_utf16(name.peek()))
        };
        let unicode = [&domain, &user, &workstation].into_iter().any(unicode);
        return names_of_client(
            message,
            fixed_bytes,
            unicode,
            [domain, workstation, user],
            out,
            client,
        );
    }
    let session_key = Field::read(&mut fixed, "EncryptedRandomSessionKeyFields")?;
    let flags = fixed.u32_le("NegotiateFlags")?;
    let unicode = flags & UNICODE != 0;
    let payload = payload.min(Field::lowest(&[&session_key]));
    version(&mut fixed, flags, payload, AUTHENTICATE_FIXED_BYTES, out, client);
    if let Err(malformed) = response(message, &nt_response, out, server) {
        out.damaged(malformed);
    }
    let names = [domain, workstation, user];
    names_of_client(message, AUTHENTICATE_FIXED_BYTES, unicode, names, out, client)
}

/// Domain, workstation and user. Of users only machines are kept.
fn names_of_client(
    message: &Reader<'_>,
    fixed_bytes: usize,
    unicode: bool,
    [domain, workstation, user]: [Field; 3],
    out: &mut Sink<'_>,
    client: &Subject,
) -> Result<(), Malformed> {
    for (key, field) in [(DOMAIN, domain), (WORKSTATION, workstation)] {
        name(message, &field, fixed_bytes, unicode, key, out, client);
    }
    if let Some(account) = user.payload(message, fixed_bytes)? {
        let (span, account) = decode(account, unicode);
        if let Some(machine) = account.filter(|account| account.ends_with('$')) {
            out.text(client, MACHINE_ACCOUNT, &machine, span);
        }
    }
    Ok(())
}

/// The pairs that follow the proof and the client's challenge in a response of NTLMv2. Those of NTLM have 24 bytes.
fn response(
    message: &Reader<'_>,
    nt_response: &Field,
    out: &mut Sink<'_>,
    server: &Subject,
) -> Result<(), Malformed> {
    let Some(mut response) = nt_response.payload(message, AUTHENTICATE_FIXED_BYTES)? else {
        return Ok(());
    };
    if response.left() < PAIRS_IN_RESPONSE_AT {
        return Ok(());
    }
    response.skip("NTProofStr", 16)?;
    if response.array("RespType, HiRespType")? != NTLM_V2_RESPONSE {
        return Ok(());
    }
    response.skip("Reserved1, Reserved2, TimeStamp, ChallengeFromClient, Reserved3", 26)?;
    av_pairs(response, out, server)
}

/// Letters of the first 256 characters, the low byte first: what Windows 95 and NT write names with.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let (pairs, rest) = bytes.as_chunks::<2>();
    rest.is_empty() && pairs.iter().all(|[low, high]| *low != 0 && *high == 0)
}

/// VERSION, when the flags promise it, the bytes are there and no payload lies over them. All zero means that
/// the sender had none to tell.
fn version(
    fixed: &mut Reader<'_>,
    flags: u32,
    payload: usize,
    fixed_bytes: usize,
    out: &mut Sink<'_>,
    sender: &Subject,
) {
    let end = fixed_bytes.saturating_add(VERSION_BYTES);
    if flags & NEGOTIATE_VERSION == 0 || payload < end {
        return;
    }
    let start = fixed.at();
    let Ok(bytes) = fixed.array::<VERSION_BYTES>("VERSION") else { return };
    let [major, minor, build_low, build_high, _, _, _, revision] = bytes;
    if bytes == [0; VERSION_BYTES] {
        return;
    }
    let build = u16::from_le_bytes([build_low, build_high]);
    let version = format!("{major}.{minor}.{build}");
    out.text(sender, VERSION, &version, Span { at: start, len: 4 });
    let revision_at = start.saturating_add(7);
    out.uint(sender, REVISION, revision, Span { at: revision_at, len: 1 });
}

/// AV_PAIRs are UTF-16 always, on any alignment, and end with an empty pair.
fn av_pairs(mut pairs: Reader<'_>, out: &mut Sink<'_>, server: &Subject) -> Result<(), Malformed> {
    while !pairs.is_empty() {
        let id = pairs.u16_le("AvId")?;
        let length = usize::from(pairs.u16_le("AvLen")?);
        let key = match id {
            AV_END => return Ok(()),
            1 => Some(NETBIOS_COMPUTER_NAME),
            2 => Some(NETBIOS_DOMAIN_NAME),
            3 => Some(DNS_COMPUTER_NAME),
            4 => Some(DNS_DOMAIN_NAME),
            5 => Some(DNS_TREE_NAME),
            9 => Some(SERVICE_PRINCIPAL),
            _ => None,
        };
        let value = pairs.sub("AvPair Value", length)?;
        if let Some(key) = key {
            let (span, name) = decode(value, true);
            out.text(server, key, name.as_deref().unwrap_or_default(), span);
        }
    }
    Err(pairs.impossible("MsvAvEOL")) // The list was cut.
}

/// Says one name of the payload. One that is cut or lies where it cannot costs only itself.
fn name(
    message: &Reader<'_>,
    field: &Field,
    fixed_bytes: usize,
    unicode: bool,
    key: Key,
    out: &mut Sink<'_>,
    sender: &Subject,
) {
    match field.payload(message, fixed_bytes) {
        Ok(Some(payload)) => {
            let (span, name) = decode(payload, unicode);
            out.text(sender, key, name.as_deref().unwrap_or_default(), span);
        }
        Ok(None) => {}
        Err(malformed) => out.damaged(malformed),
    }
}

fn decode(mut payload: Reader<'_>, unicode: bool) -> (Span, Option<Box<str>>) {
    let start = payload.at();
    let bytes = payload.rest();
    let text = if unicode { text::utf16_le(bytes) } else { text::utf8(bytes) };
    (payload.since(start), text)
}

/// Where a value lies in the payload.
struct Field {
    name: &'static str,
    length: usize,
    /// From the start of the message.
    offset: usize,
}

impl Field {
    fn read(fixed: &mut Reader<'_>, name: &'static str) -> Result<Self, Malformed> {
        let length = usize::from(fixed.u16_le(name)?);
        fixed.skip(name, 2)?; // The capacity of the sender's buffer: to be ignored.
        let offset = usize::try_from(fixed.u32_le(name)?).unwrap_or(usize::MAX);
        Ok(Self { name, length, offset })
    }

    /// Where the payload begins: empty fields may point anywhere.
    fn lowest(fields: &[&Self]) -> usize {
        let filled = fields.iter().filter(|field| field.length > 0);
        filled.map(|field| field.offset).min().unwrap_or(usize::MAX)
    }

    /// The value; `None` when it is empty.
    fn payload<'a>(
        &self,
        message: &Reader<'a>,
        fixed_bytes: usize,
    ) -> Result<Option<Reader<'a>>, Malformed> {
        match self.start(message, fixed_bytes)? {
            Some(mut start) => start.sub(self.name, self.length).map(Some),
            None => Ok(None),
        }
    }

    /// The payload from the value on; `None` when it is empty. A value inside the fixed fields is no value.
    fn start<'a>(
        &self,
        message: &Reader<'a>,
        fixed_bytes: usize,
    ) -> Result<Option<Reader<'a>>, Malformed> {
        if self.length == 0 {
            return Ok(None);
        }
        if self.offset < fixed_bytes {
            return Err(message.impossible(self.name));
        }
        message.ahead(self.name, self.offset).map(Some)
    }
}

const NEGOTIATE: u32 = 1;
const CHALLENGE: u32 = 2;
const AUTHENTICATE: u32 = 3;

const UNICODE: u32 = 0x0000_0001;
const TARGET_INFO: u32 = 0x0080_0000;
const NEGOTIATE_VERSION: u32 = 0x0200_0000;

/// Bytes before the VERSION of each message, and of the CHALLENGE of servers older than target information.
const NEGOTIATE_FIXED_BYTES: usize = 32;
const CHALLENGE_OLD_BYTES: usize = 32;
const CHALLENGE_FIXED_BYTES: usize = 48;
const AUTHENTICATE_OLD_BYTES: usize = 52;
const AUTHENTICATE_FIXED_BYTES: usize = 64;
const VERSION_BYTES: usize = 8;

const AV_END: u16 = 0;
const NTLM_V2_RESPONSE: [u8; 2] = [1, 1];
/// Bytes of a response of NTLMv2 before its pairs.
const PAIRS_IN_RESPONSE_AT: usize = 44;

#[cfg(test)]
mod tests;
