//! Long-polling: a request waits until there is something to say, another brings what the client
//! says.

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::client::{Client, Transport};
use super::packet::{Fault, Packet, SEPARATOR};
use super::{Engine, Left};
use crate::error::ApiError;

/// What one answer brings at most, in bytes, beside its last packet.
const MAX_TOGETHER_BYTES: usize = 64 * 1024;

/// A request that waits, counted. Ends a client whose request ends before its answer.
struct Waits<'a> {
    engine: &'a Engine,
    client: &'a Client,
    is_over: bool,
}

impl<'a> Waits<'a> {
    fn new(engine: &'a Engine, client: &'a Client) -> Self {
        metrics::gauge!("maeum_polls_waiting").increment(1);
        Self {
            engine,
            client,
            is_over: false,
        }
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        metrics::gauge!("maeum_polls_waiting").decrement(1);
        if !self.is_over {
            self.engine.close(self.client, Left::Lost);
        }
    }
}

/// A new client.
pub(in super::super) fn open(engine: &Arc<Engine>, parts: &Parts) -> Response {
    match engine.admit(parts, false) {
        Some((client, opened)) => {
            tokio::spawn(Arc::clone(engine).attend(client));
            text(joined(opened))
        }
        None => ApiError::internal().into_response(),
    }
}

/// What there is to say to a client, as soon as there is something.
pub(in super::super) async fn poll(engine: &Engine, client: &Client) -> Response {
    let mut state = client.state.subscribe();
    if state.borrow_and_update().transport == Transport::WebSocket {
        return Fault::BadRequest.into_response();
    }
    let Ok(mut waiting) = client.waiting.try_lock() else {
        // Two requests at once: which of them would be answered?
        engine.close(client, Left::Malformed);
        return Fault::BadRequest.into_response();
    };
    let mut waits = Waits::new(engine, client);
    let first = tokio::select! {
        biased;
        packet = client.next(&mut waiting) => packet,
        _ = state.wait_for(|state| {
            state.left.is_some() || state.transport != Transport::Polling
        }) => None,
    };
    waits.is_over = true;
    let Some(first) = first else {
        let is_over = state.borrow().left.is_some();
        return text(if is_over { "1" } else { "6" }.to_owned());
    };
    let mut body = joined(first);
    while body.len() < MAX_TOGETHER_BYTES
        && let Some(packet) = client.more(&mut waiting)
    {
        body.push(SEPARATOR);
        body.push_str(&joined(packet));
    }
    text(body)
}

/// What a client says.
pub(in super::super) fn take(engine: &Arc<Engine>, client: &Arc<Client>, body: &Bytes) -> Response {
    if client.state.borrow().transport == Transport::WebSocket {
        return Fault::BadRequest.into_response();
    }
    let Some(app) = engine.app() else {
        return Fault::UnknownSession.into_response();
    };
    if body.len() > app.settings.live.max_frame_bytes {
        engine.close(client, Left::TooLarge);
        return ApiError::too_large().into_response();
    }
    let Ok(packets) = std::str::from_utf8(body) else {
        engine.close(client, Left::Malformed);
        return Fault::BadRequest.into_response();
    };
    for packet in packets.split(SEPARATOR) {
        match engine.hear(client, packet) {
            Ok(()) => {}
            Err(Left::Goodbye) => {
                engine.close(client, Left::Goodbye);
                break;
            }
            Err(left) => {
                engine.close(client, left);
                return Fault::BadRequest.into_response();
            }
        }
    }
    text("ok".to_owned())
}

fn joined(packet: Packet) -> String {
    let mut joined = String::new();
    for text in packet.into_texts() {
        if !joined.is_empty() {
            joined.push(SEPARATOR);
        }
        joined.push_str(&text);
    }
    joined
}

fn text(body: String) -> Response {
    let kind = (header::CONTENT_TYPE, "text/plain; charset=UTF-8");
    (StatusCode::OK, [kind], body).into_response()
}
