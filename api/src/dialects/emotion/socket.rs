//! What a connection to `/ws/emotion` is: somebody says something, hears the answer as it comes, and
//! then says the next thing.

use std::sync::Arc;

use axum::extract::ws::WebSocket;
use domain::{EmotionSession, PersonId, Refusal, StepId};
use event_store::Position;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::access::Entered;
use super::ask::{Asked, Asking, ask};
use super::following::{Following, follow, follow_stored};
use super::missed::Missed;
use super::shapes::InputFields;
use crate::answering::Running;
use crate::app::App;
use crate::auth::RequestContext;
use crate::commands::emotion::AskCancel;
use crate::error::ApiError;
use crate::extract::{Problems, Validate, checked};
use crate::live::{
    self, Connection, Ended, Frame, Inbound, Outbox, Rights, Subscriber, Subscription, Topic,
    bad_frame, reach,
};

/// What a client may send.
#[derive(Debug, Deserialize)]
struct In {
    /// Ends the answer that is being given.
    #[serde(default)]
    cancel: bool,
    /// A step that failed or was cancelled, to be asked again.
    #[serde(default)]
    step_id: Option<Uuid>,
    #[serde(flatten)]
    input: InputFields,
}

impl Validate for In {
    fn validate(&self, problems: &mut Problems) {
        self.input.check(problems, self.step_id.is_some());
    }
}

/// From where somebody who comes back goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct From {
    pub step: StepId,
    pub token_index: usize,
}

/// Who comes, to which session, and how.
pub(super) struct Coming {
    pub entered: Entered,
    pub context: RequestContext,
    pub from: Option<From>,
    pub rights: Rights,
}

/// Runs one connection until either side ends it.
pub(super) async fn run(
    app: Arc<App>,
    socket: WebSocket,
    coming: Box<Coming>,
    after: Option<String>,
) {
    let owner = coming.entered.row.owner;
    let person = PersonId::from(owner);
    let subscriber = Arc::new(Subscriber {
        dialect: super::DIALECT,
        person,
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: coming.rights.still_hold(&app),
    });
    // The account's own topic, because their right may be another's word.
    let mut topics = vec![Topic::Account(owner.0)];
    for topic in coming.rights.topics() {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    Box::pin(reach(&app, after.as_deref())).await;
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), topics);
    let mut connection = Connection::new(socket, Arc::clone(&subscriber));
    let position = match &after {
        None => Ok(subscription.since),
        Some(after) => Box::pin(told_up_to(&app, &subscription, after)).await,
    };
    let position = match position {
        Ok(position) => position,
        Err(ended) => return Box::pin(connection.close(ended)).await,
    };
    let greeting = greeting(&app, &coming, position);
    if let Err(ended) = Box::pin(connection.send_now(greeting)).await {
        return Box::pin(connection.close(ended)).await;
    }
    let visit = Box::pin(app.presence.arrive(person, None)).await;
    let limits = coming.rights.limits(&app);
    let mut talk = Talk {
        app: Arc::clone(&app),
        subscriber: Arc::clone(&subscriber),
        following: Arc::default(),
        coming,
    };
    let after = after.map(|_| position);
    if let Err(error) = Box::pin(talk.go_on(after)).await {
        subscriber.outbox.push(Frame::error(&error));
    }
    connection.run(&mut talk, limits).await;
    drop(talk);
    Box::pin(visit.end(&app)).await;
    drop(subscription);
}

/// The position that somebody comes back from, once the read models have what came after it.
async fn told_up_to(
    app: &App,
    subscription: &Subscription,
    after: &str,
) -> Result<Position, Ended> {
    let missed = live::Missed {
        app,
        subscriber: &subscription.subscriber,
        since: subscription.since,
        topics: &[],
        rooms: &[],
    };
    let position = missed.position(Some(after)).await?;
    if position < subscription.since && !app.projected(subscription.since).await {
        return Err(Ended::TryAgain);
    }
    Ok(position)
}

/// The first frame: which session it is, and what is being answered in it.
fn greeting(app: &App, coming: &Coming, since: u64) -> Frame {
    let session = coming.entered.session();
    let mut frame = json!({"session_id": session});
    if let Some(running) = app.answering.in_session(session) {
        frame["open_step"] = json!({"step_id": running.step, "token_count": running.len()});
    }
    Frame::encode(&frame, Some(since), false)
}

/// One connection.
struct Talk {
    app: Arc<App>,
    subscriber: Arc<Subscriber>,
    coming: Box<Coming>,
    /// The answer that it reads along with.
    following: Arc<Mutex<Option<Following>>>,
}

impl Talk {
    /// Goes on with what was broken off for whoever comes back: with all that was missed after a
    /// position, or with one answer.
    async fn go_on(&self, after: Option<Position>) -> Result<(), ApiError> {
        let (app, session) = (&self.app, self.coming.entered.session());
        if let Some(after) = after {
            let missed = Missed::since(app, session, after, self.coming.from).await?;
            if let Some(missed) = missed {
                self.read_along(missed.running(), |app, subscriber| async move {
                    missed.tell(&app, &subscriber.outbox).await
                });
            }
        } else if let Some(From { step, token_index }) = self.coming.from {
            match self.app.answering.find(step) {
                Some(running) => self.follow(running, token_index),
                None => self.follow_stored(step, token_index),
            }
        }
        Ok(())
    }

    async fn take(&self, input: In) -> Result<(), ApiError> {
        if input.cancel {
            return Box::pin(self.cancel()).await;
        }
        checked(&input)?;
        let (app, entered) = (&self.app, &self.coming.entered);
        if self.following.lock().is_some() {
            return Err(Refusal::StepOpen.into());
        }
        app.limits.message(entered.payer())?;
        let request = entered.request(app, &self.coming.context)?;
        let asking = match input.step_id {
            Some(step) => Asking::Again(StepId(step)),
            None => Asking::New(StepId(app.ids.next()), input.input),
        };
        match ask(app, request, &entered.row, asking).await? {
            Asked::Here(running) => self.follow(running, 0),
            Asked::Before(step) => self.follow_stored(step, 0),
        }
        Ok(())
    }

    /// Ends what is being answered in the session, whichever node answers it. The connection hears
    /// the end of it, also where it did not read along.
    async fn cancel(&self) -> Result<(), ApiError> {
        let (app, entered) = (&self.app, &self.coming.entered);
        let reads_along = match &*self.following.lock() {
            Some(following) if following.cancel() => return Ok(()),
            following => following.is_some(),
        };
        let session = entered.session();
        if let Some(running) = app.answering.in_session(session) {
            running.cancel();
            if !reads_along {
                let heard = running.len();
                self.follow(running, heard);
            }
            return Ok(());
        }
        let request = entered.request(app, &self.coming.context)?;
        let done = app.commands.execute(&request, &AskCancel { session }).await;
        done.map_err(ApiError::from)?;
        if !reads_along {
            let state = app.commands.state::<EmotionSession>(session).await?;
            if let Some(step) = state.open_step() {
                self.follow_stored(step.id, usize::MAX);
            }
        }
        Ok(())
    }

    fn follow(&self, running: Arc<Running>, index: usize) {
        let followed = Arc::clone(&running);
        self.read_along(Some(running), move |_, subscriber| async move {
            Some(follow(&subscriber.outbox, &followed, index).await)
        });
    }

    fn follow_stored(&self, step: StepId, index: usize) {
        let session = self.coming.entered.session();
        self.read_along(None, move |app, subscriber| async move {
            let end = follow_stored(&app, &subscriber.outbox, session, step, index).await;
            Some(end.unwrap_or_else(|error| Frame::error(&error)))
        });
    }

    /// Has an answer sent by a task of its own, so that the connection hears what comes in
    /// meanwhile. Its last frame goes out when the next input may come.
    fn read_along<Reading>(
        &self,
        running: Option<Arc<Running>>,
        read: impl FnOnce(Arc<App>, Arc<Subscriber>) -> Reading,
    ) where
        Reading: Future<Output = Option<Frame>> + Send + 'static,
    {
        let subscriber = Arc::clone(&self.subscriber);
        let reading = read(Arc::clone(&self.app), Arc::clone(&subscriber));
        let slot = Arc::clone(&self.following);
        let reader = running.as_ref().map(|running| running.read_along());
        // Held until the task is in its place: one that ends at once must not leave it there.
        let mut following = self.following.lock();
        let task = tokio::spawn(async move {
            let end = reading.await;
            let finished = slot.lock().take();
            // Tokens may be queued before it for which nobody was woken yet.
            if let Some(end) = end {
                subscriber.outbox.put(end);
            }
            subscriber.outbox.wake();
            drop(reader);
            // It would end this very task, which has nothing more to do.
            drop(finished);
        });
        *following = Some(Following::new(running, task));
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // The task holds the slot: it would outlive the connection otherwise.
        self.following.lock().take();
    }
}

impl Inbound for Talk {
    async fn text(&mut self, text: &str) {
        let outcome = match serde_json::from_str(text) {
            Ok(input) => self.take(input).await,
            Err(error) if error.is_data() => Err(bad_frame("this is no frame that a client sends")),
            Err(_) => Err(bad_frame("this is not JSON")),
        };
        if let Err(error) = outcome {
            self.subscriber.outbox.push(Frame::error(&error));
        }
    }

    async fn binary(&mut self) {
        let error = bad_frame("frames are text");
        self.subscriber.outbox.push(Frame::error(&error));
    }
}

#[cfg(test)]
mod tests {
    use crate::live::{IDLE_BYTES, bytes_of_future};

    #[test]
    fn an_idle_connection_takes_little_memory() {
        let bytes = bytes_of_future(|(app, socket, coming)| super::run(app, socket, coming, None));
        assert!(bytes <= IDLE_BYTES, "{bytes}");
    }
}
