//! As whom somebody wants to be answered.

use domain::{Account, AccountCommand, AccountId, Sealed, Subject};
use event_store::StreamName;

use super::check_not_erased;
use crate::commands::{Command, CommandError, Work};

/// Sets, or takes away, as whom somebody wants to be answered in sessions about their emotions.
#[derive(Debug, Clone)]
pub struct SetPrompt {
    pub account: AccountId,
    pub prompt: Option<String>,
}

impl Command for SetPrompt {
    fn stream(&self) -> StreamName {
        StreamName::new("account", self.account)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        check_not_erased(work, self.account).await?;
        let mut account = work.load::<Account>(self.account).await?;
        let prompt = Sealed::of(Subject::Account(self.account), self.prompt.clone());
        work.decide(&mut account, AccountCommand::SetPrompt { prompt })
    }
}
