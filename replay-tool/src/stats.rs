//! `stats`: counts what a log holds.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use event_store::keys::{Key, KeyStore};
use event_store::{Position, Recorded};
use jiff::Timestamp;
use serde::Serialize;

use crate::arguments::PlaceArguments;
use crate::failure::Failure;
use crate::place;
use crate::scan::{Met, scan};

/// Keys that are asked for in one question.
const KEYS_AT_ONCE: usize = 1_000;

/// What a log holds.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub head: Position,
    pub events: u64,
    pub streams: u64,
    /// Positions with nothing that can be read; `verify` tells more.
    pub unreadable: u64,
    pub payload_bytes: u64,
    pub sealed_bytes: u64,
    /// RFC 3339 in UTC with microseconds.
    pub first_recorded_at: Option<String>,
    pub last_recorded_at: Option<String>,
    /// By `type@version`.
    pub types: BTreeMap<String, Share>,
    /// By the category of the stream.
    pub categories: BTreeMap<String, Share>,
    /// None without a key store.
    pub keys: Option<Keys>,
}

/// One type's, or one category's, part of the log.
#[derive(Debug, Default, Serialize)]
pub struct Share {
    pub events: u64,
    /// Streams that begin in it.
    pub streams: u64,
    pub bytes: u64,
}

/// The keys that the log's sealed parts name.
#[derive(Debug, Default, Serialize)]
pub struct Keys {
    pub present: u64,
    pub destroyed: u64,
    /// Neither there nor destroyed: what they seal cannot be read.
    pub absent: u64,
}

pub async fn stats(place: &PlaceArguments) -> Result<Report, Failure> {
    let store = place::log(place).await?;
    let keys = if place::has_keys(place)? {
        Some(place::keys(place).await?)
    } else {
        None
    };
    let mut report = Report::default();
    let mut names = HashSet::new();
    let (mut first, mut last) = (None, None);
    report.head = scan(&*store, "counting", |met| match met {
        Met::Event(event) => {
            first = first.or(Some(event.recorded_at));
            last = Some(event.recorded_at);
            count(&mut report, &mut names, &event);
        }
        Met::Missing { from, to } => report.unreadable += to - from + 1,
        Met::Unreadable { .. } => report.unreadable += 1,
    })
    .await?;
    report.first_recorded_at = first.and_then(time);
    report.last_recorded_at = last.and_then(time);
    report.keys = keys.map(|keys| ask(&*keys, &names)).transpose()?;
    Ok(report)
}

/// None for a time that no calendar has.
fn time(microseconds: i64) -> Option<String> {
    Timestamp::from_microsecond(microseconds)
        .ok()
        .map(|time| format!("{time:.6}"))
}

fn count(report: &mut Report, names: &mut HashSet<Arc<str>>, event: &Recorded) {
    let payload = event.payload.len() as u64;
    let sealed = event
        .parts
        .iter()
        .map(|part| part.ciphertext.len() as u64)
        .sum::<u64>();
    let begins = u64::from(event.sequence == 1);
    report.events += 1;
    report.streams += begins;
    report.payload_bytes += payload;
    report.sealed_bytes += sealed;
    let event_type = format!("{}@{}", event.event_type, event.event_version);
    let category = event.stream.category().to_owned();
    for share in [
        report.types.entry(event_type).or_default(),
        report.categories.entry(category).or_default(),
    ] {
        share.events += 1;
        share.streams += begins;
        share.bytes += payload + sealed;
    }
    for part in &event.parts {
        for name in std::iter::once(&part.keys.subject).chain(&part.keys.bucket) {
            if !names.contains(name) {
                names.insert(name.clone());
            }
        }
    }
}

fn ask(keys: &dyn KeyStore, names: &HashSet<Arc<str>>) -> Result<Keys, Failure> {
    let mut answer = Keys::default();
    let names: Vec<Arc<str>> = names.iter().cloned().collect();
    for names in names.chunks(KEYS_AT_ONCE) {
        for key in keys.get_many(names)? {
            match key {
                Key::Present(_) => answer.present += 1,
                Key::Destroyed => answer.destroyed += 1,
                Key::Absent => answer.absent += 1,
            }
        }
    }
    Ok(answer)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} events in {} streams, head {}",
            self.events, self.streams, self.head
        )?;
        if let (Some(first), Some(last)) = (&self.first_recorded_at, &self.last_recorded_at) {
            writeln!(f, "from {first} to {last}")?;
        }
        writeln!(
            f,
            "{} bytes plain, {} bytes sealed",
            self.payload_bytes, self.sealed_bytes
        )?;
        if self.unreadable > 0 {
            writeln!(
                f,
                "{} positions cannot be read; see verify",
                self.unreadable
            )?;
        }
        match &self.keys {
            Some(keys) => writeln!(
                f,
                "keys: {} present, {} destroyed, {} absent",
                keys.present, keys.destroyed, keys.absent
            )?,
            None => writeln!(f, "keys: unknown, there is no key store here")?,
        }
        table(f, "category", &self.categories)?;
        table(f, "type", &self.types)
    }
}

fn table(f: &mut fmt::Formatter<'_>, title: &str, shares: &BTreeMap<String, Share>) -> fmt::Result {
    write!(
        f,
        "\n{title:<40} {:>12} {:>12} {:>14}",
        "events", "streams", "bytes"
    )?;
    for (name, share) in shares {
        write!(
            f,
            "\n{name:<40} {:>12} {:>12} {:>14}",
            share.events, share.streams, share.bytes
        )?;
    }
    writeln!(f)
}
