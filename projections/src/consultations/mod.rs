//! Consultations with their offers, cards and nicknames.

mod cards;
mod consultation;
mod offers;
mod project;
mod statistics;

pub use cards::{CardRow, card_by_number, card_of};
pub use consultation::{
    ConsultationRow, ConsultationStatus, RequesterKind, by_id, by_number, by_room,
    count_of_counselor, nickname_at, nicknames_of, of_counselor, of_requester, of_requester_after,
    open_requests, queue_position,
};
pub use offers::{
    OfferRow, OfferStatus, offer_by_id, offer_by_number, offers_of, offers_of_counselor,
};
pub use project::Consultations;
pub use statistics::{CounselorStats, CounselorSummary, recent_durations, stats, summary};

/// Every statement of this folder.
pub(crate) const STATEMENTS: &[&[(&str, crate::Sql)]] = &[
    cards::STATEMENTS,
    consultation::STATEMENTS,
    offers::STATEMENTS,
    project::STATEMENTS,
    statistics::STATEMENTS,
];
