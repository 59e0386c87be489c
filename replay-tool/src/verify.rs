//! `verify`: walks through the whole log and tells what is wrong with it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use domain::Event;
use event_store::keys::KeyStore;
use event_store::{EventStore, Position, Recorded, Version};
use projections::FactError;
use serde::Serialize;

use crate::arguments::{PlaceArguments, VerifyArguments};
use crate::bundle::{self, Told};
use crate::damage::damage_of_log;
use crate::failure::Failure;
use crate::finding::{Finding, FindingKind};
use crate::no_keys::NoKeys;
use crate::place;
use crate::scan::{Met, scan};
use crate::seals::{SealCheck, Summary};

/// Findings that are shown; all are counted.
const SHOWN_FINDINGS: usize = 100;

/// What a walk through the log found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The last position that was looked at.
    pub head: Position,
    pub events: u64,
    pub streams: u64,
    pub seals: Summary,
    pub findings: u64,
    /// The one with the lowest position.
    pub first: Option<Finding>,
    pub shown: Vec<Finding>,
}

impl Report {
    pub fn is_fine(&self) -> bool {
        self.findings == 0
    }
}

pub async fn verify(place: &PlaceArguments, options: &VerifyArguments) -> Result<Report, Failure> {
    if let Some(bundle) = &options.bundle {
        return verify_bundle(&bundle::file_of(bundle), options);
    }
    let keys: Arc<dyn KeyStore> = if options.without_keys {
        Arc::new(NoKeys)
    } else {
        place::keys(place).await?
    };
    let seals = SealCheck::new(&*keys, options.seal_key.clone(), options.root.clone())?;
    let mut check = Check::new(keys, seals);
    if let Some(detail) = damage_of_log(place).await? {
        let kind = FindingKind::FileDamaged;
        check.found(Finding::nameless(0, kind, detail));
    }
    match walk(place, &mut check).await {
        Ok(()) => {}
        // So badly that it cannot even be begun, which was found above.
        Err(failure) if failure.is_damage() && check.report.findings > 0 => {}
        Err(failure) => return Err(failure),
    }
    Ok(check.report)
}

/// Checks a bundle, of which nothing is opened.
fn verify_bundle(path: &Path, options: &VerifyArguments) -> Result<Report, Failure> {
    let key = options.seal_key.clone();
    let seals = SealCheck::new(&NoKeys, key, options.root.clone())?;
    let mut check = Check::new(Arc::new(NoKeys), seals);
    let mut end = None;
    let head = bundle::walk(path, |told| match told {
        Told::Key(key) => check.seals.trust(key),
        Told::Met(met) => check.meet(met),
        Told::Found(finding) => check.found(finding),
        Told::End(claim) => end = Some(claim),
    })?;
    if let Some(claim) = end {
        let mut found = Vec::new();
        check.seals.bundle_end(&claim, head, &mut found);
        for finding in found {
            check.found(finding);
        }
    }
    check.end(head);
    Ok(check.report)
}

async fn walk(place: &PlaceArguments, check: &mut Check) -> Result<(), Failure> {
    let store = place::log(place).await?;
    let head = scan(&*store, "verifying", |met| check.meet(met)).await?;
    check.end(head);
    name_streams(&*store, &mut check.report).await
}

/// Tells of what happened to it where only the position of an event is known.
async fn name_streams(store: &dyn EventStore, report: &mut Report) -> Result<(), Failure> {
    for finding in report.shown.iter_mut().chain(&mut report.first) {
        if finding.stream.is_none() && finding.kind == FindingKind::Changed {
            let events = store.read_positions(&[finding.position]).await?;
            finding.stream = events.first().map(|event| event.stream.to_string());
        }
    }
    Ok(())
}

/// What is remembered of the events before. Streams and ids by hashes, some 60 bytes an event.
struct Check {
    keys: Arc<dyn KeyStore>,
    seals: SealCheck,
    position: Position,
    recorded_at: i64,
    versions: HashMap<u128, Version>,
    ids: HashSet<u128>,
    dedupes: HashSet<u128>,
    hashers: [RandomState; 2],
    report: Report,
}

impl Check {
    fn new(keys: Arc<dyn KeyStore>, seals: SealCheck) -> Self {
        Self {
            keys,
            seals,
            position: 0,
            recorded_at: i64::MIN,
            versions: HashMap::new(),
            ids: HashSet::new(),
            dedupes: HashSet::new(),
            hashers: [RandomState::new(), RandomState::new()],
            report: Report::default(),
        }
    }

    fn meet(&mut self, met: Met) {
        match met {
            Met::Event(event) => self.event(&event),
            Met::Missing { from, to } => {
                self.position = to;
                let detail = match to - from {
                    0 => "there is no event at this position".to_owned(),
                    more => format!("there is no event here and at the {more} positions after it"),
                };
                self.found(Finding::nameless(from, FindingKind::PositionGap, detail));
                self.seals.unreadable();
            }
            Met::Unreadable { position, reason } => {
                self.position = position;
                self.found(Finding::nameless(position, FindingKind::Unreadable, reason));
                self.seals.unreadable();
            }
        }
    }

    fn event(&mut self, event: &Arc<Recorded>) {
        self.report.events += 1;
        self.order(event);
        self.sequence(event);
        self.uniqueness(event);
        let mut found = Vec::new();
        self.seals.event(event, &mut found);
        self.content(event, &mut found);
        for finding in found {
            self.found(finding);
        }
    }

    fn order(&mut self, event: &Recorded) {
        let expected = self.position + 1;
        if event.position != expected {
            let detail = format!("position {expected} should come here");
            self.found(Finding::at(event, FindingKind::PositionGap, detail));
        }
        self.position = event.position;
        if event.recorded_at < self.recorded_at {
            let back = self.recorded_at - event.recorded_at;
            let detail = format!("recorded {back} µs before the event before it");
            self.found(Finding::at(event, FindingKind::TimeWentBack, detail));
        }
        self.recorded_at = self.recorded_at.max(event.recorded_at);
    }

    fn sequence(&mut self, event: &Recorded) {
        let stream = self.hash(event.stream.as_str());
        let before = self.versions.insert(stream, event.sequence).unwrap_or(0);
        if event.sequence != before + 1 {
            let detail = format!(
                "its sequence is {} and should be {}",
                event.sequence,
                before + 1
            );
            self.found(Finding::at(event, FindingKind::SequenceGap, detail));
        }
    }

    fn uniqueness(&mut self, event: &Recorded) {
        if !self.ids.insert(event.event_id.as_u128()) {
            let detail = format!("its id {} is on an earlier event as well", event.event_id);
            self.found(Finding::at(event, FindingKind::NotUnique, detail));
        }
        if let Some(dedupe) = event.dedupe
            && !self.dedupes.insert(u128::from_be_bytes(dedupe))
        {
            let detail = "its client's key was recorded before".to_owned();
            self.found(Finding::at(event, FindingKind::NotUnique, detail));
        }
    }

    fn content(&mut self, event: &Arc<Recorded>, found: &mut Vec<Finding>) {
        let (kind, detail) = match projections::fact(event.clone(), &*self.keys) {
            Ok(fact) => {
                if let Event::Seal(seal) = &fact.event {
                    self.seals.seal(event, seal, found);
                }
                return;
            }
            Err(FactError::Decode { cause, .. }) => (FindingKind::Undecodable, cause.to_string()),
            Err(FactError::Stream { .. }) => {
                let detail = "its stream is not named by an id".to_owned();
                (FindingKind::Undecodable, detail)
            }
            Err(FactError::Open { cause, .. }) => (FindingKind::Unopenable, cause.to_string()),
        };
        self.seals.undecodable(event);
        found.push(Finding::at(event, kind, detail));
    }

    fn found(&mut self, finding: Finding) {
        self.report.findings += 1;
        let first = &mut self.report.first;
        if first
            .as_ref()
            .is_none_or(|first| finding.position < first.position)
        {
            *first = Some(finding.clone());
        }
        if self.report.shown.len() < SHOWN_FINDINGS {
            self.report.shown.push(finding);
        }
    }

    fn hash(&self, name: &str) -> u128 {
        let [high, low] = self.hashers.each_ref().map(|hasher| hasher.hash_one(name));
        u128::from(high) << 64 | u128::from(low)
    }

    fn end(&mut self, head: Position) {
        let mut found = Vec::new();
        self.report.seals = self.seals.end(head, &mut found);
        for finding in found {
            self.found(finding);
        }
        self.report.shown.sort_by_key(|finding| finding.position);
        self.report.head = head;
        self.report.streams = self.versions.len() as u64;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.shown {
            writeln!(f, "{finding}")?;
        }
        write!(
            f,
            "{} events in {} streams up to position {}, {}: ",
            self.events, self.streams, self.head, self.seals
        )?;
        match &self.first {
            None => f.write_str("fine"),
            Some(first) => write!(f, "{} findings, the first at {first}", self.findings),
        }
    }
}
