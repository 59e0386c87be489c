//! From a session to a person: the counsellor is rung, and reads what was said, and no more.

use serde_json::{Value, json};
use tests::{Counselor, Socket, TestApp, User, Visitor, admin_token};

use super::{of, opens, says};

const FIRST: &str = "요즘 회사에서 자꾸 눈물이 나요";
const SECOND: &str = "잠도 거의 못 자고 있어요";

struct Scene {
    server: TestApp,
    admin: String,
    mina: User,
    session: String,
    /// What was answered.
    answers: Vec<String>,
}

impl Scene {
    async fn new() -> Self {
        let server = TestApp::start().await;
        let admin = admin_token(&server.client).await;
        let mina = User::new(&server.client, "민아").await;
        let session = opens(&mina).await;
        let mut answers = Vec::new();
        for words in [FIRST, SECOND] {
            let step = says(&mina, &session, words).await.expect(201);
            answers.push(step["gpt_response"].as_str().unwrap().to_owned());
        }
        Self {
            server,
            admin,
            mina,
            session,
            answers,
        }
    }

    async fn counselor(&self, name: &str) -> (Counselor, Socket) {
        let counselor = Counselor::new(&self.server.client, &self.admin, name).await;
        let bell = counselor.waits().await;
        (counselor, bell)
    }

    async fn hands_over(&self, body: Value) -> tests::Answer {
        self.mina.post(&of(&self.session, "/handover"), body).await
    }

    async fn recorded(&self, kind: &str) -> usize {
        let path = format!("/api/v1/audit/events?type={kind}");
        let page = self.server.client.get(&path, Some(&self.admin)).await;
        page.expect(200)["events"].as_array().unwrap().len()
    }
}

async fn accepts(counselor: &Counselor, bell: &mut Socket, words: &str) -> Value {
    let request = bell.expect("new_request").await["request"].clone();
    let path = format!(
        "/api/v1/counselors/{}/dashboard/requests/{}/accept",
        counselor.id, request["id"]
    );
    let body = json!({"response_message": words});
    let token = Some(&*counselor.token);
    counselor.client.post(&path, token, body).await.expect(200)
}

fn texts(history: &[Value]) -> Vec<&str> {
    let texts = history.iter().map(|row| row["message"].as_str().unwrap());
    texts.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_counselor_is_rung_and_reads_what_was_said_in_the_session_first() {
    let scene = Scene::new().await;
    let (counselor, mut bell) = scene.counselor("김상담").await;
    let body = json!({"consent": true, "nickname": "바다"});
    let handed = scene.hands_over(body).await.expect(201);
    assert_eq!(
        (&handed["status"], &handed["user_nickname"]),
        (&json!("waiting"), &json!("바다"))
    );
    // What is said from here on is not part of it.
    says(&scene.mina, &scene.session, "이건 혼잣말이에요")
        .await
        .expect(201);
    let code = handed["consultation_code"].as_str().unwrap();
    let visitor = Visitor {
        client: scene.server.client.clone(),
        code: code.to_owned(),
        started: handed.clone(),
    };
    let mut user = visitor.enters().await;
    let accepted = accepts(&counselor, &mut bell, "안녕하세요, 읽어 봤어요").await;
    assert_eq!(accepted["consultation_id"], handed["consultation_id"]);
    let path = visitor.path("/messages");
    let history = scene.server.client.get(&path, Some(&counselor.token)).await;
    let history = history.expect(200)["messages"].as_array().unwrap().clone();
    let expected = format!(
        "[감정 대화 기록]\n나: {FIRST}\n자동 응답: {}\n나: {SECOND}\n자동 응답: {}",
        scene.answers[0], scene.answers[1]
    );
    assert_eq!(texts(&history), [&*expected, "안녕하세요, 읽어 봤어요"]);
    assert_eq!(history[0]["sender_type"], "user");
    assert_eq!(user.expect("message").await["message"], expected);
    // The token of the answer is the user's side of this consultation.
    let token = handed["access_token"].as_str().unwrap();
    let seen = scene
        .server
        .client
        .get(&visitor.path(""), Some(token))
        .await;
    assert_eq!(seen.expect(200)["status"], "active");
    let rooms = scene.mina.get("/chat/rooms").await.expect(200);
    assert_eq!(rooms["rooms"][0]["room_id"], seen_room(&visitor).await);
}

async fn seen_room(visitor: &Visitor) -> Value {
    visitor.sees().await["room_id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_nothing_is_handed_over() {
    let scene = Scene::new().await;
    for body in [json!({}), json!({"consent": false})] {
        let refused = scene.hands_over(body).await.expect(422);
        assert_eq!(refused["code"], "consent_missing");
        assert_eq!(refused["detail"][0]["loc"], json!(["body", "consent"]));
    }
    for (field, value) in [
        ("consent", json!("yes")),
        ("nickname", json!(" ")),
        ("nickname", json!("가".repeat(51))),
        ("character_type_preference", json!(9_999)),
    ] {
        let mut body = json!({"consent": true});
        body[field] = value;
        let refused = scene.hands_over(body).await;
        assert!([400, 422].contains(&refused.status), "{field}");
    }
    for kind in ["emotion.handed_over", "consultation.requested"] {
        assert_eq!(scene.recorded(kind).await, 0, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_over_twice_it_is_one_consultation_until_that_is_over() {
    let scene = Scene::new().await;
    let first = scene.hands_over(json!({"consent": true})).await.expect(201);
    assert_eq!(first["user_nickname"], "민아");
    let again = scene.hands_over(json!({"consent": true})).await.expect(200);
    assert_eq!(again["consultation_code"], first["consultation_code"]);
    assert_eq!(scene.recorded("consultation.requested").await, 1);
    let code = first["consultation_code"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/consultations/{code}/end");
    scene.mina.post(&path, json!({})).await.expect(200);
    let path = of(&scene.session, "/handover");
    let mut codes = Vec::new();
    for _ in 0..2 {
        let client = &scene.server.client;
        let request = client.request("POST", &path).bearer_auth(&scene.mina.token);
        let request = request.header("Idempotency-Key", "only-once");
        let sent = client.send(request.body(r#"{"consent": true}"#)).await;
        codes.push(sent.expect(201)["consultation_code"].clone());
    }
    assert_eq!(codes[0], codes[1]);
    assert_ne!(codes[0], first["consultation_code"]);
    assert_eq!(scene.recorded("emotion.handed_over").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_counselor_finds_the_history_once_and_the_erased_finds_nobody() {
    let scene = Scene::new().await;
    let (first, mut bell) = scene.counselor("김상담").await;
    let handed = scene.hands_over(json!({"consent": true})).await.expect(201);
    accepts(&first, &mut bell, "잠시만요").await;
    let path = format!("/admin/users/{}", first.uuid);
    let gone = json!({"active": false});
    let client = &scene.server.client;
    client
        .patch(&path, Some(&scene.admin), gone)
        .await
        .expect(200);
    let (second, mut bell) = scene.counselor("이상담").await;
    accepts(&second, &mut bell, "제가 이어서 볼게요").await;
    let code = handed["consultation_code"].as_str().unwrap();
    let path = format!("/api/v1/consultations/{code}/messages");
    let history = client.get(&path, Some(&second.token)).await.expect(200);
    let history = history["messages"].as_array().unwrap().clone();
    assert_eq!(texts(&history)[1..], ["잠시만요", "제가 이어서 볼게요"]);
    assert!(texts(&history)[0].contains(FIRST));
}
