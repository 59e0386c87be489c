//! What of the log a reader asks for. Nothing of it may be personal, since it goes on record.

use domain::{Access, AccessFilter, Event, limits};
use event_store::{Position, StreamName};
use jiff::Timestamp;
use projections::directory::{self, Kind};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;
use crate::extract::{Problems, Validate};
use crate::past::last_before;

/// Events of one answer, unless something else is asked for.
const DEFAULT_EVENTS: u64 = 100;

/// Events of one answer at most.
pub(super) const MAX_EVENTS: u64 = 500;

/// Bytes of the events of one answer, as they are stored.
const MAX_STORED_BYTES: usize = 4 * 1024 * 1024;

/// The name of a stream, in characters: a category and at most two ids or one hash.
const STREAM_CHARS: usize = 128;

/// No position is beyond what every client can count to.
const MAX_POSITION: Position = 1 << 53;

/// The query of a reading.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsAsked {
    /// Only what comes after this position
    #[serde(default)]
    after: Position,
    /// At most so many, 1 to 500; 100 without it
    limit: Option<u64>,
    /// Only of this stream, e.g. `room-0192f0c1-…`
    stream: Option<String>,
    /// Only of this type, e.g. `message.sent`
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// Only what this person did, by UUID or by the integer of an account or guest
    actor: Option<String>,
    /// Only what was recorded at this time or later, RFC 3339, e.g. `2026-11-21T10:00:00Z`
    since: Option<String>,
    /// Only what was recorded before this time, RFC 3339
    until: Option<String>,
    /// Only these, with commas between them, at most 500
    positions: Option<String>,
    /// Why, 1 to 200 characters without personal data. It goes on record, and with it texts are
    /// shown
    purpose: Option<String>,
}

impl Validate for EventsAsked {
    fn validate(&self, problems: &mut Problems) {
        problems.require(
            self.after <= MAX_POSITION,
            "after",
            "must be a position of the log",
        );
        problems.require(
            self.limit
                .is_none_or(|limit| (1..=MAX_EVENTS).contains(&limit)),
            "limit",
            format!("must be a whole number from 1 to {MAX_EVENTS}"),
        );
        problems.require(
            self.stream.as_deref().is_none_or(is_stream),
            "stream",
            "must be the name of a stream",
        );
        problems.require(
            self.event_type
                .as_deref()
                .is_none_or(|name| Event::current_version(name).is_some()),
            "type",
            "must be a type of event",
        );
        problems.require(
            self.actor
                .as_deref()
                .is_none_or(|actor| Actor::parse(actor).is_some()),
            "actor",
            "must be a UUID or a whole number",
        );
        for (name, time) in [("since", &self.since), ("until", &self.until)] {
            problems.require(
                time.as_deref().is_none_or(|text| micros(text).is_some()),
                name,
                "must be a time of RFC 3339, e.g. 2026-11-21T10:00:00Z",
            );
        }
        problems.require(
            self.positions
                .as_deref()
                .is_none_or(|text| positions(text).is_some()),
            "positions",
            format!(
                "must be 1 to {} whole numbers with commas between them",
                limits::ACCESS_POSITIONS
            ),
        );
        problems.require(
            self.purpose
                .as_deref()
                .is_none_or(|purpose| Access::purpose(purpose).is_ok()),
            "purpose",
            format!(
                "must have 1 to {} characters on one line",
                limits::PURPOSE_CHARS
            ),
        );
    }
}

/// What is looked for, and where.
#[derive(Debug)]
pub(super) struct Selection {
    pub after: Position,
    pub limit: usize,
    pub stream: Option<StreamName>,
    pub event_type: Option<String>,
    pub actor: Option<Uuid>,
    /// Only what was recorded before this, in microseconds since the Unix epoch.
    pub until_us: Option<i64>,
    /// In order, each once; empty for all.
    pub positions: Vec<Position>,
    /// Bytes of the events of one answer, as they are stored; the first one is shown in any case.
    pub max_bytes: usize,
}

impl Selection {
    /// As it goes on record.
    pub fn filter(&self) -> AccessFilter {
        AccessFilter {
            stream: self.stream.as_ref().map(ToString::to_string),
            event_type: self.event_type.clone(),
            actor: self.actor,
            positions: self.positions.clone(),
        }
    }
}

impl EventsAsked {
    /// What is looked for, and the purpose.
    pub async fn understand(self, app: &App) -> Result<(Selection, Option<String>), ApiError> {
        let actor = match self.actor.as_deref().and_then(Actor::parse) {
            None => None,
            Some(Actor::Id(id)) => Some(id),
            Some(Actor::Number(number)) => Some(person(app, number).await?),
        };
        let limit = self.limit.unwrap_or(DEFAULT_EVENTS).min(MAX_EVENTS);
        let before_since = match self.since.as_deref().and_then(micros) {
            Some(since_us) => last_before(&*app.store, since_us).await?,
            None => 0,
        };
        let selection = Selection {
            after: self.after.max(before_since),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            stream: self.stream.as_deref().map(StreamName::parse),
            event_type: self.event_type,
            actor,
            until_us: self.until.as_deref().and_then(micros),
            max_bytes: MAX_STORED_BYTES,
            positions: self
                .positions
                .as_deref()
                .and_then(positions)
                .unwrap_or_default(),
        };
        Ok((selection, self.purpose))
    }
}

/// Microseconds since the Unix epoch.
fn micros(text: &str) -> Option<i64> {
    text.parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_microsecond)
}

/// How a person is named.
enum Actor {
    Id(Uuid),
    Number(u64),
}

impl Actor {
    fn parse(text: &str) -> Option<Self> {
        let id = text.parse().map(Self::Id);
        id.or_else(|_| text.parse().map(Self::Number)).ok()
    }
}

/// The account or guest of an integer.
async fn person(app: &App, number: u64) -> Result<Uuid, ApiError> {
    for kind in [Kind::Account, Kind::Guest] {
        if let Some(found) = directory::uuid_of(&*app.reader, kind, number).await? {
            return Ok(found);
        }
    }
    Err(ApiError::invalid("query", "actor", "is nobody's number"))
}

/// Whether it looks like a name that the log gives. Anything else could be somebody's words.
fn is_stream(name: &str) -> bool {
    let key = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte) || byte == b'-';
    let Some((category, rest)) = name.split_once('-') else {
        return is_category(name);
    };
    name.len() <= STREAM_CHARS && is_category(category) && !rest.is_empty() && rest.bytes().all(key)
}

fn is_category(name: &str) -> bool {
    Event::catalogue()
        .iter()
        .any(|(event_type, _)| event_type.split('.').next() == Some(name))
}

/// Positions in order, each once.
fn positions(text: &str) -> Option<Vec<Position>> {
    let mut positions = text
        .split(',')
        .map(|position| position.trim().parse().ok())
        .collect::<Option<Vec<Position>>>()?;
    let valid = (1..=limits::ACCESS_POSITIONS).contains(&positions.len())
        && positions
            .iter()
            .all(|position| (1..=MAX_POSITION).contains(position));
    positions.sort_unstable();
    positions.dedup();
    valid.then_some(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_the_log_gives_are_taken() {
        let id = "0192f0c1-7a00-7000-8000-000000000001";
        for good in [
            format!("room-{id}"),
            format!("member-{id}-{id}"),
            format!("email-{}", "ab".repeat(32)),
            "access-2026-11-21".to_owned(),
        ] {
            assert!(is_stream(&good), "{good}");
        }
        for bad in [
            "",
            "room-",
            "김하늘",
            "room-김하늘",
            "friend-ab",
            "room-the one of my neighbour",
            &format!("email-{}", "ab".repeat(99)),
        ] {
            assert!(!is_stream(bad), "{bad}");
        }
    }

    #[test]
    fn positions_are_taken_in_order_and_once() {
        assert_eq!(positions("9,3, 9"), Some(vec![3, 9]));
        for bad in ["", "0", "-1", "x", "1,,2", "9007199254740993"] {
            assert_eq!(positions(bad), None, "{bad}");
        }
        let many = |count: usize| {
            (1..=count)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        assert!(positions(&many(limits::ACCESS_POSITIONS)).is_some());
        assert!(positions(&many(limits::ACCESS_POSITIONS + 1)).is_none());
    }
}
