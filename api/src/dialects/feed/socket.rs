//! What a connection to `/ws/chat/{room_id}` is: it only tells, and takes nothing.

use std::sync::Arc;

use domain::{PersonId, Refusal};
use event_store::Position;
use serde::de::IgnoredAny;

use super::access::{Entered, is_present};
use crate::app::App;
use crate::auth::{Somebody, address_hash};
use crate::error::ApiError;
use crate::layers::ClientAddress;
use crate::live::{Ended, Greeting, Place, Talk, Topic, Visit, bad_frame, ended_by};

/// One connection to a room.
pub struct Listening {
    app: Arc<App>,
    /// The room's number.
    room: u64,
    person: PersonId,
}

/// Where somebody who was let in sits.
pub(super) fn seat(
    app: &Arc<App>,
    address: ClientAddress,
    entered: &Entered,
    somebody: &Somebody,
) -> (Place, Listening) {
    let (room, person) = (entered.room_id(), somebody.person());
    let place = Place {
        dialect: super::DIALECT,
        room,
        person,
        actor: somebody.actor(address_hash(&app.authority.pepper, address.0).into()),
        // The account's own topic, because their right may be another's word.
        topics: vec![Topic::Room(room.0), Topic::Account(somebody.account.0)],
    };
    let listening = Listening {
        app: Arc::clone(app),
        room: entered.room.number,
        person,
    };
    (place, listening)
}

impl Talk for Listening {
    type In = IgnoredAny;

    async fn greet(&self, _: Position) -> Result<Greeting, Ended> {
        // They may have been sent away between their admission and the subscription.
        match is_present(&self.app, self.room, self.person).await {
            Ok(true) => Ok(Greeting {
                frames: Vec::new(),
                then: None,
            }),
            Ok(false) => Err(Ended::NotAllowed),
            Err(error) => Err(ended_by(&error)),
        }
    }

    async fn take(&self, _: IgnoredAny, _: &Visit) -> Result<(), ApiError> {
        Err(bad_frame(
            "this connection only tells; HTTP takes what you send",
        ))
    }
}

/// That somebody is no member is told as that there is no such room.
pub(super) fn unknown() -> ApiError {
    Refusal::UnknownRoom.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{IDLE_BYTES, bytes_of_future, converse};

    #[test]
    fn an_idle_connection_takes_little_memory() {
        let bytes = bytes_of_future(|(app, socket, place, talk, rights, after)| {
            converse::<Listening>(app, socket, place, talk, rights, after)
        });
        assert!(bytes <= IDLE_BYTES, "{bytes}");
    }
}
