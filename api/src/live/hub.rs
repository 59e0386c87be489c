//! The hub: follows the log, has each event encoded once per dialect, and hands it to topics.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::PersonId;
use event_store::Position;
use parking_lot::Mutex;
use projections::Fact;
use serde::Serialize;
use tokio::sync::{broadcast, watch};

use super::{Ended, Frame, Outbox, Outgoing, Topic};

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
#[derive(Clone)]
struct Joined {
    subscriber: Arc<Subscriber>,
    since: Position,
}

#[derive(Default)]
struct Topics {
    subscribers: HashMap<Topic, HashMap<u64, Joined>>,
    next_id: u64,
    /// How many connections of a dialect a person is present with on a topic.
    present: HashMap<(usize, Topic, PersonId), usize>,
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
        }
    }

    /// Names the dialects, once.
    pub fn speak(&self, dialects: Vec<Arc<dyn Dialect>>) {
        if self.dialects.set(dialects).is_err() {
            tracing::error!("the hub's dialects were set twice");
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

    /// Shows one event to all who listen. Called in the order of the log.
    pub async fn publish(&self, fact: &Arc<Fact>) {
        let position = fact.recorded.position;
        let dialects = self.dialects.get().map_or(&[][..], Vec::as_slice);
        let topics: Vec<_> = dialects
            .iter()
            .map(|dialect| dialect.notice(fact))
            .collect();
        // Who joins from here on finds this event in the read models.
        let wanted: Vec<bool> = {
            let known = self.topics.lock();
            self.published.store(position, Ordering::Release);
            let listens = |dialect: usize, topic: &Topic| {
                known.subscribers.get(topic).is_some_and(|all| {
                    all.values()
                        .any(|joined| joined.subscriber.dialect == dialect)
                })
            };
            topics
                .iter()
                .enumerate()
                .map(|(dialect, topics)| topics.iter().any(|topic| listens(dialect, topic)))
                .collect()
        };
        for (index, dialect) in dialects.iter().enumerate() {
            if wanted[index] {
                for outgoing in dialect.frames(fact).await {
                    self.deliver(index, position, &outgoing);
                }
            }
        }
        self.delivered.store(position, Ordering::Release);
        if self.facts.send(Arc::clone(fact)).is_err() {
            tracing::trace!("nobody inside the server listens");
        }
    }

    fn deliver(&self, dialect: usize, position: Position, outgoing: &Outgoing) {
        let topics = self.topics.lock();
        let Some(subscribers) = topics.subscribers.get(&outgoing.topic) else {
            return;
        };
        for joined in subscribers.values() {
            let subscriber = &joined.subscriber;
            if subscriber.dialect == dialect
                && joined.since < position
                && outgoing.to.reaches(subscriber.person)
            {
                subscriber.outbox.push(outgoing.frame.clone());
                if let Some(ended) = outgoing.then {
                    subscriber.outbox.close(ended);
                }
            }
        }
    }

    /// Shows something that is no event. It carries the position up to which its connection has
    /// been handed everything: an event that is just being shown does not count yet.
    pub fn ephemeral(&self, dialect: usize, topic: Topic, to: super::To, content: &impl Serialize) {
        let topics = self.topics.lock();
        let Some(subscribers) = topics.subscribers.get(&topic) else {
            return;
        };
        let delivered = self.delivered();
        let frame = Frame::encode(content, Some(delivered), true);
        for Joined { subscriber, since } in subscribers.values() {
            if subscriber.dialect == dialect && to.reaches(subscriber.person) {
                // Who joined during the event that is just being shown has read it for itself.
                subscriber.outbox.push(if *since > delivered {
                    Frame::encode(content, Some(*since), true)
                } else {
                    frame.clone()
                });
            }
        }
    }

    /// Ends the connections on a topic whose rights no longer hold.
    pub fn review_rights(&self, topic: Topic) {
        let subscribers: Vec<_> = {
            let topics = self.topics.lock();
            let Some(all) = topics.subscribers.get(&topic) else {
                return;
            };
            all.values()
                .map(|joined| Arc::clone(&joined.subscriber))
                .collect()
        };
        for subscriber in subscribers {
            if let Err(ended) = (subscriber.still_entitled)() {
                subscriber.outbox.revoke(ended);
            }
        }
    }

    /// Ends the connections on a topic.
    pub fn close(&self, topic: Topic, ended: Ended) {
        if let Some(subscribers) = self.topics.lock().subscribers.get(&topic) {
            for joined in subscribers.values() {
                joined.subscriber.outbox.close(ended);
            }
        }
    }

    /// Ends every connection.
    pub fn close_all(&self, ended: Ended) {
        for subscribers in self.topics.lock().subscribers.values() {
            for joined in subscribers.values() {
                joined.subscriber.outbox.close(ended);
            }
        }
    }

    /// Counts a person's connection as present on a topic. Whether it is their first.
    pub fn arrive(&self, dialect: usize, topic: Topic, person: PersonId) -> bool {
        let mut topics = self.topics.lock();
        let count = topics.present.entry((dialect, topic, person)).or_default();
        *count += 1;
        *count == 1
    }

    /// Counts it no longer. Whether it was their last: of two that leave at once, one is.
    pub fn leave(&self, dialect: usize, topic: Topic, person: PersonId) -> bool {
        let mut topics = self.topics.lock();
        let key = (dialect, topic, person);
        let Some(count) = topics.present.get_mut(&key) else {
            return false;
        };
        *count -= 1;
        let last = *count == 0;
        if last {
            topics.present.remove(&key);
        }
        last
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
        self.topics
            .lock()
            .subscribers
            .get(&topic)
            .is_some_and(|all| {
                all.values()
                    .any(|joined| joined.subscriber.dialect == dialect)
            })
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
            let joined = Joined {
                subscriber: Arc::clone(&subscriber),
                since,
            };
            topics
                .subscribers
                .entry(*topic)
                .or_default()
                .insert(id, joined);
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

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut topics = self.hub.topics.lock();
        for topic in &self.topics {
            if let Some(subscribers) = topics.subscribers.get_mut(topic) {
                subscribers.remove(&self.id);
                if subscribers.is_empty() {
                    topics.subscribers.remove(topic);
                }
            }
        }
        drop(topics);
        self.hub.subscribers.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_connections_that_leave_one_is_the_last() {
        let hub = Hub::new(0);
        let (topic, person) = (Topic::Room(uuid::Uuid::nil()), PersonId(uuid::Uuid::nil()));
        assert!(hub.arrive(0, topic, person));
        assert!(!hub.arrive(0, topic, person));
        assert!(!hub.leave(0, topic, person));
        assert!(hub.leave(0, topic, person));
        assert!(hub.arrive(0, topic, person));
    }
}
