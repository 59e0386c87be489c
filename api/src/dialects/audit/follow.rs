//! The log as Server-Sent Events: what is there, then what comes, for as long as the right to it
//! lasts and somebody reads it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use domain::{Act, Concerned};
use event_store::Position;
use futures_util::stream;
use projections::TailStatus;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

use super::asked::Selection;
use super::content::{Depth, show};
use super::search::{Found, search};
use super::shapes::EventView;
use crate::app::App;
use crate::auth::{AccountCaller, RequestContext};
use crate::error::ApiError;
use crate::live::{Ended, Outbox, Rights, Subscriber, Subscription};
use crate::reading::{self, Reading};

/// Those that one server feeds at once.
const AT_ONCE: usize = 32;

/// Seconds after which somebody may ask again when all of them are taken.
const RETRY_AFTER_SECONDS: u64 = 5;

/// Bytes of the events that are gathered at once, as they are stored; the first one is told in any
/// case.
const GATHERED_BYTES: usize = 256 * 1024;

/// Events that are gathered at once.
const GATHERED_EVENTS: usize = 100;

/// What waits for a reader who takes nothing, beside what is just being made: then no more is read
/// of the log for them.
const WAITING_CHUNKS: usize = 1;

/// How long a reader may take nothing.
const STALL_PATIENCE: Duration = Duration::from_secs(30);

/// How often something is sent where nothing happens, so that nobody in between takes the
/// connection for dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often the log is looked at by itself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// People, consultations and the like that are remembered as seen; then they count as new again.
const REMEMBERED: usize = 100_000;

/// Milliseconds after which a client comes back.
const RETRY: &str = "retry: 1000\n\n";

/// Which of the hub's dialects it is counted to: it is sent nothing by any.
const ANY_DIALECT: usize = 0;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Whether events are wanted as they come.
pub(super) fn wants_stream(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter();
    accepts
        .filter_map(|accept| accept.to_str().ok())
        .any(|accept| accept.contains("text/event-stream"))
}

/// The selection, from where the client says that it has come to.
///
/// # Errors
/// 422 where that is no position.
pub(super) fn resumed(
    mut selection: Selection,
    headers: &HeaderMap,
) -> Result<Selection, ApiError> {
    if let Some(last) = headers.get(LAST_EVENT_ID).filter(|last| !last.is_empty()) {
        let last: Option<Position> = last.to_str().ok().and_then(|last| last.trim().parse().ok());
        let invalid = || ApiError::invalid("header", "Last-Event-ID", "must be a position");
        selection.after = last.ok_or_else(invalid)?;
    }
    selection.positions = Vec::new();
    selection.limit = GATHERED_EVENTS;
    selection.max_bytes = GATHERED_BYTES;
    Ok(selection)
}

/// Records that somebody begins to follow the log, and sends them what is selected.
///
/// # Errors
/// 422 for a position beyond the end, 503 where it cannot be recorded or there are too many.
pub(super) async fn follow(
    app: &Arc<App>,
    reader: AccountCaller,
    context: RequestContext,
    selection: Selection,
    purpose: Option<String>,
) -> Result<Response, ApiError> {
    let Ok(turn) = TURNS.try_acquire() else {
        let message = "too many follow the log; try again";
        return Err(ApiError::unavailable("busy", message, RETRY_AFTER_SECONDS));
    };
    let head = app.store.head().await?;
    if selection.after > head {
        let message = format!("the log ends at {head}");
        return Err(ApiError::invalid("query", "after", message));
    }
    // From here on nothing that ends the right to it is missed.
    let rights = Rights(Some(Arc::clone(&reader.claims)));
    let subscription = join(app, &reader, &rights);
    let (chunks, mut sent) = mpsc::channel::<Bytes>(WAITING_CHUNKS);
    let follower = Follower {
        app: Arc::clone(app),
        reader,
        context,
        selection,
        purpose,
        seen: Seen::default(),
        chunks,
    };
    follower.record(head, 0, Concerned::default()).await?;
    let expires = rights.limits(app).expires;
    tokio::spawn(async move { follower.run(subscription, expires, turn).await });
    let body = Body::from_stream(stream::poll_fn(move |task| {
        sent.poll_recv(task)
            .map(|chunk| chunk.map(Ok::<_, Infallible>))
    }));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, body).into_response())
}

/// Is told by the hub when the right to it ends, and when the server goes down.
fn join(app: &Arc<App>, reader: &AccountCaller, rights: &Rights) -> Subscription {
    let subscriber = Arc::new(Subscriber {
        dialect: ANY_DIALECT,
        person: reader.account.into(),
        outbox: Outbox::new(app.settings.live.queue_bytes, app.hub.wave()),
        still_entitled: rights.still_hold(app),
    });
    let subscription = app.hub.subscribe(Arc::clone(&subscriber), rights.topics());
    // What ended before that is known to the revocations already.
    if let Err(ended) = (subscriber.still_entitled)() {
        subscriber.outbox.revoke(ended);
    }
    subscription
}

/// Ids of which the reader has been shown something, and that is on record.
#[derive(Default)]
struct Seen(BTreeSet<Uuid>);

impl Seen {
    /// Those of whom nothing was shown yet.
    fn new_of(&mut self, mut concerned: Concerned) -> Concerned {
        if self.0.len() > REMEMBERED {
            self.0.clear();
        }
        concerned.people.retain(|id| self.0.insert(id.0));
        concerned.counselors.retain(|id| self.0.insert(id.0));
        concerned.consultations.retain(|id| self.0.insert(id.0));
        concerned.rooms.retain(|id| self.0.insert(id.0));
        concerned
    }
}

/// Why a stream ends by itself.
enum Over {
    /// The reader is gone, or takes nothing.
    Left,
    /// It is told why.
    Because(ApiError),
}

impl From<ApiError> for Over {
    fn from(error: ApiError) -> Self {
        Self::Because(error)
    }
}

struct Follower {
    app: Arc<App>,
    reader: AccountCaller,
    context: RequestContext,
    selection: Selection,
    purpose: Option<String>,
    seen: Seen,
    chunks: mpsc::Sender<Bytes>,
}

impl Follower {
    async fn run(
        mut self,
        subscription: Subscription,
        expires: Option<Instant>,
        turn: SemaphorePermit<'static>,
    ) {
        let subscriber = Arc::clone(&subscription.subscriber);
        let expiry = async {
            match expires {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let code = tokio::select! {
            biased;
            ended = subscriber.outbox.overrun() => Some(ended.reason()),
            () = expiry => Some(Ended::NotAuthenticated.reason()),
            over = self.tell() => match over {
                Over::Left => None,
                Over::Because(error) => Some(error.code),
            },
        };
        if let Some(code) = code {
            let last = format!("event: end\ndata: {{\"code\":\"{code}\"}}\n\n");
            let said = timeout(LAST_WORDS, self.chunks.send(last.into())).await;
            tracing::debug!(code, heard = matches!(said, Ok(Ok(()))), "a stream ended");
        }
        drop(subscription);
        drop(turn);
    }

    /// Tells what there is and what comes.
    async fn tell(&mut self) -> Over {
        match self.tell_on().await {
            Ok(never) => match never {},
            Err(over) => over,
        }
    }

    async fn tell_on(&mut self) -> Result<Infallible, Over> {
        let mut followed = self.app.tail.watch();
        self.send(RETRY.to_owned()).await?;
        let mut spoken_at = Instant::now();
        loop {
            let found = search(&*self.app.store, &self.selection).await;
            let found = found.map_err(ApiError::from)?;
            let (scanned_to, is_all) = (found.scanned_to, found.scanned_to >= found.head);
            let moved = scanned_to > self.selection.after;
            let mut chunk = self.chunk(found).await?;
            self.selection.after = self.selection.after.max(scanned_to);
            let id = format!("id: {scanned_to}\n\n");
            if moved && !chunk.ends_with(&id) {
                // Where to come back to, although nothing of it was selected.
                chunk.push_str(&id);
            }
            if chunk.is_empty() && spoken_at.elapsed() >= HEARTBEAT {
                chunk.push_str(":\n\n");
            }
            if !chunk.is_empty() {
                self.send(chunk).await?;
                spoken_at = Instant::now();
            }
            if is_all {
                self.wait(&mut followed).await?;
            }
        }
    }

    /// Waits until the log goes on. It is looked at now and then in any case: an event that nobody
    /// can follow is shown to auditors all the same.
    async fn wait(&self, followed: &mut watch::Receiver<TailStatus>) -> Result<(), Over> {
        let after = self.selection.after;
        let goes_on = async {
            let moved = followed.wait_for(|status| status.position > after).await;
            moved.is_ok()
        };
        tokio::select! {
            moved = goes_on => if !moved { sleep(LOOK_AGAIN).await },
            () = self.chunks.closed() => return Err(Over::Left),
            () = sleep(LOOK_AGAIN) => {}
        }
        Ok(())
    }

    /// What was found as it is sent; whom it concerns for the first time is on record first.
    async fn chunk(&mut self, found: Found) -> Result<String, Over> {
        let Some(last) = found.events.last().map(|event| event.recorded.position) else {
            return Ok(String::new());
        };
        let new = self.seen.new_of(found.concerned);
        if new.goes_beyond(self.reader.account.into()) {
            self.record(last, found.events.len(), new).await?;
        }
        let (keys, events) = (Arc::clone(&self.app.keys), found.events);
        let depth = match self.purpose {
            Some(_) => Depth::Open,
            None => Depth::Sealed,
        };
        let shown = tokio::task::spawn_blocking(move || show(&*keys, &events, depth)).await;
        let shown = shown.map_err(|error| {
            tracing::error!(%error, "events could not be shown");
            ApiError::internal()
        })?;
        let mut chunk = String::new();
        for event in shown.map_err(ApiError::from)? {
            tell_one(&event, &mut chunk).map_err(|error| {
                tracing::error!(%error, "an event could not be written");
                ApiError::internal()
            })?;
        }
        Ok(chunk)
    }

    /// Puts on record what comes up to a position.
    async fn record(
        &self,
        to: Position,
        count: usize,
        concerned: Concerned,
    ) -> Result<(), ApiError> {
        let reading = Reading {
            act: Act::FollowEvents,
            filter: self.selection.filter(),
            from: (self.selection.after + 1).min(to),
            to,
            count,
            concerned,
        };
        let purpose = self.purpose.clone();
        reading::record(&self.app, &self.reader, &self.context, reading, purpose).await?;
        Ok(())
    }

    async fn send(&self, chunk: String) -> Result<(), Over> {
        send(&self.chunks, chunk, STALL_PATIENCE).await
    }
}

/// Waits for the reader to take what was sent before, but not for ever.
async fn send(chunks: &mpsc::Sender<Bytes>, chunk: String, patience: Duration) -> Result<(), Over> {
    match timeout(patience, chunks.send(chunk.into())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Over::Left),
        Err(_) => {
            tracing::info!("somebody who follows the log takes nothing, and is cut off");
            Err(Over::Left)
        }
    }
}

/// One event, with its position as the id. JSON has no line breaks of its own.
fn tell_one(event: &EventView, chunk: &mut String) -> Result<(), serde_json::Error> {
    let data = serde_json::to_string(event)?;
    // To write into a text never fails.
    let written = write!(chunk, "data: {data}\nid: {}\n\n", event.position);
    debug_assert!(written.is_ok(), "a text takes everything");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reader_who_takes_nothing_is_cut_off_and_no_more_waits_than_was_said() {
        const PATIENCE: Duration = Duration::from_millis(50);
        let (chunks, mut sent) = mpsc::channel(WAITING_CHUNKS);
        for _ in 0..WAITING_CHUNKS {
            let taken = send(&chunks, "data".to_owned(), STALL_PATIENCE).await;
            assert!(taken.is_ok());
        }
        let begun = Instant::now();
        let cut = send(&chunks, "more".to_owned(), PATIENCE).await;
        assert!(matches!(cut, Err(Over::Left)));
        assert!(begun.elapsed() >= PATIENCE);
        assert_eq!(sent.len(), WAITING_CHUNKS);

        // Who takes something is waited for anew, and who is gone is not.
        assert_eq!(sent.recv().await.as_deref(), Some(&b"data"[..]));
        let goes_on = send(&chunks, "more".to_owned(), STALL_PATIENCE).await;
        assert!(goes_on.is_ok());
        drop(sent);
        let gone = send(&chunks, "late".to_owned(), STALL_PATIENCE).await;
        assert!(matches!(gone, Err(Over::Left)));
    }
}
