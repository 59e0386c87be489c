//! What happens, on its way to a client that was let in: taken from its outbox when it goes out, and
//! noted with the ping whose answer proves that it was received.

use std::sync::Arc;

use domain::PersonId;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::{Mutex as Turns, MutexGuard};
use tokio::time::sleep;

use super::DIALECT;
use super::engine::{Client, Packet, Proof, Turn};
use super::seats::Seat;
use crate::app::App;
use crate::live::{Brought, Frame, Subscriber, To, Topic};
use crate::times::utc_millis;

/// What happens, for one connection of somebody.
pub struct Delivery {
    pub(super) app: Arc<App>,
    pub(super) person: PersonId,
    pub(super) seat: Arc<Seat>,
    pub(super) subscriber: Arc<Subscriber>,
    /// Held while what went by before a group was joined goes out: the mark of the group would pass
    /// over it if what came after it went first.
    pub(super) joining: Turns<()>,
    going: Mutex<Going>,
}

#[derive(Default)]
struct Going {
    /// Of what goes out together.
    proof: Option<Proof>,
    /// Something went out that no ping went before.
    is_unproven: bool,
}

/// What goes out next.
pub enum Ready<'a> {
    /// What happened, which nothing overtakes while this is held.
    Frame(MutexGuard<'a, ()>),
    Probe,
}

impl Delivery {
    pub fn new(
        app: Arc<App>,
        person: PersonId,
        seat: Arc<Seat>,
        subscriber: Arc<Subscriber>,
    ) -> Self {
        Self {
            app,
            person,
            seat,
            subscriber,
            joining: Turns::default(),
            going: Mutex::default(),
        }
    }

    /// What comes next does not go out together with what went before.
    pub fn pauses(&self) {
        self.going.lock().proof = None;
    }

    /// Waits until there is something to go out; what went out before has done so.
    pub async fn ready(&self, client: &Client) -> Ready<'_> {
        let outbox = &self.subscriber.outbox;
        loop {
            let answer = client.some_answer();
            let is_unproven = self.going.lock().is_unproven;
            let mut pause = None;
            if is_unproven && outbox.is_empty() {
                match client.probe() {
                    Turn::Now => {
                        self.going.lock().is_unproven = false;
                        return Ready::Probe;
                    }
                    Turn::Answered => {}
                    Turn::After(left) => pause = Some(left),
                }
            }
            tokio::select! {
                biased;
                () = outbox.filled() => return Ready::Frame(self.joining.lock().await),
                () = answer, if is_unproven => {}
                () = sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    }

    /// The next of what happened, if nothing has to go out before it.
    pub fn more(&self, client: &Client) -> Option<Packet> {
        self.subscriber
            .outbox
            .more()
            .map(|frame| self.packed(client, frame))
    }

    fn packed(&self, client: &Client, frame: Frame) -> Packet {
        let others = frame
            .message
            .filter(|brought| brought.sender != self.person);
        let Some(brought) = others else {
            return Packet::Message(frame.text);
        };
        let (packet, proof) = client.packed(frame.text, self.going.lock().proof);
        self.going.lock().proof = Some(proof);
        self.brought(&brought, proof);
        packet
    }

    /// A message of somebody else goes out: its sender is told at once, the mark follows when it was
    /// received for certain.
    pub fn brought(&self, brought: &Brought, proof: Proof) {
        if matches!(proof, Proof::After(_)) {
            self.going.lock().is_unproven = true;
        }
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
}
