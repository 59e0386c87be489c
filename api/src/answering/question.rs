//! What is to be answered, and with which context.

use domain::{AccountId, Attempt, EmotionSessionId, Risk, StepId, StepInput};
use event_store::seal::OpenError;
use projections::ReadError;
use projections::emotions::{self, StepRow};

use crate::app::App;
use crate::commands::Request;
use crate::responder::{Ask, Responder, Turn};

/// Turns of the session that are looked at for the context, the newest.
const TURNS: u32 = 200;

/// A step that was asked.
#[derive(Debug, Clone)]
pub struct Question {
    pub session: EmotionSessionId,
    pub owner: AccountId,
    pub step: StepId,
    pub attempt: Attempt,
    pub order: u32,
    pub risk: Option<Risk>,
    pub input: StepInput,
    /// Microseconds since the Unix epoch.
    pub asked_at: i64,
    /// As whom what comes of it is recorded.
    pub request: Request,
}

/// Why there is nothing to ask the responder.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContextError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// What the responder is asked: the words, what was said before in this session, and as whom it is
/// to answer.
pub(super) async fn ask(app: &App, question: &Question) -> Result<Ask, ContextError> {
    let system_prompt = match &question.input.system_prompt {
        Some(prompt) => prompt.clone(),
        None => own_prompt(app, question.owner).await?.unwrap_or_default(),
    };
    let reader = &*app.reader;
    let rows = emotions::said_before(reader, question.session, question.order, TURNS).await?;
    let mut turns = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        turns.extend(turn(app, row)?);
    }
    Ok(Ask {
        system_prompt,
        turns,
        input: question.input.user_input.clone(),
    })
}

/// As whom somebody wants to be answered.
pub(super) async fn own_prompt(
    app: &App,
    account: AccountId,
) -> Result<Option<String>, ContextError> {
    let prompt = emotions::prompt_of(&*app.reader, account).await?;
    let prompt = prompt.map(|prompt| prompt.open::<Option<String>>(&*app.keys));
    Ok(prompt.transpose()?.flatten().flatten())
}

fn turn(app: &App, row: &StepRow) -> Result<Option<Turn>, OpenError> {
    let input: Option<StepInput> = row.input.open(&*app.keys)?;
    let Some(input) = input else { return Ok(None) };
    let answer = row.answer(&*app.keys)?;
    let user = input.user_input;
    let answer = match row.risk {
        Some(Risk::High) => without_notice(&app.responder, &user, answer.text()),
        None => answer.text(),
    };
    Ok(Some(Turn {
        answer: answer.to_owned(),
        user,
    }))
}

/// An answer without what always stands before it.
fn without_notice<'a>(responder: &Responder, input: &str, answer: &'a str) -> &'a str {
    let notice = responder.crisis_notice(input);
    answer.strip_prefix(&*notice).unwrap_or(answer).trim_start()
}
