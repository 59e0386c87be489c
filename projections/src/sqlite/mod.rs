//! Read models in one SQLite file: a thread that writes, a few that read, one that tidies up.

mod boot;
mod checkpoint;
mod digest;
mod file;
mod readers;
mod scratch;
mod statement;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::{Checkpoint, Executor, Failure, ReadError, Reader, Row, Sql, Turn, Value};
use boot::Marker;
use writer::Job;

pub use crate::dump::TableDigest;
pub use digest::{digest, dump};
pub use scratch::ScratchReadModels;

/// How many queries may wait for a reader, and writes for the writer.
const QUEUE: usize = 1024;

/// How a read store is opened.
#[derive(Debug, Clone)]
pub struct ReadStoreOptions {
    /// How many threads answer queries.
    pub readers: usize,
    /// What tells one boot of the machine from another; none to ask the kernel.
    pub boot_id: Option<String>,
}

impl Default for ReadStoreOptions {
    fn default() -> Self {
        Self {
            readers: 2,
            boot_id: None,
        }
    }
}

/// Read models in one SQLite file. Dropping it without [`close`](Self::close) is as good as a
/// killed process: nothing is lost but the right to keep the file over a reboot.
pub struct SqliteReadStore {
    path: PathBuf,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    readers: Mutex<Option<mpsc::Sender<readers::Query>>>,
    /// Dropped to stop the thread that moves the WAL.
    tidying: Mutex<Option<std::sync::mpsc::Sender<()>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    marker: Option<Marker>,
}

impl SqliteReadStore {
    /// Opens or makes the file. One that may have lost writes in a power cut, or is damaged, is
    /// thrown away: its rows come again from the log.
    pub fn open(path: impl AsRef<Path>, options: &ReadStoreOptions) -> Result<Self, ReadError> {
        let path = path.as_ref().to_owned();
        let marker = Marker::new(&path, options.boot_id.clone());
        let opened = file::open(&path, marker.as_ref())?;
        let wal_is_long = Arc::new(AtomicBool::new(false));
        let dirty = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();

        let (writer, jobs) = mpsc::channel(QUEUE);
        let write = writer::Writer {
            connection: opened.writer,
            texts: statement::Texts::default(),
            wal_is_long: Arc::clone(&wal_is_long),
            dirty: Arc::clone(&dirty),
            marker: marker.clone(),
        };
        threads.push(spawn("read-writer", move || write.run(jobs))?);

        let (readers, queries) = mpsc::channel(QUEUE);
        let queries = Arc::new(Mutex::new(queries));
        for _ in 0..options.readers.max(1) {
            let connection = file::open_reader(&path)?;
            let queries = Arc::clone(&queries);
            threads.push(spawn("read-reader", move || {
                readers::run(&connection, &queries);
            })?);
        }

        let (tidying, stop) = std::sync::mpsc::channel();
        let tidy = checkpoint::Tidy {
            connection: opened.tidy,
            wal_is_long,
            dirty,
        };
        threads.push(spawn("read-tidy", move || tidy.run(&stop))?);

        Ok(Self {
            path,
            writer: Mutex::new(Some(writer)),
            readers: Mutex::new(Some(readers)),
            tidying: Mutex::new(Some(tidying)),
            threads: Mutex::new(threads),
            marker,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Finishes what was asked for, puts the file on disk, and marks it as whole. What is asked
    /// for afterwards is refused.
    pub async fn close(&self) -> Result<(), ReadError> {
        let threads = self.stop_threads();
        let (path, marker) = (self.path.clone(), self.marker.clone());
        let settle = move || {
            join(threads);
            file::settle(&path)?;
            match marker.map(|marker| marker.remove()) {
                Some(Err(cause)) => Err(ReadError::Unavailable(cause.to_string())),
                Some(Ok(())) | None => Ok(()),
            }
        };
        // Not in place: a caller in flight must be able to go on for the threads to end.
        tokio::task::spawn_blocking(settle)
            .await
            .map_err(|cause| ReadError::Unavailable(cause.to_string()))?
    }

    fn stop_threads(&self) -> Vec<JoinHandle<()>> {
        self.writer.lock().take();
        self.readers.lock().take();
        self.tidying.lock().take();
        std::mem::take(&mut *self.threads.lock())
    }

    async fn write<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, ReadError>>) -> Job,
    ) -> Result<T, ReadError> {
        let writer = self.writer.lock().clone().ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        writer.send(job(reply)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

impl Drop for SqliteReadStore {
    fn drop(&mut self) {
        join(self.stop_threads());
    }
}

#[async_trait]
impl Reader for SqliteReadStore {
    async fn query(&self, sql: Sql, parameters: Vec<Value>) -> Result<Vec<Row>, ReadError> {
        let readers = self.readers.lock().clone().ok_or_else(closed)?;
        let (reply, answer) = oneshot::channel();
        let query = readers::Query {
            sql,
            parameters,
            reply,
        };
        readers.send(query).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

#[async_trait]
impl Executor for SqliteReadStore {
    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, ReadError> {
        self.write(Job::Checkpoints).await
    }

    async fn reset(
        &self,
        projection: &'static str,
        tables: &'static [&'static str],
    ) -> Result<(), ReadError> {
        self.write(|reply| Job::Reset(projection, tables, reply))
            .await
    }

    async fn execute(&self, turns: Vec<Turn>) -> Result<Vec<Failure>, ReadError> {
        self.write(|reply| Job::Execute(turns, reply)).await
    }
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the read store panicked");
        }
    }
}

fn closed() -> ReadError {
    ReadError::Unavailable("the read store is closed".into())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, ReadError> {
    std::thread::Builder::new()
        .name(name.into())
        .spawn(run)
        .map_err(|cause| ReadError::Unavailable(format!("no thread for {name}: {cause}")))
}
