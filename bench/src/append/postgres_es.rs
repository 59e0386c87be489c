//! The published cqrs-es with postgres-es, in a program of its own, since its driver brings
//! another SQLite than ours.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;

use crate::arguments::Load;
use crate::failure::Failure;
use crate::report::Measured;

/// What the program prints.
#[derive(Debug, Deserialize)]
struct Printed {
    events_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// The same load in a database of its own, for whole seconds.
pub async fn measure(
    program: &Path,
    url: &str,
    writers: usize,
    seconds: Duration,
    load: Load,
) -> Result<Measured, Failure> {
    let numbers = [writers, load.streams, load.bytes].map(|number| number.to_string());
    let [writers, streams, bytes] = &numbers;
    let seconds = seconds.as_secs().max(1).to_string();
    let output = Command::new(program)
        .args([url, writers, &seconds, streams, bytes])
        .output()
        .await?;
    let failed = |told: &[u8]| {
        let told = String::from_utf8_lossy(told);
        Failure::Asked(format!("{} failed: {told}", program.display()))
    };
    if !output.status.success() {
        return Err(failed(&output.stderr));
    }
    let printed: Printed =
        serde_json::from_slice(&output.stdout).map_err(|_| failed(&output.stdout))?;
    Ok(Measured {
        rate: printed.events_per_second,
        p50_ms: Some(printed.p50_ms),
        p99_ms: Some(printed.p99_ms),
        processors_us: None,
    })
}
