//! Sessions about people's emotions: opened, gone on with, ended, summed up.

mod cancel;
mod card;
mod hand_over;
mod interrupted;
mod outcome;
mod session;
mod step;

pub use cancel::AskCancel;
pub use card::WriteEmotionCard;
pub use hand_over::HandOver;
pub use interrupted::NoteInterrupted;
pub use outcome::{Came, NoteOutcome};
pub use session::{EndEmotionSession, EraseEmotionSession, OpenEmotionSession};
pub use step::{AskStep, AskStepAgain};

use domain::crisis::Hit;
use domain::{
    AccountId, AlertAudience, AlertSource, Bucket, CounselorId, EmotionCommand, EmotionSession,
    EmotionSessionId, Refusal, Sealed, Subject,
};
use event_store::StreamName;
use uuid::Uuid;

use super::{CommandError, Loaded, Work, alerts};

fn stream(session: EmotionSessionId) -> StreamName {
    StreamName::new("emotion", session)
}

/// What a session holds is unreadable once its owner or the session is erased.
fn sealed<T>(owner: AccountId, session: EmotionSessionId, content: T) -> Sealed<T> {
    let bucket = Bucket::EmotionSession(session.0);
    Sealed::within(Subject::Account(owner), bucket, content)
}

/// A session that exists, and whose it is.
async fn load(
    work: &mut Work<'_>,
    session: EmotionSessionId,
) -> Result<(Loaded<EmotionSession>, AccountId), CommandError> {
    let loaded = work.load::<EmotionSession>(session).await?;
    let owner = loaded.owner().ok_or(Refusal::UnknownEmotionSession)?;
    Ok((loaded, owner))
}

async fn decide(
    work: &mut Work<'_>,
    session: EmotionSessionId,
    command: EmotionCommand,
) -> Result<(), CommandError> {
    let mut session = work.load::<EmotionSession>(session).await?;
    work.decide(&mut session, command)
}

/// Tells those who take calls, and administrators: no counsellor is with the person.
async fn alert(
    work: &mut Work<'_>,
    session: EmotionSessionId,
    said: Uuid,
    owner: AccountId,
    hit: Hit,
    waiting: &[CounselorId],
) -> Result<(), CommandError> {
    let audience = AlertAudience {
        counselor: None,
        waiting: waiting.to_vec(),
        administrators: true,
    };
    let source = AlertSource::EmotionSession(session);
    alerts::raise(work, source, said, owner.into(), hit, audience).await?;
    Ok(())
}
