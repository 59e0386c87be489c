//! What was measured, as medians over the runs, for people and for programs.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::latency::Latencies;
use crate::machine::Machine;
use crate::meter::Spent;

/// One measurement.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// In a second.
    pub rate: f64,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Microseconds of this process's processors for each; none where another process works.
    pub processors_us: Option<f64>,
}

impl Measured {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of one run are far below 2^52"
    )]
    pub fn rate(count: u64, took: Duration) -> Self {
        Self {
            rate: count as f64 / took.as_secs_f64(),
            ..Self::default()
        }
    }

    /// With what the processors spent on each.
    pub fn of(count: u64, spent: Spent) -> Self {
        let Self { rate, .. } = Self::rate(count, spent.took);
        let each = Self::rate(count, spent.processors).rate;
        Self {
            rate,
            processors_us: Some(1e6 / each),
            ..Self::default()
        }
    }

    pub fn with(self, latencies: &Latencies) -> Self {
        Self {
            p50_ms: Some(latencies.percentile(50.0)),
            p99_ms: Some(latencies.percentile(99.0)),
            ..self
        }
    }
}

/// All that one run measured, one after the other, of one case.
#[derive(Debug, Clone, Default)]
pub struct Run {
    pub ours: Measured,
    /// What it is compared with.
    pub beside: Vec<(&'static str, Measured)>,
    /// Further figures, by what they count.
    pub also: Vec<(&'static str, f64)>,
}

/// The medians of one case.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    pub name: String,
    pub unit: &'static str,
    pub rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processors_us: Option<f64>,
    pub beside: Vec<Beside>,
    pub also: Vec<Also>,
}

/// Another way, measured in the same run.
#[derive(Debug, Clone, Serialize)]
pub struct Beside {
    pub name: &'static str,
    /// Our rate over its rate: the median of the runs' ratios.
    pub ratio: f64,
    pub rate: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processors_us: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Also {
    pub name: &'static str,
    pub value: f64,
}

/// Everything that one call of the program measured.
#[derive(Debug, Serialize)]
pub struct Report {
    pub bench: &'static str,
    pub engine: &'static str,
    pub runs: u32,
    pub machine: Machine,
    pub cases: Vec<Case>,
    /// What a reader must know to quote the figures.
    pub notes: Vec<String>,
}

impl Case {
    pub fn of(name: String, unit: &'static str, runs: &[Run]) -> Self {
        let ours: Vec<Measured> = runs.iter().map(|run| run.ours).collect();
        let ours = medians(&ours);
        let first = runs.first().cloned().unwrap_or_default();
        let beside = (0..first.beside.len()).map(|which| {
            let other: Vec<Measured> = runs.iter().map(|run| run.beside[which].1).collect();
            let ratio = |run: &Run| run.ours.rate / run.beside[which].1.rate;
            let medians = medians(&other);
            Beside {
                name: first.beside[which].0,
                ratio: median(runs.iter().map(ratio)),
                rate: medians.rate,
                p50_ms: medians.p50_ms,
                p99_ms: medians.p99_ms,
                processors_us: medians.processors_us,
            }
        });
        let also = (0..first.also.len()).map(|which| Also {
            name: first.also[which].0,
            value: median(runs.iter().map(|run| run.also[which].1)),
        });
        Self {
            name,
            unit,
            rate: ours.rate,
            p50_ms: ours.p50_ms,
            p99_ms: ours.p99_ms,
            processors_us: ours.processors_us,
            beside: beside.collect(),
            also: also.collect(),
        }
    }
}

fn medians(all: &[Measured]) -> Measured {
    let of = |value: fn(&Measured) -> Option<f64>| {
        let values: Vec<f64> = all.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| median(values.into_iter()))
    };
    Measured {
        rate: median(all.iter().map(|one| one.rate)),
        p50_ms: of(|one| one.p50_ms),
        p99_ms: of(|one| one.p99_ms),
        processors_us: of(|one| one.processors_us),
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bench, engine, runs) = (self.bench, self.engine, self.runs);
        write!(
            f,
            "{bench} on {engine}, medians of {runs}; {}",
            self.machine
        )?;
        for case in &self.cases {
            write!(f, "\n{case}")?;
        }
        for note in &self.notes {
            write!(f, "\nnote: {note}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = (&self.name, self.unit);
        write!(f, "  {name:<26} {:>9} {unit}", whole(self.rate))?;
        details(f, self.p50_ms, self.p99_ms, self.processors_us)?;
        for beside in &self.beside {
            let rate = whole(beside.rate);
            write!(
                f,
                "\n    {:>6.2} of {}, {rate} {unit}",
                beside.ratio, beside.name
            )?;
            details(f, beside.p50_ms, beside.p99_ms, beside.processors_us)?;
        }
        for also in &self.also {
            write!(f, "\n    {:>9.2} {}", also.value, also.name)?;
        }
        Ok(())
    }
}

fn details(
    f: &mut fmt::Formatter<'_>,
    p50: Option<f64>,
    p99: Option<f64>,
    processors: Option<f64>,
) -> fmt::Result {
    if let (Some(p50), Some(p99)) = (p50, p99) {
        write!(f, ", p50 {p50:.2} ms, p99 {p99:.2} ms")?;
    }
    if let Some(us) = processors {
        write!(f, ", {us:.1} µs of processors each")?;
    }
    Ok(())
}

/// With a comma after every third digit.
fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ours: f64, raw: f64) -> Run {
        let rate = |rate| Measured {
            rate,
            ..Measured::default()
        };
        Run {
            ours: rate(ours),
            beside: vec![("raw", rate(raw))],
            also: Vec::new(),
        }
    }

    #[test]
    fn a_ratio_is_the_median_of_the_runs_ratios_and_not_the_ratio_of_medians() {
        let runs = [run(10.0, 100.0), run(50.0, 100.0), run(60.0, 70.0)];
        let case = Case::of("x".to_owned(), "events/s", &runs);
        assert!((case.beside[0].ratio - 0.5).abs() < 1e-9);
        assert!((case.rate - 50.0).abs() < 1e-9);
        assert!((case.beside[0].rate - 100.0).abs() < 1e-9);
    }

    #[test]
    fn digits_are_grouped_by_three() {
        let shown = [0.4, 999.0, 1_000.0, 1_234_567.0].map(whole);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
