//! The hub: follows the log, has each event encoded once per dialect, and hands it to topics.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::PersonId;
use event_store::Position;
use parking_lot::Mutex;
use projections::Fact;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;

use super::{Ended, Ephemeral, Frame, Outbox, Outgoing, Topic, Wave};

/// Facts that a listener inside the server may be behind before it has to look for itself.
const FACTS_KEPT: usize = 4_096;

/// How a dialect shows events to its own connections.
#[async_trait]
pub trait Dialect: Send + Sync {
    /// Takes note of an event, and names the topics on which there may be something to say of it.
    /// Called for every event, in the order of the log.
    fn notice(&self, fact: &Fact) -> Vec<Topic>;

    /// Its frames for this event; asked only where somebody listens to one of the topics.
    async fn frames(&self, fact: &Fact) -> Vec<Outgoing>;

    /// Its shape for something that is no event; none where it shows no such thing. Asked only
    /// where somebody listens to the room.
    async fn ephemeral(&self, told: &Ephemeral) -> Option<Value>;

    /// On which topic it is told.
    fn place(&self, told: &Ephemeral) -> Topic {
        Topic::Room(told.room.0)
    }

    /// A frame that is no event's, as its connections are sent it.
    fn enclose(&self, frame: Frame) -> Frame {
        frame
    }
}

/// One connection as the hub knows it.
pub struct Subscriber {
    /// Which of the dialects it speaks, as the index in which they were given to the hub.
    pub dialect: usize,
    pub person: PersonId,
    pub outbox: Outbox,
    /// Whether the rights that it was opened with still hold; judged after events about them.
    pub still_entitled: Box<dyn Fn() -> Result<(), Ended> + Send + Sync>,
}

/// A subscriber and where it joined: it is handed what comes after `since`.
struct Joined {
    id: u64,
    subscriber: Arc<Subscriber>,
    since: Position,
}

#[derive(Default)]
struct Topics {
    /// By topic and dialect.
    listeners: HashMap<(Topic, usize), Vec<Joined>>,
    next_id: u64,
}

impl Topics {
    fn join(&mut self, id: u64, subscriber: &Arc<Subscriber>, topic: Topic, since: Position) {
        let listeners = self.listeners.entry((topic, subscriber.dialect));
        // Most topics of one connection are of no other.
        let listeners = listeners.or_insert_with(|| Vec::with_capacity(1));
        if listeners.last().is_none_or(|last| last.id != id) {
            let subscriber = Arc::clone(subscriber);
            listeners.push(Joined {
                id,
                subscriber,
                since,
            });
        }
    }

    fn leave(&mut self, id: u64, topic: Topic, dialect: usize) {
        let key = (topic, dialect);
        if let Some(listeners) = self.listeners.get_mut(&key) {
            if let Some(place) = listeners.iter().position(|joined| joined.id == id) {
                listeners.swap_remove(place);
            }
            if listeners.is_empty() {
                self.listeners.remove(&key);
            }
        }
    }
}

/// How long those who wait to be woken wait at most for those who were woken before them and do
/// not run.
const WAVE_PATIENCE: Duration = Duration::from_millis(5);

/// Connections that have been handed something since they were last woken, in that order.
#[derive(Default)]
pub struct Wakes(VecDeque<Arc<Subscriber>>);

impl Wakes {
    /// Has all of them send what they were handed.
    pub fn wake_all(&mut self) {
        for subscriber in self.0.drain(..) {
            subscriber.outbox.wake();
        }
    }
}

/// Hands what is recorded to those who listen.
pub struct Hub {
    topics: Mutex<Topics>,
    /// The last position that anybody may have been shown.
    published: AtomicU64,
    /// Everything up to here has been handed to all who listen.
    delivered: AtomicU64,
    dialects: std::sync::OnceLock<Vec<Arc<dyn Dialect>>>,
    facts: broadcast::Sender<Arc<Fact>>,
    subscribers: watch::Sender<usize>,
    wave: Arc<Wave>,
}

impl Hub {
    /// A hub that stands at `position`: what comes after it will be published.
    pub fn new(position: Position) -> Self {
        Self {
            topics: Mutex::default(),
            published: AtomicU64::new(position),
            delivered: AtomicU64::new(position),
            dialects: std::sync::OnceLock::new(),
            facts: broadcast::Sender::new(FACTS_KEPT),
            subscribers: watch::Sender::new(0),
            wave: Arc::default(),
        }
    }

    /// Names the dialects, once.
    pub fn speak(&self, dialects: Vec<Arc<dyn Dialect>>) {
        if self.dialects.set(dialects).is_err() {
            tracing::error!("the hub's dialects were set twice");
        }
    }

    /// A dialect by its index.
    pub fn dialect(&self, index: usize) -> Option<&dyn Dialect> {
        self.all_dialects().get(index).map(|dialect| &**dialect)
    }

    fn all_dialects(&self) -> &[Arc<dyn Dialect>] {
        self.dialects.get().map_or(&[], Vec::as_slice)
    }

    /// Those of its connections that were woken and have not yet run.
    pub fn wave(&self) -> Arc<Wave> {
        Arc::clone(&self.wave)
    }

    /// Has those who waited longest send what they were handed, as long as not too many have been
    /// woken and have not yet run: who waits meanwhile hears more at once, and nobody's message
    /// stands behind a thousand who hear the one before.
    pub fn wake_some(&self, wakes: &mut Wakes) {
        while self.wave.has_room()
            && let Some(subscriber) = wakes.0.pop_front()
        {
            subscriber.outbox.wake();
        }
    }

    /// Waits until more can be woken, and wakes them. Never ends where nobody waits.
    pub async fn wake_more(&self, wakes: &mut Wakes) {
        if wakes.0.is_empty() {
            return std::future::pending().await;
        }
        if timeout(WAVE_PATIENCE, self.wave.ebbs()).await.is_ok() {
            self.wake_some(wakes);
        } else {
            wakes.wake_all();
        }
    }

    /// The last position that anybody may have been shown.
    pub fn published(&self) -> Position {
        self.published.load(Ordering::Acquire)
    }

    /// The last position of which everybody has been handed all that concerns them.
    pub fn delivered(&self) -> Position {
        self.delivered.load(Ordering::Acquire)
    }

    /// What is published, for listeners inside the server. One that is too far behind is told so.
    pub fn subscribe_facts(&self) -> broadcast::Receiver<Arc<Fact>> {
        self.facts.subscribe()
    }

    /// Shows one event to all who listen. Called in the order of the log. Those who were handed
    /// something are woken by the caller, after a few events, so that they send them at once.
    pub async fn publish(&self, fact: &Arc<Fact>, wakes: &mut Wakes) {
        let position = fact.recorded.position;
        let dialects = self.all_dialects();
        let topics: Vec<_> = dialects
            .iter()
            .map(|dialect| dialect.notice(fact))
            .collect();
        // Who joins from here on finds this event in the read models.
        let wanted: Vec<bool> = {
            let known = self.topics.lock();
            self.published.store(position, Ordering::Release);
            let is_heard = |(dialect, topics): (usize, &Vec<Topic>)| {
                let mut topics = topics.iter();
                topics.any(|topic| known.listeners.contains_key(&(*topic, dialect)))
            };
            topics.iter().enumerate().map(is_heard).collect()
        };
        for (index, dialect) in dialects.iter().enumerate() {
            if !wanted[index] {
                continue;
            }
            let mut frames = dialect.frames(fact);
            let frames = loop {
                tokio::select! {
                    biased;
                    frames = &mut frames => break frames,
                    // Nobody waits for what has to be read first.
                    () = self.wake_more(wakes) => {}
                }
            };
            for outgoing in frames {
                self.deliver(index, position, &outgoing, wakes);
            }
        }
        self.delivered.store(position, Ordering::Release);
        if self.facts.send(Arc::clone(fact)).is_err() {
            tracing::trace!("nobody inside the server listens");
        }
    }

    fn deliver(&self, dialect: usize, position: Position, outgoing: &Outgoing, wakes: &mut Wakes) {
        let topics = self.topics.lock();
        let Some(listeners) = topics.listeners.get(&(outgoing.topic, dialect)) else {
            return;
        };
        for Joined {
            subscriber, since, ..
        } in listeners
        {
            if *since < position && outgoing.to.reaches(subscriber.person) {
                if subscriber.outbox.put(outgoing.frame.clone()) {
                    wakes.0.push_back(Arc::clone(subscriber));
                }
                if let Some(ended) = outgoing.then {
                    subscriber.outbox.close(ended);
                }
            }
        }
    }

    /// What each dialect of which anybody listens to the room shows for something that is no
    /// event.
    pub async fn shapes(&self, told: &Ephemeral) -> Vec<(usize, Topic, Value)> {
        let mut shapes = Vec::new();
        for (index, dialect) in self.all_dialects().iter().enumerate() {
            let topic = dialect.place(told);
            if self.is_heard(index, topic)
                && let Some(content) = dialect.ephemeral(told).await
            {
                shapes.push((index, topic, content));
            }
        }
        shapes
    }

    /// Shows something that is no event. It carries the position up to which its connection has
    /// been handed everything: an event that is just being shown does not count yet.
    pub fn ephemeral(&self, dialect: usize, topic: Topic, to: super::To, content: &impl Serialize) {
        let topics = self.topics.lock();
        let Some(listeners) = topics.listeners.get(&(topic, dialect)) else {
            return;
        };
        let delivered = self.delivered();
        let encode = |position| {
            let frame = Frame::encode(content, Some(position), true);
            match self.dialect(dialect) {
                Some(dialect) => dialect.enclose(frame),
                None => frame,
            }
        };
        let frame = encode(delivered);
        for Joined {
            subscriber, since, ..
        } in listeners
        {
            if to.reaches(subscriber.person) {
                // Who joined during the event that is just being shown has read it for itself.
                subscriber.outbox.push(if *since > delivered {
                    encode(*since)
                } else {
                    frame.clone()
                });
            }
        }
    }

    /// Ends the connections on a topic whose rights no longer hold.
    pub fn review_rights(&self, topic: Topic) {
        for subscriber in self.listeners(topic) {
            if let Err(ended) = (subscriber.still_entitled)() {
                subscriber.outbox.revoke(ended);
            }
        }
    }

    /// Ends the connections on a topic.
    pub fn close(&self, topic: Topic, ended: Ended) {
        for subscriber in self.listeners(topic) {
            subscriber.outbox.close(ended);
        }
    }

    /// Ends every connection.
    pub fn close_all(&self, ended: Ended) {
        for joined in self.topics.lock().listeners.values().flatten() {
            joined.subscriber.outbox.close(ended);
        }
    }

    /// Who listens to a topic in any dialect.
    fn listeners(&self, topic: Topic) -> Vec<Arc<Subscriber>> {
        let topics = self.topics.lock();
        (0..self.all_dialects().len())
            .filter_map(|dialect| topics.listeners.get(&(topic, dialect)))
            .flatten()
            .map(|joined| Arc::clone(&joined.subscriber))
            .collect()
    }

    /// How many connections there are.
    pub fn subscribers(&self) -> usize {
        *self.subscribers.borrow()
    }

    /// Waits until there is no connection.
    pub async fn deserted(&self) {
        if self
            .subscribers
            .subscribe()
            .wait_for(|count| *count == 0)
            .await
            .is_err()
        {
            tracing::debug!("the hub is gone");
        }
    }

    /// Whether anybody of a dialect listens to a topic.
    pub fn is_heard(&self, dialect: usize, topic: Topic) -> bool {
        self.topics.lock().listeners.contains_key(&(topic, dialect))
    }

    /// Joins topics: what comes after the returned subscription's `since` goes to the outbox.
    pub fn subscribe(
        self: &Arc<Self>,
        subscriber: Arc<Subscriber>,
        on: Vec<Topic>,
    ) -> Subscription {
        let mut topics = self.topics.lock();
        let id = topics.next_id;
        topics.next_id += 1;
        let since = self.published();
        for topic in &on {
            topics.join(id, &subscriber, *topic, since);
        }
        drop(topics);
        self.subscribers.send_modify(|count| *count += 1);
        Subscription {
            hub: Arc::clone(self),
            id,
            topics: on,
            since,
            subscriber,
        }
    }
}

/// A place on topics; dropped, it is left.
pub struct Subscription {
    hub: Arc<Hub>,
    id: u64,
    topics: Vec<Topic>,
    /// Everything up to here is for the connection to read, everything after comes by itself.
    pub since: Position,
    pub subscriber: Arc<Subscriber>,
}

impl Subscription {
    /// Joins further topics: what comes on them after the returned position goes to the outbox.
    pub fn join(&mut self, on: impl IntoIterator<Item = Topic>) -> Position {
        let mut topics = self.hub.topics.lock();
        let since = self.hub.published();
        for topic in on {
            if !self.topics.contains(&topic) {
                topics.join(self.id, &self.subscriber, topic, since);
                self.topics.push(topic);
            }
        }
        since
    }

    /// Leaves a topic.
    pub fn leave(&mut self, topic: Topic) {
        if let Some(place) = self.topics.iter().position(|joined| *joined == topic) {
            self.topics.swap_remove(place);
            let mut topics = self.hub.topics.lock();
            topics.leave(self.id, topic, self.subscriber.dialect);
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut topics = self.hub.topics.lock();
        for topic in &self.topics {
            topics.leave(self.id, *topic, self.subscriber.dialect);
        }
        drop(topics);
        self.hub.subscribers.send_modify(|count| *count -= 1);
    }
}
