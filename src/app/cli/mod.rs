//! The command line: one file per verb, habits of tcpdump, tshark, ripgrep and trivy.

mod advisories;
mod args;
mod baseline;
mod companions;
mod config;
mod dates;
mod db;
mod decide;
mod diff;
mod doctor;
mod events;
mod explain;
mod export;
mod import;
mod format;
mod interfaces;
mod lint;
mod list;
mod memory;
mod output;
mod outputs;
mod patches;
mod people;
mod redact;
mod report;
mod run;
mod scan;
mod serve;
mod show;
mod store;
mod treat;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::{AssetsAction, AssetsArgs, Cli, FindingsAction, FindingsArgs, Verb};

use crate::app::{AppError, Exit, logging};

pub(super) use dates::{date, day};

/// Parses the arguments of the process, runs the verb, and prints its error once.
pub(super) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                // The arguments that it quotes may be names that a hostile folder was expanded to.
                complain(error.render().to_string().trim_end());
                return Exit::Usage.into();
            }
            // Help that nobody reads to its end is no failure.
            let _ = error.print();
            return Exit::Done.into();
        }
    };
    if let Err(error) = logging::start(cli.log, cli.verbose) {
        complain(&format!("nameplate: {error}"));
        return error.exit().into();
    }
    let done = match cli.verb {
        Verb::Scan(args) => scan::run(&args),
        Verb::Run(args) => run::run(&args),
        Verb::Explain(args) => explain::run(&args),
        Verb::Assets(AssetsArgs { action: Some(action), .. }) => assets(&action),
        Verb::Assets(AssetsArgs { action: None, list }) => {
            list::in_short(list, "assets", list::assets)
        }
        Verb::Findings(FindingsArgs { action: Some(action), .. }) => findings(&action),
        Verb::Findings(FindingsArgs { action: None, list }) => {
            list::in_short(list, "findings", list::findings)
        }
        Verb::Patches(args) => patches::run(&args),
        Verb::Advisories(args) => advisories::run(&args),
        Verb::Db(args) => db::run(&args),
        Verb::Diff(args) => diff::run(&args),
        Verb::Baseline(args) => baseline::run(&args),
        Verb::Export(args) => export::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Interfaces(args) => interfaces::run(&args),
        Verb::Doctor(args) => doctor::run(&args),
        Verb::Store(args) => store::run(&args),
        Verb::Config(args) => config::run(&args),
        Verb::Schema(args) => companions::schemas(&args),
        Verb::Completions(args) => companions::completions(&args),
        Verb::Man(args) => companions::manual(&args),
        Verb::Licences(args) => companions::licences(&args),
        Verb::Events(args) => events::run(&args),
        Verb::Outputs(args) => outputs::run(&args),
        Verb::Serve(args) => serve::run(&args),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(AppError::Write { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => {
            Exit::Done.into()
        }
        Err(error) => {
            complain(&format!("nameplate: {error}"));
            error.exit().into()
        }
    }
}

fn assets(action: &AssetsAction) -> Result<Exit, AppError> {
    match action {
        AssetsAction::List(list) => list::assets(list),
        AssetsAction::Show(args) => show::run(args),
        AssetsAction::Merge(args) => decide::merge(args),
        AssetsAction::Split(args) => decide::split(args),
        AssetsAction::Set(args) => decide::set(args),
        AssetsAction::Undo(args) => decide::undo(args),
        AssetsAction::Decisions(args) => decide::list(args),
        AssetsAction::Import(args) => import::run(args),
    }
}

fn findings(action: &FindingsAction) -> Result<Exit, AppError> {
    match action {
        FindingsAction::List(list) => list::findings(list),
        FindingsAction::Show(args) => treat::show(args),
        FindingsAction::Decide(args) => treat::decide(args),
        FindingsAction::Undo(args) => treat::undo(args),
        FindingsAction::History(args) => treat::history(args),
    }
}

/// A line for the person at the terminal. Paths and names in it may be hostile.
fn complain(line: &str) {
    let safe: Vec<_> = line.lines().map(crate::export::escape::term).collect();
    // Nothing is left to say when standard error is closed.
    let _ = writeln!(io::stderr(), "{}", safe.join("\n"));
}
