//! One answer while it is given: its tokens so far, and how it ended.

use std::sync::Arc;

use domain::{AccountId, Answer, Attempt, EmotionSessionId, FeltEmotion, StepId};
use event_store::Position;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::Question;

/// A longer token goes out in parts, in bytes of UTF-8: a frame must fit into a queue.
const MAX_TOKEN_BYTES: usize = 256;

/// How an answer ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    pub how: End,
    /// Where the log says so; none where it does not yet.
    pub position: Option<Position>,
}

/// How an answer ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    Answered {
        emotion: FeltEmotion,
        truncated: bool,
    },
    Cancelled,
    Failed {
        reason: String,
        retryable: bool,
    },
}

impl Ending {
    /// Somebody else says what came of it: this process was taken for dead.
    pub(super) fn interrupted() -> Self {
        Self {
            how: End::Failed {
                reason: "interrupted".to_owned(),
                retryable: true,
            },
            position: None,
        }
    }
}

/// What comes next of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    pub tokens: Vec<Arc<str>>,
    /// Only where nothing comes after the tokens.
    pub end: Option<Ending>,
}

#[derive(Default)]
struct Said {
    tokens: Vec<Arc<str>>,
    bytes: usize,
    end: Option<Ending>,
}

/// One answer while it is given.
pub struct Running {
    pub session: EmotionSessionId,
    pub owner: AccountId,
    pub step: StepId,
    pub attempt: Attempt,
    /// When it was first asked, in microseconds since the Unix epoch.
    pub asked_at: i64,
    said: Mutex<Said>,
    /// Told whenever there is more.
    more: watch::Sender<()>,
    cancel: watch::Sender<bool>,
    /// Held by those who read along until they have the end.
    readers: watch::Sender<()>,
}

/// Somebody who reads along with an answer, until this is dropped: a server that stops waits for
/// them for a moment.
#[derive(Debug)]
pub struct Reader(#[expect(dead_code, reason = "it is counted")] watch::Receiver<()>);

impl Running {
    pub(super) fn of(question: &Question) -> Self {
        Self {
            session: question.session,
            owner: question.owner,
            step: question.step,
            attempt: question.attempt,
            asked_at: question.asked_at,
            said: Mutex::default(),
            more: watch::Sender::new(()),
            cancel: watch::Sender::new(false),
            readers: watch::Sender::new(()),
        }
    }

    /// Adds what came. What no store holds is replaced.
    pub(super) fn push(&self, text: &str) {
        let text = text.replace('\0', "\u{fffd}");
        let mut said = self.said.lock();
        let mut rest = &*text;
        while !rest.is_empty() {
            let (token, after) = rest.split_at(rest.floor_char_boundary(MAX_TOKEN_BYTES));
            said.bytes += token.len();
            said.tokens.push(token.into());
            rest = after;
        }
        drop(said);
        self.more.send_replace(());
    }

    pub(super) fn end(&self, ending: Ending) {
        self.said.lock().end = Some(ending);
        self.more.send_replace(());
    }

    /// Counts somebody who reads along.
    pub fn read_along(&self) -> Reader {
        Reader(self.readers.subscribe())
    }

    /// Waits until nobody reads along any more.
    pub(super) async fn read_to_the_end(&self) {
        self.readers.closed().await;
    }

    /// How many tokens there are so far.
    pub fn len(&self) -> usize {
        self.said.lock().tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of UTF-8 so far.
    pub(super) fn bytes(&self) -> usize {
        self.said.lock().bytes
    }

    /// All of it so far.
    pub fn answer(&self) -> Answer {
        self.answer_after(0)
    }

    /// The tokens from an index on.
    pub(super) fn answer_after(&self, index: usize) -> Answer {
        let said = self.said.lock();
        said.tokens
            .iter()
            .skip(index)
            .map(|token| &**token)
            .collect()
    }

    /// Ends it: what came is kept.
    pub fn cancel(&self) {
        self.cancel.send_replace(true);
    }

    pub(super) async fn cancelled(&self) {
        let mut cancel = self.cancel.subscribe();
        // The sender is part of what this borrows.
        if cancel.wait_for(|cancel| *cancel).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What comes from the token at `index` on, once there is anything: at most `max` tokens, or
    /// the end.
    pub async fn after(&self, index: usize, max: usize) -> Chunk {
        let mut more = self.more.subscribe();
        loop {
            more.mark_unchanged();
            if let Some(chunk) = self.chunk(index, max) {
                return chunk;
            }
            if more.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn chunk(&self, index: usize, max: usize) -> Option<Chunk> {
        let said = self.said.lock();
        let tokens: Vec<_> = said.tokens.iter().skip(index).take(max).cloned().collect();
        let is_all = index + tokens.len() >= said.tokens.len();
        let end = said.end.clone().filter(|_| is_all);
        (!tokens.is_empty() || end.is_some()).then_some(Chunk { tokens, end })
    }

    /// Waits until it has ended.
    pub async fn ended(&self) -> Ending {
        loop {
            if let Some(end) = self.after(usize::MAX, 0).await.end {
                return end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Attempt, StepInput};
    use uuid::Uuid;

    use super::*;
    use crate::commands::Request;

    fn running() -> Running {
        let step = StepId(Uuid::from_u128(1));
        Running::of(&Question {
            session: EmotionSessionId(Uuid::from_u128(2)),
            owner: AccountId(Uuid::from_u128(3)),
            step,
            attempt: Attempt { step, number: 1 },
            order: 1,
            risk: None,
            input: StepInput {
                user_input: String::new(),
                system_prompt: None,
            },
            asked_at: 0,
            request: Request::system(Uuid::nil(), None),
        })
    }

    fn texts(chunk: &Chunk) -> Vec<&str> {
        chunk.tokens.iter().map(|token| &**token).collect()
    }

    #[tokio::test]
    async fn tokens_are_read_from_any_index_and_the_end_comes_after_the_last() {
        let running = running();
        for token in ["가", "나", "", "다"] {
            running.push(token);
        }
        let chunk = running.after(1, 1).await;
        assert_eq!((texts(&chunk), &chunk.end), (vec!["나"], &None));
        running.end(Ending::interrupted());
        let chunk = running.after(1, 1).await;
        assert_eq!((texts(&chunk), &chunk.end), (vec!["나"], &None));
        let chunk = running.after(2, 9).await;
        assert_eq!(texts(&chunk), ["다"]);
        assert_eq!(chunk.end, Some(Ending::interrupted()));
        for beyond in [3, 4, usize::MAX] {
            assert!(running.after(beyond, 9).await.end.is_some());
        }
        assert_eq!(running.answer().text(), "가나다");
        assert_eq!(running.answer_after(2).text(), "다");
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_the_next_token_and_of_the_end() {
        let running = Arc::new(running());
        let waiting = Arc::clone(&running);
        let heard = tokio::spawn(async move {
            let first = waiting.after(0, 9).await;
            (first, waiting.ended().await)
        });
        tokio::task::yield_now().await;
        running.push("가");
        running.end(Ending::interrupted());
        let (first, end) = heard.await.unwrap();
        assert_eq!((texts(&first), end), (vec!["가"], Ending::interrupted()));
    }

    #[test]
    fn a_long_token_comes_in_parts_between_characters() {
        let running = running();
        let long = "마음\0".repeat(500);
        running.push(&long);
        assert!(running.len() > 1);
        assert_eq!(running.answer().text(), long.replace('\0', "\u{fffd}"));
        assert!(
            running
                .answer()
                .tokens()
                .all(|token| token.len() <= MAX_TOKEN_BYTES)
        );
    }
}
