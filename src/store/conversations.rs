//! Who talked to whom, by capture.
//!
//! A capture that is scanned again must not count twice, and one that is scanned in part must not make the counts of the
//! whole less: so the conversations of a capture are those of one scan of it, the one that read most of it; of equals the
//! latest, which is the same unless the program has learned to read more. A sensor hands over what it heard since it began, again and again: only
//! rows that differ are written.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::{Act, Acts, Addr, Conversation, Node, Scope, Sites, Subject, Timestamp};
use crate::store::sites::{self, Numbers};
use crate::store::writer::{signed, subject_id};
use crate::store::{Store, StoreError};

/// What one scan of a capture saw.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// How many of its frames were read.
    pub frames: u64,
    /// Who talked to whom in them, each pair, port and protocol once.
    pub conversations: Vec<Conversation>,
}

impl Store {
    /// Keeps the conversations of captures. They are named by the numbers that [`Store::add_captures`] gave, sites by
    /// their numbers in `sites`. What is of a site that found no room is not kept.
    pub fn add_conversations(
        &mut self,
        sites: &Sites,
        heard: &BTreeMap<u32, Heard>,
    ) -> Result<(), StoreError> {
        self.try_to(|connection| {
            let transaction = connection.transaction()?;
            let numbers = sites::add(&transaction, sites)?;
            for (capture, heard) in heard {
                replace(&transaction, &numbers, *capture, heard)?;
            }
            transaction.commit()
        })
    }

    /// All conversations, put together. `protocol_named` knows the protocols of this version of the program; what was
    /// recognised as another is as if it were not recognised.
    pub fn conversations(
        &mut self,
        protocol_named: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.conversations_but(&[], protocol_named)
    }

    /// The same without those of some captures.
    pub fn conversations_but(
        &mut self,
        captures: &[u32],
        protocol_named: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Result<Vec<Conversation>, StoreError> {
        self.try_to(|connection| {
            let (_, numbers) = sites::known(connection)?;
            let mut parts = Vec::new();
            let select = format!("{CONVERSATIONS}{TALKER_COLUMNS}{OF_ALL}{TALKERS}");
            let mut all = connection.prepare(&select)?;
            let mut rows = all.query([])?;
            while let Some(row) = rows.next()? {
                if captures.contains(&row.get("capture")?) {
                    continue;
                }
                // A row that somebody damaged is no conversation.
                parts.extend(conversation(row, &numbers, protocol_named)?);
            }
            Ok(Conversation::gather(parts))
        })
    }
}

/// Client, server, port, protocol.
type Pair = (i64, i64, String, String);

fn replace(
    connection: &Connection,
    sites: &Numbers,
    capture: u32,
    heard: &Heard,
) -> rusqlite::Result<()> {
    let frames = signed(heard.frames);
    let known: Option<i64> =
        connection.prepare_cached(FRAMES)?.query_row([capture], |row| row.get(0)).optional()?;
    if known.is_some_and(|known| known > frames) {
        return Ok(());
    }
    if known != Some(frames) {
        connection.prepare_cached(PUT_FRAMES)?.execute(params![capture, frames])?;
    }
    let is_live = connection.prepare_cached(IS_LIVE)?.exists([capture])?;
    let mut gone =
        if is_live || known.is_none() { BTreeSet::new() } else { pairs(connection, capture)? };
    let mut ids: BTreeMap<Node, Option<i64>> = BTreeMap::new();
    let mut put = connection.prepare_cached(PUT)?;
    for one in &heard.conversations {
        let mut id = |node: Node| match ids.get(&node) {
            Some(known) => Ok(*known),
            None => {
                let id = subject_id(connection, sites, &Subject::node(node))?;
                ids.insert(node, id);
                Ok::<_, rusqlite::Error>(id)
            }
        };
        let Some((client, server)) = id(one.client)?.zip(id(one.server)?) else { continue };
        let (port, protocol) = (one.port.to_string(), one.protocol.unwrap_or_default().to_owned());
        let [first, last, a, b, c, d, e, f, g, h, i] = numbers(one);
        put.execute(params![
            capture, client, server, port, protocol, first, last, a, b, c, d, e, f, g, h, i
        ])?;
        gone.remove(&(client, server, port, protocol));
    }
    // A sensor forgets whom it has not heard for long; a file that is scanned again says all it holds.
    let mut forget = connection.prepare_cached(FORGET)?;
    for (client, server, port, protocol) in gone {
        forget.execute(params![capture, client, server, port, protocol])?;
    }
    Ok(())
}

fn pairs(connection: &Connection, capture: u32) -> rusqlite::Result<BTreeSet<Pair>> {
    connection
        .prepare_cached(KNOWN)?
        .query_map([capture], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect()
}

fn numbers(one: &Conversation) -> [i64; NUMBERS] {
    let [to_server, to_client] = one.packets.map(signed);
    let [bytes_to_server, bytes_to_client] = one.bytes.map(signed);
    let [identify, read, write, control, program] = one.acts.counts().map(i64::from);
    [
        one.first.0,
        one.last.0,
        to_server,
        to_client,
        bytes_to_server,
        bytes_to_client,
        identify,
        read,
        write,
        control,
        program,
    ]
}

fn conversation(
    row: &Row<'_>,
    numbers: &Numbers,
    protocol_named: &dyn Fn(&str) -> Option<&'static str>,
) -> rusqlite::Result<Option<Conversation>> {
    let port = row.get_ref("port")?.as_str()?.parse();
    let (Some((client, server)), Ok(port)) = (talkers(row, numbers)?, port) else {
        return Ok(None);
    };
    let both = |to_server, to_client| -> rusqlite::Result<[u64; 2]> {
        let counts: [i64; 2] = [row.get(to_server)?, row.get(to_client)?];
        Ok(counts.map(|count| u64::try_from(count).unwrap_or(0)))
    };
    let mut acts = [0; Act::ALL.len()];
    for (acts, act) in acts.iter_mut().zip(Act::ALL) {
        *acts = u32::try_from(row.get::<_, i64>(act.name())?).unwrap_or(0);
    }
    Ok(Some(Conversation {
        client,
        server,
        port,
        protocol: protocol_named(row.get_ref("protocol")?.as_str()?),
        first: Timestamp(row.get("first_ns")?),
        last: Timestamp(row.get("last_ns")?),
        packets: both("packets_to_server", "packets_to_client")?,
        bytes: both("bytes_to_server", "bytes_to_client")?,
        acts: Acts::from_counts(acts),
    }))
}

/// The client and the server of a row that was selected with [`TALKERS`].
pub(super) fn talkers(row: &Row<'_>, numbers: &Numbers) -> rusqlite::Result<Option<(Node, Node)>> {
    let node = |outer_vlan, vlan, site, address| -> rusqlite::Result<Option<Node>> {
        let Some(site) = numbers.of(row.get(site)?) else { return Ok(None) };
        let (outer_vlan, vlan) = (row.get(outer_vlan)?, row.get(vlan)?);
        let text = row.get_ref(address)?.as_str()?;
        let ip = text.parse().ok().map(Addr::Ip);
        let addr = ip.or_else(|| text.parse().ok().map(Addr::Mac));
        Ok(addr.map(|addr| Node { scope: Scope { site, outer_vlan, vlan }, addr }))
    };
    let client = node("client_outer_vlan", "client_vlan", "client_site", "client_address")?;
    let server = node("server_outer_vlan", "server_vlan", "server_site", "server_address")?;
    Ok(client.zip(server))
}

/// Columns of numbers.
const NUMBERS: usize = 11;
const IS_LIVE: &str = "SELECT 1 FROM sessions WHERE capture = ?1";
const FRAMES: &str = "SELECT frames FROM conversation_scans WHERE capture = ?1";
const PUT_FRAMES: &str = "INSERT INTO conversation_scans (capture, frames) VALUES (?1, ?2)
    ON CONFLICT (capture) DO UPDATE SET frames = excluded.frames";
const KNOWN: &str = "SELECT client, server, port, protocol FROM conversations WHERE capture = ?1";
const FORGET: &str = "DELETE FROM conversations
    WHERE capture = ?1 AND client = ?2 AND server = ?3 AND port = ?4 AND protocol = ?5";
/// Writes only what differs.
const PUT: &str = "INSERT INTO conversations VALUES
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
    ON CONFLICT (capture, client, server, port, protocol) DO UPDATE SET
    first_ns = excluded.first_ns, last_ns = excluded.last_ns, packets_to_server = excluded.packets_to_server,
    packets_to_client = excluded.packets_to_client, bytes_to_server = excluded.bytes_to_server,
    bytes_to_client = excluded.bytes_to_client, identify = excluded.identify, read = excluded.read,
    write = excluded.write, control = excluded.control, program = excluded.program
    WHERE (first_ns, last_ns, packets_to_server, packets_to_client, bytes_to_server, bytes_to_client, identify, read,
    write, control, program) IS NOT (excluded.first_ns, excluded.last_ns, excluded.packets_to_server,
    excluded.packets_to_client, excluded.bytes_to_server, excluded.bytes_to_client, excluded.identify, excluded.read,
    excluded.write, excluded.control, excluded.program)";
const CONVERSATIONS: &str = "SELECT conversations.*, ";
const OF_ALL: &str = " FROM conversations";
/// The columns that say who a client and a server are.
pub(super) const TALKER_COLUMNS: &str =
    "clients.site AS client_site, clients.outer_vlan AS client_outer_vlan,
    clients.vlan AS client_vlan, clients.address AS client_address,
    servers.site AS server_site, servers.outer_vlan AS server_outer_vlan,
    servers.vlan AS server_vlan, servers.address AS server_address";
/// Where these come from, for a table with a client and a server.
pub(super) const TALKERS: &str = " JOIN subjects AS clients ON clients.id = client
    JOIN subjects AS servers ON servers.id = server";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CaptureInfo, Mac, Port};

    fn named(name: &str) -> Option<&'static str> {
        ["enip", "modbus"].into_iter().find(|known| *known == name)
    }

    fn conversation(last: u8, protocol: Option<&'static str>, packets: u64) -> Conversation {
        let scope = Scope { site: 0, outer_vlan: 7, vlan: 31 };
        Conversation {
            client: Node::ip(scope, [10, 0, 0, last].into()),
            server: Node::mac(scope, Mac([1, 2, 3, 4, 5, last])),
            port: Port::Tcp(502),
            protocol,
            first: Timestamp(i64::from(last)),
            last: Timestamp(i64::from(last).saturating_add(9)),
            packets: [packets, 2],
            bytes: [packets.saturating_mul(60), 120],
            acts: Acts::from_counts([1, 2, 3, 4, 5]),
        }
    }

    fn store(dir: &std::path::Path) -> Store {
        let mut store = Store::create(dir).unwrap();
        let capture = |sha256: &str| CaptureInfo {
            name: sha256.to_owned(),
            sha256: sha256.to_owned(),
            frames: 9,
            bytes: 900,
            first: None,
            last: None,
            incomplete: None,
            session: None,
        };
        store.add_captures(&[capture("00"), capture("01")]).unwrap();
        store
    }

    fn heard(frames: u64, conversations: &[Conversation]) -> Heard {
        Heard { frames, conversations: conversations.to_vec() }
    }

    #[test]
    fn gives_back_what_was_put_in_and_adds_up_captures() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path());
        let (a, b) = (conversation(1, Some("modbus"), 5), conversation(2, None, 6));
        let later = Conversation { first: Timestamp(50), last: Timestamp(60), ..a.clone() };
        let both =
            [(0, heard(9, &[a.clone(), b.clone()])), (1, heard(9, std::slice::from_ref(&later)))];
        store.add_conversations(&Sites::default(), &BTreeMap::from(both)).unwrap();
        let mut sum = a.clone();
        sum.add(&later);
        assert_eq!(store.conversations(&named).unwrap(), [sum, b]);
        let unknown = store.conversations(&|_| None).unwrap();
        assert!(unknown.iter().all(|one| one.protocol.is_none()));
    }

    #[test]
    fn the_same_again_changes_no_byte() {
        let dir = tempfile::tempdir().unwrap();
        let fill = || {
            let all = [conversation(2, None, 6), conversation(1, Some("modbus"), 5)];
            store(dir.path())
                .add_conversations(&Sites::default(), &BTreeMap::from([(0, heard(9, &all))]))
                .unwrap();
            std::fs::read(dir.path().join(crate::store::FILE)).unwrap()
        };
        assert!(fill() == fill());
    }

    #[test]
    fn the_scan_that_read_most_of_a_capture_counts() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = store(dir.path());
        let (part, whole) = (conversation(1, None, 2), conversation(1, Some("modbus"), 5));
        for (frames, one) in [(4, &part), (9, &whole), (3, &part), (9, &whole)] {
            let heard = heard(frames, std::slice::from_ref(one));
            store.add_conversations(&Sites::default(), &BTreeMap::from([(0, heard)])).unwrap();
        }
        assert_eq!(store.conversations(&named).unwrap(), [whole]);
    }
}
