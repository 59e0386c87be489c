//! A copy made while appends go on is a prefix of the log.

use std::sync::Arc;

use event_store::StoreError;

use super::{Sqlite, open};
use crate::writing::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_writing_is_a_prefix_and_opens_as_a_log() {
    let home = Sqlite::new();
    let store = Arc::new(home.store());
    let room = new_room();
    append(&*store, &room, 0, vec![whispered("글", "account:a", None)])
        .await
        .unwrap();
    let writing = tokio::spawn({
        let (store, room) = (store.clone(), room.clone());
        async move {
            for version in 1..400 {
                append(&*store, &room, version, vec![said("a")])
                    .await
                    .unwrap();
            }
        }
    });
    let mut copies = Vec::new();
    for number in 0..3 {
        let path = home.folder.path().join(format!("copy-{number}.db"));
        let position = store.backup_to(&path).await.unwrap();
        assert!(matches!(
            store.backup_to(&path).await,
            Err(StoreError::Unavailable(_))
        ));
        copies.push((path, position));
    }
    writing.await.unwrap();
    let log = whole_log(&*store).await;
    assert_eq!(log.len(), 400);

    for (path, position) in copies {
        assert!(position >= 1);
        let copy = open(&path, &home.folder.path().join("spare-keys.db")).unwrap();
        let events = whole_log(&copy).await;
        assert_eq!(events, log[..usize::try_from(position).unwrap()]);
        append(&copy, &room, position, vec![said("goes on")])
            .await
            .unwrap();
    }
}
