//! What a message said, from its sending to its last edit.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Access, AccessCommand, AccessFilter, Act, Concerned, Refusal};
use event_store::{Direction, StreamName};
use projections::messages::{self, MessageRow as StoredMessage, VersionsError};
use projections::{FactError, fact};
use serde::Deserialize;
use utoipa::IntoParams;

use super::TAG;
use super::access::{MessageNumber, RoomNumber, seen_by};
use super::lookup::message_in;
use super::shapes::{VersionList, VersionRow};
use super::show::Show;
use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn, RequestContext};
use crate::commands::CommandError;
use crate::error::ApiError;
use crate::extract::{Problems, Query, Validate};

/// Events of one message at most.
const MAX_EVENTS: usize = domain::limits::EDITS as usize + 2;

/// Seconds after which a reading that could not be recorded may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Why an auditor reads what others have said.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReadFor {
    /// For auditors alone: 1 to 200 characters without personal data. It goes on record
    purpose: Option<String>,
}

impl Validate for ReadFor {
    fn validate(&self, problems: &mut Problems) {
        let purpose = self.purpose.as_deref();
        problems.require(
            purpose.is_none_or(|purpose| Access::purpose(purpose).is_ok()),
            "purpose",
            format!(
                "must have 1 to {} characters on one line",
                domain::limits::PURPOSE_CHARS
            ),
        );
    }
}

/// Every version of a message, the first one first. The members of its room see those of one that
/// is there, auditors with a purpose those of any; their reading is recorded first.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/messages/{message_id}/history",
    tag = TAG,
    params(("room_id" = u64, Path), ("message_id" = u64, Path), ReadFor),
    security(("bearer" = [])),
    responses(
        (status = 200, body = VersionList),
        (status = 401, description = "No valid token"),
        (status = 403, description = "It is deleted: for auditors only"),
        (status = 404, description = "No such room, or not the caller's; no such message in it"),
        (status = 410, description = "The messages of that day no longer exist"),
        (status = 422, description = "An auditor needs a purpose"),
        (status = 503, description = "The reading cannot be recorded, or a key is not available"),
    )
)]
pub(super) async fn history(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    RoomNumber(room): RoomNumber,
    MessageNumber(number): MessageNumber,
    context: RequestContext,
    Query(asked): Query<ReadFor>,
) -> Result<Json<VersionList>, ApiError> {
    let is_member = seen_by(&app, room, &caller).await?.is_some();
    let audits = Access::is_open_to(caller.role);
    if !is_member && !audits {
        return Err(Refusal::UnknownRoom.into());
    }
    let message = message_in(&app, room, number).await?;
    if audits && (!is_member || message.deleted_at.is_some()) {
        let purpose = asked.purpose.ok_or_else(|| {
            ApiError::invalid("query", "purpose", "is missing: the reading goes on record")
        })?;
        record(&app, &caller, &context, &message, purpose).await?;
    } else if message.deleted_at.is_some() {
        let deleted = Refusal::MessageDeleted;
        return Err(ApiError::forbidden(deleted.code(), deleted.to_string()));
    }
    versions(&app, &message).await.map(Json)
}

async fn versions(app: &App, message: &StoredMessage) -> Result<VersionList, ApiError> {
    let versions = messages::versions(&*app.store, &*app.keys, message.id)
        .await
        .map_err(|error| match error {
            VersionsError::Store(error) => error.into(),
            VersionsError::Fact(error) => unreadable(&error),
        })?;
    let times = Show::new(app).times;
    let versions: Vec<_> = versions
        .into_iter()
        .zip(1..)
        .map(|(said, version)| VersionRow {
            version,
            message_content: said.body.map(|body| body.text).unwrap_or_default(),
            edited_at: times.print(said.since),
        })
        .collect();
    let total_count = versions.len();
    Ok(VersionList {
        message_id: message.number,
        versions,
        total_count,
    })
}

/// Puts on record that somebody is about to read what others have said.
async fn record(
    app: &App,
    reader: &AccountCaller,
    context: &RequestContext,
    message: &StoredMessage,
    purpose: String,
) -> Result<(), ApiError> {
    let stream = StreamName::new("message", message.id);
    let events = app
        .store
        .read_stream(&stream, 1, Direction::Forward, MAX_EVENTS)
        .await?;
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(Refusal::UnknownMessage.into());
    };
    let (from, to) = (first.position, last.position);
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let mut concerned = Concerned::default();
    for event in events {
        let fact = fact(event, &*app.keys).map_err(|error| unreadable(&error))?;
        concerned.note(&fact.event, fact.id);
    }
    let access = AccessCommand::Record {
        account: reader.account,
        role: reader.role,
        act: Act::ReadEvents,
        filter: AccessFilter {
            stream: Some(stream.to_string()),
            ..AccessFilter::default()
        },
        from,
        to,
        events: count,
        concerned,
        purpose: Some(purpose),
    };
    let request = context.unrepeatable(context.actor(reader));
    match app.commands.record_access(&request, access).await {
        Ok(_) => Ok(()),
        Err(CommandError::Refused(refusal)) => Err(refusal.into()),
        Err(error) => {
            tracing::error!(%error, "a reading could not be recorded, and nothing was shown");
            Err(ApiError::unavailable(
                "access_not_recorded",
                "this cannot be shown while it cannot be recorded; try again",
                RETRY_AFTER_SECONDS,
            ))
        }
    }
}

fn unreadable(error: &FactError) -> ApiError {
    tracing::error!(%error, "the versions of a message cannot be read");
    ApiError::internal()
}
