//! One answer while it comes from the model: opened, read, ended.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use sse_stream::SseByteStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout_at};

use super::Line;
use super::request::Failed;
use super::wire::{Chunk, Counts, Message};
use crate::responder::{Emotion, Finished, Piece, ResponderError, Usage};

/// One event of a stream is not larger, in bytes.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// An answer is not longer, in bytes: what the log keeps of one, less room for the crisis lines.
const MAX_ANSWER_BYTES: usize = domain::limits::ANSWER_BYTES - 16 * 1024;

/// How long a stream that has said why it ends may go on, for its count of tokens.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What ends a stream.
const DONE: &str = "[DONE]";

/// The events of one answer.
type Events = BoxStream<'static, Result<sse_stream::Sse, sse_stream::Error>>;

/// One answer while it comes.
pub(super) struct Running {
    line: Arc<Line>,
    /// Held until the answer is dropped: as long as it takes something of the server.
    _turn: OwnedSemaphorePermit,
    messages: Vec<Message>,
    input: String,
    by_lexicon: Emotion,
    stage: Stage,
    tried: u32,
    /// By when the next token must be there.
    deadline: Instant,
    tokens: u32,
    bytes: usize,
    counts: Option<Counts>,
}

enum Stage {
    Opening,
    Reading {
        events: Events,
        unread: Arc<AtomicUsize>,
    },
    /// Whether it was cut.
    Ending(bool),
    Over,
}

/// What an event says.
enum Said {
    Token(String),
    /// A sign of life.
    Alive,
    Nothing,
    /// Why it ends.
    Reason(String),
    Done,
}

impl Running {
    pub(super) fn new(
        line: Arc<Line>,
        turn: OwnedSemaphorePermit,
        messages: Vec<Message>,
        input: String,
        by_lexicon: Emotion,
    ) -> Self {
        let deadline = Instant::now() + line.settings.timeout;
        Self {
            line,
            _turn: turn,
            messages,
            input,
            by_lexicon,
            stage: Stage::Opening,
            tried: 0,
            deadline,
            tokens: 0,
            bytes: 0,
            counts: None,
        }
    }

    /// The next piece; none when it is over.
    pub(super) async fn next(&mut self) -> Option<Result<Piece, ResponderError>> {
        loop {
            let step = match self.stage {
                Stage::Opening => self.open().await,
                Stage::Reading { .. } => self.read().await,
                Stage::Ending(truncated) => {
                    self.stage = Stage::Over;
                    let finished = self.finish(truncated).await;
                    counted("answered");
                    return Some(Ok(Piece::Finished(finished)));
                }
                Stage::Over => return None,
            };
            match step {
                Ok(Some(token)) => return Some(Ok(Piece::Token(token))),
                Ok(None) => {}
                Err(failed) => {
                    // After the first token a second request would say it all again.
                    let retries = if self.tokens == 0 {
                        self.line.settings.retries
                    } else {
                        0
                    };
                    if let Some(pause) = failed.pause(self.tried, retries) {
                        self.tried += 1;
                        self.stage = Stage::Opening;
                        sleep(pause).await;
                        self.deadline = Instant::now() + self.line.settings.timeout;
                        continue;
                    }
                    self.stage = Stage::Over;
                    counted(failed.error.code());
                    return Some(Err(failed.error));
                }
            }
        }
    }

    async fn open(&mut self) -> Result<Option<String>, Failed> {
        let opened = timeout_at(self.deadline, self.line.open(&self.messages)).await;
        let response = opened.map_err(|_| Failed::for_good(ResponderError::TimedOut))??;
        let unread = Arc::new(AtomicUsize::new(0));
        let events = events(response.bytes_stream(), Arc::clone(&unread));
        self.stage = Stage::Reading { events, unread };
        Ok(None)
    }

    /// Reads one event.
    async fn read(&mut self) -> Result<Option<String>, Failed> {
        let Stage::Reading { events, unread } = &mut self.stage else {
            return Ok(None);
        };
        let next = timeout_at(self.deadline, events.next()).await;
        let event = match next {
            Err(_) => return Err(Failed::for_good(ResponderError::TimedOut)),
            Ok(None) => return Err(Failed::for_good(ResponderError::BrokenOff)),
            Ok(Some(Err(_))) if unread.load(Ordering::Relaxed) > MAX_EVENT_BYTES => {
                return Err(Failed::for_good(ResponderError::Malformed));
            }
            Ok(Some(Err(sse_stream::Error::Body(_)))) if self.tokens == 0 => {
                return Err(Failed::connection());
            }
            Ok(Some(Err(sse_stream::Error::Body(_)))) => {
                return Err(Failed::for_good(ResponderError::BrokenOff));
            }
            Ok(Some(Err(_))) => return Err(Failed::for_good(ResponderError::Malformed)),
            Ok(Some(Ok(event))) => event,
        };
        unread.store(0, Ordering::Relaxed);
        match self.said(event.data.as_deref().unwrap_or_default())? {
            Said::Token(token) => {
                self.deadline = Instant::now() + self.line.settings.timeout;
                Ok(self.take(token))
            }
            Said::Alive => {
                self.deadline = Instant::now() + self.line.settings.timeout;
                Ok(None)
            }
            Said::Nothing => Ok(None),
            // An answer without a word is none.
            Said::Done | Said::Reason(_) if self.tokens == 0 => {
                Err(Failed::for_good(ResponderError::BrokenOff))
            }
            Said::Done => {
                self.stage = Stage::Ending(false);
                Ok(None)
            }
            Said::Reason(reason) => {
                self.count_last().await;
                self.stage = Stage::Ending(reason != "stop");
                Ok(None)
            }
        }
    }

    fn said(&mut self, data: &str) -> Result<Said, Failed> {
        if data.trim() == DONE {
            return Ok(Said::Done);
        }
        if data.is_empty() {
            return Ok(Said::Nothing);
        }
        let malformed = |_| Failed::for_good(ResponderError::Malformed);
        let chunk: Chunk = serde_json::from_str(data).map_err(malformed)?;
        if let Some(error) = chunk.error {
            let code = error.get("code").and_then(serde_json::Value::as_u64);
            let code = code.and_then(|code| code.try_into().ok()).unwrap_or(500);
            return Err(Failed::for_good(ResponderError::Failed(code)));
        }
        self.counts = chunk.usage.or(self.counts);
        let Some(choice) = chunk.choices.into_iter().next() else {
            return Ok(Said::Nothing);
        };
        let token = choice
            .delta
            .content
            .map(|text| clean(&text))
            .unwrap_or_default();
        Ok(match (token.is_empty(), choice.finish_reason) {
            (false, None) => Said::Token(token),
            (true, Some(reason)) => Said::Reason(reason),
            (false, Some(reason)) => {
                // Both at once: the token first, and the end as if it were an event of its own.
                self.push_end(&reason);
                Said::Token(token)
            }
            (true, None) => {
                let thinks = choice
                    .delta
                    .reasoning_content
                    .is_some_and(|text| !text.is_empty());
                if thinks { Said::Alive } else { Said::Nothing }
            }
        })
    }

    /// Puts the reason before what is still to be read.
    fn push_end(&mut self, reason: &str) {
        if let Stage::Reading { events, unread } = &mut self.stage {
            let rest = std::mem::replace(events, stream::empty().boxed());
            let chunk = serde_json::json!({ "choices": [{ "finish_reason": reason }] });
            let end = sse_stream::Sse::default().data(chunk.to_string());
            *events = stream::iter([Ok(end)]).chain(rest).boxed();
            unread.store(0, Ordering::Relaxed);
        }
    }

    /// A token, or as much of it as an answer may have.
    fn take(&mut self, mut token: String) -> Option<String> {
        self.tokens += 1;
        let room = MAX_ANSWER_BYTES - self.bytes;
        if token.len() > room {
            token.truncate(token.floor_char_boundary(room));
            self.stage = Stage::Ending(true);
        } else if self.tokens >= self.line.settings.answer_tokens.saturating_mul(2) {
            // It was told how many; a token of its own may come in several events.
            self.stage = Stage::Ending(true);
        }
        self.bytes += token.len();
        (!token.is_empty()).then_some(token)
    }

    /// Reads on for the count of tokens, for a moment.
    async fn count_last(&mut self) {
        let until = Instant::now() + LAST_WORDS;
        while self.counts.is_none() {
            let Stage::Reading { events, .. } = &mut self.stage else {
                return;
            };
            let Ok(Some(Ok(event))) = timeout_at(until, events.next()).await else {
                return;
            };
            let data = event.data.unwrap_or_default();
            let Ok(chunk) = serde_json::from_str::<Chunk>(&data) else {
                return;
            };
            self.counts = chunk.usage;
        }
    }

    async fn finish(&mut self, truncated: bool) -> Finished {
        let mut usage = match self.counts {
            Some(counts) => {
                self.line
                    .context
                    .learn(&self.messages, counts.prompt_tokens);
                Usage {
                    prompt_tokens: counts.prompt_tokens,
                    answer_tokens: counts.completion_tokens,
                }
            }
            None => Usage {
                prompt_tokens: self
                    .messages
                    .iter()
                    .map(|message| self.line.context.tokens(&message.content))
                    .sum(),
                answer_tokens: self.tokens,
            },
        };
        let (emotion, asking) = self.line.emotion_of(&self.input).await;
        usage.prompt_tokens = usage.prompt_tokens.saturating_add(asking.prompt_tokens);
        usage.answer_tokens = usage.answer_tokens.saturating_add(asking.answer_tokens);
        let emotion = emotion.unwrap_or_else(|| self.by_lexicon.clone());
        Finished {
            usage,
            emotion,
            truncated,
        }
    }
}

fn counted(outcome: &'static str) {
    metrics::counter!("maeum_model_requests_total", "outcome" => outcome).increment(1);
}

/// The events of a body, each of bounded size. `unread` counts the bytes since the last one.
fn events(
    body: impl futures_util::Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    unread: Arc<AtomicUsize>,
) -> Events {
    let bounded = body.map(move |bytes| {
        let bytes = bytes.map_err(std::io::Error::other)?;
        let waiting = unread.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        if waiting > MAX_EVENT_BYTES {
            return Err(std::io::Error::other("an event is too large"));
        }
        Ok(bytes)
    });
    // A last event may lack the empty line behind it.
    let end = stream::iter([Ok(Bytes::from_static(b"\n\n"))]);
    let bounded: Pin<Box<dyn futures_util::Stream<Item = _> + Send>> = Box::pin(bounded.chain(end));
    SseByteStream::new(bounded).boxed()
}

/// Without control characters, which a text may not have.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|char| !char.is_control() || matches!(char, '\n' | '\t'))
        .collect()
}
