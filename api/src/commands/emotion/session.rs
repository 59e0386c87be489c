//! A session is opened, and ended.

use domain::crisis::Hit;
use domain::{
    AccountId, CounselorId, EmotionCommand, EmotionSession, EmotionSessionId, Refusal,
    SessionOpening, Subject,
};
use event_store::StreamName;

use super::{alert, decide, load, sealed, stream};
use crate::commands::erasure::holds;
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

/// A session that nobody used since a time is kept no longer, unless a hold is against it. Whoever
/// executes it then destroys its key. Nothing happens where somebody was quicker and used it.
#[derive(Debug, Clone, Copy)]
pub struct EraseEmotionSession {
    pub session: EmotionSessionId,
    /// Microseconds since the Unix epoch.
    pub unused_since: i64,
}

impl Command for EraseEmotionSession {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let newest = work.load_newest::<EmotionSession>(self.stream()).await?;
        let is_used = newest.newest_at().is_some_and(|at| at >= self.unused_since);
        // What is loaded now is written at the version that was just looked at, or not at all.
        let (mut session, owner) = load(work, self.session).await?;
        if is_used || session.is_erased() {
            return Ok(());
        }
        if holds(work).await?.keeps(Subject::Account(owner)) {
            return Err(Refusal::Held.into());
        }
        work.decide(&mut session, EmotionCommand::Erase)
    }
}
