//! Counts as they are answered.

use projections::Value;
use projections::analytics::{Column, Report};
use serde::Serialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

/// The groups of one metric.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MetricView {
    pub metric: &'static str,
    /// The first day (UTC) that is counted, of a whole period
    pub from: String,
    /// The last day that is counted, of a whole period
    pub to: String,
    /// `day`, `week` or `month`
    pub by: &'static str,
    /// Every event up to here is counted, and none after it
    pub as_of_position: u64,
    /// One object for each group; `docs/analytics.md` defines the fields of each metric
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Map<String, serde_json::Value>>,
    /// Groups of fewer than five different people, of which nothing else is told
    pub suppressed: u64,
}

/// Rows as objects.
pub(super) fn objects(columns: &[Column], report: Report) -> Vec<Map<String, serde_json::Value>> {
    let object = |row: projections::Row| {
        let values = row.0.into_iter().map(|value| match value {
            Value::Int(count) => json!(count),
            Value::Real(number) => json!(number),
            Value::Text(text) => json!(&*text),
            Value::Null | Value::Blob(_) => serde_json::Value::Null,
        });
        let names = columns.iter().map(|column| column.name.to_owned());
        names.zip(values).collect()
    };
    report.rows.into_iter().map(object).collect()
}
