//! Who asks, and whether they may see the room that they name; to all others there is no such room.

use domain::{PersonId, Refusal, Role, RoomId};
use projections::rooms::{self, RoomRow};

use crate::app::App;
use crate::auth::{Asked, Asker, Caller, Named, RequestContext, Somebody};
use crate::error::ApiError;
use crate::limits::Payer;
use crate::reading::{self, Reading};

/// Seconds after which a look-up that missed on read models that lag may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;

/// Somebody in a room of theirs, or a service in whichever it likes.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    named: Named,
    /// As it was when they came.
    pub room: RoomRow,
}

impl Entered {
    /// Lets somebody into a room. `place` is where the call names them, if it does: `body` or
    /// `query`.
    ///
    /// # Errors
    /// 401 for a bare `user_id` that is nobody's, 403 for one that is not the token's, 404 for a
    /// room that is unknown or not theirs, 503 where the read models lag too much to tell.
    pub async fn into_room(
        app: &App,
        asker: &Asker,
        room: &str,
        place: &str,
        user_id: Option<u64>,
    ) -> Result<Self, ApiError> {
        let named = Named::of(app, &asker.caller, asker.peer, place, user_id).await?;
        let unknown = || ApiError::from(Refusal::UnknownRoom);
        let number = room.parse().map_err(|_| unknown())?;
        let seen = match seen_by(app, number, &named).await? {
            Some(room) => Some(room),
            // They may have been shown it before the read models had it.
            None if app.caught_up().await => seen_by(app, number, &named).await?,
            None => return Err(lagging()),
        };
        let room = seen.ok_or_else(unknown)?;
        Ok(Self { named, room })
    }

    /// What comes next shows what was said in the room, or who is there. A service with a token
    /// that takes no part in it says why, and that is on record first.
    ///
    /// # Errors
    /// 400 for a service without a purpose, 503 where it cannot be recorded.
    pub async fn reads(&self, app: &App, asker: &Asker) -> Result<(), ApiError> {
        let Caller::Account(service) = &asker.caller else {
            return Ok(());
        };
        if service.role != Role::Service
            || is_present(app, self.room.number, service.account.into()).await?
        {
            return Ok(());
        }
        let reading = Reading::of_room(app, &self.room).await?;
        reading::recorded(app, service, &asker.context, reading).await
    }

    pub fn room_id(&self) -> RoomId {
        self.room.id
    }

    /// Who acts.
    ///
    /// # Errors
    /// 422 where nobody is named, for what only a person can do.
    pub fn somebody(&self, place: &str) -> Result<Somebody, ApiError> {
        self.named.somebody(place)
    }

    /// The person who acts; none for a service that speaks for nobody in particular.
    pub fn person(&self) -> Option<PersonId> {
        match &self.named {
            Named::Person(somebody) => Some(somebody.person()),
            Named::Service(_) => None,
        }
    }

    /// A write of theirs.
    ///
    /// # Errors
    /// Its key is not one.
    pub fn asked(&self, app: &App, context: &RequestContext) -> Result<Asked, ApiError> {
        self.named.asked(app, context)
    }
}

/// By whom what somebody does is counted.
pub(super) fn payer(somebody: &Somebody) -> Payer {
    Payer::Person(somebody.account.0)
}

/// Whether somebody is a present member of a room, given by its number.
pub(super) async fn is_present(app: &App, room: u64, person: PersonId) -> Result<bool, ApiError> {
    let member = rooms::member_of(&*app.reader, room, person).await?;
    Ok(member.is_some_and(|member| member.removed_at.is_none()))
}

async fn seen_by(app: &App, number: u64, named: &Named) -> Result<Option<RoomRow>, ApiError> {
    // No number of ours is one that an engine cannot hold.
    if i64::try_from(number).is_err() {
        return Ok(None);
    }
    let Some(room) = rooms::by_number(&*app.reader, number).await? else {
        return Ok(None);
    };
    let sees = match named {
        Named::Person(somebody) => is_present(app, number, somebody.person()).await?,
        Named::Service(_) => true,
    };
    Ok(sees.then_some(room))
}

/// What is answered where the read models are too far behind to tell.
pub(super) fn lagging() -> ApiError {
    ApiError::unavailable(
        "reads_lag",
        "the read models are behind; try again",
        RETRY_AFTER_SECONDS,
    )
}
