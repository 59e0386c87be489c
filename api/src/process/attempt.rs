//! One command of a process manager: who was quicker is no error, a broken store is.

use domain::Refusal;
use event_store::StoreError;

use super::ProcessError;
use crate::app::App;
use crate::commands::{Command, CommandError, Request};

/// What came of a command that a process manager executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Something was recorded, and the read models show it.
    Recorded,
    /// All was so already.
    AlreadySo,
    /// The rules, or somebody quicker, were against it. The next round sees what is so now.
    Refused,
}

impl Attempt {
    pub(super) fn recorded(self) -> bool {
        self == Self::Recorded
    }
}

/// Executes a command and waits until the read models show it.
///
/// # Errors
/// The store failed, or the read models lag: the round cannot go on. One stream that cannot be
/// read does not hold up the others: it is logged, counted and refused.
pub(super) async fn attempt(
    app: &App,
    process: &'static str,
    command: &impl Command,
) -> Result<Attempt, ProcessError> {
    let request = Request::system(app.ids.next(), None);
    match app.commands.execute(&request, command).await {
        Ok(done) => {
            let Some(position) = done.position() else {
                return Ok(Attempt::AlreadySo);
            };
            for event in &done.events {
                let event_type = event.event_type.to_string();
                metrics::counter!(
                    "maeum_process_events_total", "process" => process, "type" => event_type
                )
                .increment(1);
            }
            if !app.projected(position).await {
                return Err(ProcessError::Lagging(position));
            }
            Ok(Attempt::Recorded)
        }
        Err(CommandError::Refused(refusal)) => {
            refused(process, &command.stream(), refusal);
            Ok(Attempt::Refused)
        }
        Err(CommandError::Contended) => {
            metrics::counter!("maeum_process_contended_total", "process" => process).increment(1);
            Ok(Attempt::Refused)
        }
        Err(
            error @ (CommandError::Unreadable(_)
            | CommandError::Store(
                StoreError::Corrupt { .. }
                | StoreError::KeyDestroyed(_)
                | StoreError::TooLarge(_)
                | StoreError::Invalid(_),
            )),
        ) => {
            let stream = command.stream();
            tracing::error!(process, %stream, %error, "a process manager cannot go on with this");
            metrics::counter!("maeum_process_errors_total", "process" => process).increment(1);
            Ok(Attempt::Refused)
        }
        Err(error) => Err(error.into()),
    }
}

fn refused(process: &'static str, stream: &event_store::StreamName, refusal: Refusal) {
    tracing::debug!(process, %stream, code = refusal.code(), "somebody was quicker");
    metrics::counter!("maeum_process_refused_total", "process" => process).increment(1);
}
