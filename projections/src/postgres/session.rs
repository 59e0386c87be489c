//! The one connection of a node through which it projects, or stands by until it may.
//!
//! Who projects holds an advisory lock of the session. The server frees it when the session ends:
//! when the process dies, when the connection breaks, and when nothing was heard for a while.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;
use uuid::Uuid;

use super::error::{said, unavailable};
use super::pipeline::send;
use super::texts::Texts;
use crate::projector::HEARTBEAT;
use crate::{Checkpoint, ReadError, Standing};

/// A session that leads and says nothing for this long is ended by the server.
const SILENCE: Duration = HEARTBEAT.saturating_mul(5);

/// What makes a session.
pub(super) struct Door {
    pub config: Config,
    pub tls: MakeRustlsConnect,
    /// The advisory lock of those who lead.
    pub lock: i64,
    /// Where those who stand by are told of progress.
    pub channel: String,
}

/// What a session tells those who wait.
#[derive(Clone, Default)]
pub(super) struct Bells {
    /// There may be progress.
    pub changed: Arc<Notify>,
    /// The connection has ended.
    pub lost: Arc<Notify>,
}

/// A connection of its own, outside every pool.
pub(super) struct Session {
    pub client: Client,
    pub texts: Texts,
    /// None while another one leads.
    pub term: Option<u64>,
    connection: JoinHandle<()>,
}

impl Session {
    /// Connects and listens.
    pub async fn open(door: &Door, bells: Bells) -> Result<Self, ReadError> {
        let (client, mut connection) = door
            .config
            .connect(door.tls.clone())
            .await
            .map_err(|cause| unavailable(&cause))?;
        let connection = tokio::spawn(async move {
            loop {
                match poll_fn(|context| connection.poll_message(context)).await {
                    Some(Ok(AsyncMessage::Notification(_))) => bells.changed.notify_one(),
                    Some(Ok(_)) => {}
                    Some(Err(cause)) => {
                        tracing::warn!(cause = said(&cause), "the projecting connection broke");
                        break;
                    }
                    None => break,
                }
            }
            bells.changed.notify_one();
            bells.lost.notify_one();
        });
        let session = Self {
            client,
            texts: Texts::default(),
            term: None,
            connection,
        };
        session
            .client
            .batch_execute(&settings(&door.channel))
            .await
            .map_err(|cause| unavailable(&cause))?;
        Ok(session)
    }

    /// Whether this session could take the lead, under a new number.
    pub async fn try_to_lead(&mut self, lock: i64, term: u64) -> Result<bool, Error> {
        let row = self
            .client
            .query_one("SELECT pg_try_advisory_lock($1)", &[&lock])
            .await?;
        let leads: bool = row.get(0);
        if leads {
            // What the one before has found may not hold for this one.
            let forget = "DELETE FROM stopped_projections";
            self.client.batch_execute(forget).await?;
            self.term = Some(term);
        }
        Ok(leads)
    }

    /// Tells the server that this one is alive, and finds out whether the server is.
    pub async fn ping(&self) -> Result<(), Error> {
        self.client.batch_execute("SELECT 1").await
    }

    /// Lets others lead.
    pub async fn unlock(&self) -> Result<(), ReadError> {
        let all = "SELECT pg_advisory_unlock_all()";
        let unlocked = self.client.batch_execute(all).await;
        unlocked.map_err(|cause| unavailable(&cause))
    }

    pub async fn checkpoints(&self) -> Result<Vec<Checkpoint>, Error> {
        let sql = "SELECT projection, version, position, event_id FROM checkpoints";
        let rows = self.client.query(sql, &[]).await?;
        rows.iter().map(checkpoint).collect()
    }

    /// How far the one that leads has come.
    pub async fn standing(&self) -> Result<Standing, Error> {
        let stopped = "SELECT projection, reason FROM stopped_projections";
        let (checkpoints, stopped) =
            tokio::try_join!(self.checkpoints(), self.client.query(stopped, &[]))?;
        let stopped = stopped.iter().map(|row| (row.get(0), row.get(1)));
        Ok(Standing {
            checkpoints,
            stopped: stopped.collect(),
        })
    }

    /// Replaces what those who stand by are told of projections that go no further.
    pub async fn report(
        &mut self,
        channel: &str,
        stopped: &[(&'static str, String)],
    ) -> Result<(), Error> {
        let (names, reasons): (Vec<&str>, Vec<&str>) = stopped
            .iter()
            .map(|(name, reason)| (*name, reason.as_str()))
            .unzip();
        let transaction = self.client.transaction().await?;
        transaction
            .batch_execute("DELETE FROM stopped_projections")
            .await?;
        let insert = "INSERT INTO stopped_projections (projection, reason) \
                      SELECT * FROM unnest($1::text[], $2::text[])";
        transaction.execute(insert, &[&names, &reasons]).await?;
        transaction.commit().await?;
        self.client.batch_execute(&notify(channel)).await
    }

    /// Makes the tables of a projection anew.
    pub async fn reset(&mut self, projection: &str, tables: &[&str]) -> Result<(), Error> {
        let transaction = self.client.transaction().await?;
        for table in tables {
            // With the views of it, which are made anew with it.
            let drop = format!("DROP TABLE IF EXISTS {table} CASCADE");
            transaction.batch_execute(&drop).await?;
        }
        let forget = "DELETE FROM checkpoints WHERE projection = $1";
        transaction.execute(forget, &[&projection]).await?;
        if let Some(tables) = migrations::read::postgres(projection) {
            transaction.batch_execute(tables).await?;
        }
        transaction.commit().await?;
        self.texts = Texts::default();
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Nothing that is still under way may be committed later than others believe.
        self.connection.abort();
    }
}

/// Ends the transaction and tells those who stand by; nobody waits for that.
pub(super) async fn commit(client: &Client, channel: &str) -> Result<(), Error> {
    let mut commit = pin!(client.batch_execute("COMMIT"));
    let committed = send(commit.as_mut()).await;
    let notify = notify(channel);
    let mut told = pin!(client.batch_execute(&notify));
    // Sent behind the other one.
    let told = send(told.as_mut()).await;
    match (committed, told) {
        (Poll::Ready(committed), _) => committed,
        (Poll::Pending, _) => commit.await,
    }
}

/// What wakes those who stand by.
fn notify(channel: &str) -> String {
    format!("NOTIFY {channel}")
}

/// Every statement that projects finds its rows by an index, in tables of which the planner knows
/// nothing yet when it first sees them: so it is told. What the server had not yet flushed when
/// it went down comes again from the log.
fn settings(channel: &str) -> String {
    format!(
        "SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan;
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
         SET jit = off; SET idle_session_timeout = {}; LISTEN {channel}",
        SILENCE.as_millis()
    )
}

fn checkpoint(row: &tokio_postgres::Row) -> Result<Checkpoint, Error> {
    let version: i64 = row.try_get(1)?;
    let position: i64 = row.try_get(2)?;
    let event_id: &[u8] = row.try_get(3)?;
    Ok(Checkpoint {
        projection: row.try_get(0)?,
        version: version.try_into().unwrap_or_default(),
        position: position.try_into().unwrap_or_default(),
        // An id that is none is that of no event: the projection is rebuilt.
        event_id: Uuid::from_slice(event_id).unwrap_or_default(),
    })
}
