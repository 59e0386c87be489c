//! Tokens that are good for one consultation only.

use domain::{ConsultationId, PersonId, Role};

use super::shapes::ConsultationView;
use crate::app::App;
use crate::auth::NewToken;
use crate::error::ApiError;

/// Adds a fresh token for this consultation's paths. `number` is that of the person.
pub(super) fn grant(
    app: &App,
    view: &mut ConsultationView,
    consultation: ConsultationId,
    person: PersonId,
    number: u64,
) -> Result<(), ApiError> {
    let (token, _) = app.authority.tokens.issue(NewToken {
        sub: person.0,
        number,
        session: None,
        role: Role::Guest,
        version: 0,
        consultation: Some(consultation),
    })?;
    view.access_token = Some(token);
    view.token_type = Some("bearer");
    view.expires_in = Some(app.authority.tokens.ttl().as_secs());
    Ok(())
}
