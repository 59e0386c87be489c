//! Who is online, who is in a room and who types: over all connections of every dialect, of this
//! node and, where nodes tell each other, of all. Nothing of it is recorded; a restart forgets it,
//! and the connections come again.

mod counts;
mod elsewhere;
mod relay;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::{PersonId, RoomId};
use parking_lot::Mutex;
use projections::{Reader, rooms};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

pub use self::relay::{Relay, relay};

use self::counts::{Came, Counts};
use self::elsewhere::{Change, Elsewhere};
use super::{Ephemeral, Hub, Sign, To};
use crate::app::App;
use crate::commands::Request;
use crate::commands::presence::LeavePresence;

/// A typing state ends by itself after this long without renewal.
const TYPING_LASTS: Duration = Duration::from_secs(5);

/// Rooms in which it is told at most that somebody comes or goes, the newest ones.
const MAX_ROOMS_TOLD: u32 = 1_000;

/// A person in a room.
type InRoom = (RoomId, PersonId);

#[derive(Default)]
struct State {
    next_connection: u64,
    /// How many connections somebody has, to anything.
    online: Counts<PersonId>,
    /// How many connections somebody has to a room.
    here: Counts<InRoom>,
    typing: HashMap<InRoom, Typing>,
    /// Of other nodes, and what they are told.
    elsewhere: Elsewhere,
}

/// Somebody types.
struct Typing {
    /// The connection on which they do; none where it is another node's.
    connection: Option<u64>,
    until: Instant,
    /// Ends it when it is not renewed.
    timer: AbortHandle,
}

impl State {
    /// Whether something is still as it is about to be told.
    fn is_so(&self, told: &Ephemeral) -> bool {
        let place = (told.room, told.person);
        match told.sign {
            Sign::Here(here) => self.here.has(&place) == here,
            Sign::Online(online) => self.online.has(&told.person) == online,
            Sign::Typing(typing) => self.typing.contains_key(&place) == typing,
        }
    }

    /// Ends a typing state: all of theirs in the room, or that of one connection.
    fn stop_typing(&mut self, place: InRoom, connection: Option<u64>) -> bool {
        let concerned = self
            .typing
            .get(&place)
            .is_some_and(|typing| connection.is_none() || connection == typing.connection);
        if concerned && let Some(typing) = self.typing.remove(&place) {
            typing.timer.abort();
        }
        concerned
    }
}

/// Counts connections by person and room, and tells the others what changes.
pub struct Presence {
    hub: Arc<Hub>,
    reader: Arc<dyn Reader>,
    state: Mutex<State>,
}

impl Presence {
    pub fn new(hub: Arc<Hub>, reader: Arc<dyn Reader>) -> Arc<Self> {
        Arc::new(Self {
            hub,
            reader,
            state: Mutex::default(),
        })
    }

    /// Whether somebody has any live connection, in whatever dialect.
    pub fn is_online(&self, person: PersonId) -> bool {
        self.state.lock().online.has(&person)
    }

    /// Whether somebody has a live connection to a room, in whatever dialect.
    pub fn is_here(&self, room: RoomId, person: PersonId) -> bool {
        self.state.lock().here.has(&(room, person))
    }

    /// Counts a connection of somebody, to a room or to something else, and tells the others if it
    /// is the first one.
    pub async fn arrive(self: &Arc<Self>, person: PersonId, room: Option<RoomId>) -> Visit {
        let (connection, first_here, first) = {
            let mut state = self.state.lock();
            state.next_connection += 1;
            let online = state.online.one_more(person);
            if online.of_ours {
                state.elsewhere.tell(Change::Online(person, true));
            }
            let here = room.map_or(Came::default(), |room| state.here.one_more((room, person)));
            if let Some(room) = room.filter(|_| here.of_ours) {
                state.elsewhere.tell(Change::Here(room, person, true));
            }
            (state.next_connection, here.of_all, online.of_all)
        };
        let visit = Visit {
            presence: Arc::clone(self),
            connection,
            person,
            room,
        };
        visit.tell(first_here, first, true).await;
        visit
    }

    /// Tells the others in a room, each dialect in its own shape, unless it is no longer so: what
    /// is told last is how things are.
    async fn tell(&self, told: Ephemeral) {
        let shown = self.hub.shapes(&told).await;
        let state = self.state.lock();
        if state.is_so(&told) {
            let to = To::Except(told.person);
            for (dialect, topic, content) in shown {
                self.hub.ephemeral(dialect, topic, to, &content);
            }
        }
    }

    /// Tells it in all rooms of theirs to which anybody listens.
    async fn tell_online(&self, person: PersonId, online: bool) {
        let rooms = match rooms::open_rooms_of(&*self.reader, person, MAX_ROOMS_TOLD).await {
            Ok(rooms) => rooms,
            Err(error) => {
                tracing::warn!(%error, "who shares a room with somebody who came or went is unknown");
                return;
            }
        };
        let sign = Sign::Online(online);
        for room in rooms {
            self.tell(Ephemeral { room, person, sign }).await;
        }
    }

    /// Somebody types, or has stopped to, on a connection or, without one, at another node.
    async fn types(self: &Arc<Self>, place: InRoom, is_typing: bool, connection: Option<u64>) {
        let (room, person) = place;
        {
            let mut state = self.state.lock();
            if is_typing {
                let until = Instant::now() + TYPING_LASTS;
                if let Some(typing) = state.typing.get_mut(&place) {
                    (typing.connection, typing.until) = (connection, until);
                } else {
                    let timer = tokio::spawn(Arc::clone(self).end_typing(place)).abort_handle();
                    let typing = Typing {
                        connection,
                        until,
                        timer,
                    };
                    state.typing.insert(place, typing);
                }
            } else {
                state.stop_typing(place, None);
            }
            if connection.is_some() {
                let change = Change::Typing(room, person, is_typing);
                state.elsewhere.tell(change);
            }
        }
        let sign = Sign::Typing(is_typing);
        self.tell(Ephemeral { room, person, sign }).await;
    }

    /// Waits for a typing state to be over, and tells that it is.
    async fn end_typing(self: Arc<Self>, (room, person): InRoom) {
        loop {
            let until = {
                let mut state = self.state.lock();
                let Some(typing) = state.typing.get(&(room, person)) else {
                    return;
                };
                if typing.until <= Instant::now() {
                    state.typing.remove(&(room, person));
                    break;
                }
                typing.until
            };
            sleep_until(until).await;
        }
        let sign = Sign::Typing(false);
        self.tell(Ephemeral { room, person, sign }).await;
    }
}

/// One connection of somebody. It has to be [`end`](Visit::end)ed.
pub struct Visit {
    presence: Arc<Presence>,
    connection: u64,
    person: PersonId,
    room: Option<RoomId>,
}

impl Visit {
    /// They type, or have stopped to. Renewed within 5 s it goes on, else it ends by itself.
    pub async fn typing(&self, is_typing: bool) {
        let Some(room) = self.room else { return };
        let place = (room, self.person);
        self.presence
            .types(place, is_typing, Some(self.connection))
            .await;
    }

    /// Ends it, tells the others, and records where it was the person's last connection to anything
    /// that they are gone.
    pub async fn end(self, app: &App) {
        let person = self.person;
        if !self.leave().await {
            return;
        }
        let request = Request::system(app.ids.next(), None);
        if let Err(error) = app
            .commands
            .execute(&request, &LeavePresence { person })
            .await
        {
            tracing::warn!(%error, "that somebody is gone was not recorded");
        }
    }

    /// Counts the connection no longer, and tells the others if it was the last one. Whether it was
    /// the person's last to anything at this node: of two that leave at once, one is.
    async fn leave(self) -> bool {
        let (typed, here, online) = {
            let mut state = self.presence.state.lock();
            let online = state.online.one_less(&self.person);
            if online.of_ours {
                let change = Change::Online(self.person, false);
                state.elsewhere.tell(change);
            }
            match self.room.map(|room| (room, self.person)) {
                Some(place) => {
                    let typed = state.stop_typing(place, Some(self.connection));
                    let here = state.here.one_less(&place);
                    let changes = [
                        (typed, Change::Typing(place.0, place.1, false)),
                        (here.of_ours, Change::Here(place.0, place.1, false)),
                    ];
                    for (_, change) in changes.into_iter().filter(|(is_so, _)| *is_so) {
                        state.elsewhere.tell(change);
                    }
                    (typed, here, online)
                }
                None => (false, Came::default(), online),
            }
        };
        if typed {
            self.tell_here(Sign::Typing(false)).await;
        }
        self.tell(here.of_all, online.of_all, false).await;
        online.of_ours
    }

    async fn tell(&self, here: bool, online: bool, came: bool) {
        if here {
            self.tell_here(Sign::Here(came)).await;
        }
        if online {
            self.presence.tell_online(self.person, came).await;
        }
    }

    async fn tell_here(&self, sign: Sign) {
        if let Some(room) = self.room {
            let person = self.person;
            self.presence.tell(Ephemeral { room, person, sign }).await;
        }
    }
}

#[cfg(test)]
mod tests;
