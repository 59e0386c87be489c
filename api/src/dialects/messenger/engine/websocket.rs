//! A WebSocket: both directions in one task, and the way there from polling.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};

use super::client::{Client, Transport};
use super::packet::Packet;
use super::{Engine, Left, cut_of};
use crate::error::ApiError;

/// What goes out together at most, in bytes, beside its last packet.
const MAX_TOGETHER_BYTES: usize = 32 * 1024;

/// How long a client may take to go over from polling.
const UPGRADE_PATIENCE: Duration = Duration::from_secs(10);

/// How long a client is given to take what waits for it at its end.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);

/// A new client.
pub(in super::super) fn open(
    engine: &Arc<Engine>,
    parts: &Parts,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some((client, opened)) = engine.admit(parts, true) else {
        return ApiError::internal().into_response();
    };
    let engine = Arc::clone(engine);
    // A task of its own: the one that axum makes keeps places for the handshake.
    upgrade.on_upgrade(move |socket| {
        tokio::spawn(Arc::clone(&engine).attend(Arc::clone(&client)));
        tokio::spawn(run(engine, client, socket, Some(opened)));
        ready(())
    })
}

/// A client that polls, and wants a WebSocket.
pub(in super::super) fn upgrade(
    engine: &Arc<Engine>,
    client: Arc<Client>,
    parts: &Parts,
    upgrade: WebSocketUpgrade,
) -> Response {
    let (engine, cut) = (Arc::clone(engine), cut_of(parts));
    upgrade.on_upgrade(move |mut socket| {
        tokio::spawn(async move {
            if !Box::pin(begins(&client, &mut socket)).await {
                return;
            }
            let is_over = tokio::select! {
                is_over = timeout(UPGRADE_PATIENCE, Box::pin(goes_over(&mut socket))) => is_over,
                () = client.ended() => return,
            };
            if is_over == Ok(Some(())) {
                client.moves(Transport::Upgrading, Transport::WebSocket);
                client.reached_by(cut);
                run(engine, client, socket, None).await;
            } else {
                client.moves(Transport::Upgrading, Transport::Polling);
            }
        });
        ready(())
    })
}

/// Whether a client probes its WebSocket, and is the first to do so.
async fn begins(client: &Client, socket: &mut WebSocket) -> bool {
    let probe = tokio::select! {
        probe = timeout(UPGRADE_PATIENCE, socket.recv()) => probe,
        () = client.ended() => return false,
    };
    let Ok(Some(Ok(Message::Text(text)))) = probe else {
        return false;
    };
    text.as_str() == "2probe" && client.moves(Transport::Polling, Transport::Upgrading)
}

/// Has a client stop to poll; none where it does not.
async fn goes_over(socket: &mut WebSocket) -> Option<()> {
    let answer = Message::Text(Utf8Bytes::from_static("3probe"));
    socket.send(answer).await.ok()?;
    let last = socket.recv().await?.ok()?;
    matches!(last, Message::Text(text) if text.as_str() == "5").then_some(())
}

pub(super) async fn run(
    engine: Arc<Engine>,
    client: Arc<Client>,
    socket: WebSocket,
    first: Option<Packet>,
) {
    let (mut sink, mut stream) = socket.split();
    let left = tokio::select! {
        left = receive(&engine, &client, &mut stream) => left,
        () = send(&client, &mut sink, first) => Left::Lost,
    };
    engine.close(&client, left);
    if left != Left::Lost {
        say_close(&mut sink, left).await;
    }
}

async fn say_close(sink: &mut SplitSink<WebSocket, Message>, left: Left) {
    let frame = CloseFrame {
        code: left.close_code(),
        reason: Utf8Bytes::default(),
    };
    let said = timeout(CLOSE_PATIENCE, sink.send(Message::Close(Some(frame)))).await;
    if !matches!(said, Ok(Ok(()))) {
        tracing::debug!("a client was gone before it was told");
    }
}

/// Sends what waits, as long as there is a client; then what is left, and that it is over. Returns
/// where the client is gone, or does not hang up.
async fn send(client: &Client, sink: &mut SplitSink<WebSocket, Message>, first: Option<Packet>) {
    let mut waiting = client.waiting.lock().await;
    let mut first = first;
    loop {
        let next = match first.take() {
            Some(packet) => Some(packet),
            None => client.next(&mut waiting).await,
        };
        let Some(packet) = next else { break };
        tokio::select! {
            biased;
            sent = send_together(client, sink, packet, &mut waiting) => if sent.is_err() {
                return;
            },
            // It does not take it.
            () = given_up(client) => return,
        }
    }
    let left = client.state.borrow().left;
    say_close(sink, left.unwrap_or(Left::SentAway)).await;
    sleep(CLOSE_PATIENCE).await;
}

async fn given_up(client: &Client) {
    client.ended().await;
    sleep(CLOSE_PATIENCE).await;
}

/// Sends a packet and what waits behind it, and flushes once.
async fn send_together(
    client: &Client,
    sink: &mut SplitSink<WebSocket, Message>,
    first: Packet,
    waiting: &mut Receiver<Packet>,
) -> Result<(), axum::Error> {
    let mut bytes = feed(sink, first).await?;
    while bytes < MAX_TOGETHER_BYTES
        && let Some(packet) = client.more(waiting)
    {
        bytes += feed(sink, packet).await?;
    }
    sink.flush().await
}

/// Writes a packet; how many bytes it has.
async fn feed(
    sink: &mut SplitSink<WebSocket, Message>,
    packet: Packet,
) -> Result<usize, axum::Error> {
    let mut bytes = 0;
    for text in packet.into_texts() {
        bytes += text.len();
        sink.feed(Message::Text(text)).await?;
    }
    Ok(bytes)
}

/// Takes what comes in; how the client left.
async fn receive(
    engine: &Arc<Engine>,
    client: &Arc<Client>,
    stream: &mut SplitStream<WebSocket>,
) -> Left {
    while let Some(message) = stream.next().await {
        let heard = match message {
            Ok(Message::Text(text)) => engine.hear(client, &text),
            Ok(Message::Binary(bytes)) => engine.hear_binary(client, bytes),
            Ok(Message::Ping(_) | Message::Pong(_)) => Ok(()),
            Ok(Message::Close(_)) => Err(Left::Goodbye),
            Err(error) => Err(fault(&error)),
        };
        if let Err(left) = heard {
            return left;
        }
    }
    Left::Lost
}

/// What went wrong, by the words of the WebSocket's own errors.
fn fault(error: &axum::Error) -> Left {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let words = error.to_string();
        if words.contains("too long") || words.contains("Space limit") {
            return Left::TooLarge;
        }
        if words.contains("UTF-8")
            || words.contains("protocol error") && !words.contains("reset without")
        {
            return Left::Malformed;
        }
        cause = error.source();
    }
    Left::Lost
}
