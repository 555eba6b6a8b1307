//! Scores of the Exploit Prediction Scoring System, as FIRST publishes them once a day: `epss_scores-YYYY-MM-DD.csv`.
//!
//! ```text
//! #model_version:v2025.03.14,score_date:2025-08-12T12:55:00Z      (older files: dates with +0000; oldest: no such line)
//! cve,epss,percentile
//! CVE-1999-0001,0.01025,0.76382
//! ```
//!
//! A score is the probability that the vulnerability is exploited somewhere within the next 30 days. Only scores of
//! vulnerabilities that a loaded document has are kept.

use std::collections::BTreeMap;

/// A file of scores, as far as it is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Version of the model, as written.
    pub model: Option<Box<str>>,
    /// Date of the scores, as written.
    pub date: Option<Box<str>>,
    /// Probability of each vulnerability, from 0 to 1.
    pub of: BTreeMap<Box<str>, f64>,
    /// How many scores the file has.
    pub listed: usize,
    /// Lines that are no score.
    pub unread: usize,
}

/// True for a text that begins as a file of scores does.
pub fn is_scores(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Vec<u8> = start.iter().copied().take(HEAD_BYTES).collect();
    let head = String::from_utf8_lossy(&head).to_lowercase();
    head.starts_with("#model_version:") || head.starts_with("cve,epss")
}

/// Reads the scores of vulnerabilities that are wanted. A line that is no score costs only itself.
pub fn parse(bytes: &[u8], is_wanted: impl Fn(&str) -> bool) -> Scores {
    let text = String::from_utf8_lossy(bytes);
    let mut scores = Scores::default();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            for part in comment.split(',') {
                match part.trim().split_once(':') {
                    Some(("model_version", version)) => scores.model = short(version),
                    Some(("score_date", date)) => scores.date = short(date),
                    _ => {}
                }
            }
            continue;
        }
        if line.is_empty() || line.to_ascii_lowercase().starts_with("cve,") {
            continue;
        }
        let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
        let (cve, score) = (cells.next().unwrap_or_default(), cells.next().unwrap_or_default());
        let score = score.parse::<f64>().ok().filter(|score| (0.0..=1.0).contains(score));
        match score.filter(|_| cve.starts_with("CVE-")) {
            None => scores.unread = scores.unread.saturating_add(1),
            Some(score) => {
                scores.listed = scores.listed.saturating_add(1);
                if is_wanted(cve) {
                    scores.of.insert(cve.into(), score);
                }
            }
        }
    }
    scores
}

/// What is said in a few characters; `None` for nothing, and for more than a version or a date has.
fn short(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= WORD_BYTES_MAX).then(|| text.into())
}

/// Bytes that tell a file of scores.
const HEAD_BYTES: usize = 16;
/// Bytes of a version or a date.
const WORD_BYTES_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "#model_version:v2025.03.14,score_date:2025-08-12T12:55:00Z\ncve,epss,percentile\n\
        CVE-2020-1,0.94321,0.99\nCVE-2020-2,0.00043,0.1\nCVE-2020-3,1.5,0.1\nnonsense\n";

    #[test]
    fn keeps_the_scores_that_are_wanted_and_counts_all() {
        let scores = parse(FILE.as_bytes(), |cve| cve == "CVE-2020-1");
        assert_eq!(scores.of.iter().collect::<Vec<_>>(), [(&Box::from("CVE-2020-1"), &0.943_21)]);
        assert_eq!((scores.listed, scores.unread), (2, 2));
        assert_eq!(scores.model.as_deref(), Some("v2025.03.14"));
        assert_eq!(scores.date.as_deref(), Some("2025-08-12T12:55:00Z"));
    }

    #[test]
    fn a_file_of_scores_is_told_by_its_start() {
        assert!(is_scores(FILE.as_bytes()) && is_scores(b"cve,epss,percentile\n"));
        assert!(is_scores(b"\xef\xbb\xbf#model_version:v1"));
        assert!(!is_scores(b"{\"a\":1}") && !is_scores(b"") && !is_scores(b"cve,name\n"));
    }

    #[test]
    fn damage_costs_only_its_line() {
        for at in 0..FILE.len() {
            for byte in [0x00, b',', b'\n', 0xff] {
                let mut damaged = FILE.as_bytes().to_vec();
                damaged[at] = byte;
                assert!(parse(&damaged, |_| true).of.len() <= 3);
            }
        }
        assert_eq!(parse(b"CVE-1,NaN\nCVE-2,inf\nCVE-3,-0.1\n", |_| true).of.len(), 0);
    }
}
