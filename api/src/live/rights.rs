//! What a live connection was opened with, and whether that still holds.

use std::sync::Arc;
use std::time::Duration;

use domain::{CounselorEvent, Event, SocketEnd};
use projections::Fact;
use tokio::time::Instant;
use uuid::Uuid;

use super::{ConnectionLimits, Ended, Hub, Topic};
use crate::app::App;
use crate::auth::{Cause, Claims};

/// The token that a connection was opened with; none where a code alone is enough.
#[derive(Clone)]
pub struct Rights(pub Option<Arc<Claims>>);

impl Rights {
    /// Topics on which it becomes known that the rights have ended.
    pub fn topics(&self) -> Vec<Topic> {
        self.0
            .iter()
            .flat_map(|claims| [Topic::Account(claims.sub), Topic::Session(claims.sid.0)])
            .collect()
    }

    /// Judges the rights anew whenever asked.
    pub fn still_hold(&self, app: &Arc<App>) -> Box<dyn Fn() -> Result<(), Ended> + Send + Sync> {
        let (claims, app) = (self.0.clone(), Arc::downgrade(app));
        Box::new(move || {
            let (Some(claims), Some(app)) = (&claims, app.upgrade()) else {
                return Ok(());
            };
            app.authority.check(claims).map_err(|cause| match cause {
                Cause::Revoked => Ended::NotAuthenticated,
                Cause::RoleChanged => Ended::NotAllowed,
            })
        })
    }

    /// How long the connection may last, and how often it is pinged.
    pub fn limits(&self, app: &App) -> ConnectionLimits {
        let expires = self.0.as_ref().map(|claims| {
            let seconds = claims.exp - app.clock.now_seconds();
            Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
        });
        ConnectionLimits {
            ping_interval: app.settings.live.ping_interval,
            expires,
        }
    }
}

/// Ends the connections whose rights this event takes away, or which it holds for lost. The
/// revocations know of it already.
pub fn review(hub: &Hub, fact: &Fact) {
    let topic: fn(Uuid) -> Topic = match &fact.event {
        Event::Account(_) => Topic::Account,
        Event::Session(_) => Topic::Session,
        // Another node took this one for dead. It is not, and its client must be rung again.
        Event::Counselor(CounselorEvent::SocketClosed {
            connection,
            end: SocketEnd::NodeLost,
        }) => return hub.close(Topic::Connection(connection.0), Ended::TryAgain),
        Event::Email(_)
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
        | Event::Emotion(_)
        | Event::Alert(_) => return,
    };
    if let Ok(id) = fact.recorded.stream.key().parse() {
        hub.review_rights(topic(id));
    }
}
