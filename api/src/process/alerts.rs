//! Alerts that nobody has acknowledged: each is raised again, and further up.

use std::sync::Arc;

use domain::{AlertAudience, AlertEvent, AlertSource, CounselorId, Event};
use projections::alerts::{self, AlertRow};
use projections::consultations::{self, ConsultationStatus};
use projections::{Fact, counselors};

use super::attempt::attempt;
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::alerts::RaiseAgain;

/// Alerts looked at in one round.
const MAX_OPEN: u32 = 1_000;

/// After so many times the pause between two grows no more: it doubles each time.
const MAX_DOUBLINGS: u32 = 5;

/// The process manager of alerts.
#[derive(Default)]
pub(super) struct Alerts;

impl Process for Alerts {
    const NAME: &'static str = "alerts";

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Alert(AlertEvent::Raised { .. } | AlertEvent::RaisedAgain { .. }) => true,
            Event::Alert(AlertEvent::Acknowledged { .. })
            | Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let interval = micros(app.settings.crisis.alert_interval);
        let now = app.clock.now_us();
        let mut next = Next::WhenWoken;
        for row in alerts::open(&*app.reader, now, MAX_OPEN).await? {
            let due = row.last_raised_at + (interval << row.times.min(MAX_DOUBLINGS));
            if due <= now {
                raise_again(app, &row).await?;
            } else {
                next = next.or_at(due, now);
            }
        }
        Ok(next)
    }
}

/// Now everybody is told who could take it up: whoever is with the person, all who take calls, and
/// the administrators.
async fn raise_again(app: &App, row: &AlertRow) -> Result<(), ProcessError> {
    let counselor = with_the_person(app, row).await?;
    let waiting = counselors::waiting(&*app.reader).await?;
    let waiting = waiting.into_iter().map(|row| row.id);
    let audience = AlertAudience {
        counselor,
        waiting: waiting.filter(|id| Some(*id) != counselor).collect(),
        administrators: true,
    };
    let again = RaiseAgain {
        alert: row.id,
        seen: row.times,
        audience,
    };
    attempt(app, Alerts::NAME, &again).await?;
    Ok(())
}

async fn with_the_person(app: &App, row: &AlertRow) -> Result<Option<CounselorId>, ProcessError> {
    match row.source {
        AlertSource::Consultation(id) => {
            let consultation = consultations::by_id(&*app.reader, id).await?;
            let with = consultation.filter(|row| match row.status {
                ConsultationStatus::Active | ConsultationStatus::Completed => true,
                ConsultationStatus::Waiting | ConsultationStatus::Terminated => false,
            });
            Ok(with.and_then(|row| row.counselor))
        }
        AlertSource::EmotionSession(_) => Ok(None),
    }
}
