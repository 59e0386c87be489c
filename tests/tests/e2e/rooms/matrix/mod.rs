//! Each action, done in each dialect that can, is heard on the sockets of all and found in what
//! all show; what fails is named pair by pair.

mod deed;
mod members;
mod messenger;
mod rooms;
mod told;
mod ways;

use serde_json::Value;
use tests::{Meeting, Seat, Socket, TestApp};

use deed::Deed;
use messenger::Listener;
use told::{live, shown};
use ways::Way;

/// Somebody who listens by one dialect.
struct Ear {
    seat: Seat,
    socket: Socket,
}

/// Everybody in a room, by every dialect that shows it.
struct Hall {
    meeting: Meeting,
    ears: Vec<Ear>,
    listeners: Vec<Listener>,
}

impl Hall {
    async fn of(meeting: Meeting) -> Self {
        let mut ears = Vec::new();
        for seat in meeting.seats() {
            let socket = seat.enters().await;
            ears.push(Ear { seat, socket });
        }
        let mut listeners = Vec::new();
        for person in 0..meeting.people.len() {
            listeners.push(Listener::of(&meeting, person).await);
        }
        Self {
            meeting,
            ears,
            listeners,
        }
    }

    /// What of a deed anybody misses.
    async fn misses(&mut self, deed: &Deed) -> Vec<String> {
        let mut misses = Vec::new();
        for ear in &mut self.ears {
            misses.extend(ear.misses(deed).await);
        }
        for listener in &mut self.listeners {
            misses.extend(listener.misses(deed).await);
        }
        misses
    }
}

impl Ear {
    /// What of a deed is not heard or not shown here.
    async fn misses(&mut self, deed: &Deed) -> Vec<String> {
        let mut misses = Vec::new();
        let pair = format!("{:?} of {}", self.seat.dialect, self.seat.user.name);
        if let Some(expected) = live(&self.seat, deed) {
            let heard = self.socket.hears(expected["type"].as_str().unwrap()).await;
            let miss = heard.and_then(|frame| holds(&frame, &expected));
            misses.extend(miss.err().map(|why| format!("{pair}, live: {why}")));
        }
        let miss = shown(&self.seat, deed).await;
        misses.extend(miss.err().map(|why| format!("{pair}, later: {why}")));
        misses
    }
}

/// Whether all that is expected stands in what came, recursively for objects.
fn holds(found: &Value, expected: &Value) -> Result<(), String> {
    match (found, expected) {
        (Value::Object(fields), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                let field = fields.get(name).unwrap_or(&Value::Null);
                holds(field, wanted).map_err(|why| format!("{name}: {why}"))?;
            }
            Ok(())
        }
        (found, expected) if found == expected => Ok(()),
        (found, expected) => Err(format!("{found} instead of {expected}")),
    }
}

/// Lets everybody do something in every room by every way there is.
async fn misses_of(ways: impl Fn(&Meeting) -> Vec<Way>) -> Vec<String> {
    let server = TestApp::start().await;
    let mut misses = Vec::new();
    for meeting in Meeting::of_each_kind(&server.client).await {
        let mut hall = Hall::of(meeting).await;
        for way in ways(&hall.meeting) {
            for person in 0..hall.meeting.people.len() {
                match way.does(&hall.meeting, person).await {
                    Ok(deed) => {
                        let miss = hall.misses(&deed).await;
                        let of = |why| format!("{}: {way:?} to {why}", hall.meeting.kind);
                        misses.extend(miss.into_iter().map(of));
                    }
                    Err(why) => misses.push(format!("{}: {way:?}: {why}", hall.meeting.kind)),
                }
            }
        }
    }
    misses
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_in_any_dialect_is_seen_in_every_other() {
    let misses = misses_of(Way::to_send).await;
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_seen_in_every_dialect() {
    let misses = misses_of(Way::to_edit).await;
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_seen_in_every_dialect() {
    let misses = misses_of(Way::to_delete).await;
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_in_any_dialect_is_seen_in_every_other() {
    let misses = misses_of(Way::to_read).await;
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}
