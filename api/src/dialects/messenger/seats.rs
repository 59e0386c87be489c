//! Who is connected, and to which rooms each connection listens: it follows the log, so that
//! nobody misses the first message of a new room or hears one more of a room that they left.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

use domain::{PersonId, RoomId, RoomKind};
use event_store::Position;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::engine::Client;
use super::handed::Handed;
use super::session::Inbox;
use crate::live::{Subscription, Topic};

/// Kinds of rooms that were opened lately.
const MAX_KINDS: usize = 10_000;

/// Marks of what was told to be delivered; all are let go when there are more.
const MAX_TOLD: usize = 100_000;

/// One connection of somebody.
pub struct Seat {
    pub person: PersonId,
    place: Mutex<Place>,
    inbox: mpsc::WeakUnboundedSender<Inbox>,
    client: Arc<Client>,
    pub(super) handed: Handed,
}

struct Place {
    subscription: Subscription,
    /// Rooms that they came into, or left, while the connection still looks which ones there are.
    opening: Option<Vec<(RoomId, bool)>>,
    /// Rooms whose messages it hears.
    hears: HashSet<RoomId>,
}

impl Seat {
    pub fn new(
        person: PersonId,
        subscription: Subscription,
        inbox: mpsc::WeakUnboundedSender<Inbox>,
        client: Arc<Client>,
    ) -> Arc<Self> {
        let place = Place {
            subscription,
            opening: Some(Vec::new()),
            hears: HashSet::new(),
        };
        Arc::new(Self {
            person,
            place: Mutex::new(place),
            inbox,
            client,
            handed: Handed::default(),
        })
    }

    /// Hears the messages of these rooms, and of those that came up meanwhile, after the position
    /// that is returned.
    pub fn open(&self, rooms: impl IntoIterator<Item = RoomId>) -> Position {
        let mut place = self.place.lock();
        let mut rooms: HashSet<RoomId> = rooms.into_iter().collect();
        for (room, is_in) in place.opening.take().unwrap_or_default() {
            if is_in {
                rooms.insert(room);
            } else {
                rooms.remove(&room);
            }
        }
        let topics: Vec<Topic> = rooms.iter().map(|room| Topic::Room(room.0)).collect();
        place.hears = rooms;
        place.subscription.join(topics)
    }

    /// Hears all that is told of a room. Where it did not hear its messages before: the position
    /// after which it does.
    pub fn join(&self, room: RoomId) -> Option<Position> {
        let mut place = self.place.lock();
        let is_new = place.hears.insert(room);
        let topics = [Topic::Room(room.0), Topic::Joined(room.0)];
        let since = place.subscription.join(topics);
        is_new.then_some(since)
    }

    /// Hears of a room no more than of any room of two, or nothing more at all.
    pub fn leave(&self, room: RoomId, is_of_two: bool) {
        let mut place = self.place.lock();
        place.subscription.leave(Topic::Joined(room.0));
        if !is_of_two {
            place.hears.remove(&room);
            place.subscription.leave(Topic::Room(room.0));
        }
    }

    fn hear(&self, room: RoomId) {
        let mut place = self.place.lock();
        if let Some(changes) = &mut place.opening {
            changes.push((room, true));
        } else {
            place.hears.insert(room);
            place.subscription.join([Topic::Room(room.0)]);
        }
    }

    fn forget(&self, room: RoomId) {
        let mut place = self.place.lock();
        if let Some(changes) = &mut place.opening {
            changes.push((room, false));
        }
        drop(place);
        self.leave(room, false);
        if let Some(inbox) = self.inbox.upgrade()
            && inbox.send(Inbox::SentAway(room)).is_err()
        {
            tracing::trace!("a connection has just ended");
        }
    }
}

/// Every connection of this node.
#[derive(Default)]
pub struct Seats {
    by_person: Mutex<HashMap<PersonId, Vec<Weak<Seat>>>>,
    kinds: Mutex<HashMap<RoomId, RoomKind>>,
    /// Up to where a sender was told that somebody has their messages.
    told: Mutex<HashMap<(RoomId, PersonId), Position>>,
}

impl Seats {
    pub fn take(&self, seat: &Arc<Seat>) {
        let mut by_person = self.by_person.lock();
        let seats = by_person.entry(seat.person).or_default();
        seats.push(Arc::downgrade(seat));
    }

    pub fn give_up(&self, seat: &Arc<Seat>) {
        let mut by_person = self.by_person.lock();
        if let Some(seats) = by_person.get_mut(&seat.person) {
            seats.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(seat)));
            if seats.is_empty() {
                by_person.remove(&seat.person);
            }
        }
    }

    /// How far each room has reached other connections of somebody for certain.
    pub(super) fn elsewhere(&self, seat: &Arc<Seat>) -> HashMap<RoomId, Position> {
        let mut reached = HashMap::new();
        for other in self.of(seat.person) {
            if Arc::ptr_eq(&other, seat) {
                continue;
            }
            for (room, position) in other.handed.received(other.client.answered()) {
                let last: &mut Position = reached.entry(room).or_default();
                *last = position.max(*last);
            }
        }
        reached
    }

    fn of(&self, person: PersonId) -> Vec<Arc<Seat>> {
        let by_person = self.by_person.lock();
        let seats = by_person.get(&person).into_iter().flatten();
        seats.filter_map(Weak::upgrade).collect()
    }

    /// A room was opened.
    pub fn opened(&self, room: RoomId, kind: RoomKind) {
        let mut kinds = self.kinds.lock();
        if kinds.len() >= MAX_KINDS {
            kinds.clear();
        }
        kinds.insert(room, kind);
    }

    /// Somebody is in a room from now on: of one of two they hear at once. In one that is older
    /// than what is known here, they hear from their next connection on.
    pub fn added(&self, room: RoomId, person: PersonId) {
        let kind = self.kinds.lock().get(&room).copied();
        match kind {
            Some(RoomKind::Direct | RoomKind::Consultation(_)) => {}
            Some(RoomKind::Group) | None => return,
        }
        for seat in self.of(person) {
            seat.hear(room);
        }
    }

    /// Somebody is in a room no longer.
    pub fn removed(&self, room: RoomId, person: PersonId) {
        for seat in self.of(person) {
            seat.forget(room);
        }
    }

    /// Whether the sender of a message is not yet told that somebody has it, nor a later one.
    pub fn is_news(&self, room: RoomId, person: PersonId, position: Position) -> bool {
        let mut told = self.told.lock();
        if told.len() >= MAX_TOLD {
            told.clear();
        }
        let last = told.entry((room, person)).or_default();
        let is_news = *last < position;
        *last = position.max(*last);
        is_news
    }
}
