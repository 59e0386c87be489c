//! Tokens that are good for one consultation only.

use domain::{ConsultationId, PersonId};

use super::shapes::ConsultationView;
use crate::app::App;
use crate::error::ApiError;
use crate::requesting::Grant;

/// Adds a fresh token for this consultation's paths. `number` is that of the person.
pub(super) fn grant(
    app: &App,
    view: &mut ConsultationView,
    consultation: ConsultationId,
    person: PersonId,
    number: u64,
) -> Result<(), ApiError> {
    let grant = Grant::new(app, consultation, person, number)?;
    view.access_token = Some(grant.access_token);
    view.token_type = Some(grant.token_type);
    view.expires_in = Some(grant.expires_in);
    Ok(())
}
