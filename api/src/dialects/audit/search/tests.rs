//! However little is found and however much is there, a search ends soon and says how far it came.

use std::sync::atomic::{AtomicI64, Ordering};

use event_store::keys::SqliteKeyStore;
use event_store::sqlite::{Options, SqliteEventStore};
use event_store::{Append, Metadata, NewEvent, Write};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::clock::{Ids, SystemIds};
use crate::past::last_before;

const BATCH: usize = 500;
const LOOKED_AT: usize = 10_000;

struct Log {
    store: SqliteEventStore,
    _folder: TempDir,
}

impl Log {
    /// This many events of one stream.
    async fn of(events: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = SqliteKeyStore::open(folder.path().join("keys.db"), Zeroizing::new([7; 32]));
        let now = AtomicI64::new(1_735_725_600_000_000);
        let store = SqliteEventStore::open(
            folder.path().join("events.db"),
            Arc::new(keys.unwrap()),
            Arc::new(move || now.fetch_add(1, Ordering::Relaxed)),
            &Options::default(),
        )
        .unwrap();
        for done in (0..events).step_by(BATCH) {
            let events = (0..BATCH.min(events - done)).map(|_| closed()).collect();
            let write = Write {
                stream: stream(),
                expected: done as u64,
                events,
            };
            let append = Append {
                writes: vec![write],
                requires: Vec::new(),
            };
            store.append(append).await.unwrap();
        }
        Self {
            store,
            _folder: folder,
        }
    }

    async fn search(&self, selection: Selection) -> Found {
        search(&self.store, &selection).await.unwrap()
    }
}

fn stream() -> StreamName {
    StreamName::parse("room-0192f0c1-7a00-7000-8000-000000000001")
}

fn closed() -> NewEvent {
    NewEvent {
        event_id: SystemIds.next(),
        dedupe: None,
        event_type: "room.closed".into(),
        event_version: "1.0.0".into(),
        number: None,
        metadata: Metadata {
            actor: None,
            role: "system".into(),
            address: None,
            causation_id: None,
            correlation_id: SystemIds.next(),
            fingerprint: None,
        },
        payload: "{}".into(),
        parts: Vec::new(),
    }
}

fn all_after(after: Position) -> Selection {
    Selection {
        after,
        limit: 500,
        stream: None,
        event_type: None,
        actor: None,
        until_us: None,
        positions: Vec::new(),
        max_bytes: 1 << 20,
    }
}

#[tokio::test]
async fn a_filter_that_matches_nothing_looks_at_a_bounded_number_of_events() {
    let log = Log::of(LOOKED_AT + 700).await;
    let nothing = |after| Selection {
        event_type: Some("message.sent".to_owned()),
        ..all_after(after)
    };
    let first = log.search(nothing(0)).await;
    assert!(first.events.is_empty());
    assert_eq!(first.scanned_to, LOOKED_AT as u64);
    let second = log.search(nothing(first.scanned_to)).await;
    assert!(second.events.is_empty());
    assert_eq!((second.scanned_to, second.head), (10_700, 10_700));
}

#[tokio::test]
async fn a_long_stream_is_gone_on_with_where_one_was() {
    // Far from the end the stream alone is read, near it the log.
    let length = LOOKED_AT as u64 + 1_700;
    let log = Log::of(LOOKED_AT + 1_700).await;
    let mut after = 0;
    let mut seen = Vec::new();
    while after < length {
        let found = log
            .search(Selection {
                stream: Some(stream()),
                limit: 333,
                ..all_after(after)
            })
            .await;
        seen.extend(found.events.iter().map(|shown| shown.recorded.position));
        assert!(found.scanned_to > after);
        after = found.scanned_to;
    }
    assert_eq!(seen, (1..=length).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_answer_has_a_bounded_size_and_one_event_in_any_case() {
    let log = Log::of(3).await;
    let selection = all_after(0);
    let mut gathering = Gathering {
        selection: &selection,
        stored_bytes: selection.max_bytes,
        looked_at: 0,
        found: log.search(all_after(3)).await,
    };
    let events = log.store.read_all(0, 3).await.unwrap().events;
    assert!(!gathering.take(events), "the second one is too much");
    assert_eq!(gathering.found.events.len(), 1);
}

#[tokio::test]
async fn an_event_that_nobody_can_read_is_shown_with_those_under_whose_keys_it_is() {
    let log = Log::of(1).await;
    let mut unreadable = (*log.store.read_all(0, 1).await.unwrap().events[0]).clone();
    unreadable.event_type = "room.lost".into();
    let id = SystemIds.next();
    unreadable.metadata.actor = Some(id);
    let (event, concerned) = read(&Arc::new(unreadable));
    assert_eq!(event, None);
    assert_eq!(concerned.people, [PersonId(id)].into());
}

#[tokio::test]
async fn a_time_is_found_between_the_events_and_ends_a_search() {
    let log = Log::of(1_200).await;
    let events = log.store.read_all(0, 2_000).await.unwrap().events;
    for at in [1, 2, 600, 1_199, 1_200_usize] {
        let recorded_at = events[at - 1].recorded_at;
        let earlier = events.partition_point(|event| event.recorded_at < recorded_at) as u64;
        assert_eq!(last_before(&log.store, recorded_at).await.unwrap(), earlier);
        let found = log
            .search(Selection {
                until_us: Some(recorded_at),
                limit: 2_000,
                ..all_after(0)
            })
            .await;
        assert_eq!(found.events.len() as u64, earlier);
        assert_eq!((found.scanned_to, found.head), (1_200, 1_200));
    }
    assert_eq!(last_before(&log.store, i64::MIN).await.unwrap(), 0);
    assert_eq!(last_before(&log.store, i64::MAX).await.unwrap(), 1_200);
}
