//! What somebody is given of themselves: all of it, and who else has read it.

use serde_json::{Value, json};
use tests::{TestApp, User, admin_token};

use super::planted::{KEPT, MARK, Planted};

const EXPORT: &str = "/api/v1/users/me/export";

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name]
        .as_array()
        .unwrap_or_else(|| panic!("{name} in {of}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_somebody_brought_is_in_their_export_and_nothing_of_others() {
    let server = TestApp::start().await;
    let planted = Planted::new(&server.client).await;
    let (alice, bora) = (&planted.alice, &planted.bora);
    let export = alice.get(EXPORT).await.expect(200);
    let profile = &export["account"]["profile"];
    assert_eq!(profile["email"], *alice.email);
    assert_eq!(profile["name"], *alice.name);
    assert_eq!(list(&export, "sessions").len(), 1);

    let rooms = list(&export, "rooms");
    let room = |number: u64| rooms.iter().find(|room| room["room_id"] == number).unwrap();
    let direct = room(planted.direct);
    let said: Vec<usize> = list(direct, "messages")
        .iter()
        .map(|message| list(message, "versions").len())
        .collect();
    // Edited, deleted, a place, a file.
    assert_eq!(said, [2, 1, 1, 1]);
    assert!(
        direct["booking"].as_str().unwrap().contains(MARK),
        "{direct}"
    );
    assert!(
        room(planted.group)["text"]["name"]
            .as_str()
            .unwrap()
            .contains(MARK)
    );

    let [talk] = list(&export, "consultations") else {
        panic!("{export}");
    };
    assert_eq!(talk["request"]["code"], *planted.code);
    for field in ["notes", "card", "comment"] {
        assert!(talk[field].to_string().contains(MARK), "{field}: {talk}");
    }
    assert_eq!(list(talk, "nicknames").len(), 2);
    // The counsellor's as well: what is said in a consultation is the requester's.
    assert_eq!(list(talk, "messages").len(), 4);

    let [emotion] = list(&export, "emotion_sessions") else {
        panic!("{export}");
    };
    for field in ["opening", "card"] {
        assert!(
            emotion[field].to_string().contains(MARK),
            "{field}: {emotion}"
        );
    }
    let [step] = list(emotion, "steps") else {
        panic!("{emotion}");
    };
    for field in ["user_input", "system_prompt"] {
        let said = step["input"][field].as_str().unwrap();
        assert!(said.contains(MARK), "{field}: {step}");
    }
    assert!(!step["answer"].as_str().unwrap().is_empty(), "{step}");
    assert!(export["system_prompt"].as_str().unwrap().contains(MARK));

    let files = list(&export, "files");
    assert_eq!(files.len(), 3);
    for file in files {
        let content = file["content"].as_str().unwrap();
        let size = usize::try_from(file["size"].as_u64().unwrap()).unwrap();
        assert_eq!(content.len(), size.div_ceil(3) * 4);
    }
    assert_eq!(files[0]["content"], "7KeA7JuM7KeIIO2MjOydvA==");
    assert!(!export.to_string().contains(KEPT));

    let other = bora.get(EXPORT).await.expect(200).to_string();
    assert!(!other.contains(MARK) && other.contains(KEPT), "{other}");
    server.client.get(EXPORT, None).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_whole_in_an_export() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "미나").await;
    let room = mina.gathers("모임", &[]).await;
    let bytes: Vec<u8> = (0..1_000_001_u32)
        .map(|at| at.to_le_bytes()[1] ^ 7)
        .collect();
    let form = tests::Form::of("a.bin", &bytes);
    mina.sends(form, room).await.expect(201);
    let export = mina.get(EXPORT).await.expect(200);
    let content = list(&export, "files")[0]["content"].as_str().unwrap();
    assert!(decode(content) == bytes);
}

/// Base64, by hand.
fn decode(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').chars() {
        let value = u32::try_from(letters.find(letter).unwrap()).unwrap();
        bits = (bits << 6 | value) & 0xff_ffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held).to_le_bytes()[0]);
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_who_read_of_them_and_why() {
    const LOG: &str = "/api/v1/users/me/access-log";
    let server = TestApp::start().await;
    let client = &server.client;
    let planted = Planted::new(client).await;
    let (alice, stranger) = (&planted.alice, User::new(client, "남").await);
    let nothing = json!({"accesses": [], "next": null});
    assert_eq!(alice.get(LOG).await.expect(200), nothing);
    let admin = admin_token(client).await;
    let reads = async |rest: String| {
        let path = format!("/api/v1/audit/events?{rest}");
        client.get(&path, Some(&admin)).await.expect(200);
    };
    reads(format!("positions={}&purpose=complaint", planted.said)).await;
    let talk = client
        .get(&format!("/api/v1/consultations/{}", planted.code), None)
        .await;
    let talk = talk.expect(200)["uuid"].as_str().unwrap().to_owned();
    reads(format!("stream=consultation-{talk}")).await;
    let log = alice.get(LOG).await.expect(200);
    let [of_talk, of_message] = list(&log, "accesses") else {
        panic!("{log}");
    };
    assert_eq!(of_message["purpose"], "complaint");
    assert_eq!(of_message["role"], "admin");
    assert_eq!(of_message["act"], "audit.events.read");
    assert_eq!(of_talk["purpose"], Value::Null);
    let page = alice.get(&format!("{LOG}?limit=1")).await.expect(200);
    let rest = format!("{LOG}?limit=1&before={}", page["next"]);
    let rest = alice.get(&rest).await.expect(200);
    assert_eq!(list(&rest, "accesses"), std::slice::from_ref(of_message));
    assert_eq!(stranger.get(LOG).await.expect(200), nothing);
    client.get(LOG, None).await.expect(401);
    alice.get(&format!("{LOG}?limit=0")).await.expect(422);
}
