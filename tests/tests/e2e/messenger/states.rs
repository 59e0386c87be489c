//! Delivered and read, whichever dialect the other one hears or reads by.

use serde_json::{Value, json};
use tests::{Meeting, Seat, TestApp, eventually};

use super::io::Io;
use super::{history, says};

/// The newest message, as its sender is shown it.
async fn newest(seat: &Seat, room: &str) -> Value {
    history(&seat.user, room).await[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_by_any_dialect_is_delivered_and_what_was_read_is_read() {
    let server = TestApp::start().await;
    for meeting in [
        Meeting::direct(&server.client).await,
        Meeting::consultation(&server.client).await,
    ] {
        let room = {
            let path = format!("/chat/rooms/{}", meeting.room);
            let detail = meeting.people[0].get(&path).await.expect(200);
            detail["uuid"].as_str().unwrap().to_owned()
        };
        let mut sender = Io::of(&meeting.people[0]).await;
        sender.asks("room:join", json!({})).await;
        for dialect in meeting.dialects() {
            let (mina, jun) = (meeting.seat(0, *dialect), meeting.seat(1, *dialect));
            let text = format!("{dialect:?}에서");
            let mut socket = jun.enters().await;
            let sent = says(&mina.user, &room, &text).await;
            while jun.told_text(&socket.expect("message").await) != text {}
            assert_eq!(newest(&mina, &room).await["isRead"], false);
            socket.close().await;
            eventually("it is delivered", || async {
                let row = newest(&mina, &room).await;
                (row["isDelivered"] == true).then_some(())
            })
            .await;
            // By Socket.IO it is seen in their dialect; by theirs over Socket.IO.
            let mut io = Io::of(&jun.user).await;
            let read = json!({"messageId": sent["messageId"]});
            assert_eq!(io.asks("message:read", read).await["ok"], true);
            let told = sender.expect("message:read").await;
            assert_eq!(told["messageId"], sent["messageId"]);
            assert_eq!(newest(&mina, &room).await["isRead"], true);
            io.leaves().await;
            let next = says(&mina.user, &room, "또").await;
            let path = format!("/chat/rooms/{}/read/", meeting.room);
            jun.user.post(&path, json!({})).await.expect(200);
            let told = sender.expect("message:read").await;
            assert_eq!(
                (&told["messageId"], &told["userId"]),
                (&next["messageId"], &json!(jun.user.uuid))
            );
        }
    }
}
