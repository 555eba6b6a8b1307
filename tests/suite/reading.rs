//! How version texts and fix texts are read: tables made up in the styles of makers, each with the reading that a person
//! gives it, and the share of the public corpus that is read at all.

mod fixes;
mod versions;

use nameplate::advisory::csaf;
use nameplate::advisory::range::{self, Reading, What};
use nameplate::model::advisory::Stated;
use nameplate::model::version::{Range, Scheme};

use crate::advisories::{json_files, shared};

/// A reading in short: `>=2.0 <2.4`, `=2.4`, `all`, ` ?condition` behind it.
fn short(reading: &Reading) -> String {
    let what = match &reading.what {
        What::All => "all".to_owned(),
        What::Nothing => "none".to_owned(),
        What::Unread => "unread".to_owned(),
        What::Models(models) => format!("models {}", models.join(" ")),
        What::Spans { spans, trains } => {
            let spans: Vec<String> = spans.iter().map(span).collect();
            format!("{}{}", spans.join(" | "), if *trains { " trains" } else { "" })
        }
    };
    match reading.narrowed {
        Some(predicate) => format!("{what} ?{}", format!("{predicate:?}").to_lowercase()),
        None => what,
    }
}

fn span(range: &Range) -> String {
    if let (true, Some(bound)) = (range.is_exact(), &range.to) {
        return format!("={}", bound.version.raw());
    }
    let end = |sign: &str, inclusive: bool, raw: &str| {
        format!("{sign}{}{raw}", if inclusive { "=" } else { "" })
    };
    let from = range.from.as_ref().map(|bound| end(">", bound.inclusive, bound.version.raw()));
    let to = range.to.as_ref().map(|bound| end("<", bound.inclusive, bound.version.raw()));
    [from, to].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[test]
fn version_texts_are_read_as_a_person_reads_them() {
    assert!(versions::TABLE.len() >= 120, "{}", versions::TABLE.len());
    let wrong: Vec<String> = versions::TABLE
        .iter()
        .filter_map(|(text, expected)| {
            let read = short(&range::read(text, Stated::Range, Scheme::Dotted));
            (read != *expected).then(|| format!("{text:?} is read as {read:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn fix_texts_are_read_as_a_person_reads_them() {
    assert!(fixes::TABLE.len() >= 120, "{}", fixes::TABLE.len());
    let wrong: Vec<String> = fixes::TABLE
        .iter()
        .filter_map(|(text, expected)| {
            let read: Vec<String> = nameplate::advisory::fix_text::read(text)
                .into_iter()
                .map(|fix| if fix.conditional { format!("{}?", fix.version) } else { fix.version })
                .collect();
            (read != *expected).then(|| format!("{text:?} is read as {read:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is for one product must not be taken for another: the words before and behind a version tell.
#[test]
fn fixes_carry_the_words_that_say_whom_they_are_for() {
    let fixes = nameplate::advisory::fix_text::read(
        "Update to V2.3 or higher for the Pump 5380, V3.1 or higher for the Pump 5480",
    );
    let told: Vec<_> = fixes.iter().map(|fix| (&*fix.version, &*fix.sentence)).collect();
    let [(first, of_first), (second, of_second)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((*first, *second), ("V2.3", "V3.1"));
    assert!(of_first.contains("5380") && !of_first.contains("5480"), "{of_first}");
    assert!(of_second.contains("5480") && !of_second.contains("5380"), "{of_second}");
}

/// Nearly all of the public corpus is read. More than was asked for; a change that reads less shows here.
#[test]
fn nearly_all_version_texts_of_the_corpus_are_read() {
    let Some(shared) = shared() else {
        println!("skipped: ../shared is not here");
        return;
    };
    let (mut versioned, mut comparable, mut understood) = (0_u32, 0_u32, 0_u32);
    for path in json_files(&shared.join("advisories/csaf/csaf_files/OT")) {
        let Ok(document) = csaf::parse(&std::fs::read(&path).unwrap(), "one") else { continue };
        for product in &document.products {
            if product.stated == Stated::Nothing {
                continue;
            }
            let reading = range::read(&product.version, product.stated, Scheme::Unknown);
            versioned += 1;
            comparable += u32::from(reading.is_comparable());
            understood += u32::from(reading.is_read());
        }
    }
    let percent = |part: u32| f64::from(part) * 100.0 / f64::from(versioned);
    println!(
        "{versioned} version texts: {:.2} % comparable, {:.2} % understood",
        percent(comparable),
        percent(understood)
    );
    assert!(percent(comparable) >= 95.5);
    assert!(percent(understood) >= 99.0);
}
