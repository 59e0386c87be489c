//! Somebody who comes back after more has happened than is read at once.

use std::collections::HashMap;

use futures_util::future::join_all;
use serde_json::json;
use tests::{Dialect, Meeting, Seat, TestApp};

use super::ear::{Ear, Place};
use super::oracle::Log;

/// What is said, and how much of it is edited and deleted afterwards: more of either kind than the
/// server reads at once.
const SAID: usize = 700;
const EDITED: usize = 300;
const DELETED: usize = 250;

/// Calls at a time.
const AT_ONCE: usize = 25;

/// Says it all, changes the first of it, and more of it later.
async fn goes_on(meeting: &Meeting) {
    let seats = [0, 1].map(|person| meeting.seat(person, Dialect::Chat));
    let mut numbers = Vec::new();
    for batch in 0..SAID / AT_ONCE {
        let said = (0..AT_ONCE).map(|one| {
            let seat = &seats[one % 2];
            async move {
                (
                    one % 2,
                    seat.user.says(&format!("{batch}/{one}"), seat.room).await,
                )
            }
        });
        numbers.extend(join_all(said).await);
    }
    let path = |seat: &Seat, number: u64| seat.path(&format!("/messages/{number}"));
    for batch in numbers[..EDITED].chunks(AT_ONCE) {
        let edited = batch.iter().map(|(person, number)| {
            let seat = &seats[*person];
            let body = json!({"message_content": format!("{number}, 고침")});
            async move { seat.user.put(&path(seat, *number), body).await.expect(200) }
        });
        join_all(edited).await;
    }
    for batch in numbers[SAID - DELETED..].chunks(AT_ONCE) {
        let deleted = batch.iter().map(|(person, number)| {
            let seat = &seats[*person];
            async move { seat.user.delete(&path(seat, *number)).await.expect(200) }
        });
        join_all(deleted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_missed_more_than_is_read_at_once_is_told_all_of_it_in_order_and_once() {
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    let meetings = [
        Meeting::consultation(&server.client).await,
        Meeting::group(&server.client).await,
    ];
    let people = meetings.iter().flat_map(|meeting| &meeting.people);
    let people: HashMap<_, _> = people
        .map(|user| (user.uuid.parse().unwrap(), user.id))
        .collect();
    for meeting in meetings {
        let seen = server.app().store.head().await.unwrap();
        goes_on(&meeting).await;
        let people = people.clone();
        let log = Log::read(server.app(), seen, people).await;
        for seat in meeting.seats() {
            let place = Place::Room(seat);
            let expected = log.told_to(&place);
            assert_eq!(expected.len(), SAID + EDITED + DELETED, "{place:?}");
            let mut ear = Ear::new(place, seen, 0);
            ear.hears_until(expected.last().unwrap().position).await;
            assert!(
                ear.heard == expected,
                "{:?} was told other things",
                ear.place
            );
            // It goes on with what is said now.
            let number = meeting.people[0].says("이어서", meeting.room).await;
            ear.hears_until(number).await;
            let last = ear.heard.last().unwrap();
            assert_eq!((last.about, &*last.words), (number, "이어서"));
        }
    }
}
