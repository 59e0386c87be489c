//! A session's rules: one step at a time, none after the end, and a card of what was answered.

use super::aggregate::{EmotionSession, Opened};
use super::{Attempt, EmotionCommand, EmotionEvent, FeltEmotion, KeyEmotion, Outcome, StepStatus};
use crate::{Decide, Refusal, limits, text};

type Decision = Result<Vec<EmotionEvent>, Refusal>;

impl Decide for EmotionSession {
    fn decide(&self, command: EmotionCommand) -> Decision {
        match (&self.0, command) {
            (None, EmotionCommand::Open { owner, opening }) => {
                text::content(&opening)?.check()?;
                Ok(vec![EmotionEvent::Opened { owner, opening }])
            }
            (None, _) => Err(Refusal::UnknownEmotionSession),
            (Some(_), EmotionCommand::Open { .. }) => Err(Refusal::AlreadyRegistered),
            (Some(session), command) => session.decide(command),
        }
    }
}

impl Opened {
    fn decide(&self, command: EmotionCommand) -> Decision {
        let owner = self.owner;
        match command {
            EmotionCommand::Open { .. } => Err(Refusal::AlreadyRegistered),
            EmotionCommand::Erase if self.erased => Ok(vec![]),
            // What is being answered is still wanted by somebody.
            EmotionCommand::Erase if self.open_step().is_some() => Err(Refusal::StepOpen),
            EmotionCommand::Erase => Ok(vec![EmotionEvent::Erased { owner }]),
            _ if self.erased => Err(Refusal::EmotionSessionErased),
            EmotionCommand::Ask {
                step,
                step_order,
                step_type,
                risk,
                node,
                input,
            } => {
                text::content(&input)?.check()?;
                let step_order = self.check_order(step_order)?;
                check_type(&step_type)?;
                self.check_free()?;
                if self.step(step).is_some() {
                    return Err(Refusal::AlreadyRegistered);
                }
                if self.steps.len() >= limits::STEPS {
                    return Err(Refusal::TooManySteps);
                }
                Ok(vec![EmotionEvent::StepAsked {
                    owner,
                    step,
                    step_order,
                    step_type,
                    risk,
                    node,
                    input,
                }])
            }
            EmotionCommand::AskAgain { step, node } => {
                let known = self.step(step).ok_or(Refusal::UnknownStep)?;
                if known.status == StepStatus::Answered {
                    return Err(Refusal::StepAnswered);
                }
                self.check_free()?;
                if known.attempts >= limits::STEP_ATTEMPTS {
                    return Err(Refusal::TooManySteps);
                }
                Ok(vec![EmotionEvent::StepAskedAgain { owner, step, node }])
            }
            EmotionCommand::Note(attempt, outcome) => self.note(attempt, outcome),
            EmotionCommand::AskCancel => match self.open_step() {
                None => Err(Refusal::StepNotOpen),
                Some(open) if open.cancel_asked => Ok(vec![]),
                Some(open) => Ok(vec![EmotionEvent::CancelAsked {
                    owner,
                    step: open.id,
                }]),
            },
            EmotionCommand::HandOver { consent: false, .. } => Err(Refusal::ConsentMissing),
            EmotionCommand::HandOver { goes_on: true, .. } => Ok(vec![]),
            EmotionCommand::HandOver { consultation, .. } => {
                if self.handed_over.len() >= limits::HANDOVERS {
                    return Err(Refusal::TooManyHandovers);
                }
                Ok(vec![EmotionEvent::HandedOver {
                    owner,
                    consultation,
                }])
            }
            EmotionCommand::End if self.ended => Ok(vec![]),
            EmotionCommand::End => Ok(vec![EmotionEvent::Ended { owner }]),
            EmotionCommand::WriteCard {
                card,
                summary_by,
                key_emotions,
                text,
            } => {
                if self.fresh_card().is_some() {
                    return Ok(vec![]);
                }
                let answered = |step: &super::Step| step.status == StepStatus::Answered;
                if !self.steps.iter().any(answered) {
                    return Err(Refusal::NothingAnswered);
                }
                text::content(&text)?.check()?;
                check_key_emotions(&key_emotions)?;
                Ok(vec![EmotionEvent::CardWritten {
                    owner,
                    card,
                    summary_by,
                    key_emotions,
                    text,
                }])
            }
        }
    }

    /// Nothing is asked of a session that has ended, or while something is being answered.
    fn check_free(&self) -> Result<(), Refusal> {
        if self.ended {
            Err(Refusal::EmotionSessionEnded)
        } else if self.open_step().is_some() {
            Err(Refusal::StepOpen)
        } else {
            Ok(())
        }
    }

    fn check_order(&self, order: Option<u32>) -> Result<u32, Refusal> {
        let order = order.unwrap_or_else(|| self.next_order());
        if !(1..=limits::STEP_ORDER_MAX).contains(&order) {
            return Err(Refusal::StepOrderOutOfRange);
        }
        if self.steps.iter().any(|step| step.order == order) {
            return Err(Refusal::StepOrderTaken);
        }
        Ok(order)
    }

    fn note(&self, attempt: Attempt, outcome: Outcome) -> Decision {
        let known = self.step(attempt.step).ok_or(Refusal::UnknownStep)?;
        if known.status != StepStatus::Open || known.attempts != attempt.number {
            return Err(Refusal::StepNotOpen);
        }
        let (owner, step) = (self.owner, attempt.step);
        let event = match outcome {
            Outcome::Arrived(arrived) => {
                text::content(&arrived)?.check()?;
                EmotionEvent::StepArrived {
                    owner,
                    step,
                    arrived,
                }
            }
            Outcome::Answered {
                responder,
                emotion,
                usage,
                truncated,
                answer,
            } => {
                text::content(&answer)?.check()?;
                check_emotion(&emotion)?;
                EmotionEvent::StepAnswered {
                    owner,
                    step,
                    responder,
                    emotion,
                    usage,
                    truncated,
                    answer,
                }
            }
            Outcome::Failed {
                reason,
                retryable,
                arrived,
            } => {
                if let Some(arrived) = &arrived {
                    text::content(arrived)?.check()?;
                }
                check_word(&reason, limits::STEP_TYPE_CHARS, Refusal::NotAText)?;
                EmotionEvent::StepFailed {
                    owner,
                    step,
                    reason,
                    retryable,
                    arrived,
                }
            }
            Outcome::Cancelled(arrived) => {
                text::content(&arrived)?.check()?;
                EmotionEvent::StepCancelled {
                    owner,
                    step,
                    arrived,
                }
            }
        };
        Ok(vec![event])
    }
}

fn check_type(step_type: &str) -> Result<(), Refusal> {
    check_word(step_type, limits::STEP_TYPE_CHARS, Refusal::NotAStepType)
}

/// A word that says nothing personal: it stands in plain payloads.
fn check_word(word: &str, chars: usize, refusal: Refusal) -> Result<(), Refusal> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if (1..=chars).contains(&word.len()) && word.bytes().all(is_plain) {
        Ok(())
    } else {
        Err(refusal)
    }
}

fn check_emotion(emotion: &FeltEmotion) -> Result<(), Refusal> {
    check_label(&emotion.label)?;
    check_share(emotion.intensity)
}

fn check_key_emotions(emotions: &[KeyEmotion]) -> Result<(), Refusal> {
    if emotions.len() > limits::KEY_EMOTIONS {
        return Err(Refusal::EmotionOutOfRange);
    }
    for emotion in emotions {
        check_label(&emotion.label)?;
        check_share(emotion.weight)?;
    }
    Ok(())
}

fn check_label(label: &str) -> Result<(), Refusal> {
    let chars = 1..=limits::EMOTION_LABEL_CHARS;
    text::check(label, chars, Refusal::EmotionOutOfRange)
}

fn check_share(share: f64) -> Result<(), Refusal> {
    if (0.0..=1.0).contains(&share) {
        Ok(())
    } else {
        Err(Refusal::EmotionOutOfRange)
    }
}
