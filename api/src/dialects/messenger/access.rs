//! Who is in the room that a path or an event names; to all others there is no such room.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::Method;
use axum::http::request::Parts;
use domain::{PersonId, Refusal, RoomId};
use projections::rooms::{self, MemberRow, RoomRow};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{AccountCaller, LoggedIn};
use crate::error::ApiError;

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// A present member in a room.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    /// As it was when they came.
    pub room: RoomRow,
    /// Their place in it.
    pub member: MemberRow,
}

impl Entered {
    /// Lets somebody into a room.
    ///
    /// # Errors
    /// 404 for a room that is unknown or not theirs, 503 where the read models lag too much to
    /// tell.
    pub async fn into_room(app: &App, person: PersonId, room: RoomId) -> Result<Self, ApiError> {
        if let Some(entered) = seen_by(app, room, person).await? {
            return Ok(entered);
        }
        // They may have been shown it before the read models had it.
        let caught_up = app.caught_up().await;
        match seen_by(app, room, person).await? {
            Some(entered) => Ok(entered),
            None if caught_up => Err(Refusal::UnknownRoom.into()),
            None => Err(lagging()),
        }
    }

    pub fn person(&self) -> PersonId {
        self.member.person
    }

    pub fn room_id(&self) -> RoomId {
        self.room.id
    }
}

/// A room where somebody is one of its present members.
async fn seen_by(app: &App, room: RoomId, person: PersonId) -> Result<Option<Entered>, ApiError> {
    let Some(room) = rooms::by_id(&*app.reader, room).await? else {
        return Ok(None);
    };
    let member = rooms::member_of(&*app.reader, room.number, person).await?;
    let present = member.filter(|member| member.removed_at.is_none());
    Ok(present.map(|member| Entered { room, member }))
}

/// A caller and the room of the path. It stands before whatever reads query or body: who has no
/// business there is told so first.
pub(super) struct InRoom {
    pub caller: AccountCaller,
    pub entered: Entered,
}

impl FromRequestParts<Arc<App>> for InRoom {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let LoggedIn(caller) = LoggedIn::from_request_parts(parts, app).await?;
        let room = RoomId(uuid_in_path(parts, app, "chat_id").await?);
        let person = caller.account.into();
        // A GET has waited already.
        let entered = if parts.method == Method::GET {
            let entered = seen_by(app, room, person).await?;
            entered.ok_or(Refusal::UnknownRoom)?
        } else {
            Entered::into_room(app, person, room).await?
        };
        Ok(Self { caller, entered })
    }
}

/// A UUID that stands in a path.
///
/// # Errors
/// 422 where it is none.
pub(super) async fn uuid_in_path(
    parts: &mut Parts,
    app: &Arc<App>,
    name: &'static str,
) -> Result<Uuid, ApiError> {
    let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
    // What is no text is no UUID either.
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let text = path.get(name).map_or("", String::as_str);
    Uuid::try_parse(text).map_err(|_| ApiError::invalid("path", name, "must be a UUID"))
}

/// What is answered where the read models are too far behind to tell.
pub(super) fn lagging() -> ApiError {
    ApiError::unavailable(
        "reads_lag",
        "the read models are behind; try again",
        RETRY_AFTER_SECONDS,
    )
}
