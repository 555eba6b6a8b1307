//! Caps on what is fetched from publishers of advisories, on a connected machine.

/// Documents fetched in one run: what one bundle can hold.
pub const FETCH_DOCUMENTS_MAX: usize = super::BUNDLE_PARTS_MAX;

/// Bytes fetched in one run: what all parts of one bundle unpack to.
pub const FETCH_BYTES_TOTAL_MAX: u64 = super::BUNDLE_UNPACKED_BYTES_MAX;

/// Bytes of one list of documents, a feed or an index: 100,000 entries of a feed take some 80 MB.
pub const FETCH_LIST_BYTES_MAX: usize = 128 * 1_024 * 1_024;

/// Bytes of what names distributions: metadata of a provider, a list of providers, `security.txt`. Real ones have some thousands.
pub const FETCH_METADATA_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Providers of one aggregator: there are some hundreds in the world.
pub const FETCH_PROVIDERS_MAX: usize = 1_024;

/// Feeds, directories and keys that one provider names, each: real ones have one per TLP label.
pub const FETCH_DISTRIBUTIONS_MAX: usize = 256;

/// Redirects that one request follows: the specification would rather have none.
pub const FETCH_REDIRECTS_MAX: usize = 5;

/// Requests at once: two use a line well, and bother no server.
pub const FETCH_REQUESTS_AT_ONCE_MAX: usize = 2;

/// Seconds waited between two tries of a request, whatever the server asks for: a run must end.
pub const FETCH_WAIT_SECONDS_MAX: u64 = 60;

/// Requests in a row to one host that fail for good before no more are sent to it in this run: each may have cost minutes.
pub const FETCH_FAILURES_PER_HOST_MAX: usize = 5;

/// Files of which is remembered where they came from: all documents of some runs.
pub const FETCH_REMEMBERED_MAX: usize = 524_288;

/// Bytes of the notes in which that is remembered: some 500 for each file.
pub const FETCH_NOTES_BYTES_MAX: u64 = 512 * 1_024 * 1_024;

/// Parts of the path of a file below the directory: real ones have five.
pub const FETCH_PATH_PARTS_MAX: usize = 16;

/// Bytes of the name of one file or folder: file systems allow 255, and `.sha512.part` comes behind.
pub const FETCH_NAME_BYTES_MAX: usize = 200;

/// Documents named one by one in the report, of those that failed and of those that were refused, each; the rest is counted.
pub const FETCH_TOLD_MAX: usize = 1_000;

/// Bytes of a header that is kept to ask again with: an entity tag or a date.
pub const FETCH_HEADER_BYTES_MAX: usize = 1_024;
