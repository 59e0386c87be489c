//! A room from its beginning to its end: who is in it finds it in every dialect at once.

use serde_json::{Value, json};
use tests::{Counselor, Dialect, Meeting, Seat, TestApp, User, admin_token, eventually};

use super::holds;

/// What is wrong with how a room that has just begun is found: listed, entered and heard.
async fn found(meeting: &Meeting, kind: &str) -> Vec<String> {
    let mut misses = Vec::new();
    for seat in meeting.seats() {
        let place = format!(
            "{} in {:?} of {}",
            meeting.kind, seat.dialect, seat.user.name
        );
        if let Err(why) = at_once(meeting, &seat, kind).await {
            misses.push(format!("{place}: {why}"));
        }
    }
    misses
}

async fn at_once(meeting: &Meeting, seat: &Seat, kind: &str) -> Result<(), String> {
    let ids: Vec<u64> = meeting.people.iter().map(|user| user.id).collect();
    match seat.dialect {
        Dialect::Consultation => {
            let shown = seat.user.get(&seat.path("")).await.body;
            let expected = json!({"status": "active", "room_id": meeting.room});
            holds(&shown, &expected)?;
        }
        Dialect::Chat => {
            let room = seat.user.lists(meeting.room).await.ok_or("not listed")?;
            holds(
                &room,
                &json!({"room_type": kind, "is_active": true, "participant_count": 2}),
            )?;
            let list = seat.user.get(&seat.path("/participants")).await.body;
            people(&list["participants"], &ids)?;
        }
        Dialect::Feed => {
            let list = seat.user.get(&seat.path("/members")).await.body;
            people(&list["data"], &ids)?;
        }
    }
    let mut socket = seat.enters().await;
    let other = meeting.people.iter().find(|user| user.id != seat.user.id);
    let number = other.ok_or("alone")?.says("시작", meeting.room).await;
    let frame = socket.hears("message").await?;
    if seat.told_number(&frame) == number {
        return Ok(());
    }
    Err(format!("another message: {frame}"))
}

fn people(rows: &Value, ids: &[u64]) -> Result<(), String> {
    let rows = rows.as_array().ok_or("no list")?;
    let mut found: Vec<_> = rows
        .iter()
        .filter_map(|row| row["user_id"].as_u64())
        .collect();
    let mut ids = ids.to_vec();
    found.sort_unstable();
    ids.sort_unstable();
    if found == ids {
        return Ok(());
    }
    Err(format!("{found:?} are in it, not {ids:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_that_begins_in_one_dialect_is_found_in_every_other() {
    let server = TestApp::start().await;
    let mut misses = Vec::new();
    for (meeting, kind) in Meeting::of_each_kind(&server.client)
        .await
        .iter()
        .zip(["direct", "direct", "group"])
    {
        misses.extend(found(meeting, kind).await);
    }
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_that_is_asked_for_is_no_room_before_its_acceptance() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "상담사").await;
    let mut bell = counselor.waits().await;
    let user = User::new(&server.client, "한지우").await;
    let body = json!({"nickname": "바람", "quick_match": true});
    let started = user
        .post("/api/v1/consultations/start", body)
        .await
        .expect(201);
    assert_eq!(started["room_id"], json!(null));
    let list = user.get("/chat/rooms/").await.expect(200);
    assert_eq!(list["total_count"], 0);
    let code = started["consultation_code"].as_str().unwrap();
    let path = format!("/ws/consultation/{code}?token={}", user.token);
    let mut socket = user.client.socket(&path).await;
    assert_eq!(socket.expect("status").await["status"], "waiting");
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    let told = eventually("the acceptance is told", || async {
        let list = user.get("/chat/rooms/").await.expect(200);
        list["rooms"].get(0).cloned()
    })
    .await;
    assert_eq!(told["room_type"], "direct");
    while socket.expect("status").await["status"] != "active" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultation_that_has_ended_is_read_and_not_written_in_every_dialect() {
    let server = TestApp::start().await;
    for ending in 0..2 {
        let meeting = Meeting::consultation(&server.client).await;
        let number = meeting.people[1 - ending]
            .says("안녕히 계세요", meeting.room)
            .await;
        let mut ears = Vec::new();
        for person in 0..2 {
            let mut socket = meeting.seat(person, Dialect::Consultation).enters().await;
            socket.expect("status").await;
            ears.push(socket);
        }
        let ends = meeting.seat(ending, Dialect::Consultation);
        ends.user
            .post(&ends.path("/end"), json!({}))
            .await
            .expect(200);
        for mut socket in ears {
            assert_eq!(socket.expect("status").await["status"], "completed");
            assert_eq!(socket.closed().await, 4403);
        }
        for seat in meeting.seats() {
            let row = seat.row(number).await.unwrap();
            assert_eq!(row[seat.text_field()], "안녕히 계세요");
            match seat.dialect {
                Dialect::Consultation => {
                    assert_eq!(seat.enters().await.closed().await, 4403);
                }
                Dialect::Chat => {
                    assert_eq!(seat.calls_to_say("?").await.status, 409);
                    let room = seat.user.lists(seat.room).await.unwrap();
                    assert_eq!(room["is_active"], false);
                    let mut socket = seat.enters().await;
                    socket.send(seat.saying("?")).await;
                    assert_eq!(socket.expect("error").await["status"], 409);
                }
                Dialect::Feed => assert_eq!(seat.calls_to_say("?").await.status, 409),
            }
            let path = format!("/chat/rooms/{}/messages/{number}", seat.room);
            let edit = json!({"message_content": "?"});
            let refused = seat.user.put(&path, edit).await.status;
            assert!([403, 409].contains(&refused), "{refused}");
        }
    }
}
