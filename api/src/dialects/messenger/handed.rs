//! What was handed to a connection, and the answer to which ping proves it: what it has received for
//! certain moves the mark of a room.

use std::collections::{HashMap, VecDeque};

use domain::RoomId;
use event_store::Position;
use parking_lot::Mutex;

/// What waits to be known as received, and what was.
#[derive(Default)]
pub(super) struct Handed(Mutex<HashMap<RoomId, InRoom>>);

#[derive(Default)]
struct InRoom {
    /// Pings, and up to which position everything went out before each.
    waiting: VecDeque<(u64, Position)>,
    /// Up to here it is known.
    received: Position,
    /// Up to here that is written down.
    marked: Position,
}

impl InRoom {
    fn until(&self, ping: u64) -> Position {
        let known = self.waiting.iter().take_while(|(after, _)| *after <= ping);
        known
            .last()
            .map_or(self.received, |(_, position)| *position)
    }
}

impl Handed {
    /// A message of a room went out; the answer to this ping proves that it was received.
    pub fn note(&self, room: RoomId, position: Position, ping: u64) {
        let mut rooms = self.0.lock();
        let waiting = &mut rooms.entry(room).or_default().waiting;
        match waiting.back_mut() {
            Some(last) if last.0 == ping => last.1 = last.1.max(position),
            _ => waiting.push_back((ping, position)),
        }
    }

    /// What is known to be received once a ping was answered and is not yet written down, a position
    /// for each room.
    pub fn until(&self, ping: u64) -> Vec<(RoomId, Position)> {
        let mut due = Vec::new();
        for (room, handed) in &mut *self.0.lock() {
            handed.received = handed.until(ping);
            handed.waiting.retain(|(after, _)| *after > ping);
            if handed.received > handed.marked {
                due.push((*room, handed.received));
            }
        }
        due
    }

    /// It is written down that a room has reached them up to a position.
    pub fn marked(&self, room: RoomId, position: Position) {
        if let Some(handed) = self.0.lock().get_mut(&room) {
            handed.marked = position.max(handed.marked);
        }
    }

    /// What is known to be received once a ping was answered, of every room.
    pub fn received(&self, ping: u64) -> Vec<(RoomId, Position)> {
        let rooms = self.0.lock();
        let known = rooms
            .iter()
            .map(|(room, handed)| (*room, handed.until(ping)));
        known.filter(|(_, position)| *position > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_out_before_an_answered_ping_counts_once() {
        let handed = Handed::default();
        let room = RoomId(uuid::Uuid::from_u128(1));
        handed.note(room, 4, 1);
        handed.note(room, 5, 1);
        handed.note(room, 6, 3);
        assert_eq!(handed.until(0), []);
        assert_eq!(handed.received(0), []);
        assert_eq!(handed.received(2), [(room, 5)]);
        assert_eq!(handed.until(2), [(room, 5)]);
        assert_eq!(handed.until(2), [(room, 5)]);
        handed.marked(room, 5);
        assert_eq!(handed.until(2), []);
        assert_eq!(handed.received(2), [(room, 5)]);
        assert_eq!(handed.until(3), [(room, 6)]);
    }
}
