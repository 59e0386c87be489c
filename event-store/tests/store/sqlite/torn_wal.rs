//! A WAL that is cut or changed gives a prefix of the log, or is refused; never a log with holes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use event_store::sqlite::Options;
use event_store::{Append, EventStore, OpenError, Recorded, StreamName};
use uuid::Uuid;

use super::{Sqlite, copy_database, long, open, open_with};
use crate::random::Random;
use crate::writing::*;

/// Events that stand in the WAL.
const RECENT: usize = 60;

const ALL: usize = 400 + RECENT;

/// A stream whose place in the index is anywhere, so that not every append touches the same page.
fn scattered() -> StreamName {
    let mut random = [0; 16];
    getrandom::fill(&mut random).unwrap();
    StreamName::new("room", Uuid::from_bytes(random))
}

struct Torn {
    home: Sqlite,
    log: Vec<Arc<Recorded>>,
    original: PathBuf,
    copy: PathBuf,
}

impl Torn {
    /// A log as a power cut leaves it: most of it in the database, the last events in the WAL
    /// only. With `checkpoints`, half of those were moved into the database as well.
    async fn new(checkpoints: bool) -> Self {
        let home = Sqlite::new();
        let old = (0..400).map(|_| write(&scattered(), 0, vec![said("old")]));
        let store = home.store();
        let append_old = Append {
            writes: old.collect(),
            requires: vec![],
        };
        store.append(append_old).await.unwrap();
        store.close().await;
        drop(store);

        let never = Duration::from_hours(1);
        let options = Options {
            checkpoint_every: never,
            ..Options::default()
        };
        let store = open_with(&home.log(), &home.keys(), &options).unwrap();
        let other = rusqlite::Connection::open(home.log()).unwrap();
        for number in 0..RECENT {
            if checkpoints && number == RECENT / 2 {
                // A reader holds on to the WAL, so that it is not started again.
                other
                    .execute_batch("BEGIN; SELECT count(*) FROM events;")
                    .unwrap();
                let third = rusqlite::Connection::open(home.log()).unwrap();
                third
                    .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                    .unwrap();
            }
            append(&store, &scattered(), 0, vec![said("new")])
                .await
                .unwrap();
        }
        let original = home.folder.path().join("original.db");
        copy_database(&home.log(), &original);
        let log = whole_log(&store).await;
        drop((store, other));
        let copy = home.folder.path().join("torn.db");
        Self {
            home,
            log,
            original,
            copy,
        }
    }

    fn wal(database: &Path) -> PathBuf {
        database.with_extension("db-wal")
    }

    /// Opens a copy whose WAL was changed, and gives how many events it still holds; none if it
    /// is refused.
    async fn events_with(&self, change: impl FnOnce(&mut Vec<u8>)) -> Option<usize> {
        let mut wal = std::fs::read(Self::wal(&self.original)).unwrap();
        change(&mut wal);
        std::fs::copy(&self.original, &self.copy).unwrap();
        std::fs::write(Self::wal(&self.copy), wal).unwrap();
        match open(&self.copy, &self.home.keys()) {
            Ok(store) => {
                let events = whole_log(&store).await;
                assert_eq!(events, self.log[..events.len()], "a prefix");
                Some(events.len())
            }
            Err(OpenError::Corrupt { .. }) => None,
            Err(other) => panic!("{other}"),
        }
    }
}

fn cuts() -> usize {
    if long() { 1_024 } else { 128 }
}

#[tokio::test]
async fn a_wal_that_is_cut_gives_a_prefix() {
    let torn = Torn::new(false).await;
    assert_eq!(torn.events_with(|_| {}).await, Some(ALL));
    let whole = std::fs::metadata(Torn::wal(&torn.original)).unwrap().len();
    let mut before = None;
    for cut in 1..=cuts() as u64 {
        let Some(length) = whole.checked_sub(512 * cut) else {
            break;
        };
        let length = usize::try_from(length).unwrap();
        let events = torn
            .events_with(|wal| wal.truncate(length))
            .await
            .expect("not refused");
        assert!(before.is_none_or(|before| events <= before));
        assert!(events < ALL);
        before = Some(events);
    }
}

#[tokio::test]
async fn a_changed_bit_in_the_wal_gives_a_prefix() {
    let mut random = Random::new();
    let torn = Torn::new(false).await;
    for _ in 0..cuts() {
        let chosen = random.next();
        torn.events_with(|wal| {
            let bit = usize::try_from(chosen % (wal.len() as u64 * 8)).unwrap();
            wal[bit / 8] ^= 1 << (bit % 8);
        })
        .await
        .expect("not refused");
    }
}

#[tokio::test]
async fn a_wal_cut_before_what_was_moved_already_gives_a_prefix_or_is_refused() {
    let torn = Torn::new(true).await;
    assert_eq!(torn.events_with(|_| {}).await, Some(ALL));
    let whole = std::fs::metadata(Torn::wal(&torn.original)).unwrap().len();
    let mut refused = 0;
    let step = whole / cuts() as u64;
    for cut in 1..cuts() as u64 {
        let length = usize::try_from(whole - cut * step).unwrap();
        if torn.events_with(|wal| wal.truncate(length)).await.is_none() {
            refused += 1;
        }
    }
    println!("{refused} of {} cuts were refused", cuts());
}
