//! Commands of FTP, as far as it matters which one was answered (RFC 959 section 4.1, RFC 2389, 2228, 3659 and 7151).

use crate::model::Act;

/// What a client asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Command {
    /// Gives the name of a user.
    User,
    /// Gives a password.
    Password,
    /// Goes on with a security mechanism.
    Authenticate(&'static str),
    /// Says what the client is.
    Client,
    /// Says which virtual host is meant.
    Host,
    /// Asks what the server is.
    System,
    /// Asks what extensions it has.
    Features,
    /// Asks which commands it has.
    Help,
    /// Asks how it is.
    Status,
    /// Fetches or lists files.
    Fetch,
    /// Brings a file.
    Store,
    /// Deletes one.
    Delete,
    /// Changes files otherwise.
    Change,
    /// Anything else.
    Other,
}

impl Command {
    /// The command that a line begins with; `None` for a word that is none.
    pub(super) fn of(word: &[u8], argument: &[u8]) -> Option<Self> {
        let is = |name: &&(&str, Self)| name.0.as_bytes().eq_ignore_ascii_case(word);
        let (_, command) = COMMANDS.iter().find(is)?;
        Some(match command {
            Self::Authenticate(_) => {
                let is = |name: &&&str| name.as_bytes().eq_ignore_ascii_case(argument);
                Self::Authenticate(MECHANISMS.iter().find(is).copied().unwrap_or("other"))
            }
            // Of a file it lists it, and says nothing about the server.
            Self::Status if !argument.is_empty() => Self::Fetch,
            other => *other,
        })
    }

    /// What the command is for.
    pub(super) fn act(self) -> Option<Act> {
        match self {
            Self::System | Self::Features | Self::Help | Self::Status => Some(Act::Identify),
            Self::Fetch => Some(Act::Read),
            Self::Store | Self::Delete | Self::Change => Some(Act::Write),
            _ => None,
        }
    }
}

/// Names that stand for nobody (RFC 1635), the second one by custom.
pub(super) fn is_anonymous(user: &[u8]) -> bool {
    [&b"anonymous"[..], b"ftp"].iter().any(|name| name.eq_ignore_ascii_case(user))
}

const COMMANDS: &[(&str, Command)] = &[
    ("ABOR", Command::Other),
    ("ACCT", Command::Other),
    ("ALLO", Command::Other),
    ("APPE", Command::Store),
    ("AUTH", Command::Authenticate("")),
    ("CCC", Command::Other),
    ("CDUP", Command::Other),
    ("CLNT", Command::Client),
    ("CWD", Command::Other),
    ("DELE", Command::Delete),
    ("EPRT", Command::Other),
    ("EPSV", Command::Other),
    ("FEAT", Command::Features),
    ("HELP", Command::Help),
    ("HOST", Command::Host),
    ("LANG", Command::Other),
    ("LIST", Command::Fetch),
    ("MDTM", Command::Other),
    ("MFMT", Command::Other),
    ("MKD", Command::Change),
    ("MLSD", Command::Fetch),
    ("MLST", Command::Fetch),
    ("MODE", Command::Other),
    ("NLST", Command::Fetch),
    ("NOOP", Command::Other),
    ("OPTS", Command::Other),
    ("PASS", Command::Password),
    ("PASV", Command::Other),
    ("PBSZ", Command::Other),
    ("PORT", Command::Other),
    ("PROT", Command::Other),
    ("PWD", Command::Other),
    ("QUIT", Command::Other),
    ("REIN", Command::Other),
    ("REST", Command::Other),
    ("RETR", Command::Fetch),
    ("RMD", Command::Change),
    ("RNFR", Command::Other),
    ("RNTO", Command::Change),
    ("SITE", Command::Other),
    ("SIZE", Command::Other),
    ("SMNT", Command::Other),
    ("STAT", Command::Status),
    ("STOR", Command::Store),
    ("STOU", Command::Store),
    ("STRU", Command::Other),
    ("SYST", Command::System),
    ("TYPE", Command::Other),
    ("USER", Command::User),
    ("XCWD", Command::Other),
    ("XMKD", Command::Change),
    ("XPWD", Command::Other),
    ("XRMD", Command::Change),
];

/// Names of the IANA registry of FTP security mechanisms, and those before it.
const MECHANISMS: &[&str] = &["TLS", "TLS-C", "TLS-P", "SSL", "GSSAPI", "KERBEROS_V4"];
