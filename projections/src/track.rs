//! Where each projection stands, and how all of them take the next stretch of the log.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use event_store::{EventStore, Position, StoreError};

use crate::projector::StartError;
use crate::{
    Batch, Checkpoint, Executor, Fact, Failure, Projection, ReadError, Standing, TailError, Turn,
};

/// One projection and how far it has come.
pub(crate) struct Track {
    pub projection: Box<dyn Projection>,
    pub position: Position,
    /// Why it goes no further.
    pub stopped: Option<String>,
}

/// All projections of one read store.
pub(crate) struct Tracks(Vec<Track>);

impl Tracks {
    /// All of them before their first event.
    pub fn new(projections: Vec<Box<dyn Projection>>) -> Self {
        let track = |projection| Track {
            projection,
            position: 0,
            stopped: None,
        };
        Self(projections.into_iter().map(track).collect())
    }

    /// Finds where each projection goes on, and makes its tables anew where its rows are of
    /// another version or another history. One that had stopped stays so until its checkpoint
    /// has moved.
    pub async fn place(
        &mut self,
        store: &dyn EventStore,
        read: &dyn Executor,
    ) -> Result<(), StartError> {
        let checkpoints = read.checkpoints().await?;
        for track in &mut self.0 {
            let name = track.projection.name();
            let checkpoint = checkpoints.iter().find(|found| found.projection == name);
            let position = match checkpoint {
                None => None,
                Some(found) => match mismatch(found, &*track.projection, store).await? {
                    None => Some(found.position),
                    Some(reason) => {
                        tracing::warn!(
                            projection = name,
                            position = found.position,
                            reason,
                            "rebuilding the projection from the first event"
                        );
                        None
                    }
                },
            };
            if position.is_none() {
                read.reset(name, track.projection.tables()).await?;
            }
            let position = position.unwrap_or_default();
            if track.position != position {
                track.position = position;
                track.stopped = None;
            }
        }
        Ok(())
    }

    /// Stands where another one that projects has come to.
    pub fn show(&mut self, standing: &Standing) {
        for track in &mut self.0 {
            let name = track.projection.name();
            let version = track.projection.version();
            let checkpoint = standing
                .checkpoints
                .iter()
                .find(|found| found.projection == name && found.version == version);
            track.position = checkpoint.map(|found| found.position).unwrap_or_default();
            let stopped = standing.stopped.iter().find(|(stopped, _)| stopped == name);
            track.stopped = stopped.map(|(_, reason)| reason.clone());
        }
    }

    /// What stopped for another one may go on here.
    pub fn go_on(&mut self) {
        for track in &mut self.0 {
            track.stopped = None;
        }
    }

    /// All that go no further, and why.
    pub fn stopped(&self) -> Vec<(&'static str, String)> {
        self.0
            .iter()
            .filter_map(|track| Some((track.projection.name(), track.stopped.clone()?)))
            .collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Track> {
        self.0.iter()
    }

    /// The position after which events are needed.
    pub fn first_position(&self) -> Position {
        let last = self.0.iter().map(|track| track.position).max();
        self.passed().or(last).unwrap_or_default()
    }

    /// What every projection that runs has passed; none if none runs.
    pub fn passed(&self) -> Option<Position> {
        self.0
            .iter()
            .filter(|track| track.stopped.is_none())
            .map(|track| track.position)
            .min()
    }

    /// Takes one stretch of the log, in one transaction. After an error only the checkpoints tell
    /// whether it was taken.
    pub async fn advance(
        &mut self,
        facts: &[Arc<Fact>],
        read: &dyn Executor,
    ) -> Result<(), ReadError> {
        let Some(last) = facts.last() else {
            return Ok(());
        };
        let mut failures = Vec::new();
        let mut turns = Vec::with_capacity(self.0.len());
        for track in self.0.iter().filter(|track| track.stopped.is_none()) {
            let new = facts.partition_point(|fact| fact.recorded.position <= track.position);
            if new == facts.len() {
                continue;
            }
            match project(&*track.projection, &facts[new..]) {
                Ok(batch) => turns.push(Turn {
                    projection: track.projection.name(),
                    version: track.projection.version(),
                    from: track.position,
                    to: last.recorded.position,
                    event_id: last.recorded.event_id,
                    batch,
                }),
                Err(failure) => failures.push(failure),
            }
        }
        let to = last.recorded.position;
        let moved: Vec<_> = turns.iter().map(|turn| turn.projection).collect();
        if !turns.is_empty() {
            failures.extend(read.execute(turns).await?);
        }
        for track in &mut self.0 {
            let name = track.projection.name();
            if let Some(failure) = failures.iter().find(|failure| failure.projection == name) {
                track.stop(failure);
            } else if moved.contains(&name) {
                track.position = to;
            }
        }
        Ok(())
    }

    /// Nobody gets past an event that cannot be read.
    pub fn stop_all(&mut self, cause: &TailError) {
        for track in self.0.iter_mut().filter(|track| track.stopped.is_none()) {
            track.stopped = Some(cause.to_string());
        }
    }
}

impl Track {
    fn stop(&mut self, failure: &Failure) {
        let (projection, reason) = (failure.projection, &failure.reason);
        tracing::error!(
            projection,
            position = failure.position,
            reason,
            "a projection stopped"
        );
        self.stopped = Some(match failure.position {
            Some(position) => format!("position {position}: {reason}"),
            None => reason.clone(),
        });
    }
}

/// A panic is a defect in the code for one event; it stops this projection and no other.
fn project(projection: &dyn Projection, facts: &[Arc<Fact>]) -> Result<Batch, Failure> {
    let mut batch = Batch::default();
    catch_unwind(AssertUnwindSafe(|| {
        for fact in facts {
            batch.add(projection, fact);
        }
    }))
    .map_err(|panic| Failure {
        projection: projection.name(),
        position: Some(batch.position()),
        reason: format!("panicked: {}", message(&*panic)),
    })?;
    Ok(batch)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// Why rows up to a checkpoint cannot be kept; none if they can.
async fn mismatch(
    checkpoint: &Checkpoint,
    projection: &dyn Projection,
    store: &dyn EventStore,
) -> Result<Option<&'static str>, StoreError> {
    if checkpoint.version != projection.version() {
        return Ok(Some("its rows were made by another version"));
    }
    if checkpoint.position > store.head().await? {
        return Ok(Some("the log ends before it: the log was restored"));
    }
    let events = store.read_positions(&[checkpoint.position]).await?;
    if events
        .first()
        .is_none_or(|event| event.event_id != checkpoint.event_id)
    {
        return Ok(Some(
            "another event is at its position: the log was restored",
        ));
    }
    Ok(None)
}
