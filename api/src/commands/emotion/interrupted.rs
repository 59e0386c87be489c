//! A step whose process is gone has failed, with what was noted of its answer.

use domain::{
    Answer, Attempt, EmotionCommand, EmotionEvent, EmotionSession, EmotionSessionId, Event, NodeId,
    Outcome, StepId, StepStatus,
};
use event_store::StreamName;
use projections::Fact;

use super::{sealed, stream};
use crate::commands::{Command, CommandError, Work, accounts};

/// Why such a step failed, as its event says it.
const REASON: &str = "interrupted";

/// Notes that a step which a process was answering will not be answered by it. Nothing happens if
/// it was, or is being answered by another one.
#[derive(Debug, Clone, Copy)]
pub struct NoteInterrupted {
    pub session: EmotionSessionId,
    pub step: StepId,
    /// The process that is gone, or knows nothing of it.
    pub node: NodeId,
}

impl Command for NoteInterrupted {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, facts) = work.load_recorded::<EmotionSession>(self.session).await?;
        let Some(step) = session.step(self.step).copied() else {
            return Ok(());
        };
        let Some(owner) = session.owner() else {
            return Ok(());
        };
        if step.status != StepStatus::Open || step.node != self.node {
            return Ok(());
        }
        // Of whoever was erased nothing can be sealed any more.
        let arrived = match accounts::check_not_erased(work, owner).await {
            Ok(()) => arrived(&facts, self.step),
            Err(CommandError::Refused(_)) => None,
            Err(error) => return Err(error),
        };
        let attempt = Attempt {
            step: self.step,
            number: step.attempts,
        };
        let outcome = Outcome::Failed {
            reason: REASON.to_owned(),
            retryable: true,
            arrived: arrived.map(|arrived| sealed(owner, self.session, arrived)),
        };
        work.decide(&mut session, EmotionCommand::Note(attempt, outcome))
    }
}

/// What was noted of an answer since the step was last asked; none where that is erased.
fn arrived(facts: &[Fact], of: StepId) -> Option<Answer> {
    let mut all = Answer::default();
    for fact in facts {
        match &fact.event {
            Event::Emotion(EmotionEvent::StepAskedAgain { step, .. }) if *step == of => {
                all = Answer::default();
            }
            Event::Emotion(EmotionEvent::StepArrived { step, arrived, .. }) if *step == of => {
                all.append(arrived.get()?);
            }
            _ => {}
        }
    }
    Some(all)
}
