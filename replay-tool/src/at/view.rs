//! What is told of the past: counts and states; texts only as the server gives them.

use std::fmt;

use event_store::Position;
use serde::Serialize;
use uuid::Uuid;

use crate::timeline::texts::Text;

/// A room as it was.
#[derive(Debug, Serialize)]
pub struct Room {
    pub id: Uuid,
    pub number: u64,
    pub kind: &'static str,
    pub opened_at: String,
    pub closed_at: Option<String>,
    pub members: Vec<Member>,
    pub messages: Messages,
}

/// Somebody's place in a room.
#[derive(Debug, Serialize)]
pub struct Member {
    pub person: Uuid,
    pub role: String,
    pub joined_at: String,
    /// The number of the message up to which they had read.
    pub read_up_to: u64,
}

/// The messages of a room.
#[derive(Debug, Default, Serialize)]
pub struct Messages {
    pub total: u64,
    /// The newest ones, oldest first: only for a purpose.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub newest: Vec<Said>,
}

/// What somebody had said.
#[derive(Debug, Serialize)]
pub struct Said {
    pub number: u64,
    /// Of the version that counted then.
    pub position: Position,
    pub sender: Uuid,
    pub sent_at: String,
    pub edited: bool,
    pub deleted: bool,
    pub text: Option<Text>,
}

/// A consultation as it was.
#[derive(Debug, Serialize)]
pub struct Consultation {
    pub id: Uuid,
    pub number: u64,
    pub status: &'static str,
    pub requester: Uuid,
    pub counselor: Option<Uuid>,
    pub requested_at: String,
    pub accepted_at: Option<String>,
    pub ended_at: Option<String>,
    pub end_reason: Option<&'static str>,
    pub offers: Vec<Offer>,
    pub has_notes: bool,
    pub has_card: bool,
    pub score: Option<u8>,
    pub erased: bool,
    pub room: Option<Room>,
    /// Only for a purpose: of the request, the notes, the card and the rating.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<About>,
}

/// Texts of one event of a consultation.
#[derive(Debug, Serialize)]
pub struct About {
    pub position: Position,
    #[serde(rename = "type")]
    pub event_type: String,
    pub texts: Vec<Text>,
}

/// A request that was put to a counsellor.
#[derive(Debug, Serialize)]
pub struct Offer {
    pub number: u64,
    pub counselor: Uuid,
    pub status: &'static str,
    pub offered_at: String,
}

/// A counsellor's desk as it was.
#[derive(Debug, Serialize)]
pub struct Desk {
    pub id: Uuid,
    pub number: u64,
    pub status: &'static str,
    pub active: bool,
    pub active_consultations: u32,
    pub pending_requests: u64,
    pub accepted: u64,
    pub rejected: u64,
    pub expired: u64,
    pub completed: u64,
    pub average_wait_seconds: Option<f64>,
    pub average_duration_minutes: Option<f64>,
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number, total) = (self.kind, self.number, self.messages.total);
        write!(
            f,
            "{kind} room {number}, {}, opened {}",
            self.id, self.opened_at
        )?;
        if let Some(closed_at) = &self.closed_at {
            write!(f, ", closed {closed_at}")?;
        }
        write!(f, ": {} members, {total} messages", self.members.len())?;
        for member in &self.members {
            let Member {
                person,
                role,
                joined_at,
                read_up_to,
            } = member;
            write!(
                f,
                "\n  {role} {person} since {joined_at}, has read up to {read_up_to}"
            )?;
        }
        for said in &self.messages.newest {
            write!(f, "\n  {said}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.sent_at, self.number, self.sender)?;
        if self.edited {
            f.write_str(" (edited)")?;
        }
        match &self.text {
            Some(text) => write!(f, " {text}"),
            None => f.write_str(" (deleted)"),
        }
    }
}

impl fmt::Display for Consultation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, status) = (self.number, self.status);
        write!(f, "consultation {number}, {}: {status}", self.id)?;
        write!(
            f,
            "\n  requested {} by {}",
            self.requested_at, self.requester
        )?;
        if let (Some(at), Some(by)) = (&self.accepted_at, self.counselor) {
            write!(f, "\n  accepted {at}, counsellor {by}")?;
        }
        if let (Some(at), Some(reason)) = (&self.ended_at, self.end_reason) {
            write!(f, "\n  ended {at}: {reason}")?;
        }
        for Offer {
            number,
            counselor,
            status,
            offered_at,
        } in &self.offers
        {
            write!(
                f,
                "\n  offer {number} to {counselor} at {offered_at}: {status}"
            )?;
        }
        for (has, what) in [
            (self.has_notes, "notes"),
            (self.has_card, "a card"),
            (self.erased, "erased"),
        ] {
            if has {
                write!(f, "\n  {what}")?;
            }
        }
        if let Some(score) = self.score {
            write!(f, "\n  rated {score}")?;
        }
        for About {
            position,
            event_type,
            texts,
        } in &self.texts
        {
            write!(f, "\n  {position} {event_type}")?;
            for text in texts {
                write!(f, " {text}")?;
            }
        }
        match &self.room {
            Some(room) => write!(f, "\n{room}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.active {
            self.status
        } else {
            "deactivated"
        };
        write!(
            f,
            "desk {}, {}: {state}, {} active, {} pending; {} accepted, {} rejected, {} expired, {} completed",
            self.number,
            self.id,
            self.active_consultations,
            self.pending_requests,
            self.accepted,
            self.rejected,
            self.expired,
            self.completed,
        )
    }
}
