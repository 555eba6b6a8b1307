//! Caps of protocols that greet, announce and log in: FTP, SMTP, Telnet, VNC, SSDP, WS-Discovery, Kerberos.

/// Bytes of one line of FTP or SMTP that are read: RFC 5321 (4.5.3.1) allows 512 with its end, extensions and greetings of
/// devices some more; nothing that names a device stands behind them.
pub const REPLY_LINE_BYTES_MAX: usize = 1_024;

/// Lines of one reply of FTP or SMTP that are told: greetings have a few, lists of features some thirty.
pub const REPLY_LINES_MAX: usize = 64;

/// Bytes of a name that somebody logs in with, kept while the conversation lasts so that no line with it is told.
pub const LOG_IN_NAME_BYTES_MAX: usize = 64;

/// Bytes of one line of a Telnet server that are read: a screen is 80 or 132 wide.
pub const TELNET_LINE_BYTES_MAX: usize = 256;

/// Lines that a Telnet server may say before it asks who is there: legal notices fill a screen or two.
pub const TELNET_BANNER_LINES_MAX: usize = 48;

/// Lines told of what a Telnet server says once a password was given: a notice of the day has some ten.
pub const TELNET_WELCOME_LINES_MAX: usize = 24;

/// Bytes of one subnegotiation of Telnet that are waited for: environments are the longest.
pub const TELNET_OPTION_BYTES_MAX: usize = 1_024;

/// Bytes of a VNC desktop's name that are read: it stands in the title of a window.
pub const VNC_NAME_BYTES_MAX: usize = 256;

/// Fields of one SSDP message that are looked at; UPnP has some twelve.
pub const SSDP_FIELDS_MAX: usize = 48;

/// Elements of one WS-Discovery message that are looked at; a match of a camera has some thirty.
pub const WS_DISCOVERY_ELEMENTS_MAX: usize = 1_024;

/// How deep elements of WS-Discovery may lie in each other; an address lies six deep.
pub const WS_DISCOVERY_DEPTH_MAX: usize = 24;

/// Words of one list of WS-Discovery that are told: cameras have some ten scopes.
pub const WS_DISCOVERY_WORDS_MAX: usize = 48;

/// Bytes of one Kerberos message that are waited for: tickets with the groups of a Windows account are some ten thousand.
pub const KERBEROS_MESSAGE_BYTES_MAX: usize = 64 * 1_024;

/// Encryption types or addresses of one Kerberos request that are read; clients have some ten.
pub const KERBEROS_LIST_MAX: usize = 32;
