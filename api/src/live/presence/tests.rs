//! Presence and typing over two dialects, heard through the hub.

use async_trait::async_trait;
use domain::NodeId;
use futures_util::FutureExt;
use projections::{Fact, ReadError, Row, Sql, Value as Column};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::*;
use crate::live::Topic;
use crate::live::{Dialect, Next, Outbox, Outgoing, Subscriber, Subscription};

const ROOM: RoomId = RoomId(Uuid::from_u128(1));
const ELSEWHERE: RoomId = RoomId(Uuid::from_u128(2));
const ANNA: PersonId = PersonId(Uuid::from_u128(11));
const BORA: PersonId = PersonId(Uuid::from_u128(12));

/// A dialect that names itself, the person and the sign. It waits for a permit first.
struct Named(&'static str, Arc<Semaphore>);

#[async_trait]
impl Dialect for Named {
    fn notice(&self, _: &Fact) -> Vec<Topic> {
        Vec::new()
    }

    async fn frames(&self, _: &Fact) -> Vec<Outgoing> {
        Vec::new()
    }

    async fn ephemeral(&self, told: &Ephemeral) -> Option<Value> {
        self.1.acquire().await.unwrap().forget();
        let person = told.person.0.as_u128();
        Some(json!([self.0, person, format!("{:?}", told.sign)]))
    }
}

/// Everybody is in both rooms.
struct Rooms;

#[async_trait]
impl Reader for Rooms {
    async fn query(&self, _: Sql, _: Vec<Column>) -> Result<Vec<Row>, ReadError> {
        let row = |room: RoomId| Row(vec![room.0.into()]);
        Ok(vec![row(ROOM), row(ELSEWHERE)])
    }
}

struct Scene {
    hub: Arc<Hub>,
    presence: Arc<Presence>,
    permits: Arc<Semaphore>,
}

impl Scene {
    fn new() -> Self {
        let hub = Arc::new(Hub::new(0));
        let permits = Arc::new(Semaphore::new(1_000));
        let dialect = |name| Arc::new(Named(name, Arc::clone(&permits))) as Arc<dyn Dialect>;
        hub.speak(vec![dialect("chat"), dialect("feed")]);
        let presence = Presence::new(Arc::clone(&hub), Arc::new(Rooms));
        Self {
            hub,
            presence,
            permits,
        }
    }

    /// Somebody listens to a room in a dialect.
    fn hears(&self, dialect: usize, person: PersonId, room: RoomId) -> Ear {
        let outbox = Outbox::new(100_000, Arc::default());
        outbox.caught_up();
        let subscriber = Arc::new(Subscriber {
            dialect,
            person,
            outbox,
            still_entitled: Box::new(|| Ok(())),
        });
        Ear(self.hub.subscribe(subscriber, vec![Topic::Room(room.0)]))
    }
}

struct Ear(Subscription);

impl Ear {
    /// What was told so far, as `who sign`, in one dialect's shape.
    fn heard(&self, dialect: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(Next::Send(frame)) = self.0.subscriber.outbox.next().now_or_never() {
            let content: Value = serde_json::from_str(&frame.text).unwrap();
            assert_eq!(content[0], dialect, "each hears its own dialect");
            heard.push(format!("{} {}", content[1], content[2].as_str().unwrap()));
        }
        heard
    }
}

#[tokio::test]
async fn the_first_connection_and_the_last_are_told_to_the_others_whatever_their_dialect() {
    let scene = Scene::new();
    let chat = scene.hears(0, BORA, ROOM);
    let feed = scene.hears(1, BORA, ROOM);
    let own = scene.hears(0, ANNA, ROOM);
    let first = scene.presence.arrive(ANNA, Some(ROOM)).await;
    let second = scene.presence.arrive(ANNA, Some(ROOM)).await;
    assert!(scene.presence.is_online(ANNA) && scene.presence.is_here(ROOM, ANNA));
    assert!(!first.leave().await);
    assert_eq!(chat.heard("chat"), ["11 Here(true)", "11 Online(true)"]);
    assert!(second.leave().await);
    assert_eq!(chat.heard("chat"), ["11 Here(false)", "11 Online(false)"]);
    assert_eq!(feed.heard("feed").len(), 4);
    assert_eq!(own.heard("chat"), [""; 0]);
    assert!(!scene.presence.is_online(ANNA) && !scene.presence.is_here(ROOM, ANNA));
}

#[tokio::test]
async fn who_comes_online_is_told_in_all_their_rooms_and_who_comes_to_a_room_only_there() {
    let scene = Scene::new();
    let (here, elsewhere) = (scene.hears(0, BORA, ROOM), scene.hears(0, BORA, ELSEWHERE));
    let bell = scene.presence.arrive(ANNA, None).await;
    assert_eq!(here.heard("chat"), ["11 Online(true)"]);
    assert_eq!(elsewhere.heard("chat"), ["11 Online(true)"]);
    let visit = scene.presence.arrive(ANNA, Some(ROOM)).await;
    assert!(!bell.leave().await);
    assert!(visit.leave().await);
    let last = ["11 Here(true)", "11 Here(false)", "11 Online(false)"];
    assert_eq!(here.heard("chat"), last);
    assert_eq!(elsewhere.heard("chat"), ["11 Online(false)"]);
}

#[tokio::test]
async fn typing_ends_at_once_with_the_connection_on_which_it_was_last_renewed() {
    let scene = Scene::new();
    let first = scene.presence.arrive(ANNA, Some(ROOM)).await;
    let second = scene.presence.arrive(ANNA, Some(ROOM)).await;
    let chat = scene.hears(0, BORA, ROOM);
    let own = scene.hears(1, ANNA, ROOM);
    first.typing(true).await;
    second.typing(true).await;
    first.leave().await;
    assert_eq!(
        chat.heard("chat"),
        ["11 Typing(true)", "11 Typing(true)"],
        "the other connection goes on"
    );
    second.leave().await;
    assert_eq!(chat.heard("chat")[0], "11 Typing(false)");
    assert_eq!(own.heard("feed"), [""; 0], "typing never comes back");
}

#[tokio::test]
async fn typing_that_is_not_renewed_ends_by_itself_and_only_once() {
    let scene = Scene::new();
    let visit = scene.presence.arrive(ANNA, Some(ROOM)).await;
    let chat = scene.hears(0, BORA, ROOM);
    visit.typing(true).await;
    visit.typing(false).await;
    let begin = Instant::now();
    visit.typing(true).await;
    let told = ["11 Typing(true)", "11 Typing(false)", "11 Typing(true)"];
    assert_eq!(chat.heard("chat"), told);
    let Next::Send(frame) = chat.0.subscriber.outbox.next().await else {
        panic!("nobody closed it");
    };
    assert!(frame.text.contains("Typing(false)"));
    assert!(begin.elapsed() >= TYPING_LASTS);
    visit.leave().await;
    assert_eq!(chat.heard("chat"), ["11 Here(false)", "11 Online(false)"]);
}

#[tokio::test]
async fn what_is_no_longer_so_when_its_shape_is_there_is_not_told() {
    let scene = Scene::new();
    let first = scene.presence.arrive(ANNA, Some(ROOM)).await;
    let chat = scene.hears(0, BORA, ROOM);
    scene.permits.forget_permits(usize::MAX);
    let mut leaving = Box::pin(first.leave());
    assert!(leaving.as_mut().now_or_never().is_none(), "no shape yet");
    let mut coming = Box::pin(scene.presence.arrive(ANNA, Some(ROOM)));
    assert!(coming.as_mut().now_or_never().is_none());
    scene.permits.add_permits(100);
    leaving.await;
    let _again = coming.await;
    assert_eq!(chat.heard("chat"), ["11 Here(true)", "11 Online(true)"]);
}

#[tokio::test]
async fn nobody_is_asked_for_a_shape_of_what_nobody_hears() {
    let scene = Scene::new();
    let _feed = scene.hears(1, BORA, ROOM);
    let before = scene.permits.available_permits();
    let visit = scene.presence.arrive(ANNA, Some(ROOM)).await;
    visit.typing(true).await;
    assert_eq!(before - scene.permits.available_permits(), 3);
}

const THERE: NodeId = NodeId(Uuid::from_u128(21));

#[tokio::test]
async fn whoever_is_at_two_nodes_comes_once_and_goes_once() {
    let scene = Scene::new();
    let chat = scene.hears(0, BORA, ROOM);
    let there = [
        Change::Online(ANNA, true),
        Change::Here(ROOM, ANNA, true),
        Change::Online(ANNA, true),
    ];
    scene.presence.changed_at(THERE, there.to_vec()).await;
    assert_eq!(chat.heard("chat"), ["11 Online(true)", "11 Here(true)"]);
    assert!(scene.presence.is_online(ANNA) && scene.presence.is_here(ROOM, ANNA));
    let visit = scene.presence.arrive(ANNA, Some(ROOM)).await;
    scene.presence.is_gone(THERE).await;
    assert_eq!(chat.heard("chat"), [""; 0]);
    scene.presence.changed_at(THERE, there.to_vec()).await;
    assert!(visit.leave().await, "it was the last one here");
    assert_eq!(chat.heard("chat"), [""; 0]);
    scene.presence.is_gone(THERE).await;
    let mut last = chat.heard("chat");
    last.sort();
    assert_eq!(last, ["11 Here(false)", "11 Online(false)"]);
    assert!(!scene.presence.is_online(ANNA) && !scene.presence.is_here(ROOM, ANNA));
}

#[tokio::test]
async fn what_was_missed_of_another_node_is_made_up_for() {
    let scene = Scene::new();
    let chat = scene.hears(0, BORA, ROOM);
    let missed = PersonId(Uuid::from_u128(13));
    let before = [Change::Online(ANNA, true), Change::Online(BORA, true)];
    scene.presence.stands_at(THERE, before.into()).await;
    chat.heard("chat");
    let now = [Change::Online(BORA, true), Change::Online(missed, true)];
    scene.presence.stands_at(THERE, now.into()).await;
    assert_eq!(chat.heard("chat"), ["13 Online(true)", "11 Online(false)"]);
    assert!(scene.presence.is_online(BORA));
}

#[tokio::test]
async fn who_types_at_another_node_stops_to_by_themselves() {
    let scene = Scene::new();
    let chat = scene.hears(0, BORA, ROOM);
    let typing = |is| vec![Change::Typing(ROOM, ANNA, is)];
    scene.presence.changed_at(THERE, typing(true)).await;
    assert_eq!(chat.heard("chat"), ["11 Typing(true)"]);
    let Next::Send(frame) = chat.0.subscriber.outbox.next().await else {
        panic!("nobody closed it");
    };
    assert!(frame.text.contains("Typing(false)"));
    scene.presence.changed_at(THERE, typing(true)).await;
    scene.presence.changed_at(THERE, typing(false)).await;
    assert_eq!(chat.heard("chat"), ["11 Typing(true)", "11 Typing(false)"]);
}

#[tokio::test]
async fn other_nodes_are_told_of_the_first_and_the_last_here_and_may_ask_for_all() {
    let scene = Scene::new();
    let mut changes = scene.presence.changes(6);
    let visits = [
        scene.presence.arrive(ANNA, Some(ROOM)).await,
        scene.presence.arrive(ANNA, Some(ROOM)).await,
        scene.presence.arrive(ANNA, None).await,
    ];
    visits[0].typing(true).await;
    let [first, second, third] = visits;
    for visit in [first, second] {
        visit.leave().await;
    }
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        told.push(change);
    }
    let expected = [
        Change::Online(ANNA, true),
        Change::Here(ROOM, ANNA, true),
        Change::Typing(ROOM, ANNA, true),
        Change::Typing(ROOM, ANNA, false),
        Change::Here(ROOM, ANNA, false),
    ];
    assert_eq!(told, expected);
    scene
        .presence
        .changed_at(THERE, vec![Change::Online(BORA, true)])
        .await;
    assert!(changes.try_recv().is_err(), "nobody is told what they told");
    for _ in 0..4 {
        scene.presence.arrive(BORA, Some(ROOM)).await.leave().await;
    }
    assert!(scene.presence.has_lost_changes(), "more than the way takes");
    assert_eq!(
        scene.presence.ours(&mut changes),
        [Change::Online(ANNA, true)]
    );
    assert!(!scene.presence.has_lost_changes());
    third.leave().await;
    assert_eq!(changes.try_recv(), Ok(Change::Online(ANNA, false)));
}
