//! Retention: rooms that destroy what is older than they keep it do so, by whole UTC days.

use std::collections::HashSet;
use std::sync::Arc;

use domain::{Event, HoldEvent, Retention as Kept, RoomEvent, RoomId};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::ToSpan;
use jiff::civil::Date;
use projections::rooms::{self, ForgetfulRoom};
use projections::{Fact, ReadError, Reader, messages};

use super::ProcessError;
use super::attempt::{Attempt, attempt};
use super::supervise::{Next, Process};
use crate::app::App;
use crate::commands::rooms::{DestroyDay, utc_day};

/// Rooms looked at in one round.
const MAX_ROOMS: u32 = 1_000;

/// Days of one room destroyed in one round.
const MAX_DAYS: usize = 100;

/// Rooms at once, so that they share disk flushes.
const CONCURRENT_ROOMS: usize = 64;

const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// A message is sealed under the day on which it was decided on, and may be recorded on the next:
/// at most this long after midnight, in microseconds.
const LATE_US: i64 = 10 * 60 * 1_000_000;

/// The process manager of retention.
#[derive(Default)]
pub(super) struct Retention {
    /// The UTC day on which all rooms were looked at, or are being.
    day: Option<Date>,
    /// Rooms up to this number were; none when all of them were.
    upto: Option<u64>,
    /// Rooms to look at whatever was looked at before.
    again: HashSet<RoomId>,
}

/// What is left in a room of what is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// There was more than one round may destroy.
    More,
    /// Something was against it that may pass.
    Refused,
}

impl Process for Retention {
    const NAME: &'static str = "retention";

    fn missed(&mut self) {
        self.day = None;
    }

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Room(event) => match event {
                RoomEvent::RetentionSet { .. } => {
                    self.again.insert(RoomId(fact.id));
                    true
                }
                RoomEvent::Opened { .. }
                | RoomEvent::MemberAdded { .. }
                | RoomEvent::MemberRemoved { .. }
                | RoomEvent::Closed {}
                | RoomEvent::Booked { .. }
                | RoomEvent::Described { .. }
                | RoomEvent::DayDestroyed { .. } => false,
            },
            // What it was against may be due.
            Event::Hold(HoldEvent::Lifted { .. }) => {
                self.day = None;
                true
            }
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let today = utc_day(app.clock.now_us());
        if self.day != Some(today) {
            self.day = Some(today);
            self.upto = Some(0);
        }
        let page = match self.upto {
            Some(upto) => rooms::forgetful_after(&*app.reader, upto, MAX_ROOMS).await?,
            None => Vec::new(),
        };
        let is_full = page.len() == MAX_ROOMS as usize;
        let upto = page.last().map(|room| room.number).filter(|_| is_full);
        let again: Vec<_> = self
            .again
            .iter()
            .copied()
            .take(MAX_ROOMS as usize)
            .collect();
        let mut found = page;
        found.retain(|room| !self.again.contains(&room.id));
        for room in &again {
            found.extend(rooms::forgetful(&*app.reader, *room).await?);
        }
        let left = destroy_old(app, found, today).await?;
        for room in again {
            self.again.remove(&room);
        }
        let undone = left.iter().filter(|(_, left)| *left != Left::Nothing);
        self.again.extend(undone.map(|(room, _)| *room));
        self.upto = upto;
        // What was refused waits for the fallback.
        let more = is_full || left.iter().any(|(_, left)| *left == Left::More);
        Ok(if more { Next::Now } else { Next::WhenWoken })
    }
}

/// Destroys what is too old in some rooms; what is left in each.
async fn destroy_old(
    app: &Arc<App>,
    rooms: Vec<ForgetfulRoom>,
    today: Date,
) -> Result<Vec<(RoomId, Left)>, ProcessError> {
    let each = rooms.into_iter().map(|room| async move {
        let left = destroy_days(app, room, today).await?;
        Ok((room.id, left))
    });
    stream::iter(each)
        .buffer_unordered(CONCURRENT_ROOMS)
        .try_collect()
        .await
}

/// Destroys the days of a room that are too old, the oldest first.
async fn destroy_days(app: &App, room: ForgetfulRoom, today: Date) -> Result<Left, ProcessError> {
    let days = days_too_old(&*app.reader, room, today, MAX_DAYS).await?;
    for day in &days {
        let destroy = DestroyDay {
            room: room.id,
            day: *day,
        };
        match attempt(app, Retention::NAME, &destroy).await? {
            Attempt::Recorded => {
                tracing::info!(room = %room.id, %day, "a day of a room was destroyed");
            }
            Attempt::AlreadySo => {}
            Attempt::Refused => return Ok(Left::Refused),
        }
    }
    Ok(if days.len() < MAX_DAYS {
        Left::Nothing
    } else {
        Left::More
    })
}

/// The days of a room that are too old on a day, the oldest first; about `most`.
pub(crate) async fn days_too_old(
    reader: &dyn Reader,
    room: ForgetfulRoom,
    today: Date,
    most: usize,
) -> Result<Vec<Date>, ReadError> {
    let retention = Kept {
        days: room.days,
        auto_delete: true,
    };
    let (mut days, mut oldest) = (Vec::new(), room.oldest);
    let Some(kept) = retention.keeps_from(today) else {
        return Ok(days);
    };
    while days.len() < most
        && let Some(sent_at) = oldest.filter(|at| utc_day(*at) < kept)
    {
        let new = sealed_on(sent_at).filter(|day| days.last() != Some(day));
        days.extend(new.collect::<Vec<_>>());
        let midnight = (sent_at.div_euclid(DAY_US) + 1) * DAY_US;
        oldest = messages::sent_since(reader, room.number, midnight).await?;
    }
    Ok(days)
}

/// The days under whose keys messages of a time may be sealed, the older first.
fn sealed_on(sent_at: i64) -> impl Iterator<Item = Date> {
    let day = utc_day(sent_at);
    let is_late = sent_at.rem_euclid(DAY_US) < LATE_US;
    let before = is_late.then(|| day.saturating_sub(1.day()));
    before.into_iter().chain([day])
}
