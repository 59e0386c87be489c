//! One step of matching: offers are taken back, let go and made, all in one append.

use domain::matching::Proposal;
use domain::{
    Consultation, ConsultationCommand, ConsultationId, Counselor, CounselorId, CounselorStatus,
    OfferId, Refusal, Version,
};
use event_store::StreamName;

use super::stream_of;
use crate::commands::{Command, CommandError, Work};

/// Offers of one request in one append. The first tells of up to a thousand counsellors and each
/// further one of twenty, so that this stays well below what a batch of the store holds.
pub const MAX_OFFERS_AT_ONCE: usize = 128;

/// A proposal with the id of the offer that it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    pub offer: OfferId,
    pub proposal: Proposal,
}

/// Carries out what matching says about one request.
///
/// It is refused if the consultation has changed since; then matching has to look again. Each
/// counsellor is looked at again, and the append requires that they have not changed: nobody is
/// asked who has left, was deactivated or is full, and nothing is taken back from who is waiting.
#[derive(Debug, Clone)]
pub struct MatchRequest {
    pub consultation: ConsultationId,
    /// The version of the consultation that matching saw.
    pub decided_on: Version,
    /// They do not wait any more.
    pub withdraw: Vec<CounselorId>,
    /// Their time is over.
    pub expire: Vec<OfferId>,
    /// Whom to ask; at most [`MAX_OFFERS_AT_ONCE`].
    pub put: Vec<Put>,
    /// Consultations at once, for counsellors without a number of their own.
    pub default_max_active: u32,
}

impl Command for MatchRequest {
    fn stream(&self) -> StreamName {
        stream_of::<Consultation>(self.consultation)
    }

    async fn perform(&self, work: &mut Work<'_>) -> Result<(), CommandError> {
        let mut consultation = work.load::<Consultation>(self.consultation).await?;
        if consultation.version() != self.decided_on {
            return Err(Refusal::NotWaiting.into());
        }
        for &counselor in &self.withdraw {
            if !takes_calls(&*work.load::<Counselor>(counselor).await?) {
                let withdraw = ConsultationCommand::WithdrawOffers { counselor };
                work.decide(&mut consultation, withdraw)?;
            }
        }
        for &offer in &self.expire {
            work.decide(
                &mut consultation,
                ConsultationCommand::ExpireOffer { offer },
            )?;
        }
        for Put { offer, proposal } in &self.put {
            let counselor = work.load::<Counselor>(proposal.counselor).await?;
            if takes_calls(&counselor) && self.has_room(&counselor) {
                let offer = ConsultationCommand::Offer {
                    offer: *offer,
                    counselor: proposal.counselor,
                    mode: proposal.mode,
                    round: proposal.round,
                    candidates: proposal.candidates.clone(),
                };
                work.decide(&mut consultation, offer)?;
            }
        }
        Ok(())
    }
}

impl MatchRequest {
    fn has_room(&self, counselor: &Counselor) -> bool {
        let max_active = counselor.max_active(self.default_max_active);
        counselor.active_consultations() < max_active as usize
    }
}

fn takes_calls(counselor: &Counselor) -> bool {
    counselor.is_active() && counselor.status() == CounselorStatus::Waiting
}
