//! Seals come by themselves, one after the other, and the key store remembers the newest.

use std::io::Write;
use std::sync::{Arc, Mutex};

use api::commands::seals::SealLog;
use domain::{Event, NO_ROOT, SealEvent, SealStatement};
use event_store::log_seal::{
    SealHead, SealKey, SealedRange, hex, is_signed, leaf_of, read_hex, read_leaves, short,
};
use event_store::{Position, Recorded};

use crate::world::World;

/// A seal as the log holds it.
struct Sealed {
    at: Arc<Recorded>,
    from: Position,
    to: Position,
    root: String,
}

/// All seals, after each was held against the log from its beginning.
async fn seals_that_hold(world: &World) -> Vec<Sealed> {
    let log = world.all_events().await;
    let key = SealKey::find(world.keys()).unwrap().unwrap().public();
    let (mut sealed_to, mut before) = (0, NO_ROOT.to_owned());
    let mut seals = Vec::new();
    for at in log
        .iter()
        .filter(|event| &*event.event_type == "log.sealed")
    {
        assert_eq!(at.stream.as_str(), "seal");
        let fact = projections::fact(Arc::clone(at), world.keys()).unwrap();
        let Event::Seal(SealEvent::Sealed {
            from,
            to,
            root,
            previous,
            leaves,
            key: signed_by,
            signature,
        }) = fact.event
        else {
            unreachable!("of another type")
        };
        assert_eq!((from, &previous), (sealed_to + 1, &before));
        assert!(to < at.position && from <= to);
        let mut range = SealedRange::after(sealed_to, read_hex(&previous).unwrap());
        let covered: Vec<_> = log
            .iter()
            .filter(|event| (from..=to).contains(&event.position))
            .map(|event| leaf_of(event))
            .collect();
        for leaf in &covered {
            range.push(*leaf);
        }
        assert_eq!(hex(&range.root()), root);
        let short: Vec<_> = covered.iter().map(short).collect();
        assert_eq!(read_leaves(&leaves).unwrap(), short);
        let statement = SealStatement {
            from,
            to,
            root: &root,
            previous: &previous,
            leaves: &leaves,
        };
        assert_eq!(signed_by, key);
        assert!(is_signed(&key, &statement.to_string(), &signature));
        (sealed_to, before) = (to, root.clone());
        seals.push(Sealed {
            at: Arc::clone(at),
            from,
            to,
            root,
        });
    }
    seals
}

#[tokio::test]
async fn what_was_recorded_is_sealed_ten_seconds_later_without_a_gap() {
    let world = World::new().await;
    world.waits().await;
    world.forward(9).await;
    assert_eq!(seals_that_hold(&world).await.len(), 0);
    let before = world.head().await;
    world.forward(1).await;
    assert_eq!(world.events_after(before).await, ["log.sealed"]);
    for _ in 0..3 {
        world.waits().await;
        world.forward(10).await;
    }
    let seals = seals_that_hold(&world).await;
    assert_eq!(seals.len(), 4);
    let last = &seals[3];
    assert_eq!(last.to, last.at.position - 1);
    assert!(
        last.from <= seals[2].at.position,
        "a seal is sealed as well"
    );
    world.stop().await;
}

#[tokio::test]
async fn seals_alone_are_no_cause_for_a_seal() {
    let world = World::new().await;
    world.counselor().await;
    world.forward(10).await;
    let before = world.head().await;
    for _ in 0..20 {
        world.forward(60).await;
    }
    assert_eq!(world.head().await, before);
    world.stop().await;
}

#[tokio::test]
async fn a_restart_goes_on_where_the_last_seal_ends() {
    let world = World::new().await;
    world.counselor().await;
    world.forward(10).await;
    world.counselor().await;
    let world = world.restarts().await;
    world.forward(10).await;
    let world = world.restarts().await;
    assert_eq!(seals_that_hold(&world).await.len(), 2);
    world.stop().await;
}

#[tokio::test]
async fn a_seal_of_another_node_is_gone_on_from() {
    let world = World::new().await;
    world.counselor().await;
    world.forward(10).await;
    world.counselor().await;
    let newest = seals_that_hold(&world).await.pop().unwrap();
    let mut range = SealedRange::after(newest.to, read_hex(&newest.root).unwrap());
    let log = world.all_events().await;
    for event in &log[usize::try_from(newest.to).unwrap()..] {
        range.push(leaf_of(event));
    }
    let key = SealKey::load(world.keys()).unwrap();
    world.executes(&SealLog::of(&range, &key)).await.unwrap();
    world
        .executes(&SealLog::of(&range, &key))
        .await
        .expect_err("the same stretch is not sealed twice");
    world.counselor().await;
    world.forward(10).await;
    assert_eq!(seals_that_hold(&world).await.len(), 3);
    world.stop().await;
}

#[tokio::test]
async fn the_key_store_remembers_the_newest_seal_and_only_that() {
    let world = World::new().await;
    for _ in 0..3 {
        world.counselor().await;
        world.forward(10).await;
    }
    let newest = seals_that_hold(&world).await.pop().unwrap();
    let head = SealHead {
        position: newest.at.position,
        root: read_hex(&newest.root).unwrap(),
        leaf: leaf_of(&newest.at),
    };
    assert_eq!(SealHead::all(world.keys()).unwrap(), [head]);
    // As after a crash between the seal and the note of it, and before an old one is forgotten.
    let seals = seals_that_hold(&world).await;
    let old = SealHead {
        position: seals[0].at.position,
        root: read_hex(&seals[0].root).unwrap(),
        leaf: leaf_of(&seals[0].at),
    };
    old.remember(world.keys()).unwrap();
    head.forget(world.keys()).unwrap();
    let world = world.restarts().await;
    assert_eq!(SealHead::all(world.keys()).unwrap(), [head]);
    world.stop().await;
}

#[tokio::test]
async fn a_seal_that_the_log_does_not_have_stays_remembered_and_sealing_goes_on() {
    let world = World::new().await;
    let lost = SealHead {
        position: 100_000,
        root: [1; 32],
        leaf: [2; 32],
    };
    lost.remember(world.keys()).unwrap();
    let world = world.restarts().await;
    for _ in 0..2 {
        world.counselor().await;
        world.forward(10).await;
    }
    let newest = seals_that_hold(&world).await.pop().unwrap();
    let heads = SealHead::all(world.keys()).unwrap();
    assert_eq!(heads.len(), 2);
    assert_eq!((heads[0].position, heads[1]), (newest.at.position, lost));
    world.stop().await;
}

/// What was logged, for the thread of one test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn about_days(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text
            .lines()
            .filter(|line| line.contains("the last root of a day"));
        lines.map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn the_last_root_of_each_day_is_told_once_when_the_day_is_over() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    for _ in 0..2 {
        world.counselor().await;
        world.forward(10).await;
    }
    assert_eq!(lines.about_days().len(), 0);
    let last = seals_that_hold(&world).await.pop().unwrap();
    world.forward(86_400).await;
    world.counselor().await;
    world.forward(10).await;
    let told = lines.about_days();
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = [
        "date=2026-09-21".to_owned(),
        format!("position={}", last.at.position),
        format!("root=\"{}\"", last.root),
    ];
    for part in expected {
        assert!(told[0].contains(&part), "{part} in {}", told[0]);
    }
    world.stop().await;
}
