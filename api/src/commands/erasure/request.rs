//! An erasure is asked for, and over.

use domain::{Erasure, ErasureCommand, ErasureId, Receipt, Subject};
use event_store::StreamName;
use event_store::log_seal::SealKey;

use crate::commands::{Command, CommandError, Work};

/// Asks for the erasure of an account or consultation that exists. The first request counts.
#[derive(Debug, Clone, Copy)]
pub struct RequestErasure {
    /// By which the receipt will be known, if this is the first request.
    pub erasure: ErasureId,
    pub subject: Subject,
}

impl Command for RequestErasure {
    fn stream(&self) -> StreamName {
        stream(self.subject)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut erasure = work.load::<Erasure>(self.subject.id()).await?;
        let request = ErasureCommand::Request {
            erasure: self.erasure,
            subject: self.subject,
        };
        work.decide(&mut erasure, request)
    }
}

/// Records that all of it is gone. Whoever executes it has made sure that it is.
#[derive(Debug, Clone)]
pub struct CompleteErasure {
    subject: Subject,
    command: ErasureCommand,
}

impl CompleteErasure {
    /// The receipt, signed with a key.
    pub fn of(receipt: &Receipt, key: &SealKey) -> Self {
        Self {
            subject: receipt.subject,
            command: ErasureCommand::Complete {
                completed_at: receipt.completed_at,
                requested_at: receipt.requested_at,
                consultations: receipt.consultations,
                files: receipt.files,
                key: key.public(),
                signature: key.sign(&receipt.to_string()),
            },
        }
    }
}

impl Command for CompleteErasure {
    fn stream(&self) -> StreamName {
        stream(self.subject)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut erasure = work.load::<Erasure>(self.subject.id()).await?;
        work.decide(&mut erasure, self.command.clone())
    }
}

fn stream(subject: Subject) -> StreamName {
    StreamName::new("erasure", subject.id())
}
