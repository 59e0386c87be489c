//! Nodes tell each other over Redis who is at each of them. What is lost there is told again, and a
//! node that says nothing for `live.presence_ttl` counts as gone with all who were there. Nothing
//! but presence and typing rests on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::NodeId;
use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSubStream};
use redis::{AsyncConnectionConfig, Client, Msg, Pipeline, RedisError};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep, timeout};

use super::Presence;
use super::elsewhere::Change;

/// Changes that may wait to be told; when there are more, everything is told anew.
const MAX_WAITING: usize = 10_000;

/// Changes that are told at once.
const MAX_TOGETHER: usize = 256;

/// Members of a set that are written at once.
const PAGE: usize = 1_000;

/// How long Redis may take over an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Between two attempts to reach it, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// Beats in `live.presence_ttl`.
const BEATS: u32 = 4;

/// Stands in every set, since an empty one is no key.
const ALIVE: &str = "alive";

/// What one node says to the others.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    node: NodeId,
    /// How often the node has told everything anew.
    telling: u64,
    /// How often it has told of changes since.
    count: u64,
    what: What,
}

#[derive(Debug, Serialize, Deserialize)]
enum What {
    /// It has come, and wants to hear of the others.
    Hello,
    /// It is there.
    Beat,
    Changes(Vec<Change>),
    /// It goes.
    Bye,
}

/// Another node, as it was last heard.
struct Other {
    telling: u64,
    count: u64,
    heard: Instant,
}

/// Why a connection is given up.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer in time")]
    Silent,
    #[error("what was told is gone")]
    Forgotten,
}

/// The task that tells and hears. It has to be [`stop`](Relay::stop)ped.
pub struct Relay {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Tells the others that all who were here are gone.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the relay of presence died");
        }
    }
}

/// Begins to tell the other nodes on `redis` that have the same `channel` who is here, and to hear
/// who is there.
pub fn relay(
    presence: &Arc<Presence>,
    redis: Client,
    channel: String,
    node: NodeId,
    ttl: Duration,
) -> Relay {
    let (stop, stopped) = watch::channel(false);
    let exchange = Exchange {
        presence: Arc::clone(presence),
        changes: presence.changes(MAX_WAITING),
        redis,
        channel,
        node,
        ttl,
        telling: 0,
        count: 0,
        others: HashMap::new(),
        stopped,
    };
    let task = tokio::spawn(exchange.run());
    Relay { stop, task }
}

struct Exchange {
    presence: Arc<Presence>,
    changes: mpsc::Receiver<Change>,
    redis: Client,
    channel: String,
    node: NodeId,
    ttl: Duration,
    telling: u64,
    count: u64,
    others: HashMap<NodeId, Other>,
    stopped: watch::Receiver<bool>,
}

impl Exchange {
    async fn run(mut self) {
        let up = metrics::gauge!("maeum_presence_shared");
        let mut pause = PAUSES.0;
        let mut stopped = self.stopped.clone();
        loop {
            let before = self.telling;
            let Err(broken) = self.connected().await else {
                return;
            };
            up.set(0.0);
            if self.telling > before {
                pause = PAUSES.0;
            }
            tracing::warn!(%broken, "who is here is not told to other nodes; trying again");
            tokio::select! {
                () = told_to(&mut stopped) => return,
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSES.1);
            self.forget_the_silent().await;
        }
    }

    /// Tells and hears on one connection until it breaks, or until the node stops.
    async fn connected(&mut self) -> Result<(), Broken> {
        let mut stopped = self.stopped.clone();
        let (mut heard, mut redis) = tokio::select! {
            () = told_to(&mut stopped) => return Ok(()),
            opened = self.open() => opened?,
        };
        self.tell_all(&mut redis).await?;
        metrics::gauge!("maeum_presence_shared").set(1.0);
        let mut beats = interval(self.ttl / BEATS);
        loop {
            tokio::select! {
                () = told_to(&mut stopped) => return self.leave(&mut redis).await,
                Some(change) = self.changes.recv() => self.tell(&mut redis, change).await?,
                _ = beats.tick() => self.beat(&mut redis).await?,
                said = heard.next() => match said {
                    Some(said) => self.hear(&mut redis, &said).await?,
                    None => return Err(Broken::Silent),
                },
            }
        }
    }

    /// A connection to hear on, and one to tell on.
    async fn open(&self) -> Result<(PubSubStream, MultiplexedConnection), Broken> {
        let heard = async {
            let mut pubsub = self.redis.get_async_pubsub().await?;
            pubsub.subscribe(&self.channel).await?;
            Ok::<_, RedisError>(pubsub.into_on_message())
        };
        let heard = timeout(PATIENCE, heard).await;
        let heard = heard.map_err(|_| Broken::Silent)??;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let redis = self
            .redis
            .get_multiplexed_async_connection_with_config(&config);
        Ok((heard, redis.await?))
    }

    /// Where how things are at a node stands.
    fn key(&self, node: NodeId) -> String {
        format!("{}:{}", self.channel, node.0)
    }

    fn say(&self, pipeline: &mut Pipeline, what: What) {
        let said = Said {
            node: self.node,
            telling: self.telling,
            count: self.count,
            what,
        };
        pipeline.publish(&self.channel, text(&said)).ignore();
    }

    /// Tells how things are here, from the beginning.
    async fn tell_all(&mut self, redis: &mut MultiplexedConnection) -> Result<(), Broken> {
        let key = self.key(self.node);
        self.telling += 1;
        self.count = 0;
        let ours: Vec<String> = self
            .presence
            .ours(&mut self.changes)
            .iter()
            .map(text)
            .collect();
        let mut pipeline = redis::pipe();
        pipeline.del(&key).ignore().sadd(&key, ALIVE).ignore();
        for page in ours.chunks(PAGE) {
            pipeline.sadd(&key, page).ignore();
        }
        pipeline.pexpire(&key, millis(self.ttl)).ignore();
        self.say(&mut pipeline, What::Hello);
        Ok(pipeline.atomic().exec_async(redis).await?)
    }

    /// Tells of a change, and of those that wait behind it.
    async fn tell(
        &mut self,
        redis: &mut MultiplexedConnection,
        first: Change,
    ) -> Result<(), Broken> {
        let mut changes = vec![first];
        while changes.len() < MAX_TOGETHER
            && let Ok(change) = self.changes.try_recv()
        {
            changes.push(change);
        }
        let key = self.key(self.node);
        let mut pipeline = redis::pipe();
        for (state, is) in changes.iter().filter_map(|change| change.state()) {
            if is {
                pipeline.sadd(&key, text(&state)).ignore();
            } else {
                pipeline.srem(&key, text(&state)).ignore();
            }
        }
        self.count += 1;
        self.say(&mut pipeline, What::Changes(changes));
        Ok(pipeline.atomic().exec_async(redis).await?)
    }

    async fn beat(&mut self, redis: &mut MultiplexedConnection) -> Result<(), Broken> {
        self.forget_the_silent().await;
        let mut pipeline = redis::pipe();
        pipeline.pexpire(self.key(self.node), millis(self.ttl));
        self.say(&mut pipeline, What::Beat);
        let (is_there,): (bool,) = pipeline.atomic().query_async(redis).await?;
        if is_there && !self.presence.has_lost_changes() {
            Ok(())
        } else {
            Err(Broken::Forgotten)
        }
    }

    async fn leave(&mut self, redis: &mut MultiplexedConnection) -> Result<(), Broken> {
        let mut pipeline = redis::pipe();
        pipeline.del(self.key(self.node)).ignore();
        self.say(&mut pipeline, What::Bye);
        Ok(pipeline.atomic().exec_async(redis).await?)
    }

    async fn hear(&mut self, redis: &mut MultiplexedConnection, said: &Msg) -> Result<(), Broken> {
        let said: Said = match serde_json::from_slice(said.get_payload_bytes()) {
            Ok(said) => said,
            // Another release may say other things; its set tells how things are.
            Err(error) => {
                tracing::debug!(%error, "what another node says is not understood");
                return Ok(());
            }
        };
        if said.node == self.node {
            return Ok(());
        }
        if let What::Bye = said.what {
            self.others.remove(&said.node);
            self.presence.is_gone(said.node).await;
            return Ok(());
        }
        let follows = u64::from(matches!(said.what, What::Changes(_)));
        let known = self.others.get(&said.node);
        let misses_nothing = known.is_some_and(|known| {
            known.telling == said.telling && known.count + follows == said.count
        });
        let wants_to_hear = matches!(said.what, What::Hello);
        match said.what {
            What::Changes(changes) if misses_nothing => {
                self.presence.changed_at(said.node, changes).await;
            }
            _ if misses_nothing => {}
            _ => self.look_up(redis, said.node).await?,
        }
        let other = Other {
            telling: said.telling,
            count: said.count,
            heard: Instant::now(),
        };
        self.others.insert(said.node, other);
        if wants_to_hear {
            let mut pipeline = redis::pipe();
            self.say(&mut pipeline, What::Beat);
            pipeline.exec_async(redis).await?;
        }
        Ok(())
    }

    /// How things are at another node, from its set.
    async fn look_up(&self, redis: &mut MultiplexedConnection, node: NodeId) -> Result<(), Broken> {
        let mut pipeline = redis::pipe();
        pipeline.smembers(self.key(node));
        let (members,): (Vec<String>,) = pipeline.query_async(redis).await?;
        let members = members.iter();
        let now = members.filter_map(|member| serde_json::from_str(member).ok());
        self.presence.stands_at(node, now.collect()).await;
        Ok(())
    }

    /// Those of whom nothing was heard for too long are gone.
    async fn forget_the_silent(&mut self) {
        let silent = |other: &Other| other.heard.elapsed() > self.ttl;
        let gone: Vec<NodeId> = self
            .others
            .iter()
            .filter(|(_, other)| silent(other))
            .map(|(node, _)| *node)
            .collect();
        for node in gone {
            self.others.remove(&node);
            self.presence.is_gone(node).await;
        }
    }
}

async fn told_to(stop: &mut watch::Receiver<bool>) {
    // Whoever could tell it is gone: the same.
    stop.wait_for(|stop| *stop).await.ok();
}

fn text(said: &impl Serialize) -> String {
    // Ids, numbers and words: they always have a text.
    serde_json::to_string(said).unwrap_or_default()
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
