//! What is kept for how long, and what will go by a day.

use std::io::{self, Write};
use std::process::ExitCode;

use domain::Retention;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::retention::{
    Expired, accounts_unused_since, consultations_ended_before, emotion_sessions_unused_since,
    log_ins_over_before,
};
use projections::{ReadError, Reader, rooms, uploads};
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
    EmotionSessions,
    LogIns,
}

impl Kind {
    pub const ALL: [Self; 4] = [
        Self::Consultations,
        Self::UnusedAccounts,
        Self::EmotionSessions,
        Self::LogIns,
    ];

    /// For how many whole days it is kept; 0 is for ever.
    fn days(self, settings: &RetentionSettings) -> u32 {
        match self {
            Self::Consultations => settings.consultation_days,
            Self::UnusedAccounts => settings.unused_account_days,
            Self::EmotionSessions => settings.emotion_session_days,
            Self::LogIns if settings.log_in_days == 0 => 0,
            // Log-ins tell when an account was used.
            Self::LogIns => settings.log_in_days.max(settings.unused_account_days),
        }
    }
}

/// The first moment of which things are kept for some whole days, on a UTC day, in microseconds
/// since the Unix epoch; none where all are.
fn kept_since(days: u32, today: Date) -> Option<i64> {
    let kept = Retention {
        days: u16::try_from(days).unwrap_or(u16::MAX),
        auto_delete: days > 0,
    };
    let midnight = kept.keeps_from(today)?.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_microsecond())
}

/// Behind what a page begins.
#[derive(Debug, Clone, Copy, Default)]
pub struct After {
    number: u64,
    id: Uuid,
}

impl From<&Expired> for After {
    fn from(last: &Expired) -> Self {
        Self {
            number: last.number,
            id: last.id,
        }
    }
}

/// What of a kind is kept no longer on a UTC day, behind `after`, at most `limit`; and the time
/// before which it was used last, in microseconds since the Unix epoch.
pub async fn expired(
    reader: &dyn Reader,
    settings: &RetentionSettings,
    kind: Kind,
    today: Date,
    after: After,
    limit: u32,
) -> Result<(i64, Vec<Expired>), ReadError> {
    let Some(before) = kept_since(kind.days(settings), today) else {
        return Ok((i64::MIN, Vec::new()));
    };
    let After { number, id } = after;
    let page = match kind {
        Kind::Consultations => consultations_ended_before(reader, before, number, limit).await?,
        Kind::UnusedAccounts => accounts_unused_since(reader, before, number, limit).await?,
        Kind::EmotionSessions => {
            emotion_sessions_unused_since(reader, before, number, limit).await?
        }
        Kind::LogIns => log_ins_over_before(reader, before, id, limit).await?,
    };
    Ok((before, page))
}

/// The time before which a file came that is kept no longer on a UTC day without a message, in
/// microseconds since the Unix epoch.
pub fn unattached_before(settings: &RetentionSettings, today: Date) -> i64 {
    kept_since(settings.unattached_file_days, today).unwrap_or(i64::MIN)
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
    /// A session about emotions, with all that was said in it.
    EmotionSession { emotion_session: Uuid, since: Date },
    /// That somebody logged in, out of what is shown.
    LogIn { log_in: Uuid, since: Date },
    /// A file that no message came to have.
    File { file: Uuid, since: Date },
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
            Self::EmotionSession {
                emotion_session,
                since,
            } => write!(f, "emotion session {emotion_session}: unused since {since}"),
            Self::LogIn { log_in, since } => write!(f, "log-in {log_in}: over since {since}"),
            Self::File { file, since } => write!(f, "file {file}: without a message since {since}"),
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
        let mut after = After::default();
        loop {
            let (_, page) = expired(reader, &settings.retention, kind, until, after, PAGE).await?;
            planned.extend(page.iter().map(|one| plan_of(kind, one)));
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = After::from(last),
                Some(_) | None => break,
            }
        }
    }
    let before = unattached_before(&settings.retention, until);
    let files = uploads::unattached(reader, before, u32::MAX).await?;
    planned.extend(files.into_iter().map(|row| Planned::File {
        file: row.id.0,
        since: utc_day(row.stored_at),
    }));
    Ok(planned)
}

fn plan_of(kind: Kind, one: &Expired) -> Planned {
    let (id, since) = (one.id, utc_day(one.since));
    match kind {
        Kind::Consultations => Planned::Consultation {
            consultation: id,
            since,
        },
        Kind::UnusedAccounts => Planned::Account { account: id, since },
        Kind::EmotionSessions => Planned::EmotionSession {
            emotion_session: id,
            since,
        },
        Kind::LogIns => Planned::LogIn { log_in: id, since },
    }
}
