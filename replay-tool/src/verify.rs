//! `verify`: walks through the whole log and tells what is wrong with it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use event_store::keys::KeyStore;
use event_store::{Position, Recorded, Version};
use projections::FactError;
use serde::Serialize;

use crate::arguments::{PlaceArguments, VerifyArguments};
use crate::damage::damage_of_log;
use crate::failure::Failure;
use crate::finding::{Finding, FindingKind};
use crate::no_keys::NoKeys;
use crate::place;
use crate::scan::{Met, scan};

/// Findings that are shown; all are counted.
const SHOWN_FINDINGS: usize = 100;

/// What a walk through the log found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The last position that was looked at.
    pub head: Position,
    pub events: u64,
    pub streams: u64,
    pub findings: u64,
    pub first: Option<Finding>,
    pub shown: Vec<Finding>,
}

impl Report {
    pub fn is_fine(&self) -> bool {
        self.findings == 0
    }
}

pub async fn verify(place: &PlaceArguments, options: &VerifyArguments) -> Result<Report, Failure> {
    let keys: Arc<dyn KeyStore> = if options.without_keys {
        Arc::new(NoKeys)
    } else {
        place::keys(place).await?
    };
    let mut check = Check::new(keys);
    if let Some(detail) = damage_of_log(place).await? {
        let kind = FindingKind::FileDamaged;
        check.found(Finding {
            position: 0,
            stream: None,
            kind,
            detail,
        });
    }
    let head = match walk(place, &mut check).await {
        Ok(head) => head,
        // So badly that it cannot even be begun, which was found above.
        Err(failure) if failure.is_damage() && check.report.findings > 0 => 0,
        Err(failure) => return Err(failure),
    };
    Ok(check.report(head))
}

async fn walk(place: &PlaceArguments, check: &mut Check) -> Result<Position, Failure> {
    let store = place::log(place).await?;
    Ok(scan(&*store, "verifying", |met| check.meet(met)).await?)
}

/// What is remembered of the events before. Streams and ids by hashes, some 60 bytes an event.
struct Check {
    keys: Arc<dyn KeyStore>,
    position: Position,
    recorded_at: i64,
    versions: HashMap<u128, Version>,
    ids: HashSet<u128>,
    dedupes: HashSet<u128>,
    hashers: [RandomState; 2],
    report: Report,
}

impl Check {
    fn new(keys: Arc<dyn KeyStore>) -> Self {
        Self {
            keys,
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
                self.found(Finding {
                    position: from,
                    stream: None,
                    kind: FindingKind::PositionGap,
                    detail,
                });
            }
            Met::Unreadable { position, reason } => {
                self.position = position;
                let kind = FindingKind::Unreadable;
                self.found(Finding {
                    position,
                    stream: None,
                    kind,
                    detail: reason,
                });
            }
        }
    }

    fn event(&mut self, event: &Arc<Recorded>) {
        self.report.events += 1;
        self.order(event);
        self.sequence(event);
        self.uniqueness(event);
        self.content(event);
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

    fn content(&mut self, event: &Arc<Recorded>) {
        let (kind, detail) = match projections::fact(event.clone(), &*self.keys) {
            Ok(_) => return,
            Err(FactError::Decode { cause, .. }) => (FindingKind::Undecodable, cause.to_string()),
            Err(FactError::Stream { .. }) => {
                let detail = "its stream is not named by an id".to_owned();
                (FindingKind::Undecodable, detail)
            }
            Err(FactError::Open { cause, .. }) => (FindingKind::Unopenable, cause.to_string()),
        };
        self.found(Finding::at(event, kind, detail));
    }

    fn found(&mut self, finding: Finding) {
        self.report.findings += 1;
        self.report.first.get_or_insert_with(|| finding.clone());
        if self.report.shown.len() < SHOWN_FINDINGS {
            self.report.shown.push(finding);
        }
    }

    fn hash(&self, name: &str) -> u128 {
        let [high, low] = self.hashers.each_ref().map(|hasher| hasher.hash_one(name));
        u128::from(high) << 64 | u128::from(low)
    }

    fn report(self, head: Position) -> Report {
        Report {
            head,
            streams: self.versions.len() as u64,
            ..self.report
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.shown {
            writeln!(f, "{finding}")?;
        }
        write!(
            f,
            "{} events in {} streams up to position {}: ",
            self.events, self.streams, self.head
        )?;
        match &self.first {
            None => f.write_str("fine"),
            Some(first) => write!(f, "{} findings, the first at {first}", self.findings),
        }
    }
}
