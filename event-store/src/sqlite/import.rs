//! Taking over the events of another log, into a file that nobody else has open to write.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::judge::INSERT;
use super::naming::{Naming, NamingError};
use super::stream_key::StreamKey;
use super::versions::version;
use super::{SCHEMA, integrity, queries};
use crate::codec;
use crate::database::{self, OpenError, WriterLock};
use crate::heads::{Heads, check};
use crate::{Import, Position, Recorded, StoreError};

/// The embedded log, open to take over events of another one. Keeps other writers out.
pub struct SqliteImport {
    target: Arc<Mutex<Target>>,
}

struct Target {
    connection: Connection,
    naming: Naming,
    heads: Heads,
    _lock: WriterLock,
}

impl SqliteImport {
    /// Opens the log at `path`, made if it is not there. Blocks; after an unclean stop it looks
    /// at every page first.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let lock = WriterLock::acquire(path)?;
        let thoroughly = integrity::stopped_uncleanly(path);
        let connection = database::open_to_write(path, &SCHEMA)?;
        integrity::check(&connection, path, thoroughly)?;
        let target = Target {
            connection,
            naming: Naming::default(),
            heads: Heads::new(),
            _lock: lock,
        };
        Ok(Self {
            target: Arc::new(Mutex::new(target)),
        })
    }
}

#[async_trait]
impl Import for SqliteImport {
    async fn import(&self, events: &[Arc<Recorded>]) -> Result<Position, StoreError> {
        let (target, events) = (self.target.clone(), events.to_vec());
        tokio::task::spawn_blocking(move || target.lock().import(&events))
            .await
            .map_err(|cause| StoreError::Unknown(cause.to_string()))?
    }
}

impl Target {
    fn import(&mut self, events: &[Arc<Recorded>]) -> Result<Position, StoreError> {
        let result = self.insert_all(events);
        if result.is_ok() {
            self.heads.committed();
        } else {
            // Numbers of names were rolled back with the rest.
            self.heads.back_to(0);
            self.naming.clear();
        }
        result
    }

    fn insert_all(&mut self, events: &[Arc<Recorded>]) -> Result<Position, StoreError> {
        let taken = take_in(
            &mut self.connection,
            &mut self.naming,
            &mut self.heads,
            events,
        );
        Ok(taken?.0)
    }
}

/// Stores events in one transaction; gives position and time of the last one of the log. After a
/// failure the heads must go back, and the names be forgotten.
pub(super) fn take_in(
    connection: &mut Connection,
    naming: &mut Naming,
    heads: &mut Heads,
    events: &[Arc<Recorded>],
) -> Result<(Position, i64), StoreError> {
    let failed = |cause: rusqlite::Error| queries::failure(0, &cause);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    let (mut position, mut recorded_at) = queries::head(&transaction).map_err(failed)?;
    for event in events {
        if event.recorded_at < recorded_at {
            return Err(StoreError::Corrupt {
                position: event.position,
                reason: "it was recorded before the event before it".to_owned(),
            });
        }
        (position, recorded_at) = (position + 1, event.recorded_at);
        insert(&transaction, naming, heads, event, position)?;
    }
    transaction
        .commit()
        .map_err(|cause| StoreError::Unknown(cause.to_string()))?;
    Ok((position, recorded_at))
}

fn insert(
    connection: &Connection,
    naming: &mut Naming,
    heads: &mut Heads,
    event: &Recorded,
    position: Position,
) -> Result<(), StoreError> {
    let failed = |cause: rusqlite::Error| match cause.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Duplicate,
        _ => queries::failure(event.position, &cause),
    };
    let unnamed = |error| match error {
        NamingError::Full => StoreError::TooLarge("too many categories or types".to_owned()),
        NamingError::Row(cause) => failed(cause),
    };
    let actual = version(connection, naming, heads, &event.stream).map_err(failed)?;
    check(&event.stream, event.sequence.saturating_sub(1), actual)?;
    heads.set(&event.stream, event.sequence);
    let category = naming
        .category(connection, event.stream.category())
        .map_err(unnamed)?;
    let event_type = naming
        .event_type(connection, &event.event_type, &event.event_version)
        .map_err(unnamed)?;
    let number = Some(event.number()).filter(|number| *number != position);
    connection
        .prepare_cached(INSERT)
        .and_then(|mut insert| {
            insert.execute((
                position.cast_signed(),
                category,
                StreamKey::of(&event.stream).column(&event.stream),
                event.sequence.cast_signed(),
                event.event_id.as_bytes(),
                event.dedupe.as_ref(),
                event_type,
                number.map(u64::cast_signed),
                event.recorded_at,
                codec::encode_metadata(&event.metadata),
                &*event.payload,
                codec::encode_parts(&event.parts),
            ))
        })
        .map_err(failed)
        .map(|_| ())
}
