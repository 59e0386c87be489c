//! Rows of the read models as the guide's shapes.

use domain::{ResponderKind, Risk, SessionOpening, StepInput, StepStatus};
use projections::emotions::{EmotionSessionRow, StepRow};

use super::shapes::{EmotionView, SessionView, StepView};
use crate::app::App;
use crate::error::ApiError;
use crate::times::utc_millis;

/// A session.
pub(super) fn session(app: &App, row: &EmotionSessionRow) -> Result<SessionView, ApiError> {
    let opening: Option<SessionOpening> = row.opening.open(&*app.keys)?;
    let opening = opening.unwrap_or_default();
    Ok(SessionView {
        session_id: row.id.0,
        user_id: row.owner.0,
        emotion_label: opening.emotion_label,
        topic: opening.topic,
        started_at: utc_millis(row.started_at),
        ended_at: row.ended_at.map(utc_millis),
        erased: row.erased_at.is_some(),
        number: row.number,
    })
}

/// A step.
pub(super) fn step(app: &App, row: &StepRow) -> Result<StepView, ApiError> {
    let input: Option<StepInput> = row.input.open(&*app.keys)?;
    let input = input.map(|input| input.user_input);
    let answer = row.answer(&*app.keys)?;
    let settled = row.settled.as_ref();
    Ok(StepView {
        step_id: row.id.0,
        session_id: row.session.0,
        step_order: row.order,
        step_type: row.step_type.clone(),
        emotion: emotion(app, row, input.as_deref()),
        user_input: input.unwrap_or_default(),
        gpt_response: answer.text().to_owned(),
        created_at: utc_millis(row.asked_at),
        status: status_word(row.status),
        risk: row.risk.map(risk_word),
        responder: settled
            .and_then(|settled| settled.responder)
            .map(responder_word),
        truncated: settled.is_some_and(|settled| settled.truncated),
        error: settled.and_then(|settled| settled.reason.clone()),
        retryable: settled.is_some_and(|settled| settled.retryable),
        token_count: answer.len(),
        number: row.number,
    })
}

/// What the words of a step sound like: as it was found when it was answered, else by the lexicon.
pub(super) fn emotion(app: &App, row: &StepRow, input: Option<&str>) -> Option<EmotionView> {
    let settled = row.settled.as_ref();
    if let Some(found) = settled.and_then(|settled| settled.emotion.as_ref()) {
        return Some(EmotionView {
            label: found.label.clone(),
            intensity: found.intensity,
        });
    }
    let found = app.responder.emotion_of(input?);
    Some(EmotionView {
        label: found.label,
        intensity: f64::from(found.intensity).clamp(0.0, 1.0),
    })
}

fn status_word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Open => "open",
        StepStatus::Answered => "answered",
        StepStatus::Failed => "failed",
        StepStatus::Cancelled => "cancelled",
    }
}

fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::High => "high",
    }
}

fn responder_word(responder: ResponderKind) -> &'static str {
    match responder {
        ResponderKind::BuiltIn => "built_in",
        ResponderKind::LanguageModel => "language_model",
    }
}
