//! Words of fix texts: what announces a fix, what a version looks like, and what makes a number something else.

use std::sync::LazyLock;

use regex::Regex;

/// Sentences that are about something else than the version to install.
pub(super) const NEVER: &[&str] = &[
    "serial n",
    "production date",
    "cvss",
    "not available",
    "no fix",
    "will be available",
    "planned",
    "is being developed",
    "will not be",
    "no longer",
    "end of life",
    "end-of-life",
    "unsupported",
    "does not affect",
    "not affected",
    "cannot be updated",
    "could be impacted",
    "are impacted",
    "is impacted",
    "not updatable",
];

/// Words that make the version one of two things to have.
pub(super) const CONDITIONS: &[&str] = &[
    "function state",
    "boot loader",
    "bootloader",
    "hardware version",
    "hardware revision",
    "in combination with",
    "and activate",
    "and enable",
    "and migrate",
    "and apply",
    "and install",
    "and follow",
    "and configure",
    "and disable",
    "and set",
    "scheduled",
    "to be released",
    "will be released",
    "when released",
    "when available",
    "once available",
    "upcoming",
    "expected to",
    "used with",
    "partially",
];

/// Words that make a version the one from which something can be set, and nothing that mends.
pub(super) const FEATURES: &[&str] = &[
    "supported in",
    "supported by",
    "supported from",
    "used with",
    "activate",
    "enable",
    "disable",
    "implement",
    "function in",
    "feature",
    "by default",
    "encrypted",
    "password",
    "support for",
    "e.g.",
    "for example",
    "such as",
    "note:",
    "affected",
    "running",
    "installed",
];

/// A list of versions that are each the first of something for another product.
pub(super) const OTHERS_LATER: &[&str] =
    &["or later,", "or higher,", "or newer,", "and later,", "or above,"];

/// What may stand behind a version that stands alone.
pub(super) static LATER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^(?:(?:or|and)\s+(?:any\s+|a\s+|all\s+)?(?:later|higher|newer|above|greater|onwards?|up)|onwards?|version or later)(?:\s+(?:firmware\s+|software\s+)?(?:versions?|releases?|revisions?|firmware|software|builds?))?(?:\s+for\s+(?:the\s+)?versions?\s+[\d.x]+)?$",
    )
    .ok()
});

/// Remarks in brackets about where it is had.
pub(super) static LOGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\((?:login|log-in|released|released:|requires|registration|download|available|link|recommended)[^)]*\)").ok()
});

/// "includes a fix", "resolves", behind a version and what it is a version of.
pub(super) static CARRIES_FIX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^[^.;:]{0,80}?
        (?:\b(?:includes?|contains?|provides?)\s+(?:(?:a|an|the|all|these|necessary|required)\s+)*(?:security\s+)?(?:fix|fixes|corrections?|patch|patches|remediations?|mitigations?)\b
        |\b(?:fixes|resolves|remediates|corrects|eliminates)\b)",
    )
    .ok()
});

/// "is available for download", behind a version and what it is a version of.
pub(super) static AVAILABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[^.;:]{0,60}?\b(?:is|are)\s+(?:now\s+)?available\s+(?:for|to)\s+(?:the\s+)?(?:free\s+)?download",
    )
    .ok()
});

/// "a patch for 8.2", "hotfix is available for the versions 8.2 and 8.3".
pub(super) static PATCH_FOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:patch|patches|hot ?fix|hot ?fixes)\b[^:;.]*\bfor\b(?:[^:;]*,?\s(?:and|or|version|versions|,))*[^:;]{0,40}$").ok()
});

/// "or higher for the 5380".
pub(super) static SCOPE_AFTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\s*\(?(?:(?:or|and)\s+(?:any\s+)?(?:later|higher|newer|above|greater))?\)?(?:\s+(?:versions?|releases?|firmware))?\s*\(?(?:for|on)\s+(?:the\s+|all\s+)?([^,;.()]{2,60})",
    )
    .ok()
});

/// "and later", "firmware (or higher)", before the next number.
pub(super) static AND_LATER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^[^.;:\d]{0,60}?\b(?:later|higher|newer|above|greater|onwards?)\b").ok()
});

/// "for versions 33", "for the 4.x release".
pub(super) static FOR_TRAIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^[^.;:\d]{0,60}?\bfor\s+(?:the\s+)?(?:(?:versions?|releases?|trains?|branch)\s+)?v?(\d+(?:\.\d+)*)(?:\.x)?\b",
    )
    .ok()
});

/// A word with a number behind the version that no order knows: "5.1 TC6", "5.1 Rev E".
pub(super) static UNSTUDIED_TAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^[\s\-_+/]{1,2}(?:[A-Z]{1,4}[\s\-]?\d|[Rr]ev\.?\s?[A-Z]\b|fix\s\d|[Cc]ritical [Ff]ix)",
    )
    .ok()
});

pub(super) static NEXT_VERSION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s+\d+\.\d").ok());

pub(super) static SENTENCE_END: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[.!?;]\s+[A-Z(]").ok());

pub(super) static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:updat(?:e|es|ed|ing)|upgrad(?:e|es|ed|ing)|install(?:ing)?|appl(?:y|ying)|migrat(?:e|ing)|mov(?:e|ing) to|fix(?:ed|es)?|resolv(?:es|ed)|patched|patch|corrected|remediated|addressed|mitigated|released?|releasing|produced|developed|download|available|provided|use)\b",
    )
    .ok()
});

/// A version with what announces it. Whole numbers count only behind such a word.
pub(super) static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:
          (?P<word>(?i:\b(?:versions?|ver\.?|firmware|release|revision|rev\.?|frn|bios|fw|is|to|or|and|in|at\ least)\b[\s:]*)+)?
        )
        (?P<number>
          \b20\d\d(?:[\s_]?(?:R|SP|P|Update|Patch|CU|U|HF)\s?\d+)+\b
        |          \b(?:[vV]|SV|R|FW|Ver\.|VER\.)\.?\s?\d+(?:[.\-_]\d+)*(?:\([0-9a-z]+\)(?:[A-Za-z]{1,2}\d{0,3}[a-z]?\b)?|(?:[A-Za-z]{1,2}\d{0,3}[a-z]?)?\b)
            (?:[\s\-_+]*\b(?:Service\s?Pack|Feature\s?Pack|Security\s?Patch|Update\s?Collection|UpdateCollection|SP|Update|Upd|UPD|HF|Hotfix|HotfixRev|Patch|P|R|Build|build|BN|TCU|CU|IR|MR|FP|RU|QU|UC|SR|PR|UP|MP|U|[Rr]elease)\s?\d+(?:\.\d+)*[a-z]?\b)*(?:\s\(\d{1,3}\))?
        | \b\d+(?:\.\d+[A-Za-z]?)+(?:[\-_]\d+)?(?:\([0-9a-z]+\)(?:[A-Za-z]{1,2}\d{0,3}[a-z]?\b)?|(?:[A-Za-z]{1,2}\d{0,3}[a-z]?)?\b)
            (?:[\s\-_+]*\b(?:Service\s?Pack|Feature\s?Pack|Security\s?Patch|Update\s?Collection|UpdateCollection|SP|Update|Upd|UPD|HF|Hotfix|HotfixRev|Patch|P|R|Build|build|BN|TCU|CU|IR|MR|FP|RU|QU|UC|SR|PR|UP|MP|U|[Rr]elease)\s?\d+(?:\.\d+)*[a-z]?\b)*(?:\s\(\d{1,3}\))?
        | (?-u:\b)(?P<whole>\d{1,4}[A-Z]?)\b
            (?:\s?\b(?:SP|Update|Upd|HF)\s?\d+)*
        )",
    )
    .ok()
});

/// Words behind a version that make it the end of what is affected.
pub(super) const BOUND_AFTER: &[&str] = &[
    "and prior",
    "and earlier",
    "and below",
    "and older",
    "and lower",
    "or prior",
    "or earlier",
    "or below",
    "or older",
    "or lower",
    "prior",
    "earlier",
    "to version",
    "to v",
    "through",
    "- v",
    "– v",
    "are affected",
    "is affected",
    "should",
    "and previous",
    "with patch",
    "with the patch",
    "with hotfix",
    "with the hotfix",
    "with update",
    "installed",
    "of the document",
    "of this document",
    "of the manual",
    "of the guide",
    "of the advisory",
    "of this advisory",
];

/// Words before a version that make it that, or no version to install at all.
pub(super) const BOUND_AHEAD: &[&str] = &[
    "prior to",
    "before",
    "earlier than",
    "lower than",
    "older than",
    "below",
    "up to",
    "less than",
    "<",
    "from",
    "through",
    "between",
    "than",
    "tls",
    "windows",
    "server",
    "page",
    "port",
    "section",
    "chapter",
    "step",
    "table",
    "no",
    "series",
    "part number",
    "article number",
    "of",
    "for",
    "on",
    "on the",
    "affected",
    ">",
    "e.g",
    "such as",
    "via",
    "using",
    "running",
    "id",
    "kb",
    "article",
    "document",
    "notification",
    "advisory",
];
