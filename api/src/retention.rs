//! What is kept for how long, and what will go by a day.

use std::io::{self, Write};
use std::process::ExitCode;

use domain::Retention;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::retention::{Expired, accounts_unused_since, consultations_ended_before};
use projections::{ReadError, Reader, rooms};
use serde::Serialize;
use uuid::Uuid;

use crate::commands::rooms::utc_day;
use crate::process::days_too_old;
use crate::settings::{RetentionSettings, Settings};
use crate::start::StartError;
use crate::stores::ReadModels;

/// Rows read at a time.
const PAGE: u32 = 500;

/// What is kept for as long as the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Consultations,
    UnusedAccounts,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Consultations, Self::UnusedAccounts];

    /// The first day of which it is kept, on a day; none where all is.
    fn keeps_from(self, settings: &RetentionSettings, today: Date) -> Option<Date> {
        let days = match self {
            Self::Consultations => settings.consultation_days,
            Self::UnusedAccounts => settings.unused_account_days,
        };
        let kept = Retention {
            days: u16::try_from(days).unwrap_or(u16::MAX),
            auto_delete: days > 0,
        };
        kept.keeps_from(today)
    }
}

/// What of a kind is kept no longer on a UTC day: with a number above `after`, in the order of the
/// numbers, at most `limit`.
pub async fn expired(
    reader: &dyn Reader,
    settings: &RetentionSettings,
    kind: Kind,
    today: Date,
    after: u64,
    limit: u32,
) -> Result<Vec<Expired>, ReadError> {
    let Some(from) = kind.keeps_from(settings, today) else {
        return Ok(Vec::new());
    };
    let Ok(midnight) = from.to_zoned(TimeZone::UTC) else {
        return Ok(Vec::new());
    };
    let before = midnight.timestamp().as_microsecond();
    match kind {
        Kind::Consultations => consultations_ended_before(reader, before, after, limit).await,
        Kind::UnusedAccounts => accounts_unused_since(reader, before, after, limit).await,
    }
}

/// Something that will go.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Planned {
    /// A day of a room, with its messages and files.
    RoomDay { room: Uuid, day: Date },
    /// A consultation, with all that is personal of it.
    Consultation { consultation: Uuid, since: Date },
    /// An account, with all that is personal of it.
    Account { account: Uuid, since: Date },
}

impl std::fmt::Display for Planned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RoomDay { room, day } => write!(f, "room {room}: messages of {day}"),
            Self::Consultation {
                consultation,
                since,
            } => write!(f, "consultation {consultation}: ended on {since}"),
            Self::Account { account, since } => {
                write!(f, "account {account}: unused since {since}")
            }
        }
    }
}

/// Prints what will have gone by the end of a UTC day if nothing else happens, a line each: as the
/// read models show it now, beside a server that runs or without one.
pub async fn plan(settings: &Settings, until: Date, json: bool) -> Result<ExitCode, StartError> {
    let read = ReadModels::open(settings).await?;
    let store = read.store();
    let planned = planned(&*store, settings, until).await;
    read.close().await;
    let planned =
        planned.map_err(|error| StartError::because("the read models cannot be read", error))?;
    print(&planned, json).map_err(|error| StartError::because("the plan", error))?;
    Ok(ExitCode::SUCCESS)
}

fn print(planned: &[Planned], json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for one in planned {
        if json {
            writeln!(out, "{}", serde_json::to_string(one)?)?;
        } else {
            writeln!(out, "{one}")?;
        }
    }
    if !json {
        writeln!(out, "{} in all", planned.len())?;
    }
    Ok(())
}

async fn planned(
    reader: &dyn Reader,
    settings: &Settings,
    until: Date,
) -> Result<Vec<Planned>, ReadError> {
    let mut planned = Vec::new();
    let mut after = 0;
    loop {
        let page = rooms::forgetful_after(reader, after, PAGE).await?;
        for room in &page {
            after = room.number;
            let days = days_too_old(reader, *room, until, usize::MAX).await?;
            let room = room.id.0;
            planned.extend(days.into_iter().map(|day| Planned::RoomDay { room, day }));
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    for kind in Kind::ALL {
        let mut after = 0;
        loop {
            let page = expired(reader, &settings.retention, kind, until, after, PAGE).await?;
            for one in &page {
                after = one.number;
                let since = utc_day(one.since);
                let id = one.subject.id();
                planned.push(match kind {
                    Kind::Consultations => Planned::Consultation {
                        consultation: id,
                        since,
                    },
                    Kind::UnusedAccounts => Planned::Account { account: id, since },
                });
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
    }
    Ok(planned)
}
