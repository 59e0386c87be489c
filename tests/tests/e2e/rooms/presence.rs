//! Who is there and who types, over all dialects of one room.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Counselor, Dialect, Meeting, Seat, Socket, TestApp, User, admin_token, eventually};
use tokio::time::Instant;

/// When a typing state ends that nobody renews, and what it may be late.
const TYPING_ENDS: Duration = Duration::from_secs(5);
const LATE: Duration = Duration::from_secs(4);

/// What chat says of whether somebody is there: online, and when they were last seen.
async fn status_of(asking: &User, room: u64, of: &User) -> (bool, Value) {
    let path = format!("/chat/rooms/{room}/online-status/");
    let rows = asking.get(&path).await.expect(200);
    let mut rows = rows.as_array().unwrap().iter();
    let row = rows.find(|row| row["user_id"] == of.id).unwrap();
    (row["is_online"] == true, row["last_seen"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_there_until_their_last_connection_in_any_dialect_ends_and_was_seen_then() {
    let mut server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "상담사").await;
    let mut other = User::new(&server.client, "이서준").await;
    let user = counselor.user();
    let room = other.gathers("산책", &[&user]).await;
    let elsewhere = other.gathers("독서", &[&user]).await;
    // Whoever did something was seen then.
    let (_, logged_in) = status_of(&other, room, &user).await;
    server.clock.forward(Duration::from_mins(1));
    let seat = |dialect, room| Seat {
        dialect,
        user: user.clone(),
        room,
        code: None,
        counsels: false,
    };
    let connections = [
        counselor.listens().await,
        seat(Dialect::Feed, elsewhere).enters().await,
        seat(Dialect::Chat, room).enters().await,
        seat(Dialect::Feed, room).enters().await,
    ];
    // Each of them is enough; the last one to go is that of another room's feed.
    eventually("all are there", || async {
        let all = server.app().hub.subscribers() == connections.len();
        (all && status_of(&other, room, &user).await.0).then_some(())
    })
    .await;
    let [bell, last, chat, feed] = connections;
    for connection in [chat, bell, feed] {
        let before = server.app().hub.subscribers();
        connection.close().await;
        eventually("one fewer", || async {
            (server.app().hub.subscribers() < before).then_some(())
        })
        .await;
        assert!(status_of(&other, room, &user).await.0, "one is left");
    }
    last.close().await;
    let seen = eventually("they are gone", || async {
        let (is_online, seen) = status_of(&other, room, &user).await;
        let later = seen.as_str() > logged_in.as_str();
        (!is_online && later).then_some(seen)
    })
    .await;
    server.restart().await;
    other.client = server.client.clone();
    assert_eq!(status_of(&other, room, &user).await, (false, seen));
}

/// Hears that somebody types, and that they do not any more; how long it lasted.
async fn hears_it_end(mut socket: Socket) -> Duration {
    while socket.expect("typing").await["is_typing"] != true {}
    let begin = Instant::now();
    assert_eq!(socket.expect("typing").await["is_typing"], false);
    begin.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_that_is_not_renewed_ends_by_itself_in_every_dialect_that_tells_of_it() {
    let server = TestApp::start().await;
    // By turns: who types, and in which dialect.
    let mut turns = Vec::new();
    for typer in [Dialect::Consultation, Dialect::Chat] {
        for person in 0..2 {
            turns.push((typer, person, Meeting::consultation(&server.client).await));
        }
    }
    let turns = turns
        .into_iter()
        .map(|(dialect, person, meeting)| async move {
            let mut typer = meeting.seat(person, dialect).enters().await;
            let told = [Dialect::Consultation, Dialect::Chat];
            let mut listeners = Vec::new();
            for told in told {
                listeners.push(meeting.seat(1 - person, told).enters().await);
            }
            let mut own = meeting.seat(person, Dialect::Chat).enters().await;
            let mut feed = meeting.seat(1 - person, Dialect::Feed).enters().await;
            is_live(&mut typer).await;
            for socket in listeners.iter_mut().chain([&mut own, &mut feed]) {
                is_live(socket).await;
            }
            typer
                .send(json!({"type": "typing", "is_typing": true}))
                .await;
            let ended = futures_util::future::join_all(listeners.into_iter().map(hears_it_end));
            for lasted in ended.await {
                assert!(
                    lasted + Duration::from_millis(500) > TYPING_ENDS,
                    "{lasted:?}"
                );
                assert!(lasted < TYPING_ENDS + LATE, "{lasted:?}");
            }
            // It never comes back to who types, and the feed knows nothing of it.
            let number = meeting.people[1 - person]
                .says("들려요", meeting.room)
                .await;
            for (socket, seat) in [
                (own, meeting.seat(person, Dialect::Chat)),
                (feed, meeting.seat(1 - person, Dialect::Feed)),
            ] {
                assert_eq!(hears_no_typing(socket, &seat).await, number, "{dialect:?}");
            }
        });
    futures_util::future::join_all(turns.collect::<Vec<_>>()).await;
}

/// Waits until a connection is one that is told what happens from now on.
async fn is_live(socket: &mut Socket) {
    socket.send(json!({"type": "nothing"})).await;
    socket.expect("error").await;
}

/// The next message, with no typing before it.
async fn hears_no_typing(mut socket: Socket, seat: &Seat) -> u64 {
    loop {
        let frame = socket.next().await.unwrap();
        assert_ne!(frame["type"], "typing", "{:?}", seat.dialect);
        if frame["type"] == "message" {
            return seat.told_number(&frame);
        }
    }
}
