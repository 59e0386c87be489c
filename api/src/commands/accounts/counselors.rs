//! Commands about the counsellor that an account is.

use domain::{AccountId, Counselor, CounselorCommand, CounselorId, CounselorStatus, StatusReason};
use event_store::StreamName;
use uuid::Uuid;

use crate::commands::{Command, CommandError, Loaded, Work};

/// The counsellor that an account is, or would be: derived, so that each account has one at most
/// and nobody needs to look it up.
pub fn counselor_of(account: AccountId) -> CounselorId {
    CounselorId(Uuid::new_v5(&account.0, b"counselor"))
}

/// The entry of a counsellor in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCounselor {
    pub character_type_id: u32,
    pub counseling_fields: Vec<u32>,
    /// How many consultations at once; none for the setting's.
    pub max_active: Option<u32>,
}

impl NewCounselor {
    pub(super) fn register(&self, account: AccountId) -> CounselorCommand {
        CounselorCommand::Register {
            account,
            character_type_id: self.character_type_id,
            counseling_fields: self.counseling_fields.clone(),
            max_active: self.max_active,
        }
    }
}

/// A counsellor says whether they take calls.
#[derive(Debug, Clone, Copy)]
pub struct SetCounselorStatus {
    pub counselor: CounselorId,
    pub status: CounselorStatus,
}

impl Command for SetCounselorStatus {
    fn stream(&self) -> StreamName {
        StreamName::new("counselor", self.counselor)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut counselor = work.load::<Counselor>(self.counselor).await?;
        let (status, reason) = (self.status, StatusReason::Chosen);
        work.decide(
            &mut counselor,
            CounselorCommand::SetStatus { status, reason },
        )
    }
}

/// Takes a counsellor offline with the log-out; nothing where there is no counsellor.
pub(super) fn log_out(
    work: &mut Work<'_>,
    counselor: &mut Loaded<Counselor>,
) -> Result<(), CommandError> {
    if !counselor.exists() || counselor.status() == CounselorStatus::Offline {
        return Ok(());
    }
    let (status, reason) = (CounselorStatus::Offline, StatusReason::LoggedOut);
    work.decide(counselor, CounselorCommand::SetStatus { status, reason })
}
