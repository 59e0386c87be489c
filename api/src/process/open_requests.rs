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
    /// Nothing has happened since the stream was read.
    is_fresh: bool,
    /// Until then nothing is to be done if nothing happens to it, and the counsellors stay as they
    /// are; in microseconds since the Unix epoch.
    pub(super) quiet_until: Option<i64>,
}

/// Every open request that was looked at.
#[derive(Default)]
pub(super) struct OpenRequests(HashMap<ConsultationId, Known>);

impl OpenRequests {
    /// Forgets all but these.
    pub(super) fn keep(&mut self, open: &HashSet<ConsultationId>) {
        self.0.retain(|consultation, _| open.contains(consultation));
    }

    /// Something has happened to it, or may have: its stream is read on when it is next asked for.
    pub(super) fn changed(&mut self, consultation: ConsultationId) {
        if let Some(known) = self.0.get_mut(&consultation) {
            known.is_fresh = false;
        }
    }

    /// Something may have happened to any of them.
    pub(super) fn all_changed(&mut self) {
        self.0.values_mut().for_each(|known| known.is_fresh = false);
    }

    /// Other counsellors wait: every request has to be looked at.
    pub(super) fn none_is_quiet(&mut self) {
        self.0
            .values_mut()
            .for_each(|known| known.quiet_until = None);
    }

    /// A request as its stream says now. None where the stream cannot be read: that is logged,
    /// and holds up no other request.
    pub(super) async fn get(
        &mut self,
        app: &App,
        consultation: ConsultationId,
    ) -> Result<Option<&mut Known>, ProcessError> {
        let known = self.0.entry(consultation).or_default();
        if !known.is_fresh && !known.read_on(app, consultation).await? {
            return Ok(None);
        }
        Ok(Some(known))
    }
}

impl Known {
    /// Takes in what is new in the stream; false where that cannot be read.
    async fn read_on(
        &mut self,
        app: &App,
        consultation: ConsultationId,
    ) -> Result<bool, ProcessError> {
        let stream = stream_of::<Consultation>(consultation);
        loop {
            let from = self.version + 1;
            let page = app
                .store
                .read_stream(&stream, from, Direction::Forward, STREAM_PAGE)
                .await?;
            let full = page.len() == STREAM_PAGE;
            for recorded in page {
                let (version, at) = (recorded.sequence, recorded.recorded_at);
                let fact = match fact(recorded, &*app.keys) {
                    Ok(fact) => fact,
                    Err(error) => {
                        tracing::error!(%stream, %error, "an open request cannot be read");
                        metrics::counter!("maeum_process_errors_total", "process" => "matching")
                            .increment(1);
                        return Ok(false);
                    }
                };
                if let Event::Consultation(event) = fact.event {
                    self.request.apply(&event, at);
                }
                self.version = version;
                self.quiet_until = None;
            }
            if !full {
                self.is_fresh = true;
                return Ok(true);
            }
        }
    }
}
