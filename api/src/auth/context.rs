//! What every write needs to know of the request it came with, whoever the caller is.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use uuid::Uuid;

use super::{AccountCaller, address_hash};
use crate::app::App;
use crate::commands::{Actor, Request};
use crate::error::ApiError;
use crate::layers::{ClientAddress, RequestId};
use crate::once::{Presented, Repeatable, Whose};

/// Why somebody reads what is not theirs, for those who cannot say it in the query.
pub const X_PURPOSE: HeaderName = HeaderName::from_static("x-purpose");

/// Where a request came from, under which id its events stand together, and its `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct RequestContext {
    pub address: ClientAddress,
    address_hash: Arc<str>,
    correlation_id: Uuid,
    presented: Option<Presented>,
    purpose: Option<Arc<str>>,
}

/// A write as it is executed.
#[derive(Debug, Clone)]
pub struct Asked {
    pub request: Request,
    /// None where the client gave no key.
    pub repeatable: Option<Repeatable>,
}

impl RequestContext {
    /// The keyed hash of the caller's address.
    pub fn address_hash(&self) -> Arc<str> {
        Arc::clone(&self.address_hash)
    }

    /// Why the caller reads what is not theirs, as they said it; it may be no purpose at all.
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// An actor of this address who has logged in.
    pub fn actor(&self, caller: &AccountCaller) -> Actor {
        Actor::person(
            caller.account.into(),
            caller.role,
            Some(self.address_hash()),
        )
    }

    /// A write that takes no notice of a key, such as a log-in.
    pub fn unrepeatable(&self, actor: Actor) -> Request {
        Request {
            actor,
            correlation_id: self.correlation_id,
            causation_id: None,
            once: None,
        }
    }

    /// A write that may be repeated under its key; `whose` is whoever chose the key.
    ///
    /// # Errors
    /// 422 where nobody is logged in and the key is not a UUID.
    pub fn asked(&self, app: &App, actor: Actor, whose: Whose<'_>) -> Result<Asked, ApiError> {
        let mut request = self.unrepeatable(actor);
        let pepper = &app.authority.pepper;
        let repeatable = self
            .presented
            .as_ref()
            .map(|presented| presented.of(pepper, whose, app.clock.now_us()))
            .transpose()?;
        request.once = repeatable
            .as_ref()
            .map(|repeatable| repeatable.once.clone());
        Ok(Asked {
            request,
            repeatable,
        })
    }

    /// A write of somebody who has logged in.
    pub fn asked_by(&self, app: &App, caller: &AccountCaller) -> Result<Asked, ApiError> {
        self.asked(
            app,
            self.actor(caller),
            Whose::Person(caller.account.into()),
        )
    }
}

impl Asked {
    /// The id of a new thing, of a kind that `purpose` names: the same on a repeat.
    pub fn new_id(&self, app: &App, purpose: &str) -> Uuid {
        match &self.repeatable {
            Some(repeatable) => repeatable.seed.id(purpose),
            None => app.ids.next(),
        }
    }
}

/// What the query says, else the header; an empty one is none.
fn purpose(parts: &Parts) -> Option<Arc<str>> {
    let query = parts.uri.query().unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, value)| name == "purpose" && !value.is_empty())
        .last()
        .map(|(_, value)| Arc::from(&*value));
    asked.or_else(|| {
        let header = parts.headers.get(X_PURPOSE)?;
        // What is not UTF-8 is shown as such, and so refused where a purpose is needed.
        let text = String::from_utf8_lossy(header.as_bytes());
        (!text.is_empty()).then(|| Arc::from(&*text))
    })
}

impl FromRequestParts<Arc<App>> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let address = ClientAddress::from_request_parts(parts, app).await?;
        let id = parts.extensions.get::<RequestId>();
        Ok(Self {
            address,
            address_hash: address_hash(&app.authority.pepper, address.0).into(),
            correlation_id: id.map_or_else(|| app.ids.next(), |id| id.0),
            presented: parts.extensions.get::<Presented>().cloned(),
            purpose: purpose(parts),
        })
    }
}
