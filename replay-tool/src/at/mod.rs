//! `at`: all read models as they were at a time or position, in a file of their own, and what they
//! say of a room, a consultation or a desk. Texts come from the server, which records the reading.

mod answers;
mod past;
mod said;
mod view;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_store::{EventStore, Position};
use projections::{ReadStoreOptions, SqliteReadStore};
use serde::Serialize;

use crate::arguments::{AtArguments, PlaceArguments};
use crate::failure::Failure;
use crate::place;
use crate::progress::Progress;
use crate::rebuild;
use crate::scratch::Scratch;
use crate::timeline::texts::Server;
use answers::Asking;
use past::Past;
use view::{Consultation, Desk, Room};

/// The file in a folder that goes when it was read.
const FILE: &str = "at.db";

/// What was.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The last event of which anything is told.
    pub at: Position,
    /// When it was recorded, RFC 3339; null before the first.
    pub recorded_at: Option<String>,
    pub head: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<PathBuf>,
    pub rooms: Vec<Room>,
    pub consultations: Vec<Consultation>,
    pub dashboards: Vec<Desk>,
    /// What was not there then.
    pub unknown: Vec<String>,
}

impl Report {
    pub fn is_answered(&self) -> bool {
        self.unknown.is_empty()
    }
}

/// Makes the read models, and answers.
pub async fn at(place: &PlaceArguments, options: &AtArguments) -> Result<Report, Failure> {
    let server = Server::of(&options.texts)?;
    let store = place::log(place).await?;
    let past = Arc::new(Past::of(Arc::clone(&store), options.when).await?);
    match &options.into {
        None => {
            let folder = tempfile::tempdir();
            let folder = folder.map_err(|cause| Failure::Temporary(cause.to_string()))?;
            let file = folder.path().join(FILE);
            told(place, options, &past, server, &file).await
        }
        Some(target) => {
            let scratch = Scratch::begin(target, &place::live_files(place)?)?;
            let mut report = told(place, options, &past, server, scratch.path()).await?;
            scratch.finish()?;
            report.into = Some(target.clone());
            Ok(report)
        }
    }
}

async fn told(
    place: &PlaceArguments,
    options: &AtArguments,
    past: &Arc<Past>,
    server: Option<Server>,
    file: &Path,
) -> Result<Report, Failure> {
    let read = SqliteReadStore::open(file, &ReadStoreOptions::default())?;
    let keys = place::keys(place).await?;
    let mut bar = None;
    let mut before = 0;
    let store = Arc::clone(past) as Arc<dyn EventStore>;
    let made = projections::rebuild_into(store, keys, &read, projections::all(), |now| {
        let bar = bar.get_or_insert_with(|| Progress::over(now.head, "going back"));
        bar.passed(now.events - before, now.position);
        before = now.events;
    });
    made.await.map_err(rebuild::failure)?;
    if let Some(bar) = bar {
        bar.end();
    }
    let asking = Asking {
        place,
        past,
        read: &read,
        server,
        messages: options.messages,
    };
    let report = asking.report(options).await?;
    read.close().await?;
    Ok(report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for room in &self.rooms {
            writeln!(f, "{room}")?;
        }
        for consultation in &self.consultations {
            writeln!(f, "{consultation}")?;
        }
        for desk in &self.dashboards {
            writeln!(f, "{desk}")?;
        }
        for unknown in &self.unknown {
            writeln!(f, "{unknown}: not there then")?;
        }
        let time = self.recorded_at.as_deref().unwrap_or("before anything");
        write!(f, "as of position {} of {}, {time}", self.at, self.head)?;
        match &self.into {
            Some(into) => write!(f, ", in {}", into.display()),
            None => Ok(()),
        }
    }
}
