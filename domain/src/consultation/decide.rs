//! A consultation's rules: who may take it, how it ends, and its card.

use super::aggregate::{Acceptance, Completion, Consultation, Phase, Requested};
use super::offers::{Offer, OfferStatus};
use super::words;
use super::{ConsultationCommand, ConsultationEvent, EndReason, EndedBy, OfferMode, Withdrawal};
use crate::{CounselorId, Decide, OfferId, Refusal, RoomId, Sealed, limits, text};

type Decision = Result<Vec<ConsultationEvent>, Refusal>;

impl Decide for Consultation {
    fn decide(&self, command: ConsultationCommand) -> Decision {
        match (&self.0, command) {
            (
                None,
                ConsultationCommand::Request {
                    requester,
                    character_type_preference,
                    quick_match,
                    text,
                },
            ) => {
                words::check_nickname(&text::content(&text)?.nickname)?;
                Ok(vec![ConsultationEvent::Requested {
                    requester,
                    character_type_preference,
                    quick_match,
                    text,
                }])
            }
            (None, _) => Err(Refusal::UnknownConsultation),
            (Some(consultation), command) => consultation.decide(command),
        }
    }
}

impl Requested {
    fn decide(&self, command: ConsultationCommand) -> Decision {
        match command {
            ConsultationCommand::Request { .. } => Err(Refusal::AlreadyRegistered),
            ConsultationCommand::GrantHistory { session } => {
                if self.history == Some(session) {
                    return Ok(vec![]);
                }
                if !matches!(self.phase, Phase::Waiting) || self.history.is_some() {
                    return Err(Refusal::NotWaiting);
                }
                Ok(vec![ConsultationEvent::HistoryGranted { session }])
            }
            ConsultationCommand::Offer {
                offer,
                counselor,
                mode,
                round,
                candidates,
            } => {
                if self.offers.find(offer).is_some() {
                    return Ok(vec![]);
                }
                self.check_offer(counselor, mode)?;
                Ok(vec![ConsultationEvent::Offered {
                    offer,
                    counselor,
                    mode,
                    round,
                    candidates,
                }])
            }
            ConsultationCommand::RejectOffer {
                offer,
                counselor,
                response,
            } => self.reject(offer, counselor, response),
            ConsultationCommand::ExpireOffer { offer } => self.expire(offer),
            ConsultationCommand::WithdrawOffers { counselor } => Ok(self.withdraw(counselor)),
            ConsultationCommand::Accept {
                offer,
                counselor,
                account,
                character_type_id,
                room,
            } => self.accept(
                Acceptance {
                    offer,
                    counselor,
                    account,
                    character_type_id,
                },
                room,
            ),
            ConsultationCommand::ReturnToWaiting { counselor } => {
                Ok(self.return_to_waiting(counselor))
            }
            ConsultationCommand::ChangeNickname { nickname } => self.change_nickname(nickname),
            ConsultationCommand::End { by } => self.end(by),
            ConsultationCommand::GiveUp => self.give_up(),
            ConsultationCommand::CompleteIdle => self.complete_idle(),
            ConsultationCommand::WriteNotes { counselor, notes } => {
                self.check_counselor(counselor)?;
                self.check_not_erased()?;
                words::check_notes(text::content(&notes)?)?;
                Ok(vec![ConsultationEvent::NotesWritten { notes }])
            }
            ConsultationCommand::IssueCard {
                card,
                summary_by,
                text,
            } => {
                if self.completion()?.card.is_some() {
                    return Ok(vec![]);
                }
                self.check_not_erased()?;
                words::check_card(text::content(&text)?)?;
                Ok(vec![ConsultationEvent::CardIssued {
                    card,
                    summary_by,
                    text,
                }])
            }
            ConsultationCommand::NoteCard { additional_notes } => self.note_card(additional_notes),
            ConsultationCommand::Rate { score, comment } => self.rate(score, comment),
            ConsultationCommand::FlagRisk {
                message,
                alert,
                level,
                rule,
            } => {
                self.check_not_erased()?;
                Ok(vec![ConsultationEvent::RiskFlagged {
                    message,
                    alert,
                    level,
                    rule,
                }])
            }
            ConsultationCommand::Erase => self.erase(),
        }
    }

    fn check_offer(&self, counselor: CounselorId, mode: OfferMode) -> Result<(), Refusal> {
        if !matches!(self.phase, Phase::Waiting) {
            return Err(Refusal::NotWaiting);
        }
        if self
            .offers
            .pending()
            .any(|pending| pending.counselor == counselor)
        {
            return Err(Refusal::AlreadyOffered);
        }
        if mode == OfferMode::OneAtATime && self.offers.pending().next().is_some() {
            return Err(Refusal::AnotherAsked);
        }
        if self.offers.all().len() >= limits::OFFERS {
            return Err(Refusal::TooManyOffers);
        }
        Ok(())
    }

    /// A counsellor's own offer: who asks for another's learns nothing of it.
    fn own_offer(&self, id: OfferId, counselor: CounselorId) -> Result<&Offer, Refusal> {
        self.offers
            .find(id)
            .filter(|offer| offer.counselor == counselor)
            .ok_or(Refusal::UnknownRequest)
    }

    fn accept(&self, by: Acceptance, room: RoomId) -> Decision {
        let Acceptance {
            offer,
            counselor,
            account,
            character_type_id,
        } = by;
        match self.own_offer(offer, counselor)?.status {
            OfferStatus::Pending => {}
            OfferStatus::Accepted if self.accepted_by(offer) => return Ok(vec![]),
            status => return Err(self.closed(status)),
        }
        let accepted = ConsultationEvent::Accepted {
            offer,
            counselor,
            account,
            character_type_id,
            room,
        };
        let others = self.offers.pending().filter(|other| other.offer != offer);
        Ok([accepted]
            .into_iter()
            .chain(others.map(|other| withdrawn(other, Withdrawal::Taken)))
            .collect())
    }

    fn reject(
        &self,
        offer: OfferId,
        counselor: CounselorId,
        response: Option<Sealed<String>>,
    ) -> Decision {
        match self.own_offer(offer, counselor)?.status {
            OfferStatus::Pending => {}
            OfferStatus::Rejected => return Ok(vec![]),
            OfferStatus::Accepted if self.accepted_by(offer) => {
                return Err(Refusal::AlreadyAccepted);
            }
            status => return Err(self.closed(status)),
        }
        if let Some(response) = &response {
            let chars = 0..=limits::RESPONSE_CHARS;
            text::check(text::content(response)?, chars, Refusal::ResponseTooLong)?;
        }
        Ok(vec![ConsultationEvent::OfferRejected {
            offer,
            counselor,
            response,
        }])
    }

    /// Why an offer that is not pending can no more be answered.
    fn closed(&self, status: OfferStatus) -> Refusal {
        let taken = status == OfferStatus::Withdrawn(Withdrawal::Taken);
        if taken && self.acceptance().is_some() {
            Refusal::RequestTaken
        } else {
            Refusal::RequestGone
        }
    }

    /// Whether it is, or was at its end, with the counsellor who accepted this offer.
    fn accepted_by(&self, offer: OfferId) -> bool {
        self.acceptance().is_some_and(|by| by.offer == offer)
    }

    fn withdraw(&self, counselor: CounselorId) -> Vec<ConsultationEvent> {
        let theirs = self
            .offers
            .pending()
            .filter(|offer| offer.counselor == counselor);
        theirs
            .map(|offer| withdrawn(offer, Withdrawal::CounselorLeft))
            .collect()
    }

    fn expire(&self, id: OfferId) -> Decision {
        let offer = self.offers.find(id).ok_or(Refusal::UnknownRequest)?;
        if offer.status != OfferStatus::Pending || offer.mode == OfferMode::Broadcast {
            return Ok(vec![]);
        }
        Ok(vec![expired(offer)])
    }

    fn end(&self, by: EndedBy) -> Decision {
        let reason = match by {
            EndedBy::User => EndReason::EndedByUser,
            EndedBy::Counselor(counselor) => {
                self.check_counselor(counselor)?;
                EndReason::EndedByCounselor
            }
        };
        match &self.phase {
            Phase::Waiting => {
                let withdrawn = self
                    .offers
                    .pending()
                    .map(|o| withdrawn(o, Withdrawal::Ended));
                Ok(withdrawn
                    .chain([ConsultationEvent::Terminated { reason }])
                    .collect())
            }
            Phase::Active(by) => Ok(vec![completed(reason, by)]),
            Phase::Completed(_) | Phase::Terminated(_) => Ok(vec![]),
        }
    }

    /// Time ended it, so its offers expire.
    fn give_up(&self) -> Decision {
        match self.phase {
            Phase::Waiting => {
                let reason = EndReason::NoCounselor;
                let expired = self.offers.pending().map(expired);
                Ok(expired
                    .chain([ConsultationEvent::Terminated { reason }])
                    .collect())
            }
            Phase::Active(_) => Err(Refusal::NotWaiting),
            Phase::Completed(_) | Phase::Terminated(_) => Ok(vec![]),
        }
    }

    fn check_counselor(&self, counselor: CounselorId) -> Result<(), Refusal> {
        match self.acceptance() {
            Some(by) if by.counselor == counselor => Ok(()),
            _ => Err(Refusal::NotItsCounselor),
        }
    }

    fn complete_idle(&self) -> Decision {
        match &self.phase {
            Phase::Waiting => Err(Refusal::NotActive),
            Phase::Active(by) => Ok(vec![completed(EndReason::Idle, by)]),
            Phase::Completed(_) | Phase::Terminated(_) => Ok(vec![]),
        }
    }

    fn return_to_waiting(&self, counselor: CounselorId) -> Vec<ConsultationEvent> {
        match &self.phase {
            Phase::Active(by) if by.counselor == counselor => {
                vec![ConsultationEvent::ReturnedToWaiting { counselor }]
            }
            _ => vec![],
        }
    }

    fn change_nickname(&self, nickname: Sealed<String>) -> Decision {
        words::check_nickname(text::content(&nickname)?)?;
        match self.phase {
            Phase::Waiting | Phase::Active(_) => {
                Ok(vec![ConsultationEvent::NicknameChanged { nickname }])
            }
            Phase::Completed(_) | Phase::Terminated(_) => Ok(vec![]),
        }
    }

    fn completion(&self) -> Result<&Completion, Refusal> {
        match &self.phase {
            Phase::Completed(completion) => Ok(completion),
            Phase::Waiting | Phase::Active(_) | Phase::Terminated(_) => Err(Refusal::NotCompleted),
        }
    }

    fn note_card(&self, additional_notes: Sealed<Option<String>>) -> Decision {
        let completion = self.completion().map_err(|_| Refusal::NoCard)?;
        completion.card.ok_or(Refusal::NoCard)?;
        self.check_not_erased()?;
        words::check_additional_notes(text::content(&additional_notes)?.as_deref())?;
        Ok(vec![ConsultationEvent::CardNoted { additional_notes }])
    }

    fn rate(&self, score: u8, comment: Option<Sealed<String>>) -> Decision {
        if !(1..=limits::SCORE_MAX).contains(&score) {
            return Err(Refusal::ScoreOutOfRange);
        }
        if let Some(comment) = &comment {
            let chars = 0..=limits::COMMENT_CHARS;
            text::check(text::content(comment)?, chars, Refusal::CommentTooLong)?;
        }
        if self.completion()?.rated {
            return Err(Refusal::AlreadyRated);
        }
        self.check_not_erased()?;
        Ok(vec![ConsultationEvent::Rated { score, comment }])
    }

    /// Nothing can be said under keys that are gone, or about to be.
    fn check_not_erased(&self) -> Result<(), Refusal> {
        if self.erased {
            Err(Refusal::ConsultationErased)
        } else {
            Ok(())
        }
    }

    /// What still goes on is ended before.
    fn erase(&self) -> Decision {
        match self.phase {
            Phase::Waiting | Phase::Active(_) => Err(Refusal::NotCompleted),
            Phase::Completed(_) | Phase::Terminated(_) if self.erased => Ok(vec![]),
            Phase::Completed(_) | Phase::Terminated(_) => Ok(vec![ConsultationEvent::Erased {}]),
        }
    }
}

fn withdrawn(offer: &Offer, reason: Withdrawal) -> ConsultationEvent {
    let Offer {
        offer, counselor, ..
    } = *offer;
    ConsultationEvent::OfferWithdrawn {
        offer,
        counselor,
        reason,
    }
}

fn expired(offer: &Offer) -> ConsultationEvent {
    let Offer {
        offer, counselor, ..
    } = *offer;
    ConsultationEvent::OfferExpired { offer, counselor }
}

fn completed(reason: EndReason, by: &Acceptance) -> ConsultationEvent {
    ConsultationEvent::Completed {
        reason,
        counselor: by.counselor,
    }
}
