//! The feed dialect beside the others: what happens in one is seen in all.

use serde_json::json;
use tests::TestApp;

use super::{gathers, history, listens, reads, says, two};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_chat_is_heard_in_the_feed_and_the_other_way_round() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut feed = listens(&mina, room).await;
    let mut chat = jun.enters(room).await;
    let number = jun.says("채팅에서", room).await;
    let told = feed.expect("message").await;
    assert_eq!(
        (&told["data"]["id"], &told["data"]["message"]),
        (&json!(number), &json!("채팅에서"))
    );
    chat.expect("message").await;
    let row = says(&mina, room, "피드에서").await;
    let told = chat.expect("message").await;
    assert_eq!(
        (&told["message_id"], &told["content"], &told["sender_id"]),
        (&row["id"], &json!("피드에서"), &json!(mina.id))
    );
    reads(&mina, room).await.expect(200);
    let told = chat.expect("message_read").await;
    assert_eq!(
        (&told["user_id"], &told["last_read_message_id"]),
        (&json!(mina.id), &row["id"])
    );
    let path = format!("/chat/rooms/{room}/messages/{number}/");
    let edit = json!({"message_content": "고쳤어요"});
    jun.put(&path, edit).await.expect(200);
    assert_eq!(
        feed.expect("message_edited").await["data"]["message"],
        "고쳤어요"
    );
    jun.delete(&path).await.expect(200);
    assert_eq!(feed.expect("message_deleted").await["data"]["id"], number);
    let rows = history(&mina, room).await;
    assert_eq!(
        (&rows[0]["is_deleted"], &rows[1]["message"]),
        (&json!(true), &json!("피드에서"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_in_a_room_whichever_dialect_they_are_in_it_by() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&mina, room).await;
    let chat = jun.enters(room).await;
    assert_eq!(hears.next().await.unwrap()["type"], "member_online");
    let mut feed = listens(&jun, room).await;
    // What is heard on it tells that it counts.
    says(&mina, room, "들려요?").await;
    feed.expect("message").await;
    hears.expect("message").await;
    chat.close().await;
    says(&mina, room, "아직 있어요").await;
    assert_eq!(hears.next().await.unwrap()["type"], "message");
    feed.close().await;
    let told = hears.next().await.unwrap();
    assert_eq!(
        (&told["type"], &told["user_id"]),
        (&json!("member_offline"), &json!(jun.id))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_their_reading_to_themselves_is_not_told_of() {
    let server = TestApp::start().await;
    let (mina, jun) = two(&server).await;
    let (_, room) = gathers(&server, &mina, &[&jun]).await;
    let mut hears = listens(&mina, room).await;
    let settings = json!({"read_receipt_enabled": false});
    let path = format!("/chat/rooms/{room}/settings/");
    jun.put(&path, settings).await.expect(200);
    says(&mina, room, "봤어요?").await;
    hears.expect("message").await;
    reads(&jun, room).await.expect(200);
    says(&jun, room, "비밀").await;
    assert_eq!(hears.next().await.unwrap()["type"], "message");
    let members = super::members(&mina, room).await;
    assert_eq!(members[1]["last_read_at"], json!(null));
}
