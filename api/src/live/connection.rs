//! One WebSocket: sends what its outbox holds, hands on what comes in, pings, and ends in time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until, timeout};

use super::{Ended, Next, Outbox, Subscriber};

/// Pings without an answer after which a connection is given up.
const MAX_MISSED_PONGS: u32 = 2;

/// How long a too slow reader is given to take the close frame.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);

/// How long a peer may take no byte of a frame while nothing fills its queue.
const STALL_PATIENCE: Duration = Duration::from_mins(1);

/// What goes out together at most, in bytes, beside the last frame of it: so much of what waits is
/// no longer counted in the queue.
const MAX_TOGETHER_BYTES: usize = 32 * 1024;

/// How long the peer is given to answer a close frame.
const CLOSE_HANDSHAKE: Duration = Duration::from_secs(2);

/// What one connection may do.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub ping_interval: Duration,
    /// When the token it was opened with expires.
    pub expires: Option<Instant>,
}

/// What a dialect does with what comes in.
pub trait Inbound: Send {
    /// A text frame; the answer, if any, goes through the outbox.
    fn text(&mut self, text: &str) -> impl Future<Output = ()> + Send;

    /// A binary frame, which no dialect has a use for.
    fn binary(&mut self) -> impl Future<Output = ()> + Send;
}

/// A WebSocket and the subscriber whose outbox it empties.
pub struct Connection {
    sink: SplitSink<WebSocket, Message>,
    stream: SplitStream<WebSocket>,
    subscriber: Arc<Subscriber>,
}

impl Connection {
    pub fn new(socket: WebSocket, subscriber: Arc<Subscriber>) -> Self {
        let (sink, stream) = socket.split();
        Self {
            sink,
            stream,
            subscriber,
        }
    }

    /// Sends frames that precede what the outbox holds, as fast as the peer reads them.
    ///
    /// # Errors
    /// The connection is gone, or has to end.
    pub async fn send_now(&mut self, frame: super::Frame) -> Result<(), Ended> {
        let outbox = &self.subscriber.outbox;
        tokio::select! {
            biased;
            sent = self.sink.send(Message::Text(frame.text)) => {
                sent.map_err(|_| Ended::Unresponsive)
            }
            ended = outbox.overrun() => Err(ended),
            () = sleep(STALL_PATIENCE) => Err(Ended::Unresponsive),
        }
    }

    /// Runs until either side ends it.
    pub async fn run(mut self, inbound: &mut impl Inbound, limits: Limits) {
        self.subscriber.outbox.caught_up();
        let ended = {
            let outbox = &self.subscriber.outbox;
            tokio::select! {
                ended = send(&mut self.sink, outbox, limits.ping_interval, &mut self.stream, inbound) => ended,
                () = expiry(limits.expires) => Some(Ended::NotAuthenticated),
            }
        };
        if let Some(ended) = ended {
            self.close(ended).await;
        }
    }

    /// Says why, and waits a moment for the peer to have heard it.
    pub async fn close(mut self, ended: Ended) {
        let frame = CloseFrame {
            code: ended.code(),
            reason: ended.reason().into(),
        };
        let patience = if ended == Ended::TooSlow {
            CLOSE_PATIENCE
        } else {
            CLOSE_HANDSHAKE
        };
        let said = timeout(patience, self.sink.send(Message::Close(Some(frame)))).await;
        if matches!(said, Ok(Ok(()))) && ended != Ended::Unresponsive {
            let heard = async { while let Some(Ok(_)) = self.stream.next().await {} };
            if timeout(CLOSE_HANDSHAKE, heard).await.is_err() {
                tracing::debug!("a peer did not answer the close frame");
            }
        }
    }
}

/// Closes a connection that is not to be one.
pub async fn refuse(mut socket: WebSocket, ended: Ended) {
    let frame = CloseFrame {
        code: ended.code(),
        reason: ended.reason().into(),
    };
    let said = timeout(CLOSE_HANDSHAKE, socket.send(Message::Close(Some(frame)))).await;
    if matches!(said, Ok(Ok(()))) {
        let heard = async { while let Some(Ok(_)) = socket.recv().await {} };
        if timeout(CLOSE_HANDSHAKE, heard).await.is_err() {
            tracing::debug!("a peer did not answer the close frame");
        }
    }
}

async fn expiry(expires: Option<Instant>) {
    match expires {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Both directions at once. None where the peer ended it.
async fn send(
    sink: &mut SplitSink<WebSocket, Message>,
    outbox: &Outbox,
    ping_interval: Duration,
    stream: &mut SplitStream<WebSocket>,
    inbound: &mut impl Inbound,
) -> Option<Ended> {
    let heard = tokio::sync::watch::Sender::new(0_u64);
    let mut answered = heard.subscribe();
    let receiving = async {
        loop {
            let message = stream.next().await?;
            heard.send_modify(|count| *count += 1);
            match message {
                // On the heap while it lasts: what a command needs would otherwise be a place kept
                // free in every idle connection.
                Ok(Message::Text(text)) => Box::pin(inbound.text(&text)).await,
                Ok(Message::Binary(_)) => inbound.binary().await,
                // The answer to a close goes out with the next read, which is the last one.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_)) => {}
                Err(error) => return fault(&error),
            }
        }
    };
    let sending = async {
        let mut pings = interval_at(Instant::now() + ping_interval, ping_interval);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut missed = 0;
        loop {
            let message = tokio::select! {
                biased;
                _ = pings.tick() => {
                    missed = if answered.has_changed().unwrap_or(false) { 0 } else { missed + 1 };
                    answered.mark_unchanged();
                    if missed > MAX_MISSED_PONGS {
                        return Some(Ended::Unresponsive);
                    }
                    Message::Ping(axum::body::Bytes::new())
                }
                next = outbox.next() => match next {
                    Next::Send(frame) => Message::Text(frame.text),
                    Next::Close(ended) => return Some(ended),
                },
            };
            // A peer that does not read holds this up; its queue fills meanwhile and ends it.
            tokio::select! {
                biased;
                sent = send_together(sink, message, outbox) => if sent.is_err() { return None },
                ended = outbox.overrun() => return Some(ended),
                // With little to say its queue would never fill, and no ping could be sent.
                () = sleep(STALL_PATIENCE) => return Some(Ended::Unresponsive),
            }
        }
    };
    tokio::select! {
        ended = sending => ended,
        ended = receiving => ended,
    }
}

/// Sends a message and what waits behind it, and flushes once.
async fn send_together(
    sink: &mut SplitSink<WebSocket, Message>,
    first: Message,
    outbox: &Outbox,
) -> Result<(), axum::Error> {
    sink.feed(first).await?;
    let mut bytes = 0;
    while bytes < MAX_TOGETHER_BYTES
        && let Some(frame) = outbox.more()
    {
        bytes += frame.text.len();
        sink.feed(Message::Text(frame.text)).await?;
    }
    sink.flush().await
}

/// What the peer did wrong, by the words of the WebSocket's own errors; none where it is gone.
fn fault(error: &axum::Error) -> Option<Ended> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let words = error.to_string();
        if words.contains("too long") || words.contains("Space limit") {
            return Some(Ended::TooLarge);
        }
        if words.contains("UTF-8") {
            return Some(Ended::BadText);
        }
        if words.contains("protocol error") && !words.contains("reset without") {
            return Some(Ended::BadProtocol);
        }
        cause = error.source();
    }
    None
}
