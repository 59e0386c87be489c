//! What matching knows of each open request: folded from its stream, kept between rounds.

use std::collections::{HashMap, HashSet};

use domain::matching::OpenRequest;
use domain::{Consultation, ConsultationId, Event, Version};
use event_store::Direction;
use projections::fact;

use super::ProcessError;
use crate::app::App;
use crate::commands::matching::stream_of;

/// Events of a stream read at a time.
const STREAM_PAGE: usize = 1_000;

/// An open request at a version of its stream.
#[derive(Default)]
pub(super) struct Known {
    pub(super) version: Version,
    pub(super) request: OpenRequest,
}

/// Every open request that was looked at.
#[derive(Default)]
pub(super) struct OpenRequests(HashMap<ConsultationId, Known>);

impl OpenRequests {
    /// Forgets all but these.
    pub(super) fn keep(&mut self, open: &HashSet<ConsultationId>) {
        self.0.retain(|consultation, _| open.contains(consultation));
    }

    /// A request as its stream says now. None where the stream cannot be read: that is logged,
    /// and holds up no other request.
    pub(super) async fn refresh(
        &mut self,
        app: &App,
        consultation: ConsultationId,
    ) -> Result<Option<&Known>, ProcessError> {
        let stream = stream_of::<Consultation>(consultation);
        let known = self.0.entry(consultation).or_default();
        loop {
            let from = known.version + 1;
            let page = app
                .store
                .read_stream(&stream, from, Direction::Forward, STREAM_PAGE)
                .await?;
            let full = page.len() == STREAM_PAGE;
            for recorded in page {
                let (version, at) = (recorded.sequence, recorded.recorded_at);
                match fact(recorded, &*app.keys) {
                    Ok(fact) => {
                        if let Event::Consultation(event) = fact.event {
                            known.request.apply(&event, at);
                        }
                        known.version = version;
                    }
                    Err(error) => {
                        tracing::error!(%stream, %error, "an open request cannot be read");
                        metrics::counter!("maeum_process_errors_total", "process" => "matching")
                            .increment(1);
                        return Ok(None);
                    }
                }
            }
            if !full {
                return Ok(Some(known));
            }
        }
    }
}
