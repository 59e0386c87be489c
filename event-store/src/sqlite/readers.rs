//! A few connections that only read, used on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::SCHEMA;
use super::dictionary::Dictionary;
use super::queries::Reading;
use crate::database::{self, OpenError};
use crate::feed::Pages;
use crate::{Page, Position, StoreError};

/// Reads run at once up to a limit; further ones wait for a connection.
pub(super) struct Readers {
    path: PathBuf,
    limit: u32,
    free: Semaphore,
    idle: Mutex<Vec<Connection>>,
    dictionary: Dictionary,
}

impl Readers {
    /// Opens the first connection, so that what forbids reading is known at once.
    pub fn open(path: &Path, limit: u32) -> Result<Arc<Self>, OpenError> {
        let first = database::open_to_read(path, &SCHEMA)?;
        Ok(Arc::new(Self {
            path: path.to_owned(),
            limit,
            free: Semaphore::new(usize::try_from(limit).unwrap_or(1)),
            idle: Mutex::new(vec![first]),
            dictionary: Dictionary::default(),
        }))
    }

    pub async fn read<T, F>(self: &Arc<Self>, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Reading<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let readers = Arc::clone(self);
        let permit = self
            .free
            .acquire()
            .await
            .map_err(|_| StoreError::closed())?;
        // The thread may outlive a caller who stopped waiting, and so may its connection.
        permit.forget();
        tokio::task::spawn_blocking(move || {
            let _returned = Returned(&readers);
            let connection = readers.take()?;
            let result = query(&Reading {
                connection: &connection,
                dictionary: &readers.dictionary,
            });
            if !readers.free.is_closed() {
                readers.idle.lock().push(connection);
            }
            result
        })
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))?
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().pop();
        idle.map_or_else(
            || {
                database::open_to_read(&self.path, &SCHEMA)
                    .map_err(|cause| StoreError::Unavailable(cause.to_string()))
            },
            Ok,
        )
    }

    /// Refuses further reads, and waits for those that run.
    pub async fn close(&self) {
        if self.free.acquire_many(self.limit).await.is_ok() {
            self.close_now();
        }
    }

    /// Refuses further reads. Those that run close their connections when they are done.
    pub fn close_now(&self) {
        self.free.close();
        self.idle.lock().clear();
    }
}

#[async_trait]
impl Pages for Arc<Readers> {
    async fn page(&self, after: Position, limit: usize) -> Result<Page, StoreError> {
        self.read(move |log| log.all(after, limit)).await
    }
}

/// Gives the right to read back, even where the query panics.
struct Returned<'a>(&'a Readers);

impl Drop for Returned<'_> {
    fn drop(&mut self) {
        self.0.free.add_permits(1);
    }
}
