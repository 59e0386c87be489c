//! What a message said, from its first sending to its last edit: read from its own stream.

use domain::{Event, MessageBody, MessageEvent, MessageId};
use event_store::keys::KeyStore;
use event_store::{Direction, EventStore, StoreError, StreamName};

use crate::{FactError, fact};

/// More events than a message can have.
const MAX_EVENTS: usize = domain::limits::EDITS as usize + 2;

/// What a message said from one moment on.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// None once it is erased, or its room's day destroyed.
    pub body: Option<MessageBody>,
    /// Microseconds since the Unix epoch.
    pub since: i64,
}

/// Why the versions of a message cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum VersionsError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Fact(#[from] FactError),
}

/// Every version of a message, the first one first; none of an unknown one. That somebody may see
/// them is for the caller to know.
///
/// # Errors
/// The log or a key cannot be read.
pub async fn versions(
    store: &dyn EventStore,
    keys: &dyn KeyStore,
    message: MessageId,
) -> Result<Vec<Version>, VersionsError> {
    let stream = StreamName::new("message", message);
    let events = store
        .read_stream(&stream, 1, Direction::Forward, MAX_EVENTS)
        .await?;
    let mut versions = Vec::with_capacity(events.len());
    for recorded in events {
        let fact = fact(recorded, keys)?;
        if let Event::Message(MessageEvent::Sent { body, .. } | MessageEvent::Edited { body, .. }) =
            &fact.event
        {
            versions.push(Version {
                body: body.get().cloned(),
                since: fact.recorded.recorded_at,
            });
        }
    }
    Ok(versions)
}
