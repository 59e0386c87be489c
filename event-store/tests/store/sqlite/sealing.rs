//! Sealed parts open with both keys, are erased by a tombstone, and by nothing else.

use std::sync::Arc;

use event_store::keys::{KeyStore, SqliteKeyStore};
use event_store::seal::{self, OpenError, Opened};
use event_store::sqlite::{Options, SqliteEventStore};
use event_store::{Direction, EventStore, Recorded, StoreError};

use super::{Sqlite, master};
use crate::writing::*;

const TEXT: &str = "planted-심은-글";

fn opened(keys: &dyn KeyStore, event: &Recorded) -> Result<Opened, OpenError> {
    seal::open(keys, &event.stream, event.sequence, &event.parts[0])
}

fn open_both(home: &Sqlite) -> (Arc<SqliteKeyStore>, SqliteEventStore) {
    let keys = Arc::new(SqliteKeyStore::open(home.keys(), master()).unwrap());
    let clock = Arc::new(|| 1);
    let store =
        SqliteEventStore::open(home.log(), keys.clone(), clock, &Options::default()).unwrap();
    (keys, store)
}

#[tokio::test]
async fn a_part_opens_with_its_keys_and_only_where_it_was_sealed() {
    let home = Sqlite::new();
    let (keys, store) = open_both(&home);
    let room = new_room();
    let events = vec![
        whispered(TEXT, "account:a", Some("day:1")),
        whispered(TEXT, "account:b", None),
    ];
    append(&store, &room, 0, events).await.unwrap();
    let events = store
        .read_stream(&room, 1, Direction::Forward, 9)
        .await
        .unwrap();

    for event in &events {
        assert_eq!(opened(&*keys, event), Ok(Opened::Open(TEXT.into())));
    }
    let part = &events[0].parts[0];
    for (stream, sequence) in [(&room, 2), (&new_room(), 1)] {
        let moved = seal::open(&*keys, stream, sequence, part);
        assert_eq!(
            moved,
            Err(OpenError::Tampered {
                stream: stream.clone(),
                sequence
            })
        );
    }
    let mut wrong_keys = part.clone();
    wrong_keys.keys = events[1].parts[0].keys.clone();
    assert!(matches!(
        seal::open(&*keys, &room, 1, &wrong_keys),
        Err(OpenError::Tampered { .. })
    ));
}

#[tokio::test]
async fn destroying_either_key_erases_and_nothing_more_is_sealed_under_it() {
    let home = Sqlite::new();
    let (keys, store) = open_both(&home);
    let pairs = [
        ("account:a", "day:1"),
        ("account:b", "day:2"),
        ("account:c", "day:3"),
    ];
    for (subject, bucket) in pairs {
        append(
            &store,
            &new_room(),
            0,
            vec![whispered(TEXT, subject, Some(bucket))],
        )
        .await
        .unwrap();
    }
    keys.destroy(&["account:a".into(), "day:2".into()]).unwrap();
    let log = whole_log(&store).await;

    assert_eq!(opened(&*keys, &log[0]), Ok(Opened::Erased));
    assert_eq!(opened(&*keys, &log[1]), Ok(Opened::Erased));
    assert_eq!(opened(&*keys, &log[2]), Ok(Opened::Open(TEXT.into())));
    let refused = append(
        &store,
        &new_room(),
        0,
        vec![whispered(TEXT, "account:a", None)],
    )
    .await;
    assert_eq!(refused, Err(StoreError::KeyDestroyed("account:a".into())));
    let refused = append(
        &store,
        &new_room(),
        0,
        vec![whispered(TEXT, "account:c", Some("day:2"))],
    )
    .await;
    assert_eq!(refused, Err(StoreError::KeyDestroyed("day:2".into())));
    assert_eq!(store.head().await.unwrap(), 3);
}

#[tokio::test]
async fn a_key_that_is_absent_or_damaged_is_unavailable_and_never_erased() {
    let home = Sqlite::new();
    let (keys, store) = open_both(&home);
    append(
        &store,
        &new_room(),
        0,
        vec![whispered(TEXT, "account:a", Some("day:1"))],
    )
    .await
    .unwrap();
    let event = whole_log(&store).await.remove(0);
    store.close().await;
    drop((keys, store));

    let other = Sqlite::new();
    let empty = SqliteKeyStore::open(other.keys(), master()).unwrap();
    assert_eq!(
        opened(&empty, &event),
        Err(OpenError::KeyUnavailable("account:a".into()))
    );
    empty.get_or_create(&["account:a".into()]).unwrap();
    assert_eq!(
        opened(&empty, &event),
        Err(OpenError::KeyUnavailable("day:1".into()))
    );
    empty.get_or_create(&["day:1".into()]).unwrap();
    assert!(matches!(
        opened(&empty, &event),
        Err(OpenError::Tampered { .. })
    ));

    rusqlite::Connection::open(home.keys())
        .unwrap()
        .execute(
            "UPDATE keys SET wrapped = zeroblob(60) WHERE name = 'day:1'",
            [],
        )
        .unwrap();
    let (keys, store) = open_both(&home);
    assert_eq!(
        opened(&*keys, &event),
        Err(OpenError::KeyUnavailable("day:1".into()))
    );
    let refused = append(&store, &new_room(), 0, vec![whispered(TEXT, "day:1", None)]).await;
    assert_eq!(refused, Err(StoreError::KeyUnavailable("day:1".into())));
}

#[tokio::test]
async fn no_planted_text_stands_in_the_files() {
    let home = Sqlite::new();
    let (keys, store) = open_both(&home);
    keys.put_secret("pepper", TEXT.as_bytes()).unwrap();
    for _ in 0..50 {
        let event = whispered(TEXT, "account:a", Some("day:1"));
        append(&store, &new_room(), 0, vec![event]).await.unwrap();
    }
    let planted = |text: &[u8]| {
        std::fs::read_dir(home.folder.path())
            .unwrap()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .filter(|bytes| bytes.windows(text.len()).any(|window| window == text))
            .count()
    };
    assert_eq!(planted(TEXT.as_bytes()), 0);
    assert!(planted(b"account:a") > 0, "the search itself works");
    store.close().await;
    assert_eq!(planted(TEXT.as_bytes()), 0);
}
