//! A disk that fails to flush: the log is poisoned, and never flushed again as if nothing had been.

use std::time::Duration;

use event_store::StoreError;
use event_store::sqlite::Options;

use super::volume::{Volume, make_image, may_mount};
use super::{Sqlite, open, open_with};
use crate::writing::*;

/// Far more than the small disk can hold.
const MOST_APPENDS: usize = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_flush_poisons_the_log_and_loses_nothing_that_was_acknowledged() {
    if !may_mount("the test of a failed flush") {
        return;
    }
    let home = Sqlite::new();
    // A disk of 32 MiB that stands in 6 MiB of memory: writes succeed, and flushing them fails.
    let memory = Volume::in_memory(6 * 1024);
    let image = memory.file("disk.img");
    make_image(&image, 32);
    let volume = Volume::of(&image);
    // The writer is to meet it first, not a checkpoint.
    let options = Options {
        checkpoint_every: Duration::from_hours(1),
        ..Options::default()
    };
    let store = open_with(&volume.file("events.db"), &home.keys(), &options).unwrap();

    let mut acknowledged = 0;
    let failure = loop {
        assert!(acknowledged < MOST_APPENDS, "the disk never fails");
        let event = said(&"글".repeat(10_000));
        match append(&store, &new_room(), 0, vec![event]).await {
            Ok(_) => acknowledged += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(failure, StoreError::Unknown(_)), "{failure:?}");
    let poisoned = *store.poisoned().borrow();
    assert!(poisoned);
    memory.resize(64 * 1024);
    let refused = append(&store, &new_room(), 0, vec![said("again")]).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    store.close().await;
    drop((store, volume));

    let volume = Volume::of(&image);
    let store = open(&volume.file("events.db"), &home.keys()).unwrap();
    let log = whole_log(&store).await;
    assert_dense(&log);
    assert!(
        [acknowledged, acknowledged + 1].contains(&log.len()),
        "one or none beyond"
    );
    append(&store, &new_room(), 0, vec![said("again")])
        .await
        .unwrap();
}
