//! What is said on `/chat/ws/{room_id}`, both ways.

use std::sync::Arc;

use domain::MessageKind;
use event_store::Position;
use projections::rooms::{MemberRow, RoomRow};
use serde::Deserialize;

use super::access::{Entered, seen_by};
use super::errors::naming;
use super::messages::saying;
use super::read::mark;
use super::shapes::{LocationShape, MessageRequest};
use crate::app::App;
use crate::auth::{AccountCaller, Asked, address_hash};
use crate::commands::{Actor, Request};
use crate::error::ApiError;
use crate::extract::checked;
use crate::layers::ClientAddress;
use crate::live::{Ended, Greeting, Place, Talk, Topic, Visit};

/// What a client may send.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum In {
    Message {
        #[serde(default, alias = "message_content")]
        content: Option<String>,
        #[serde(default)]
        message_type: Option<MessageKind>,
        #[serde(default)]
        reply_to_message_id: Option<u64>,
        #[serde(default)]
        location: Option<Location>,
        #[serde(default, alias = "clientMessageId")]
        client_message_id: Option<String>,
    },
    Typing {
        is_typing: bool,
    },
    /// Up to a message, or to the newest.
    Read {
        #[serde(default)]
        message_id: Option<u64>,
    },
}

/// See [`LocationShape`].
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Location(LocationShape);

/// One connection to a room.
pub struct Conversation {
    app: Arc<App>,
    entered: Entered,
    actor: Actor,
}

/// Where somebody who was let in sits, and what they can do there.
pub fn seat(
    app: &Arc<App>,
    address: ClientAddress,
    caller: AccountCaller,
    room: RoomRow,
    member: MemberRow,
) -> (Place, Conversation) {
    let address = address_hash(&app.authority.pepper, address.0).into();
    let actor = Actor::person(caller.account.into(), caller.role, Some(address));
    let place = Place {
        dialect: super::DIALECT,
        room: room.id,
        person: member.person,
        actor: actor.clone(),
        topics: vec![Topic::Room(room.id.0)],
    };
    let conversation = Conversation {
        app: Arc::clone(app),
        entered: Entered {
            caller,
            room,
            member,
        },
        actor,
    };
    (place, conversation)
}

impl Talk for Conversation {
    type In = In;

    async fn greet(&self, _since: Position) -> Result<Greeting, Ended> {
        let entered = &self.entered;
        // They may have been sent away between their admission and the subscription.
        match seen_by(&self.app, entered.room.number, &entered.caller).await {
            Ok(Some(_)) => Ok(Greeting {
                frames: Vec::new(),
                then: None,
            }),
            Ok(None) => Err(Ended::NotAllowed),
            Err(_) => Err(Ended::TryAgain),
        }
    }

    async fn take(&self, input: In, visit: &Visit) -> Result<(), ApiError> {
        let app = &*self.app;
        match input {
            In::Message {
                content,
                message_type,
                reply_to_message_id,
                location,
                client_message_id,
            } => {
                self.say(MessageRequest {
                    message_content: content,
                    message_type,
                    reply_to_message_id,
                    location: location.map(|Location(shape)| shape),
                    client_message_id,
                })
                .await
            }
            In::Typing { is_typing } => {
                let entered = &self.entered;
                app.limits.request(entered.payer())?;
                // Their removal may be answered a moment before this connection is closed.
                if seen_by(app, entered.room.number, &entered.caller)
                    .await?
                    .is_some()
                {
                    visit.typing(is_typing).await;
                }
                Ok(())
            }
            In::Read { message_id } => {
                app.limits.request(self.entered.payer())?;
                if let Some(command) = mark(app, &self.entered, message_id).await? {
                    app.commands.execute(&self.request(), &command).await?;
                }
                Ok(())
            }
        }
    }
}

impl Conversation {
    fn request(&self) -> Request {
        Request::new(self.actor.clone(), self.app.ids.next())
    }

    /// Everyone's copy of the frame, the sender's own included, tells that it is on disk.
    async fn say(&self, body: MessageRequest) -> Result<(), ApiError> {
        let app = &*self.app;
        app.limits.message(self.entered.payer())?;
        checked(&body)?;
        let saying = saying(app, &self.entered, body).await?;
        let asked = Asked {
            request: self.request(),
            repeatable: None,
        };
        let (request, command) = saying.asked(app, asked)?;
        let done = app.commands.execute(&request, &command).await;
        done.map_err(|error| naming(error.into()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::live::{IDLE_BYTES, bytes_of_future, converse};

    #[test]
    fn an_idle_connection_takes_little_memory() {
        let bytes = bytes_of_future(|(app, socket, place, talk, rights, after)| {
            converse::<Conversation>(app, socket, place, talk, rights, after)
        });
        assert!(bytes <= IDLE_BYTES, "{bytes}");
    }

    proptest! {
        #[test]
        fn whatever_comes_in_is_a_frame_or_is_refused(text in ".{0,200}") {
            let decoded: Result<In, _> = serde_json::from_str(&text);
            if let Err(error) = decoded {
                prop_assert!(error.is_data() || error.is_syntax() || error.is_eof());
            }
        }
    }
}
