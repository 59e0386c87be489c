//! Keys that the log says were to be destroyed: every node sees to it that they are.

use std::sync::Arc;

use domain::{AccountEvent, ConsultationEvent, EmotionEvent, Event, RoomEvent, UploadEvent};
use event_store::Position;
use event_store::keys::{Key, KeyError, KeyStore};
use projections::destructions::{self, Destruction as Destroyed};
use projections::{Fact, ReadError};

use super::ProcessError;
use super::supervise::{Next, Process};
use crate::app::App;

/// Keys destroyed in one round.
const MAX_KEYS: u32 = 500;

/// The process manager of keys that are to be destroyed. Every node has one, because none is told
/// what others do to the keys that it holds in memory. The read models have passed the event.
#[derive(Default)]
pub(super) struct Destruction {
    /// Keys that the log says were to be destroyed up to here are. From the beginning at each
    /// start, so that a key store that was put back revives nothing.
    upto: Position,
}

impl Destruction {
    /// Goes on after a position up to which all of them are destroyed.
    pub(super) fn after(upto: Position) -> Self {
        Self { upto }
    }

    /// Does what is outstanding; says up to where all of them are destroyed.
    pub(super) async fn catch_up(app: &Arc<App>) -> Result<Position, ProcessError> {
        let mut destruction = Self::default();
        while matches!(destruction.round(app).await?, Next::Now) {}
        Ok(destruction.upto)
    }
}

impl Process for Destruction {
    const NAME: &'static str = "destruction";

    const EVERYWHERE: bool = true;

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Room(event) => match event {
                RoomEvent::DayDestroyed { .. } => true,
                RoomEvent::Opened { .. }
                | RoomEvent::MemberAdded { .. }
                | RoomEvent::MemberRemoved { .. }
                | RoomEvent::Closed {}
                | RoomEvent::Described { .. }
                | RoomEvent::Booked { .. }
                | RoomEvent::RetentionSet { .. } => false,
            },
            Event::Upload(event) => match event {
                UploadEvent::Erased { .. } => true,
                UploadEvent::Stored { .. } | UploadEvent::Attached { .. } => false,
            },
            Event::Account(AccountEvent::Erased {})
            | Event::Consultation(ConsultationEvent::Erased {})
            | Event::Emotion(EmotionEvent::Erased { .. }) => true,
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let due = destructions::after(&*app.reader, self.upto, MAX_KEYS).await?;
        let Some(last) = due.last() else {
            return Ok(Next::WhenWoken);
        };
        let (upto, is_full) = (last.position, due.len() == MAX_KEYS as usize);
        let names = due.into_iter().map(|Destroyed { key, .. }| key).collect();
        destroy_keys(app, names).await?;
        self.upto = upto;
        Ok(if is_full { Next::Now } else { Next::WhenWoken })
    }
}

/// Destroys those keys that are not destroyed.
pub(super) async fn destroy_keys(app: &App, names: Vec<Arc<str>>) -> Result<(), ProcessError> {
    let keys = Arc::clone(&app.keys);
    let destroyed = tokio::task::spawn_blocking(move || destroy(&*keys, names)).await;
    let failed = |cause: String| ProcessError::Read(ReadError::Unavailable(cause));
    let destroyed = destroyed
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))?;
    metrics::counter!("maeum_keys_destroyed_total").increment(destroyed);
    Ok(())
}

/// Destroys those keys that are not, as the key store has them and not this node's memory; how
/// many there were.
fn destroy(keys: &dyn KeyStore, mut names: Vec<Arc<str>>) -> Result<u64, KeyError> {
    keys.forget(&names);
    match keys.get_many(&names) {
        Ok(found) => {
            let mut found = found.into_iter();
            names.retain(|_| !matches!(found.next(), Some(Key::Destroyed)));
        }
        Err(KeyError::DoesNotUnwrap(name)) => {
            tracing::warn!(%name, "a key that is to be destroyed does not unwrap");
        }
        Err(error) => return Err(error),
    }
    if !names.is_empty() {
        keys.destroy(&names)?;
    }
    Ok(names.len() as u64)
}
