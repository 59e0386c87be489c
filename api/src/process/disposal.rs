//! Disposal: consultations and accounts that are kept no longer are erased as if somebody had asked
//! for it.

use std::sync::Arc;

use domain::{ErasureId, Event, HoldEvent};
use jiff::civil::Date;
use projections::Fact;

use super::ProcessError;
use super::attempt::{Attempt, attempt};
use super::supervise::{Next, Process};
use crate::app::App;
use crate::commands::erasure::RequestErasure;
use crate::commands::rooms::utc_day;
use crate::retention::{Kind, expired};

/// Things asked for at a time.
const PAGE: u32 = 500;

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
            let mut after = 0;
            loop {
                let page = expired(
                    &*app.reader,
                    &app.settings.retention,
                    kind,
                    today,
                    after,
                    PAGE,
                )
                .await?;
                for one in &page {
                    after = one.number;
                    let request = RequestErasure {
                        erasure: ErasureId(app.ids.next()),
                        subject: one.subject,
                    };
                    if attempt(app, Self::NAME, &request).await? == Attempt::Recorded {
                        tracing::info!(subject = %one.subject, "is kept no longer");
                    }
                }
                if page.len() < PAGE as usize {
                    break;
                }
            }
        }
        self.day = Some(today);
        Ok(Next::WhenWoken)
    }
}
