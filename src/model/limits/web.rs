//! Caps of the process that serves pages and programs: what anybody who can reach it may cost.

/// Connections at once. A browser opens six, a scraper one; a proxy with a hundred people behind it fits.
pub const WEB_CONNECTIONS_MAX: usize = 256;

/// Connections beyond that which are told so before they are closed; what comes on top is closed at once.
pub const WEB_TURNED_AWAY_MAX: usize = 256;

/// Bytes of the head of a request: the longest is a query with a cookie.
pub const WEB_HEAD_BYTES_MAX: usize = 16 * 1_024;

/// Header lines of a request: browsers send twenty.
pub const WEB_HEADERS_MAX: usize = 64;

/// Seconds in which the head of a request must have come, and in which the next one must have begun.
pub const WEB_HEAD_SECONDS_MAX: u64 = 10;

/// Seconds in which a reader must have taken something of its answer.
pub const WEB_STALL_SECONDS_MAX: u64 = 20;

/// Seconds that one connection lasts: then it is closed after the answer that it waits for.
pub const WEB_CONNECTION_SECONDS_MAX: u64 = 300;

/// Seconds that the end of a process waits for answers under way.
pub const WEB_STOP_SECONDS_MAX: u64 = 5;

/// Questions about the plant that are answered at once: each takes a core.
pub const WEB_ANSWERS_AT_ONCE_MAX: usize = 2;

/// Seconds that a question waits for its turn.
pub const WEB_TURN_SECONDS_MAX: u64 = 10;

/// KiB of answers on their way to readers, small ones not counted: a slow reader holds its answer until it took it.
pub const WEB_UNDER_WAY_KIB_MAX: usize = 128 * 1_024;

/// Bytes of an answer that is small: it needs no room of that.
pub const WEB_SMALL_ANSWER_BYTES_MAX: usize = 32 * 1_024;

/// Bytes of one answer: rows beyond it come on the next page. One device with ten thousand claims is larger, and is told
/// whole.
pub const WEB_ANSWER_BYTES_MAX: usize = 8 * 1_024 * 1_024;

/// Rows of a page when nobody asks for another number.
pub const WEB_ROWS_DEFAULT: usize = 100;

/// Rows of a page.
pub const WEB_ROWS_MAX: usize = 1_000;

/// Bytes of the health that a sensor writes: some hundred counters are 10 KiB.
pub const HEALTH_BYTES_MAX: u64 = 1_024 * 1_024;

/// Seconds after which the health that a sensor wrote says nothing any more: it is written every few seconds.
pub const HEALTH_SECONDS_MAX: u64 = 30;

/// Counters of a sensor, interfaces and bounded stores that are told as metrics: there are some hundred. The number of those left
/// out is told.
pub const METRIC_LABELS_MAX: usize = 1_000;

/// Bytes of the file that holds a token.
pub const TOKEN_FILE_BYTES_MAX: u64 = 4_096;

/// Characters of a token: 20 of 64 kinds cannot be guessed.
pub const TOKEN_CHARS_MIN: usize = 20;

/// Names under which a server may be asked for.
pub const WEB_HOSTS_MAX: usize = 64;

/// Lines of one kind in a log within a minute: what comes more often is summed up in one line.
pub const LOG_LINES_PER_MINUTE_MAX: u32 = 100;

/// Bytes of one text in a line of a log.
pub const LOG_TEXT_BYTES_MAX: usize = 8 * 1_024;
