//! What can have happened to a consultation.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{
    AccountId, AlertId, CardId, CounselorId, EmotionSessionId, MessageId, OfferId, PersonId, Risk,
    RoomId, Sealed,
};

/// Whose consultation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Requester {
    /// Nobody known: a person made for this consultation only.
    Guest(PersonId),
    Account(AccountId),
}

impl Requester {
    /// The member of the room that the requester is.
    pub fn person(&self) -> PersonId {
        match *self {
            Self::Guest(person) => person,
            Self::Account(account) => account.into(),
        }
    }
}

/// How a request is put to counsellors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferMode {
    /// To all who can take it at once; it lasts until taken.
    Broadcast,
    /// To one at a time; it lasts for the offer time-out.
    OneAtATime,
}

/// What was known of one counsellor when an offer was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub counselor: CounselorId,
    pub active_consultations: u32,
    pub max_active: u32,
    /// Whether the character is the preferred one; true without a preference.
    pub character_fits: bool,
    /// Microseconds since the later of going waiting and the last end of a consultation.
    pub idle_us: i64,
    /// None for those who were eligible.
    pub passed_over: Option<PassedOver>,
}

/// Why a counsellor was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassedOver {
    /// Has as many consultations as they can take.
    Full,
    /// Is being asked already, or let the offer of this round go by.
    AlreadyAsked,
    /// Rejected it, and others have not been asked yet.
    Rejected,
    /// Another one fits better, has fewer consultations or has been idle for longer.
    RankedLower,
}

/// Why an offer was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// Another counsellor accepted.
    Taken,
    /// The consultation is over.
    Ended,
    /// The counsellor stopped taking calls.
    CounselorLeft,
}

/// Why a consultation was completed or terminated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    EndedByUser,
    EndedByCounselor,
    /// No message for the idle time-out.
    Idle,
    /// Nobody accepted within the waiting time-out.
    NoCounselor,
}

/// Who wrote the summary of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SummaryBy {
    Counselor,
    Extractive,
    LanguageModel,
}

/// The words of a card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CardText {
    pub key_points: Vec<String>,
    pub counselor_notes: String,
    pub additional_notes: Option<String>,
}

/// What a counsellor wrote down.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Notes {
    pub counselor_notes: String,
    pub key_points: Option<Vec<String>>,
}

/// What a request says in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestText {
    pub nickname: String,
    pub code: String,
}

events! {
    /// What can have happened to a consultation. All texts are sealed under its own key.
    ConsultationEvent {
        Requested = "consultation.requested", "1.0.0" {
            requester: Requester,
            character_type_preference: Option<u32>,
            quick_match: bool,
            text: Sealed<RequestText>,
        }
        /// Its requester lets whoever takes it read a session about their emotions, as it was then.
        HistoryGranted = "consultation.history_granted", "1.0.0" { session: EmotionSessionId }
        /// Put to a counsellor; its number is the request's id.
        Offered = "consultation.offered", "1.0.0" {
            offer: OfferId,
            counselor: CounselorId,
            mode: OfferMode,
            /// Counts from 1; when all have been asked, the next round begins.
            round: u32,
            /// All who were waiting, and why each other one was passed over.
            candidates: Vec<Candidate>,
        }
        OfferRejected = "consultation.offer_rejected", "1.0.0" {
            offer: OfferId,
            counselor: CounselorId,
            response: Option<Sealed<String>>,
        }
        OfferExpired = "consultation.offer_expired", "1.0.0" {
            offer: OfferId,
            counselor: CounselorId,
        }
        OfferWithdrawn = "consultation.offer_withdrawn", "1.0.0" {
            offer: OfferId,
            counselor: CounselorId,
            reason: Withdrawal,
        }
        Accepted = "consultation.accepted", "1.0.0" {
            offer: OfferId,
            counselor: CounselorId,
            account: AccountId,
            character_type_id: u32,
            room: RoomId,
        }
        /// Its counsellor is gone; it is offered again.
        ReturnedToWaiting = "consultation.returned_to_waiting", "1.0.0" {
            counselor: CounselorId,
        }
        NicknameChanged = "consultation.nickname_changed", "1.0.0" {
            nickname: Sealed<String>,
        }
        Completed = "consultation.completed", "1.0.0" {
            reason: EndReason,
            counselor: CounselorId,
        }
        /// Ended without having been accepted.
        Terminated = "consultation.terminated", "1.0.0" { reason: EndReason }
        NotesWritten = "consultation.notes_written", "1.0.0" { notes: Sealed<Notes> }
        CardIssued = "consultation.card_issued", "1.0.0" {
            card: CardId,
            summary_by: SummaryBy,
            text: Sealed<CardText>,
        }
        CardNoted = "consultation.card_noted", "1.0.0" {
            additional_notes: Sealed<Option<String>>,
        }
        Rated = "consultation.rated", "1.0.0" {
            /// 1 to 5.
            score: u8,
            comment: Option<Sealed<String>>,
        }
        /// Its requester spoke of suicide or of hurting themselves.
        RiskFlagged = "consultation.risk_flagged", "1.0.0" {
            message: MessageId,
            alert: AlertId,
            level: Risk,
            /// The id of the rule that found it.
            rule: String,
        }
        /// For good: what is sealed under it is unreadable from here on.
        Erased = "consultation.erased", "1.0.0" {}
    }
}
