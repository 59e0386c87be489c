//! The body of a request with a file: nothing reads it before its handler does.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

/// What a client goes on sending that was refused already is read for so long, so that it comes to
/// read the answer.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// And so many bytes of it.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;

/// Whether a request has the form in which files come.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        let kind = value.as_bytes();
        kind.len() >= FORM.len() && kind[..FORM.len()].eq_ignore_ascii_case(FORM)
    })
}

const FORM: &[u8] = b"multipart/form-data";

/// Whether the body of a request is to be left for its handler to read.
pub(crate) fn is_left(request: &Request) -> bool {
    request.method() == Method::POST && is_multipart(request.headers())
}

/// A body that was not read when its request came to the handler.
#[derive(Clone)]
pub(super) struct Unread(Arc<Mutex<State>>);

struct State {
    body: BodyDataStream,
    ended: bool,
    /// A piece was just given: another one is given only when it has been asked for again.
    gave: bool,
}

impl Unread {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(State {
            body: body.into_data_stream(),
            ended: false,
            gave: false,
        })))
    }

    /// Reads what is left, within limits; whether that was all.
    async fn drain(mut self) -> bool {
        let deadline = Instant::now() + DRAIN_LIMIT;
        let mut left = DRAIN_BYTES;
        while !self.0.lock().ended {
            match timeout_at(deadline, self.next()).await {
                Ok(Some(Ok(bytes))) if bytes.len() <= left => left -= bytes.len(),
                Ok(None) => break,
                Ok(Some(_)) | Err(_) => return false,
            }
        }
        true
    }
}

/// One piece at a time: whoever parses it would else take in all that comes.
impl Stream for Unread {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.gave) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if state.ended {
            return Poll::Ready(None);
        }
        let next = ready!(state.body.poll_next_unpin(cx));
        state.gave = matches!(next, Some(Ok(_)));
        state.ended = !state.gave;
        Poll::Ready(next)
    }
}

/// Hands a request on without its body, which the handler finds among its extensions. A client that
/// was refused is listened to for a while.
pub(crate) async fn leave_body(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let unread = Unread::new(body);
    parts.extensions.insert(unread.clone());
    let mut response = next.run(Request::from_parts(parts, Body::empty())).await;
    if !unread.drain().await {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};

    use super::*;

    #[tokio::test]
    async fn a_body_comes_piece_by_piece_and_what_is_left_can_be_read_later() {
        let pieces = ["a", "b", "c"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
        let body = Unread::new(Body::from_stream(stream::iter(pieces)));
        let mut reader = body.clone();
        assert_eq!(reader.next().await.unwrap().unwrap(), "a");
        let again = reader.next().now_or_never();
        assert!(again.is_none(), "whoever asks at once is told to wait");
        assert_eq!(reader.next().await.unwrap().unwrap(), "b");
        drop(reader);
        assert!(body.clone().drain().await);
        assert!(body.0.lock().ended);
    }

    #[test]
    fn a_form_with_files_is_told_by_its_type() {
        for (value, is) in [
            ("multipart/form-data; boundary=x", true),
            ("Multipart/Form-Data;boundary=x", true),
            ("application/json", false),
            ("multipart/mixed", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            assert_eq!(is_multipart(&headers), is, "{value}");
        }
    }
}
