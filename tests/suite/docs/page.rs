//! How a page is written: its blocks, its commands with the output shown, its headings and links.

use std::collections::BTreeSet;
use std::path::Path;

/// Programs that commands of the docs may use; they are run.
const RUN: &[&str] = &["nameplate", "cat", "cp", "grep", "head", "mkdir", "sed", "wc", "zstdcat"];

/// Programs that are not run here: they build, test, need the network, or need not be installed. Nothing is shown of what
/// they print, because nothing would check it.
const NOT_RUN: &[&str] = &["./.ci/setup", "cargo", "git", "jq", "mdbook", "sqlite3", "tshark"];

/// How the README runs the program from source.
const FROM_SOURCE: &str = "cargo run --release -- ";

/// Lines kept of each paragraph of a sample, characters of each line, and of each cell of a table.
const SAMPLE_LINES_MAX: usize = 12;
const SAMPLE_LINE_CHARS_MAX: usize = 124;
const SAMPLE_CELL_CHARS_MAX: usize = 19;

/// What of a command is run: `None` when nothing is. `Err` names a program that is not known here.
pub(super) fn runnable(command: &str) -> Result<Option<String>, String> {
    let command = command.replace(FROM_SOURCE, "nameplate ");
    let mut stages = Vec::new();
    for stage in command.split("&&").map(str::trim) {
        let programs: Vec<&str> =
            stage.split('|').filter_map(|part| part.split_whitespace().next()).collect();
        if programs.iter().any(|program| NOT_RUN.contains(program)) {
            continue;
        }
        if let Some(unknown) = programs.iter().find(|program| !RUN.contains(program)) {
            return Err((*unknown).to_owned());
        }
        stages.push(stage);
    }
    Ok((!stages.is_empty()).then(|| stages.join(" && ")))
}

/// A fenced block.
pub(super) struct Block<'a> {
    /// What stands behind the opening fence.
    pub(super) info: &'a str,
    /// Number of the first line inside, counted from 1.
    line: usize,
    pub(super) lines: Vec<&'a str>,
}

/// A command, and what a page says of it.
pub(super) struct Step<'a> {
    pub(super) line: usize,
    pub(super) command: String,
    pub(super) status: i32,
    /// Numbers of the lines of output shown, from the first to behind the last.
    place: (usize, usize),
    pub(super) shown: Vec<&'a str>,
}

pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(info) => {
                inside = true;
                blocks.push(Block { info: info.trim(), line: number + 2, lines: Vec::new() });
            }
            None if inside => blocks.last_mut().unwrap().lines.push(line),
            None => {}
        }
    }
    blocks
}

pub(super) fn steps<'a>(block: &Block<'a>) -> Vec<Step<'a>> {
    let mut steps: Vec<Step<'a>> = Vec::new();
    let mut goes_on = false;
    for (line, number) in block.lines.iter().zip(block.line..) {
        let command = line.strip_prefix("$ ");
        if let (false, Some(_)) = (goes_on, command) {
            steps.push(Step {
                line: number,
                command: String::new(),
                status: 0,
                place: (number, number),
                shown: Vec::new(),
            });
        }
        let step = steps.last_mut().expect("a command in front of all output");
        step.place.1 = number + 1;
        if !goes_on && command.is_none() {
            step.shown.push(line);
            continue;
        }
        step.place.0 = number + 1;
        let part = command.unwrap_or(line.trim());
        goes_on = part.ends_with('\\');
        step.command.push_str(part.trim_end_matches('\\'));
        if let Some((before, status)) = step.command.clone().split_once(" # exits with ") {
            step.command = before.to_owned();
            step.status = status.trim().parse().expect("a number behind `# exits with`");
        }
    }
    steps
}

/// The first line shown that the output does not have behind those shown before it.
pub(super) fn not_printed<'a>(shown: &[&'a str], output: &str) -> Option<&'a str> {
    let mut rest = output.lines();
    shown
        .iter()
        .filter(|line| !matches!(line.trim(), "" | "…"))
        .find(|line| !rest.any(|printed| is_like(line, printed)))
        .copied()
}

/// True when a line is as shown: `…` stands for anything, runs of blanks are alike.
fn is_like(shown: &str, printed: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (shown, printed) = (plain(shown), plain(printed));
    let Some((first, others)) = shown.split_once('…') else { return shown == printed };
    let (others, last) = others.rsplit_once('…').unwrap_or(("", others));
    let Some(rest) = printed.strip_prefix(first.trim()) else { return false };
    let Some(mut rest) = rest.strip_suffix(last.trim()) else { return false };
    others.split('…').map(str::trim).all(|piece| match rest.split_once(piece) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// The output as a page shows it: the first lines of each paragraph, not too wide, without the time it took.
pub(super) fn sample(output: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in output.trim_end().split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let all: Vec<&str> = paragraph.lines().collect();
        let kept = &all[..all.len().min(SAMPLE_LINES_MAX)];
        let narrowed = narrowed(kept).into_iter().map(|line| match line.rsplit_once(" in ") {
            Some((before, time)) if time.ends_with(" s") => format!("{before} in …"),
            _ => shortened(&line, SAMPLE_LINE_CHARS_MAX),
        });
        lines.extend(narrowed);
        if all.len() > kept.len() {
            lines.push(String::from("…"));
        }
    }
    lines
}

/// Lines with the wide cells of tables shortened, but for the last column. Rows of a table begin with a blank, and
/// between two columns all rows have two blanks at least.
fn narrowed(lines: &[&str]) -> Vec<String> {
    let rows: Vec<Vec<char>> = lines
        .iter()
        .filter(|line| line.starts_with(' '))
        .map(|row| row.chars().collect())
        .collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_blank = |at: usize| rows.iter().all(|row| row.get(at).is_none_or(|c| *c == ' '));
    let starts = (1..width)
        .filter(|at| !is_blank(*at) && is_blank(at - 1) && (*at == 1 || is_blank(at - 2)));
    let starts: Vec<usize> = starts.chain([width]).collect();
    let last = starts.len().saturating_sub(2);
    let cells = |row: &[char]| -> Vec<String> {
        let ends = starts.windows(2).map(|ends| (ends[0], ends[1].min(row.len())));
        let cells = ends.map(|(from, to)| row.get(from..to).unwrap_or_default().iter().collect());
        let shorten = |(column, cell): (usize, String)| match column == last {
            true => cell.trim_end().to_owned(),
            false => shortened(cell.trim_end(), SAMPLE_CELL_CHARS_MAX),
        };
        cells.enumerate().map(shorten).collect()
    };
    let table: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
    let column_width = |column: usize| -> usize {
        table.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0)
    };
    let mut table = table.iter().map(|cells| {
        let padded = cells
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = column_width(column)));
        format!(" {}", padded.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    });
    let row_or_line = |line: &&str| match line.starts_with(' ') {
        true => table.next().unwrap(),
        false => (*line).to_owned(),
    };
    lines.iter().map(row_or_line).collect()
}

fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

pub(super) fn rewrite(path: &Path, text: &str, samples: &[(Step<'_>, Vec<String>)]) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (step, sample) in samples.iter().rev() {
        lines.splice(step.place.0 - 1..step.place.1 - 1, sample.iter().cloned());
    }
    let new = format!("{}\n", lines.join("\n"));
    if !samples.is_empty() && new != text {
        std::fs::write(path, new).unwrap();
    }
}

/// Targets of the links outside of blocks.
pub(super) fn links(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    let lines = text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split(')').next()))
}

pub(super) fn without_blocks(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// Anchors of the headings of a page.
pub(super) fn headings(text: &str) -> BTreeSet<String> {
    let text = without_blocks(text);
    text.lines().filter(|line| line.starts_with('#')).map(slug).collect()
}

/// A heading as links name it.
pub(super) fn slug(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    let printed = "first line\n  a   b\nlast 17 of 20 s\n";
    for shown in [&["first line", " a b", "last 17 of 20 s"][..], &["…", "last … of … s"], &["a …"]]
    {
        assert_eq!(not_printed(shown, printed), None, "{shown:?}");
    }
    for shown in ["first", "line", "last … s of …", "a … c", "b a"] {
        assert_eq!(not_printed(&[shown], printed), Some(shown));
    }
    assert_eq!(not_printed(&["a b", "first line"], printed), Some("first line"), "out of order");
}

#[test]
fn commands_are_run_unless_a_program_of_theirs_is_not() {
    let run = |command: &str| runnable(command).map(Option::unwrap_or_default);
    let first = "./.ci/setup && cargo run --release -- scan captures/";
    assert_eq!(run(first).as_deref(), Ok("nameplate scan captures/"));
    assert_eq!(run("cargo test").as_deref(), Ok(""));
    assert_eq!(run("nameplate scan x | head -n 1").as_deref(), Ok("nameplate scan x | head -n 1"));
    assert_eq!(run("nameplate scan x | curl -T - y"), Err(String::from("curl")));
}

#[test]
fn a_command_may_have_several_lines_and_says_its_exit_code() {
    let text = "```console\n$ nameplate scan \\\n    x # exits with 4\nout\n```\n";
    let steps = steps(&blocks(text)[0]).into_iter();
    let read: Vec<_> = steps.map(|step| (step.command, step.status, step.shown)).collect();
    assert_eq!(read, [("nameplate scan x".to_owned(), 4, vec!["out"])]);
}
