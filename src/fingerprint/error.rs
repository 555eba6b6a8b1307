//! What can be wrong with a signature file, and where.

use std::fmt;

/// One thing that is wrong with a signature file. Prints as `file:line:column: problem`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureError {
    /// Name of the file.
    pub file: Box<str>,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

impl SignatureError {
    /// A problem at a byte offset of a file's text.
    pub(super) fn at(file: &str, text: &str, offset: usize, problem: Problem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.get(line_start..).unwrap_or("").chars().count().saturating_add(1);
        Self { file: file.into(), line, column, problem }
    }
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.problem)
    }
}

impl std::error::Error for SignatureError {}

/// What is wrong with a signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// The file is not TOML, or has a word that signatures do not know.
    Syntax(Box<str>),
    /// The signature has no source that a reviewer can open.
    NoSource,
    /// The signature has no condition: it would hold for everything.
    NoCondition,
    /// A condition says nothing about its value.
    EmptyCondition,
    /// The signature claims nothing.
    NoClaim,
    /// The signature has no example.
    NoExample,
    /// Another signature has the same id.
    DuplicateId(Box<str>),
    /// No such field can be claimed.
    UnknownField(Box<str>),
    /// No protocol says this key.
    UnknownKey(Box<str>),
    /// There is no such table.
    UnknownTable(Box<str>),
    /// The vendor is not spelled so in the vocabulary.
    UnknownVendor(Box<str>),
    /// The product is not in the vocabulary.
    UnknownProduct(Box<str>),
    /// The pattern does not parse, or is too large.
    BadPattern(Box<str>),
    /// The pattern may start anywhere in the text: begin it with `^` or `\b`, in every alternative.
    Unanchored(Box<str>),
    /// Two patterns of the signature name the same group.
    DuplicateGroup(Box<str>),
    /// No claim uses this group.
    UnusedGroup(Box<str>),
    /// The template is not well formed.
    BadTemplate(Box<str>),
    /// The template takes a name that is neither a group nor a key.
    UnknownName(Box<str>),
    /// The example gives other claims than it says: first what it says, then what it gives.
    ExampleFails(Box<str>, Box<str>),
    /// Two entries of the vocabulary have the same spelling.
    DuplicateSpelling(Box<str>),
    /// The role says not what it means.
    NoMeaning,
    /// The kind has a role that the vocabulary has not.
    UnknownRole(Box<str>),
    /// There is no such level of the Purdue model.
    NoLevel(u8),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => f.write_str(message),
            Self::NoSource => f.write_str("no source: name a document that a reviewer can open"),
            Self::NoCondition => {
                f.write_str("no condition: the signature would hold for everything")
            }
            Self::EmptyCondition => f.write_str("the condition tests nothing"),
            Self::NoClaim => f.write_str("the signature claims nothing"),
            Self::NoExample => f.write_str("no example: give one [[signature.example]] at least"),
            Self::DuplicateId(id) => write!(f, "another signature is called {id:?}"),
            Self::UnknownField(field) => write!(f, "no field is called {field:?}"),
            Self::UnknownKey(key) => write!(f, "no protocol says {key:?}"),
            Self::UnknownTable(table) => write!(f, "no table is called {table:?}"),
            Self::UnknownVendor(vendor) => write!(f, "the vocabulary has no vendor {vendor:?}"),
            Self::UnknownProduct(product) => write!(f, "the vocabulary has no product {product:?}"),
            Self::BadPattern(message) => write!(f, "bad pattern: {message}"),
            Self::Unanchored(pattern) => {
                write!(
                    f,
                    "pattern {pattern:?} may start anywhere: begin it with ^ or \\b, in every alternative"
                )
            }
            Self::DuplicateGroup(group) => write!(f, "two patterns name the group {group:?}"),
            Self::UnusedGroup(group) => write!(f, "no claim uses the group {group:?}"),
            Self::BadTemplate(template) => {
                write!(f, "bad template {template:?}: write {{name}} or {{name:03}}")
            }
            Self::UnknownName(name) => {
                write!(f, "{name:?} is neither a group of this signature nor a key")
            }
            Self::ExampleFails(says, gives) => {
                write!(f, "the example says {says}, the signature gives {gives}")
            }
            Self::NoMeaning => f.write_str("no meaning: say in a sentence what such a device does"),
            Self::UnknownRole(role) => write!(f, "the vocabulary has no role {role:?}"),
            Self::NoLevel(level) => write!(f, "the Purdue model has no level {level}: 0 to 5"),
            Self::DuplicateSpelling(name) => write!(f, "the vocabulary spells {name:?} twice"),
        }
    }
}
