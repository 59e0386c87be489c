//! A WAL that is cut or changed gives a prefix of the log, or is refused; never a log with holes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use event_store::sqlite::Options;
use event_store::{OpenError, Recorded};

use super::{Sqlite, copy_database, long, open, open_with};
use crate::random::Random;
use crate::writing::*;

struct Torn {
    home: Sqlite,
    log: Vec<Arc<Recorded>>,
    original: PathBuf,
    copy: PathBuf,
}

impl Torn {
    /// A log as a power cut leaves it. With `checkpoints`, some of it was moved from the WAL
    /// into the database before.
    async fn new(checkpoints: bool) -> Self {
        let home = Sqlite::new();
        let every = Duration::from_hours(1);
        let options = Options {
            checkpoint_every: every,
            ..Options::default()
        };
        let store = open_with(&home.log(), &home.keys(), &options).unwrap();
        let room = new_room();
        for version in 0..60 {
            if checkpoints && version == 30 {
                let other = rusqlite::Connection::open(home.log()).unwrap();
                other
                    .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
                    .unwrap();
            }
            append(&store, &room, version, vec![said(&format!("{version}"))])
                .await
                .unwrap();
        }
        let original = home.folder.path().join("original.db");
        copy_database(&home.log(), &original);
        let log = whole_log(&store).await;
        drop(store);
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
    assert_eq!(torn.events_with(|_| {}).await, Some(60));
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
        assert!(events < 60);
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
    assert_eq!(torn.events_with(|_| {}).await, Some(60));
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
