//! `/ws/consultation/{code}`: the conversation, both ways.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use domain::{ConsultationId, PersonId, RoomId};
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::access::Entered;
use super::frames::{self, ConsultationFrames};
use super::talk;
use super::view::{Speaker, View};
use crate::app::App;
use crate::error::ApiError;
use crate::live::{
    Connection, Ended, Frame, Inbound, Missed, Outbox, Rights, Subscriber, Subscription, To, Topic,
    bad_frame, reach,
};

/// A typing state ends by itself after this long without renewal.
const TYPING_LASTS: Duration = Duration::from_secs(5);

/// What a client may send. `content`, or `data.content`, is taken for `message` too.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
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
struct Content {
    content: Option<String>,
}

/// One connection to a consultation.
struct Talk {
    app: Arc<App>,
    frames: Arc<ConsultationFrames>,
    entered: Entered,
    consultation: ConsultationId,
    room: RoomId,
    person: PersonId,
    subscription: Subscription,
}

/// Runs one connection from the upgrade to its end.
pub async fn run(
    app: Arc<App>,
    frames: Arc<ConsultationFrames>,
    socket: WebSocket,
    entered: Entered,
    rights: Rights,
    after: Option<String>,
) {
    let (consultation, room) = (entered.consultation(), entered.room());
    let person = entered.person();
    let subscriber = Arc::new(Subscriber {
        dialect: super::DIALECT,
        person,
        outbox: Outbox::new(app.settings.live.queue_bytes),
        still_entitled: rights.still_hold(&app),
    });
    let mut topics = vec![Topic::Consultation(consultation.0), Topic::Room(room.0)];
    topics.extend(rights.topics());
    Box::pin(reach(&app, after.as_deref())).await;
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), topics);
    let mut connection = Connection::new(socket, subscriber);
    let talk = Talk {
        app,
        frames,
        entered,
        consultation,
        room,
        person,
        subscription,
    };
    // On the heap while it lasts, so that a connection does not keep a place for it ever after.
    match Box::pin(talk.open(&mut connection, after.as_deref())).await {
        Ok(speaker) => talk.go_on(connection, speaker, &rights).await,
        Err(ended) => connection.close(ended).await,
    }
}

impl Talk {
    /// Catches up and says how things stand.
    async fn open(
        &self,
        connection: &mut Connection,
        after: Option<&str>,
    ) -> Result<Arc<Speaker>, Ended> {
        // The right may have ended between the check and the subscription.
        (self.subscription.subscriber.still_entitled)()?;
        let since = self.subscription.since;
        let topics = [Topic::Consultation(self.consultation.0)];
        let missed = Missed {
            app: &self.app,
            dialect: &*self.frames,
            subscription: &self.subscription,
            topics: &topics,
            room: Some(self.room),
        };
        let mut position = missed.from(after).await?;
        if !self.app.projected(since).await {
            return Err(Ended::TryAgain);
        }
        while position < since {
            let (frames, reached) = missed.next(position).await?;
            for frame in frames {
                connection.send_now(frame).await?;
            }
            position = reached;
        }
        let view = self
            .frames
            .views
            .fresh(self.consultation)
            .await
            .ok_or(Ended::TryAgain)?;
        if !self.is_of(&view).await {
            return Err(Ended::NotAllowed);
        }
        let speaker = self.frames.views.speaker(&view, self.person, since).await;
        let status = self.frames.present_status(&view).await;
        connection
            .send_now(Frame::encode(&status, Some(since), false))
            .await?;
        if view.is_over() {
            Err(Ended::NotAllowed)
        } else {
            Ok(Arc::new(speaker))
        }
    }

    /// Whether they still belong to it: between the check and the subscription it may have been
    /// taken from its counsellor.
    async fn is_of(&self, view: &View) -> bool {
        if self.person == view.requester {
            return true;
        }
        let Some(counselor) = view.counselor else {
            return false;
        };
        self.frames.views.counselor_person(counselor).await == Some(self.person)
    }

    /// Talks until either side ends the connection.
    async fn go_on(self, connection: Connection, speaker: Arc<Speaker>, rights: &Rights) {
        let topic = Topic::Consultation(self.consultation.0);
        let hub = &self.app.hub;
        if hub.arrive(super::DIALECT, topic, self.person) {
            self.tell_others(&frames::user_status(&speaker, true));
        }
        let limits = rights.limits(&self.app);
        let mut hearing = Hearing {
            talk: &self,
            speaker: Arc::clone(&speaker),
            typing: None,
        };
        connection.run(&mut hearing, limits).await;
        hearing.stop_typing();
        if hub.leave(super::DIALECT, topic, self.person) {
            self.tell_others(&frames::user_status(&speaker, false));
        }
        // What still waits in the queue reached nobody.
        if self.subscription.subscriber.outbox.is_drained() {
            Box::pin(talk::delivered(&self.app, &self.entered, hub.delivered())).await;
        }
    }

    fn tell_others(&self, content: &Value) {
        let topic = Topic::Consultation(self.consultation.0);
        self.app
            .hub
            .ephemeral(super::DIALECT, topic, To::Except(self.person), content);
    }
}

/// What comes in on a connection.
struct Hearing<'a> {
    talk: &'a Talk,
    speaker: Arc<Speaker>,
    /// Ends the typing state when it is not renewed.
    typing: Option<JoinHandle<()>>,
}

impl Inbound for Hearing<'_> {
    async fn text(&mut self, text: &str) {
        let outcome = match serde_json::from_str(text) {
            Ok(input) => self.take(input).await,
            Err(error) if error.is_data() => Err(bad_frame("this is no frame that a client sends")),
            Err(_) => Err(bad_frame("this is not JSON")),
        };
        if let Err(error) = outcome {
            self.refuse(&error);
        }
    }

    async fn binary(&mut self) {
        self.refuse(&bad_frame("frames are text"));
    }
}

impl Hearing<'_> {
    fn refuse(&self, error: &ApiError) {
        self.talk
            .subscription
            .subscriber
            .outbox
            .push(Frame::error(error));
    }

    async fn take(&mut self, input: In) -> Result<(), ApiError> {
        let talk = self.talk;
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
                talk::say(&talk.app, &talk.entered, text, client_message_id).await
            }
            In::Typing { is_typing } => {
                talk.app.limits.request(talk.entered.payer())?;
                self.typing(is_typing);
                Ok(())
            }
            In::Read { message_id } => {
                talk.app.limits.request(talk.entered.payer())?;
                talk::read(&talk.app, &talk.entered, message_id).await
            }
        }
    }

    fn typing(&mut self, is_typing: bool) {
        if let Some(timer) = self.typing.take() {
            timer.abort();
        }
        self.talk
            .tell_others(&frames::typing(&self.speaker, is_typing));
        if is_typing {
            let (app, speaker) = (Arc::clone(&self.talk.app), Arc::clone(&self.speaker));
            let topic = Topic::Consultation(self.talk.consultation.0);
            let to = To::Except(self.talk.person);
            self.typing = Some(tokio::spawn(async move {
                tokio::time::sleep(TYPING_LASTS).await;
                app.hub
                    .ephemeral(super::DIALECT, topic, to, &frames::typing(&speaker, false));
            }));
        }
    }

    /// Nobody goes on typing on a connection that is gone.
    fn stop_typing(&mut self) {
        if let Some(timer) = self.typing.take()
            && !timer.is_finished()
        {
            timer.abort();
            self.talk.tell_others(&frames::typing(&self.speaker, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_idle_connection_takes_little_memory() {
        let bytes = crate::live::bytes_of_future(run);
        assert!(bytes <= crate::live::IDLE_BYTES, "{bytes}");
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
