//! What is wrong with an expression, and where.

use std::fmt;

/// Why an expression cannot be asked. Prints as one line that says what is wrong, and below it the expression with a caret
/// under the place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QueryError {
    expression: Box<str>,
    /// Place in bytes: `start <= end <= expression.len()`.
    start: usize,
    end: usize,
    what: Box<str>,
}

impl QueryError {
    pub(super) fn new(expression: &str, (start, end): (usize, usize), what: &str) -> Self {
        let end = end.min(expression.len());
        let (start, what) = (start.min(end), what.into());
        Self { expression: expression.into(), start, end, what }
    }

    /// What is wrong, in one line.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Where: bytes from the start of the expression.
    pub fn place(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chars = |from: usize, to: usize| {
            let text = self.expression.get(from..to).unwrap_or_default();
            // Each takes one column, so that the caret stays below its place.
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<Vec<char>>()
        };
        let before = chars(0, self.start);
        let within = chars(self.start, self.end);
        let behind = chars(self.end, self.expression.len());
        let cut = before.len().saturating_sub(CONTEXT_CHARS);
        let mut shown: String = if cut > 0 { "…".to_owned() } else { String::new() };
        shown.extend(before.iter().skip(cut));
        let indent = shown.chars().count();
        shown.extend(within.iter().take(CONTEXT_CHARS));
        let whole = within.len() <= CONTEXT_CHARS && behind.len() <= CONTEXT_CHARS;
        if within.len() <= CONTEXT_CHARS {
            shown.extend(behind.iter().take(CONTEXT_CHARS));
        }
        if !whole {
            shown.push('…');
        }
        let carets = "^".repeat(within.len().clamp(1, CONTEXT_CHARS));
        write!(f, "{}\n  {}\n  {:indent$}{carets}", self.what, shown.trim_end(), "")
    }
}

impl std::error::Error for QueryError {}

/// Characters shown on each side of the place, so that the line fits a terminal.
const CONTEXT_CHARS: usize = 32;
