//! Who may read counts.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::{Refusal, Role};

use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;

/// The caller is an analyst or administrator: known before the query is read.
pub(super) struct Analyst;

impl FromRequestParts<Arc<App>> for Analyst {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let caller = Caller::of_request(app, &parts.headers)?;
        match caller.account()?.role {
            Role::Analyst | Role::Admin => Ok(Self),
            Role::User | Role::Guest | Role::Counselor | Role::Auditor | Role::Service => {
                Err(Refusal::NotAReader.into())
            }
        }
    }
}
