//! `export`: the log as JSON lines, without the text of what is sealed.

mod line;
mod output;
mod pages;

use std::fmt;
use std::path::PathBuf;

use event_store::Position;
use serde::Serialize;

use crate::arguments::{ExportArguments, PlaceArguments};
use crate::failure::Failure;
use crate::place;
use crate::progress::Progress;
pub use output::Output;
use pages::Pages;

/// What was written into a file.
#[derive(Debug, Serialize)]
pub struct Report {
    pub into: PathBuf,
    /// Nothing behind this position was looked at.
    pub until: Position,
    pub events: u64,
}

/// Writes the events that were asked for, one a line. A report is given of a file; on standard
/// output there are the lines and nothing else.
pub async fn export(
    place: &PlaceArguments,
    options: &ExportArguments,
) -> Result<Option<Report>, Failure> {
    let store = place::log(place).await?;
    let until = store.head().await?.min(options.until.unwrap_or(u64::MAX));
    let mut output = Output::begin(options.into.as_deref(), &place::live_files(place)?)?;
    let mut pages = Pages::new(&*store, options, until);
    let mut progress = Progress::over(until.saturating_sub(options.after), "exporting");
    let mut events = 0;
    while let Some(page) = pages.next().await? {
        for event in &page {
            if is_wanted(options, event) {
                output.line(&line::of(event)?)?;
                events += 1;
            }
        }
        if let (None, Some(last)) = (&options.stream, page.last()) {
            progress.passed(page.len() as u64, last.position - options.after);
        }
    }
    output.finish()?;
    progress.end();
    Ok(options.into.clone().map(|into| Report {
        into,
        until,
        events,
    }))
}

fn is_wanted(options: &ExportArguments, event: &event_store::Recorded) -> bool {
    options
        .event_type
        .as_deref()
        .is_none_or(|wanted| wanted == &*event.event_type)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (events, until, into) = (self.events, self.until, self.into.display());
        write!(f, "{events} events up to position {until} in {into}")
    }
}
