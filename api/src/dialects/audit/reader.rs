//! Who may read the log.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::{Access, Refusal};

use super::follow::wants_stream;
use crate::app::App;
use crate::auth::{AccountCaller, Caller, live_credentials};
use crate::error::ApiError;

/// An auditor or administrator, known before the query is read: others learn nothing of what it
/// should be.
pub(super) struct LogReader(pub AccountCaller);

impl FromRequestParts<Arc<App>> for LogReader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        // Browsers follow a stream of events without a header of their own choice.
        let caller = if wants_stream(&parts.headers) {
            let credentials = live_credentials(&parts.headers, parts.uri.query());
            let claims = credentials.map(|credentials| app.authority.caller(&credentials));
            Caller::of(claims.transpose()?)
        } else {
            Caller::of_request(app, &parts.headers)?
        };
        let account = caller.account()?;
        if Access::is_open_to(account.role) {
            Ok(Self(account.clone()))
        } else {
            Err(Refusal::NotAReader.into())
        }
    }
}
