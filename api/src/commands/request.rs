//! Who asks, on account of what, and under which key a repeat is recognised.

use std::sync::Arc;

use domain::{PersonId, Role};
use event_store::{Dedupe, Metadata};
use uuid::Uuid;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account or guest; none for the system's own process managers.
    pub person: Option<PersonId>,
    /// A role's name, or `system`.
    pub role: Arc<str>,
    /// Keyed hash of the caller's address.
    pub address: Option<Arc<str>>,
}

impl Actor {
    pub fn person(person: PersonId, role: Role, address: Option<Arc<str>>) -> Self {
        Self {
            person: Some(person),
            role: role.as_str().into(),
            address,
        }
    }

    /// A process manager.
    pub fn system() -> Self {
        Self {
            person: None,
            role: "system".into(),
            address: None,
        }
    }
}

/// By what a repeated command is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Hash of caller, scope and client key.
    pub dedupe: Dedupe,
    /// Keyed hash of the request's content.
    pub fingerprint: Arc<str>,
    /// Where a key counts for a limited time: its hash in the period before, and how old, in
    /// microseconds, an outcome under either may be.
    pub expiring: Option<(Dedupe, i64)>,
}

/// All that a command needs to know of the request it comes from.
#[derive(Debug, Clone)]
pub struct Request {
    pub actor: Actor,
    pub correlation_id: Uuid,
    pub causation_id: Option<Uuid>,
    pub once: Option<Once>,
}

impl Request {
    /// A request that is recognised by nothing when it comes again.
    pub fn new(actor: Actor, correlation_id: Uuid) -> Self {
        Self {
            actor,
            correlation_id,
            causation_id: None,
            once: None,
        }
    }

    /// A request of the system itself, caused by an event.
    pub fn system(correlation_id: Uuid, causation_id: Option<Uuid>) -> Self {
        Self {
            actor: Actor::system(),
            correlation_id,
            causation_id,
            once: None,
        }
    }

    pub(super) fn metadata(&self) -> Metadata {
        Metadata {
            actor: self.actor.person.map(|person| person.0),
            role: Arc::clone(&self.actor.role),
            address: self.actor.address.clone(),
            causation_id: self.causation_id,
            correlation_id: self.correlation_id,
            fingerprint: self.once.as_ref().map(|once| Arc::clone(&once.fingerprint)),
        }
    }
}
