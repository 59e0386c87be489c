//! One connection of somebody, from its admission to its end: what it missed comes first, then
//! what happens, and it is noted how far everything has reached it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use domain::{PersonId, RoomId, RoomKind};
use event_store::Position;
use futures_util::FutureExt;
use parking_lot::Mutex;
use projections::rooms::{self, Hearing, RoomRow};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep, sleep_until};

use super::DIALECT;
use super::engine::{Packet, Proof};
use super::intake::Entry;
use super::line::Line;
use super::offline::{self, Batch};
use super::packet::{OFFLINE_ACK, connected, disconnect, ended, not_connected, offline as packed};
use super::seats::Seat;
use crate::app::App;
use crate::auth::{AccountCaller, Caller, Credentials, address_hash, live_credentials};
use crate::commands::rooms::MarkDelivered;
use crate::commands::{Actor, CommandError, Request};
use crate::live::{
    Brought, Ended, Frame, Missed, Next, Outbox, Rights, Subscriber, To, Topic, Visit, ended_by,
    reach,
};
use crate::times::utc_millis;

/// Rooms of one person that a connection looks at, the newest ones.
pub(super) const MAX_ROOMS: u32 = 2_000;

/// Between two marks of how far a room has reached somebody.
const MARK_INTERVAL: Duration = Duration::from_secs(5);

/// How long a client that is told why it is sent away has to hear it.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// What comes in on a connection.
#[derive(Debug)]
pub enum Inbox {
    Event {
        name: String,
        /// JSON.
        argument: String,
        ack: Option<i64>,
        /// What it takes of what may wait.
        cost: usize,
    },
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

/// A client that asks to be let in.
pub(super) struct Arrival {
    pub app: Arc<App>,
    pub line: Line,
    /// What it shows, as JSON.
    pub auth: Option<String>,
    pub seat_inbox: mpsc::WeakUnboundedSender<Inbox>,
    pub entry: Entry,
}

/// What a client shows in its first packet.
#[derive(Default, Deserialize)]
struct Auth {
    token: Option<String>,
    ticket: Option<String>,
    /// The position from which on it wants to hear everything.
    after: Option<Value>,
}

impl Auth {
    fn of(text: Option<&str>) -> Self {
        // What is no such object shows nothing.
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    fn credentials(&self, headers: &HeaderMap, query: Option<&str>) -> Option<Credentials> {
        let token = |token: &String| {
            let bare = token.strip_prefix("Bearer ").unwrap_or(token);
            Credentials::Token(bare.trim().to_owned())
        };
        let ticket = self.ticket.clone().map(Credentials::Ticket);
        ticket
            .or_else(|| self.token.as_ref().map(token))
            .or_else(|| live_credentials(headers, query))
    }

    fn after(&self) -> Option<String> {
        match &self.after {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        }
    }
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
    rights: Rights,
    after: Option<String>,
    /// Up to here everything is in what it missed; after it everything comes by itself.
    cut: Position,
    /// After this position it has heard nothing of groups.
    base: Position,
    /// Rooms of two, whose messages it hears from the beginning.
    of_two: Vec<RoomId>,
    /// Of these rooms.
    topics: Vec<Topic>,
    /// Up to where groups were heard that it has left.
    left: Mutex<HashMap<RoomId, Position>>,
    /// Held while what went by before a group was joined goes out: the mark of the group would pass
    /// over it if what came after it went first.
    pub joining: tokio::sync::Mutex<()>,
    entry: Entry,
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

/// Lets somebody in: from here on they hear what comes.
async fn open(arrival: Arrival) -> Result<Session, Ended> {
    let Arrival {
        app,
        line,
        auth,
        seat_inbox,
        entry,
    } = arrival;
    let client = &line.client;
    let auth = Auth::of(auth.as_deref());
    let credentials = auth
        .credentials(&client.headers, client.query.as_deref())
        .ok_or(Ended::NotAuthenticated)?;
    let claims = app.authority.caller(&credentials);
    let claims = claims.map_err(|_| Ended::NotAuthenticated)?;
    let caller = Caller::of(Some(Arc::clone(&claims)));
    let caller = caller.account().map_err(|error| ended_by(&error))?.clone();
    let after = auth.after();
    reach(&app, after.as_deref()).await;
    let rights = Rights(Some(claims));
    let person: PersonId = caller.account.into();
    let subscriber = Arc::new(Subscriber {
        dialect: DIALECT,
        person,
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: rights.still_hold(&app),
    });
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), rights.topics());
    let seat = Seat::new(person, subscription, seat_inbox, Arc::clone(client));
    app.seats.take(&seat);
    let admitted = admit(&app, &seat, &subscriber).await;
    let (cut, of_two) = match admitted {
        Ok(admitted) => admitted,
        Err(ended) => {
            app.seats.give_up(&seat);
            return Err(ended);
        }
    };
    let address = client.address;
    let address = address.map(|address| address_hash(&app.authority.pepper, address.0).into());
    let session = Session {
        person,
        actor: Actor::person(person, caller.role, address),
        app,
        line: line.clone(),
        caller,
        seat,
        subscriber,
        rights,
        after,
        cut,
        base: cut,
        topics: of_two.iter().map(|room| Topic::Room(room.0)).collect(),
        of_two,
        left: Mutex::default(),
        joining: tokio::sync::Mutex::default(),
        entry,
    };
    let from = session.missed().position(session.after.as_deref()).await;
    match from {
        Ok(base) => Ok(Session { base, ..session }),
        Err(ended) => {
            session.app.seats.give_up(&session.seat);
            Err(ended)
        }
    }
}

/// Joins the rooms of two, and waits until the read models show what came before.
async fn admit(
    app: &App,
    seat: &Arc<Seat>,
    subscriber: &Subscriber,
) -> Result<(Position, Vec<RoomId>), Ended> {
    if !app.caught_up().await {
        return Err(Ended::TryAgain);
    }
    let rooms = hearing(app, seat.person).await?;
    let of_two: Vec<RoomId> = rooms
        .iter()
        .filter(|room| is_of_two(room))
        .map(|room| room.id)
        .collect();
    let cut = seat.open(of_two.iter().copied());
    if !app.projected(cut).await {
        return Err(Ended::TryAgain);
    }
    // The rights may have ended between the check and the subscription.
    (subscriber.still_entitled)()?;
    Ok((cut, of_two))
}

pub(super) async fn hearing(app: &App, person: PersonId) -> Result<Vec<Hearing>, Ended> {
    let rooms = rooms::hearing(&*app.reader, person, MAX_ROOMS).await;
    rooms.map_err(|error| {
        tracing::error!(%error, "the rooms of somebody cannot be read");
        Ended::TryAgain
    })
}

pub(super) fn is_of_two(room: &Hearing) -> bool {
    match room.kind {
        RoomKind::Direct | RoomKind::Consultation(_) => true,
        RoomKind::Group => false,
    }
}

impl Session {
    fn missed(&self) -> Missed<'_> {
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
        let visit = Box::pin(self.app.presence.arrive(self.person, None)).await;
        let limits = self.rights.limits(&self.app);
        let over = tokio::select! {
            ended = self.send() => Over::Ended(ended),
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
            let proof = self.line.bring(packed, None).await?;
            for brought in &batch.brought {
                self.brought(brought, proof);
            }
            Ok(Some(batch))
        };
        tokio::select! {
            biased;
            missed = missed => missed,
            ended = outbox.overrun() => Err(ended),
        }
    }

    /// Sends what happens. Ends when the connection has to.
    async fn send(&self) -> Ended {
        let outbox = &self.subscriber.outbox;
        let client = &self.line.client;
        // Of the messages that were just sent, and of all that no ping went before.
        let (mut proof, mut is_unproven) = (None, false);
        loop {
            let answer = client.some_answer();
            let next = if let Some(next) = outbox.next().now_or_never() {
                next
            } else {
                proof = None;
                is_unproven = is_unproven && !client.try_probe();
                tokio::select! {
                    biased;
                    next = outbox.next() => next,
                    () = answer, if is_unproven => continue,
                }
            };
            let frame = match next {
                Next::Send(frame) => frame,
                Next::Close(ended) => return ended,
            };
            let turn = if let Ok(turn) = self.joining.try_lock() {
                turn
            } else {
                // Other pings go out meanwhile.
                proof = None;
                let waits = async { Ok(self.joining.lock().await) };
                match self.unless_overrun(waits).await {
                    Ok(turn) => turn,
                    Err(ended) => return ended,
                }
            };
            let sent = self.emit(frame, proof).await;
            drop(turn);
            match sent {
                Ok(Some(sent)) => {
                    proof = Some(sent);
                    is_unproven |= matches!(sent, Proof::After(_));
                }
                Ok(None) => {}
                Err(ended) => return ended,
            }
        }
    }

    /// Sends a frame; where it is a message of somebody else, what will prove that it was received.
    async fn emit(&self, frame: Frame, behind: Option<Proof>) -> Result<Option<Proof>, Ended> {
        let others = frame
            .message
            .filter(|brought| brought.sender != self.person);
        let Some(brought) = others else {
            let packet = Packet::Message(frame.text);
            self.unless_overrun(self.line.emit(packet)).await?;
            return Ok(None);
        };
        let proof = self.unless_overrun(self.line.bring(frame.text, behind));
        let proof = proof.await?;
        self.brought(&brought, proof);
        Ok(Some(proof))
    }

    async fn unless_overrun<T>(
        &self,
        sent: impl Future<Output = Result<T, Ended>>,
    ) -> Result<T, Ended> {
        tokio::select! {
            biased;
            sent = sent => sent,
            ended = self.subscriber.outbox.overrun() => Err(ended),
        }
    }

    /// Brings what was said in a room between the last that was heard of it and the position from
    /// which on it comes by itself.
    pub(super) async fn catch_up_in(&self, room: &RoomRow, up_to: Position) -> Result<(), Ended> {
        let left = self.left.lock().remove(&room.id);
        let after = left.unwrap_or(self.base);
        let missed = offline::before_joining(&self.app, self.person, room, after, up_to);
        let missed = Box::pin(missed).await?;
        let mut proof = None;
        for frame in missed {
            proof = self.emit(frame, proof).await?.or(proof);
        }
        Ok(())
    }

    /// What comes of a group from here on is not heard.
    pub(super) fn leaves_off(&self, room: RoomId) {
        let heard = self.app.hub.delivered();
        self.left.lock().insert(room, heard);
    }

    /// A message of somebody else went out: its sender is told at once, the mark follows when it was
    /// received for certain.
    fn brought(&self, brought: &Brought, proof: Proof) {
        let (room, position) = (brought.room, brought.position);
        self.seat.handed.note(room, position, proof.ping());
        if brought.is_of_two && self.app.seats.is_news(room, self.person, position) {
            let content = json!({
                "event": "message:delivered", "roomId": room, "messageId": brought.message,
                "userId": self.person, "deliveredAt": utc_millis(self.app.clock.now_us()),
            });
            let (topic, to) = (Topic::Room(room.0), To::Only(brought.sender));
            self.app.hub.ephemeral(DIALECT, topic, to, &content);
        }
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
                Inbox::Event {
                    name,
                    argument,
                    ack,
                    cost,
                } => {
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
