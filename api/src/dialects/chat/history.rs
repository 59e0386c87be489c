//! What a message said, from its sending to its last edit.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use domain::{Access, AccessFilter, Act, Concerned, Refusal};
use event_store::{Direction, StreamName};
use projections::messages::{self, MessageRow as StoredMessage, VersionsError};
use projections::{FactError, fact};

use super::TAG;
use super::access::{MessageNumber, RoomNumber, seen_by};
use super::lookup::message_in;
use super::shapes::{VersionList, VersionRow};
use super::show::Show;
use crate::app::App;
use crate::auth::{LoggedIn, RequestContext};
use crate::error::ApiError;
use crate::reading::{self, ForOthers, Reading};

/// Events of one message at most.
const MAX_EVENTS: usize = domain::limits::EDITS as usize + 2;

/// Every version of a message, the first one first. The members of its room see those of one that
/// is there, auditors with a purpose those of any; their reading is recorded first.
#[utoipa::path(
    get,
    path = "/chat/rooms/{room_id}/messages/{message_id}/history",
    tag = TAG,
    params(("room_id" = u64, Path), ("message_id" = u64, Path), ForOthers),
    security(("bearer" = [])),
    responses(
        (status = 200, body = VersionList),
        (status = 401, description = "No valid token"),
        (status = 403, description = "It is deleted: for auditors only"),
        (status = 404, description = "No such room, or not the caller's; no such message in it"),
        (status = 410, description = "The messages of that day no longer exist"),
        (status = 400, description = "`purpose_required`, of an auditor"),
        (status = 503, description = "The reading cannot be recorded, or a key is not available"),
    )
)]
pub(super) async fn history(
    State(app): State<Arc<App>>,
    LoggedIn(caller): LoggedIn,
    RoomNumber(room): RoomNumber,
    MessageNumber(number): MessageNumber,
    context: RequestContext,
) -> Result<Json<VersionList>, ApiError> {
    let is_member = seen_by(&app, room, &caller).await?.is_some();
    let audits = Access::is_open_to(caller.role);
    if !is_member && !audits {
        return Err(Refusal::UnknownRoom.into());
    }
    let message = message_in(&app, room, number).await?;
    if audits && (!is_member || message.deleted_at.is_some()) {
        let reading = reading_of(&app, &message).await?;
        reading::recorded(&app, &caller, &context, reading).await?;
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

/// Who reads of a message reads all of its events.
async fn reading_of(app: &App, message: &StoredMessage) -> Result<Reading, ApiError> {
    let stream = StreamName::new("message", message.id);
    let events = app
        .store
        .read_stream(&stream, 1, Direction::Forward, MAX_EVENTS)
        .await?;
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(Refusal::UnknownMessage.into());
    };
    let (from, to, count) = (first.position, last.position, events.len());
    let mut concerned = Concerned::default();
    for event in events {
        let fact = fact(event, &*app.keys).map_err(|error| unreadable(&error))?;
        concerned.note(&fact.event, fact.id);
    }
    Ok(Reading {
        act: Act::ReadEvents,
        filter: AccessFilter {
            stream: Some(stream.to_string()),
            ..AccessFilter::default()
        },
        from,
        to,
        count,
        concerned,
    })
}

fn unreadable(error: &FactError) -> ApiError {
    tracing::error!(%error, "the versions of a message cannot be read");
    ApiError::internal()
}
