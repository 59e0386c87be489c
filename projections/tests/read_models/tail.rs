//! The one follower of the log and its subscribers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{AccountEvent, AccountId};
use event_store::keys::{Key, KeyBytes, KeyError, KeyStore, SqliteKeyStore};
use projections::{FactError, FactStream, Tail, TailError};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::fixture::{Log, PATIENCE};
use crate::workload::{World, account_stream};

async fn grow(log: &Log, world: &mut World, steps: usize) {
    for _ in 0..steps {
        let decision = world.step(log.head().await);
        log.append(decision).await;
    }
}

/// Reads up to a position and gives all positions on the way.
async fn positions(stream: &mut FactStream, up_to: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while seen.last() != Some(&up_to) {
        let facts = tokio::time::timeout(PATIENCE, stream.next())
            .await
            .unwrap()
            .unwrap();
        assert!(!facts.is_empty());
        seen.extend(facts.iter().map(|fact| fact.recorded.position));
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_subscriber_hears_each_event_once_and_in_order() {
    let log = Log::new();
    let mut world = World::new(11);
    grow(&log, &mut world, 50).await;
    let begun = log.head().await;
    let tail = Tail::start(log.store(), log.keys(), begun);
    // From the start, from the middle, from the head, and from before the tail itself began.
    let mut streams: Vec<FactStream> = [0, begun / 2, begun]
        .into_iter()
        .map(|after| tail.subscribe(after))
        .collect();
    // One that reads while it is written, and two that only begin afterwards: by then the tail
    // has dropped what it kept for them.
    let mut at_once = streams.remove(0);
    let (announce, announced) = tokio::sync::watch::channel(u64::MAX);
    let reading = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.last() != Some(&*announced.borrow()) {
            let facts = tokio::time::timeout(PATIENCE, at_once.next())
                .await
                .unwrap()
                .unwrap();
            seen.extend(facts.iter().map(|fact| fact.recorded.position));
        }
        seen
    });
    grow(&log, &mut world, 300).await;
    let head = log.head().await + 1;
    announce.send(head).unwrap();
    let last = AccountEvent::Activated {}.into();
    log.append(vec![(account_stream(AccountId(Uuid::nil())), last)])
        .await;
    assert_eq!(reading.await.unwrap(), (1..=head).collect::<Vec<_>>());
    for (stream, after) in streams.iter_mut().zip([begun / 2, begun]) {
        assert_eq!(
            positions(stream, head).await,
            (after + 1..=head).collect::<Vec<_>>()
        );
        assert_eq!(stream.position(), head);
    }
}

#[tokio::test]
async fn gathering_takes_what_is_at_hand() {
    let log = Log::new();
    let tail = Tail::start(log.store(), log.keys(), 0);
    let mut stream = tail.subscribe(0);
    let mut world = World::new(12);
    grow(&log, &mut world, 30).await;
    let head = log.head().await;
    let mut seen = Vec::new();
    while seen.last() != Some(&head) {
        let facts = tokio::time::timeout(PATIENCE, stream.gather(8))
            .await
            .unwrap()
            .unwrap();
        seen.extend(facts.iter().map(|fact| fact.recorded.position));
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_comes_before_a_poison_event_is_handed_out_and_then_the_reason_again_and_again() {
    let log = Log::new();
    let tail = Tail::start(log.store(), log.keys(), 0);
    let mut stream = tail.subscribe(0);
    grow(&log, &mut World::new(13), 10).await;
    let before = log.head().await;
    let poison = log.append_raw(vec![log.poison()]).await[0].position;
    grow(&log, &mut World::new(14), 10).await;

    assert_eq!(positions(&mut stream, before).await.last(), Some(&before));
    for _ in 0..2 {
        let error = tokio::time::timeout(PATIENCE, stream.next())
            .await
            .unwrap()
            .unwrap_err();
        assert!(matches!(error, TailError::Poison(_)), "{error}");
        assert_eq!(error.position(), Some(poison));
    }
    let mut status = tail.watch();
    let stopped = status.wait_for(|status| status.stopped.is_some());
    let status = tokio::time::timeout(PATIENCE, stopped)
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert_eq!(status.position, before);
    // Who comes later hears the same.
    let mut late = tail.subscribe(before);
    assert_eq!(late.next().await.unwrap_err().position(), Some(poison));
}

#[tokio::test]
async fn a_stopped_tail_ends_its_streams() {
    let log = Log::new();
    grow(&log, &mut World::new(15), 5).await;
    let tail = Tail::start(log.store(), log.keys(), 0);
    let mut stream = tail.subscribe(0);
    let head = log.head().await;
    tail.stop();
    assert_eq!(positions(&mut stream, head).await.last(), Some(&head));
    let end = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap();
    assert!(matches!(end, Err(TailError::Ended)));
}

#[tokio::test]
async fn a_key_that_is_neither_there_nor_destroyed_stops_the_tail() {
    let log = Log::new();
    grow(&log, &mut World::new(17), 5).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let empty = SqliteKeyStore::open(elsewhere.path().join("keys.db"), Zeroizing::new([7; 32]));
    let tail = Tail::start(log.store(), Arc::new(empty.unwrap()), 0);
    let mut stream = tail.subscribe(0);
    let error = loop {
        // Events that hold nothing personal need no key.
        match tokio::time::timeout(PATIENCE, stream.next()).await.unwrap() {
            Ok(facts) => assert!(facts.iter().all(|fact| fact.recorded.parts.is_empty())),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error, TailError::Poison(FactError::Open { .. })),
        "{error}"
    );
}

/// Keys that cannot be read for a while.
struct Busy {
    inner: Arc<SqliteKeyStore>,
    refusals: AtomicU32,
}

impl KeyStore for Busy {
    fn get(&self, name: &str) -> Result<Key, KeyError> {
        let left = self.refusals.load(Ordering::SeqCst);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::SeqCst);
            return Err(KeyError::Unavailable("the file is locked".into()));
        }
        self.inner.get(name)
    }

    fn get_or_create(&self, names: &[Arc<str>]) -> Result<Vec<Arc<KeyBytes>>, KeyError> {
        self.inner.get_or_create(names)
    }

    fn destroy(&self, names: &[Arc<str>]) -> Result<(), KeyError> {
        self.inner.destroy(names)
    }

    fn forget(&self, names: &[Arc<str>]) {
        self.inner.forget(names);
    }

    fn key_names(&self, after: &str, limit: usize) -> Result<Vec<Arc<str>>, KeyError> {
        self.inner.key_names(after, limit)
    }

    fn adopt(&self, keys: &[(Arc<str>, Option<KeyBytes>)]) -> Result<(), KeyError> {
        self.inner.adopt(keys)
    }

    fn secret(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        self.inner.secret(name)
    }

    fn put_secret(&self, name: &str, value: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.inner.put_secret(name, value)
    }

    fn secret_names(&self, prefix: &str) -> Result<Vec<String>, KeyError> {
        self.inner.secret_names(prefix)
    }

    fn remove_secret(&self, name: &str) -> Result<(), KeyError> {
        self.inner.remove_secret(name)
    }

    fn rotate_master(&self, new_master: KeyBytes) -> Result<(), KeyError> {
        self.inner.rotate_master(new_master)
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_for_a_while_are_waited_for() {
    let log = Log::new();
    grow(&log, &mut World::new(18), 20).await;
    let head = log.head().await;
    let refusals = AtomicU32::new(3);
    let keys = Arc::new(Busy {
        inner: Arc::clone(&log.keys),
        refusals,
    });
    let tail = Tail::start(log.store(), Arc::clone(&keys) as _, 0);
    let mut stream = tail.subscribe(0);
    let mut seen = Vec::new();
    while seen.last() != Some(&head) {
        let facts = stream.next().await.unwrap();
        seen.extend(facts.iter().map(|fact| fact.recorded.position));
    }
    assert_eq!(seen, (1..=head).collect::<Vec<_>>());
    assert_eq!(keys.refusals.load(Ordering::SeqCst), 0);
    assert!(tail.status().stopped.is_none());
}
