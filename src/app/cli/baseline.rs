//! `nameplate baseline`: what is normal here, and what is not.

mod args;

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::app::baseline::{self, Compared, Held, Taking};
use crate::app::cli::args::{Format, Output, PrintArgs};
use crate::app::cli::decide::{now, reason, who};
use crate::app::cli::{complain, output};
use crate::app::scan;
use crate::app::{AppError, Exit};
use crate::compare::{self, Device, Difference, Talk};
use crate::export::diff::{self, Diff};
use crate::export::json;
use crate::export::rows::Rows;
use crate::export::table::{Style, plural};
use crate::model::Field;
use crate::store::{KeptBaseline, Store};

pub(super) use args::BaselineArgs;
use args::{
    AcceptArgs, BaselineAction, CompareArgs, FailOn, NamedArgs, SayArgs, ShowArgs, TakeArgs,
};

/// Runs the verb.
pub(super) fn run(args: &BaselineArgs) -> Result<Exit, AppError> {
    match &args.action {
        BaselineAction::Take(args) => take(args),
        BaselineAction::List(args) => list(args),
        BaselineAction::Show(args) => show(args),
        BaselineAction::Compare(args) => compared(args),
        BaselineAction::Accept(args) => accept(args),
        BaselineAction::Remove(args) => remove(args),
    }
}

fn take(args: &TakeArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let taking = taking(args.name.as_ref(), &args.say)?;
    let kept = baseline::take(&args.store, &taking, &args.knowledge.sources())?;
    if kept.assets == 0 {
        complain(
            "nameplate: the store holds no device: whatever comes stands beside this baseline",
        );
    }
    let said = format!("{}; it is the reference now", in_short(&kept));
    print_kept(&kept, &said, &outputs)
}

/// What a store holds now is the reference, with all that stood beside the one before.
fn accept(args: &AcceptArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let mut taking = taking(args.name.as_ref(), &args.say)?;
    let sources = args.knowledge.sources();
    let absent_after = nanoseconds(args.absent_after);
    let compared = baseline::compare(&args.store, None, absent_after, (&sources, taking.now))?;
    let Compared { kept: before, before: was, after: is, mut store, known } = compared;
    let differences = compare::compare(&was.snapshot, &is.snapshot).len();
    if taking.note.is_empty() {
        let differences = plural(differences, "difference");
        taking.note = format!("{differences} from {} accepted", before.name);
    }
    let kept = baseline::take_of(&mut store, &known, &taking)?;
    let differences = plural(differences, "difference");
    let said = format!(
        "{}; it is the reference now, with {differences} from {} accepted",
        in_short(&kept),
        before.name
    );
    print_kept(&kept, &said, &outputs)
}

fn remove(args: &NamedArgs) -> Result<Exit, AppError> {
    let gone = baseline::remove(&args.store, &args.name)?;
    let left = baseline::list(&args.store)?;
    let reference = match left.last() {
        Some(last) => format!("the reference is {}", last.name),
        None => "there is none left".to_owned(),
    };
    line(&format!("{} removed; {reference}", gone.name))
}

fn list(args: &args::ListArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let all = baseline::list(&args.store)?;
    let last = all.last().map(|one| one.number);
    let rows = all.iter().map(|one| row(one, Some(one.number) == last)).collect();
    let rows = Rows { names: COLUMNS, schema: SCHEMA, rows };
    print(&outputs, |output, out| match output.format {
        Format::Ndjson => rows.ndjson(out),
        Format::Json => rows.json(out),
        Format::Csv => rows.csv(out),
        Format::Table | Format::Facts | Format::Document(_) if all.is_empty() => {
            writeln!(out, "No baseline: take one with nameplate baseline take.")
        }
        Format::Table | Format::Facts | Format::Document(_) => {
            shown(&rows, LISTED).table(&output::style(&args.print, output), out)
        }
    })
}

fn show(args: &ShowArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let mut store = Store::open(&args.store)?;
    let held = baseline::held(&mut store, args.name.as_deref())?;
    let is_reference =
        store.baselines()?.last().is_some_and(|last| last.number == held.kept.number);
    let known = scan::held(&mut store, &args.knowledge.sources())?;
    let talks = baseline::told(&held.talks, &known, &known.run.sites);
    let devices = Rows {
        names: DEVICES,
        schema: "nameplate.baseline_asset/1",
        rows: held.devices.iter().map(device).collect(),
    };
    let lines: Vec<Value> = {
        let head =
            Rows { names: COLUMNS, schema: SCHEMA, rows: vec![row(&held.kept, is_reference)] };
        let talks = Rows {
            names: TALKS,
            schema: "nameplate.baseline_conversation/1",
            rows: talks.iter().map(talk).collect(),
        };
        let lines = [head, devices.clone(), talks];
        lines.iter().flat_map(|rows| rows.objects().collect::<Vec<_>>()).collect()
    };
    print(&outputs, |output, out| match output.format {
        Format::Ndjson => lines.iter().try_for_each(|line| json::value(line, out)),
        Format::Json => json::value(&Value::Array(lines.clone()), out),
        Format::Csv => devices.csv(out),
        Format::Table | Format::Facts | Format::Document(_) => {
            page(&held, &devices, &talks, &output::style(&args.print, output), out)
        }
    })
}

fn page(
    held: &Held,
    devices: &Rows,
    talks: &[Talk],
    style: &Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let kept = &held.kept;
    writeln!(out, "{}", crate::export::escape::term(&in_short(kept)))?;
    let heard = kept.heard.map(|at| format!(", of what was heard until {}", at.to_the_second()));
    let by =
        format!("taken by {} on {}{}", kept.by, kept.at.to_the_second(), heard.unwrap_or_default());
    writeln!(out, "{}", crate::export::escape::term(&by))?;
    if !kept.note.is_empty() {
        writeln!(out, "{}", crate::export::escape::term(&kept.note))?;
    }
    writeln!(out, "\nDEVICES ({})\n", devices.rows.len())?;
    shown(devices, DEVICES_SHOWN).table(style, out)?;
    writeln!(out, "\nCONVERSATIONS ({})\n", talks.len())?;
    writeln!(out, "{}", diff::talks(&talks.iter().collect::<Vec<_>>(), style))
}

fn compared(args: &CompareArgs) -> Result<Exit, AppError> {
    let outputs = wanted(&args.print)?;
    let (sources, absent_after) = (args.knowledge.sources(), nanoseconds(args.absent_after));
    let name = args.name.as_deref();
    let looks = baseline::compare(&args.store, name, absent_after, (&sources, now()))?;
    let Compared { before, after, .. } = &looks;
    let differences = compare::compare(&before.snapshot, &after.snapshot);
    let diff = Diff { before: &before.look, after: &after.look, differences: &differences };
    print(&outputs, |output, out| match output.format {
        Format::Ndjson => json::diff_ndjson(&diff, out),
        Format::Json => json::diff_json(&diff, out),
        Format::Csv => rows_of(&differences).csv(out),
        Format::Table | Format::Facts | Format::Document(_) => {
            diff::table(&diff, &output::style(&args.print, output), out)
        }
    })?;
    let fails = |one: &Difference<'_>| args.fail_on.iter().any(|what| what.is_met_by(one));
    let is_met = (args.exit_code && !differences.is_empty()) || differences.iter().any(fails);
    Ok(if is_met { Exit::Threshold } else { Exit::Done })
}

fn taking(name: Option<&String>, say: &SayArgs) -> Result<Taking, AppError> {
    let note = reason(say.note.as_deref().unwrap_or_default(), "--note")?;
    Ok(Taking { name: name.cloned(), note, by: who(say.by.as_deref())?, now: now() })
}

fn nanoseconds(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn in_short(kept: &KeptBaseline) -> String {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (assets, talks) = (count(kept.assets), count(kept.talks));
    format!(
        "baseline {}: {}, {}",
        kept.name,
        plural(assets, "device"),
        plural(talks, "conversation")
    )
}

fn print_kept(kept: &KeptBaseline, said: &str, outputs: &[Output]) -> Result<Exit, AppError> {
    let rows = Rows { names: COLUMNS, schema: SCHEMA, rows: vec![row(kept, true)] };
    print(outputs, |output, out| match output.format {
        Format::Ndjson => rows.ndjson(out),
        Format::Json => rows.json(out),
        Format::Csv => rows.csv(out),
        Format::Table | Format::Facts | Format::Document(_) => {
            writeln!(out, "{}", crate::export::escape::term(said))
        }
    })
}

fn row(kept: &KeptBaseline, is_reference: bool) -> Vec<Value> {
    let KeptBaseline { number, name, note, by, at, heard, version, assets, talks } = kept;
    vec![
        json!(name),
        json!(number),
        json!(is_reference),
        json!(at.to_string()),
        json!(by),
        json!(assets),
        json!(talks),
        json!(heard.map(|at| at.to_string())),
        json!(version),
        json!(note),
    ]
}

fn device(device: &Device) -> Vec<Value> {
    let value = |field| json!(device.plate.value(field));
    let macs: Vec<String> = device.macs.iter().map(ToString::to_string).collect();
    vec![
        json!(device.name),
        json!(device.ips),
        json!(macs),
        value(Field::Vendor),
        value(Field::Model),
        value(Field::Firmware),
        value(Field::Serial),
        value(Field::Mode),
        json!(device.modules.len()),
        json!(device.sites),
        json!(device.vlans),
        json!(device.protocols),
        json!(device.seen.0),
        json!(device.seen.1),
        json!(device.id.to_string()),
        json!(device.identity),
    ]
}

fn talk(talk: &Talk) -> Vec<Value> {
    let [client_name, server_name] = &talk.names;
    vec![
        json!(talk.client),
        json!(client_name),
        json!(talk.server),
        json!(server_name),
        json!(talk.port),
        json!(talk.protocol),
        json!(Some(&talk.site).filter(|site| !site.is_empty())),
        json!(talk.seen.0),
        json!(talk.seen.1),
    ]
}

fn rows_of(differences: &[Difference<'_>]) -> Rows {
    let rows = differences.iter().map(|one| {
        let device = one.device();
        let ips: Vec<String> =
            device.into_iter().flat_map(|device| &device.ips).map(ToString::to_string).collect();
        let talk = |of: fn(&Talk) -> Value| json!(one.talk.map(of));
        vec![
            json!(one.kind.name()),
            json!(device.map(|device| device.id.to_string())),
            json!(device.map(|device| &device.name)),
            json!(ips.join(" ")),
            json!(one.module),
            json!(one.what),
            json!(one.was.as_ref().map(|said| &said.value)),
            json!(one.is.as_ref().map(|said| &said.value)),
            json!(one.same_serial),
            talk(|talk| json!(talk.client)),
            talk(|talk| json!(talk.server)),
            talk(|talk| json!(talk.port)),
            talk(|talk| json!(talk.protocol)),
        ]
    });
    Rows { names: CHANGES, schema: "nameplate.change/1", rows: rows.collect() }
}

/// Some columns of rows, for a table that a screen has room for; lists in it are words.
fn shown(rows: &Rows, names: &'static [&'static str]) -> Rows {
    let words = |value: &Value| match value {
        Value::Array(list) => {
            let words =
                list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned));
            json!(words.collect::<Vec<_>>().join(" "))
        }
        Value::String(text) if is_time(text) => {
            json!(text.get(..19).map(|at| at.replace('T', " ")))
        }
        other => other.clone(),
    };
    let pick = |row: &Vec<Value>| {
        let cells = names.iter().filter_map(|name| {
            let at = rows.names.iter().position(|known| known == name)?;
            row.get(at).map(words)
        });
        cells.collect()
    };
    Rows { names, schema: rows.schema, rows: rows.rows.iter().map(pick).collect() }
}

fn is_time(text: &str) -> bool {
    text.len() == TIME_CHARACTERS && text.parse::<jiff::Timestamp>().is_ok()
}

fn wanted(print: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let outputs = output::wanted(print)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint = "baselines are printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

fn print(
    outputs: &[Output],
    mut write: impl FnMut(&Output, &mut Box<dyn Write + Send>) -> io::Result<()>,
) -> Result<Exit, AppError> {
    for output in outputs {
        let mut out = output::open(output)?;
        write(output, &mut out)
            .and_then(|()| out.flush())
            .map_err(|source| output::cannot_write(output, source))?;
    }
    Ok(Exit::Done)
}

fn line(text: &str) -> Result<Exit, AppError> {
    let stdout = [Output { format: Format::Table, path: None }];
    print(&stdout, |_, out| writeln!(out, "{}", crate::export::escape::term(text)))
}

impl FailOn {
    /// Whether a difference is one of these.
    fn is_met_by(self, one: &Difference<'_>) -> bool {
        use compare::Kind;
        match self {
            Self::Any => true,
            Self::New => matches!(
                one.kind,
                Kind::DeviceNew | Kind::DeviceReplaced | Kind::ModuleNew | Kind::ModuleReplaced
            ),
            Self::Absent => matches!(one.kind, Kind::DeviceNotSeen | Kind::ModuleNotSeen),
            Self::Version => one.kind == Kind::VersionChanged,
            Self::Mode => one.kind == Kind::FieldChanged && one.what == Field::Mode.name(),
            Self::Conversation => one.kind == Kind::ConversationNew,
        }
    }
}

const SCHEMA: &str = "nameplate.baseline/1";
/// `2026-03-02T06:00:00.000000000Z`.
const TIME_CHARACTERS: usize = 30;
const COLUMNS: &[&str] = &[
    "name",
    "number",
    "is_reference",
    "taken",
    "by",
    "assets",
    "conversations",
    "heard",
    "version",
    "note",
];
const LISTED: &[&str] = &["name", "is_reference", "taken", "by", "assets", "conversations", "note"];
const DEVICES: &[&str] = &[
    "name",
    "ips",
    "macs",
    "vendor",
    "model",
    "firmware",
    "serial",
    "mode",
    "modules",
    "sites",
    "vlans",
    "protocols",
    "first_seen",
    "last_seen",
    "asset_id",
    "identity",
];
const DEVICES_SHOWN: &[&str] =
    &["name", "ips", "vendor", "model", "firmware", "serial", "mode", "modules", "last_seen"];
const TALKS: &[&str] = &[
    "client",
    "client_name",
    "server",
    "server_name",
    "port",
    "protocol",
    "site",
    "first_seen",
    "last_seen",
];
const CHANGES: &[&str] = &[
    "change",
    "asset_id",
    "name",
    "ips",
    "module",
    "what",
    "before",
    "after",
    "same_serial",
    "client",
    "server",
    "port",
    "protocol",
];
