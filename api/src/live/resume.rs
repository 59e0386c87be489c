//! Resume: what a connection missed, read from the read models and the log, in order.

use domain::{ConsultationId, CounselorId, RoomId};
use event_store::Position;
use projections::{Fact, directory, fact, messages, timeline};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use super::{Connection, Ended, Frame, Subscriber, Topic};
use crate::app::{App, READ_LAG_LIMIT};

/// Positions read at a time.
const PAGE: u32 = 500;

/// Waits until the hub has come to the position that a client resumes from: the answer to a write
/// may have told it a moment earlier. To be called before the connection joins its topics.
pub async fn reach(app: &App, after: Option<&str>) {
    let Some(Ok(after)) = after.map(str::parse::<Position>) else {
        return;
    };
    let mut facts = app.hub.subscribe_facts();
    let is_recorded = || async { app.store.head().await.is_ok_and(|head| head >= after) };
    if app.hub.published() >= after || !is_recorded().await {
        return;
    }
    let reached = async {
        // Having fallen behind is as good as having heard something.
        while app.hub.published() < after && !matches!(facts.recv().await, Err(RecvError::Closed)) {
        }
    };
    if timeout(READ_LAG_LIMIT, reached).await.is_err() {
        tracing::warn!(after, "the hub is behind the log");
    }
}

/// What a connection listens to, as the read models know it.
pub struct Missed<'a> {
    pub app: &'a App,
    pub subscriber: &'a Subscriber,
    /// Everything up to here is to be read, everything after comes by itself.
    pub since: Position,
    /// Topics of the timeline.
    pub topics: &'a [Topic],
    /// The rooms whose messages count; they stand in their own index.
    pub rooms: &'a [RoomId],
}

/// Where frames go that precede what the outbox holds.
pub trait Taker: Send {
    /// Sends a frame.
    fn send_now(&mut self, frame: Frame) -> impl Future<Output = Result<(), Ended>> + Send;
}

impl Taker for Connection {
    fn send_now(&mut self, frame: Frame) -> impl Future<Output = Result<(), Ended>> + Send {
        Self::send_now(self, frame)
    }
}

impl Missed<'_> {
    /// Sends what was missed since `?after=`, in order, up to where the hub goes on.
    ///
    /// # Errors
    /// How the connection is to be closed: its rights have ended, there is no resuming from where
    /// it asks to, or the read models lag.
    pub async fn send(
        &self,
        connection: &mut impl Taker,
        after: Option<&str>,
    ) -> Result<(), Ended> {
        // The rights may have ended between the check and the subscription.
        (self.subscriber.still_entitled)()?;
        let since = self.since;
        let mut position = self.position(after).await?;
        if position < since && !self.app.projected(since).await {
            return Err(Ended::TryAgain);
        }
        while position < since {
            let (frames, reached) = self.next(position).await?;
            for frame in frames {
                connection.send_now(frame).await?;
            }
            position = reached;
        }
        Ok(())
    }

    /// Checks `?after=`, none of which means that nothing was missed.
    ///
    /// # Errors
    /// How the connection is to be closed.
    pub async fn position(&self, after: Option<&str>) -> Result<Position, Ended> {
        let since = self.since;
        let Some(after) = after else { return Ok(since) };
        let after: Position = after.parse().map_err(|_| Ended::BadPosition)?;
        if after > since {
            return Err(Ended::ResumeExpired);
        }
        if after == since {
            return Ok(after);
        }
        let oldest = self.app.store.read_positions(&[after + 1]).await;
        let window = self.app.settings.live.resume_window.as_micros();
        let window = i64::try_from(window).unwrap_or(i64::MAX);
        match oldest.map_err(|_| Ended::TryAgain)?.first() {
            Some(event) if event.recorded_at >= self.app.clock.now_us() - window => Ok(after),
            _ => Err(Ended::ResumeExpired),
        }
    }

    /// The frames of the next stretch after `after`, and how far it went. Ends at the
    /// subscription's own position, after which the hub goes on.
    ///
    /// # Errors
    /// The read models or the log cannot be read now.
    async fn next(&self, after: Position) -> Result<(Vec<Frame>, Position), Ended> {
        let until = self.since;
        let (positions, reached) = self.positions(after, until).await?;
        let events = self
            .app
            .store
            .read_positions(&positions)
            .await
            .map_err(unreadable)?;
        let dialect = self.app.hub.dialect(self.subscriber.dialect);
        let dialect = dialect.ok_or(Ended::TryAgain)?;
        let mut frames = Vec::new();
        for recorded in events {
            let fact: Fact = fact(recorded, &*self.app.keys).map_err(unreadable)?;
            frames.extend(
                dialect
                    .frames(&fact)
                    .await
                    .into_iter()
                    .filter(|outgoing| self.concerns(outgoing))
                    .map(|outgoing| outgoing.frame),
            );
        }
        Ok((frames, reached))
    }

    fn concerns(&self, outgoing: &super::Outgoing) -> bool {
        let person = self.subscriber.person;
        let is_of_room = |topic| match topic {
            Topic::Room(room) => self.rooms.contains(&RoomId(room)),
            _ => false,
        };
        outgoing.to.reaches(person)
            && (self.topics.contains(&outgoing.topic) || is_of_room(outgoing.topic))
    }

    /// Positions of what concerns the connection, in order, and up to where they are all there is.
    async fn positions(
        &self,
        after: Position,
        until: Position,
    ) -> Result<(Vec<Position>, Position), Ended> {
        let reader = &*self.app.reader;
        let mut positions = Vec::new();
        let mut reached = until;
        for topic in self.topics {
            let Some(topic) = timeline_topic(*topic) else {
                continue;
            };
            let page = timeline::after(reader, topic, after, until, PAGE)
                .await
                .map_err(unreadable)?;
            reached = reached.min(end_of(&page, until));
            positions.extend(page);
        }
        for room in self.rooms {
            let number = directory::number_of(reader, directory::Kind::Room, room.0);
            let Some(room) = number.await.map_err(unreadable)? else {
                continue;
            };
            let page = messages::after(reader, room, after, until, PAGE)
                .await
                .map_err(unreadable)?;
            let page: Vec<_> = page.into_iter().map(|message| message.position).collect();
            reached = reached.min(end_of(&page, until));
            positions.extend(page);
        }
        positions.sort_unstable();
        positions.dedup();
        positions.retain(|position| *position <= reached);
        Ok((positions, reached))
    }
}

/// How far a page reaches: to its last position if there may be more, else to the end.
fn end_of(page: &[Position], until: Position) -> Position {
    match page.last() {
        Some(last) if page.len() >= PAGE as usize => *last,
        _ => until,
    }
}

fn timeline_topic(topic: Topic) -> Option<timeline::Topic> {
    match topic {
        Topic::Consultation(id) => Some(timeline::Topic::Consultation(ConsultationId(id))),
        Topic::Counselor(id) => Some(timeline::Topic::Counselor(CounselorId(id))),
        Topic::Room(id) => Some(timeline::Topic::Room(RoomId(id))),
        Topic::Alerts => Some(timeline::Topic::Alerts),
        Topic::Joined(_) | Topic::Account(_) | Topic::Session(_) | Topic::Connection(_) => None,
    }
}

fn unreadable(error: impl std::fmt::Display) -> Ended {
    tracing::error!(%error, "what a connection missed could not be read");
    Ended::TryAgain
}
