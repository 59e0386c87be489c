//! Everything that a request may need, made once at the start.

use std::sync::Arc;
use std::time::Duration;

use domain::{ConsultationId, NodeId};
use event_store::keys::KeyStore;
use event_store::{EventStore, Position};
use projections::analytics::Analytics;
use projections::search::Search;
use projections::{ProjectorHandle, ProjectorStatus, Reader, Tail};

use crate::answer::Settled;
use crate::answering::Answering;
use crate::auth::Authority;
use crate::catalogue::Catalogue;
use crate::clock::{Clock, Ids};
use crate::cluster::Cluster;
use crate::commands::{Command, Commands, Request};
use crate::dialects::consultation::ConsultationFrames;
use crate::dialects::messenger::Seats;
use crate::error::ApiError;
use crate::limits::Limits;
use crate::live::{Hub, Presence};
use crate::people::Finder;
use crate::process::Wait;
use crate::responder::Responder;
use crate::settings::Settings;
use crate::uploads::Uploads;

/// How long an answer waits for the read models before it says that they lag.
pub const READ_LAG_LIMIT: Duration = Duration::from_secs(2);

/// The shared parts of one server.
pub struct App {
    /// This run of this process.
    pub node: NodeId,
    pub cluster: Arc<Cluster>,
    pub settings: Settings,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub store: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
    pub commands: Commands,
    pub reader: Arc<dyn Reader>,
    pub projector: ProjectorHandle,
    pub search: Search,
    /// What analysts count.
    pub analytics: Analytics,
    pub tail: Tail,
    pub hub: Arc<Hub>,
    pub presence: Arc<Presence>,
    /// The connections of messengers.
    pub seats: Arc<Seats>,
    /// Who can be found by name.
    pub finder: Arc<Finder>,
    pub consultation_frames: Arc<ConsultationFrames>,
    /// Passwords, tokens, tickets, revocations, the pepper.
    pub authority: Authority,
    pub limits: Limits,
    /// Files.
    pub uploads: Uploads,
    pub catalogue: Catalogue,
    /// What answers in emotion sessions.
    pub responder: Responder,
    /// The answers that this node is giving.
    pub answering: Answering,
}

impl App {
    /// Executes a command and waits until the read models show it, or lag.
    pub async fn execute(
        &self,
        request: &Request,
        command: &impl Command,
    ) -> Result<Settled, ApiError> {
        let done = self.commands.execute(request, command).await?;
        let lagging = match done.position() {
            Some(position) => !self.projected(position).await,
            // It was so already, by events that may be newer than all that anybody has been shown.
            None => !self.projected(self.store.head().await?).await,
        };
        Ok(Settled { done, lagging })
    }

    /// Waits until the read models have passed a position; false if that takes too long.
    pub async fn projected(&self, position: Position) -> bool {
        self.projector.wait_for(position, READ_LAG_LIMIT).await
    }

    /// Waits until the read models have passed all that the hub has shown to anyone.
    pub async fn caught_up(&self) -> bool {
        self.projected(self.hub.published()).await
    }

    /// Whether the server can do its work; else what is wrong, a line each.
    pub fn ready(&self) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        if let Some(error) = self.tail.status().stopped {
            problems.push(format!("the log is not followed any more: {error}"));
        }
        problems.extend(problems_of("read models", self.projector.status()));
        problems.extend(problems_of("search index", self.search.status()));
        problems.extend(problems_of("counts of analysts", self.analytics.status()));
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// Sets the gauges that are looked at only when somebody asks.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge; positions stay below 2^53"
    )]
    pub fn observe(&self) {
        metrics::gauge!("maeum_log_position").set(self.tail.status().position as f64);
        metrics::gauge!("maeum_live_position").set(self.hub.published() as f64);
        let search = self.search.status().projections;
        let analytics = self.analytics.status().projections;
        for projection in self
            .projector
            .status()
            .projections
            .into_iter()
            .chain(search)
            .chain(analytics)
        {
            metrics::gauge!("maeum_projection_position", "projection" => projection.name)
                .set(projection.position as f64);
        }
        metrics::gauge!("maeum_ready").set(f64::from(self.ready().is_ok()));
        metrics::gauge!("maeum_leads").set(f64::from(*self.cluster.leads().borrow()));
        metrics::gauge!("maeum_answers").set(self.answering.count() as f64);
        metrics::gauge!("maeum_connections").set(self.hub.subscribers() as f64);
    }

    /// Tells those who wait in a consultation how far it is in the queue.
    pub fn tell_place(&self, consultation: ConsultationId, wait: Wait) {
        self.consultation_frames
            .tell_place(&self.hub, consultation, wait);
    }
}

/// What keeps read models from following the log, a line each.
fn problems_of(what: &str, status: ProjectorStatus) -> Vec<String> {
    let failing = status.failing.map(|why| format!("{what}: {why}"));
    let stopped = status.projections.into_iter().filter_map(|projection| {
        projection
            .stopped
            .map(|why| format!("projection {}: {why}", projection.name))
    });
    failing.into_iter().chain(stopped).collect()
}
