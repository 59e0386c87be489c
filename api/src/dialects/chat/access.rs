//! Who is in the room that a path names; to all others there is no such room.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::Method;
use axum::http::request::Parts;
use domain::{PersonId, Refusal, RoomId};
use projections::rooms::{self, MemberRow, RoomRow};

use super::shapes::MAX_NUMBER;
use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn};
use crate::error::ApiError;
use crate::limits::Payer;

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// A present member in the room of the path. It stands before whatever reads query or body: who
/// has no business there is told so first.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    pub caller: AccountCaller,
    /// As it was when they came.
    pub room: RoomRow,
    /// Their place in it.
    pub member: MemberRow,
}

impl Entered {
    pub fn person(&self) -> PersonId {
        self.member.person
    }

    pub fn room_id(&self) -> RoomId {
        self.room.id
    }

    /// By whom what they do is counted.
    pub fn payer(&self) -> Payer {
        Payer::Person(self.caller.account.0)
    }
}

impl FromRequestParts<Arc<App>> for Entered {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let LoggedIn(caller) = LoggedIn::from_request_parts(parts, app).await?;
        let room = number_in_path(parts, app, "room_id").await?;
        if let Some((room, member)) = seen_by(app, room, &caller).await? {
            return Ok(Self {
                caller,
                room,
                member,
            });
        }
        // A GET has waited already. Others may have been shown the room before the read models had
        // it.
        let caught_up = parts.method == Method::GET || app.caught_up().await;
        match seen_by(app, room, &caller).await? {
            Some((room, member)) => Ok(Self {
                caller,
                room,
                member,
            }),
            None if caught_up => Err(Refusal::UnknownRoom.into()),
            None => Err(lagging()),
        }
    }
}

/// The room of a number, where the caller is one of its present members.
pub(super) async fn seen_by(
    app: &App,
    room: u64,
    caller: &AccountCaller,
) -> Result<Option<(RoomRow, MemberRow)>, ApiError> {
    let Some(room) = rooms::by_number(&*app.reader, room).await? else {
        return Ok(None);
    };
    let member = rooms::member_of(&*app.reader, room.number, caller.account.into()).await?;
    let present = member.filter(|member| member.removed_at.is_none());
    Ok(present.map(|member| (room, member)))
}

/// What is answered where the read models are too far behind to tell.
pub(super) fn lagging() -> ApiError {
    ApiError::unavailable(
        "reads_lag",
        "the read models are behind; try again",
        RETRY_AFTER_SECONDS,
    )
}

/// A number that stands in a path.
///
/// # Errors
/// 422 where it is none, or beyond all that there can be.
pub(super) fn number(name: &'static str, text: &str) -> Result<u64, ApiError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number
        .filter(|number| *number <= MAX_NUMBER)
        .ok_or_else(|| ApiError::invalid("path", name, "must be a whole number, 0 or more"))
}

async fn number_in_path(
    parts: &mut Parts,
    app: &Arc<App>,
    name: &'static str,
) -> Result<u64, ApiError> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
    // What is no text is no number either.
    let path = path.map(|Path(path)| path).unwrap_or_default();
    number(name, path.get(name).map_or("", String::as_str))
}

/// The number of the message that the path names.
pub(super) struct MessageNumber(pub u64);

impl FromRequestParts<Arc<App>> for MessageNumber {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        number_in_path(parts, app, "message_id").await.map(Self)
    }
}

/// The number of the room that the path names, whoever is in it.
pub(super) struct RoomNumber(pub u64);

impl FromRequestParts<Arc<App>> for RoomNumber {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        number_in_path(parts, app, "room_id").await.map(Self)
    }
}
