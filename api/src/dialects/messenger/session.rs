//! One connection of somebody, from its admission to its end: what it missed comes first, then
//! what happens, and it is noted how far everything has reached it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{PersonId, RoomId};
use event_store::Position;
use parking_lot::Mutex;
use projections::rooms::RoomRow;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep, sleep_until};

use super::access::Entered;
use super::arrival::{Arrival, open};
use super::delivery::Delivery;
use super::intake::Entry;
use super::line::Line;
use super::offline::{self, Batch};
use super::packet::{OFFLINE_ACK, connected, disconnect, ended, not_connected, offline as packed};
use super::seats::Seat;
use crate::app::App;
use crate::auth::AccountCaller;
use crate::commands::rooms::MarkDelivered;
use crate::commands::{Actor, CommandError, Request};
use crate::live::{Ended, Missed, Rights, Subscriber, Topic, Visit};

/// Between two marks of how far a room has reached somebody.
const MARK_INTERVAL: Duration = Duration::from_secs(5);

/// How long a client that is told why it is sent away has to hear it.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What comes in on a connection.
#[derive(Debug)]
pub enum Inbox {
    /// Apart, since the queue keeps places for what may come.
    Event(Box<Called>),
    Binary {
        ack: Option<i64>,
    },
    Acknowledged(i64),
    /// They are in a room no longer.
    SentAway(RoomId),
    Left {
        /// By its own will, and not because nothing was heard of it any more.
        is_clean: bool,
    },
}

/// An event that a client sends.
#[derive(Debug)]
pub struct Called {
    pub name: String,
    /// JSON.
    pub argument: String,
    pub ack: Option<i64>,
    /// What it takes of what may wait.
    pub cost: usize,
}

/// A connection that is open.
pub(super) struct Session {
    pub app: Arc<App>,
    pub line: Line,
    pub caller: AccountCaller,
    pub person: PersonId,
    pub actor: Actor,
    pub seat: Arc<Seat>,
    pub subscriber: Arc<Subscriber>,
    pub rights: Rights,
    pub after: Option<String>,
    /// Up to here everything is in what it missed; after it everything comes by itself.
    pub cut: Position,
    /// After this position it has heard nothing of groups.
    pub base: Position,
    /// Rooms of two, whose messages it hears from the beginning.
    pub of_two: Vec<RoomId>,
    /// Of these rooms.
    pub topics: Vec<Topic>,
    /// Up to where groups were heard that it has left.
    pub left: Mutex<HashMap<RoomId, Position>>,
    pub delivery: Arc<Delivery>,
    /// Rooms that they do something in.
    pub rooms: Mutex<HashMap<RoomId, Arc<Entered>>>,
    pub entry: Entry,
}

/// Rooms in which a connection is present.
pub(super) type Visits = HashMap<RoomId, Visit>;

/// How it ended.
enum Over {
    /// The client went.
    Left { is_clean: bool },
    /// The server ends it.
    Ended(Ended),
}

/// Runs one connection.
pub(super) async fn run(arrival: Arrival, mut inbox: mpsc::UnboundedReceiver<Inbox>) {
    let (line, entry) = (arrival.line.clone(), arrival.entry.clone());
    // On the heap while it lasts, so that a connection does not keep a place for it ever after.
    let session = match Box::pin(open(arrival)).await {
        Ok(session) => session,
        Err(ended) => {
            line.client.wire.leave(&entry);
            if !line.client.try_send(not_connected(ended)) {
                line.cut();
            }
            return;
        }
    };
    let mut visits = Visits::new();
    let over = session.live(&mut inbox, &mut visits).await;
    line.client.wire.leave(&entry);
    drop(inbox);
    Box::pin(session.end(over, visits)).await;
}

impl Session {
    pub(super) fn missed(&self) -> Missed<'_> {
        Missed {
            app: &self.app,
            subscriber: &self.subscriber,
            since: self.cut,
            topics: &self.topics,
            rooms: &self.of_two,
        }
    }

    /// Says that it is open, brings what was missed, and then what happens.
    async fn live(&self, inbox: &mut mpsc::UnboundedReceiver<Inbox>, visits: &mut Visits) -> Over {
        let batch = match Box::pin(self.catch_up()).await {
            Ok(batch) => batch,
            Err(ended) => return Over::Ended(ended),
        };
        self.subscriber.outbox.caught_up();
        self.line.client.deliver(Some(Arc::clone(&self.delivery)));
        let visit = Box::pin(self.app.presence.arrive(self.person, None)).await;
        let limits = self.rights.limits(&self.app);
        let over = tokio::select! {
            ended = self.subscriber.outbox.overrun() => Over::Ended(ended),
            is_clean = self.receive(inbox, visits, batch) => Over::Left { is_clean },
            ended = self.mark_now_and_then() => Over::Ended(ended),
            () = expiry(limits.expires) => Over::Ended(Ended::NotAuthenticated),
        };
        Box::pin(visit.end(&self.app)).await;
        over
    }

    async fn catch_up(&self) -> Result<Option<Batch>, Ended> {
        let outbox = &self.subscriber.outbox;
        let mut line = self.line.clone();
        line.emit(connected(&self.line.client.id)).await?;
        let missed = async {
            if self.after.is_some() {
                let missed = self.missed();
                missed.send(&mut line, self.after.as_deref()).await?;
                return Ok(None);
            }
            let elsewhere = self.app.seats.elsewhere(&self.seat);
            let batch = offline::gather(&self.app, self.person, self.cut, &elsewhere).await?;
            let Some(batch) = batch else { return Ok(None) };
            let packed = packed(&batch.messages).text;
            let proof = self.line.bring(packed).await?;
            for brought in &batch.brought {
                self.delivery.brought(brought, proof);
            }
            Ok(Some(batch))
        };
        tokio::select! {
            biased;
            missed = missed => missed,
            ended = outbox.overrun() => Err(ended),
        }
    }

    /// Brings what was said in a room between the last that was heard of it and the position from
    /// which on it comes by itself.
    pub(super) async fn catch_up_in(&self, room: &RoomRow, up_to: Position) -> Result<(), Ended> {
        let left = self.left.lock().remove(&room.id);
        let after = left.unwrap_or(self.base);
        let missed = offline::before_joining(&self.app, self.person, room, after, up_to);
        let missed = Box::pin(missed).await?;
        for frame in missed {
            let proof = self.line.bring(frame.text).await?;
            if let Some(brought) = &frame.message {
                self.delivery.brought(brought, proof);
            }
        }
        Ok(())
    }

    /// What comes of a group from here on is not heard.
    pub(super) fn leaves_off(&self, room: RoomId) {
        let heard = self.app.hub.delivered();
        self.left.lock().insert(room, heard);
    }

    /// Takes what comes in until the client goes; whether by its own will.
    async fn receive(
        &self,
        inbox: &mut mpsc::UnboundedReceiver<Inbox>,
        visits: &mut Visits,
        mut batch: Option<Batch>,
    ) -> bool {
        while let Some(what) = inbox.recv().await {
            match what {
                Inbox::Event(called) => {
                    let Called {
                        name,
                        argument,
                        ack,
                        cost,
                    } = *called;
                    Box::pin(self.take(&name, &argument, ack, visits)).await;
                    self.entry.taken(cost);
                }
                Inbox::Binary { ack } => self.refuse_binary(ack),
                Inbox::Acknowledged(OFFLINE_ACK) => {
                    if let Some(batch) = batch.take() {
                        Box::pin(self.mark(batch.reached())).await;
                    }
                }
                Inbox::Acknowledged(_) => {}
                Inbox::SentAway(room) => {
                    self.rooms.lock().remove(&room);
                    if let Some(visit) = visits.remove(&room) {
                        Box::pin(visit.end(&self.app)).await;
                    }
                }
                Inbox::Left { is_clean } => return is_clean,
            }
        }
        true
    }

    /// Marks what was received: it went out before a heartbeat that was answered.
    async fn mark_now_and_then(&self) -> Ended {
        let mut ticks = interval(MARK_INTERVAL);
        loop {
            ticks.tick().await;
            let reached = self.seat.handed.until(self.line.client.heartbeat());
            if !reached.is_empty() {
                Box::pin(self.mark(reached)).await;
            }
        }
    }

    /// Writes down how far rooms have reached them; the position of the last event of it.
    async fn mark(&self, reached: Vec<(RoomId, Position)>) -> Option<Position> {
        let mut last = None;
        for (room, position) in reached {
            let command = MarkDelivered {
                room,
                person: self.person,
                number: position,
            };
            match self.app.commands.execute(&self.request(), &command).await {
                Ok(done) => last = done.position().or(last),
                // They are in the room no longer.
                Err(CommandError::Refused(_)) => {}
                Err(error) => {
                    tracing::warn!(%error, "a delivered mark was not written");
                    continue;
                }
            }
            self.seat.handed.marked(room, position);
        }
        last
    }

    pub(super) fn request(&self) -> Request {
        Request::new(self.actor.clone(), self.app.ids.next())
    }

    async fn end(self, over: Over, visits: Visits) {
        let Self { app, .. } = &self;
        self.line.client.deliver(None);
        for (_, visit) in visits {
            visit.end(app).await;
        }
        let client = &self.line.client;
        // Whoever says goodbye has received what they answered for; of whoever is lost it is known
        // by heartbeats alone.
        let ping = match over {
            Over::Left { is_clean: false } | Over::Ended(Ended::TooSlow | Ended::Unresponsive) => {
                client.heartbeat()
            }
            Over::Left { is_clean: true } | Over::Ended(_) => client.answered(),
        };
        let marked = self.mark(self.seat.handed.until(ping)).await;
        // Their next connection finds the mark, or this one.
        if let Some(marked) = marked
            && !app.projected(marked).await
        {
            tracing::warn!("a delivered mark is not shown yet");
        }
        app.seats.give_up(&self.seat);
        if let Over::Ended(why) = over {
            self.say_farewell(why).await;
        }
    }

    async fn say_farewell(&self, why: Ended) {
        match why {
            // Its client comes again by itself.
            Ended::GoingDown => self.line.close(),
            Ended::TooSlow | Ended::Unresponsive | Ended::TryAgain => self.line.cut(),
            Ended::NotAuthenticated
            | Ended::NotAllowed
            | Ended::Unknown
            | Ended::TooLarge
            | Ended::BadProtocol
            | Ended::BadText
            | Ended::BadPosition
            | Ended::NoPurpose
            | Ended::ResumeExpired => {
                if self.line.client.try_send(ended(why)) && self.line.client.try_send(disconnect())
                {
                    sleep(LAST_WORDS).await;
                }
                self.line.cut();
            }
        }
    }
}

async fn expiry(expires: Option<Instant>) {
    match expires {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
