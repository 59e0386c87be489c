//! The card of a session.

use domain::{CardId, EmotionCardText, EmotionCommand, EmotionSessionId, KeyEmotion, SummaryBy};
use event_store::StreamName;

use super::{load, sealed, stream};
use crate::commands::{Command, CommandError, Work};

/// Writes a card of all that was said. Where nothing was answered since the last one it is already
/// so.
#[derive(Debug, Clone)]
pub struct WriteEmotionCard {
    pub session: EmotionSessionId,
    pub card: CardId,
    pub summary_by: SummaryBy,
    pub key_emotions: Vec<KeyEmotion>,
    pub summary: String,
}

impl Command for WriteEmotionCard {
    fn stream(&self) -> StreamName {
        stream(self.session)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let (mut session, owner) = load(work, self.session).await?;
        let summary = self.summary.clone();
        let write = EmotionCommand::WriteCard {
            card: self.card,
            summary_by: self.summary_by,
            key_emotions: self.key_emotions.clone(),
            text: sealed(owner, self.session, EmotionCardText { summary }),
        };
        work.decide(&mut session, write)
    }
}
