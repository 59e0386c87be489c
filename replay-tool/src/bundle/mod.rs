//! A log as one file that proves itself: events as they are stored, their seals, and an end that is
//! signed. It is checked with no server, no store and no keys.

mod end;
mod line;
mod read;
mod tail;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use event_store::log_seal::SealKey;
use event_store::{EventStore, Position, StoreError};
use serde::Serialize;

use crate::arguments::{ExportArguments, PlaceArguments};
use crate::export::Output;
use crate::failure::Failure;
use crate::place;
use crate::progress::Progress;
use end::{Begin, End, Line};
use tail::Tail;

pub use end::EndClaim;
pub use read::{Told, walk};

/// The file in a folder that was named.
const FILE: &str = "bundle.jsonl";

/// Events in one read.
const PAGE_EVENTS: usize = 512;

/// What was written.
#[derive(Debug, Serialize)]
pub struct Report {
    pub bundle: PathBuf,
    /// Everything up to this position is in it.
    pub head: Position,
    /// The public key that seals and the end are signed with, hexadecimal; none where nothing is.
    pub key: Option<String>,
    pub signed: bool,
}

/// Where the bundle of that name is: a file, or one in a folder.
pub fn file_of(named: &Path) -> PathBuf {
    let is_folder = named.is_dir() || named.to_string_lossy().ends_with('/');
    if is_folder {
        named.join(FILE)
    } else {
        named.to_owned()
    }
}

/// Writes the whole log as a bundle.
pub async fn export(
    place: &PlaceArguments,
    options: &ExportArguments,
    named: &Path,
) -> Result<Report, Failure> {
    let key = if options.unsigned {
        None
    } else {
        SealKey::find(&*place::keys(place).await?)?
    };
    let store = place::log(place).await?;
    let head = store.head().await?;
    let path = file_of(named);
    if let (true, Some(folder)) = (path != named, path.parent()) {
        std::fs::create_dir_all(folder).map_err(|cause| Failure::Scratch {
            path: folder.to_owned(),
            problem: cause.to_string(),
        })?;
    }
    let mut output = Output::begin(Some(&path), &place::live_files(place)?)?;
    let public = key.as_ref().map(SealKey::public);
    output.line(&Line::Begin(Begin::new(public.clone())).text()?)?;
    let tail = write_events(&*store, head, &mut output).await?;
    let end = End::of(&tail, key.as_ref());
    output.line(&Line::End(end).text()?)?;
    output.finish()?;
    Ok(Report {
        bundle: path,
        head,
        signed: public.is_some(),
        key: public,
    })
}

/// Writes everything up to the head, and keeps what no seal covers.
async fn write_events(
    store: &dyn EventStore,
    head: Position,
    output: &mut Output,
) -> Result<Tail, Failure> {
    let mut tail = Tail::default();
    let mut progress = Progress::over(head, "exporting");
    let mut after = 0;
    while after < head {
        let limit = usize::try_from(head - after).map_or(PAGE_EVENTS, |left| left.min(PAGE_EVENTS));
        let events = store.read_all(after, limit).await?.events;
        let missing = |position| StoreError::Corrupt {
            position,
            reason: "nothing is here although the log goes on".to_owned(),
        };
        if events.is_empty() {
            return Err(missing(after + 1).into());
        }
        for event in &events {
            if event.position != after + 1 {
                return Err(missing(after + 1).into());
            }
            after = event.position;
            output.line(&line::write(event)?)?;
            tail.event(&Arc::clone(event));
        }
        progress.passed(events.len() as u64, after);
    }
    progress.end();
    Ok(tail)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, bundle) = (self.head, self.bundle.display());
        write!(f, "everything up to position {head} in {bundle}, ")?;
        match &self.key {
            Some(key) => write!(f, "its end signed with {key}"),
            None => f.write_str("its end not signed"),
        }
    }
}
