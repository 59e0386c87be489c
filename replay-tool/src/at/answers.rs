//! Questions to the read models of the past.

use domain::{
    ConsultationId, CounselorId, CounselorStatus, EndReason, MemberRole, RoomId, RoomKind,
};
use event_store::EventStore;
use jiff::Timestamp;
use projections::consultations::{
    self, ConsultationRow, ConsultationStatus, OfferRow, OfferStatus,
};
use projections::rooms::{self, RoomRow};
use projections::{Reader, SqliteReadStore, counselors, messages};
use uuid::Uuid;

use super::Report;
use super::past::Past;
use super::view::{Consultation, Desk, Member, Messages, Offer, Room};
use crate::arguments::{AtArguments, PlaceArguments, TimelineOf};
use crate::failure::Failure;
use crate::timeline::subject::{self, Subject};
use crate::timeline::texts::Server;

/// Requests of one desk that are counted.
const MAX_OFFERS: u32 = 100_000;

const SECOND_US: f64 = 1_000_000.0;
const MINUTE_US: f64 = 60.0 * SECOND_US;

pub struct Asking<'a> {
    pub place: &'a PlaceArguments,
    pub past: &'a Past,
    pub read: &'a SqliteReadStore,
    pub server: Option<Server>,
    /// Messages whose texts are asked for.
    pub messages: u32,
}

impl Asking<'_> {
    pub async fn report(&self, options: &AtArguments) -> Result<Report, Failure> {
        let at = self.past.until();
        let last = self.past.read_positions(&[at]).await?;
        let mut report = Report {
            at,
            recorded_at: last.first().map(|event| time(event.recorded_at)),
            head: self.past.present,
            into: None,
            rooms: Vec::new(),
            consultations: Vec::new(),
            dashboards: Vec::new(),
            unknown: Vec::new(),
        };
        for name in &options.room {
            match self.room_named(name).await? {
                Some(row) => report.rooms.push(self.room(&row).await?),
                None => report.unknown.push(format!("room {name}")),
            }
        }
        for name in &options.consultation {
            match self.consultation_named(name).await? {
                Some(row) => report.consultations.push(self.consultation(&row).await?),
                // A code is not repeated.
                None => report.unknown.push("a consultation".to_owned()),
            }
        }
        for name in &options.dashboard {
            match self.desk_named(name).await? {
                Some(desk) => report.dashboards.push(desk),
                None => report.unknown.push(format!("desk {name}")),
            }
        }
        Ok(report)
    }

    fn reader(&self) -> &dyn Reader {
        self.read
    }

    async fn room_named(&self, name: &str) -> Result<Option<RoomRow>, Failure> {
        Ok(match (name.parse::<Uuid>(), name.parse()) {
            (Ok(id), _) => rooms::by_id(self.reader(), RoomId(id)).await?,
            (_, Ok(number)) => rooms::by_number(self.reader(), number).await?,
            _ => None,
        })
    }

    async fn consultation_named(&self, name: &str) -> Result<Option<ConsultationRow>, Failure> {
        let of = TimelineOf::Consultation;
        let id = match subject::find(self.past, self.place, of, name).await? {
            Some(Subject::Consultation(id)) => id,
            Some(Subject::Room(_) | Subject::Person(_) | Subject::Stream(_)) | None => {
                return Ok(None);
            }
        };
        Ok(consultations::by_id(self.reader(), id).await?)
    }

    async fn room(&self, row: &RoomRow) -> Result<Room, Failure> {
        let members = rooms::members(self.reader(), row.number).await?;
        let total = messages::count(self.reader(), row.number).await?;
        let newest = match &self.server {
            Some(server) => self.newest(server, row.number).await?,
            None => Vec::new(),
        };
        Ok(Room {
            id: row.id.0,
            number: row.number,
            kind: match row.kind {
                RoomKind::Direct => "direct",
                RoomKind::Group => "group",
                RoomKind::Consultation(_) => "consultation",
            },
            opened_at: time(row.opened_at),
            closed_at: row.closed_at.map(time),
            members: members
                .into_iter()
                .map(|member| Member {
                    person: member.person.0,
                    role: match member.role {
                        MemberRole::Owner => "owner".to_owned(),
                        MemberRole::Member => "member".to_owned(),
                    },
                    joined_at: time(member.joined_at),
                    read_up_to: member.read_number,
                })
                .collect(),
            messages: Messages { total, newest },
        })
    }

    async fn consultation(&self, row: &ConsultationRow) -> Result<Consultation, Failure> {
        let offers = consultations::offers_of(self.reader(), row.id).await?;
        let card = consultations::card_of(self.reader(), row.id).await?;
        let room = match row.room {
            Some(room) => rooms::by_id(self.reader(), room).await?,
            None => None,
        };
        let texts = match &self.server {
            Some(server) => self.about(server, row.id).await?,
            None => Vec::new(),
        };
        Ok(Consultation {
            id: row.id.0,
            number: row.number,
            status: match row.status {
                ConsultationStatus::Waiting => "waiting",
                ConsultationStatus::Active => "active",
                ConsultationStatus::Completed => "completed",
                ConsultationStatus::Terminated => "terminated",
            },
            requester: row.requester.person().0,
            counselor: row.counselor.map(|counselor| counselor.0),
            requested_at: time(row.requested_at),
            accepted_at: row.accepted_at.map(time),
            ended_at: row.ended_at.map(time),
            end_reason: row.end_reason.map(|reason| match reason {
                EndReason::EndedByUser => "ended_by_user",
                EndReason::EndedByCounselor => "ended_by_counselor",
                EndReason::Idle => "idle",
                EndReason::NoCounselor => "no_counselor",
            }),
            offers: offers.iter().map(offer).collect(),
            has_notes: row.notes.is_some(),
            has_card: card.is_some(),
            score: row.score,
            erased: row.erased_at.is_some(),
            room: match room {
                Some(room) => Some(self.room(&room).await?),
                None => None,
            },
            texts,
        })
    }

    async fn desk_named(&self, name: &str) -> Result<Option<Desk>, Failure> {
        let row = match (name.parse::<Uuid>(), name.parse()) {
            (Ok(id), _) => counselors::by_id(self.reader(), CounselorId(id)).await?,
            (_, Ok(number)) => counselors::by_number(self.reader(), number).await?,
            _ => None,
        };
        let Some(row) = row else {
            return Ok(None);
        };
        let pending = Some(OfferStatus::Pending);
        let pending =
            consultations::offers_of_counselor(self.reader(), row.id, pending, MAX_OFFERS).await?;
        let summary = consultations::summary(self.reader(), row.id, i64::MIN).await?;
        Ok(Some(Desk {
            id: row.id.0,
            number: row.number,
            status: match row.status {
                CounselorStatus::Offline => "offline",
                CounselorStatus::Waiting => "waiting",
                CounselorStatus::Busy => "busy",
                CounselorStatus::Away => "away",
            },
            active: row.active,
            active_consultations: row.active_consultations,
            pending_requests: pending.len() as u64,
            accepted: summary.accepted,
            rejected: summary.rejected,
            expired: summary.expired,
            completed: summary.completed,
            average_wait_seconds: summary.average_wait_us.map(|us| us / SECOND_US),
            average_duration_minutes: summary.average_duration_us.map(|us| us / MINUTE_US),
        }))
    }

    /// What the events of a consultation say beside its messages.
    async fn about(
        &self,
        server: &Server,
        consultation: ConsultationId,
    ) -> Result<Vec<super::view::About>, Failure> {
        super::said::about(self.past, server, consultation).await
    }

    async fn newest(&self, server: &Server, room: u64) -> Result<Vec<super::view::Said>, Failure> {
        super::said::newest(self.past, self.reader(), server, room, self.messages).await
    }
}

fn offer(row: &OfferRow) -> Offer {
    Offer {
        number: row.number,
        counselor: row.counselor.0,
        status: match row.status {
            OfferStatus::Pending => "pending",
            OfferStatus::Accepted => "accepted",
            OfferStatus::Rejected => "rejected",
            OfferStatus::Withdrawn => "withdrawn",
            OfferStatus::Expired => "expired",
        },
        offered_at: time(row.offered_at),
    }
}

/// RFC 3339 in UTC with microseconds.
pub fn time(at_us: i64) -> String {
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.6}")
}
