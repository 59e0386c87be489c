//! One order, and what is read is what was written.

use std::sync::atomic::Ordering;

use event_store::{Direction, StreamName};
use uuid::Uuid;

use super::Backend;
use crate::writing::*;

pub async fn positions_and_sequences_are_dense_from_one(backend: &impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.head().await.unwrap(), 0);
    let (a, b) = (new_room(), new_room());

    let first = append(&*store, &a, 0, vec![said("1"), said("2")])
        .await
        .unwrap();
    let second = append(&*store, &b, 0, vec![said("3")]).await.unwrap();
    let refused = append(&*store, &b, 0, vec![said("4")]).await;
    let third = append(&*store, &a, 2, vec![said("5")]).await.unwrap();

    assert_eq!(refused, conflict(&b, 1));
    assert_eq!(positions(&first), [1, 2]);
    assert_eq!(positions(&second), [3]);
    assert_eq!((third[0].position, third[0].sequence), (4, 3));
    let log = whole_log(&*store).await;
    assert_dense(&log);
    assert_eq!(log.len(), 4);
    assert_eq!(store.head().await.unwrap(), 4);
}

pub async fn what_was_appended_is_read_back_as_it_was(backend: &impl Backend) {
    let store = backend.open().await;
    let room = new_room();
    let mut full = whispered("안녕", "account:1", Some("room-day:1:2026-11-21"));
    full.number = Some(77);
    full.dedupe = Some([9; 16]);
    full.event_version = "2.1.0".into();
    full.metadata.address = Some("0a1b".into());
    full.metadata.causation_id = Some(new_id());
    full.metadata.fingerprint = Some("ff".into());
    full.parts
        .push(whispered("둘", "account:2", None).parts.remove(0));
    let mut bare = said("");
    bare.metadata.actor = None;

    let recorded = append(&*store, &room, 0, vec![full.clone(), bare.clone()])
        .await
        .unwrap();

    assert_eq!(recorded[0].number(), 77);
    assert_eq!(recorded[1].number(), 2);
    for (given, kept) in [full, bare].into_iter().zip(&recorded) {
        assert_eq!(kept.event_id, given.event_id);
        assert_eq!(kept.stream, room);
        assert_eq!((kept.number, kept.dedupe), (given.number, given.dedupe));
        assert_eq!(kept.event_type, given.event_type);
        assert_eq!(kept.event_version, given.event_version);
        assert_eq!(kept.metadata, given.metadata);
        assert_eq!(kept.payload, given.payload);
        assert!(
            kept.parts
                .iter()
                .map(|part| &part.keys)
                .eq(given.parts.iter().map(|p| &p.keys))
        );
        assert_eq!(kept.recorded_at, backend.clock().load(Ordering::Relaxed));
    }
    assert_eq!(whole_log(&*store).await, recorded);
    let stream = store
        .read_stream(&room, 1, Direction::Forward, 9)
        .await
        .unwrap();
    assert_eq!(stream, recorded);
    let asked = store.read_positions(&[2, 1, 3, 2]).await.unwrap();
    assert_eq!(positions(&asked), [2, 1, 2]);
    assert_eq!(asked[1], recorded[0]);
}

pub async fn streams_are_read_both_ways_within_limits(backend: &impl Backend) {
    let store = backend.open().await;
    let (room, other) = (new_room(), new_room());
    for version in 0..6 {
        append(&*store, &room, version, vec![said("a")])
            .await
            .unwrap();
        append(&*store, &other, version, vec![said("b")])
            .await
            .unwrap();
    }
    let read = async |stream: &StreamName, from, direction, limit| -> Vec<u64> {
        let events = store
            .read_stream(stream, from, direction, limit)
            .await
            .unwrap();
        events.iter().map(|event| event.sequence).collect()
    };

    assert_eq!(
        read(&room, 1, Direction::Forward, 99).await,
        [1, 2, 3, 4, 5, 6]
    );
    assert_eq!(read(&room, 3, Direction::Forward, 2).await, [3, 4]);
    assert_eq!(read(&room, 4, Direction::Backward, 2).await, [4, 3]);
    assert_eq!(read(&room, u64::MAX, Direction::Backward, 1).await, [6]);
    assert_eq!(read(&room, 7, Direction::Forward, 9).await, [0; 0]);
    assert_eq!(read(&room, 0, Direction::Backward, 9).await, [0; 0]);
    assert_eq!(read(&new_room(), 1, Direction::Forward, 9).await, [0; 0]);
    assert_eq!(
        read(&StreamName::parse("nothing-here"), 1, Direction::Forward, 9).await,
        [0; 0]
    );

    let page = store.read_all(5, 3).await.unwrap();
    assert_eq!(positions(&page.events), [6, 7, 8]);
    assert_eq!(page.scanned_to, 8);
    let end = store.read_all(12, 3).await.unwrap();
    assert_eq!((end.events.len(), end.scanned_to), (0, 12));
}

pub async fn names_of_every_shape_come_back(backend: &impl Backend) {
    let store = backend.open().await;
    let (a, b) = (new_id(), new_id());
    let upper = a.to_string().to_uppercase();
    let names = [
        format!("room-{a}"),
        format!("member-{a}-{b}"),
        format!("member-{b}-{a}"),
        format!("room-{}", a.simple()),
        format!("room-{upper}"),
        format!("day-{a}"),
        format!("room-{}", Uuid::nil()),
        "access-2026-11-21".to_owned(),
        "email-마음".to_owned(),
        "seal".to_owned(),
        "seal-".to_owned(),
        "seal-0".to_owned(),
    ];
    for name in &names {
        append(&*store, &StreamName::parse(name), 0, vec![said(name)])
            .await
            .unwrap();
    }
    let log = whole_log(&*store).await;
    assert!(
        log.iter()
            .map(|event| event.stream.as_str())
            .eq(names.iter().map(String::as_str))
    );
    for name in &names {
        let name = StreamName::parse(name);
        let events = store
            .read_stream(&name, 1, Direction::Forward, 9)
            .await
            .unwrap();
        assert_eq!(events.len(), 1, "{name}");
        assert_eq!(
            append(&*store, &name, 0, vec![said("")]).await,
            conflict(&name, 1)
        );
    }
}

pub async fn time_never_goes_back(backend: &impl Backend) {
    let room = new_room();
    let mut times = Vec::new();
    for (version, now) in (0..).zip([5_000, 3_000, 7_000, 1_000]) {
        // Opened anew, so that it is known from what is stored.
        let store = backend.open().await;
        backend.clock().store(now, Ordering::Relaxed);
        let recorded = append(&*store, &room, version, vec![said("")])
            .await
            .unwrap();
        times.push(recorded[0].recorded_at);
    }
    assert_eq!(times, [5_000, 5_000, 7_000, 7_000]);
}

pub async fn everything_is_there_after_reopening(backend: &impl Backend) {
    let rooms: Vec<_> = (0..5).map(|_| new_room()).collect();
    let mut recorded = Vec::new();
    for version in 0..4 {
        let store = backend.open().await;
        assert_eq!(store.head().await.unwrap(), version * 5);
        for room in &rooms {
            let mut event = whispered("다시", "account:1", None);
            event.dedupe = Some(*event.event_id.as_bytes());
            recorded.extend(append(&*store, room, version, vec![event]).await.unwrap());
            assert_eq!(
                append(&*store, room, version, vec![said("")]).await,
                conflict(room, version + 1)
            );
        }
    }
    let store = backend.open().await;
    assert_eq!(whole_log(&*store).await, recorded);
    for event in &recorded {
        let found = store
            .find_outcome(&event.stream, event.dedupe.unwrap())
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(event));
    }
}
