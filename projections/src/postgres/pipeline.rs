//! Sending requests without waiting for their answers.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Sends a request. The driver does that when the request is first polled, so that one which is
/// sent after another one is executed after it, whichever answer is waited for first.
pub(super) async fn send<F: Future + ?Sized>(mut request: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await
}
