//! Who makes a call whose guide has a `user_id` and no token, before it is known as whom.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{Caller, Peer, RequestContext};
use crate::app::App;
use crate::error::ApiError;

/// Somebody who shows a token, or comes from where a bare `user_id` is believed. It stands before
/// whatever reads query or body: all others are told nothing of what those should be.
#[derive(Debug, Clone)]
pub struct Asker {
    pub caller: Caller,
    pub peer: Peer,
    pub context: RequestContext,
}

impl Asker {
    /// # Errors
    /// 401 for nobody, 403 for a guest.
    pub fn new(
        app: &App,
        caller: Caller,
        peer: Peer,
        context: RequestContext,
    ) -> Result<Self, ApiError> {
        let is_believed = peer.is_believed(&app.settings.auth);
        if !(caller == Caller::Anonymous && is_believed) {
            caller.account()?;
        }
        Ok(Self {
            caller,
            peer,
            context,
        })
    }
}

impl FromRequestParts<Arc<App>> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::of_request(app, &parts.headers)?;
        let Ok(peer) = Peer::from_request_parts(parts, app).await;
        let Ok(context) = RequestContext::from_request_parts(parts, app).await;
        Self::new(app, caller, peer, context)
    }
}
