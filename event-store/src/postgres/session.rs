//! A connection that appends: the lock and all questions in one flight, rows and commit in another.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Error, Row, Statement};

use super::Connections;
use super::batch::{INSERT, Rows};
use super::failure::{describe, failure, is_of_a_row};
use super::limits::{ANSWER_WAIT, CONNECT_WAIT, TAKEN_IN};
use super::listen::CHANNEL;
use super::stream_id::{aggregate_id, stream_name};
use crate::{Dedupe, Position, StoreError, StreamName, Version};

/// Snapshots are taken by statement, after the lock was waited for; whatever the server's default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE";

const LOCK: &str = "SELECT FROM log_head FOR UPDATE";

const LAST: &str = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1";

const SINCE: &str = "SELECT position, recorded_at, aggregate_type, aggregate_id, sequence
    FROM events WHERE position >= $1 ORDER BY position LIMIT $2";

const VERSIONS: &str = "SELECT asked.place, last.sequence
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY
        AS asked (aggregate_type, aggregate_id, place)
    CROSS JOIN LATERAL (
        SELECT sequence FROM events
        WHERE aggregate_type = asked.aggregate_type AND aggregate_id = asked.aggregate_id
        ORDER BY sequence DESC LIMIT 1
    ) AS last";

const TAKEN: &str = "SELECT dedupe FROM events WHERE dedupe = ANY($1)";

/// What is acknowledged is on disk, whatever the server's default; more than that is left as it is.
const DURABLY: &str = "SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'";

/// The end of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub position: Position,
    /// Of the last event, in microseconds since the Unix epoch.
    pub recorded_at: i64,
}

/// What is asked under the lock.
#[derive(Default)]
pub(super) struct Question {
    /// The head as it was known last; none where nothing is known.
    pub known: Option<Position>,
    pub streams: Vec<StreamName>,
    pub dedupes: Vec<Dedupe>,
}

/// What the log says under the lock.
pub(super) struct Locked {
    pub head: Head,
    /// The versions of streams that others have written since the head that was known.
    pub changed: Vec<(StreamName, Version)>,
    /// The versions of the streams asked for.
    pub versions: Vec<(StreamName, Version)>,
    /// Those of the hashes that the log holds.
    pub taken: HashSet<Dedupe>,
}

/// How a transaction ended that did not store what it should.
pub(super) enum Failed {
    /// Nothing is stored, and the connection is of no use any more.
    Nothing(StoreError),
    /// Nothing is stored, since the server said why not. The connection goes on after a rollback.
    Refused(StoreError),
    /// Nothing is stored, since the server refused a row for what it holds.
    Row(Error),
    /// It may be stored.
    Unknown(String),
    /// Others have written more than can be taken in: ask again, as one who knows nothing.
    Stale,
    /// The log ends before an event that was known to be stored.
    Lost(Position),
}

pub(super) struct Session {
    client: Arc<Client>,
    process: i32,
    lock: Statement,
    last: Statement,
    since: Statement,
    versions: Statement,
    taken: Statement,
    insert: Statement,
    connection: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Session {
    pub async fn open(connections: &Connections) -> Result<Self, StoreError> {
        match timeout(CONNECT_WAIT, Self::connect(connections)).await {
            Ok(Ok(session)) => Ok(session),
            Ok(Err(cause)) => Err(StoreError::Unavailable(describe(&cause))),
            Err(_) => Err(late(CONNECT_WAIT)),
        }
    }

    async fn connect(connections: &Connections) -> Result<Self, Error> {
        let (config, tls) = connections.outside_the_pool();
        let (client, connection) = config.connect(tls).await?;
        let connection = tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::warn!(
                    cause = describe(&cause),
                    "a connection that appends has ended"
                );
            }
        });
        let (lock, last, since, versions, taken, insert, process, ()) = tokio::try_join!(
            client.prepare(LOCK),
            client.prepare(LAST),
            client.prepare(SINCE),
            client.prepare(VERSIONS),
            client.prepare(TAKEN),
            client.prepare(INSERT),
            client.query_one("SELECT pg_backend_pid()", &[]),
            client.batch_execute(DURABLY),
        )
        .inspect_err(|_| connection.abort())?;
        Ok(Self {
            client: Arc::new(client),
            process: process.get(0),
            lock,
            last,
            since,
            versions,
            taken,
            insert,
            connection,
        })
    }

    /// The server's process, by which its notifications are known.
    pub fn process(&self) -> i32 {
        self.process
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Begins a transaction, takes the lock, and asks: all in one flight.
    pub async fn lock(&self, question: Question) -> Result<Locked, Failed> {
        let known = question.known;
        match timeout(ANSWER_WAIT, self.ask(question)).await {
            Err(_) => Err(Failed::Nothing(late(ANSWER_WAIT))),
            Ok(Err(cause)) => Err(refused(known.unwrap_or_default() + 1, &cause)),
            Ok(Ok(locked)) => locked,
        }
    }

    async fn ask(&self, question: Question) -> Result<Result<Locked, Failed>, Error> {
        let Question {
            known,
            streams,
            dedupes,
        } = question;
        let log = async {
            let Some(known) = known else {
                return self.client.query(&self.last, &[]).await;
            };
            let limit = i64::try_from(TAKEN_IN).unwrap_or(i64::MAX) + 2;
            let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 2] =
                [&known.cast_signed(), &limit];
            self.client.query(&self.since, &parameters).await
        };
        // Polled in this order, and so sent in it.
        let (begun, locked, log, versions, taken) = tokio::join!(
            self.client.batch_execute(BEGIN),
            self.client.query(&self.lock, &[]),
            log,
            self.ask_versions(&streams),
            self.ask_taken(&dedupes),
        );
        begun?;
        // Who cannot lock it would append beside the others.
        let locked = locked?.len();
        let (log, versions, taken) = (log?, versions?, taken?);
        if locked != 1 {
            let reason = format!("log_head has {locked} rows");
            return Ok(Err(Failed::Nothing(StoreError::Unavailable(reason))));
        }
        Ok(since(known, &log).map(|(head, changed)| Locked {
            head,
            changed,
            versions: streams.into_iter().zip(versions).collect(),
            taken,
        }))
    }

    async fn ask_versions(&self, streams: &[StreamName]) -> Result<Vec<Version>, Error> {
        let mut versions = vec![0; streams.len()];
        if streams.is_empty() {
            return Ok(versions);
        }
        let types: Vec<_> = streams.iter().map(StreamName::category).collect();
        let ids: Vec<_> = streams.iter().map(aggregate_id).collect();
        for row in self.client.query(&self.versions, &[&types, &ids]).await? {
            let place = usize::try_from(row.try_get::<_, i64>(0)? - 1).unwrap_or(usize::MAX);
            if let Some(version) = versions.get_mut(place) {
                *version = row.try_get::<_, i64>(1)?.cast_unsigned();
            }
        }
        Ok(versions)
    }

    async fn ask_taken(&self, dedupes: &[Dedupe]) -> Result<HashSet<Dedupe>, Error> {
        if dedupes.is_empty() {
            return Ok(HashSet::new());
        }
        let asked: Vec<&[u8]> = dedupes.iter().map(<[u8; 16]>::as_slice).collect();
        let rows = self.client.query(&self.taken, &[&asked]).await?;
        let found = rows.iter().map(|row| row.try_get::<_, &[u8]>(0));
        let found: Vec<&[u8]> = found.collect::<Result<_, _>>()?;
        Ok(found
            .into_iter()
            .filter_map(|hash| Dedupe::try_from(hash).ok())
            .collect())
    }

    /// Inserts and commits in one flight; the rows are on disk on return.
    pub async fn commit(&self, rows: &Rows<'_>) -> Result<(), Failed> {
        if self.is_closed() {
            let reason = "the connection was lost before the commit".to_owned();
            return Err(Failed::Nothing(StoreError::Unavailable(reason)));
        }
        let parameters = rows.parameters();
        let flight = async {
            tokio::join!(
                self.client.execute(&self.insert, &parameters),
                self.client.batch_execute("COMMIT"),
            )
        };
        match timeout(ANSWER_WAIT, flight).await {
            Ok((Ok(_), Ok(()))) => Ok(()),
            // The server has refused the rows: what came after was a rollback.
            Ok((Err(cause), _)) if is_of_a_row(&cause) => Err(Failed::Row(cause)),
            Ok((Err(cause), _)) if cause.as_db_error().is_some() => Err(refused(0, &cause)),
            Ok((Err(cause), _) | (Ok(_), Err(cause))) => Err(Failed::Unknown(describe(&cause))),
            Err(_) => Err(Failed::Unknown(late(ANSWER_WAIT).to_string())),
        }
    }

    /// Inserts, with more to come.
    pub async fn insert(&self, rows: &Rows<'_>) -> Result<(), Failed> {
        let parameters = rows.parameters();
        match timeout(ANSWER_WAIT, self.client.execute(&self.insert, &parameters)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(cause)) if is_of_a_row(&cause) => Err(Failed::Row(cause)),
            Ok(Err(cause)) => Err(Failed::Nothing(failure(0, &cause))),
            Err(_) => Err(Failed::Nothing(late(ANSWER_WAIT))),
        }
    }

    /// Ends a transaction that has nothing to store. What comes next on this connection comes
    /// after it, so nobody needs to wait.
    pub async fn roll_back(&self) {
        self.send("ROLLBACK").await;
    }

    /// Wakes those who follow. Outside the transaction, since notifying inside it makes all
    /// nodes wait for each other; and only a wake-up, since they look for themselves as well.
    pub async fn notify(&self) {
        self.send(&format!("NOTIFY {CHANNEL}")).await;
    }

    /// Sends a statement and does not wait for its end.
    async fn send(&self, sql: &str) {
        let (client, sql) = (Arc::clone(&self.client), sql.to_owned());
        let mut sent = Box::pin(async move {
            if let Err(cause) = client.batch_execute(&sql).await {
                tracing::warn!(cause = describe(&cause), sql, "a statement failed");
            }
        });
        // It is on its way after the first poll.
        if poll_fn(|cx| Poll::Ready(sent.as_mut().poll(cx)))
            .await
            .is_pending()
        {
            tokio::spawn(sent);
        }
    }
}

/// A statement of a transaction failed before anything could be committed.
fn refused(about: Position, cause: &Error) -> Failed {
    let error = failure(about, cause);
    match cause.as_db_error() {
        Some(_) => Failed::Refused(error),
        None => Failed::Nothing(error),
    }
}

type Since = (Head, Vec<(StreamName, Version)>);

/// Reads the answer to [`LAST`] or [`SINCE`].
fn since(known: Option<Position>, rows: &[Row]) -> Result<Since, Failed> {
    let unreadable = |cause: Error| Failed::Nothing(failure(0, &cause));
    let Some(last) = rows.last() else {
        return match known {
            Some(known) if known > 0 => Err(Failed::Lost(known)),
            _ => Ok((Head::default(), Vec::new())),
        };
    };
    let position = |row: &Row| row.try_get::<_, i64>(0).map(i64::cast_unsigned);
    let head = Head {
        position: position(last).map_err(unreadable)?,
        recorded_at: last.try_get(1).map_err(unreadable)?,
    };
    let Some(known) = known else {
        return Ok((head, Vec::new()));
    };
    let mut changed = Vec::with_capacity(rows.len());
    // A gap on the way is damage, of which those are told who read the log.
    for row in rows {
        if position(row).map_err(unreadable)? > known {
            changed.push(change(row).map_err(unreadable)?);
        }
    }
    if changed.len() > TAKEN_IN {
        return Err(Failed::Stale);
    }
    Ok((head, changed))
}

fn change(row: &Row) -> Result<(StreamName, Version), Error> {
    let stream = stream_name(row.try_get(2)?, row.try_get(3)?);
    Ok((stream, row.try_get::<_, i64>(4)?.cast_unsigned()))
}

fn late(after: Duration) -> StoreError {
    StoreError::Unavailable(format!("no answer within {} s", after.as_secs()))
}
