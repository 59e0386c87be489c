//! What nobody needs goes, and what is needed stays.

use std::process::{Command, Stdio};

use domain::{Bucket, UploadEnd, UploadId};
use event_store::keys::Key;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::world::*;
use crate::clock::Clock;
use crate::commands::rooms::{ChangeSettings, DestroyDay};
use crate::uploads::{discard, file_url};

const DAY_S: i64 = 24 * 3_600;

fn has_key(world: &World, upload: UploadId) -> bool {
    let name = Bucket::Upload(upload.0).to_string();
    matches!(world.app().keys.get(&name).unwrap(), Key::Present(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_message_goes_when_its_day_is_over_for_a_day_with_its_key() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let room = world.room(&[&ann]).await;
    let (lost, sent) = (
        world.brings(&ann, "a.txt", b"lost").await,
        world.brings(&ann, "b.txt", b"sent").await,
    );
    world.sends(&ann, sent, room).await.unwrap();
    let of_day = world.clock.now_us() / 1_000_000 % DAY_S;
    world.clock.advance_seconds(2 * DAY_S - of_day - 1);
    world.running.managers.look().await;
    assert_eq!(world.objects().await.len(), 2);
    world.clock.advance_seconds(1);
    let ann = Person {
        token: world.log_in("ann").await,
        ..ann
    };
    for _ in 0..2 {
        world.running.managers.look().await;
    }
    world
        .fetch(&ann, &file_url(lost))
        .await
        .refused(410, "file_erased");
    assert_eq!(world.fetch(&ann, &file_url(sent)).await.body, "sent");
    assert_eq!(world.objects().await.len(), 1);
    assert!(!has_key(&world, lost) && has_key(&world, sent));
    let late = world.sends(&ann, lost, room).await.unwrap_err();
    assert_eq!(late.to_string(), "this file no longer exists");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_with_the_day_of_its_message() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let room = world.room(&[&ann]).await;
    let old = world.brings(&ann, "a.txt", b"old").await;
    world.sends(&ann, old, room).await.unwrap();
    let day = world.clock.now().to_zoned(TimeZone::UTC).date();
    world.clock.advance_seconds(3 * DAY_S);
    let ann = Person {
        token: world.log_in("ann").await,
        ..ann
    };
    let young = world.brings(&ann, "b.txt", b"young").await;
    world.sends(&ann, young, room).await.unwrap();
    let keep_a_day = ChangeSettings {
        room,
        person: ann.id,
        notification_enabled: None,
        read_receipt_enabled: None,
        retention_days: Some(1),
        auto_delete: Some(true),
    };
    world.execute(&keep_a_day).await.unwrap();
    world.execute(&DestroyDay { room, day }).await.unwrap();
    world
        .fetch(&ann, &file_url(old))
        .await
        .refused(410, "file_erased");
    for _ in 0..3 {
        world.running.managers.look().await;
    }
    assert!(!has_key(&world, old));
    assert_eq!(world.objects().await.len(), 1);
    assert_eq!(world.fetch(&ann, &file_url(young)).await.body, "young");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_gives_its_room_back() {
    let world = World::with("upload.quota_bytes = \"1KiB\"").await;
    let ann = world.person("ann").await;
    let upload = world.brings(&ann, "a.bin", &noise(1_024)).await;
    let more = || Form::new().file("b.bin", b"x");
    world
        .bring(&ann, more())
        .await
        .refused(413, "quota_exceeded");
    discard(world.app(), upload, UploadEnd::Repeated).await;
    for _ in 0..2 {
        world.running.managers.look().await;
    }
    assert!(world.objects().await.is_empty());
    world.bring(&ann, more()).await.expect(201);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_no_file_has_go_after_a_day() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let room = world.room(&[&ann]).await;
    let sent = world.brings(&ann, "a.txt", b"sent").await;
    world.sends(&ann, sent, room).await.unwrap();
    let orphan = world.app().ids.next();
    let mut object = world.app().uploads.objects.create(orphan);
    object.write(b"never noted").await.unwrap();
    object.finish().await.unwrap();
    let half = world.files()[0].with_file_name(format!("{}#1", Uuid::from_u128(7).simple()));
    std::fs::write(&half, b"half").unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH;
    std::fs::File::open(&half)
        .unwrap()
        .set_modified(old)
        .unwrap();

    // All objects are listed when a server starts.
    let world = world.restarted().await;
    for _ in 0..2 {
        world.running.managers.look().await;
    }
    assert_eq!(world.objects().await.len(), 2, "it may be on its way");
    assert!(!half.exists());
    world.clock.advance_seconds(DAY_S + 1);
    let world = world.restarted().await;
    for _ in 0..2 {
        world.running.managers.look().await;
    }
    let left = world.objects().await;
    assert!(left.len() == 1 && left[0] != orphan);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_takes_nothing_and_goes_on_when_there_is_room() {
    let root = Command::new("id").arg("-u").output().unwrap().stdout;
    if root.trim_ascii() != b"0" {
        let left_out = std::env::var("MAEUM_TEST_NO_ROOT").is_ok_and(|value| value == "1");
        assert!(
            left_out,
            "this mounts a file system, so it needs root; MAEUM_TEST_NO_ROOT=1"
        );
        return;
    }
    let volume = Volume::new(1_024);
    let path = volume.0.path().to_str().unwrap();
    let world = World::with(&format!("upload.store = \"file://{path}\"")).await;
    let ann = world.person("ann").await;
    let kept = world.brings(&ann, "a.bin", &noise(400_000)).await;
    for size in [700_000, 5_000_000] {
        let form = Form::new().file("b.bin", &noise(size));
        world.bring(&ann, form).await.refused(507, "storage_full");
    }
    assert_eq!(world.objects().await.len(), 1, "nothing of it is seen");
    assert!(world.fetch(&ann, &file_url(kept)).await.body == noise(400_000));
    volume.resize(8_192);
    let later = world.brings(&ann, "b.bin", &noise(5_000_000)).await;
    assert!(world.fetch(&ann, &file_url(later)).await.body == noise(5_000_000));
    world.stop().await;
}

/// A file system in memory, of so many KiB, mounted until it is dropped.
struct Volume(tempfile::TempDir);

impl Volume {
    fn new(kib: u32) -> Self {
        let volume = Self(tempfile::tempdir().unwrap());
        let path = volume.0.path().to_str().unwrap();
        let size = format!("size={kib}k");
        run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", path]);
        volume
    }

    fn resize(&self, kib: u32) {
        let size = format!("remount,size={kib}k");
        run("mount", &["-o", &size, self.0.path().to_str().unwrap()]);
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        run("umount", &[self.0.path().to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{program} {arguments:?}: {status}");
}
