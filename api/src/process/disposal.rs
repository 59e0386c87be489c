//! Disposal: consultations and accounts that are kept no longer are erased as if somebody had asked
//! for it; sessions about emotions lose their key, log-ins their row.

use std::sync::Arc;

use domain::{
    AccountId, ConsultationId, EmotionSessionId, ErasureId, Event, HoldEvent, SessionId, Subject,
};
use futures_util::{StreamExt, stream};
use jiff::civil::Date;
use projections::Fact;
use uuid::Uuid;

use super::ProcessError;
use super::attempt::{Attempt, attempt};
use super::supervise::{Next, Process};
use crate::app::App;
use crate::commands::accounts::ForgetSession;
use crate::commands::emotion::EraseEmotionSession;
use crate::commands::erasure::RequestErasure;
use crate::commands::rooms::utc_day;
use crate::retention::{After, Kind, expired};

/// Things read at a time.
const PAGE: u32 = 500;

/// Commands at once, so that they share disk flushes.
const AT_ONCE: usize = 64;

/// The process manager of disposal.
#[derive(Default)]
pub(super) struct Disposal {
    /// The UTC day on which everything was looked at.
    day: Option<Date>,
}

impl Process for Disposal {
    const NAME: &'static str = "disposal";

    fn missed(&mut self) {
        self.day = None;
    }

    fn notice(&mut self, fact: &Fact) -> bool {
        // What it was against may be due.
        let is_lifted = matches!(fact.event, Event::Hold(HoldEvent::Lifted { .. }));
        if is_lifted {
            self.day = None;
        }
        is_lifted
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let today = utc_day(app.clock.now_us());
        if self.day == Some(today) {
            return Ok(Next::WhenWoken);
        }
        for kind in Kind::ALL {
            dispose_of(app, kind, today).await?;
        }
        self.day = Some(today);
        Ok(Next::WhenWoken)
    }
}

/// Disposes of all that is kept no longer of a kind.
async fn dispose_of(app: &Arc<App>, kind: Kind, today: Date) -> Result<(), ProcessError> {
    let mut after = After::default();
    loop {
        let settings = &app.settings.retention;
        let (before, page) = expired(&*app.reader, settings, kind, today, after, PAGE).await?;
        let ids: Vec<_> = page.iter().map(|one| one.id).collect();
        let each = ids.into_iter().map(|id| dispose(app, kind, id, before));
        let mut each = stream::iter(each).buffer_unordered(AT_ONCE);
        while let Some(done) = each.next().await {
            done?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = After::from(last),
            Some(_) | None => return Ok(()),
        }
    }
}

async fn dispose(app: &App, kind: Kind, id: Uuid, before: i64) -> Result<(), ProcessError> {
    let attempted = match kind {
        Kind::Consultations => ask_for(app, Subject::Consultation(ConsultationId(id))).await?,
        Kind::UnusedAccounts => ask_for(app, Subject::Account(AccountId(id))).await?,
        Kind::EmotionSessions => {
            let erase = EraseEmotionSession {
                session: EmotionSessionId(id),
                unused_since: before,
            };
            attempt(app, Disposal::NAME, &erase).await?
        }
        Kind::LogIns => {
            let session = SessionId(id);
            attempt(app, Disposal::NAME, &ForgetSession { session }).await?
        }
    };
    if attempted == Attempt::Recorded {
        tracing::info!(?kind, %id, "is kept no longer");
    }
    Ok(())
}

async fn ask_for(app: &App, subject: Subject) -> Result<Attempt, ProcessError> {
    let request = RequestErasure {
        erasure: ErasureId(app.ids.next()),
        subject,
    };
    attempt(app, Disposal::NAME, &request).await
}
