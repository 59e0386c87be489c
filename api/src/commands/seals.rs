//! Sealing a stretch of the log.

use domain::{Seal, SealCommand, SealStatement};
use event_store::StreamName;
use event_store::log_seal::{SealKey, SealedRange, hex};

use super::{Command, CommandError, Work};

/// Seal a stretch of the log, unless somebody else was quicker.
#[derive(Debug, Clone)]
pub struct SealLog(SealCommand);

impl SealLog {
    /// Seals what was gathered, signed with a key.
    pub fn of(range: &SealedRange, key: &SealKey) -> Self {
        let (from, to) = (range.from(), range.to());
        let (root, previous) = (hex(&range.root()), hex(&range.previous()));
        let leaves = range.leaves();
        let statement = SealStatement {
            from,
            to,
            root: &root,
            previous: &previous,
            leaves: &leaves,
        };
        let signature = key.sign(&statement.to_string());
        Self(SealCommand::Seal {
            from,
            to,
            root,
            previous,
            leaves,
            key: key.public(),
            signature,
        })
    }
}

impl Command for SealLog {
    fn stream(&self) -> StreamName {
        StreamName::singleton(Seal::STREAM)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut seal = work.load_newest::<Seal>(self.stream()).await?;
        work.decide(&mut seal, self.0.clone())
    }
}
