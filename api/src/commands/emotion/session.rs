//! A session is opened, and ended.

use domain::crisis::Hit;
use domain::{
    AccountId, CounselorId, EmotionCommand, EmotionSession, EmotionSessionId, SessionOpening,
};
use event_store::StreamName;

use super::{alert, decide, sealed, stream};
use crate::commands::{Command, CommandError, Work, accounts};

/// Opens a session.
#[derive(Debug, Clone)]
pub struct OpenEmotionSession {
    pub session: EmotionSessionId,
    pub owner: AccountId,
    pub opening: SessionOpening,
    /// Where it speaks of suicide or of hurting oneself.
    pub hit: Option<Hit>,
    /// Who takes calls, and is told where there is a hit.
    pub waiting: Vec<CounselorId>,
}

impl Command for OpenEmotionSession {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        accounts::check_not_erased(work, self.owner).await?;
        let mut session = work.create::<EmotionSession>(self.session);
        let opening = sealed(self.owner, self.session, self.opening.clone());
        let owner = self.owner;
        work.decide(&mut session, EmotionCommand::Open { owner, opening })?;
        let Some(hit) = self.hit else { return Ok(()) };
        alert(
            work,
            self.session,
            self.session.0,
            owner,
            hit,
            &self.waiting,
        )
        .await
    }
}

/// Ends a session. Ending it again is already so.
#[derive(Debug, Clone, Copy)]
pub struct EndEmotionSession {
    pub session: EmotionSessionId,
}

impl Command for EndEmotionSession {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        decide(work, self.session, EmotionCommand::End).await
    }
}
