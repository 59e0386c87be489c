//! `month`: the log of a busy month, to be worked on by the programs themselves.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore};
use event_store::{EventStore, Position};
use projections::Projection;
use projections::analytics::{Counts, Pseudonyms};

use crate::arguments::MonthOptions;
use crate::failure::Failure;
use crate::generate::{Scale, fill_whole};
use crate::log::{events_file, master};
use crate::meter::Meter;

/// The beginning of the month, 2026-10-01 UTC, in microseconds since the Unix epoch.
const BEGIN_US: i64 = 1_790_812_800_000_000;

const MONTH_US: i64 = 31 * 24 * 3_600 * 1_000_000;

/// Events of a consultation beside its messages, about: with their readings they are half as many
/// again.
const EVENTS_BESIDE: u64 = 16;

/// Under which pseudonyms are made; those of a server are another's.
const PSEUDONYMS: [u8; 32] = [7; 32];

/// Makes a folder that `maeum` and `maeum-replay` take as `--data`.
pub async fn run(options: &MonthOptions) -> Result<(), Failure> {
    let folder = &options.into;
    std::fs::create_dir(folder)?;
    write_master(folder)?;
    let each = options.messages / options.consultations.max(1);
    let most = usize::try_from(2 * each).unwrap_or(usize::MAX);
    let scale = Scale {
        counselors: options.counselors,
        consultations: usize::try_from(options.consultations).ok(),
        messages: 1..most.max(2),
    };
    let events = options.consultations * EVENTS_BESIDE + options.messages * 5 / 4;
    let now = Arc::new(AtomicI64::new(BEGIN_US));
    let reads = Arc::clone(&now);
    let keys = Arc::new(SqliteKeyStore::open(folder.join("keys.db"), master())?);
    let clock: event_store::Clock = Arc::new(move || reads.load(Ordering::Relaxed));
    let store = SqliteEventStore::open(
        events_file(folder),
        Arc::clone(&keys) as Arc<dyn KeyStore>,
        clock,
        &Options::default(),
    )?;
    let begun = Instant::now();
    let head = fill_whole(&store, scale, |position| {
        now.store(time_of(position, events), Ordering::Relaxed);
    });
    let head = head.await?;
    let took = begun.elapsed().as_secs_f64();
    println!("{head} events in {took:.1} s, in {}", folder.display());
    let counted = count(Arc::new(store), keys, folder).await?;
    println!("analytics: {counted}");
    Ok(())
}

/// What it takes to count everything for analysts, into a file that is thrown away.
async fn count(
    store: Arc<SqliteEventStore>,
    keys: Arc<SqliteKeyStore>,
    folder: &Path,
) -> Result<String, Failure> {
    let scratch = tempfile::tempdir_in(folder)?;
    let path = scratch.path().join("analytics.db");
    let counts = Counts::new(Arc::new(Pseudonyms::new(PSEUDONYMS)));
    let meter = Meter::start()?;
    let log = Arc::clone(&store) as Arc<dyn EventStore>;
    let projections: Vec<Box<dyn Projection>> = vec![Box::new(counts)];
    let done = projections::rebuild(log, keys, &path, projections, |_| ()).await?;
    let spent = meter.read()?;
    store.close().await;
    let bytes = std::fs::metadata(&path)?.len();
    let seconds = spent.took.as_secs_f64();
    let busy = spent.processors.as_secs_f64();
    Ok(format!(
        "{} events in {seconds:.1} s ({busy:.1} s of processors), {bytes} bytes",
        done.events
    ))
}

/// When the event at a position of so many happens.
fn time_of(position: Position, events: u64) -> i64 {
    let passed = i128::from(MONTH_US) * i128::from(position) / i128::from(events.max(1));
    BEGIN_US + i64::try_from(passed).unwrap_or(MONTH_US)
}

/// The master key, in the file where the programs look for it.
fn write_master(folder: &Path) -> Result<(), Failure> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join("master.key"))?;
    for byte in master().iter() {
        write!(file, "{byte:02x}")?;
    }
    Ok(())
}
