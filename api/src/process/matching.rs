//! Matching: puts open requests to counsellors, moves them on, and gives up in the end.

use std::sync::Arc;

use domain::matching::{Matching as Step, WaitingCounselor, next_offers};
use domain::{ConsultationEvent, ConsultationId, CounselorEvent, Event, OfferId};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, TryStreamExt, stream};
use projections::due::{self, DueKind};
use projections::{Fact, counselors};

use super::attempt::{Attempt, attempt};
use super::open_requests::{Known, OpenRequests};
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::Command;
use crate::commands::matching::{MAX_OFFERS_AT_ONCE, MatchRequest, Put, TerminateUnanswered};

/// Open requests looked at in one round, the oldest first.
const MAX_OPEN_REQUESTS: u32 = 10_000;

/// Consultations given up in one round.
const MAX_GIVEN_UP: u32 = 1_000;

/// Commands under way at once, so that they share disk flushes.
const CONCURRENT_COMMANDS: usize = 64;

/// The process manager of open requests.
#[derive(Default)]
pub(super) struct Matching {
    requests: OpenRequests,
    /// Who took calls in the last round.
    waiting: Vec<WaitingCounselor>,
    /// Somebody was quicker in the last round.
    was_refused: bool,
}

impl Process for Matching {
    const NAME: &'static str = "matching";

    fn missed(&mut self) {
        self.requests.all_changed();
    }

    fn notice(&mut self, fact: &Fact) -> bool {
        if let Event::Consultation(_) = fact.event {
            self.requests.changed(ConsultationId(fact.id));
        }
        match &fact.event {
            Event::Consultation(event) => match event {
                ConsultationEvent::Requested { .. }
                | ConsultationEvent::OfferRejected { .. }
                | ConsultationEvent::ReturnedToWaiting { .. } => true,
                // What follows from these is a matter of time, or of the counsellor's own events.
                ConsultationEvent::Offered { .. }
                | ConsultationEvent::OfferExpired { .. }
                | ConsultationEvent::OfferWithdrawn { .. }
                | ConsultationEvent::Accepted { .. }
                | ConsultationEvent::Completed { .. }
                | ConsultationEvent::Terminated { .. }
                | ConsultationEvent::NicknameChanged { .. }
                | ConsultationEvent::NotesWritten { .. }
                | ConsultationEvent::CardIssued { .. }
                | ConsultationEvent::CardNoted { .. }
                | ConsultationEvent::Rated { .. }
                | ConsultationEvent::RiskFlagged { .. }
                | ConsultationEvent::HistoryGranted { .. }
                | ConsultationEvent::Erased {} => false,
            },
            Event::Counselor(event) => match event {
                CounselorEvent::StatusChanged { .. }
                | CounselorEvent::CallTaken { .. }
                | CounselorEvent::CallReleased { .. }
                | CounselorEvent::Deactivated {}
                | CounselorEvent::Activated {} => true,
                CounselorEvent::Registered { .. }
                | CounselorEvent::SocketOpened { .. }
                | CounselorEvent::SocketClosed { .. } => false,
            },
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let given_up = give_up(app).await?;
        let matched = self.match_requests(app).await?;
        Ok(given_up.or(matched))
    }
}

/// Ends what has waited for too long.
async fn give_up(app: &Arc<App>) -> Result<Next, ProcessError> {
    let reader = &*app.reader;
    let timeout = micros(app.settings.consultation.waiting_timeout);
    let now = app.clock.now_us();
    let kind = DueKind::WaitingConsultation;
    let due = due::due_before(reader, kind, now - timeout, MAX_GIVEN_UP).await?;
    let mut ends = Vec::with_capacity(due.len());
    for row in &due {
        ends.push(TerminateUnanswered {
            consultation: ConsultationId(row.aggregate),
        });
    }
    let attempts = all(app, &ends).await?;
    let again = due.len() == MAX_GIVEN_UP as usize && attempts.iter().any(|one| one.recorded());
    if again {
        return Ok(Next::Now);
    }
    let oldest = due::next(reader, kind).await?;
    Ok(oldest.map_or(Next::WhenWoken, |since| {
        Next::WhenWoken.or_at(since + timeout, now)
    }))
}

impl Matching {
    /// Carries out the next step of every open request that may have one.
    async fn match_requests(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let waiting = waiting_counselors(app).await?;
        if waiting != self.waiting {
            self.requests.none_is_quiet();
            self.waiting = waiting;
        }
        let open = open_requests(app).await?;
        self.requests.keep(&open.iter().copied().collect());
        let now = app.clock.now_us();
        let timeout = micros(app.settings.consultation.offer_timeout);
        let mut next = Next::WhenWoken;
        let mut commands = Vec::new();
        for consultation in open {
            let Some(known) = self.requests.get(app, consultation).await? else {
                continue;
            };
            if let Some(until) = known.quiet_until.filter(|until| now < *until) {
                next = next.or_at(until, now);
                continue;
            }
            let step = next_offers(&known.request, &self.waiting, now, timeout);
            let again_at = step.again_at.unwrap_or(i64::MAX);
            next = next.or_at(again_at, now);
            let command = command(app, consultation, known, step);
            known.quiet_until = command.is_none().then_some(again_at);
            commands.extend(command);
        }
        Ok(self.carry_out(app, &commands).await?.or(next))
    }

    /// Executes what was decided. Whatever comes of it, those requests are read again.
    async fn carry_out(
        &mut self,
        app: &Arc<App>,
        commands: &[MatchRequest],
    ) -> Result<Next, ProcessError> {
        for command in commands {
            self.requests.changed(command.consultation);
        }
        let attempts = all(app, commands).await?;
        let refused = attempts.contains(&Attempt::Refused);
        // Once at once: what is refused again waits for a wake-up or the fallback.
        let soon = refused && !self.was_refused;
        self.was_refused = refused;
        let mut both = commands.iter().zip(attempts);
        let unfinished =
            both.any(|(one, attempt)| one.put.len() == MAX_OFFERS_AT_ONCE && attempt.recorded());
        Ok(if soon || unfinished {
            Next::Now
        } else {
            Next::WhenWoken
        })
    }
}

/// What waits for a counsellor, the longest first.
async fn open_requests(app: &App) -> Result<Vec<ConsultationId>, ProcessError> {
    let kind = DueKind::WaitingConsultation;
    let rows = due::due_before(&*app.reader, kind, i64::MAX, MAX_OPEN_REQUESTS).await?;
    Ok(rows
        .into_iter()
        .map(|row| ConsultationId(row.aggregate))
        .collect())
}

/// The step as a command; none where nothing is to be done.
fn command(
    app: &App,
    consultation: ConsultationId,
    known: &Known,
    step: Step,
) -> Option<MatchRequest> {
    if step.withdraw.is_empty() && step.expire.is_empty() && step.offers.is_empty() {
        return None;
    }
    let put = step.offers.into_iter().take(MAX_OFFERS_AT_ONCE);
    Some(MatchRequest {
        consultation,
        decided_on: known.version,
        withdraw: step.withdraw,
        expire: step.expire,
        put: put
            .map(|proposal| Put {
                offer: OfferId(app.ids.next()),
                proposal,
            })
            .collect(),
        default_max_active: app.settings.consultation.max_active,
    })
}

/// All who take calls, full ones included.
async fn waiting_counselors(app: &App) -> Result<Vec<WaitingCounselor>, ProcessError> {
    let rows = counselors::waiting(&*app.reader).await?;
    let waiting = rows.into_iter().map(|row| WaitingCounselor {
        counselor: row.id,
        active_consultations: row.active_consultations,
        max_active: row
            .max_active
            .unwrap_or(app.settings.consultation.max_active),
        character_type_id: row.character_type_id,
        idle_since: row
            .waiting_since
            .max(row.last_ended_at)
            .unwrap_or(row.status_changed_at),
    });
    Ok(waiting.collect())
}

/// Executes commands side by side; what came of each, in their order.
async fn all(app: &Arc<App>, commands: &[impl Command]) -> Result<Vec<Attempt>, ProcessError> {
    let mut attempts: Vec<BoxFuture<'_, _>> = Vec::with_capacity(commands.len());
    for command in commands {
        attempts.push(Box::pin(attempt(app, Matching::NAME, command)));
    }
    stream::iter(attempts)
        .buffered(CONCURRENT_COMMANDS)
        .try_collect()
        .await
}
