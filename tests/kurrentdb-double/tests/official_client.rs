//! The double behaves with KurrentDB's own client as the protocol says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kurrentdb::{
    AppendToStreamOptions, BatchAppendOptions, Client, Error, EventData, Position, ReadAllOptions,
    ReadStreamOptions, StreamPosition, StreamState, SubscribeToAllOptions, SubscriptionEvent,
    SubscriptionFilter,
};
use kurrentdb_double::Double;
use serde_json::json;
use tempfile::TempDir;

async fn started() -> (Double, Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let double = Double::start(&folder.path().join("server.log")).await;
    let client = connected(&double);
    (double, client, folder)
}

fn connected(double: &Double) -> Client {
    Client::new(double.url("").parse().unwrap()).unwrap()
}

fn said(text: &str) -> EventData {
    EventData::json("said", &json!({ "text": text })).unwrap()
}

fn at(state: StreamState) -> AppendToStreamOptions {
    AppendToStreamOptions::default().stream_state(state)
}

/// Numbers and types of the events of a stream.
async fn read(client: &Client, stream: &str, options: ReadStreamOptions) -> Vec<u64> {
    let mut events = client.read_stream(stream, &options).await.unwrap();
    let mut revisions = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        revisions.push(event.get_original_event().revision);
    }
    revisions
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_is_held_to_the_revision_that_it_expects() {
    let (_double, client, _folder) = started().await;
    let none = at(StreamState::NoStream);
    let first = client
        .append_to_stream("room-1", &none, [said("1"), said("2")].to_vec())
        .await
        .unwrap();
    assert_eq!(first.next_expected_version, 1);
    let second = client
        .append_to_stream("room-1", &at(StreamState::StreamRevision(1)), said("3"))
        .await
        .unwrap();
    assert_eq!(second.next_expected_version, 2);
    assert!(second.position > first.position);
    for state in [
        StreamState::NoStream,
        StreamState::StreamRevision(1),
        StreamState::StreamRevision(7),
    ] {
        let refused = client
            .append_to_stream("room-1", &at(state), said("4"))
            .await;
        assert!(
            matches!(refused, Err(Error::WrongExpectedVersion { .. })),
            "{refused:?}"
        );
    }
    let exists = at(StreamState::StreamExists);
    let refused = client.append_to_stream("room-2", &exists, said("1")).await;
    assert!(matches!(refused, Err(Error::WrongExpectedVersion { .. })));
    let any = at(StreamState::Any);
    client
        .append_to_stream("room-2", &any, said("1"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_append_is_stored_once() {
    let (_double, client, _folder) = started().await;
    let event = said("1").id(uuid::Uuid::from_u128(5));
    for state in [
        StreamState::NoStream,
        StreamState::NoStream,
        StreamState::Any,
    ] {
        let answer = client
            .append_to_stream("room-1", &at(state), event.clone())
            .await
            .unwrap();
        assert_eq!(answer.next_expected_version, 0);
    }
    assert_eq!(
        read(&client, "room-1", ReadStreamOptions::default()).await,
        [0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_both_ways_from_anywhere() {
    let (_double, client, _folder) = started().await;
    let events: Vec<_> = (0..5).map(|number| said(&number.to_string())).collect();
    client
        .append_to_stream("room-1", &at(StreamState::Any), events)
        .await
        .unwrap();
    let options = || ReadStreamOptions::default();
    let from = |revision| options().position(StreamPosition::Position(revision));
    assert_eq!(read(&client, "room-1", options()).await, [0, 1, 2, 3, 4]);
    assert_eq!(read(&client, "room-1", from(2).max_count(2)).await, [2, 3]);
    assert_eq!(
        read(&client, "room-1", from(2).backwards()).await,
        [2, 1, 0]
    );
    let end = options().position(StreamPosition::End).backwards();
    assert_eq!(read(&client, "room-1", end.max_count(1)).await, [4]);
    assert_eq!(read(&client, "room-1", from(9)).await, [0_u64; 0]);
    let mut none = client.read_stream("room-9", &options()).await.unwrap();
    assert!(matches!(none.next().await, Err(Error::ResourceNotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_log_has_one_order_after_a_kill_too() {
    let (mut double, client, _folder) = started().await;
    for number in 0..6 {
        let stream = format!("room-{}", number % 3);
        client
            .append_to_stream(stream, &at(StreamState::Any), said("a"))
            .await
            .unwrap();
    }
    double.kill().await;
    double.start_again().await;
    let client = connected(&double);
    let mut all = client.read_all(&ReadAllOptions::default()).await.unwrap();
    let mut positions: Vec<Position> = Vec::new();
    let mut streams = Vec::new();
    while let Some(event) = all.next().await.unwrap() {
        positions.push(event.get_original_event().position);
        streams.push(event.get_original_stream_id().to_owned());
    }
    assert!(positions.is_sorted_by(|one, other| one < other));
    assert_eq!(
        streams,
        ["room-0", "room-1", "room-2", "room-0", "room-1", "room-2"]
    );
    let from = ReadAllOptions::default().position(StreamPosition::Position(positions[4]));
    let mut rest = client.read_all(&from).await.unwrap();
    let next = rest.next().await.unwrap().unwrap();
    assert_eq!(next.get_original_event().position, positions[4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_to_all_filters_catches_up_and_goes_on() {
    let (_double, client, _folder) = started().await;
    let append = async |stream: &str| {
        client
            .append_to_stream(stream, &at(StreamState::Any), said("a"))
            .await
            .unwrap()
    };
    append("room-1").await;
    append("other-1").await;
    let filter = SubscriptionFilter::on_stream_name().add_prefix("room-");
    let options = SubscribeToAllOptions::default()
        .filter(filter)
        .position(StreamPosition::Start);
    let mut subscription = client.subscribe_to_all(&options).await;
    let mut seen = Vec::new();
    let mut is_live = false;
    while seen.len() < 2 {
        match subscription.next_subscription_event().await.unwrap() {
            SubscriptionEvent::EventAppeared(event) => {
                seen.push(event.get_original_stream_id().to_owned());
            }
            SubscriptionEvent::CaughtUp(_) => {
                is_live = true;
                append("other-1").await;
                append("room-2").await;
            }
            _ => {}
        }
    }
    assert!(is_live);
    assert_eq!(seen, ["room-1", "room-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_answered_each_and_a_conflict_is_told() {
    let (_double, client, _folder) = started().await;
    let batches = client
        .batch_append(&BatchAppendOptions::default())
        .await
        .unwrap();
    for revision in 0..3_u64 {
        let state = match revision {
            0 => StreamState::NoStream,
            next => StreamState::StreamRevision(next - 1),
        };
        let answer = batches
            .append_to_stream("room-1", state, vec![said("a")])
            .await
            .unwrap();
        assert_eq!(answer.current_revision(), Some(revision));
    }
    let refused = batches
        .append_to_stream("room-1", StreamState::NoStream, vec![said("b")])
        .await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_beyond_the_limit_is_refused() {
    let (_double, client, _folder) = started().await;
    let long = "a".repeat(1_100_000);
    let refused = client
        .append_to_stream("room-1", &at(StreamState::Any), said(&long))
        .await;
    assert!(refused.is_err(), "{refused:?}");
    client
        .append_to_stream("room-1", &at(StreamState::NoStream), said("a"))
        .await
        .unwrap();
}
