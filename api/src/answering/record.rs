//! What came of a step is recorded, whatever the store says meanwhile.

use std::time::Duration;

use event_store::StoreError;
use tokio::time::sleep;

use super::running::{End, Ending, Running};
use crate::app::{App, READ_LAG_LIMIT};
use crate::commands::emotion::{Came, NoteOutcome};
use crate::commands::{CommandError, Request};

/// Pause before it is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Records it, and waits until the read models show it. It is tried until it is recorded, or until
/// this process stops: then the next one that looks finds the step interrupted.
pub(super) async fn record(app: &App, request: &Request, running: &Running, came: Came) -> Ending {
    let mut came = came;
    loop {
        let command = NoteOutcome {
            session: running.session,
            attempt: running.attempt,
            came: came.clone(),
        };
        match app.commands.execute(request, &command).await {
            Ok(done) => {
                let position = done.position();
                if let Some(position) = position
                    && !app.projected(position).await
                {
                    let limit = READ_LAG_LIMIT.as_secs();
                    tracing::warn!(limit, "an answer is recorded, and the read models lag");
                }
                return Ending {
                    how: how(came),
                    position,
                };
            }
            Err(CommandError::Refused(refusal)) => {
                tracing::warn!(%refusal, "an answer came too late");
                return Ending::interrupted();
            }
            // Its owner was erased meanwhile: that there was an answer is all that is kept.
            Err(CommandError::Store(StoreError::KeyDestroyed(_))) if came != erased() => {
                came = erased();
            }
            Err(error) => {
                tracing::warn!(%error, "an answer is not recorded yet");
                if app.answering.is_stopping() {
                    return Ending::interrupted();
                }
                sleep(AGAIN_AFTER).await;
            }
        }
    }
}

fn erased() -> Came {
    Came::Failed {
        reason: "erased".to_owned(),
        retryable: false,
        arrived: None,
    }
}

fn how(came: Came) -> End {
    match came {
        Came::Answered {
            emotion, truncated, ..
        } => End::Answered { emotion, truncated },
        Came::Failed {
            reason, retryable, ..
        } => End::Failed { reason, retryable },
        Came::Cancelled(_) | Came::Arrived(_) => End::Cancelled,
    }
}
