//! Somebody whose every word has a mark in it, and others who talk with them.

use serde_json::{Value, json};
use tests::{Client, Counselor, Form, Place, User, admin_token, fetch};

/// Stands in everything that is to be gone.
pub const MARK: &str = "지워질";

/// The same in a telephone number, and where only letters may be.
pub const MARKS: [&str; 3] = [MARK, "010-5550-1199", "erase-me-"];

/// Stands in what others said, and is to stay.
pub const KEPT: &str = "남을";

pub struct Planted {
    pub admin: String,
    pub alice: User,
    pub bora: User,
    pub counselor: Counselor,
    /// Of the two, and of both and the counsellor.
    pub direct: u64,
    pub group: u64,
    /// A message of Alice's in the room of the two.
    pub said: u64,
    /// The code of a consultation of Alice's that is over, and its room.
    pub code: String,
    pub talk: u64,
    /// A session of Alice's about her emotions.
    pub emotion: String,
    /// Where files of Alice's are.
    pub files: Vec<String>,
    /// Where a file of Bora's is.
    pub kept_file: String,
}

impl Planted {
    pub async fn new(client: &Client) -> Self {
        let admin = admin_token(client).await;
        let counselor = Counselor::new(client, &admin, "상담사").await;
        let alice = registers(client).await;
        let bora = User::new(client, "보라").await;
        let profile = json!({
            "firstName": format!("{MARK}이름"), "lastName": format!("{MARK}성"),
            "phone": MARKS[1], "profileImage": format!("https://example.com/{MARK}.png"),
        });
        let me = "/api/v1/users/me";
        client
            .patch(me, Some(&alice.token), profile)
            .await
            .expect(200);
        let direct = alice.meets(&bora).await;
        let booked = json!({"otherUserId": bora.uuid, "bookingId": format!("{MARK}예약")});
        let booked = alice.post("/api/v1/messages/chat-rooms", booked).await;
        assert_eq!(booked.status, 200, "{}", booked.body);
        let group = gathers(&alice, &[bora.id, counselor.account]).await;
        let (said, files) = talks(&alice, direct).await;
        bora.says(&format!("{KEPT} 말"), direct).await;
        bora.says(&format!("{KEPT} 말"), group).await;
        let form = Form::of("kept.txt", "남을 파일".as_bytes());
        let kept_file = bora.sends(form, direct).await.expect(201);
        let kept_file = kept_file["file_url"].as_str().unwrap().to_owned();
        let (code, talk, more) = consults(&alice, &counselor).await;
        let emotion = feels(&alice).await;
        Self {
            admin,
            alice,
            bora,
            counselor,
            direct,
            group,
            said,
            code,
            talk,
            emotion,
            files: files.into_iter().chain(more).collect(),
            kept_file,
        }
    }

    /// The same people with a server that was started anew.
    pub async fn at(&mut self, client: &Client) {
        self.admin = admin_token(client).await;
        for user in [&mut self.alice, &mut self.bora] {
            user.client = client.clone();
        }
        self.counselor.client = client.clone();
    }

    /// Everything that somebody can still ask for.
    pub async fn answers(&self) -> Vec<(String, String)> {
        let client = &self.bora.client;
        let mut answers = Vec::new();
        let mut asks = async |path: String, token: &str| {
            let answer = client.get(&path, Some(token)).await;
            answers.push((path, answer.body.to_string()));
            answer.body
        };
        let mut after = 0;
        loop {
            let path = format!("/api/v1/audit/events?after={after}&limit=500&purpose=complaint");
            let page = asks(path, &self.admin).await;
            let events = page["events"].as_array().unwrap();
            // Each reading is recorded behind what was read.
            if events.len() < 500 {
                break;
            }
            after = events[499]["position"].as_u64().unwrap();
        }
        let bora = self.bora.token.clone();
        for room in [self.direct, self.group] {
            for rest in [
                "",
                "/messages",
                "/participants",
                "/settings",
                "/online-status",
            ] {
                asks(format!("/chat/rooms/{room}{rest}"), &bora).await;
            }
            let history = format!("/chat/rooms/{room}/messages/{}/history", self.said);
            asks(history, &bora).await;
            asks(format!("/chat/rooms/{room}/search?query={MARK}"), &bora).await;
            asks(format!("/api/v1/chat/rooms/{room}/members"), &bora).await;
            asks(format!("/api/v1/chat/rooms/{room}/messages"), &bora).await;
        }
        asks("/chat/rooms".to_owned(), &bora).await;
        asks("/api/v1/messages/chats".to_owned(), &bora).await;
        for query in [&self.alice.uuid, MARK, MARKS[1], &self.alice.email] {
            asks(format!("/api/v1/users/search?q={query}"), &bora).await;
        }
        let counselor = &self.counselor;
        for list in ["requests?status=accepted", "consultations", "summary"] {
            let path = format!("/api/v1/counselors/{}/dashboard/{list}", counselor.id);
            asks(path, &counselor.token).await;
        }
        for rest in ["", "/messages", "/card", "/dispatch"] {
            let path = format!("/api/v1/consultations/{}{rest}", self.code);
            asks(path.clone(), &counselor.token).await;
            asks(format!("{path}?purpose=complaint"), &self.admin).await;
        }
        asks(
            format!("/chat/rooms/{}/messages", self.talk),
            &counselor.token,
        )
        .await;
        asks("/admin/holds?purpose=complaint".to_owned(), &self.admin).await;
        for path in ["sessions", "steps"] {
            let path = format!("/emotion/{path}/{}", self.emotion);
            asks(path, &self.alice.token).await;
        }
        answers
    }

    /// Of the answers there is none with a mark in it, but for what was asked.
    pub async fn nothing_is_told(&self) {
        for (path, said) in self.answers().await {
            for mark in MARKS {
                assert!(!said.contains(mark), "{mark} in {path}: {said}");
            }
        }
    }

    /// Something of it is told: else the walk above proves nothing.
    pub async fn something_is_told(&self) {
        let answers = self.answers().await;
        for mark in MARKS {
            assert!(
                answers.iter().any(|(_, said)| said.contains(mark)),
                "{mark}"
            );
        }
        for path in ["audit", "chat/rooms", "dashboard", "consultations", "users"] {
            let tells =
                |(asked, said): &(String, String)| asked.contains(path) && said.contains(MARK);
            assert!(answers.iter().any(tells), "{path}");
        }
    }

    /// No file and no table has a mark in it.
    pub async fn nothing_is_stored(&self, place: &Place) {
        for (name, bytes) in place.contents().await {
            for mark in MARKS {
                let mut parts = bytes.windows(mark.len());
                assert!(
                    !parts.any(|part| part == mark.as_bytes()),
                    "{mark} in {name}"
                );
            }
        }
    }

    /// How many rows others see, and that what they said is there.
    pub async fn counts(&self) -> Vec<usize> {
        let mut counts = Vec::new();
        for room in [self.direct, self.group] {
            let rows = self.bora.reads(room).await;
            let kept = rows.iter().filter(|row| row.to_string().contains(KEPT));
            assert_eq!(kept.count(), 1, "{room}");
            counts.push(rows.len());
        }
        let path = format!("/api/v1/consultations/{}/messages", self.code);
        let page = self.bora.client.get(&path, None).await.expect(200);
        counts.push(page["messages"].as_array().unwrap().len());
        let stats = format!("/api/v1/counselors/{}/stats", self.counselor.id);
        let stats = self.bora.client.get(&stats, Some(&self.counselor.token));
        let stats = stats.await.expect(200);
        counts.push(usize::try_from(stats["total_consultations"].as_u64().unwrap()).unwrap());
        let file = fetch(
            self.bora
                .client
                .request("GET", &self.kept_file)
                .bearer_auth(&self.bora.token),
        );
        assert_eq!(file.await.bytes, "남을 파일".as_bytes());
        counts
    }
}

async fn registers(client: &Client) -> User {
    let id = uuid::Uuid::from_u128(rand::random());
    let email = format!("{}{id}@example.com", MARKS[2]);
    let name = format!("{MARK}사람");
    let body = json!({"name": name, "email": email, "password": "eight-or-more"});
    client.post("/register", None, body).await.expect(201);
    let body = json!({"email": email, "password": "eight-or-more"});
    let session = client.post("/login", None, body).await.expect(200);
    User {
        client: client.clone(),
        id: session["user"]["user_id"].as_u64().unwrap(),
        uuid: session["user"]["id"].as_str().unwrap().to_owned(),
        name,
        email,
        token: session["access_token"].as_str().unwrap().to_owned(),
    }
}

async fn gathers(alice: &User, others: &[u64]) -> u64 {
    let body = json!({
        "room_name": format!("{MARK}모임"), "room_description": format!("{MARK}소개"),
        "room_type": "group", "participant_ids": others,
    });
    let room = alice.post("/chat/rooms/", body).await.expect(201);
    room["room_id"].as_u64().unwrap()
}

/// A message that was edited, one that was deleted, a place, files with and without a room.
async fn talks(alice: &User, room: u64) -> (u64, Vec<String>) {
    let messages = format!("/chat/rooms/{room}/messages");
    let said = alice.says(&format!("{MARK} 첫 말"), room).await;
    let edited = json!({"message_content": format!("{MARK} 고친 말")});
    alice
        .put(&format!("{messages}/{said}"), edited)
        .await
        .expect(200);
    let deleted = alice.says(&format!("{MARK} 지운 말"), room).await;
    alice
        .delete(&format!("{messages}/{deleted}"))
        .await
        .expect(200);
    let body = json!({
        "message_content": format!("{MARK} 곳"), "message_type": "location",
        "location": {"latitude": 37.5, "longitude": 127.0, "label": format!("{MARK} 집")},
    });
    alice.post(&messages, body).await.expect(201);
    let form = Form::of(&format!("{MARK}.txt"), format!("{MARK} 파일").as_bytes());
    let row = alice.sends(form, room).await.expect(201);
    let sent = row["file_url"].as_str().unwrap().to_owned();
    (said, vec![sent, uploads(alice).await])
}

/// A file without a room.
async fn uploads(user: &User) -> String {
    let form = Form::of(
        &format!("{MARK}.bin"),
        format!("{MARK} 다른 파일").as_bytes(),
    );
    let request = user
        .client
        .request("POST", "/api/v1/upload")
        .header("content-type", tests::FORM_TYPE)
        .bearer_auth(&user.token)
        .body(form.end());
    let row = user.client.send(request).await.expect(201);
    let url = row["fileUrl"].as_str().unwrap();
    url[url.find("/files/").unwrap()..].to_owned()
}

/// A session about emotions with all that it can hold.
async fn feels(alice: &User) -> String {
    let prompt = json!({"system_prompt": format!("{MARK} 말투로")});
    alice.put("/emotion/prompt", prompt).await.expect(200);
    let opening = json!({"emotion_label": format!("{MARK} 느낌"), "topic": format!("{MARK} 주제")});
    let session = alice.post("/emotion/sessions", opening).await.expect(201);
    let session = session["session_id"].as_str().unwrap().to_owned();
    let said = json!({
        "session_id": session, "user_input": format!("{MARK} 슬픈 이야기를 했어요."),
        "system_prompt": format!("{MARK} 역할"),
    });
    let step = alice.post("/emotion/steps/generate", said).await;
    step.expect(201);
    let card = format!("/emotion/sessions/{session}/card");
    alice.post(&card, json!({})).await.expect(201);
    session
}

/// A consultation from the request to the rating; its code, its room, and where its files are.
async fn consults(alice: &User, counselor: &Counselor) -> (String, u64, Vec<String>) {
    let client = &alice.client;
    let mut bell = counselor.waits().await;
    let body = json!({"nickname": format!("{MARK}별명"), "quick_match": true});
    let started = alice.post("/api/v1/consultations/start", body).await;
    let code = started.expect(201)["consultation_code"].clone();
    let code = code.as_str().unwrap().to_owned();
    let request = bell.expect("new_request").await["request"]["id"].clone();
    let path = format!(
        "/api/v1/counselors/{}/dashboard/requests/{request}/accept",
        counselor.id
    );
    let response = json!({"response_message": format!("{MARK} 인사")});
    let accepted = client.post(&path, Some(&counselor.token), response).await;
    let room = accepted.expect(200)["room_id"].as_u64().unwrap();
    bell.close().await;
    let path = |rest: &str| format!("/api/v1/consultations/{code}{rest}");
    let nickname = json!({"nickname": format!("{MARK}새별명")});
    alice.post(&path("/reconnect"), nickname).await.expect(200);
    alice.says(&format!("{MARK} 고민"), room).await;
    let form = Form::of(&format!("{MARK}.txt"), format!("{MARK} 자료").as_bytes());
    let shared = counselor.user().sends(form, room).await.expect(201);
    let given = uploads(alice).await;
    let sends = json!({
        "message": format!("{MARK} 그림"), "message_type": "file", "file_url": given,
    });
    let feed = format!("/api/v1/chat/rooms/{room}/messages");
    alice.post(&feed, sends).await.expect(201);
    let notes = json!({
        "counselor_notes": format!("{MARK} 기록"), "key_points": [format!("{MARK} 요점")],
    });
    let notes_path = format!(
        "/api/v1/counselors/{}/dashboard/consultations/{code}/notes",
        counselor.id
    );
    client
        .put(&notes_path, Some(&counselor.token), notes)
        .await
        .expect(200);
    alice.post(&path("/end"), json!({})).await.expect(200);
    let card = json!({"additional_notes": format!("{MARK} 메모")});
    alice.post(&path("/card"), card).await.expect(201);
    let card = json!({"additional_notes": format!("{MARK} 새 메모")});
    alice.put(&path("/card"), card).await.expect(200);
    let rating = json!({"score": 5, "comment": format!("{MARK} 평가")});
    alice.post(&path("/rating"), rating).await.expect(201);
    counselor.becomes("away").await.expect(200);
    let shared: &Value = &shared["file_url"];
    (code, room, vec![shared.as_str().unwrap().to_owned(), given])
}
