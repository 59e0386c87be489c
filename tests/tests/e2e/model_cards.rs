//! Cards of consultations with a language model: in its words, and without it where it fails.

use serde_json::{Value, json};
use tests::model_double::{Asked, ModelDouble, Reply, whole};
use tests::{Counselor, TestApp, Visitor, admin_token};

const SAID: [&str; 2] = [
    "회사 업무 스트레스가 심해서 요즘 새벽까지 잠을 거의 못 자고 있어요.",
    "업무 스트레스 때문에 수면 시간이 많이 줄었어요.",
];

/// The card of a consultation in which this was said, with how its event names who wrote it.
async fn card(model: &ModelDouble) -> (Value, String) {
    let more = format!("llm.base_url = \"{}\"\nllm.retries = 0", model.url());
    let server = TestApp::with(&more).await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "김상담").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(&server.client, "바다").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    let request = request.as_u64().unwrap();
    counselor.accepts(request).await.expect(200);
    let mut user = visitor.enters().await;
    for text in SAID {
        user.send(json!({"type": "message", "message": text})).await;
        user.expect("message").await;
    }
    visitor.ends().await.expect(200);
    let path = visitor.path("/card");
    let made = server.client.post(&path, None, json!({})).await.expect(201);
    let again = server.client.post(&path, None, json!({})).await.expect(200);
    assert_eq!(again, made);
    let path = "/api/v1/audit/events?type=consultation.card_issued";
    let events = server.client.get(path, Some(&admin)).await.expect(200);
    let by = events["events"][0]["payload"]["summary_by"]
        .as_str()
        .unwrap();
    (made, by.to_owned())
}

fn summary(notes: &str) -> Reply {
    whole(&json!({"key_points": ["업무 부담", "수면"], "notes": notes}).to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_in_the_models_words_and_quotes_little() {
    let model =
        ModelDouble::start(|_| summary(&format!("일이 많아 잠이 줄었다고 함. \"{}\"", SAID[0])))
            .await;
    let (card, by) = card(&model).await;
    assert_eq!(by, "language_model");
    assert_eq!(card["key_points"], json!(["업무 부담", "수면"]));
    let notes = card["counselor_notes"].as_str().unwrap();
    assert!(
        notes.starts_with("일이 많아 잠이 줄었다고 함. \"회사 업무"),
        "{notes}"
    );
    assert!(notes.contains('…') && !notes.contains("못 자고"), "{notes}");
    // It was asked once, for this conversation.
    let asked = model.asked().await;
    let told: Vec<String> = asked.iter().map(Asked::text).collect();
    assert_eq!(told.len(), 1);
    assert!(
        SAID.iter().all(|said| told[0].contains(said)),
        "{}",
        told[0]
    );
    assert!(!told[0].contains("바다") && !told[0].contains("김상담"));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_model_fails_the_card_is_in_the_conversations_own_words() {
    for reply in [
        Reply::Whole(500, "", "{}".to_owned()),
        whole("요약: 잠을 못 잠"),
        Reply::Nothing,
    ] {
        let model = ModelDouble::start(move |_| reply.clone()).await;
        let (card, by) = card(&model).await;
        assert_eq!(by, "extractive");
        let notes = card["counselor_notes"].as_str().unwrap();
        assert!(notes.contains("업무 스트레스"), "{notes}");
        assert!(!model.asked().await.is_empty());
    }
}
