//! An answer that another process gives is to stop.

use domain::{EmotionCommand, EmotionSessionId};
use event_store::StreamName;

use super::{decide, stream};
use crate::commands::{Command, CommandError, Work};

/// Asks whoever answers in a session to stop, and to say what had come of it.
#[derive(Debug, Clone, Copy)]
pub struct AskCancel {
    pub session: EmotionSessionId,
}

impl Command for AskCancel {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        decide(work, self.session, EmotionCommand::AskCancel).await
    }
}
