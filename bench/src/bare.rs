//! The raw limit of live talk: axum hands every frame on to all of its room, and does nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use tokio::sync::broadcast;

use crate::failure::Failure;

/// The buffers that the server gives its connections too.
const BUFFER_BYTES: usize = 4 * 1024;

/// Frames that wait for one member of a room.
const WAITING_FRAMES: usize = 4_096;

/// Frames on their way to the members of each room.
type Rooms = Arc<Mutex<HashMap<u32, broadcast::Sender<Utf8Bytes>>>>;

/// Listens on a free port, says so as the server does, and serves until it is killed.
pub async fn serve() -> Result<(), Failure> {
    let router = Router::new()
        .route("/ws/{room}", get(enter))
        .with_state(Rooms::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        if let Err(cause) = connection.set_nodelay(true) {
            eprintln!("a connection will be slow: {cause}");
        }
    });
    Ok(axum::serve(listener, router).await?)
}

async fn enter(
    State(rooms): State<Rooms>,
    Path(room): Path<u32>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let room = rooms
        .lock()
        .entry(room)
        .or_insert_with(|| broadcast::channel(WAITING_FRAMES).0)
        .clone();
    upgrade
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .on_upgrade(move |socket| talk(socket, room))
}

async fn talk(socket: WebSocket, room: broadcast::Sender<Utf8Bytes>) {
    let mut frames = room.subscribe();
    let (mut sink, mut stream) = socket.split();
    let sending = async {
        loop {
            let Ok(frame) = frames.recv().await else {
                return;
            };
            if sink.send(Message::Text(frame)).await.is_err() {
                return;
            }
        }
    };
    let receiving = async {
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Text(frame) = message
                && room.send(frame).is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = receiving => {}
    }
}
