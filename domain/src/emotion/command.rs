//! What can be asked of a session about one's emotions.

use super::{
    Answer, EmotionCardText, FeltEmotion, KeyEmotion, ResponderKind, SessionOpening, StepInput,
    TokenUsage,
};
use crate::{AccountId, CardId, ConsultationId, NodeId, Risk, Sealed, StepId, SummaryBy};

/// What can be asked of a session about one's emotions.
#[derive(Debug, Clone, PartialEq)]
pub enum EmotionCommand {
    Open {
        owner: AccountId,
        opening: Sealed<SessionOpening>,
    },
    Ask {
        step: StepId,
        /// From 1; the next one where it is left out.
        step_order: Option<u32>,
        step_type: String,
        risk: Option<Risk>,
        node: NodeId,
        input: Sealed<StepInput>,
    },
    /// A step that failed or was cancelled is to be answered after all.
    AskAgain {
        step: StepId,
        node: NodeId,
    },
    /// What came of a step that is being answered.
    Note(Attempt, Outcome),
    /// Its owner does not want to hear more of what another process answers just now. Asking for
    /// that again is already so.
    AskCancel,
    /// Its owner wants to go on with a person.
    HandOver {
        consultation: ConsultationId,
        /// Whether the owner consents that whoever takes the consultation reads what was said.
        consent: bool,
        /// Whether the consultation of the last time is not over: then it is already so.
        goes_on: bool,
    },
    End,
    WriteCard {
        card: CardId,
        summary_by: SummaryBy,
        key_emotions: Vec<KeyEmotion>,
        text: Sealed<EmotionCardText>,
    },
    /// It is kept no longer.
    Erase,
}

/// Which asking of a step: the first is 1. A process that was taken for dead says nothing about a
/// step that was asked again since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub step: StepId,
    pub number: u32,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// These tokens, and more are to come.
    Arrived(Sealed<Answer>),
    Answered {
        responder: ResponderKind,
        emotion: FeltEmotion,
        usage: TokenUsage,
        truncated: bool,
        answer: Sealed<Answer>,
    },
    Failed {
        reason: String,
        retryable: bool,
        arrived: Option<Sealed<Answer>>,
    },
    Cancelled(Sealed<Answer>),
}
