//! The queue: everybody who waits hears of their place and of how long it may take.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{ConsultationEvent, ConsultationId, CounselorEvent, Event};
use projections::{Fact, consultations};

use super::ProcessError;
use super::supervise::{Next, Process};
use super::waits::{Capacity, Wait};
use crate::app::App;

/// Those who are told of their place; who is further behind is told on coming closer.
const MAX_TOLD: u32 = 10_000;

/// The process manager of the queue.
#[derive(Default)]
pub(super) struct Queue {
    told: HashMap<ConsultationId, Wait>,
}

impl Process for Queue {
    const NAME: &'static str = "queue";

    const EVERYWHERE: bool = true;

    /// Clients are told at most once a second.
    const AT_LEAST_BETWEEN: Duration = Duration::from_secs(1);

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Consultation(event) => matches!(
                event,
                ConsultationEvent::Requested { .. }
                    | ConsultationEvent::Accepted { .. }
                    | ConsultationEvent::ReturnedToWaiting { .. }
                    | ConsultationEvent::Completed { .. }
                    | ConsultationEvent::Terminated { .. }
            ),
            Event::Counselor(event) => matches!(event, CounselorEvent::StatusChanged { .. }),
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
        let waiting = consultations::open_requests(&*app.reader, MAX_TOLD).await?;
        let oldest = waiting.iter().map(|row| row.requested_at).min();
        let oldest_us = oldest.map_or(0, |at| app.clock.now_us() - at);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a gauge; microseconds do not matter"
        )]
        {
            metrics::gauge!("maeum_consultations_waiting").set(waiting.len() as f64);
            metrics::gauge!("maeum_consultations_oldest_waiting_seconds")
                .set(oldest_us.max(0) as f64 / 1_000_000.0);
        }
        if waiting.is_empty() {
            self.told.clear();
            return Ok(Next::WhenWoken);
        }
        let capacity = Capacity::of(&*app.reader, &app.settings.consultation).await?;
        let mut told = HashMap::with_capacity(waiting.len());
        for (row, place) in waiting.iter().zip(1..) {
            let wait = capacity.wait(place);
            if self.told.get(&row.id) != Some(&wait) {
                app.tell_place(row.id, wait);
            }
            told.insert(row.id, wait);
        }
        self.told = told;
        Ok(Next::WhenWoken)
    }
}
