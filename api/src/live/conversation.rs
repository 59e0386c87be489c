//! One connection to a room, from its upgrade to its end; a dialect brings its frames and what it
//! takes.

use std::future::Future;
use std::sync::Arc;

use axum::extract::ws::WebSocket;
use domain::{PersonId, RoomId};
use event_store::Position;
use serde::de::DeserializeOwned;

use super::{
    Connection, Ended, Frame, Inbound, Missed, Outbox, Rights, Subscriber, Subscription, Topic,
    Visit, bad_frame, reach,
};
use crate::app::App;
use crate::commands::rooms::MarkDelivered;
use crate::commands::{Actor, CommandError, Request};
use crate::error::ApiError;

/// Who comes to which room, and how.
pub struct Place {
    /// Which of the dialects they speak, as its index in the hub.
    pub dialect: usize,
    pub room: RoomId,
    pub person: PersonId,
    /// As whom their commands name them.
    pub actor: Actor,
    /// What they listen to beside the room: resumed from the timeline, as the room's messages are
    /// from their own index. For the room's other events too, it has to hold `Topic::Room`.
    pub topics: Vec<Topic>,
}

/// What a connection is told when it has been sent all that it missed.
pub struct Greeting {
    pub frames: Vec<Frame>,
    /// It ends after them.
    pub then: Option<Ended>,
}

/// What a dialect does on a connection to a room.
pub trait Talk: Send + Sync + 'static {
    /// What a client may send. Text that is none of it is answered with an error frame.
    type In: DeserializeOwned + Send;

    /// The first frames, once all that was missed has been sent and the read models show
    /// everything up to `since`. Whether they may still enter is to be judged here: it may have
    /// changed between their admission and the subscription.
    ///
    /// # Errors
    /// How the connection is to be closed.
    fn greet(&self, since: Position) -> impl Future<Output = Result<Greeting, Ended>> + Send;

    /// Does what a client asks for; typing is told by `visit`.
    ///
    /// # Errors
    /// What the client is told in an error frame. The connection stays.
    fn take(
        &self,
        input: Self::In,
        visit: &Visit,
    ) -> impl Future<Output = Result<(), ApiError>> + Send;
}

/// Runs one connection: it hears what comes after `?after=`, then lives on until either side ends
/// it, is present in the room meanwhile, and notes at its end how far it has heard.
pub fn converse<T: Talk>(
    app: Arc<App>,
    socket: WebSocket,
    place: Place,
    talk: T,
    rights: Rights,
    after: Option<String>,
) -> impl Future<Output = ()> + Send {
    let subscriber = Arc::new(Subscriber {
        dialect: place.dialect,
        person: place.person,
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: rights.still_hold(&app),
    });
    let connection = Connection::new(socket, Arc::clone(&subscriber));
    // What a future is given it keeps a second place for: it is given nothing large.
    Box::new(Stay {
        app,
        place,
        talk,
        rights,
        after,
        subscriber,
    })
    .run(connection)
}

/// One connection and all that it was opened with.
struct Stay<T> {
    app: Arc<App>,
    place: Place,
    talk: T,
    rights: Rights,
    after: Option<String>,
    subscriber: Arc<Subscriber>,
}

impl<T: Talk> Stay<T> {
    async fn run(self: Box<Self>, mut connection: Connection) {
        // On the heap while it lasts, so that a connection does not keep a place for it ever after.
        let subscription = match Box::pin(self.open(&mut connection)).await {
            Ok(subscription) => subscription,
            Err(ended) => return Box::pin(connection.close(ended)).await,
        };
        let (person, room) = (self.place.person, self.place.room);
        // Whoever is shown as online hears who comes next.
        self.subscriber.outbox.caught_up();
        let visit = Box::pin(self.app.presence.arrive(person, Some(room))).await;
        let mut hearing = Hearing {
            talk: &self.talk,
            outbox: &self.subscriber.outbox,
            visit: &visit,
        };
        connection
            .run(&mut hearing, self.rights.limits(&self.app))
            .await;
        Box::pin(self.leave(visit)).await;
        drop(subscription);
    }

    /// Joins, catches up and says how things stand.
    async fn open(&self, connection: &mut Connection) -> Result<Subscription, Ended> {
        let after = self.after.as_deref();
        let room = Topic::Room(self.place.room.0);
        let mut topics = self.place.topics.clone();
        if !topics.contains(&room) {
            topics.push(room);
        }
        topics.extend(self.rights.topics());
        reach(&self.app, after).await;
        let subscriber = Arc::clone(&self.subscriber);
        let subscription = self.app.hub.subscribe(subscriber, topics);
        let since = subscription.since;
        let missed = Missed {
            app: &self.app,
            subscriber: &subscription.subscriber,
            since: subscription.since,
            topics: &self.place.topics,
            rooms: &[self.place.room],
        };
        missed.send(connection, after).await?;
        if !self.app.projected(since).await {
            return Err(Ended::TryAgain);
        }
        let greeting = self.talk.greet(since).await?;
        for frame in greeting.frames {
            connection.send_now(frame).await?;
        }
        greeting.then.map_or(Ok(subscription), Err)
    }

    async fn leave(&self, visit: Visit) {
        visit.end(&self.app).await;
        // What still waits in the queue reached nobody.
        if self.subscriber.outbox.is_drained() {
            self.mark_delivered(self.app.hub.delivered()).await;
        }
    }

    /// Notes that everything up to a position reached the connection.
    async fn mark_delivered(&self, up_to: Position) {
        let command = MarkDelivered {
            room: self.place.room,
            person: self.place.person,
            number: up_to,
        };
        let request = Request::new(self.place.actor.clone(), self.app.ids.next());
        match self.app.commands.execute(&request, &command).await {
            // Nobody has accepted yet, or the room has gone on without them.
            Ok(_) | Err(CommandError::Refused(_)) => {}
            Err(error) => tracing::warn!(%error, "a delivered mark was not written"),
        }
    }
}

/// What comes in on a connection.
struct Hearing<'a, T> {
    talk: &'a T,
    outbox: &'a Outbox,
    visit: &'a Visit,
}

impl<T: Talk> Inbound for Hearing<'_, T> {
    async fn text(&mut self, text: &str) {
        let outcome = match serde_json::from_str(text) {
            Ok(input) => self.talk.take(input, self.visit).await,
            Err(error) if error.is_data() => Err(bad_frame("this is no frame that a client sends")),
            Err(_) => Err(bad_frame("this is not JSON")),
        };
        if let Err(error) = outcome {
            self.outbox.push(Frame::error(&error));
        }
    }

    async fn binary(&mut self) {
        self.outbox
            .push(Frame::error(&bad_frame("frames are text")));
    }
}
