//! Speaking: the crisis lines first where they are due, then what the responder says, token by
//! token, with a note of it in the log now and then.

use std::time::Duration;

use domain::{FeltEmotion, Refusal, ResponderKind, Risk, TokenUsage, limits};
use futures_util::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::question::{Question, ask};
use super::running::Running;
use crate::app::App;
use crate::commands::CommandError;
use crate::commands::emotion::{Came, NoteOutcome};
use crate::responder::{Emotion, Finished, Piece, ResponderError, Usage};

/// How often it is noted what has come: so much of an answer a crash may lose.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// What came of the step; none where somebody else has said so.
pub(super) async fn speak(app: &App, running: &Running, question: &Question) -> Option<Came> {
    match question.risk {
        Some(Risk::High) => {
            let notice = app.responder.crisis_notice(&question.input.user_input);
            for token in notice.split_inclusive(char::is_whitespace) {
                running.push(token);
            }
        }
        None => {}
    }
    let before = running.len();
    let asked = match ask(app, question).await {
        Ok(asked) => asked,
        Err(error) => {
            tracing::error!(%error, "what was said before cannot be read");
            return Some(failed(running, "context_unavailable", true));
        }
    };
    let mut pieces = match app.responder.answer(asked).await {
        Ok(pieces) => pieces,
        Err(error) => return Some(broken(running, error)),
    };
    let mut kept = 0;
    let mut notes = interval_at(Instant::now() + NOTE_EVERY, NOTE_EVERY);
    notes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let piece = tokio::select! {
            biased;
            _ = notes.tick() => {
                if !note(app, running, question, &mut kept).await {
                    return None;
                }
                continue;
            }
            piece = pieces.next() => piece,
        };
        match piece {
            Some(Ok(Piece::Token(token))) => {
                let room = limits::ANSWER_BYTES.saturating_sub(running.bytes());
                running.push(&token[..token.floor_char_boundary(room)]);
                if token.len() > room {
                    return Some(cut_off(app, running, question));
                }
            }
            Some(Ok(Piece::Finished(_))) if running.len() == before => {
                return Some(failed(running, "empty_answer", true));
            }
            Some(Ok(Piece::Finished(finished))) => return Some(answered(app, running, &finished)),
            Some(Err(error)) => return Some(broken(running, error)),
            None => return Some(failed(running, "broken_off", true)),
        }
    }
}

/// Notes what has come since the last time. False where the step is not ours any more.
async fn note(app: &App, running: &Running, question: &Question, kept: &mut usize) -> bool {
    let arrived = running.answer_after(*kept);
    if arrived.is_empty() {
        return true;
    }
    let tokens = arrived.len();
    let command = NoteOutcome {
        session: question.session,
        attempt: question.attempt,
        came: Came::Arrived(arrived),
    };
    match app.commands.execute(&question.request, &command).await {
        Ok(_) => *kept += tokens,
        Err(CommandError::Refused(Refusal::StepNotOpen)) => return false,
        // It is noted with the next one, or at the end.
        Err(error) => tracing::warn!(%error, "what came of an answer is not noted yet"),
    }
    true
}

fn answered(app: &App, running: &Running, finished: &Finished) -> Came {
    let responder = if app.responder.is_language_model() {
        ResponderKind::LanguageModel
    } else {
        ResponderKind::BuiltIn
    };
    Came::Answered {
        responder,
        emotion: felt(&finished.emotion),
        usage: used(finished.usage),
        truncated: finished.truncated,
        answer: running.answer(),
    }
}

/// It grew longer than an answer may be.
fn cut_off(app: &App, running: &Running, question: &Question) -> Came {
    let emotion = app.responder.emotion_of(&question.input.user_input);
    let finished = Finished {
        usage: Usage::default(),
        emotion,
        truncated: true,
    };
    answered(app, running, &finished)
}

fn broken(running: &Running, error: ResponderError) -> Came {
    tracing::warn!(%error, code = error.code(), "an answer failed");
    failed(running, error.code(), error.retryable())
}

fn failed(running: &Running, reason: &str, retryable: bool) -> Came {
    Came::Failed {
        reason: reason.to_owned(),
        retryable,
        arrived: Some(running.answer()),
    }
}

/// What the responder hears in somebody's words, as events hold it.
pub(crate) fn felt(emotion: &Emotion) -> FeltEmotion {
    FeltEmotion {
        label: emotion.label.clone(),
        intensity: f64::from(emotion.intensity).clamp(0.0, 1.0),
    }
}

fn used(usage: Usage) -> TokenUsage {
    TokenUsage {
        prompt_tokens: usage.prompt_tokens.into(),
        answer_tokens: usage.answer_tokens.into(),
    }
}
