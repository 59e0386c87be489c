//! What analysts count: a read model in a store of its own, without names, texts or ids, that
//! follows the log by itself, and the metrics that are read from it.

mod calendar;
mod metrics;
mod project;
mod pseudonyms;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use event_store::Position;

use crate::{
    Projector, ProjectorHandle, ProjectorStatus, ReadError, ReadStore, Row, Sql, StartError, Tail,
    Value,
};

pub use calendar::{By, Periods, Range, day_of};
pub use metrics::{Column, Kind, Metric, PEOPLE};
pub use project::Counts;
pub use pseudonyms::Pseudonyms;

/// The schema of these tables and views in PostgreSQL.
pub const SCHEMA: &str = "analytics";

/// What fewer different people than this have done is not shown.
pub const SMALLEST_GROUP: u64 = 5;

/// How long events gather before they are counted together.
const GATHERING: Duration = Duration::from_secs(1);

/// The groups of one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Everything up to here is counted, and nothing after it.
    pub as_of_position: Position,
    /// In the order of the periods; values as [`Metric::columns`] says.
    pub rows: Vec<Row>,
    /// Groups that are not shown because they are too small.
    pub suppressed: u64,
    /// There are more groups than were asked for.
    pub has_more: bool,
}

/// The counts, and what follows the log for them.
pub struct Analytics {
    counts: Arc<dyn ReadStore>,
    projector: ProjectorHandle,
}

impl Analytics {
    /// Starts to follow the log; does not wait until the counts have caught up.
    pub async fn start(
        tail: &Tail,
        counts: Arc<dyn ReadStore>,
        pseudonyms: Pseudonyms,
    ) -> Result<Self, StartError> {
        let projection = Box::new(Counts::new(Arc::new(pseudonyms)));
        let projector =
            Projector::start_with_pauses(tail, Arc::clone(&counts), vec![projection], GATHERING)
                .await?;
        Ok(Self { counts, projector })
    }

    /// The groups of a metric in the periods of a range, which is widened to whole ones, at most
    /// so many before the small ones are left out. It answers from what is counted by now.
    pub async fn report(
        &self,
        metric: Metric,
        range: Range,
        by: By,
        groups: u32,
    ) -> Result<Report, ReadError> {
        let Range { from, to } = range.whole(by);
        let parameters: Vec<Value> = vec![
            from.to_string().into(),
            to.to_string().into(),
            by.name().into(),
            (u64::from(groups) + 1).into(),
        ];
        let rows = self.counts.query(metric.sql(), parameters).await?;
        report(metric, rows, groups)
    }

    /// Waits until the counts have passed a position; false if that takes too long.
    pub async fn passes(&self, position: Position, within: Duration) -> bool {
        self.projector.wait_for(position, within).await
    }

    /// How the counts stand.
    pub fn status(&self) -> ProjectorStatus {
        self.projector.status()
    }

    /// The last event that is counted.
    pub fn position(&self) -> Position {
        self.projector.position()
    }

    /// Follows the log no further; the store is closed by whoever opened it.
    pub async fn stop(&self) {
        self.projector.stop().await;
    }
}

/// Every statement of this folder with its name, so that a test can prepare each of them.
pub fn every_statement() -> impl Iterator<Item = (&'static str, Sql)> {
    let all = project::STATEMENTS.iter().chain(metrics::STATEMENTS);
    all.copied()
}

/// Leaves out what is too small to be shown.
fn report(metric: Metric, found: Vec<Row>, groups: u32) -> Result<Report, ReadError> {
    let people = metric
        .columns()
        .iter()
        .position(|column| column.name == PEOPLE)
        .ok_or_else(|| ReadError::Statement("a metric that counts no people".into()))?;
    let mut report = Report {
        as_of_position: 0,
        rows: Vec::new(),
        suppressed: 0,
        has_more: false,
    };
    for (index, mut row) in (0_u32..).zip(found) {
        report.as_of_position = row.get(0)?;
        if row.get::<Option<String>>(1)?.is_none() {
            // The position alone.
            continue;
        }
        if index >= groups {
            report.has_more = true;
            break;
        }
        row.0.remove(0);
        if row.get::<u64>(people)? < SMALLEST_GROUP {
            report.suppressed += 1;
        } else {
            report.rows.push(row);
        }
    }
    Ok(report)
}
