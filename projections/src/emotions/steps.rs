//! The steps of sessions: what was said, what was answered, and what that took.

use domain::{
    AccountId, Answer, EmotionSessionId, FeltEmotion, NodeId, ResponderKind, Risk, StepId,
    StepStatus, TokenUsage,
};
use event_store::Position;
use event_store::keys::KeyStore;
use event_store::seal::OpenError;

use crate::reader::{first, many, only};
use crate::row::tags;
use crate::value::values;
use crate::{Page, ReadError, Reader, Row, RowError, SealedColumn, statements};

/// A step. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRow {
    pub number: u64,
    pub id: StepId,
    pub session: EmotionSessionId,
    pub owner: AccountId,
    pub order: u32,
    pub step_type: String,
    pub risk: Option<Risk>,
    /// A `domain::StepInput`.
    pub input: SealedColumn,
    pub status: StepStatus,
    /// How often it was asked.
    pub attempts: u32,
    /// Its owner does not want to hear more of what it is answered.
    pub cancel_asked: bool,
    /// The process that answers it, or did.
    pub node: NodeId,
    pub asked_at: i64,
    /// What came of it; none as long as it is open.
    pub settled: Option<Settled>,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub at: i64,
    pub position: Position,
    /// A `domain::Answer`: the whole of it, or all that had come; none where that could not be
    /// read any more.
    pub answer: Option<SealedColumn>,
    /// Of what was answered to the end.
    pub responder: Option<ResponderKind>,
    pub emotion: Option<FeltEmotion>,
    pub usage: Option<TokenUsage>,
    pub truncated: bool,
    /// Of what failed.
    pub reason: Option<String>,
    pub retryable: bool,
}

impl StepRow {
    /// What was answered, or of it what had come; nothing while it is open, or once it is erased.
    pub fn answer(&self, keys: &dyn KeyStore) -> Result<Answer, OpenError> {
        let column = self
            .settled
            .as_ref()
            .and_then(|settled| settled.answer.as_ref());
        match column {
            Some(answer) => Ok(answer.open(keys)?.unwrap_or_default()),
            None => Ok(Answer::default()),
        }
    }
}

tags!(ResponderKind, Risk, StepStatus);

macro_rules! step {
    ($rest:literal) => {
        concat!(
            "SELECT number, uuid, session, owner, step_order, step_type, risk, input, status, \
             attempts, cancel_asked, node, asked_at, settled_at, settled, answer, responder, label, intensity, \
             prompt_tokens, answer_tokens, truncated, reason, retryable FROM emotion_steps ",
            $rest
        )
    };
}

statements! {
    BY_ID = step!("WHERE uuid = $1");
    IN_SESSION = step!("WHERE session = $1 ORDER BY step_order LIMIT $2 OFFSET $3");
    SAID_BEFORE = step!(
        "WHERE session = $1 AND step_order < $2 AND status IN ('answered', 'cancelled') \
         ORDER BY step_order DESC LIMIT $3"
    );
    SETTLED_AFTER = step!("WHERE session = $1 AND settled > $2 ORDER BY settled LIMIT $3");
    OPEN_IN = step!("WHERE session = $1 AND status = 'open' LIMIT 1");
    OPEN_AFTER = step!("WHERE status = 'open' AND number > $1 ORDER BY number LIMIT $2");
    USED_SINCE = "SELECT CAST(COALESCE(SUM(prompt_tokens + answer_tokens), 0) AS BIGINT) \
                  FROM emotion_steps \
                  WHERE owner = $1 AND settled_at >= $2 AND answer_tokens IS NOT NULL";
}

/// A step by its id.
pub async fn by_step_id(reader: &dyn Reader, step: StepId) -> Result<Option<StepRow>, ReadError> {
    first(reader, BY_ID, values![step], read).await
}

/// A page of a session's steps, in their order.
pub async fn in_session(
    reader: &dyn Reader,
    session: EmotionSessionId,
    page: Page,
) -> Result<Vec<StepRow>, ReadError> {
    let values = values![session, page.size, page.offset()];
    many(reader, IN_SESSION, values, read).await
}

/// What was said and answered, if not to the end, before the step of an order; the newest first,
/// at most `limit`.
pub async fn said_before(
    reader: &dyn Reader,
    session: EmotionSessionId,
    order: u32,
    limit: u32,
) -> Result<Vec<StepRow>, ReadError> {
    many(reader, SAID_BEFORE, values![session, order, limit], read).await
}

/// Steps of a session that something came of after a position, in that order, at most `limit`.
pub async fn settled_after(
    reader: &dyn Reader,
    session: EmotionSessionId,
    after: Position,
    limit: u32,
) -> Result<Vec<StepRow>, ReadError> {
    many(reader, SETTLED_AFTER, values![session, after, limit], read).await
}

/// The step of a session that is being answered.
pub async fn open_in(
    reader: &dyn Reader,
    session: EmotionSessionId,
) -> Result<Option<StepRow>, ReadError> {
    first(reader, OPEN_IN, values![session], read).await
}

/// Steps that are being answered, with a number above `after`, in the order of their numbers, at
/// most `limit`.
pub async fn open_after(
    reader: &dyn Reader,
    after: u64,
    limit: u32,
) -> Result<Vec<StepRow>, ReadError> {
    many(reader, OPEN_AFTER, values![after, limit], read).await
}

/// Tokens that somebody's answers have taken since a time in microseconds.
pub async fn used_since(
    reader: &dyn Reader,
    owner: AccountId,
    since: i64,
) -> Result<u64, ReadError> {
    only(reader, USED_SINCE, values![owner, since], |row| row.get(0)).await
}

fn read(row: &Row) -> Result<StepRow, RowError> {
    let mut columns = row.columns();
    Ok(StepRow {
        number: columns.take()?,
        id: columns.take()?,
        session: columns.take()?,
        owner: columns.take()?,
        order: columns.take()?,
        step_type: columns.take()?,
        risk: columns.take()?,
        input: columns.take()?,
        status: columns.take()?,
        attempts: columns.take()?,
        cancel_asked: columns.take()?,
        node: columns.take()?,
        asked_at: columns.take()?,
        settled: match columns.take()? {
            None => None,
            Some(at) => Some(Settled {
                at,
                position: columns.take()?,
                answer: columns.take()?,
                responder: columns.take()?,
                emotion: match (columns.take()?, columns.take()?) {
                    (Some(label), Some(intensity)) => Some(FeltEmotion { label, intensity }),
                    (_, _) => None,
                },
                usage: match (columns.take()?, columns.take()?) {
                    (Some(prompt_tokens), Some(answer_tokens)) => Some(TokenUsage {
                        prompt_tokens,
                        answer_tokens,
                    }),
                    (_, _) => None,
                },
                truncated: columns.take::<Option<bool>>()?.unwrap_or(false),
                reason: columns.take()?,
                retryable: columns.take::<Option<bool>>()?.unwrap_or(false),
            }),
        },
    })
}
