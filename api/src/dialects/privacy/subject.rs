//! Accounts and consultations as administrators name them: by UUID or integer.

use domain::{AccountId, ConsultationId, Refusal, Subject};
use projections::directory::{self, Kind};
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// An account that exists, erased or not.
pub(super) async fn account(app: &App, id: &str) -> Result<Subject, ApiError> {
    let unknown = || ApiError::from(Refusal::UnknownAccount);
    let id = uuid_of(app, Kind::Account, id).await?.ok_or_else(unknown)?;
    let known = app.commands.known_account(AccountId(id)).await?;
    known.ok_or_else(unknown)?;
    Ok(Subject::Account(AccountId(id)))
}

/// A consultation; that it exists is for the rules to say.
pub(super) async fn consultation(app: &App, id: &str) -> Result<Subject, ApiError> {
    let unknown = || ApiError::from(Refusal::UnknownConsultation);
    let id = uuid_of(app, Kind::Consultation, id).await?;
    Ok(Subject::Consultation(ConsultationId(
        id.ok_or_else(unknown)?,
    )))
}

async fn uuid_of(app: &App, kind: Kind, id: &str) -> Result<Option<Uuid>, ApiError> {
    if let Ok(id) = id.parse() {
        return Ok(Some(id));
    }
    let Ok(number) = id.parse() else {
        return Ok(None);
    };
    let find = || directory::uuid_of(&*app.reader, kind, number);
    if let Some(found) = find().await? {
        return Ok(Some(found));
    }
    // It may have been shown to somebody before the read models had it.
    let caught_up = app.caught_up().await;
    let found = find().await?;
    if found.is_none() && !caught_up {
        let message = "the read models are behind; try again";
        return Err(ApiError::unavailable(
            "reads_lag",
            message,
            RETRY_AFTER_SECONDS,
        ));
    }
    Ok(found)
}
