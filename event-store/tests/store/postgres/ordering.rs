//! Commits that come out of order: positions are given in the order in which they become visible.

use std::sync::Arc;
use std::time::Duration;

use event_store::EventStore;
use tokio::time::timeout;
use tokio_postgres::{Client, Transaction};

use super::Postgres;
use crate::writing::*;

const DEADLINE: Duration = Duration::from_secs(30);

/// The lock that whoever appends takes, taken by hand; and an event at `position` behind it.
async fn append_by_hand(transaction: &Transaction<'_>, position: i64) {
    transaction
        .execute("SELECT FROM log_head FOR UPDATE", &[])
        .await
        .unwrap();
    let metadata = format!(r#"{{"role":"user","correlation_id":"{}"}}"#, new_id());
    let sql = format!(
        "INSERT INTO events (position, aggregate_type, aggregate_id, sequence, event_id,
             event_type, event_version, recorded_at, payload, metadata)
         VALUES ({position}, 'room', '{}', 1, '{}', 'message.sent', '1.0.0', 1, '{{}}',
             '{metadata}')",
        new_id(),
        new_id(),
    );
    transaction.batch_execute(&sql).await.unwrap();
}

/// Until a connection of the store waits for a lock.
async fn until_somebody_waits(client: &Client) {
    let waiting = async {
        loop {
            let row = client
                .query_one(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                     AND application_name = 'maeum' AND wait_event_type = 'Lock'",
                    &[],
                )
                .await
                .unwrap();
            if row.get::<_, i64>(0) > 0 {
                return;
            }
        }
    };
    timeout(DEADLINE, waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_whose_commit_comes_late_is_seen_before_the_one_after_it() {
    let home = Postgres::new().await;
    let (store, other) = (Arc::new(home.store().await), home.store().await);
    let mut followers = [store.follow(0), other.follow(0)];
    let watching = home.database.connect().await;
    let mut late = home.database.connect().await;
    let late = late.transaction().await.unwrap();
    append_by_hand(&late, 1).await;

    let second = {
        let store = store.clone();
        tokio::spawn(async move { append(&*store, &new_room(), 0, vec![said("2")]).await })
    };
    until_somebody_waits(&watching).await;
    assert_eq!(other.read_all(0, 9).await.unwrap().events, []);
    for follower in &mut followers {
        let early = timeout(Duration::from_millis(120), follower.next()).await;
        assert!(early.is_err(), "nothing is committed: {early:?}");
    }
    late.commit().await.unwrap();
    assert_eq!(positions(&second.await.unwrap().unwrap()), [2]);

    for follower in &mut followers {
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let batch = timeout(DEADLINE, follower.next()).await.unwrap().unwrap();
            seen.extend(positions(&batch));
        }
        assert_eq!(seen, [1, 2]);
    }
    assert_dense(&whole_log(&*store).await);
}

/// The control: what the test above would find in a table whose positions come from a sequence.
#[tokio::test]
async fn a_sequence_would_have_lost_it() {
    let home = Postgres::new().await;
    home.database
        .execute("CREATE TABLE naive (position bigserial PRIMARY KEY, what text)")
        .await;
    let (mut late, early) = (home.database.connect().await, home.database.connect().await);
    let read = async |after: i64| -> Vec<i64> {
        let rows = early
            .query(
                "SELECT position FROM naive WHERE position > $1 ORDER BY position",
                &[&after],
            )
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let transaction = late.transaction().await.unwrap();
    let insert = "INSERT INTO naive (what) VALUES ('x')";
    transaction.execute(insert, &[]).await.unwrap();
    early.execute(insert, &[]).await.unwrap();
    assert_eq!(read(0).await, [2], "a poll between the two commits");
    transaction.commit().await.unwrap();
    assert_eq!(read(2).await, [0; 0], "the first is never seen");
    assert_eq!(read(0).await, [1, 2]);
}

#[tokio::test]
async fn a_gap_is_told_to_followers_and_stops_no_append() {
    let home = Postgres::new().await;
    let store = home.store().await;
    let room = new_room();
    append(&store, &room, 0, vec![said("1")]).await.unwrap();
    let mut follower = store.follow(0);
    assert_eq!(positions(&follower.next().await.unwrap()), [1]);
    let mut by_hand = home.database.connect().await;
    let transaction = by_hand.transaction().await.unwrap();
    append_by_hand(&transaction, 3).await;
    transaction.commit().await.unwrap();

    for _ in 0..2 {
        let told = timeout(DEADLINE, follower.next()).await.unwrap();
        assert!(
            matches!(
                told,
                Err(event_store::StoreError::Corrupt { position: 2, .. })
            ),
            "{told:?}"
        );
    }
    // Who begins behind the gap goes on.
    let mut behind = store.follow(3);
    let other = home.store().await;
    for (version, node) in [(1, &store), (2, &other), (3, &store)] {
        let next = append(node, &room, version, vec![said("on")])
            .await
            .unwrap();
        assert_eq!(positions(&next), [version + 3]);
        let heard = timeout(DEADLINE, behind.next()).await.unwrap().unwrap();
        assert_eq!(positions(&heard), [version + 3]);
    }
}

#[tokio::test]
async fn a_log_that_lost_its_end_is_appended_to_no_more() {
    let home = Postgres::new().await;
    let store = home.store().await;
    let room = new_room();
    for version in 0..3 {
        append(&store, &room, version, vec![said("a")])
            .await
            .unwrap();
    }
    let poisoned = store.poisoned();
    assert!(!*poisoned.borrow());
    home.database
        .execute("DELETE FROM events WHERE position = 3")
        .await;
    let refused = append(&store, &new_room(), 0, vec![said("b")]).await;
    assert!(
        matches!(
            refused,
            Err(event_store::StoreError::Corrupt { position: 3, .. })
        ),
        "{refused:?}"
    );
    assert!(*poisoned.borrow());
    let refused = append(&store, &new_room(), 0, vec![said("b")]).await;
    assert!(
        matches!(refused, Err(event_store::StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert_eq!(whole_log(&store).await.len(), 2);
}
