//! Sending a request, and again where it failed before it was answered.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::Line;
use super::wire::{Completion, Message, Request, StreamOptions};
use crate::responder::{ResponderError, Usage};

/// Before the first retry; twice as long before each further one.
const BACKOFF: Duration = Duration::from_millis(250);

/// A server may ask for a longer pause, but not for more than this.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The largest answer that comes at once, in bytes.
const MAX_COMPLETION_BYTES: usize = 256 * 1024;

/// Why a request failed, and whether and when it may be sent again.
pub(super) struct Failed {
    pub(super) error: ResponderError,
    retry: bool,
    pause: Option<Duration>,
}

impl Failed {
    pub(super) fn connection() -> Self {
        Self {
            error: ResponderError::Unreachable,
            retry: true,
            pause: None,
        }
    }

    pub(super) fn for_good(error: ResponderError) -> Self {
        Self {
            error,
            retry: false,
            pause: None,
        }
    }

    /// How long to wait before the next try; none if there is to be none.
    pub(super) fn pause(&self, tried: u32, retries: u32) -> Option<Duration> {
        let backoff = BACKOFF * 2_u32.saturating_pow(tried);
        let pause = self
            .pause
            .unwrap_or(Duration::ZERO)
            .max(backoff)
            .min(MAX_PAUSE);
        (self.retry && tried < retries).then_some(pause)
    }
}

impl Line {
    /// Asks for a stream of an answer, once.
    pub(super) async fn open(&self, messages: &[Message]) -> Result<Response, Failed> {
        let request = Request {
            model: &self.settings.model,
            messages,
            max_tokens: self.settings.answer_tokens,
            stream: true,
            stream_options: Some(StreamOptions {
                include_usage: true,
            }),
            temperature: None,
            response_format: None,
        };
        self.send(&request).await
    }

    /// Asks for an answer by a schema, all at once, and again where that may help.
    pub(super) async fn complete(
        &self,
        messages: &[Message],
        schema: Value,
        answer_tokens: u32,
    ) -> Result<(String, Usage), ResponderError> {
        let schema = serde_json::json!({
            "type": "json_schema",
            "json_schema": { "name": "answer", "strict": true, "schema": schema },
        });
        let request = Request {
            model: &self.settings.model,
            messages,
            max_tokens: answer_tokens,
            stream: false,
            stream_options: None,
            temperature: Some(0.0),
            response_format: Some(schema),
        };
        let mut tried = 0;
        loop {
            let answered = timeout(self.settings.timeout, self.completion(&request)).await;
            let failed = match answered {
                Ok(Ok(completion)) => return self.read(completion, messages),
                Ok(Err(failed)) => failed,
                Err(_) => Failed::for_good(ResponderError::TimedOut),
            };
            match failed.pause(tried, self.settings.retries) {
                Some(pause) => sleep(pause).await,
                None => return Err(failed.error),
            }
            tried += 1;
        }
    }

    fn read(
        &self,
        completion: Completion,
        messages: &[Message],
    ) -> Result<(String, Usage), ResponderError> {
        let usage = completion.usage.map_or_else(Usage::default, |counts| {
            self.context.learn(messages, counts.prompt_tokens);
            Usage {
                prompt_tokens: counts.prompt_tokens,
                answer_tokens: counts.completion_tokens,
            }
        });
        let choice = completion.choices.into_iter().next();
        let text = choice.and_then(|choice| choice.message.content);
        Ok((text.ok_or(ResponderError::Malformed)?, usage))
    }

    async fn completion(&self, request: &Request<'_>) -> Result<Completion, Failed> {
        let response = self.send(request).await?;
        let body = whole(response.bytes_stream()).await?;
        serde_json::from_slice(&body).map_err(|_| Failed::for_good(ResponderError::Malformed))
    }

    async fn send(&self, request: &Request<'_>) -> Result<Response, Failed> {
        let sent = self.http.post(self.url.clone()).json(request).send().await;
        let response = sent.map_err(|_| Failed::connection())?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let asked = response.headers().get(header::RETRY_AFTER);
        let seconds = asked.and_then(|value| value.to_str().ok()?.parse().ok());
        let (error, retry) = match status {
            StatusCode::TOO_MANY_REQUESTS => (ResponderError::Overloaded, true),
            StatusCode::REQUEST_TIMEOUT => (ResponderError::TimedOut, true),
            status if status.is_server_error() => (ResponderError::Failed(status.as_u16()), true),
            status => (ResponderError::Refused(status.as_u16()), false),
        };
        Err(Failed {
            error,
            retry,
            pause: seconds.map(Duration::from_secs),
        })
    }
}

/// A body that is not too large.
async fn whole(stream: impl Stream<Item = reqwest::Result<Bytes>>) -> Result<Vec<u8>, Failed> {
    let mut stream = std::pin::pin!(stream);
    let mut body = Vec::new();
    while let Some(bytes) = stream.next().await {
        body.extend_from_slice(&bytes.map_err(|_| Failed::connection())?);
        if body.len() > MAX_COMPLETION_BYTES {
            return Err(Failed::for_good(ResponderError::Malformed));
        }
    }
    Ok(body)
}
