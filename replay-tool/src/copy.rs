//! `copy`: takes log and keys over into other stores, as they are, and proves that they are equal.

mod ends;
mod events;
mod keys;

use std::fmt;

use event_store::Position;
use serde::Serialize;

use crate::arguments::{CopyArguments, PlaceArguments};
use crate::failure::Failure;
use ends::Ends;
use events::Copied;
pub use keys::CopiedKeys;

/// What was copied, and what is there now.
#[derive(Debug, Serialize)]
pub struct Report {
    pub from: String,
    pub to: String,
    /// Source and target are the same up to here.
    pub until: Position,
    /// Events that this run has copied; those before them were there.
    pub copied: u64,
    /// Over the leaf hashes of all events up to `until`, of the source and of the target alike.
    pub sha256: String,
    pub keys: CopiedKeys,
    /// Where the source ends by now; another run copies the rest.
    pub source_head: Position,
}

/// Copies what the target does not hold yet, and compares everything that it holds then.
pub async fn copy(place: &PlaceArguments, options: &CopyArguments) -> Result<Report, Failure> {
    let ends = Ends::open(place, options).await?;
    // Before anything is written.
    let prefix = events::compare_prefix(&ends).await?;
    // A seal is remembered among the secrets when it is in the log, so these come before the
    // head; and a key is there before the event that needs it, so keys come after it.
    let secrets = ends.copy_secrets()?;
    let until = ends.source.head().await?;
    let keys = ends.copy_keys(secrets)?;
    let Copied { sha256, copied } = events::copy_rest(&ends, prefix, until).await?;
    Ok(Report {
        from: ends.from.to_string(),
        to: ends.to.to_string(),
        until,
        copied,
        sha256,
        keys,
        source_head: ends.source.head().await?,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CopiedKeys {
            keys,
            destroyed,
            secrets,
        } = &self.keys;
        writeln!(f, "{keys} keys, {destroyed} destroyed, {secrets} secrets")?;
        writeln!(
            f,
            "{} events copied from {} to {}",
            self.copied, self.from, self.to
        )?;
        let (until, sha256) = (self.until, &self.sha256);
        write!(f, "both hold the same {until} events, SHA-256 {sha256}")?;
        if self.source_head > until {
            let head = self.source_head;
            write!(
                f,
                "\nthe source has come to position {head}: run it again to catch up"
            )?;
        }
        Ok(())
    }
}
