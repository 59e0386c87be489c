//! The socket of the feed dialect: what it tells, to whom, and that it takes nothing.

use serde_json::json;
use tests::{TestApp, User};
use tokio_tungstenite::tungstenite::Message;

use super::{
    adds, deletes, edits, gathers, history, knocks, listens, path, reads, removes, says, two,
};

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_happens_in_a_room_is_told_in_the_envelope() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (id, room) = gathers(&server, &mina, &[]).await;
    let mut hears = listens(&mina, room).await;
    let row = says(&mina, room, "들려요?").await;
    let mut told = hears.next().await.unwrap();
    assert!(told["position"].is_u64());
    assert_eq!(
        (&told["type"], &told["room_id"], &told["user_id"]),
        (&json!("message"), &json!(room), &json!(mina.id))
    );
    told["data"]["is_read"] = row["is_read"].clone();
    assert_eq!(told["data"], row);

    let added = adds(&mina, room, &jun).await.expect(201);
    let told = hears.expect("member_join").await;
    assert_eq!(
        (&told["user_id"], &told["data"]),
        (&json!(jun.id), &added["data"])
    );

    reads(&jun, room).await.expect(200);
    let told = hears.expect("read").await;
    assert_eq!(
        (&told["user_id"], &told["data"]["user_id"]),
        (&json!(jun.id), &json!(jun.id))
    );
    assert!(
        told["data"]["last_read_at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );

    edits(&server, &mina, id, &row, "들리죠?").await;
    let told = hears.expect("message_edited").await;
    assert_eq!(
        (
            &told["user_id"],
            &told["data"]["id"],
            &told["data"]["message"]
        ),
        (&json!(mina.id), &row["id"], &json!("들리죠?"))
    );
    deletes(&server, &mina, id, &row).await;
    let told = hears.expect("message_deleted").await;
    assert_eq!(
        (&told["room_id"], &told["data"]["id"]),
        (&json!(room), &row["id"])
    );

    let mut leaves = listens(&jun, room).await;
    assert_eq!(
        hears.expect("member_online").await["data"],
        json!({"user_id": jun.id, "status": "online"})
    );
    removes(&mina, room, &jun).await.expect(200);
    let told = hears.expect("member_leave").await;
    assert_eq!(
        (&told["user_id"], &told["data"]),
        (&json!(jun.id), &json!({"user_id": jun.id}))
    );
    leaves.expect("member_leave").await;
    assert_eq!(leaves.closed().await, 4403);
    assert_eq!(knocks(&jun, room).await.closed().await, 4404);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_and_the_last_connection_of_somebody_are_told() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&mina, room).await;
    // What counts are the connections to this room.
    let (_, another) = gathers(&server, &mina, &[&jun]).await;
    let elsewhere = listens(&jun, another).await;
    let first = listens(&jun, room).await;
    let told = hears.next().await.unwrap();
    assert_eq!(
        (&told["type"], &told["user_id"], &told["room_id"]),
        (&json!("member_online"), &json!(jun.id), &json!(room))
    );
    let mut second = listens(&jun, room).await;
    says(&mina, room, "둘").await;
    // The second connection was not told of: the message comes next.
    assert_eq!(hears.next().await.unwrap()["type"], "message");
    // Nobody is told who was there already, nor of their own coming.
    assert_eq!(second.next().await.unwrap()["type"], "message");
    first.close().await;
    says(&mina, room, "하나").await;
    assert_eq!(hears.next().await.unwrap()["type"], "message");
    second.close().await;
    let told = hears.next().await.unwrap();
    assert_eq!(
        (&told["type"], &told["data"]),
        (
            &json!("member_offline"),
            &json!({"user_id": jun.id, "status": "offline"})
        )
    );
    elsewhere.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_to_it_is_an_error_and_it_stays_open() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let (_, room) = gathers(&server, &mina, &[]).await;
    let mut hears = listens(&mina, room).await;
    for text in [
        r#"{"type": "message", "message": "안녕"}"#,
        "[]",
        "null",
        "{",
        "안녕",
    ] {
        hears.send_text(text).await;
        let told = hears.next().await.unwrap();
        assert_eq!(
            (&told["type"], &told["status"]),
            (&json!("error"), &json!(400)),
            "{text}"
        );
    }
    hears.send_raw(Message::Binary(vec![0, 159].into())).await;
    assert_eq!(hears.next().await.unwrap()["type"], "error");
    says(&mina, room, "아직 열려 있어요").await;
    hears.expect("message").await;
    assert_eq!(history(&mina, room).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_gets_what_it_missed_in_order_and_nothing_twice() {
    let mut server = TestApp::start().await;
    let (mut mina, jun) = two(&server).await;
    let (id, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&mina, room).await;
    says(&jun, room, "0").await;
    hears.expect("message").await;
    let seen = hears.position;
    hears.close().await;
    let row = says(&jun, room, "1").await;
    edits(&server, &jun, id, &row, "1!").await;
    says(&jun, room, "2").await;
    reads(&jun, room).await.expect(200);
    server.restart().await;
    mina.client = server.client.clone();
    let path = format!("/ws/chat/{room}?token={}&after={seen}", mina.token);
    let mut hears = mina.client.socket(&path).await;
    let mut positions = Vec::new();
    for kind in ["message", "message_edited", "message", "read"] {
        let told = hears.next().await.unwrap();
        assert_eq!(told["type"], kind, "{told}");
        positions.push(told["position"].as_u64().unwrap());
    }
    assert!(positions.is_sorted_by(|one, other| one < other) && positions[0] > seen);
    says(&mina, room, "3").await;
    assert_eq!(hears.next().await.unwrap()["data"]["message"], "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senders_own_id_of_a_message_is_told_to_the_sender_alone() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut own = listens(&mina, room).await;
    let mut others = listens(&jun, room).await;
    let body = json!({"message": "내 번호", "client_message_id": "m-7"});
    mina.post(&path(room, "/messages"), body).await.expect(201);
    assert_eq!(
        own.expect("message").await["data"]["client_message_id"],
        "m-7"
    );
    let told = others.expect("message").await;
    assert!(told["data"].get("client_message_id").is_none(), "{told}");
    // Each heard it once.
    says(&mina, room, "다음").await;
    for hears in [&mut own, &mut others] {
        assert_eq!(hears.next().await.unwrap()["data"]["message"], "다음");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_acts_on_a_frame_at_once_finds_what_it_was_told_of() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&jun, room).await;
    for count in 1..=20 {
        let (said, ()) = tokio::join!(says(&mina, room, "봐요"), async {
            let told = hears.expect("message").await;
            let page = history(&jun, room).await;
            assert_eq!(page.last().unwrap()["id"], told["data"]["id"]);
            assert_eq!(page.len(), count);
            reads(&jun, room).await.expect(200);
        });
        let page = history(&mina, room).await;
        assert_eq!(
            (
                &page.last().unwrap()["id"],
                &page.last().unwrap()["is_read"]
            ),
            (&said["id"], &json!(true))
        );
    }
}
