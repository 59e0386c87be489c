//! What the events of sessions change in their tables.

use domain::{AccountEvent, EmotionEvent, Event, StepStatus};

use crate::value::values;
use crate::{Batch, Fact, Projection, SealedColumn, Value, statements};

statements! {
    OPEN = "INSERT INTO emotion_sessions (number, uuid, owner, opening, started_at) \
            VALUES ($1, $2, $3, $4, $5)"
        => owns session(2);
    HAND_OVER = "UPDATE emotion_sessions SET handed_over_at = $2 WHERE uuid = $1"
        => owns session(1);
    END = "UPDATE emotion_sessions SET ended_at = $2 WHERE uuid = $1"
        => owns session(1);
    WRITE_CARD = "UPDATE emotion_sessions SET card = $2, card_number = $3, card_by = $4, \
                  key_emotions = $5, card_text = $6, card_at = $7 WHERE uuid = $1"
        => owns session(1);
    ASK = "INSERT INTO emotion_steps (number, uuid, session, owner, step_order, step_type, risk, \
           input, status, attempts, cancel_asked, node, asked_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', 1, 0, $9, $10)"
        => owns step(2), shares steps_of(3);
    ASK_AGAIN = "UPDATE emotion_steps SET status = 'open', attempts = attempts + 1, \
                 cancel_asked = 0, node = $2, \
                 settled_at = NULL, settled = NULL, answer = NULL, reason = NULL, \
                 retryable = NULL WHERE uuid = $1"
        => owns step(1);
    ASK_CANCEL = "UPDATE emotion_steps SET cancel_asked = 1 WHERE uuid = $1 AND status = 'open'"
        => owns step(1);
    ANSWER = "UPDATE emotion_steps SET status = 'answered', settled_at = $2, settled = $3, \
              answer = $4, responder = $5, label = $6, intensity = $7, prompt_tokens = $8, \
              answer_tokens = $9, truncated = $10 WHERE uuid = $1"
        => owns step(1);
    BREAK_OFF = "UPDATE emotion_steps SET status = $2, settled_at = $3, settled = $4, \
                 answer = $5, reason = $6, retryable = $7 WHERE uuid = $1"
        => owns step(1);
    ERASE = "UPDATE emotion_sessions SET erased_at = $2, card = NULL, card_number = NULL, \
             card_by = NULL, key_emotions = NULL, card_text = NULL, card_at = NULL \
             WHERE uuid = $1"
        => owns session(1);
    ERASE_STEPS = "DELETE FROM emotion_steps WHERE session = $1"
        => owns steps_of(1);
    CLEAR_PROMPT = "DELETE FROM emotion_prompts WHERE account = $1"
        => owns prompt(1);
    SET_PROMPT = "INSERT INTO emotion_prompts (account, prompt) VALUES ($1, $2)"
        => owns prompt(1);
}

/// The projection of this folder.
#[derive(Debug)]
pub struct Emotions;

impl Projection for Emotions {
    fn name(&self) -> &'static str {
        "emotions"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["emotion_sessions", "emotion_steps", "emotion_prompts"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Emotion(event) => emotion(fact, event, batch),
            Event::Account(event) => account(fact, event, batch),
            Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Alert(_) => {}
        }
    }
}

fn emotion(fact: &Fact, event: &EmotionEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    let (session, at) = (fact.id, recorded.recorded_at);
    match event {
        EmotionEvent::Opened { owner, .. } => {
            let opening = SealedColumn::of(recorded, 0);
            let number = recorded.number();
            batch.push(OPEN, values![number, session, *owner, opening, at]);
        }
        EmotionEvent::StepAsked {
            owner,
            step,
            step_order,
            step_type,
            risk,
            node,
            ..
        } => batch.push(
            ASK,
            values![
                recorded.number(),
                *step,
                session,
                *owner,
                *step_order,
                &**step_type,
                risk.as_ref().map_or(Value::Null, Value::tag),
                SealedColumn::of(recorded, 0),
                *node,
                at,
            ],
        ),
        EmotionEvent::StepAskedAgain { step, node, .. } => {
            batch.push(ASK_AGAIN, values![*step, *node]);
        }
        EmotionEvent::CancelAsked { step, .. } => batch.push(ASK_CANCEL, values![*step]),
        // What has come stands in the event that settles the step, or is read from the log.
        EmotionEvent::StepArrived { .. } => {}
        // The consultation has a row of its own.
        EmotionEvent::HandedOver { .. } => batch.push(HAND_OVER, values![session, at]),
        EmotionEvent::StepAnswered { .. }
        | EmotionEvent::StepFailed { .. }
        | EmotionEvent::StepCancelled { .. } => settle(fact, event, batch),
        EmotionEvent::Ended { .. } => batch.push(END, values![session, at]),
        EmotionEvent::Erased { .. } => {
            batch.push(ERASE, values![session, at]);
            batch.push(ERASE_STEPS, values![session]);
        }
        EmotionEvent::CardWritten {
            card,
            summary_by,
            key_emotions,
            ..
        } => batch.push(
            WRITE_CARD,
            values![
                session,
                *card,
                recorded.number(),
                Value::tag(summary_by),
                Value::json(key_emotions),
                SealedColumn::of(recorded, 0),
                at,
            ],
        ),
    }
}

/// What came of a step.
fn settle(fact: &Fact, event: &EmotionEvent, batch: &mut Batch) {
    let recorded = &fact.recorded;
    let (at, position) = (recorded.recorded_at, recorded.position);
    let answer = SealedColumn::of(recorded, 0);
    let (step, status, reason, retryable) = match event {
        EmotionEvent::StepAnswered {
            step,
            responder,
            emotion,
            usage,
            truncated,
            ..
        } => {
            return batch.push(
                ANSWER,
                values![
                    *step,
                    at,
                    position,
                    answer,
                    Value::tag(responder),
                    &*emotion.label,
                    emotion.intensity,
                    usage.prompt_tokens,
                    usage.answer_tokens,
                    *truncated,
                ],
            );
        }
        EmotionEvent::StepFailed {
            step,
            reason,
            retryable,
            ..
        } => (*step, StepStatus::Failed, Some(&**reason), Some(*retryable)),
        EmotionEvent::StepCancelled { step, .. } => (*step, StepStatus::Cancelled, None, None),
        EmotionEvent::Opened { .. }
        | EmotionEvent::StepAsked { .. }
        | EmotionEvent::StepAskedAgain { .. }
        | EmotionEvent::StepArrived { .. }
        | EmotionEvent::Ended { .. }
        | EmotionEvent::CancelAsked { .. }
        | EmotionEvent::HandedOver { .. }
        | EmotionEvent::CardWritten { .. }
        | EmotionEvent::Erased { .. } => return,
    };
    let status = Value::tag(&status);
    batch.push(
        BREAK_OFF,
        values![step, status, at, position, answer, reason, retryable],
    );
}

fn account(fact: &Fact, event: &AccountEvent, batch: &mut Batch) {
    match event {
        AccountEvent::PromptSet { .. } => {
            batch.push(CLEAR_PROMPT, values![fact.id]);
            let prompt = SealedColumn::of(&fact.recorded, 0);
            batch.push(SET_PROMPT, values![fact.id, prompt]);
        }
        AccountEvent::Erased {} => batch.push(CLEAR_PROMPT, values![fact.id]),
        AccountEvent::Registered { .. }
        | AccountEvent::PasswordChanged { .. }
        | AccountEvent::ResetRequested { .. }
        | AccountEvent::RoleChanged { .. }
        | AccountEvent::Deactivated {}
        | AccountEvent::Activated {}
        | AccountEvent::ProfileChanged { .. }
        | AccountEvent::StandingSet { .. } => {}
    }
}
