//! Taking over the events of another log.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Mutex, watch};

use super::KurrentUrl;
use super::client::{Appended, Client};
use super::copy::LogCopy;
use super::event::{bytes_of, proposed};
use super::limits::APPEND_BYTES;
use super::temporary::Temporary;
use crate::limits::BATCH_EVENTS;
use crate::{Import, OpenError, Position, Recorded, StoreError};

/// The log in KurrentDB, open to take over events of another one.
///
/// What is more than one append can hold is sent in several: a failure between them leaves those
/// that were sent, whole.
pub struct KurrentImport {
    log: Mutex<LogCopy>,
    closing: watch::Sender<bool>,
    _file: Temporary,
}

impl KurrentImport {
    /// Opens the log, and copies what it holds into a file that goes with this.
    pub async fn open(url: &KurrentUrl) -> Result<Self, OpenError> {
        let file = Temporary::new()?;
        let log = LogCopy::open(file.path(), Client::new(url)?, &url.to_string()).await?;
        Ok(Self {
            log: Mutex::new(log),
            closing: watch::Sender::new(false),
            _file: file,
        })
    }
}

#[async_trait]
impl Import for KurrentImport {
    async fn import(&self, events: &[Arc<Recorded>]) -> Result<Position, StoreError> {
        let mut log = self.log.lock().await;
        log.catch_up().await?;
        let head = log.replica.head();
        let numbered = (head + 1..).zip(events).map(|(position, event)| Recorded {
            position,
            number: Some(event.number()).filter(|number| *number != position),
            ..Recorded::clone(event)
        });
        let numbered: Vec<_> = numbered.map(Arc::new).collect();
        if let Some(event) = numbered.iter().find(|event| bytes_of(event) > APPEND_BYTES) {
            let reason = format!("the event at {} alone", event.number());
            return Err(StoreError::TooLarge(reason));
        }
        // The copy refuses what the log must not hold.
        log.replica.take_in(&numbered)?;
        let sent = send_all(&log.client, head, &numbered, &self.closing.subscribe()).await;
        if sent.is_err() {
            // It is ahead of the log now, and read from it again.
            log.replica.forget_all()?;
        }
        sent?;
        Ok(log.replica.head())
    }
}

async fn send_all(
    client: &Client,
    mut head: Position,
    mut events: &[Arc<Recorded>],
    closing: &watch::Receiver<bool>,
) -> Result<(), StoreError> {
    while !events.is_empty() {
        let (chunk, rest) = events.split_at(fitting(events));
        let messages = chunk.iter().map(|event| proposed(event));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        match client.insist(head, &messages, closing).await? {
            Appended::Stored => {}
            Appended::Overtaken => {
                let reason = "others append to the log".to_owned();
                return Err(StoreError::Unavailable(reason));
            }
        }
        head += chunk.len() as Position;
        events = rest;
    }
    Ok(())
}

/// How many of the events one append can hold; at least one.
fn fitting(events: &[Arc<Recorded>]) -> usize {
    let mut bytes = 0;
    let fitting = events.iter().take(BATCH_EVENTS).take_while(|event| {
        bytes += bytes_of(event);
        bytes <= APPEND_BYTES
    });
    fitting.count().max(1)
}
