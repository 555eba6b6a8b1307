//! Every key of the configuration: what it takes, what holds without it, what it means. The file, the environment, `config show`, the default file
//! and the schema are all made from this one list.

/// A section of the file.
#[derive(Debug)]
pub(super) struct Section {
    /// Its name, as in `[store]`.
    pub(super) name: &'static str,
    /// What it is about.
    pub(super) about: &'static str,
    /// What stands in it.
    pub(super) keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in its section.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) kind: Kind,
    /// What holds when nobody says otherwise, as it is written in the environment; `None` when nothing does.
    pub(super) default: Option<&'static str>,
    /// What the default file shows where nothing holds by itself.
    pub(super) example: &'static str,
    /// What it means, for the default file and the schema.
    pub(super) about: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A file or directory, from `/`.
    Path,
    /// Bytes with a unit, within these.
    Size(u64, u64),
    /// A length of time, at least that many seconds.
    Duration(i64),
    /// A whole number within these.
    Number(u64, u64),
    /// True or false.
    Switch,
    /// A list of names.
    Names,
    /// An IP address and a port.
    Listen,
}

/// The sections, in the order of the file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "site",
        about: "The plant.",
        keys: &[Key {
            name: "name",
            kind: Kind::Text,
            default: None,
            example: "Plant A",
            about: "What the site is called. The same address in two sites is two devices.",
        }],
    },
    Section {
        name: "capture",
        about: "What the sensor listens on. Nothing is ever sent there.",
        keys: CAPTURE,
    },
    Section {
        name: "evidence",
        about: "What is kept of the packets behind facts.",
        keys: &[Key {
            name: "keep",
            kind: Kind::Word(&["frames", "headers", "none"]),
            default: Some("frames"),
            example: "",
            about: "frames: whole; headers: as far as the fact reaches; none: only the first bytes of each value, which every fact has.",
        }],
    },
    Section { name: "store", about: "Where everything is kept, and for how long.", keys: STORE },
    Section {
        name: "web",
        about: "Pages and interface for programs, in a process of their own: nameplate serve.",
        keys: &[Key {
            name: "listen",
            kind: Kind::Listen,
            default: Some("127.0.0.1:8443"),
            example: "",
            about: "Address and port. 127.0.0.1 is reached from this machine only.",
        }],
    },
    Section { name: "db", about: "Advisories.", keys: DB },
    Section {
        name: "signatures",
        about: "Rules that recognise products.",
        keys: &[Key {
            name: "path",
            kind: Kind::Path,
            default: None,
            example: "/etc/nameplate/signatures",
            about: "Directory of signature files of your own; a file named like one of the program's replaces it.",
        }],
    },
    Section {
        name: "log",
        about: "What the program says of its own work.",
        keys: &[
            Key {
                name: "format",
                kind: Kind::Word(&["text", "json", "journal"]),
                default: Some("text"),
                example: "",
                about: "text for people, json for collectors, journal for systemd: text with a severity that journald reads.",
            },
            Key {
                name: "level",
                kind: Kind::Word(&["error", "warn", "info", "debug", "trace"]),
                default: Some("info"),
                example: "",
                about: "How much. Contents of packets are never logged.",
            },
        ],
    },
];

const CAPTURE: &[Key] = &[
    Key {
        name: "interfaces",
        kind: Kind::Names,
        default: Some(""),
        example: "",
        about: "Network interfaces at the mirror port, for example [\"enp3s0\"]; nameplate interfaces lists those of this machine. The sensor does not start without one.",
    },
    Key {
        name: "filter",
        kind: Kind::Text,
        default: Some(""),
        example: "",
        about: "Look only at packets that this filter accepts, in the syntax of pcap-filter(7). What it refuses is not seen.",
    },
    Key {
        name: "ring",
        kind: Kind::Size(MIB, 2_047 * MIB),
        default: Some("64MiB"),
        example: "",
        about: "Ring of the kernel for each interface: what waits there while the program is busy.",
    },
    Key {
        name: "snap",
        kind: Kind::Number(256, 262_144),
        default: Some("65535"),
        example: "",
        about: "Bytes of a packet that are read. Less loses what stands behind.",
    },
    Key {
        name: "promiscuous",
        kind: Kind::Switch,
        default: Some("true"),
        example: "",
        about: "Take packets for other machines too, which is what a mirror port delivers.",
    },
    Key {
        name: "memory",
        kind: Kind::Size(256 * MIB, 1_024 * GIB),
        default: Some("2GiB"),
        example: "",
        about: "Ceiling for what is remembered of the network, beside the rings. What does not fit is shed and counted.",
    },
];

const STORE: &[Key] = &[
    Key {
        name: "path",
        kind: Kind::Path,
        default: Some("/var/lib/nameplate"),
        example: "",
        about: "Directory of the store. The only place that the sensor writes to.",
    },
    Key {
        name: "max",
        kind: Kind::Size(64 * MIB, 1_024 * 1_024 * GIB),
        default: Some("20GiB"),
        example: "",
        about: "Most that the store may take. Evidence goes first, the inventory stays.",
    },
    Key {
        name: "keep",
        kind: Kind::Duration(86_400),
        default: Some("365d"),
        example: "",
        about: "How long evidence and history are kept.",
    },
    Key {
        name: "backup",
        kind: Kind::Path,
        default: None,
        example: "/var/lib/nameplate/backups",
        about: "Directory that the sensor copies the store into by itself. From backups below the store it fills the gaps when the store is ever damaged.",
    },
    Key {
        name: "backup_every",
        kind: Kind::Duration(60),
        default: Some("1d"),
        example: "",
        about: "How often it does.",
    },
    Key {
        name: "backup_keep",
        kind: Kind::Number(1, 10_000),
        default: Some("7"),
        example: "",
        about: "How many of these copies stay; the oldest goes when there is a new one.",
    },
];

const DB: &[Key] = &[
    Key {
        name: "path",
        kind: Kind::Path,
        default: None,
        example: "/srv/nameplate/advisories.bundle",
        about: "A bundle or a directory of CSAF documents, instead of those of the store and those built in.",
    },
    Key {
        name: "warn_after",
        kind: Kind::Duration(0),
        default: Some("30d"),
        example: "",
        about: "Say so when the newest advisory is older than this.",
    },
];

/// Keys of each `[[output]]`.
pub(super) const OUTPUT: &[Key] = &[
    output("kind", Kind::Word(&["syslog", "webhook", "file"]), "syslog", "What sort of receiver."),
    output("name", Kind::Text, "siem", "What it is called on the health page and in logs."),
    output(
        "to",
        Kind::Text,
        "tcp+tls://siem.example:6514",
        "Where to: udp://, tcp:// or tcp+tls:// for syslog, https:// for a webhook, a path for a file.",
    ),
    output(
        "format",
        Kind::Word(&["rfc5424", "cef", "ndjson", "json"]),
        "rfc5424",
        "How notices are written.",
    ),
    output("what", Kind::Names, "finding,change,sensor", "What is told: finding, change, sensor."),
    output(
        "kinds",
        Kind::Names,
        "asset_new,program_download",
        "Which kinds of notices; all of what is told when left out.",
    ),
    output(
        "min_severity",
        Kind::Word(&["critical", "error", "warning", "notice", "informational"]),
        "notice",
        "Notices that matter less are not told here.",
    ),
    output("facility", Kind::Text, "local0", "Facility of syslog, RFC 5424 section 6.2.1."),
    output(
        "enterprise",
        Kind::Number(1, 4_294_967_295),
        "32473",
        "Private enterprise number behind the names of structured data.",
    ),
    output("hostname", Kind::Text, "sensor-1", "What this machine calls itself in syslog."),
    output(
        "header",
        Kind::Word(&["rfc3164", "rfc5424", "none"]),
        "rfc3164",
        "What stands before CEF.",
    ),
    output(
        "framing",
        Kind::Word(&["octets", "lf"]),
        "octets",
        "How messages are told apart over TCP, RFC 6587: by their length before, or a line feed behind.",
    ),
    output(
        "max_bytes",
        Kind::Number(480, 1_048_576),
        "8192",
        "Bytes that a message of syslog may have.",
    ),
    output(
        "ca_file",
        Kind::Path,
        "/etc/nameplate/siem-ca.pem",
        "Certificates that the other side's is checked against; those of the system when left out.",
    ),
    output(
        "cert_file",
        Kind::Path,
        "/etc/nameplate/secrets/sensor.pem",
        "Certificate to show to the other side.",
    ),
    output("key_file", Kind::Path, "/etc/nameplate/secrets/sensor.key", "Key of that certificate."),
    output(
        "server_name",
        Kind::Text,
        "siem.example",
        "Name that the other side's certificate must have; the host of to when left out.",
    ),
    output(
        "token_file",
        Kind::Path,
        "/etc/nameplate/secrets/webhook.token",
        "File with the token that a webhook is shown.",
    ),
    output("token_scheme", Kind::Text, "Bearer", "The word before that token."),
    output(
        "secret_file",
        Kind::Path,
        "/etc/nameplate/secrets/webhook.secret",
        "File with the secret that a webhook's messages are signed with.",
    ),
    output("batch", Kind::Number(1, 10_000), "100", "Notices in one message to a webhook."),
    output("rotate", Kind::Size(4_096, 1_024 * GIB), "64MiB", "Size at which a new file is begun."),
    output("keep", Kind::Number(0, 10_000), "5", "How many older files are kept."),
    output(
        "spool",
        Kind::Number(1, 100_000_000),
        "100000",
        "Notices that may wait while the other side is away; what finds no room is dropped and counted.",
    ),
    output("spool_age", Kind::Duration(1), "7d", "How long one may wait."),
    output(
        "begin",
        Kind::Word(&["oldest", "now"]),
        "oldest",
        "Where an output begins that was never used: with all that is kept, or with what comes next.",
    ),
    output("timeout", Kind::Duration(0), "10s", "How long to wait for the other side."),
];

const fn output(name: &'static str, kind: Kind, example: &'static str, about: &'static str) -> Key {
    Key { name, kind, default: None, example, about }
}

/// Words that stand for a secret, and what stands in their place.
pub(super) const SECRETS: &[(&str, &str)] = &[
    ("token", "token_file"),
    ("bearer", "token_file"),
    ("secret", "secret_file"),
    ("password", "secret_file"),
    ("key", "key_file"),
];

const MIB: u64 = 1_024 * 1_024;
const GIB: u64 = 1_024 * MIB;
