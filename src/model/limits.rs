//! Every cap, with its unit in the name and its reason beside it. A cap that is hit is counted.

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

/// Headers peeled from one frame before decoding stops: tunnels in tunnels end here.
pub const FRAME_LAYERS_MAX: usize = 16;

/// Conversations followed at once; the least recently used is forgotten first.
pub const FLOWS_MAX: usize = 65_536;

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

/// Different values kept for one key of one subject; a name that flaps stays bounded.
pub const VALUES_PER_KEY_MAX: usize = 16;

/// Different claims kept for one field of one subject.
pub const CLAIMS_PER_FIELD_MAX: usize = 32;

/// Values that the memo remembers as already said; the oldest half is forgotten together.
pub const MEMO_ENTRIES_MAX: usize = 1_048_576;

/// Bytes of one advisory document read into memory.
pub const ADVISORY_BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Steps read from one version string; real ones have at most nine.
pub const VERSION_PARTS_MAX: usize = 24;

/// Branches inside branches of a product tree; real documents nest five deep.
pub const ADVISORY_BRANCH_DEPTH_MAX: usize = 32;

/// Products read from one advisory; the largest real tree holds under two thousand.
pub const ADVISORY_PRODUCTS_MAX: usize = 65_536;

/// Tokens read from one version range; the longest real ones are lists of about thirty versions.
pub const RANGE_TOKENS_MAX: usize = 256;
