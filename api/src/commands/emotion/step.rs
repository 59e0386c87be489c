//! A step is asked, and one that was not answered is asked again.

use domain::crisis::Hit;
use domain::{CounselorId, EmotionCommand, EmotionSessionId, NodeId, StepId, StepInput};
use event_store::StreamName;

use super::{alert, load, sealed, stream};
use crate::commands::{Command, CommandError, Work, accounts};

/// Somebody says something and is to be answered by this process.
#[derive(Debug, Clone)]
pub struct AskStep {
    pub session: EmotionSessionId,
    pub step: StepId,
    /// The next one where it is left out.
    pub step_order: Option<u32>,
    pub step_type: String,
    /// Where the input speaks of suicide or of hurting oneself.
    pub hit: Option<Hit>,
    /// Who takes calls, and is told where there is a hit: no counsellor is with the person.
    pub waiting: Vec<CounselorId>,
    pub node: NodeId,
    pub input: StepInput,
}

impl Command for AskStep {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, owner) = load(work, self.session).await?;
        accounts::check_not_erased(work, owner).await?;
        let ask = EmotionCommand::Ask {
            step: self.step,
            step_order: self.step_order,
            step_type: self.step_type.clone(),
            risk: self.hit.map(|hit| hit.level),
            node: self.node,
            input: sealed(owner, self.session, self.input.clone()),
        };
        work.decide(&mut session, ask)?;
        let Some(hit) = self.hit else { return Ok(()) };
        alert(work, self.session, self.step.0, owner, hit, &self.waiting).await
    }
}

/// A step that failed or was cancelled is to be answered after all, by this process.
#[derive(Debug, Clone, Copy)]
pub struct AskStepAgain {
    pub session: EmotionSessionId,
    pub step: StepId,
    pub node: NodeId,
}

impl Command for AskStepAgain {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, owner) = load(work, self.session).await?;
        accounts::check_not_erased(work, owner).await?;
        let (step, node) = (self.step, self.node);
        work.decide(&mut session, EmotionCommand::AskAgain { step, node })
    }
}
