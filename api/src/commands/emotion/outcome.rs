//! What came of a step that this process answers.

use domain::{
    Answer, Attempt, EmotionCommand, EmotionSessionId, FeltEmotion, Outcome, ResponderKind,
    TokenUsage,
};
use event_store::StreamName;

use super::{load, sealed, stream};
use crate::commands::{Command, CommandError, Work};

/// What came of a step, in the open.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    /// These tokens since the last time, and more are to come.
    Arrived(Answer),
    Answered {
        responder: ResponderKind,
        emotion: FeltEmotion,
        usage: TokenUsage,
        truncated: bool,
        answer: Answer,
    },
    Failed {
        /// A stable word.
        reason: String,
        retryable: bool,
        /// None where it cannot be kept any more.
        arrived: Option<Answer>,
    },
    Cancelled(Answer),
}

/// Notes what came of a step.
#[derive(Debug, Clone)]
pub struct NoteOutcome {
    pub session: EmotionSessionId,
    pub attempt: Attempt,
    pub came: Came,
}

impl Command for NoteOutcome {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, owner) = load(work, self.session).await?;
        let sealed = |answer: &Answer| sealed(owner, self.session, answer.clone());
        let outcome = match &self.came {
            Came::Arrived(arrived) => Outcome::Arrived(sealed(arrived)),
            Came::Answered {
                responder,
                emotion,
                usage,
                truncated,
                answer,
            } => Outcome::Answered {
                responder: *responder,
                emotion: emotion.clone(),
                usage: *usage,
                truncated: *truncated,
                answer: sealed(answer),
            },
            Came::Failed {
                reason,
                retryable,
                arrived,
            } => Outcome::Failed {
                reason: reason.clone(),
                retryable: *retryable,
                arrived: arrived.as_ref().map(sealed),
            },
            Came::Cancelled(arrived) => Outcome::Cancelled(sealed(arrived)),
        };
        work.decide(&mut session, EmotionCommand::Note(self.attempt, outcome))
    }
}
