//! What is brought comes back as it was, in whole and in part, and nobody reads it on the disk.

use axum::body::Body;
use axum::http::Method;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::world::*;
use crate::uploads::file_url;

const MARKER: &[u8] = "아무도 몰라야 하는 것".as_bytes();

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_as_it_was_and_is_sealed_where_it_is_kept() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let bytes = [&noise(200_000)[..], MARKER].concat();
    let form = Form::new()
        .field("content", "봐")
        .file("비밀 \"1\".bin", &bytes);
    let made = world.bring(&ann, form).await.expect(201);
    assert_eq!(made["name"], "비밀 \"1\".bin");
    assert_eq!(made["size"], bytes.len());
    assert_eq!(made["kind"], "file");
    assert_eq!(made["fields"]["content"], "봐");

    let path = file_url(made["id"].as_str().unwrap().parse().unwrap());
    let fetched = world.fetch(&ann, &path).await;
    assert_eq!(fetched.header("content-type"), "application/octet-stream");
    assert_eq!(fetched.header("content-length"), bytes.len().to_string());
    assert!(
        fetched
            .header("content-disposition")
            .starts_with("attachment; filename=\"__ _1_.bin\"")
    );
    assert_eq!(fetched.header("x-content-type-options"), "nosniff");
    assert_eq!(
        fetched.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(fetched.header("cache-control"), "private, no-store");
    assert_eq!(fetched.status, 200);
    assert!(fetched.body == bytes);
    let by_number = world
        .fetch(&ann, &format!("/files/{}/", made["number"]))
        .await;
    assert!(by_number.body == bytes);

    let [file] = &world.files()[..] else {
        panic!("one file is one object");
    };
    let kept = std::fs::read(file).unwrap();
    assert!(kept.len() > bytes.len());
    assert!(!kept.windows(MARKER.len()).any(|window| window == MARKER));
    let log = std::fs::read(world.folder.path().join("events.db-wal")).unwrap();
    assert!(
        !log.windows(6).any(|window| window == "비밀".as_bytes()),
        "its name is sealed, too"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_part_of_a_file_can_be_asked_for() {
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new().await;
    let ann = world.person("ann").await;
    for size in [1, 65_535, 65_536, 65_537, 700_000] {
        let bytes = noise(size);
        let path = file_url(world.brings(&ann, "a.bin", &bytes).await);
        for _ in 0..20 {
            let from = random.random_range(0..size);
            let to = random.random_range(from..size);
            let range = format!("bytes={from}-{to}");
            let part = world.fetch_with(&ann, &path, &[("range", &range)]).await;
            assert_eq!(part.status, 206, "{range} of {size}");
            assert_eq!(
                part.header("content-range"),
                format!("bytes {from}-{to}/{size}")
            );
            assert_eq!(part.header("content-length"), (to - from + 1).to_string());
            assert!(part.body == bytes[from..=to], "{range} of {size}");
        }
        let beyond = format!("bytes={size}-");
        let refused = world.fetch_with(&ann, &path, &[("range", &beyond)]).await;
        assert_eq!(refused.header("content-range"), format!("bytes */{size}"));
        refused.refused(416, "range_not_satisfiable");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_another_state_is_the_whole_and_a_head_has_no_body() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let path = file_url(world.brings(&ann, "a.bin", &noise(100)).await);
    let range = ("range", "bytes=0-9");
    let whole = world.fetch(&ann, &path).await;
    let same = whole.header("etag").to_owned();
    let part = world
        .fetch_with(&ann, &path, &[range, ("if-range", &same)])
        .await;
    assert_eq!((part.status.as_u16(), part.body.len()), (206, 10));
    let other = world
        .fetch_with(&ann, &path, &[range, ("if-range", "\"other\"")])
        .await;
    assert_eq!((other.status.as_u16(), other.body.len()), (200, 100));
    let bearer = format!("Bearer {}", ann.token);
    let bearer = [("authorization", &*bearer)];
    let head = world.ask(Method::HEAD, &path, &bearer, Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), "100");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_on_the_disk_is_not_given_out() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let path = file_url(world.brings(&ann, "a.bin", &noise(200_000)).await);
    let file = world.files().remove(0);
    let kept = std::fs::read(&file).unwrap();
    let frame = event_store::object_seal::FRAME_BYTES + event_store::object_seal::FRAME_OVERHEAD;
    let mut changed = kept.clone();
    changed[100] ^= 1;
    let (first, rest) = kept.split_at(frame);
    let (second, rest) = rest.split_at(frame);
    let swapped = [second, first, rest].concat();
    let cut = kept[..frame].to_vec();
    let longer = [&kept[..], b"x"].concat();
    for damaged in [changed, swapped, cut, longer, Vec::new()] {
        std::fs::write(&file, damaged).unwrap();
        world
            .fetch(&ann, &path)
            .await
            .refused(503, "files_unavailable");
    }
    std::fs::remove_file(&file).unwrap();
    world
        .fetch(&ann, &path)
        .await
        .refused(503, "files_unavailable");
    std::fs::write(&file, &kept).unwrap();
    world.fetch(&ann, &path).await.expect(200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_is_the_same_file_and_another_is_a_conflict() {
    let world = World::new().await;
    let ann = world.person("ann").await;
    let key = [("idempotency-key", "once")];
    let form = || {
        Form::new()
            .field("content", "봐")
            .file("a.bin", &noise(1_000))
    };
    let first = world.bring_with(&ann, &key, form()).await.expect(201);
    let again = world.bring_with(&ann, &key, form()).await.expect(201);
    assert_eq!(
        (&again["id"], &again["number"]),
        (&first["id"], &first["number"])
    );
    assert_eq!(
        (&first["repeated"], &again["repeated"]),
        (&false.into(), &true.into())
    );
    for other in [
        Form::new()
            .field("content", "봐")
            .file("a.bin", &noise(1_001)),
        Form::new()
            .field("content", "봐")
            .file("b.bin", &noise(1_000)),
        Form::new()
            .field("content", "말")
            .file("a.bin", &noise(1_000)),
    ] {
        world
            .bring_with(&ann, &key, other)
            .await
            .refused(409, "key_reused");
    }
    assert_eq!(
        world.objects().await.len(),
        1,
        "repeats leave nothing behind"
    );
    let id = first["id"].as_str().unwrap().parse().unwrap();
    assert!(world.fetch(&ann, &file_url(id)).await.body == noise(1_000));
    world.stop().await;
}
