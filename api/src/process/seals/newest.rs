//! The newest seal of the log.

use domain::{Event, Seal, SealEvent};
use event_store::log_seal::{Hash, NO_ROOT, SealHead, hex, leaf_of, read_hex};
use event_store::{Direction, Position, StreamName};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::fact;

use crate::app::App;
use crate::commands::{CommandError, LAST};
use crate::process::ProcessError;

/// The newest seal; of a log without one everything is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    /// The last position that it covers.
    pub to: Position,
    pub root: Hash,
    recorded_at: i64,
    /// None for a log without a seal.
    pub head: Option<SealHead>,
}

impl Newest {
    /// Of a log without a seal.
    pub fn none() -> Self {
        Self {
            to: 0,
            root: NO_ROOT,
            recorded_at: 0,
            head: None,
        }
    }

    pub async fn read(app: &App) -> Result<Self, ProcessError> {
        let stream = StreamName::singleton(Seal::STREAM);
        let newest = app
            .store
            .read_stream(&stream, LAST, Direction::Backward, 1)
            .await?;
        let Some(recorded) = newest.into_iter().next() else {
            return Ok(Self::none());
        };
        let fact = fact(recorded, &*app.keys)
            .map_err(|error| CommandError::Unreadable(error.to_string()))?;
        let recorded = fact.recorded;
        let unreadable = || {
            let position = recorded.position;
            CommandError::Unreadable(format!("what stands at {position} is no seal"))
        };
        let Event::Seal(SealEvent::Sealed { to, root, .. }) = fact.event else {
            return Err(unreadable().into());
        };
        let root = read_hex(&root).ok_or_else(unreadable)?;
        Ok(Self {
            to,
            root,
            recorded_at: recorded.recorded_at,
            head: Some(SealHead {
                position: recorded.position,
                root,
                leaf: leaf_of(&recorded),
            }),
        })
    }

    /// The UTC day on which it was recorded.
    pub fn date(&self) -> Date {
        date_of(self.recorded_at)
    }

    /// Tells the operator, once, the last root of a day that is over, so that it can be kept
    /// outside: nobody can then make another past, whatever keys they have.
    pub fn tell_day(&self, told: &mut Option<Date>, today: Date) {
        let Some(head) = self.head else { return };
        let date = self.date();
        if date >= today || told.is_some_and(|told| told >= date) {
            return;
        }
        *told = Some(date);
        let root = hex(&head.root);
        tracing::info!(%date, position = head.position, root, "the last root of a day");
    }
}

/// The UTC day of a time in microseconds since the Unix epoch.
pub(super) fn date_of(at_us: i64) -> Date {
    let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(TimeZone::UTC).date()
}
