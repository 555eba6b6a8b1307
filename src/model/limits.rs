//! Every cap, with its unit in the name and its reason beside it. A cap that is hit is counted.

mod alert;
mod automation;
mod baseline;
mod config;
mod csaf;
mod dnp3;
mod exports;
mod fetch;
mod fins;
mod hart_ip;
mod iec;
mod line;
mod network;
mod opcua;
mod profinet;
mod report;
mod s7;
mod sbus;
mod secured;
mod sensor;
mod slmp;
mod store;
mod verdicts;
mod web;

pub use alert::*;
pub use automation::*;
pub use baseline::*;
pub use config::*;
pub use csaf::*;
pub use dnp3::*;
pub use exports::*;
pub use fetch::*;
pub use fins::*;
pub use hart_ip::*;
pub use iec::*;
pub use line::*;
pub use network::*;
pub use opcua::*;
pub use profinet::*;
pub use report::*;
pub use s7::*;
pub use sbus::*;
pub use secured::*;
pub use sensor::*;
pub use slmp::*;
pub use store::*;
pub use verdicts::*;
pub use web::*;

/// Bytes of evidence kept with a fact: a long name is shown whole, a flood of them stays small.
pub const EXCERPT_BYTES_MAX: usize = 64;

/// Bytes of a text value: longer than any name a standard allows, short enough to keep by the million.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// Bytes of a raw value kept.
pub const VALUE_BYTES_MAX: usize = 256;

/// Items read from one list in a message; a count field beyond what is present is clamped anyway.
pub const LIST_ITEMS_MAX: usize = 4_096;

/// Messages inside messages (Multiple Service Packet, Unconnected Send, SPNEGO).
pub const NESTED_MESSAGES_MAX: usize = 8;

/// Bytes of an SMB negotiate or session set-up message that are waited for: Windows allows authentication
/// tokens of 48,000 bytes, and the rest of such a message is small.
pub const SMB_MESSAGE_BYTES_MAX: usize = 56 * 1_024;

/// Dialects of an SMB1 client that are remembered until the server names one by its number.
pub const SMB_DIALECTS_MAX: usize = 64;

/// Headers peeled from one frame before decoding stops: tunnels in tunnels end here.
pub const FRAME_LAYERS_MAX: usize = 16;

/// Conversations followed at once; the least recently used is forgotten first. A plant of 10,000 devices holds some 100,000
/// open: one fewer than there are, and each packet would begin its conversation anew.
pub const FLOWS_MAX: usize = 131_072;

/// Of these, conversations in which nobody said anything yet: a flood of them takes half of the memory at most.
pub const FLOWS_NEW_MAX: usize = 65_536;

/// Of those, the ones that stay when all room is taken: enough that a conversation lives to its second packet.
pub const FLOWS_NEW_KEPT: usize = 16_384;

/// Unread bytes that one direction of a conversation may hold while a dissector waits for more.
pub const UNREAD_BYTES_MAX: usize = 64 * 1_024;

/// Unread and out-of-order bytes of all conversations together.
pub const UNREAD_BYTES_TOTAL_MAX: usize = 64 * 1_024 * 1_024;

/// Out-of-order segments that one direction holds back while a gap may still close.
pub const SEGMENTS_HELD_MAX: usize = 64;

/// Incomplete IP datagrams kept at once.
pub const DATAGRAMS_HELD_MAX: usize = 1_024;

/// Fragments of one IP datagram: 64 KiB in the smallest fragments that real networks make.
pub const FRAGMENTS_PER_DATAGRAM_MAX: usize = 128;

/// Requests that a dissector remembers while it waits for their answers, per conversation.
pub const PENDING_REQUESTS_MAX: usize = 64;

/// Subjects (nodes and units behind them) about which facts are kept.
pub const SUBJECTS_MAX: usize = 200_000;

/// Of these, hosts of which nothing is known but that packets bear their address: a flood of invented ones must
/// leave room for those that say something.
pub const PASSERS_BY_MAX: usize = 65_536;

/// Facts kept for one key of one subject: all addresses of a host, and a name that flaps stays bounded.
pub const VALUES_PER_KEY_MAX: usize = 64;

/// Different claims kept for one field of one subject.
pub const CLAIMS_PER_FIELD_MAX: usize = 32;

/// Values that the memo remembers as already said, 16 bytes each; the oldest half is forgotten together. 100,000 devices say some
/// 15 values each. Each half is seven eighths of a power of two: a hash table that holds one entry more takes twice the memory.
pub const MEMO_ENTRIES_MAX: usize = 1_835_008;

/// Bytes of one advisory document read into memory.
pub const ADVISORY_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Bytes of one captured frame read from a file: the largest that Wireshark and tcpdump write for networks.
pub const FRAME_BYTES_MAX: u32 = 262_144;

/// Bytes of one pcapng block held whole: the largest frame, its header, and generous options.
pub const CAPTURE_BLOCK_BYTES_MAX: u32 = 524_288;

/// Interfaces described in one pcapng section; a real sensor has tens, a hostile file has one per 20 bytes.
pub const CAPTURE_INTERFACES_MAX: usize = 65_536;

/// Capture files held open at once: well below the 256 descriptors that some systems allow a process.
pub const CAPTURE_FILES_OPEN_MAX: usize = 96;

/// Link types for which a capture filter is compiled in one run; a plant has a handful, a hostile file 65,536.
pub const FILTER_PROGRAMS_MAX: usize = 256;

/// Seconds after which an unanswered request counts as lost: unconnected requests of CIP time out sooner, and
/// a client that numbers all its requests alike must not have an old one answered by a new reply.
pub const PENDING_REQUEST_SECONDS_MAX: u64 = 30;

/// CIP services, and hops of their routes, read from one message: a full 4,000-byte Multiple Service Packet
/// holds some 400.
pub const CIP_SERVICES_PER_MESSAGE_MAX: usize = 512;

/// CIP services, and hops of their routes, remembered by one conversation for all its pending requests.
pub const CIP_PENDING_SERVICES_MAX: usize = 1_024;

/// Open CIP connections followed per conversation: a controller has one for each module of a large rack.
pub const CIP_CONNECTIONS_MAX: usize = 64;

/// Hops of one CIP route: real ones have at most six.
pub const CIP_ROUTE_HOPS_MAX: usize = 16;

/// Bytes of all incomplete IP datagrams together: 1,024 of the size that NTLM or DNS answers have fit easily.
pub const DATAGRAM_BYTES_TOTAL_MAX: usize = 16 * 1_024 * 1_024;

/// Seconds, of packet time, that the parts of a datagram are waited for (RFC 791 §3.2 gives 15, RFC 8200 §4.5 60).
pub const DATAGRAM_WAIT_SECONDS_MAX: u64 = 30;

/// Seconds, of packet time, that a hole in a TCP stream is left open: longer than the first retransmission
/// timeout (RFC 6298 §2: one second).
pub const GAP_WAIT_SECONDS_MAX: u64 = 2;

/// Seconds, of packet time, after which a silent conversation is forgotten: longer than any keep-alive.
pub const FLOW_IDLE_SECONDS_MAX: u64 = 4 * 3_600;

/// Runs of bytes that unread data of one direction may consist of: a message that comes byte by byte.
pub const PLACES_MAX: usize = 4_096;

/// Bytes that are waited for before a stream that could still be several protocols is none of them.
pub const PROBE_BYTES_MAX: usize = 512;

/// Times that a conversation on a port no protocol claims is probed before it is ignored.
pub const PROBES_PER_FLOW_MAX: u16 = 8;

/// Times that a conversation on a claimed port is probed: bulk data may hide the next message's start.
pub const PROBES_PER_CLAIMED_FLOW_MAX: u16 = 1_024;

/// Times in a row that a conversation may lose its framing before it is ignored.
pub const LOSSES_PER_FLOW_MAX: u8 = 8;

/// Panics in one protocol before it is switched off.
pub const PANICS_PER_PROTOCOL_MAX: u32 = 16;

/// Hosts whose packets are compared with what they sent before.
pub const HOSTS_MAX: usize = 131_072;

/// Observations that may wait to be drained: a caller that forgets to drain must not fill the memory.
pub const OBSERVATIONS_WAITING_MAX: usize = 1_048_576;

/// Steps read from one version string; real ones have at most nine.
pub const VERSION_PARTS_MAX: usize = 24;

/// Branches inside branches of a product tree; real documents nest five deep.
pub const ADVISORY_BRANCH_DEPTH_MAX: usize = 32;

/// Products read from one advisory; the largest real tree holds under two thousand.
pub const ADVISORY_PRODUCTS_MAX: usize = 65_536;

/// Tokens read from one version range; the longest real ones are lists of about thirty versions.
pub const RANGE_TOKENS_MAX: usize = 256;

/// Documents, summed over kinds of device, of which it is remembered what came of them: plants hold few kinds many times over.
/// Ten thousand kinds with twenty documents each.
pub const JUDGEMENTS_REMEMBERED_MAX: usize = 200_000;

/// Documents, summed over models, of which it is remembered which products were met: some thousand models of makers with many
/// advisories.
pub const MATCHES_REMEMBERED_MAX: usize = 100_000;

/// Texts of remediations and names in them that are remembered once read; the public corpus has some 20,000.
pub const ADVISORY_TEXTS_MAX: usize = 65_536;

/// Bytes of an SMB control or tree connect that is waited for: a hundred interfaces, a path of 255 letters twice.
pub const SMB_CONTROL_BYTES_MAX: usize = 16 * 1_024;

/// Interfaces read from one list of a server; large ones have some tens.
pub const SMB_INTERFACES_MAX: usize = 128;

/// Presentation contexts of one DCE/RPC association: Windows proposes three to a bind, and few binds share one.
pub const DCERPC_CONTEXTS_MAX: usize = 64;

/// Fragments of one DCE/RPC answer that are put together: eight times what a list of all services takes.
pub const DCERPC_FRAGMENTS_MAX: usize = 96;

/// Bytes of one DCE/RPC answer over TCP, headers included, that are waited for: a domain controller's list of services
/// is below, and it must fit what one direction of a conversation may hold.
pub const DCERPC_ANSWER_BYTES_MAX: usize = 60 * 1_024;

/// Open registry keys followed per DCE/RPC association: real clients hold the path to one value.
pub const DCERPC_REGISTRY_KEYS_MAX: usize = 32;

/// Bytes of one direction of a named pipe that are held back until a DCE/RPC message is complete: answers of the
/// services that are read are far smaller. Pipes hold them beside the flow's own caps, hence little.
pub const PIPE_BYTES_MAX: usize = 16 * 1_024;

/// Named pipes followed per SMB connection.
pub const PIPES_MAX: usize = 16;

/// Trees of pipes, and reads of them that wait for their answer, remembered per SMB connection.
pub const PIPE_REQUESTS_MAX: usize = 32;

/// Bytes of all lines of one HTTP head that are read: servers refuse heads of more than 8 to 32 KiB, and a Kerberos
/// ticket of a member of many groups takes 64 KiB in Base64.
pub const HTTP_HEAD_BYTES_MAX: usize = 128 * 1_024;

/// Bytes of one HTTP line that are waited for: the longest that unread bytes can hold.
pub const HTTP_LINE_BYTES_MAX: usize = 60 * 1_024;

/// Bytes at the start of an HTTP body in which a page's title is looked for: pages name themselves first.
pub const HTTP_TITLE_BYTES_MAX: usize = 4 * 1_024;

/// Challenges, and parameters of them, that are read from one HTTP field: real ones have two with five each.
pub const HTTP_CHALLENGE_PARTS_MAX: usize = 64;

/// Bytes of one LDAP message that are waited for: authentication tokens of Windows take up to 48,000, and the root
/// entry of a directory some 4,000.
pub const LDAP_MESSAGE_BYTES_MAX: usize = 56 * 1_024;

/// Labels, and jumps between them, of one compressed name in a Netlogon response: a name has at most 127 labels.
pub const LDAP_NAME_LABELS_MAX: usize = 128;

/// Packets that are remembered to know a copy of one: a few milliseconds of a busy gigabit mirror, in which its copies
/// arrive, and little enough to stay in a processor's cache.
pub const PACKETS_REMEMBERED_MAX: u32 = 4_096;

/// Milliseconds, of packet time, within which the same packet again is a copy: queues of switches hold a packet shorter,
/// retransmission timeouts are longer (RFC 6298 §5 allows no less than 200 in practice).
pub const COPY_MILLISECONDS_MAX: u64 = 50;

/// The same for packets that nothing numbers: a device may well say the same again soon.
pub const COPY_UNNUMBERED_MILLISECONDS_MAX: u64 = 5;

/// VLANs in which the copies of one packet are told apart; a broadcast that is bridged between more is rare.
pub const COPY_SCOPES_MAX: usize = 8;

/// Datagrams in parts inside tunnels that came in parts themselves: each level may cost a reassembly.
pub const DATAGRAMS_NESTED_MAX: u8 = 4;

/// Bytes that the dissectors of all conversations together keep, to put messages together that came in several parts.
pub const KEPT_BYTES_TOTAL_MAX: usize = 16 * 1_024 * 1_024;

/// Times that one DNS name may lead on to another place: writers point at whole names, and few names have ten labels.
pub const DNS_POINTERS_PER_NAME_MAX: usize = 32;

/// Questions and records read from one message in DNS format; a full jumbo frame of announcements has some 300.
pub const DNS_RECORDS_PER_MESSAGE_MAX: usize = 512;

/// Addresses read from one NetBIOS name record: a name server gives 25 for a group at most.
pub const NBNS_ADDRESSES_PER_RECORD_MAX: usize = 32;

/// Names of a machine itself that the names in its node status are compared with: real ones have two.
pub const NETBIOS_NAMES_PER_NODE_MAX: usize = 16;

/// Names read from one list of backup browsers; a master browser keeps one for every 32 hosts and lists few.
pub const BACKUP_BROWSERS_MAX: usize = 32;

/// Names of hosts, and names of services, whose owner is remembered for one sender of multicast DNS: a reflector of a
/// large link has more, a host has few.
pub const MDNS_NAMES_PER_RESPONDER_MAX: usize = 64;

/// Strings read from one TXT record; printers have about twenty.
pub const TXT_STRINGS_MAX: usize = 64;

/// Implicit messages of a CIP connection that are looked at before it is believed to have one direction: its other end
/// answers within a few packet intervals.
pub const IMPLICIT_ONE_WAY_MAX: u16 = 64;

/// PCCC commands of a CSP conversation that wait for their replies: clients have one under way, or a few.
pub const CSP_PENDING_MAX: usize = 32;

/// Frames that wait for facts which later ones complete, where evidence is written: as many as a busy 100 Mbit/s mirror
/// brings while a hole in a stream is left open.
pub const EVIDENCE_FRAMES_WAITING_MAX: usize = 16_384;

/// Bytes of those frames and of what is said about them.
pub const EVIDENCE_BYTES_WAITING_MAX: usize = 32 * 1_024 * 1_024;

/// Bytes of one comment on a frame: a fact with a value as long as screens show.
pub const EVIDENCE_COMMENT_BYTES_MAX: usize = 1_024;

/// Bytes of all comments on one frame: with the largest frame, a block is well below what readers take.
pub const EVIDENCE_COMMENTS_PER_FRAME_BYTES_MAX: usize = 64 * 1_024;

/// Bytes of an expression of the query language: what a person types has a hundred, what a page links to some more.
pub const QUERY_BYTES_MAX: usize = 4_096;

/// Parentheses and negations of an expression of the query language inside each other.
pub const QUERY_DEPTH_MAX: usize = 32;

/// Bytes of a file of zones: ten thousand zones, each with some subnets.
pub const ZONES_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Bytes of a printed report that is read again: a hundred thousand devices with all their claims fit.
pub const REPORT_BYTES_MAX: u64 = 2 * 1_024 * 1_024 * 1_024;

/// Frames named for one value where two looks are compared: rules rest on a few facts each.
pub const EVIDENCE_PLACES_MAX: usize = 8;

/// Decisions that one command makes: taking one address of a device with as many others apart from it takes as many.
pub const DECISIONS_PER_COMMAND_MAX: usize = 1_024;

/// Bytes of the reason, and of the name, that a person gives for a decision.
pub const DECISION_TEXT_BYTES_MAX: usize = 4_096;

/// Bytes of a list of devices that is imported: a hundred thousand rows of twenty columns fit several times.
pub const LIST_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// Bytes that a list unpacks to: a workbook packs its cells to a tenth.
pub const LIST_UNPACKED_BYTES_MAX: u64 = 256 * 1_024 * 1_024;

/// Rows of a list: as many as there can be subjects; a spreadsheet takes a million.
pub const LIST_ROWS_MAX: usize = SUBJECTS_MAX;

/// Columns of a list that are looked at: inventories have some tens.
pub const LIST_COLUMNS_MAX: usize = 256;

/// Bytes of one cell of a list.
pub const LIST_CELL_BYTES_MAX: usize = TEXT_BYTES_MAX;

/// Complaints about one list that are printed; the rest is counted.
pub const LIST_COMPLAINTS_MAX: usize = 100;

/// Different texts in a workbook, and formats of its cells: twenty for each row that is read.
pub const LIST_TEXTS_MAX: usize = 20 * LIST_ROWS_MAX;

/// Changes kept for one device, or a part of it, at one address: a version that flaps is told a few times.
pub const EVENTS_PER_PLACE_MAX: usize = 64;

/// Events shown of one device.
pub const EVENTS_PER_ASSET_MAX: usize = 4_096;

/// Devices that one address is divided among. By serial number, facts of more of them stay with the last; by MAC address,
/// where there are more, none is told apart: it is a flood of lies.
pub const TENANTS_MAX: usize = 16;

/// Subjects at which another serial number took the place of the first.
pub const SUCCESSORS_MAX: usize = 65_536;

/// Events of one device that `explain` tells with their frames: more is no page that anybody reads.
pub const EXPLAINED_EVENTS_MAX: usize = 64;

/// Devices, and pairs of devices, of which `explain --merge` tells why they are one or two: a name can mean many.
pub const EXPLAINED_ASSETS_MAX: usize = 64;

/// Devices that look like one another, told of each: cloned machine cells share a few addresses with each other.
pub const EXPLAINED_LIKENESSES_MAX: usize = 64;

/// Events told on one frame of the evidence: most frames prove one change, or two at once.
pub const EVIDENCE_EVENTS_PER_FRAME_MAX: usize = 16;

/// Sites with a name: the largest owners have some hundreds. Each site of a scan has an engine with caps of its own.
pub const SITES_MAX: u16 = 1_024;

/// Bytes of the name of a site: it stands in a column of a table.
pub const SITE_NAME_BYTES_MAX: usize = 64;

/// Fields to sort by, and columns of a table: more than there are.
pub const COLUMNS_MAX: usize = 64;

/// Versions of one maker that are put in its order, where results are sorted: a product line has some hundred.
pub const VERSIONS_ORDERED_MAX: usize = 1_000;

/// Conversations whose counts are kept at once, between nodes, by port and protocol: a plant of 10,000 devices has some
/// 100,000.
pub const CONVERSATIONS_MAX: usize = 1_000_000;

/// Of these, conversations of a single packet, and those in which nobody said anything: scans and floods must neither push
/// out others nor fill the memory.
pub const CONVERSATIONS_PASSING_MAX: usize = 65_536;

/// Of those, the ones that stay when all room is taken: newcomers must live long enough to show that they are real.
pub const CONVERSATIONS_PASSING_KEPT: usize = 4_096;

/// Hosts heard at one time only, and known by addresses only, that are told of at once; twice as many in all, and once more
/// as many of those that are heard again and answer nobody. A plant has fewer at a time, and each costs some 4 KiB for good.
pub const PASSERS_BY_TOLD_MAX: usize = 2_048;

/// The same of those that said more than addresses: what they say can be a name, which a device gives that nobody asks.
pub const SPEAKERS_TOLD_MAX: usize = 3_072;

/// Facts about such hosts that wait until they are heard again, beside MAC addresses and hop limits: some 250 bytes each.
pub const STRANGERS_FACTS_WAITING_MAX: usize = 65_536;

/// Questions of clients that are watched for being asked again, 32 bytes each; the oldest half is forgotten together. Hundreds of
/// servers that are each polled in hundreds of blocks fit. Each half is seven eighths of a power of two, as above.
pub const QUESTIONS_MAX: usize = 229_376;

/// Seconds in which a question must be asked to be a poll. What is not answered is asked again three or four times at
/// most, by scanners and by people; a poll comes back for as long as the plant runs.
pub const POLLS_MIN: usize = 6;
