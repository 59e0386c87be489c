//! Rooms: who is in them, what is said there, and how far it was read and delivered.

mod delete;
mod direct;
mod edit;
mod group;
mod marks;
mod members;
mod people;
mod retention;
mod send;
mod settings;
mod stored;
#[cfg(test)]
mod tests;
mod watch;

use domain::{ConsultationId, PersonId, RoomId};
use event_store::StreamName;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

pub use delete::DeleteMessage;
pub use direct::{OpenBooked, OpenDirect, direct_room_of};
pub use edit::EditMessage;
pub use group::{MAX_OPENED_WITH, OpenGroup};
pub use marks::{MarkDelivered, MarkRead};
pub use members::{AddMember, RemoveMember};
pub use retention::DestroyDay;
pub use send::SendMessage;
pub(super) use send::send;
pub use settings::ChangeSettings;

/// The room that a consultation is from its acceptance on.
pub fn room_of(consultation: ConsultationId) -> RoomId {
    RoomId(Uuid::new_v5(&consultation.0, b"room"))
}

/// The UTC day of a time in microseconds since the Unix epoch.
pub(crate) fn utc_day(at_us: i64) -> Date {
    let at = Timestamp::from_microsecond(at_us).unwrap_or_default();
    at.to_zoned(TimeZone::UTC).date()
}

fn room_stream(room: RoomId) -> StreamName {
    StreamName::new("room", room)
}

fn member_key(room: RoomId, person: PersonId) -> String {
    format!("{room}-{person}")
}

pub(crate) fn member_stream(room: RoomId, person: PersonId) -> StreamName {
    StreamName::new("member", member_key(room, person))
}
