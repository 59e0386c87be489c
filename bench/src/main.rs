//! `maeum-bench`: what the stores, the read models and the live hub do in a second, beside the raw
//! limit measured in the same run.

mod append;
mod arguments;
mod bare;
mod chat;
mod emotion;
mod events;
mod failure;
mod follow;
mod generate;
mod http;
mod latency;
mod live;
mod log;
mod machine;
mod meter;
mod month;
mod notes;
mod postgres;
mod rebuild;
mod report;
mod search;
mod server;
mod socket;
mod stamp;

use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{Arguments, Task};
use failure::Failure;
use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::select! {
        outcome = run(&arguments) => outcome,
        // What was started ends with us.
        stopped = stop() => stopped.and(Err(Failure::Asked("stopped".to_owned()))),
    };
    let outcome = outcome.and_then(|report| {
        let Some(report) = report else { return Ok(()) };
        let text = if arguments.common.json {
            serde_json::to_string(&report).map_err(|cause| Failure::Report(cause.to_string()))?
        } else {
            report.to_string()
        };
        println!("{text}");
        Ok(())
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("maeum-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Until the terminal or another program ends this one.
async fn stop() -> Result<(), Failure> {
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminated.recv() => Ok(()),
    }
}

/// None where what was asked has no report.
async fn run(arguments: &Arguments) -> Result<Option<Report>, Failure> {
    let common = &arguments.common;
    Ok(Some(match &arguments.task {
        Task::Append(options) => append::run(common, options).await?,
        Task::Follow(options) => follow::run(common, options).await?,
        Task::Rebuild(options) => rebuild::run(common, options).await?,
        Task::Live(options) => live::run(common, options).await?,
        Task::Chat(options) => chat::run(common, options).await?,
        Task::Emotion(options) => emotion::run(common, options).await?,
        Task::Search(options) => search::run(common, options).await?,
        Task::Month(options) => {
            month::run(options).await?;
            return Ok(None);
        }
        Task::Bare => {
            bare::serve().await?;
            return Ok(None);
        }
    }))
}
