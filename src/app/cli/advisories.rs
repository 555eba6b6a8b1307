//! `nameplate advisories`: documents as people manage them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::app::cli::args::{Format, KnowledgeArgs, Output, PrintArgs};
use crate::app::cli::decide::{now, reason, who};
use crate::app::cli::lint::{self, LintArgs};
use crate::app::cli::{complain, output};
use crate::app::shelf::diff::Sides;
use crate::app::shelf::list::Wanted;
use crate::app::shelf::marks::Said;
use crate::app::shelf::matching::Scope;
use crate::app::shelf::{Place, Shelf, add, diff, list, marks, matching, products, show};
use crate::app::{AppError, Exit};
use crate::export::escape::term;
use crate::export::shelf::{Form, MarkRow, Printed, print};
use crate::export::table::plural;
use crate::model::Marking;

/// What `advisories` accepts; without a word more it lists.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct AdvisoriesArgs {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
    #[command(flatten)]
    pub(super) list: ListArgs,
}

/// What can be done with advisories.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Print which advisories there are, and what each means for the devices of a store
    List(ListArgs),
    /// Print one advisory: its products and version ranges as they are read, its vulnerabilities, the devices it concerns
    Show(ShowArgs),
    /// What became different between two revisions of an advisory, and which verdicts that changes
    Diff(DiffArgs),
    /// Put advisories into a store: CSAF documents, directories and zip archives of them
    Add(AddArgs),
    /// Take advisories out of matching; they stay listed, with who did so and why
    Delete(ReasonArgs),
    /// Bring advisories back that were deleted
    Restore(ReasonArgs),
    /// Say something about an advisory, for all who read it
    Comment(CommentArgs),
    /// Mark advisories as read
    Read(ReadArgs),
    /// Print what people said about advisories: comments, readings, deletions
    Marks(MarksArgs),
    /// Print the products of a store, and the advisories about each
    Products(ProductsArgs),
    /// Match devices and advisories now, keep what changed, and print it
    Match(MatchArgs),
    /// Report contradictions inside documents: range, names and fix texts that say different things
    Lint(LintArgs),
}

/// Where documents are.
#[derive(Args, Clone, Debug)]
pub(super) struct WhereArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Whose reading counts; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    knowledge: KnowledgeArgs,
    #[command(flatten)]
    print: PrintArgs,
}

/// What `advisories list` accepts.
#[derive(Args, Clone, Debug)]
#[command(after_help = PROPERTIES)]
pub(super) struct ListArgs {
    #[command(flatten)]
    within: WhereArgs,
    /// Print only advisories for which this holds, for example 'vendor~Siemens and cvss>=9 and released>=2024'
    #[arg(long = "where", value_name = "EXPR")]
    expression: Option<String>,
    /// Print only those in which all these words are: in the title, notes, products, remediations, comments
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Print only those about this vulnerability
    #[arg(long, value_name = "CVE")]
    cve: Vec<String>,
    /// Print only those with a product that is named so
    #[arg(long, value_name = "TEXT")]
    product: Vec<String>,
    /// Print only those with a vendor that is named so
    #[arg(long, value_name = "TEXT")]
    vendor: Vec<String>,
    /// Print only those that the person who asks has not read
    #[arg(long)]
    unread: bool,
    /// Print only those that a device of the store is affected by
    #[arg(long)]
    affecting: bool,
    /// Print only those about this device, and what they mean for it: an identifier, an address, a name, a model
    #[arg(long, value_name = "WHAT")]
    asset: Option<String>,
    /// Print those that were deleted
    #[arg(long)]
    deleted: bool,
    /// Print every revision that is held, not only those that count
    #[arg(long, conflicts_with = "deleted")]
    revisions: bool,
    /// Rows in the order of these properties, -PROPERTY for the last first; the newest first when not given
    #[arg(long, value_name = "PROPERTY[,PROPERTY]", allow_hyphen_values = true)]
    sort: Option<String>,
}

/// What `advisories show` accepts.
#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// An advisory: its tracking identifier, the beginning of it, or an alias
    #[arg(value_name = "ID")]
    id: String,
    /// The revision of this number; the one that counts when not given
    #[arg(long, value_name = "NUMBER")]
    revision: Option<String>,
    #[command(flatten)]
    within: WhereArgs,
}

/// What `advisories diff` accepts.
#[derive(Args, Debug)]
pub(super) struct DiffArgs {
    /// An advisory, whose two newest revisions are compared; or two files
    #[arg(value_name = "ID|FILE", required = true, num_args = 1..=2)]
    what: Vec<PathBuf>,
    /// The two revisions to compare
    #[arg(long, value_name = "NUMBER", num_args = 2)]
    revisions: Vec<String>,
    /// Exit with 3 when what decides verdicts differs
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    within: WhereArgs,
}

/// What `advisories add` accepts.
#[derive(Args, Debug)]
pub(super) struct AddArgs {
    /// CSAF documents, directories and zip archives of them
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keep: KeepArgs,
}

/// Where something that a person says is kept, and who says it.
#[derive(Args, Debug)]
pub(super) struct KeepArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Who does so; the user of this session when not given
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    knowledge: KnowledgeArgs,
    #[command(flatten)]
    print: PrintArgs,
}

/// What `advisories delete` and `advisories restore` accept.
#[derive(Args, Debug)]
pub(super) struct ReasonArgs {
    /// Advisories, by their tracking identifiers
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// The reason, for those who ask later
    #[arg(long, value_name = "TEXT")]
    why: String,
    #[command(flatten)]
    keep: KeepArgs,
}

/// What `advisories comment` accepts.
#[derive(Args, Debug)]
pub(super) struct CommentArgs {
    /// An advisory, by its tracking identifier
    #[arg(value_name = "ID")]
    id: String,
    /// The comment
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    keep: KeepArgs,
}

/// What `advisories read` accepts.
#[derive(Args, Debug)]
pub(super) struct ReadArgs {
    /// Advisories, by their tracking identifiers
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Mark them as not read
    #[arg(long)]
    not: bool,
    #[command(flatten)]
    keep: KeepArgs,
}

/// What `advisories marks` accepts.
#[derive(Args, Debug)]
pub(super) struct MarksArgs {
    /// Directory of the store
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    #[command(flatten)]
    print: PrintArgs,
}

/// What `advisories products` accepts.
#[derive(Args, Debug)]
pub(super) struct ProductsArgs {
    #[command(flatten)]
    within: WhereArgs,
}

/// What `advisories match` accepts.
#[derive(Args, Debug)]
pub(super) struct MatchArgs {
    /// Advisories to match; all when none is named
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// A device to match, by an identifier, an address, a name; can be given several times, all when not given
    #[arg(long, value_name = "WHAT")]
    asset: Vec<String>,
    /// Print earlier runs, and match nothing
    #[arg(long)]
    runs: bool,
    #[command(flatten)]
    keep: KeepArgs,
}

/// Runs the verb.
pub(super) fn run(args: &AdvisoriesArgs) -> Result<Exit, AppError> {
    match &args.action {
        None => listing(&args.list),
        Some(Action::List(args)) => listing(args),
        Some(Action::Show(args)) => {
            let shelf = Shelf::open(&place(&args.within))?;
            let page = show::show(&shelf, &args.id, args.revision.as_deref())?;
            printed(&page, &args.within.print)
        }
        Some(Action::Diff(args)) => difference(args),
        Some(Action::Add(args)) => adding(args),
        Some(Action::Delete(args)) => reasoned(args, Marking::Deleted),
        Some(Action::Restore(args)) => reasoned(args, Marking::Restored),
        Some(Action::Comment(args)) => {
            let text = reason(&args.text, "a comment")?;
            if text.is_empty() {
                return Err(AppError::Usage("the comment is empty".to_owned()));
            }
            let rows = said(&args.keep, Marking::Comment, std::slice::from_ref(&args.id), &text)?;
            printed(&rows, &args.keep.print)
        }
        Some(Action::Read(args)) => {
            let marking = if args.not { Marking::Unread } else { Marking::Read };
            let rows = said(&args.keep, marking, &args.ids, "")?;
            printed(&rows, &args.keep.print)
        }
        Some(Action::Marks(args)) => printed(&marks::all(&args.store)?, &args.print),
        Some(Action::Products(args)) => {
            let shelf = Shelf::open(&place(&args.within))?;
            printed(&products::products(&shelf)?, &args.within.print)
        }
        Some(Action::Match(args)) => match_now(args),
        Some(Action::Lint(args)) => lint::run(args),
    }
}

fn listing(args: &ListArgs) -> Result<Exit, AppError> {
    wanted(&args.within.print)?;
    let shelf = Shelf::open(&place(&args.within))?;
    let wanted = Wanted {
        expression: args.expression.as_deref(),
        search: args.search.as_deref(),
        with: vec![("cve", &args.cve), ("product", &args.product), ("vendor", &args.vendor)],
        unread: args.unread,
        affecting: args.affecting,
        asset: args.asset.as_deref(),
        deleted: args.deleted,
        revisions: args.revisions,
        sort: args.sort.as_deref(),
    };
    printed(&list::list(&shelf, &wanted)?, &args.within.print)
}

fn difference(args: &DiffArgs) -> Result<Exit, AppError> {
    wanted(&args.within.print)?;
    let shelf = Shelf::open(&place(&args.within))?;
    let revisions = match &*args.revisions {
        [one, other] => Some((&**one, &**other)),
        _ => None,
    };
    let name;
    let sides = match &*args.what {
        [one, other] if revisions.is_none() => Sides::Files(one, other),
        [id] => {
            name = id.to_string_lossy();
            Sides::Revisions(&name, revisions)
        }
        _ => {
            let hint =
                "two files are compared as they are: leave --revisions out, or name one advisory";
            return Err(AppError::Usage(hint.to_owned()));
        }
    };
    let difference = diff::diff(&shelf, &sides)?;
    printed(&difference, &args.within.print)?;
    let differs = args.exit_code && difference.substance_changed;
    Ok(if differs { Exit::Threshold } else { Exit::Done })
}

fn adding(args: &AddArgs) -> Result<Exit, AppError> {
    wanted(&args.keep.print)?;
    let by = who(args.keep.by.as_deref())?;
    let sources = args.keep.knowledge.sources();
    if sources.advisories.is_some() {
        return Err(AppError::Usage(
            "--db names other advisories than those of the store: leave it out".to_owned(),
        ));
    }
    let added = add::add(&args.files, &args.keep.store, &sources, (&by, now()))?;
    added.complaints.iter().for_each(|why| complain(&format!("nameplate: passed over: {why}")));
    printed(&added.refreshed, &args.keep.print)?;
    let known = added.read.saturating_sub(added.new);
    let before = if known > 0 { format!(", {known} were there") } else { String::new() };
    complain(&format!("{} added{before}", plural(added.new, "document")));
    Ok(Exit::Done)
}

/// Takes documents out or brings them back, and tells what that changes.
fn reasoned(args: &ReasonArgs, marking: Marking) -> Result<Exit, AppError> {
    wanted(&args.keep.print)?;
    let why = reason(&args.why, "--why")?;
    if why.is_empty() {
        return Err(AppError::Usage("--why is empty: say why, for those who ask later".to_owned()));
    }
    let rows = said(&args.keep, marking, &args.ids, &why)?;
    if rows.is_empty() {
        complain("nameplate: that is so already; nothing changes");
        return Ok(Exit::Done);
    }
    let sources = args.keep.knowledge.sources();
    let refreshed = matching::after(&args.keep.store, &sources)?;
    printed(&rows, &args.keep.print)?;
    complain(&format!("{} changed by it", plural(refreshed.changes.len(), "verdict")));
    if marking == Marking::Deleted {
        let ids: Vec<_> = rows.iter().map(|row| term(&row.advisory).into_owned()).collect();
        complain(&format!("to take it back: nameplate advisories restore {}", ids.join(" ")));
    }
    Ok(Exit::Done)
}

fn said(
    keep: &KeepArgs,
    marking: Marking,
    whats: &[String],
    text: &str,
) -> Result<Vec<MarkRow>, AppError> {
    wanted(&keep.print)?;
    let by = who(keep.by.as_deref())?;
    let said = Said { marking, whats, text, by: &by, at: now() };
    marks::mark(&kept(keep, Some(&by)), &keep.store, &said)
}

fn match_now(args: &MatchArgs) -> Result<Exit, AppError> {
    wanted(&args.keep.print)?;
    let refreshed = if args.runs {
        matching::runs(&args.keep.store)?
    } else {
        let scope = Scope { documents: &args.ids, assets: &args.asset };
        matching::run(&kept(&args.keep, None), &args.keep.store, &scope, now())?
    };
    printed(&refreshed, &args.keep.print)
}

fn place(within: &WhereArgs) -> Place<'_> {
    Place {
        store: within.store.as_deref(),
        sources: within.knowledge.sources(),
        reader: who(within.by.as_deref()).ok(),
    }
}

fn kept<'a>(keep: &'a KeepArgs, by: Option<&str>) -> Place<'a> {
    let store: &Path = &keep.store;
    Place { store: Some(store), sources: keep.knowledge.sources(), reader: by.map(str::to_owned) }
}

fn wanted(args: &PrintArgs) -> Result<Vec<Output>, AppError> {
    let outputs = output::wanted(args)?;
    if outputs.iter().any(|output| output.format == Format::Facts) {
        let hint = "advisories are printed as table, ndjson, json or csv; -o facts is for scan";
        return Err(AppError::Usage(hint.to_owned()));
    }
    Ok(outputs)
}

fn printed(what: &dyn Printed, args: &PrintArgs) -> Result<Exit, AppError> {
    for output in wanted(args)? {
        let form = match output.format {
            Format::Ndjson => Form::Ndjson,
            Format::Json => Form::Json,
            Format::Csv => Form::Csv,
            Format::Table | Format::Facts | Format::Html => Form::Table,
        };
        let mut out = output::open(&output)?;
        let done: io::Result<()> = print(what, form, &output::style(args, &output), &mut out);
        done.and_then(|()| out.flush()).map_err(|source| output::cannot_write(&output, source))?;
    }
    Ok(Exit::Done)
}

const PROPERTIES: &str = "\
Properties:
  id, alias, title, revision, status, standing, category, csaf_version, language, severity,
  tlp, sharing_group, license, released, first_released, history, history_date,
  history_number, publisher, publisher_category, namespace,
  cve, cwe, cvss, kev, remediation, note,
  vendor, family, product, version, model, serial, identifier (cpe, purl, hash ...), tree (all of these),
  comment, read_by, and with --store: affected, cannot_tell, fixed, not_affected (assets),
  not_remediated, in_progress, done (vulnerabilities of assets)";
