//! `maeum-replay`: reads a log of events beside a live server, to verify, compare, rebuild,
//! tell, export, copy and count.

mod arguments;
mod at;
mod bundle;
mod copy;
mod damage;
mod diff;
mod export;
mod failure;
mod finding;
mod gathered;
mod hex;
mod master;
mod no_keys;
mod place;
mod progress;
mod rebuild;
mod remembered;
mod scan;
mod scratch;
mod seals;
mod stats;
mod tail;
mod timeline;
mod verify;

use std::fmt::Display;
use std::process::ExitCode;

use serde::Serialize;

use arguments::{Arguments, Task};
use failure::Failure;

/// Something was found: a gap, an event that does not decode.
const FOUND: u8 = 1;
/// It could not run.
const COULD_NOT_RUN: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(answer) => return answer,
    };
    match run(&arguments).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("maeum-replay: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let place = &arguments.place;
    match &arguments.task {
        Task::Verify(options) => {
            let report = verify::verify(place, options).await?;
            print(&report, arguments.json)?;
            Ok(found_unless(report.is_fine()))
        }
        Task::Diff => {
            let report = diff::diff(place).await?;
            print(&report, arguments.json)?;
            Ok(found_unless(report.is_fine()))
        }
        Task::Export(options) => {
            if let Some(bundle) = &options.bundle {
                let report = bundle::export(place, options, bundle).await?;
                print(&report, arguments.json)?;
            } else if let Some(report) = export::export(place, options).await? {
                print(&report, arguments.json)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Rebuild(options) => {
            print(&rebuild::rebuild(place, options).await?, arguments.json)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Copy(options) => {
            print(&copy::copy(place, options).await?, arguments.json)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Timeline(options) => {
            let told = timeline::timeline(place, options, arguments.json).await?;
            Ok(found_unless(told))
        }
        Task::At(options) => {
            let report = at::at(place, options).await?;
            print(&report, arguments.json)?;
            Ok(found_unless(report.is_answered()))
        }
        Task::Tail(options) => {
            tail::tail(place, options, arguments.json).await?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Stats => {
            print(&stats::stats(place).await?, arguments.json)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn found_unless(is_fine: bool) -> ExitCode {
    if is_fine {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FOUND)
    }
}

fn print<T: Serialize + Display>(report: &T, json: bool) -> Result<(), Failure> {
    if json {
        let text =
            serde_json::to_string(report).map_err(|cause| Failure::Report(cause.to_string()))?;
        println!("{text}");
    } else {
        println!("{report}");
    }
    Ok(())
}
