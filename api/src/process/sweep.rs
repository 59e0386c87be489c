//! Files that nobody needs: those that no message came to have, those whose day was destroyed, and
//! bytes that no file has.

use std::sync::Arc;
use std::time::Duration;

use domain::{Event, RoomEvent, UploadEnd, UploadEvent};
use event_store::Position;
use futures_util::StreamExt;
use projections::Fact;
use projections::uploads;
use tokio::time::Instant;

use super::attempt::attempt;
use super::supervise::{Next, Process};
use super::{ProcessError, micros};
use crate::app::App;
use crate::commands::rooms::utc_day;
use crate::commands::uploads::EraseUpload;
use crate::retention::unattached_before;
use crate::uploads::{FileError, Listed};

/// How long bytes may be without a file.
const ORPHANED: Duration = Duration::from_hours(24);

/// How often all objects are held against what is known of files.
const LIST_EVERY: Duration = Duration::from_hours(1);

/// Files erased in one round.
const MAX_ERASED: u32 = 200;

/// Removals at once.
const REMOVALS_AT_ONCE: usize = 8;

/// The process manager of files that nobody needs.
#[derive(Default)]
pub(super) struct Sweep {
    /// Bytes of what the log says was erased up to here are gone. From the beginning at each start,
    /// so that a bucket that was put back revives nothing.
    cleared: Position,
    listed: Option<Instant>,
}

impl Process for Sweep {
    const NAME: &'static str = "sweep";

    fn notice(&mut self, fact: &Fact) -> bool {
        match &fact.event {
            Event::Upload(event) => match event {
                UploadEvent::Erased { .. } => true,
                UploadEvent::Stored { .. } | UploadEvent::Attached { .. } => false,
            },
            Event::Room(event) => match event {
                RoomEvent::DayDestroyed { .. } => true,
                RoomEvent::Opened { .. }
                | RoomEvent::MemberAdded { .. }
                | RoomEvent::MemberRemoved { .. }
                | RoomEvent::Closed {}
                | RoomEvent::Described { .. }
                | RoomEvent::Booked { .. }
                | RoomEvent::RetentionSet { .. } => false,
            },
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
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => false,
        }
    }

    async fn round(&mut self, app: &Arc<App>) -> Result<Next, ProcessError> {
        let oldest = app.clock.now_us() - micros(ORPHANED);
        let reader = &*app.reader;
        let today = utc_day(app.clock.now_us());
        let before = unattached_before(&app.settings.retention, today);
        let unattached = uploads::unattached(reader, before, MAX_ERASED).await?;
        let destroyed = uploads::destroyed(reader, MAX_ERASED).await?;
        let full = MAX_ERASED as usize;
        let more = unattached.len() == full || destroyed.len() == full;
        let mut recorded = false;
        for (rows, reason) in [
            (unattached, UploadEnd::NeverAttached),
            (destroyed, UploadEnd::DayDestroyed),
        ] {
            for row in rows {
                let upload = row.id;
                let erase = EraseUpload { upload, reason };
                recorded |= attempt(app, Self::NAME, &erase).await?.recorded();
            }
        }
        let behind = self.clear_erased(app).await?;
        if self.listed.is_none_or(|at| at.elapsed() >= LIST_EVERY) {
            self.listed = Some(Instant::now());
            let cleared = clear_orphans(app, oldest).await;
            cleared.unwrap_or_else(|error| tracing::warn!(%error, "objects could not be listed"));
        }
        let now = behind || (more && recorded);
        Ok(if now { Next::Now } else { Next::WhenWoken })
    }
}

impl Sweep {
    /// Removes the bytes of what was erased. Whether there is more of it.
    async fn clear_erased(&mut self, app: &App) -> Result<bool, ProcessError> {
        let rows = uploads::erased_after(&*app.reader, self.cleared, MAX_ERASED).await?;
        let Some(last) = rows.last() else {
            return Ok(false);
        };
        let (upto, full) = (last.position, rows.len() == MAX_ERASED as usize);
        let removals = rows.into_iter().map(|row| {
            let objects = app.uploads.objects.clone();
            async move { objects.remove(row.object).await }
        });
        let mut removals = futures_util::stream::iter(removals).buffer_unordered(REMOVALS_AT_ONCE);
        while let Some(removed) = removals.next().await {
            // Without its key it is noise; the next list of objects finds it.
            removed.unwrap_or_else(|error| {
                tracing::warn!(%error, "an erased file could not be removed");
                self.listed = None;
            });
        }
        self.cleared = upto;
        Ok(full)
    }
}

/// Removes objects that belong to no file: at once where their file was erased, after a day where
/// there is none, since it may be on its way.
async fn clear_orphans(app: &App, oldest_us: i64) -> Result<(), FileError> {
    let mut objects = app.uploads.objects.list();
    while let Some(listed) = objects.next().await {
        let Listed { object, written_at } = listed?;
        let needed = match uploads::of_object(&*app.reader, object).await {
            Ok(Some(upload)) => upload.erased_at.is_none(),
            Ok(None) => written_at > oldest_us,
            Err(error) => {
                tracing::warn!(%error, "whether an object is needed cannot be told now");
                return Ok(());
            }
        };
        if !needed {
            app.uploads.objects.remove(object).await?;
            metrics::counter!("maeum_objects_swept_total").increment(1);
        }
    }
    let objects = app.uploads.objects.clone();
    let unfinished = move || objects.remove_unfinished(ORPHANED);
    match tokio::task::spawn_blocking(unfinished).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "half-written files could not be removed"),
        Err(error) => tracing::error!(%error, "half-written files could not be looked for"),
    }
    Ok(())
}
