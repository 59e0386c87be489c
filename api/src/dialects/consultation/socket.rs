//! `/ws/consultation/{code}`: the conversation, both ways.

use std::sync::Arc;

use event_store::Position;
use serde::Deserialize;

use super::access::Entered;
use super::talk;
use super::view::View;
use crate::app::App;
use crate::error::ApiError;
use crate::live::{Ended, Frame, Greeting, Place, Talk, Topic, Visit, bad_frame};

/// What a client may send. `content`, or `data.content`, is taken for `message` too.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum In {
    Message {
        message: Option<String>,
        content: Option<String>,
        data: Option<Content>,
        #[serde(alias = "clientMessageId")]
        client_message_id: Option<String>,
    },
    Typing {
        is_typing: bool,
    },
    Read {
        message_id: u64,
    },
}

#[derive(Debug, Deserialize)]
pub struct Content {
    content: Option<String>,
}

/// One connection to a consultation.
pub struct Conversation {
    app: Arc<App>,
    entered: Entered,
}

/// Where somebody who was let in sits, and what they can do there.
pub fn seat(app: &Arc<App>, entered: Entered) -> (Place, Conversation) {
    let place = Place {
        dialect: super::DIALECT,
        room: entered.room(),
        person: entered.person(),
        actor: entered.actor(),
        topics: vec![Topic::Consultation(entered.consultation().0)],
    };
    let app = Arc::clone(app);
    (place, Conversation { app, entered })
}

impl Talk for Conversation {
    type In = In;

    async fn greet(&self, since: Position) -> Result<Greeting, Ended> {
        let frames = &self.app.consultation_frames;
        let view = frames.views.fresh(self.entered.consultation()).await;
        let view = view.ok_or(Ended::TryAgain)?;
        if !self.is_of(&view).await {
            return Err(Ended::NotAllowed);
        }
        let status = frames.present_status(&view).await;
        Ok(Greeting {
            frames: vec![Frame::encode(&status, Some(since), false)],
            then: view.is_over().then_some(Ended::NotAllowed),
        })
    }

    async fn take(&self, input: In, visit: &Visit) -> Result<(), ApiError> {
        let (app, entered) = (&*self.app, &self.entered);
        match input {
            In::Message {
                message,
                content,
                data,
                client_message_id,
            } => {
                let text = message
                    .or(content)
                    .or(data.and_then(|data| data.content))
                    .ok_or_else(|| bad_frame("a message needs its text in `message`"))?;
                talk::say(app, entered, text, client_message_id).await
            }
            In::Typing { is_typing } => {
                app.limits.request(entered.payer())?;
                visit.typing(is_typing).await;
                Ok(())
            }
            In::Read { message_id } => {
                app.limits.request(entered.payer())?;
                talk::read(app, entered, message_id).await
            }
        }
    }
}

impl Conversation {
    /// Whether they still belong to it: between the check and the subscription it may have been
    /// taken from its counsellor.
    async fn is_of(&self, view: &View) -> bool {
        let person = self.entered.person();
        if person == view.requester {
            return true;
        }
        let Some(counselor) = view.counselor else {
            return false;
        };
        let views = &self.app.consultation_frames.views;
        views.counselor_person(counselor).await == Some(person)
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

        #[test]
        fn the_text_of_a_message_stands_in_any_of_three_places(text in "\\PC{1,50}") {
            for frame in [
                serde_json::json!({"type": "message", "message": text}),
                serde_json::json!({"type": "message", "content": text}),
                serde_json::json!({"type": "message", "data": {"content": text}}),
            ] {
                let In::Message { message, content, data, .. } =
                    serde_json::from_value(frame).unwrap()
                else {
                    panic!("a message");
                };
                let found = message.or(content).or(data.and_then(|data| data.content));
                prop_assert_eq!(found.as_deref(), Some(&*text));
            }
        }
    }
}
