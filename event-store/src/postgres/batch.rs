//! A batch of appends under the lock: judged in order, numbered, and laid out in columns.

use std::borrow::Cow;
use std::collections::HashSet;

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::row::Json;
use super::session::Head;
use super::stream_id::aggregate_id;
use crate::heads::{Heads, check};
use crate::prepare::Prepared;
use crate::queue::{Answer, Job};
use crate::{Dedupe, Recorded, StoreError, StreamName};

/// The streams whose versions must be known, each once, but for those in the cache.
pub(super) fn unknown_streams(heads: &mut Heads, jobs: &[Job]) -> Vec<StreamName> {
    let mut seen = HashSet::new();
    let appends = jobs.iter().map(|job| &job.append);
    appends
        .flat_map(|append| {
            let required = append.requires.iter().map(|(stream, _)| stream);
            required.chain(append.writes.iter().map(|write| &write.stream))
        })
        .filter(|stream| heads.cached(stream).is_none() && seen.insert(*stream))
        .cloned()
        .collect()
}

/// The dedupe hashes that the batch carries.
pub(super) fn dedupes(jobs: &[Job]) -> Vec<Dedupe> {
    jobs.iter()
        .flat_map(|job| dedupes_of(&job.append))
        .collect()
}

fn dedupes_of(append: &Prepared) -> impl Iterator<Item = Dedupe> {
    let events = append.writes.iter().flat_map(|write| &write.events);
    events.filter_map(|event| event.recorded.dedupe)
}

/// Answers each append as if those before it were stored, and numbers the events of those that
/// are to be. `taken` are the hashes that the log holds already. Moves `head` on.
pub(super) fn judge(
    heads: &mut Heads,
    head: &mut Head,
    now: i64,
    taken: &mut HashSet<Dedupe>,
    jobs: &mut [Job],
) -> Vec<Answer> {
    let recorded_at = now.max(head.recorded_at);
    jobs.iter_mut()
        .map(|job| {
            let mark = heads.mark();
            if let Err(refusal) = admit(heads, taken, &job.append) {
                heads.back_to(mark);
                return Err(refusal);
            }
            let events = job
                .append
                .writes
                .iter_mut()
                .flat_map(|write| &mut write.events);
            Ok(events
                .map(|event| {
                    head.position += 1;
                    head.recorded_at = recorded_at;
                    let row = std::sync::Arc::make_mut(&mut event.recorded);
                    (row.position, row.recorded_at) = (head.position, recorded_at);
                    event.recorded.clone()
                })
                .collect())
        })
        .collect()
}

/// Whether the append may be stored; if so, the heads and hashes include it.
fn admit(
    heads: &mut Heads,
    taken: &mut HashSet<Dedupe>,
    append: &Prepared,
) -> Result<(), StoreError> {
    for (stream, version) in &append.requires {
        check(stream, *version, heads.cached(stream).unwrap_or_default())?;
    }
    for write in &append.writes {
        let actual = heads.cached(&write.stream).unwrap_or_default();
        check(&write.stream, write.expected, actual)?;
        if let Some(last) = write.events.last() {
            heads.set(&write.stream, last.recorded.sequence);
        }
    }
    let mut own = HashSet::new();
    for dedupe in dedupes_of(append) {
        if taken.contains(&dedupe) || !own.insert(dedupe) {
            return Err(StoreError::Duplicate);
        }
    }
    taken.extend(own);
    Ok(())
}

/// Rows to be inserted by one statement, column by column.
#[derive(Default)]
pub(super) struct Rows<'a> {
    positions: Vec<i64>,
    aggregate_types: Vec<&'a str>,
    aggregate_ids: Vec<Cow<'a, str>>,
    sequences: Vec<i64>,
    event_ids: Vec<Uuid>,
    dedupes: Vec<Option<&'a [u8]>>,
    event_types: Vec<&'a str>,
    event_versions: Vec<&'a str>,
    numbers: Vec<Option<i64>>,
    recorded_at: Vec<i64>,
    payloads: Vec<Json<'a>>,
    metadata: Vec<Json<'a>>,
    parts: Vec<Option<&'a [u8]>>,
}

impl<'a> Rows<'a> {
    /// The events of the appends that are to be stored.
    pub fn of(jobs: &'a [Job], answers: &[Answer]) -> Self {
        let mut rows = Self::default();
        let stored = jobs
            .iter()
            .zip(answers)
            .filter(|(_, answer)| answer.is_ok());
        for (job, _) in stored {
            for event in job.append.writes.iter().flat_map(|write| &write.events) {
                rows.push(&event.recorded, &event.metadata, event.parts.as_deref());
            }
        }
        rows
    }

    pub fn push(&mut self, event: &'a Recorded, metadata: &'a [u8], parts: Option<&'a [u8]>) {
        self.positions.push(event.position.cast_signed());
        self.aggregate_types.push(event.stream.category());
        self.aggregate_ids.push(aggregate_id(&event.stream));
        self.sequences.push(event.sequence.cast_signed());
        self.event_ids.push(event.event_id);
        self.dedupes
            .push(event.dedupe.as_ref().map(<[u8; 16]>::as_slice));
        self.event_types.push(&event.event_type);
        self.event_versions.push(&event.event_version);
        self.numbers.push(event.number.map(u64::cast_signed));
        self.recorded_at.push(event.recorded_at);
        self.payloads.push(Json(&event.payload));
        self.metadata.push(Json(metadata));
        self.parts.push(parts);
    }

    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// The parameters of [`INSERT`].
    pub fn parameters(&self) -> [&(dyn ToSql + Sync); 13] {
        [
            &self.positions,
            &self.aggregate_types,
            &self.aggregate_ids,
            &self.sequences,
            &self.event_ids,
            &self.dedupes,
            &self.event_types,
            &self.event_versions,
            &self.numbers,
            &self.recorded_at,
            &self.payloads,
            &self.metadata,
            &self.parts,
        ]
    }
}

/// One statement for any number of rows.
pub(super) const INSERT: &str = "INSERT INTO events (position, aggregate_type, aggregate_id,
    sequence, event_id, dedupe, event_type, event_version, number, recorded_at, payload, metadata,
    parts)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::uuid[],
    $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::json[], $12::json[],
    $13::bytea[])";
