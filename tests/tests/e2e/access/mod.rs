//! Who may do what in rooms: every call and socket of the chat and feed dialects, in a table.

mod consultation;
mod listener;
mod reading;
mod reading_table;
mod sent;
mod sent_table;
mod table;
mod told;
mod told_table;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Answer, Client, Counselor, Form, TestApp, User, Visitor, admin_token};

use table::{CALLS, SOCKETS, WHO};

/// A group with all kinds of people in it and about it.
struct Scene {
    room: u64,
    /// Of a file in it.
    file: String,
    creator: User,
    author: User,
    /// Somebody who is in the room, to be sent away.
    spare: User,
    /// By [`WHO`].
    tokens: Vec<Option<String>>,
}

impl Scene {
    async fn of(server: &TestApp) -> Self {
        let client = &server.client;
        let admin = admin_token(client).await;
        let creator = User::new(client, "한지우").await;
        let author = User::new(client, "이서준").await;
        let member = User::new(client, "최하늘").await;
        let former = User::new(client, "박도윤").await;
        let spare = User::new(client, "정수아").await;
        let stranger = User::new(client, "남").await;
        let counselor = Counselor::new(client, &admin, "상담사").await;
        let guest = Visitor::asks(client, "손님").await;
        let guest = guest.started["access_token"].as_str();
        let guest = guest.expect("a consultation begins with a token");
        let others = [&author, &member, &former, &spare];
        let room = creator.gathers("모임", &others).await;
        let sent = author.sends(Form::of("a.txt", b"words"), room).await;
        let file = sent.expect(201)["file_url"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/chat/rooms/{room}/members/{}", former.id);
        creator.delete(&path).await.expect(200);
        let tokens = vec![
            None,
            Some(guest.to_owned()),
            Some(stranger.token),
            Some(counselor.token),
            Some(admin),
            Some(former.token),
            Some(member.token),
            Some(author.token.clone()),
            Some(creator.token.clone()),
        ];
        assert_eq!(tokens.len(), WHO.len());
        Self {
            room,
            file,
            creator,
            author,
            spare,
            tokens,
        }
    }

    /// The path of a call, to a message of its own that the author has just sent.
    async fn path(&self, documented: &str, rest: &str) -> String {
        let mut path = documented.replace("{room_id}", &self.room.to_string());
        path = path.replace("/files/{id}", &self.file);
        if path.contains("{message_id}") {
            let message = self.author.says("말", self.room).await;
            path = path.replace("{message_id}", &message.to_string());
        }
        if path.contains("{user_id}") {
            let members = format!("/api/v1/chat/rooms/{}/members", self.room);
            let back = json!({"user_id": self.spare.id});
            let answer = self.creator.post(&members, back).await;
            assert!([200, 201].contains(&answer.status), "{}", answer.body);
            path = path.replace("{user_id}", &self.spare.id.to_string());
        }
        path + rest
    }
}

/// One call as it stands in the table.
async fn asks(
    client: &Client,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> Answer {
    let mut request = client.request(&method.to_uppercase(), path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !body.is_empty() {
        request = request.body(body.to_owned());
    }
    client.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_open_to_those_who_may_and_to_nobody_else() {
    let server = TestApp::start().await;
    let scene = Scene::of(&server).await;
    let mut wrong = Vec::new();
    for (method, documented, rest, body, expected) in CALLS {
        for ((who, token), expected) in WHO.iter().zip(&scene.tokens).zip(expected) {
            let path = scene.path(documented, rest).await;
            let body = body.replace("SPARE", &scene.spare.id.to_string());
            let answer = asks(&server.client, method, &path, token.as_deref(), &body).await;
            if answer.status != *expected {
                let (status, said) = (answer.status, answer.body);
                wrong.push(format!(
                    "{method} {path} {body} by {who}: {status}, not {expected}: {said}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_is_documented_is_in_the_table() {
    let server = TestApp::start().await;
    let document = server.client.get("/openapi.json", None).await.expect(200);
    let mut missing = BTreeSet::new();
    let mut known = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let of_rooms = ["/chat/", "/api/v1/chat/", "/files/", "/ws/chat/"];
        if !of_rooms.iter().any(|prefix| path.starts_with(prefix)) {
            continue;
        }
        for method in methods.as_object().unwrap().keys() {
            let has_row = CALLS
                .iter()
                .any(|call| (call.0, call.1) == (method.as_str(), path.as_str()))
                || SOCKETS.iter().any(|(socket, _)| socket == path);
            if has_row {
                known += 1;
            } else {
                missing.insert(format!("{method} {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "no row for {missing:?}");
    assert!(known >= 19, "{known} calls are documented");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_let_in_those_who_are_in_the_room() {
    let server = TestApp::start().await;
    let scene = Scene::of(&server).await;
    for (documented, expected) in SOCKETS {
        for ((who, token), expected) in WHO.iter().zip(&scene.tokens).zip(expected) {
            let mut path = scene.path(documented, "").await;
            if let Some(token) = token {
                path = format!("{path}?token={token}");
            }
            let mut socket = server.client.socket(&path).await;
            if *expected > 0 {
                assert_eq!(socket.closed().await, *expected, "{documented} by {who}");
                continue;
            }
            scene.author.says("들려요?", scene.room).await;
            socket.expect("message").await;
            socket.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_sends_after_they_were_sent_away_is_not_heard() {
    let server = TestApp::start().await;
    let scene = Scene::of(&server).await;
    let members = format!("/api/v1/chat/rooms/{}/members", scene.room);
    let place = format!("{members}/{}", scene.spare.id);
    let frames: [Value; 3] = [
        json!({"type": "message", "content": "아직 있어요", "message_type": "text"}),
        json!({"type": "typing", "is_typing": true}),
        json!({"type": "read"}),
    ];
    for frame in frames {
        let back = json!({"user_id": scene.spare.id});
        let answer = scene.creator.post(&members, back).await;
        assert!([200, 201].contains(&answer.status), "{}", answer.body);
        scene.author.says("말", scene.room).await;
        let mut socket = scene.spare.enters(scene.room).await;
        let mut other = scene.author.enters(scene.room).await;
        scene.creator.delete(&place).await.expect(200);
        // The connection may be gone before this is sent.
        socket.try_send(&frame).await;
        assert_eq!(socket.closed().await, 4403, "{frame}");
        other.expect("participant_left").await;
        scene.author.says("끝", scene.room).await;
        let next = loop {
            let heard = other.next().await.unwrap();
            if heard["type"] != "user_status" {
                break heard;
            }
        };
        assert_eq!(
            (&next["type"], &next["content"]),
            (&json!("message"), &json!("끝"))
        );
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_sent_away_hears_nothing_more_in_either_dialect() {
    let server = TestApp::start().await;
    let scene = Scene::of(&server).await;
    let place = format!(
        "/api/v1/chat/rooms/{}/members/{}",
        scene.room, scene.spare.id
    );
    let mut sockets = Vec::new();
    for (documented, _) in SOCKETS {
        let path = scene.path(documented, "").await;
        let path = format!("{path}?token={}", scene.spare.token);
        let mut socket = server.client.socket(&path).await;
        scene.author.says("아직", scene.room).await;
        socket.expect("message").await;
        sockets.push(socket);
    }
    scene.creator.delete(&place).await.expect(200);
    scene.author.says("이제는 없어요", scene.room).await;
    for mut socket in sockets {
        let end = loop {
            match socket.next().await {
                Ok(frame) => assert!(!frame.to_string().contains("이제는"), "{frame}"),
                Err(code) => break code,
            }
        };
        assert_eq!(end, 4403);
    }
}
