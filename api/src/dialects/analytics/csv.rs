//! Rows as CSV (RFC 4180).

use std::fmt::Write as _;

use projections::Value;
use projections::analytics::{Column, Report};

/// A line of names, then one for each group; the position stands in the last column.
pub(super) fn lines(columns: &[Column], report: &Report) -> String {
    let mut text = String::new();
    for column in columns {
        text.push_str(column.name);
        text.push(',');
    }
    text.push_str("as_of_position\r\n");
    for row in &report.rows {
        for value in &row.0 {
            push(&mut text, value);
            text.push(',');
        }
        push(&mut text, &report.as_of_position.into());
        text.push_str("\r\n");
    }
    text
}

/// Nothing is an empty field. Writing to a string does not fail.
fn push(text: &mut String, value: &Value) {
    match value {
        Value::Int(count) => write!(text, "{count}").unwrap_or_default(),
        Value::Real(number) => write!(text, "{number}").unwrap_or_default(),
        Value::Text(words) if words.contains([',', '"', '\r', '\n']) => {
            write!(text, "\"{}\"", words.replace('"', "\"\"")).unwrap_or_default();
        }
        Value::Text(words) => text.push_str(words),
        Value::Null | Value::Blob(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use projections::Row;
    use projections::analytics::Metric;

    use super::*;

    #[test]
    fn what_would_end_a_field_is_quoted() {
        let row = |label: &str, mean| {
            let period = Value::from("2026-11");
            Row(vec![period, label.into(), 7_u64.into(), 9_u64.into(), mean])
        };
        let report = Report {
            as_of_position: 42,
            rows: vec![row("sad, \"blue\"", Value::Null), row("불안", 0.5.into())],
            suppressed: 3,
            has_more: false,
        };
        let expected = "period,label,people,answers,mean_intensity,as_of_position\r\n\
                        2026-11,\"sad, \"\"blue\"\"\",7,9,,42\r\n\
                        2026-11,불안,7,9,0.5,42\r\n";
        assert_eq!(lines(Metric::Emotions.columns(), &report), expected);
    }
}
