//! What is said and heard over Socket.IO.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{TestApp, User, assert_golden, eventually};

use super::io::{Came, Io};
use super::{history, meets, says, sends};

async fn two(server: &TestApp) -> (User, User, String) {
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let room = meets(&mina, &jun).await;
    (mina, jun, room)
}

/// The message that says this; others before it are passed over.
async fn hears(io: &mut Io, text: &str) -> Value {
    loop {
        let heard = io.expect("message:new").await;
        if heard["content"] == text {
            return heard;
        }
    }
}

fn to(room: &str, content: &str) -> Value {
    json!({"roomId": room, "content": content, "messageType": "TEXT"})
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_hear_each_other_at_once() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let (mut minas, mut juns) = (Io::of(&mina).await, Io::of(&jun).await);
    let picture = json!({
        "roomId": room, "content": "보세요", "messageType": "TEXT",
        "attachmentUrl": "https://example.com/image.jpg", "clientMessageId": "m-1",
    });
    let sent = minas.asks("message:send", picture).await;
    assert_eq!(
        (&sent["ok"], sent["timestamp"].is_string()),
        (&json!(true), true)
    );
    let heard = juns.expect("message:new").await;
    assert_golden(&heard, "messenger/message_new");
    assert_eq!(
        (&heard["messageId"], &heard["senderId"], &heard["position"]),
        (&sent["messageId"], &json!(mina.uuid), &sent["position"])
    );
    assert_eq!(
        heard["clientMessageId"],
        Value::Null,
        "it is the sender's own"
    );
    juns.emits("message:send", to(&room, "예뻐요")).await;
    let heard = hears(&mut minas, "예뻐요").await;
    assert_eq!(heard["senderId"], jun.uuid);
    let rows = history(&mina, &room).await;
    assert_eq!(rows.len(), 2);
    // What is sent by HTTP, or in another dialect, is heard as well.
    says(&mina, &room, "또").await;
    assert_eq!(
        juns.expect("message:new").await["content"],
        "예뻐요",
        "one's own"
    );
    assert_eq!(juns.expect("message:new").await["content"], "또");
    let number = mina.meets(&jun).await;
    let message = mina.says("채팅에서", number).await;
    assert_eq!(juns.expect("message:new").await["number"], message);
    let path = format!("/chat/rooms/{number}/messages/{message}");
    mina.put(&path, json!({"message_content": "고침"}))
        .await
        .expect(200);
    assert_eq!(juns.expect("message:edited").await["content"], "고침");
    mina.delete(&path).await.expect(200);
    assert!(juns.expect("message:deleted").await["deletedAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_joins_hears_of_readings_and_typing_too() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let (mut minas, mut juns) = (Io::of(&mina).await, Io::of(&jun).await);
    let joined = minas.asks("room:join", json!({})).await;
    assert_eq!(joined["rooms"], json!([room]));
    let sent = minas.asks("message:send", to(&room, "읽어 봐")).await;
    let of = json!({"roomId": room});
    juns.asks("typing:start", of.clone()).await;
    assert_eq!(
        minas.expect("typing:start").await["userId"],
        json!(jun.uuid)
    );
    juns.asks("typing:stop", of.clone()).await;
    minas.expect("typing:stop").await;
    let read = json!({"messageId": sent["messageId"]});
    assert_eq!(juns.asks("message:read", read.clone()).await["ok"], true);
    let told = minas.expect("message:read").await;
    assert_eq!(
        (&told["messageId"], &told["userId"], &told["roomId"]),
        (&sent["messageId"], &json!(jun.uuid), &json!(room))
    );
    assert_eq!(history(&mina, &room).await[0]["isRead"], true);
    // Who has not joined, or has left, is not told.
    minas.asks("room:leave", of).await;
    juns.asks("typing:start", json!({"roomId": room})).await;
    juns.asks("message:send", to(&room, "끝")).await;
    loop {
        let (name, _) = minas.event().await;
        assert_ne!(name, "typing:start");
        if name == "message:new" {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_is_told_at_once_of_each_message_that_it_was_delivered() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let mut minas = Io::of(&mina).await;
    let mut sent = Vec::new();
    for text in ["거기 있어?", "자?", "내일 보자"] {
        sent.push(minas.asks("message:send", to(&room, text)).await);
    }
    assert_eq!(history(&mina, &room).await[0]["isDelivered"], false);
    let mut juns = Io::of(&jun).await;
    let batch = juns.expect("messages:offline").await;
    for (at, sent) in sent.iter().enumerate() {
        assert_eq!(batch[at]["messageId"], sent["messageId"]);
        let told = minas.expect("message:delivered").await;
        assert_eq!(
            (&told["messageId"], &told["userId"], &told["roomId"]),
            (&sent["messageId"], &json!(jun.uuid), &json!(room))
        );
    }
    // It may be told before the answer comes.
    minas.emits("message:send", to(&room, "지금은?")).await;
    let told = minas.expect("message:delivered").await;
    let heard = hears(&mut juns, "지금은?").await;
    assert_eq!(told["messageId"], heard["messageId"]);
    juns.leaves().await;
    eventually("the mark is written", || async {
        let rows = history(&mina, &room).await;
        (rows[0]["isDelivered"] == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_shows_a_valid_token_is_let_in() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let client = &server.client;
    for auth in [
        json!({}),
        json!({"token": "x"}),
        json!({"ticket": "x"}),
        json!(7),
    ] {
        let (mut io, came) = Io::knocks(client, auth.clone()).await;
        let Came::Refused(why) = came else {
            panic!("{auth}: {came:?}");
        };
        assert_eq!(why["message"], "not_authenticated");
        // It may try again on the same connection.
        let auth = json!({"token": format!("Bearer {}", mina.token)});
        io.send(&format!("40/chat,{auth}")).await;
        assert_eq!(io.next().await, Came::Connected);
    }
    let ticket = mina.post("/auth/ws-ticket", json!({})).await.expect(201);
    let auth = json!({"ticket": ticket["ticket"]});
    let (_io, came) = Io::knocks(client, auth.clone()).await;
    assert_eq!(came, Came::Connected);
    let (_io, came) = Io::knocks(client, auth).await;
    assert!(matches!(came, Came::Refused(_)), "a ticket is good once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_meanwhile_comes_once() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let group = mina.gathers("모임", &[&jun]).await;
    for text in ["하나", "둘"] {
        says(&mina, &room, text).await;
    }
    mina.says("모두 안녕", group).await;
    says(&jun, &room, "내 말").await;
    let texts = |batch: &Value| {
        let list = batch.as_array().unwrap().iter();
        list.map(|row| row["content"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // Killed before it was acknowledged, or a heartbeat answered, it comes again.
    let mut juns = Io::of(&jun).await;
    let batch = juns.expect("messages:offline").await;
    assert_eq!(texts(&batch), ["하나", "둘", "모두 안녕"]);
    assert!(batch[0]["position"].is_u64());
    drop(juns);
    let again = eventually("the connection that broke is gone", || async {
        let mut juns = Io::of(&jun).await;
        let (name, batch) = settled(&mut juns).await?;
        (name == "messages:offline").then_some((juns, batch))
    })
    .await;
    let (mut juns, again) = again;
    assert_eq!(again, batch);
    juns.acknowledges(0).await;
    juns.asks("room:leave", json!({})).await;
    drop(juns);
    // Received, it never comes again; nor what was heard by somebody who then left.
    let mut juns = Io::of(&jun).await;
    says(&mina, &room, "셋").await;
    assert_eq!(juns.event().await.1["content"], "셋");
    juns.leaves().await;
    says(&mina, &room, "넷").await;
    let mut juns = Io::of(&jun).await;
    let batch = juns.expect("messages:offline").await;
    assert_eq!(texts(&batch), ["넷"]);
}

/// The first event, if one was waiting.
async fn settled(io: &mut Io) -> Option<(String, Value)> {
    let id = io.begins("room:leave", json!({})).await;
    let mut first = None;
    loop {
        match io.next().await {
            Came::Answer(answered, _) if answered == id => return first,
            Came::Event { name, data, .. } if name.starts_with("message") => {
                first = first.or(Some((name, data)));
            }
            Came::Event { .. } | Came::Answer(..) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_device_hears_everything_and_is_not_brought_what_the_first_one_has() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let mut first = Io::of(&jun).await;
    says(&mina, &room, "하나").await;
    assert_eq!(first.expect("message:new").await["content"], "하나");
    // It answers for it.
    first.asks("room:leave", json!({})).await;
    let mut second = Io::of(&jun).await;
    assert_eq!(settled(&mut second).await, None);
    says(&mina, &room, "둘").await;
    for device in [&mut first, &mut second] {
        assert_eq!(device.expect("message:new").await["content"], "둘");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_message_of_a_new_room_is_heard_and_none_of_one_that_was_left() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준").await;
    let mut juns = Io::of(&jun).await;
    let room = meets(&mina, &jun).await;
    says(&mina, &room, "처음").await;
    assert_eq!(juns.expect("message:new").await["content"], "처음");
    let group = mina.gathers("모임", &[&jun]).await;
    let detail = jun.get(&format!("/chat/rooms/{group}")).await.expect(200);
    let uuid = detail["uuid"].as_str().unwrap();
    mina.says("아직", group).await;
    let joined = juns.asks("room:join", json!({"roomId": uuid})).await;
    assert_eq!(joined["ok"], true);
    mina.says("이제", group).await;
    hears(&mut juns, "이제").await;
    let path = format!("/api/v1/chat/rooms/{group}/members/{}", jun.id);
    mina.delete(&path).await.expect(200);
    mina.says("없는 사이", group).await;
    says(&mina, &room, "둘이서").await;
    assert_eq!(juns.expect("message:new").await["content"], "둘이서");
    let refused = juns.asks("room:join", json!({"roomId": uuid})).await;
    assert_eq!(refused["error"]["statusCode"], 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_and_acknowledged_and_the_connection_stays() {
    let server = TestApp::start().await;
    let (mina, _jun, room) = two(&server).await;
    let eve = User::new(&server.client, "이브").await;
    let mut eves = Io::of(&eve).await;
    let sent = says(&mina, &room, "비밀").await;
    for (event, data, status) in [
        ("message:send", to(&room, "?"), 404),
        ("message:read", json!({"messageId": sent["messageId"]}), 404),
        ("typing:start", json!({"roomId": room}), 404),
        ("room:join", json!({"roomId": room}), 404),
        ("message:send", json!({"roomId": room}), 422),
        ("message:send", json!({"roomId": "x", "content": "a"}), 422),
        ("message:read", json!({"messageId": room}), 404),
        ("message:send", json!("text"), 422),
        ("typing:start", json!({}), 422),
        ("no:such", json!({}), 400),
    ] {
        let id = eves.begins(event, data.clone()).await;
        let error = eves.expect("error").await;
        assert_eq!(error["statusCode"], status, "{event} {data}: {error}");
        let Came::Answer(answered, answer) = eves.next().await else {
            panic!("{event}");
        };
        assert_eq!((answered, &answer["ok"]), (id, &json!(false)));
        assert_eq!(answer["error"], error);
    }
    eves.send("451-/chat,[\"message:send\",{\"_placeholder\":true,\"num\":0}]")
        .await;
    let binary = tokio_tungstenite::tungstenite::Message::Binary(vec![1, 2, 3].into());
    assert!(eves.send_raw(binary).await);
    assert_eq!(eves.expect("error").await["code"], "malformed_frame");
    let own = meets(&eve, &mina).await;
    assert_eq!(
        eves.asks("message:send", to(&own, "안녕")).await["ok"],
        true
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_right_ends_is_told_and_sent_away() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let mut juns = Io::of(&jun).await;
    server
        .client
        .post("/logout", Some(&jun.token), json!({}))
        .await
        .expect(204);
    let told = juns.expect("error").await;
    assert_eq!(
        (&told["code"], &told["status"]),
        (&json!("not_authenticated"), &json!(4401))
    );
    assert_eq!(juns.next().await, Came::Disconnected);
    juns.gone().await;
    says(&mina, &room, "어디 갔지").await;
    let (_io, came) = Io::knocks(&server.client, json!({"token": jun.token})).await;
    assert!(matches!(came, Came::Refused(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_with_a_position_hears_exactly_what_was_missed() {
    let mut server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let mut juns = Io::of(&jun).await;
    says(&mina, &room, "하나").await;
    juns.expect("message:new").await;
    let position = juns.position;
    drop(juns);
    let number = mina.meets(&jun).await;
    let second = mina.says("둘", number).await;
    let path = format!("/chat/rooms/{number}/messages/{second}");
    mina.put(&path, json!({"message_content": "둘!"}))
        .await
        .expect(200);
    says(&jun, &room, "셋").await;
    server.restart().await;
    let client = server.client.clone();
    let (mina, jun) = (
        User {
            client: client.clone(),
            ..mina
        },
        User { client, ..jun },
    );
    let mut juns = Io::after(&jun, position).await;
    let mut heard = Vec::new();
    for _ in 0..3 {
        let (name, data) = juns.event().await;
        heard.push((name, data["content"].as_str().unwrap().to_owned()));
    }
    let expected = [
        ("message:new", "둘"),
        ("message:edited", "둘!"),
        ("message:new", "셋"),
    ];
    let expected: Vec<_> = expected
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    assert_eq!(heard, expected);
    says(&mina, &room, "넷").await;
    assert_eq!(juns.expect("message:new").await["content"], "넷");
    for (after, why) in [
        (json!(u32::MAX), "resume_expired"),
        (json!("x"), "malformed_position"),
    ] {
        let auth = json!({"token": jun.token, "after": after});
        let (_io, came) = Io::knocks(&jun.client, auth).await;
        let Came::Refused(refused) = came else {
            panic!("{came:?}");
        };
        assert_eq!(refused["message"], why);
    }
    server.clock.forward(Duration::from_hours(25));
    let session = json!({"email": jun.email, "password": "eight-or-more"});
    let session = jun.client.post("/login", None, session).await.expect(200);
    let auth = json!({"token": session["access_token"], "after": position});
    let (_io, came) = Io::knocks(&jun.client, auth).await;
    assert!(matches!(came, Came::Refused(why) if why["message"] == "resume_expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_online_is_told_to_those_who_share_a_room() {
    let server = TestApp::start().await;
    let (mina, jun, _room) = two(&server).await;
    let mut minas = Io::of(&mina).await;
    minas.asks("room:leave", json!({})).await;
    let juns = Io::of(&jun).await;
    assert_eq!(minas.expect("user:online").await["userId"], jun.uuid);
    let chats = super::chats(&mina).await;
    assert_eq!(chats[0]["isOnline"], true);
    juns.leaves().await;
    assert_eq!(minas.expect("user:offline").await["userId"], jun.uuid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_sent_twice_is_heard_once() {
    let server = TestApp::start().await;
    let (mina, jun, room) = two(&server).await;
    let (mut minas, mut juns) = (Io::of(&mina).await, Io::of(&jun).await);
    let message = json!({"roomId": room, "content": "한 번", "clientMessageId": "m-1"});
    let first = minas.asks("message:send", message.clone()).await;
    let again = minas.asks("message:send", message).await;
    assert_eq!(first, again);
    let by_http = json!({"content": "한 번", "clientMessageId": "m-1"});
    let row = sends(&mina, &room, by_http).await.expect(201);
    assert_eq!(row["messageId"], first["messageId"]);
    minas.asks("message:send", to(&room, "다음")).await;
    assert_eq!(juns.expect("message:new").await["content"], "한 번");
    assert_eq!(juns.expect("message:new").await["content"], "다음");
}
