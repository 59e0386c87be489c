//! A consultation is erased, by its code alone.

use serde_json::json;
use tests::talks::{diff, verify};
use tests::{Counselor, TestApp, Visitor, admin_token};

use super::planted::{MARK, Planted};
use super::{deletes, receipt};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_code_erases_all_that_was_said_and_sent() {
    let mut server = TestApp::start().await;
    let planted = Planted::new(&server.client).await;
    let before = planted.counts().await;
    let path = format!("/api/v1/consultations/{}", planted.code);
    let counselor = &planted.counselor.token;
    deletes(&server.client, &path, Some(counselor))
        .await
        .expect(403);
    let receipt = receipt(deletes(&server.client, &path, None).await);
    assert_eq!(receipt["subject"]["type"], "consultation");
    assert_eq!(
        (&receipt["consultations"], &receipt["files"]),
        (&json!(1), &json!(2))
    );
    let again = deletes(&server.client, &path, None).await;
    assert_eq!(again.expect(200), receipt);

    assert_eq!(planted.counts().await, before, "counts stay");
    for (asked, said) in planted.answers().await {
        let is_of_it = ["/consultations/", "dashboard"]
            .iter()
            .any(|of| asked.contains(of))
            || asked.contains(&format!("/rooms/{}/", planted.talk));
        assert!(!is_of_it || !said.contains(MARK), "{asked}: {said}");
    }
    // What the person brought, without a room, and sent there is gone as well.
    let alice = &planted.alice;
    for (path, status) in planted.files.iter().zip([200, 200, 410, 410]) {
        let answer = alice.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let rows = alice.reads(planted.direct).await;
    assert!(
        rows.iter().any(|row| row.to_string().contains(MARK)),
        "the rest stays"
    );
    let notes = json!({"counselor_notes": "늦은 기록"});
    let notes_path = format!(
        "/api/v1/counselors/{}/dashboard/consultations/{}/notes",
        planted.counselor.id, planted.code
    );
    let answer = server.client.put(&notes_path, Some(counselor), notes).await;
    assert_eq!(answer.expect(410)["code"], "consultation_erased");
    server.go_down().await;
    verify(&server.place);
    diff(&server.place);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_still_goes_on_is_ended() {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let counselor = Counselor::new(client, &admin, "상담사").await;
    let mut bell = counselor.waits().await;
    let visitor = Visitor::asks(client, "손님").await;
    let request = bell.expect("new_request").await["request"]["id"].clone();
    counselor
        .accepts(request.as_u64().unwrap())
        .await
        .expect(200);
    let mut socket = counselor.enters(&visitor.code).await;
    receipt(deletes(client, &visitor.path(""), None).await);
    while socket.expect("status").await["status"] != "completed" {}
    bell.expect("consultation_ended").await;
    assert!(!visitor.sees().await.to_string().contains("손님"));
    let waiting = Visitor::asks(client, "다른 손님").await;
    receipt(deletes(client, &waiting.path(""), None).await);
    assert_eq!(waiting.sees().await["status"], "terminated");
}
