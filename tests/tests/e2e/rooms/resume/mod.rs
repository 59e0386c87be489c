//! Connections of every dialect that break at any moment, under load, and go on after what they
//! heard last: what they are told is what the log says, in order, and nothing twice.

mod ear;
mod load;
mod long;
mod oracle;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tests::{Meeting, TestApp, long, seed};

use ear::{Ear, Place};
use load::{Load, somebody_waiting};
use oracle::Log;

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_at_random_are_told_exactly_the_log() {
    let breaks = if long() { 1_000 } else { 100 };
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    let meetings = Meeting::of_each_kind(&server.client).await;
    let waiting = somebody_waiting(&server.client).await;
    let begin = server.app().store.head().await.unwrap();
    let mut places: Vec<Place> = meetings
        .iter()
        .flat_map(Meeting::seats)
        .map(Place::Room)
        .collect();
    places.push(Place::Bell(waiting));

    let load = Load::begin(&server.client, &meetings, random.random()).await;
    let left = Arc::new(AtomicUsize::new(breaks));
    let ears = places.iter().map(|place| {
        let ear = Ear::new(place.clone(), begin, random.random());
        tokio::spawn(ear.breaks(Arc::clone(&left)))
    });
    let ears = join_all(ears.collect::<Vec<_>>()).await;
    let people = load.ends(&meetings).await;

    let log = Log::read(server.app(), begin, people).await;
    println!("{breaks} breaks, {} events", log.len());
    for ear in ears {
        let mut ear = ear.unwrap();
        let expected = log.told_to(&ear.place);
        let end = expected.last().expect("something was said").position;
        ear.hears_until(end).await;
        assert_eq!(ear.heard, expected, "{:?}", ear.place);
        // Who missed all of it is told all of it.
        let mut late = Ear::new(ear.place, begin, 0);
        late.hears_until(end).await;
        assert_eq!(late.heard, expected, "{:?}", late.place);
    }
}
