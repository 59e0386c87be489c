//! Logs as JSON lines and metrics for Prometheus; neither says who or what, only how much.

mod escape;
mod requests;

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use escape::Escaped;
pub use requests::observe;

/// Upper bounds of the buckets of every duration, in seconds.
const SECONDS: [f64; 14] = [
    0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// This is no filter of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a filter of logs")]
pub struct NotAFilter;

/// Reads a filter: a level, or levels by part of the program, e.g. `info,api::live=debug`.
pub fn filter(text: &str) -> Result<Targets, NotAFilter> {
    for directive in text.split(',') {
        let (target, level) = directive.rsplit_once('=').unwrap_or(("api", directive));
        let is_target = target.split("::").all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        if !is_target || !LEVELS.contains(&level) {
            return Err(NotAFilter);
        }
    }
    text.parse().map_err(|_| NotAFilter)
}

/// Sends logs to standard error from now on, one JSON object a line. The first call of a process
/// counts.
///
/// # Errors
/// The text is no filter.
pub fn log(filter_text: &str) -> Result<(), NotAFilter> {
    let filter = filter(filter_text)?;
    let subscriber = tracing_subscriber::registry()
        .with(lines(std::io::stderr))
        .with(filter);
    if subscriber.try_init().is_err() {
        tracing::debug!("logs go where they went before");
    }
    Ok(())
}

/// A layer that writes JSON lines without control characters.
pub fn lines<S, W>(writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_ansi(false)
        .with_current_span(false)
        .with_writer(Escaped(writer))
}

/// The metrics of this process, which all servers in it share. Its `run_upkeep` is to be called
/// every few seconds.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let start = || {
        let builder = PrometheusBuilder::new();
        // Only an empty list of buckets is an error.
        let builder = builder.set_buckets(&SECONDS).unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics go to another recorder");
        }
        handle
    };
    HANDLE.get_or_init(start).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_levels_and_nothing_else() {
        for fine in [
            "info",
            "off",
            "info,api::live=debug",
            "warn,event_store=trace",
        ] {
            assert!(filter(fine).is_ok(), "{fine}");
        }
        for bad in [
            "",
            "verbose",
            "INFO ",
            "api",
            "api=loud",
            "a=b=c",
            "=info",
            "info,,debug",
            "[x]=info",
        ] {
            assert!(filter(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn several_servers_of_a_process_share_their_metrics() {
        let (first, second) = (metrics(), metrics());
        metrics::counter!("maeum_test_shared_total").increment(3);
        metrics::histogram!("maeum_test_seconds").record(0.003);
        for handle in [first, second] {
            let text = handle.render();
            assert!(text.contains("maeum_test_shared_total 3"), "{text}");
            assert!(
                text.contains("maeum_test_seconds_bucket{le=\"0.005\"} 1"),
                "{text}"
            );
        }
    }
}
