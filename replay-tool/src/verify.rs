//! `verify`: walks through the whole log and tells what is wrong with it.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::Path;
use std::sync::Arc;

use domain::Event;
use event_store::keys::KeyStore;
use event_store::{EventStore, Position, Recorded};
use projections::FactError;
use serde::Serialize;
use uuid::Uuid;

use crate::arguments::{PlaceArguments, VerifyArguments};
use crate::bundle::{self, Told};
use crate::damage::damage_of_log;
use crate::failure::Failure;
use crate::finding::{Finding, FindingKind};
use crate::gathered::{Gathered, Record};
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

    fn keep_shown(&mut self) {
        self.shown.sort_by_key(place);
        self.shown.truncate(SHOWN_FINDINGS);
    }

    fn lacks_names(&self) -> bool {
        self.shown.iter().chain(&self.first).any(lacks_name)
    }

    /// Says to which stream what was found at a position belongs.
    fn name(&mut self, position: Position, event: &Recorded) {
        for finding in self.shown.iter_mut().chain(&mut self.first) {
            if finding.position == position && lacks_name(finding) {
                finding.stream = Some(event.stream.to_string());
            }
        }
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
    check.end(head)?;
    if check.report.lacks_names() {
        bundle::walk(path, |told| {
            if let Told::Met(Met::Event(event)) = told {
                check.report.name(event.position, &event);
            }
        })?;
    }
    Ok(check.report)
}

async fn walk(place: &PlaceArguments, check: &mut Check) -> Result<(), Failure> {
    let store = place::log(place).await?;
    let head = scan(&*store, "verifying", |met| check.meet(met)).await?;
    check.end(head)?;
    name_streams(&*store, &mut check.report).await
}

/// Tells of what happened to it where only the position of an event is known.
async fn name_streams(store: &dyn EventStore, report: &mut Report) -> Result<(), Failure> {
    let all = report.shown.iter().chain(&report.first);
    let nameless = all.filter(|finding| lacks_name(finding));
    let positions: Vec<_> = nameless.map(|finding| finding.position).collect();
    for position in positions {
        for event in store.read_positions(&[position]).await? {
            report.name(position, &event);
        }
    }
    Ok(())
}

/// Where a finding stands among others: of those at one position what is wrong with the place of the
/// event first, then what is wrong with itself.
fn place(finding: &Finding) -> (Position, u8) {
    let rank = match finding.kind {
        FindingKind::FileDamaged
        | FindingKind::Unreadable
        | FindingKind::PositionGap
        | FindingKind::OutOfOrder
        | FindingKind::TimeWentBack => 0,
        FindingKind::SequenceGap => 1,
        FindingKind::NotUnique => 2,
        FindingKind::Undecodable
        | FindingKind::Unopenable
        | FindingKind::Changed
        | FindingKind::SealInvalid
        | FindingKind::CutOff
        | FindingKind::RootDiffers => 3,
    };
    (finding.position, rank)
}

/// Whether it is of an event whose stream is not told yet.
fn lacks_name(finding: &Finding) -> bool {
    finding.stream.is_none()
        && matches!(
            finding.kind,
            FindingKind::Changed | FindingKind::SequenceGap | FindingKind::NotUnique
        )
}

/// What is remembered of the events before; of streams by hashes.
struct Check {
    keys: Arc<dyn KeyStore>,
    seals: SealCheck,
    position: Position,
    recorded_at: i64,
    versions: Gathered,
    ids: Gathered,
    dedupes: Gathered,
    /// Why something could not be gathered.
    lost: Option<io::Error>,
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
            versions: Gathered::default(),
            ids: Gathered::default(),
            dedupes: Gathered::default(),
            lost: None,
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
        self.gather(event);
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

    /// Remembers what can be held against the others only in the end.
    fn gather(&mut self, event: &Recorded) {
        let position = event.position;
        let record = |name: u128, number: u64| Record {
            name,
            position,
            number,
        };
        let stream = self.hash(event.stream.as_str());
        let versions = self.versions.add(record(stream, event.sequence));
        let ids = self.ids.add(record(event.event_id.as_u128(), 0));
        let dedupes = match event.dedupe {
            Some(dedupe) => self.dedupes.add(record(u128::from_be_bytes(dedupe), 0)),
            None => Ok(()),
        };
        let lost = versions.and(ids).and(dedupes).err();
        self.lost = self.lost.take().or(lost);
    }

    /// Every stream has all its events, each once.
    fn sequences(&mut self) -> io::Result<()> {
        let mut before: Option<Record> = None;
        let mut streams = 0;
        let versions = std::mem::take(&mut self.versions);
        versions.tell(|record| {
            let known = before.filter(|before| before.name == record.name);
            streams += u64::from(known.is_none());
            let expected = known.map_or(0, |before| before.number) + 1;
            before = Some(record);
            if record.number != expected {
                let detail = format!("its sequence is {} and should be {expected}", record.number);
                let kind = FindingKind::SequenceGap;
                self.found(Finding::nameless(record.position, kind, detail));
            }
        })?;
        self.report.streams = streams;
        Ok(())
    }

    fn uniqueness(&mut self) -> io::Result<()> {
        let ids = std::mem::take(&mut self.ids);
        self.twice(ids, |record| {
            let id = Uuid::from_u128(record.name);
            format!("its id {id} is on an earlier event as well")
        })?;
        let dedupes = std::mem::take(&mut self.dedupes);
        self.twice(dedupes, |_| {
            "its client's key was recorded before".to_owned()
        })
    }

    /// Finds what is there a second time.
    fn twice(&mut self, all: Gathered, detail: impl Fn(Record) -> String) -> io::Result<()> {
        let mut before = None;
        all.tell(|record| {
            if before == Some(record.name) {
                let kind = FindingKind::NotUnique;
                self.found(Finding::nameless(record.position, kind, detail(record)));
            }
            before = Some(record.name);
        })
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
            .is_none_or(|first| place(&finding) < place(first))
        {
            *first = Some(finding.clone());
        }
        self.report.shown.push(finding);
        // Those with the lowest positions are shown, and some are found in the end only.
        if self.report.shown.len() >= 2 * SHOWN_FINDINGS {
            self.report.keep_shown();
        }
    }

    fn hash(&self, name: &str) -> u128 {
        let [high, low] = self.hashers.each_ref().map(|hasher| hasher.hash_one(name));
        u128::from(high) << 64 | u128::from(low)
    }

    fn end(&mut self, head: Position) -> Result<(), Failure> {
        let gathered = match self.lost.take() {
            Some(error) => Err(error),
            None => self.sequences().and_then(|()| self.uniqueness()),
        };
        gathered.map_err(|error| Failure::Temporary(error.to_string()))?;
        let mut found = Vec::new();
        self.report.seals = self.seals.end(head, &mut found);
        for finding in found {
            self.found(finding);
        }
        self.report.keep_shown();
        self.report.head = head;
        Ok(())
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
