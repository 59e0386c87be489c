//! What can be asked of a consultation.

use crate::{
    AccountId, AlertId, Candidate, CardId, CardText, CounselorId, EmotionSessionId, MessageId,
    Notes, OfferId, OfferMode, RequestText, Requester, Risk, RoomId, Sealed, SummaryBy,
};

/// Who ends a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    User,
    Counselor(CounselorId),
}

/// What can be asked of a consultation.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsultationCommand {
    Request {
        requester: Requester,
        character_type_preference: Option<u32>,
        quick_match: bool,
        text: Sealed<RequestText>,
    },
    /// Whoever takes it may read this session, as it is now.
    GrantHistory { session: EmotionSessionId },
    /// Put it to a counsellor, as [`matching`](crate::matching) says.
    Offer {
        offer: OfferId,
        counselor: CounselorId,
        mode: OfferMode,
        round: u32,
        candidates: Vec<Candidate>,
    },
    RejectOffer {
        offer: OfferId,
        counselor: CounselorId,
        response: Option<Sealed<String>>,
    },
    /// The offer time-out has passed. Broadcasts have none: of them nothing expires.
    ExpireOffer { offer: OfferId },
    /// The counsellor stopped taking calls.
    WithdrawOffers { counselor: CounselorId },
    /// Together with the counsellor's `TakeCall` and the room.
    Accept {
        offer: OfferId,
        counselor: CounselorId,
        account: AccountId,
        character_type_id: u32,
        room: RoomId,
    },
    /// Its counsellor is gone for good. Nothing happens if it is not, or no more, with them.
    ReturnToWaiting { counselor: CounselorId },
    /// An ended consultation keeps its nickname: nothing happens.
    ChangeNickname { nickname: Sealed<String> },
    /// Completed if it was active, terminated if it was waiting.
    End { by: EndedBy },
    /// The waiting time-out has passed.
    GiveUp,
    /// The idle time-out has passed.
    CompleteIdle,
    WriteNotes {
        counselor: CounselorId,
        notes: Sealed<Notes>,
    },
    /// Once; a second one is already so.
    IssueCard {
        card: CardId,
        summary_by: SummaryBy,
        text: Sealed<CardText>,
    },
    NoteCard {
        additional_notes: Sealed<Option<String>>,
    },
    /// Its requester spoke of suicide or of hurting themselves.
    FlagRisk {
        message: MessageId,
        alert: AlertId,
        level: Risk,
        rule: String,
    },
    /// For good, once it has ended.
    Erase,
    Rate {
        /// 1 to 5.
        score: u8,
        comment: Option<Sealed<String>>,
    },
}
