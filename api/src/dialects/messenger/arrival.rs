//! Somebody who asks to be let in: who they are, and from which position on they hear what comes.

use std::sync::Arc;

use domain::{PersonId, RoomId, RoomKind};
use event_store::Position;
use parking_lot::Mutex;
use projections::rooms::{self, Hearing};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::DIALECT;
use super::delivery::Delivery;
use super::intake::Entry;
use super::line::Line;
use super::seats::Seat;
use super::session::{Inbox, Session};
use crate::app::App;
use crate::auth::{Caller, Credentials, address_hash};
use crate::commands::Actor;
use crate::live::{Ended, Outbox, Rights, Subscriber, Topic, ended_by, reach};

/// Rooms of one person that a connection looks at, the newest ones.
pub(super) const MAX_ROOMS: u32 = 2_000;

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

    fn credentials(&self) -> Option<Credentials> {
        let token = |token: &String| {
            let bare = token.strip_prefix("Bearer ").unwrap_or(token);
            Credentials::Token(bare.trim().to_owned())
        };
        let ticket = self.ticket.clone().map(Credentials::Ticket);
        ticket.or_else(|| self.token.as_ref().map(token))
    }

    fn after(&self) -> Option<String> {
        match &self.after {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        }
    }
}

/// Lets somebody in: from here on they hear what comes.
pub(super) async fn open(arrival: Arrival) -> Result<Session, Ended> {
    let Arrival {
        app,
        line,
        auth,
        seat_inbox,
        entry,
    } = arrival;
    let client = &line.client;
    let auth = Auth::of(auth.as_deref());
    let credentials = auth.credentials();
    let credentials = credentials
        .or_else(|| client.shown.credentials.clone())
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
    let delivery = Delivery::new(
        Arc::clone(&app),
        person,
        Arc::clone(&seat),
        Arc::clone(&subscriber),
    );
    let delivery = Arc::new(delivery);
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
        rooms: Mutex::default(),
        delivery,
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
