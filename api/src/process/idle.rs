//! Idle consultations: those in which nobody has said anything for long are completed.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ConsultationId;
use event_store::Position;
use projections::due::{self, DueKind, DueRow};
use projections::{Fact, messages, rooms};

use super::attempt::attempt;
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::matching::CompleteIdle;

/// Consultations in progress that are judged in one round: all that there can be, in practice.
const MAX_JUDGED: u32 = 100_000;

/// The process manager of idle consultations.
#[derive(Default)]
pub(super) struct Idle {
    /// When something was last said in consultations that have lasted longer than the time-out,
    /// with the acceptance that began each: they need not be looked up before that is too long ago.
    spoken: HashMap<ConsultationId, (Position, i64)>,
}

impl Process for Idle {
    const NAME: &'static str = "idle";

    /// It is a matter of time alone.
    fn notice(&mut self, _fact: &Fact) -> bool {
        false
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let timeout = micros(app.settings.consultation.idle_timeout);
        let now = app.clock.now_us();
        let kind = DueKind::ActiveConsultation;
        let judged = due::due_before(&*app.reader, kind, now - timeout, MAX_JUDGED).await?;
        let mut spoken = HashMap::with_capacity(judged.len());
        for row in &judged {
            let id = ConsultationId(row.aggregate);
            let at = match self.spoken.get(&id) {
                Some((cause, at)) if *cause == row.cause && *at > now - timeout => *at,
                _ => last_spoken(app, row).await?,
            };
            if at <= now - timeout {
                attempt(app, Self::NAME, &CompleteIdle { consultation: id }).await?;
            } else {
                spoken.insert(id, (row.cause, at));
            }
        }
        self.spoken = spoken;
        // The fallback is often enough for this time-out.
        Ok(Next::WhenWoken)
    }
}

/// When the last message came, or the acceptance where none came since.
async fn last_spoken(app: &App, row: &DueRow) -> Result<i64, ProcessError> {
    let consultation = ConsultationId(row.aggregate);
    let Some(room) = rooms::by_consultation(&*app.reader, consultation).await? else {
        return Ok(row.since);
    };
    let last = messages::last_of(&*app.reader, room.number).await?;
    Ok(last.map_or(row.since, |message| message.sent_at.max(row.since)))
}
