//! A power cut: what reached the disk at the moment of an acknowledgement holds all that was
//! acknowledged. It shows what was pushed down, not what a drive's own cache may lose.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use event_store::sqlite::Options;

use super::volume::{Volume, make_image, may_mount};
use super::{Sqlite, long, open, open_with};
use crate::random::Random;
use crate::writing::*;

/// Appends on a file system in a file, and cuts the power by copying that file. Gives how many
/// cuts lost an acknowledged event.
async fn cuts_that_lost_something(acknowledge_before_flush: bool) -> usize {
    let cuts = if long() { 200 } else { 20 };
    let mut random = Random::new();
    let home = Sqlite::new();
    let image = home.folder.path().join("disk.img");
    let copy = home.folder.path().join("cut.img");
    make_image(&image, 24);
    let volume = Volume::of(&image);
    let options = Options {
        acknowledge_before_flush,
        // Often enough that cuts fall between checkpoints as well.
        checkpoint_every: Duration::from_millis(20),
        ..Options::default()
    };
    let store = open_with(&volume.file("events.db"), &volume.file("keys.db"), &options).unwrap();
    let room = new_room();
    let mut version = 0;
    let mut lost = 0;
    for _ in 0..cuts {
        for _ in 0..=random.below(5) {
            let subject = format!("account:{}", random.below(20));
            append(
                &store,
                &room,
                version,
                vec![whispered("글", &subject, None)],
            )
            .await
            .unwrap();
            version += 1;
        }
        let copied = Command::new("cp")
            .arg("--sparse=always")
            .args([&image, &copy])
            .status();
        assert!(copied.unwrap().success());
        if events_after_the_cut(&copy).await < version {
            lost += 1;
        }
    }
    store.close().await;
    drop(store);
    lost
}

/// Starts from what the cut left; all that is there must be whole.
async fn events_after_the_cut(image: &Path) -> u64 {
    let volume = Volume::of(image);
    let (log, keys) = (volume.file("events.db"), volume.file("keys.db"));
    if !log.exists() {
        return 0;
    }
    let store = open(&log, &keys).unwrap();
    let events = whole_log(&store).await;
    assert_dense(&events);
    drop(store);
    let keys = event_store::keys::SqliteKeyStore::open(&keys, super::master()).unwrap();
    for event in &events {
        let opened = event_store::seal::open(&keys, &event.stream, event.sequence, &event.parts[0]);
        assert_eq!(opened, Ok(event_store::seal::Opened::Open("글".into())));
    }
    drop(keys);
    events.len() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    if may_mount("the test of power cuts") {
        assert_eq!(cuts_that_lost_something(false).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_flush_a_power_cut_loses_something_so_the_test_can_tell() {
    if may_mount("the control of the test of power cuts") {
        assert!(cuts_that_lost_something(true).await > 0);
    }
}
