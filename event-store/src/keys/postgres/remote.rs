//! A thread of its own that talks to the server, for callers that block.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use deadpool_postgres::Object;
use tokio::runtime::{Builder, Handle, RuntimeFlavor};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::failure::Failure;
use crate::OpenError;
use crate::keys::KeyError;
use crate::postgres::{Connections, PoolOptions, PostgresUrl};

/// Connections at most.
const CONNECTIONS: usize = 4;

/// How long one call may take once it has a connection.
const ANSWER: Duration = Duration::from_secs(4);

/// How often a call is made anew where its connection turns out to be lost: often enough to get
/// past every connection that was open when the server went away.
const ATTEMPTS: usize = CONNECTIONS + 1;

/// The schema of the key store.
pub(super) const SCHEMA: &str = "keys";

type Job = Box<dyn FnOnce(Connections) -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// The thread, its runtime and its connections. They end with it.
pub(super) struct Remote {
    /// Each caller waits for its answer, so there are never more jobs than threads that call.
    jobs: Option<UnboundedSender<Job>>,
    thread: Option<JoinHandle<()>>,
    place: String,
}

impl Remote {
    /// Starts the thread; connects to nothing yet.
    pub fn start(url: &PostgresUrl) -> Result<Self, OpenError> {
        let options = PoolOptions {
            size: CONNECTIONS,
            schema: Some(SCHEMA),
            ..PoolOptions::default()
        };
        let connections = Connections::new(url, &options)?;
        let place = connections.place().to_owned();
        let failed = |cause: std::io::Error| OpenError::Server {
            place: place.clone(),
            reason: cause.to_string(),
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let (jobs, queue) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("maeum-keys".to_owned())
            .spawn(move || {
                LocalSet::new().block_on(&runtime, work(connections, queue));
                // A name that is still being resolved is not waited for.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            place,
        })
    }

    /// The address, without a password.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Calls what may be done twice without harm: it is, where a connection was lost. Blocks.
    pub fn call<T, F>(&self, job: F) -> Result<T, KeyError>
    where
        T: Send + 'static,
        F: AsyncFn(&mut Object) -> Result<T, Failure> + Send + 'static,
    {
        self.run(async move |connections| attempts(&connections, &job).await)
    }

    /// Calls what is done once, for as long as its statements may take. Blocks.
    pub fn call_once<T, F>(&self, job: F) -> Result<T, KeyError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut Object) -> Result<T, Failure> + Send + 'static,
    {
        self.run(async move |connections: Connections| {
            let mut connection = connections.get().await?;
            job(&mut connection).await
        })
    }

    fn run<T, F>(&self, job: F) -> Result<T, KeyError>
    where
        T: Send + 'static,
        F: AsyncFnOnce(Connections) -> Result<T, Failure> + Send + 'static,
    {
        let ended = || KeyError::Unavailable("its thread has ended".to_owned());
        let (answer, answered) = sync_channel(1);
        let job: Job = Box::new(move |connections| {
            Box::pin(async move {
                let result = job(connections).await;
                if answer.send(result).is_err() {
                    tracing::debug!("nobody waits for an answer of the key store any more");
                }
            })
        });
        let jobs = self.jobs.as_ref().ok_or_else(ended)?;
        jobs.send(job).map_err(|_| ended())?;
        Ok(answered.recv().map_err(|_| ended())??)
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the key store has panicked");
        }
    }
}

async fn work(connections: Connections, mut queue: UnboundedReceiver<Job>) {
    while let Some(job) = queue.recv().await {
        tokio::task::spawn_local(job(connections.clone()));
    }
}

async fn attempts<T, F>(connections: &Connections, job: &F) -> Result<T, Failure>
where
    F: AsyncFn(&mut Object) -> Result<T, Failure>,
{
    let mut attempt = 1;
    loop {
        let mut connection = connections.get().await?;
        let failure = match timeout(ANSWER, job(&mut connection)).await {
            Ok(Err(failure)) if failure.is_lost() => failure,
            Ok(outcome) => return outcome,
            Err(_) => {
                // It may hang for long: nobody else shall get it.
                drop(Object::take(connection));
                return Err(Failure::NoAnswer(ANSWER));
            }
        };
        drop(Object::take(connection));
        if attempt == ATTEMPTS {
            return Err(failure);
        }
        attempt += 1;
    }
}

/// Does what blocks. On a worker of a runtime the other tasks go to another thread meanwhile; a
/// runtime that has one thread only stands still.
pub(super) fn aside<T>(what_blocks: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(what_blocks)
        }
        _ => what_blocks(),
    }
}
