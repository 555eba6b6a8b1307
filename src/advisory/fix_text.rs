//! Versions that carry a fix, read from the texts of vendor fixes and mitigations.
//!
//! Two kinds of sentence name one: a verb before the version ("Update to V4.5 or later", "fixed in 2.0"), or a version that
//! stands alone behind the products it is for ("1756-EN4: v6.001 and later"). Everything else that looks like a version
//! (affected ones, manuals, protocols, other software) must not become a fix: a wrong one would clear a device. What
//! stands between verb and version, and before both, is handed on, so that the judge can see whom the sentence is for.

use crate::advisory::fix_text_words::{
    AND_LATER, AVAILABLE, BOUND_AFTER, BOUND_AHEAD, CARRIES_FIX, CONDITIONS, FEATURES, FOR_TRAIN,
    LATER, LOGIN, NEVER, NEXT_VERSION, OTHERS_LATER, PATCH_FOR, SCOPE_AFTER, SENTENCE_END,
    UNSTUDIED_TAIL, VERB, VERSION,
};
use crate::model::version::{Scheme, Version};

/// A version that a text names as fixed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fix {
    /// The version, as written.
    pub version: String,
    /// What stands before it in its own sentence, and "for …" behind it: whom it is for.
    pub sentence: String,
    /// What stands in the sentences before.
    pub earlier: String,
    /// Words between the verb and the version: the thing to update, when it is named.
    pub component: String,
    /// Whether the version alone is not enough: "and Function State (FS) >= 11".
    pub conditional: bool,
    /// Whether the text has nothing but this version and whom it is for.
    pub alone: bool,
    /// Whether "and later" stands behind it. Behind a list that is said of the last one.
    pub later: bool,
    /// The release train that it is for, where the text says so and the version is of it: "33" of "33.015 and later for versions 33".
    pub train: Option<String>,
}

/// The fixed versions that a text names, in order.
pub fn read(details: &str) -> Vec<Fix> {
    let mut fixes = Vec::new();
    let mut scope_start = 0_usize;
    for (start, line) in lines(details) {
        if start != 0 && line.trim_start().starts_with(['-', '*', '\u{2022}']) {
            scope_start = start;
        }
        for (at, sentence) in sentences(line, start) {
            let before = details.get(scope_start..at).unwrap_or_default();
            read_sentence(sentence, before, &mut fixes);
        }
    }
    fixes
}

/// Lines with their places.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0_usize;
    text.split('\n').map(move |line| {
        let start = at;
        at = at.saturating_add(line.len()).saturating_add(1);
        (start, line)
    })
}

/// Sentences with their places. A dot ends one only before a space and a capital.
fn sentences(line: &str, start: usize) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut from = 0_usize;
    for found in SENTENCE_END.iter().flat_map(|regex| regex.find_iter(line)) {
        let end = found.start().saturating_add(1);
        out.extend(line.get(from..end).map(|text| (start.saturating_add(from), text)));
        from = end;
    }
    out.extend(line.get(from..).map(|text| (start.saturating_add(from), text)));
    out
}

/// A sentence being read.
struct Sentence<'a> {
    text: &'a str,
    before: &'a str,
    conditional: bool,
    /// Where what has been used for the versions so far ends.
    used: usize,
    /// Where the first version stands: what is before it is for all.
    head: Option<usize>,
    /// Whether a version so far said behind it whom it is for.
    scoped: bool,
}

/// A number in a sentence that may be a version.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    start: usize,
    end: usize,
    number: &'a str,
    number_start: usize,
}

fn read_sentence(text: &str, before: &str, out: &mut Vec<Fix>) {
    let lower = text.to_lowercase();
    if NEVER.iter().any(|words| lower.contains(words)) {
        return;
    }
    let conditional = CONDITIONS.iter().any(|words| lower.contains(words));
    let mut sentence = Sentence { text, before, conditional, used: 0, head: None, scoped: false };
    let found: Vec<_> = VERSION.iter().flat_map(|regex| regex.captures_iter(text)).collect();
    let dotted = found.iter().filter(|found| found.name("whole").is_none()).count();
    let rises = ["later", "higher", "newer", "above"].iter().any(|word| lower.contains(word));
    let verb = VERB.iter().flat_map(|regex| regex.find_iter(text)).next();
    // The last verb that a version follows; "users of 2.0 should update to 2.1" has its fix behind the verb.
    sentence.used = verb.map_or(0, |verb| verb.end());
    let mut listed: Vec<Candidate<'_>> = Vec::new();
    for found in found {
        let (Some(all), Some(number)) = (found.get(0), found.name("number")) else { continue };
        let candidate = Candidate {
            start: all.start(),
            end: all.end(),
            number: number.as_str(),
            number_start: number.start(),
        };
        if !sentence.is_version(candidate, found.name("whole").is_some()) {
            continue;
        }
        match verb {
            Some(verb) if all.start() >= verb.end() => sentence.behind_verb(candidate, out),
            _ if sentence.carries_fix(candidate) || sentence.is_offered(candidate) => {
                sentence.push(candidate, "", false, out);
            }
            None if dotted <= 1 || rises => {
                if listed.last().is_some_and(|earlier| !sentence.is_list(*earlier, candidate)) {
                    listed.clear();
                }
                listed.push(candidate);
                if sentence.stands_alone(listed.first().copied().unwrap_or(candidate), candidate) {
                    listed.drain(..).for_each(|one| sentence.push(one, "", true, out));
                }
            }
            _ => {}
        }
    }
}

impl Sentence<'_> {
    fn ahead(&self, candidate: Candidate<'_>) -> &str {
        self.text.get(..candidate.number_start).unwrap_or_default()
    }

    fn after(&self, candidate: Candidate<'_>) -> &str {
        self.text.get(candidate.end..).unwrap_or_default()
    }

    /// Whether a number is a version that could be installed, by what stands around it.
    fn is_version(&self, candidate: Candidate<'_>, whole: bool) -> bool {
        let (ahead, after) = (self.ahead(candidate), self.after(candidate));
        // Inside a longer word it is a part of something else; "revision 670 2.2.0.13" is one version behind a name.
        let mut rest = after.chars();
        let cut = matches!(rest.next(), Some('-' | '.' | '_' | '(' | '?'))
            && rest.next().is_some_and(|c| c.is_alphanumeric() || c == '.');
        let year_before = candidate.number.starts_with('R')
            && ahead.trim_end().ends_with(|c: char| c.is_ascii_digit());
        let inside = ahead.ends_with(['.', '-', '_']) || cut || year_before;
        let names_next = whole && NEXT_VERSION.as_ref().is_some_and(|regex| regex.is_match(after));
        let part_of_more = inside || names_next || is_bound(ahead, after);
        !part_of_more && (!whole || ends_in_noun(ahead)) && !counts_something_else(candidate.number)
    }

    fn behind_verb(&mut self, candidate: Candidate<'_>, out: &mut Vec<Fix>) {
        let component = self.text.get(self.used..candidate.start).unwrap_or_default().to_owned();
        if starts_version_of_scope(self.text, candidate.start, candidate.end) {
            return;
        }
        let from_verb = self.text.get(..candidate.start).unwrap_or_default();
        // "update from the 3.40 firmware to …".
        let announced = self.text.get(self.used..candidate.number_start).unwrap_or_default();
        let lower = announced.trim_start().to_lowercase();
        if lower.starts_with("from ") && !lower.contains(" to ") {
            return;
        }
        if matches!(lower.trim(), "(" | "(build" | "(build nr." | "(version" | "(v")
            && let Some(last) = out.last_mut()
        {
            return counted_again(last, candidate.number);
        }
        // "use encrypted channels (activate the feature in 7.3 or newer)".
        let so_far = self.text.get(..candidate.start).unwrap_or_default().to_lowercase();
        if ["feature", "activate the"].iter().any(|words| so_far.contains(words)) {
            return;
        }
        // "a patch for 8.2 and 8.3 is available": these are what is mended, not what mends.
        if PATCH_FOR.as_ref().is_some_and(|regex| regex.is_match(from_verb)) {
            return;
        }
        self.push(candidate, &component, false, out);
    }

    /// "Version 2.3 of the firmware includes a fix".
    fn carries_fix(&self, candidate: Candidate<'_>) -> bool {
        let after = self.after(candidate);
        let said = CARRIES_FIX.as_ref().and_then(|regex| regex.find(after));
        let lower = after.to_lowercase();
        let less = ["partial", "one of", "some of", "critical fix"];
        said.is_some_and(|said| !said.as_str().to_lowercase().contains("will "))
            && !less.iter().any(|words| lower.contains(words))
    }

    /// "firmware Version 2.80 is available for download".
    fn is_offered(&self, candidate: Candidate<'_>) -> bool {
        let ahead = self.text.get(..candidate.number_start).unwrap_or_default().to_lowercase();
        let is_program = ["firmware", "software"].iter().any(|noun| ahead.contains(noun));
        is_program
            && !FEATURES.iter().any(|words| ahead.contains(words))
            && AVAILABLE.as_ref().is_some_and(|regex| regex.is_match(self.after(candidate)))
    }

    /// Whether nothing but commas and small words stand between two versions.
    fn is_list(&self, one: Candidate<'_>, next: Candidate<'_>) -> bool {
        let between = self.text.get(one.end..next.start).unwrap_or("?").to_lowercase();
        between
            .split(|c: char| c.is_whitespace() || matches!(c, ',' | '/' | '&'))
            .all(|word| matches!(word, "" | "and" | "or"))
    }

    /// Behind whom it is for, and with nothing after it but "or later".
    fn stands_alone(&self, first: Candidate<'_>, last: Candidate<'_>) -> bool {
        let after = self.after(last).to_lowercase();
        let rest = LOGIN
            .as_ref()
            .map_or_else(|| after.clone(), |regex| regex.replace_all(&after, " ").into_owned());
        let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
        let rest: String = rest.replace(['(', ')', ','], "");
        let later = rest.is_empty() || LATER.as_ref().is_some_and(|regex| regex.is_match(&rest));
        let announced = self.ahead(first).trim_end().to_lowercase();
        let feature = FEATURES.iter().any(|words| announced.contains(words));
        if !later || feature || OTHERS_LATER.iter().any(|words| announced.contains(words)) {
            return false;
        }
        // "… Version 2.64", ": v6.001", or nothing at all before it.
        let ahead = self.text.get(..first.start).unwrap_or_default().trim_end().to_lowercase();
        let word = |text: &str| -> String {
            text.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned()
        };
        const NOUNS: [&str; 9] = [
            "version", "versions", "firmware", "ver", "v", "release", "revision", "software", "rev",
        ];
        const SCOPE_WORDS_MAX: usize = 8;
        let noun_ahead =
            NOUNS.contains(&word(announced.trim_end_matches([':', '.', ' '])).as_str());
        let short = announced.split_whitespace().count() <= SCOPE_WORDS_MAX;
        ahead.is_empty()
            || ahead.ends_with([':', ','])
            || NOUNS.contains(&word(&ahead).as_str())
            || (noun_ahead && short)
            || !rest.is_empty()
    }

    fn push(&mut self, candidate: Candidate<'_>, component: &str, alone: bool, out: &mut Vec<Fix>) {
        let after = self.after(candidate).to_owned();
        let scope = SCOPE_AFTER.as_ref().and_then(|regex| regex.captures(&after));
        let whom = scope.as_ref().and_then(|found| found.get(1)).map_or("", |whom| whom.as_str());
        let head = *self.head.get_or_insert(candidate.number_start);
        let announced = if self.scoped {
            // What the versions before were for is not what this one is for.
            let own = self.text.get(self.used..candidate.number_start).unwrap_or_default();
            format!("{}{own}", self.text.get(..head).unwrap_or_default())
        } else {
            self.ahead(candidate).to_owned()
        };
        let sentence =
            if whom.is_empty() { announced } else { format!("{} {whom}", announced.trim_end()) };
        let later = AND_LATER.as_ref().is_some_and(|regex| regex.is_match(&after));
        let train = FOR_TRAIN.as_ref().and_then(|regex| regex.captures(&after));
        let train = train.and_then(|found| Some(found.get(1)?.as_str().to_owned()));
        let unstudied = UNSTUDIED_TAIL.as_ref().is_some_and(|regex| regex.is_match(&after));
        out.push(Fix {
            version: candidate.number.trim().to_owned(),
            sentence,
            earlier: self.before.to_owned(),
            component: clean(component),
            conditional: self.conditional || unstudied,
            alone,
            later,
            train: train.filter(|train| is_of_train(candidate.number, train)),
        });
        let scope_end = scope.and_then(|found| found.get(0)).map_or(0, |all| all.end());
        self.scoped |= scope_end > 0;
        self.used = candidate.end.saturating_add(scope_end);
    }
}

/// Whether a version is of a train: "2.0 for versions 1.9" is not.
fn is_of_train(version: &str, train: &str) -> bool {
    let numbers = |text: &str| Version::new(text, Scheme::Dotted).numbers();
    let (version, train) = (numbers(version), numbers(train));
    !train.is_empty() && train.len() < version.len() && version.starts_with(&train)
}

/// "6.0 (6.0.0.26)" is one version, counted in two ways; the longer says which of all the 6.0 it is. Where the two do not
/// begin alike and the first is a bare one, nothing tells it from the one that is mended.
fn counted_again(fix: &mut Fix, again: &str) {
    let version = |text: &str| Version::new(text, Scheme::Dotted);
    let (first, second) = (version(&fix.version), version(again));
    if first.begins(&second) {
        fix.version = again.trim().to_owned();
    } else if first.is_bare() && first.numbers().len() < second.numbers().len() {
        fix.conditional = true;
    }
}

/// Days, telephone numbers and addresses have dots too.
fn counts_something_else(number: &str) -> bool {
    let parts: Vec<&str> = number.split('.').collect();
    let digits: Option<Vec<u64>> = parts.iter().map(|part| part.parse().ok()).collect();
    let Some(digits) = digits else { return false };
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let year = |number: u64| (1990..2100).contains(&number);
    match (digits.as_slice(), lengths.as_slice()) {
        ([_, _, _], [3, 3, 4]) | ([_, _, _, _], [1, 3, 3, 4]) => true,
        ([day, month, end], [_, _, 4]) => {
            (1..=31).contains(day) && (1..=12).contains(month) && year(*end)
        }
        ([10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..], [_, _, _, _]) => {
            digits.iter().all(|part| *part <= 255) && lengths.iter().all(|length| *length <= 3)
        }
        _ => false,
    }
}

/// Whether the words around a version make it the end of what is affected.
fn is_bound(ahead: &str, after: &str) -> bool {
    let (ahead, after) = (ahead.to_lowercase(), after.to_lowercase());
    let after =
        after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ')' | '('));
    let ahead = ahead.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '<');
    let ahead = ["versions", "version", "firmware"]
        .into_iter()
        .find_map(|noun| ahead.strip_suffix(noun))
        .map_or(ahead, |rest| rest.trim_end());
    // "a new version of firmware (V3.03)".
    if ["version of", "release of", "revision of"].iter().any(|words| ahead.ends_with(words)) {
        return BOUND_AFTER.iter().any(|words| after.starts_with(words));
    }
    BOUND_AFTER.iter().any(|words| after.starts_with(words))
        || BOUND_AHEAD.iter().any(|words| {
            ahead
                .strip_suffix(words)
                .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
        })
}

/// A whole number is a version only when a word for "version" stands right before it.
fn ends_in_noun(ahead: &str) -> bool {
    let lower = ahead.trim_end().to_lowercase();
    let word = lower.rsplit(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    matches!(
        word,
        Some("version" | "versions" | "ver" | "firmware" | "release" | "revision" | "rev" | "fw")
    )
}

/// "RTU500 firmware 13.2.1 - 13.2.5: update to …" is caught by the verb; a version before a colon with a verb behind is scope.
fn starts_version_of_scope(sentence: &str, start: usize, end: usize) -> bool {
    let after = sentence.get(end..).unwrap_or_default();
    let colon_then_verb = after
        .split_once(':')
        .is_some_and(|(gap, rest)| gap.len() < 24 && VERB.iter().any(|regex| regex.is_match(rest)));
    // In a word with letters or slashes around it (a file name, an address) it is no version to install.
    let glued = |c: Option<char>| c.is_some_and(|c| matches!(c, '/' | '@' | '\\' | '%' | '='));
    let before = sentence.get(..start).and_then(|text| text.chars().last());
    colon_then_verb || glued(before) || glued(after.chars().next())
}

/// Words only.
fn clean(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')' | '"' | '*'))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
