//! What can have happened to a session about one's emotions.

use serde::{Deserialize, Serialize};

use super::{Answer, EmotionCardText, SessionOpening, StepInput};
use crate::event::events;
use crate::{AccountId, CardId, ConsultationId, NodeId, Risk, Sealed, StepId, SummaryBy};

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponderKind {
    /// By rules, in this program.
    BuiltIn,
    LanguageModel,
}

/// What somebody feels, and how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeltEmotion {
    /// A word of the labels in use.
    pub label: String,
    /// 0 to 1.
    pub intensity: f64,
}

/// How much of a session an emotion is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyEmotion {
    pub label: String,
    /// 0 to 1; all of a card together at most 1.
    pub weight: f64,
}

/// What an answer took, in the model's own tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenUsage {
    pub prompt_tokens: u64,
    pub answer_tokens: u64,
}

events! {
    /// What can have happened to a session about one's emotions. Each names its owner: whoever
    /// reads one of them has seen something of theirs.
    EmotionEvent {
        Opened = "emotion.opened", "1.0.0" {
            owner: AccountId,
            opening: Sealed<SessionOpening>,
        }
        /// Somebody said something and is to be answered.
        StepAsked = "emotion.step_asked", "1.0.0" {
            owner: AccountId,
            step: StepId,
            /// From 1.
            step_order: u32,
            /// A word, e.g. `normal`.
            step_type: String,
            /// What the words speak of, judged by rules before anything else.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            risk: Option<Risk>,
            /// The process that answers.
            node: NodeId,
            input: Sealed<StepInput>,
        }
        /// A step that failed or was cancelled is to be answered after all.
        StepAskedAgain = "emotion.step_asked_again", "1.0.0" {
            owner: AccountId,
            step: StepId,
            node: NodeId,
        }
        /// A part of the answer, noted while more of it comes: what is kept if the process dies.
        StepArrived = "emotion.step_arrived", "1.0.0" {
            owner: AccountId,
            step: StepId,
            /// The tokens since the last such event.
            arrived: Sealed<Answer>,
        }
        StepAnswered = "emotion.step_answered", "1.0.0" {
            owner: AccountId,
            step: StepId,
            responder: ResponderKind,
            emotion: FeltEmotion,
            usage: TokenUsage,
            /// It was cut off because it was too long.
            truncated: bool,
            /// The whole of it.
            answer: Sealed<Answer>,
        }
        /// It was not answered to the end.
        StepFailed = "emotion.step_failed", "1.0.0" {
            owner: AccountId,
            step: StepId,
            /// A stable word for why.
            reason: String,
            /// Asked again, it may be answered.
            retryable: bool,
            /// All that had come; none where that cannot be read any more.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            arrived: Option<Sealed<Answer>>,
        }
        /// Its owner did not want to hear more.
        StepCancelled = "emotion.step_cancelled", "1.0.0" {
            owner: AccountId,
            step: StepId,
            /// All that had come.
            arrived: Sealed<Answer>,
        }
        /// Its owner does not want to hear more, and said so to a process that does not answer it.
        CancelAsked = "emotion.cancel_asked", "1.0.0" {
            owner: AccountId,
            step: StepId,
        }
        Ended = "emotion.ended", "1.0.0" { owner: AccountId }
        CardWritten = "emotion.card_written", "1.0.0" {
            owner: AccountId,
            card: CardId,
            summary_by: SummaryBy,
            key_emotions: Vec<KeyEmotion>,
            text: Sealed<EmotionCardText>,
        }
        /// Its owner asked for a person, and consented that whoever takes the consultation reads
        /// what was said up to here.
        HandedOver = "emotion.handed_over", "1.0.0" {
            owner: AccountId,
            consultation: ConsultationId,
        }
        /// It is kept no longer: its key is destroyed, and with it all that was said in it.
        Erased = "emotion.erased", "1.0.0" { owner: AccountId }
    }
}
