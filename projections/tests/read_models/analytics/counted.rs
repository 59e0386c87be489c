//! A log, and the counts that follow it.

use std::sync::Arc;

use domain::Event;
use event_store::{EventStore, StreamName};
use jiff::civil::{Date, date};
use projections::analytics::{Analytics, By, Metric, Pseudonyms, Range, Report};
use projections::{Fact, Sql, Tail, Value, fact};

use crate::fixture::{Log, PATIENCE};
use crate::places::{Engine, Opened};
use crate::workload::World;

/// The day on which a log's clock begins.
pub const FIRST_DAY: Date = date(2026, 10, 20);

const SECRET: [u8; 32] = [3; 32];

pub const ALL_BY: [By; 3] = [By::Day, By::Week, By::Month];

/// More groups than there are.
const GROUPS: u32 = 100_000;

/// Everything that ever happens here.
pub const EVER: Range = Range {
    from: date(2026, 1, 1),
    to: date(2027, 12, 31),
};

pub struct Counted {
    pub log: Log,
    tail: Tail,
    pub opened: Opened,
    pub analytics: Analytics,
}

pub fn pseudonyms() -> Pseudonyms {
    Pseudonyms::new(SECRET)
}

impl Counted {
    pub async fn new(engine: Engine) -> Self {
        let log = Log::on(engine).await;
        let first = FIRST_DAY.to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        log.at(first.timestamp().as_microsecond());
        Self::over(log).await
    }

    /// Counts that begin, or go on, where those of this log are.
    pub async fn over(log: Log) -> Self {
        let opened = log.place.open_analytics().await;
        let tail = Tail::start(log.store(), log.keys(), log.head().await);
        let analytics = Analytics::start(&tail, opened.store(), pseudonyms()).await;
        Self {
            log,
            tail,
            opened,
            analytics: analytics.unwrap(),
        }
    }

    pub async fn stop(self) -> Log {
        self.analytics.stop().await;
        self.tail.stop();
        self.opened.close().await;
        self.log
    }

    /// Lets so many things happen in the course of so many days.
    pub async fn grow(&self, world: &mut World, steps: usize, days: i64) {
        let pause_us = usize::try_from(days * 86_400_000_000).unwrap() / steps;
        for _ in 0..steps {
            let decision = world.step(self.log.head().await);
            self.log.append(decision).await;
            let pause = world.below(2 * pause_us);
            self.log.advance(i64::try_from(pause).unwrap());
        }
    }

    pub async fn happens(&self, stream: StreamName, event: impl Into<Event>) {
        self.log.append(vec![(stream, event.into())]).await;
    }

    pub async fn catch_up(&self) {
        let head = self.log.head().await;
        assert!(
            self.analytics.passes(head, PATIENCE).await,
            "not at {head}: {:?}",
            self.analytics.status()
        );
    }

    pub async fn report(&self, metric: Metric, range: Range, by: By) -> Report {
        let report = self.analytics.report(metric, range, by, GROUPS).await;
        let report = report.unwrap();
        assert_eq!(report.as_of_position, self.analytics.position());
        report
    }

    /// All metrics by all periods.
    pub async fn reports(&self) -> Vec<Report> {
        self.catch_up().await;
        let mut reports = Vec::new();
        for metric in Metric::ALL {
            for by in ALL_BY {
                reports.push(self.report(metric, EVER, by).await);
            }
        }
        reports
    }

    /// Rows of a query of one's own.
    pub async fn query(&self, sql: &'static str) -> Vec<Vec<Value>> {
        let store = self.opened.store();
        let rows = store.query(Sql::Shared(sql), Vec::new()).await;
        rows.unwrap().into_iter().map(|row| row.0).collect()
    }

    /// Everything that has happened.
    pub async fn facts(&self) -> Vec<Fact> {
        let keys = self.log.keys();
        let page = self.log.store.read_all(0, usize::MAX >> 1).await.unwrap();
        assert_eq!(page.scanned_to, self.log.head().await);
        let events = page.events.into_iter();
        events
            .map(|event| fact(Arc::clone(&event), &*keys).unwrap())
            .collect()
    }
}
