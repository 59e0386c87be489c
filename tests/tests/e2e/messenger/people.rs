//! Finding people, what of them is shown to whom, and profiles.

use serde_json::{Value, json};
use tests::{TestApp, User, admin_token, assert_golden};

use super::{changes, meets};

async fn searches(user: &User, query: &str) -> Value {
    let request = user.client.request("GET", "/api/v1/users/search");
    let request = request.query(&[("q", query)]).bearer_auth(&user.token);
    user.client.send(request).await.expect(200)
}

async fn finds(user: &User, query: &str) -> Vec<String> {
    let found = searches(user, query).await;
    let names = found["users"].as_array().unwrap().iter();
    names
        .map(|row| row["fullName"].as_str().unwrap().to_owned())
        .collect()
}

async fn judges(server: &TestApp, of: &User, body: Value) -> tests::Answer {
    let admin = admin_token(&server.client).await;
    let path = format!("/api/v1/users/{}", of.uuid);
    server.client.patch(&path, Some(&admin), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_in_the_guides_shape() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let john = User::new(&server.client, "johnny").await;
    let body = json!({
        "firstName": "John", "lastName": "Doe", "phone": "+639123456789",
        "profileImage": "https://example.com/john.jpg",
    });
    changes(&john, body).await.expect(200);
    let said = judges(
        &server,
        &john,
        json!({"userType": "provider", "trustScore": 85.5}),
    )
    .await;
    said.expect(200);
    let found = searches(&mina, "john").await;
    assert_golden(&found, "messenger/search");
    let row = &found["users"][0];
    assert_eq!(
        (&row["fullName"], &row["trustScore"], &row["id"]),
        (&json!("John Doe"), &json!(85.5), &json!(john.uuid))
    );
    assert_eq!(row["phone"], "+63******6789");
    let first = john.email.chars().next().unwrap();
    assert_eq!(row["email"], format!("{first}***@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_part_of_a_name_and_by_the_rest_only_whole() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "김민아").await;
    let jun = User::new(&server.client, "Straße 준호").await;
    changes(&jun, json!({"phone": "010-1234-5678"}))
        .await
        .expect(200);
    for query in [
        "준호",
        "STRASSE",
        "aße",
        jun.email.as_str(),
        "01012345678",
        jun.uuid.as_str(),
    ] {
        assert_eq!(finds(&mina, query).await, ["Straße 준호"], "{query}");
    }
    let half = &jun.email[..jun.email.len() - 4];
    for query in [half, "0101234", "1234-5678", &jun.uuid[..13], "없는 사람"] {
        assert!(finds(&mina, query).await.is_empty(), "{query}");
    }
    assert!(finds(&mina, "김민아").await.is_empty(), "never the caller");
    let refused = mina.get("/api/v1/users/search?q=a").await.expect(422);
    assert_eq!(refused["errors"][0]["loc"], json!(["query", "q"]));
    mina.get("/api/v1/users/search").await.expect(422);
    for limit in ["0", "51", "x"] {
        let path = format!("/api/v1/users/search?q=aa&limit={limit}");
        mina.get(&path).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn email_and_phone_are_shown_to_whoever_gave_them_or_shares_a_room() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준호").await;
    changes(&jun, json!({"phone": "010-1234-5678"}))
        .await
        .expect(200);
    let first = jun.email.chars().next().unwrap();
    let masked = format!("{first}***@example.com");
    let shown = async |query: &str| {
        let found = searches(&mina, query).await;
        let row = &found["users"][0];
        let text = |field: &str| row[field].as_str().unwrap().to_owned();
        (text("email"), text("phone"))
    };
    let hidden = "010******5678".to_owned();
    assert_eq!(shown("준호").await, (masked.clone(), hidden.clone()));
    assert_eq!(shown(&jun.email).await, (jun.email.clone(), hidden));
    let phone = "010-1234-5678".to_owned();
    assert_eq!(shown("010 1234 5678").await, (masked, phone.clone()));
    meets(&mina, &jun).await;
    assert_eq!(shown("준호").await, (jun.email.clone(), phone));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_cannot_log_in_and_old_names_are_not_found() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준호").await;
    changes(&jun, json!({"firstName": "호준"}))
        .await
        .expect(200);
    assert_eq!(finds(&mina, "호준").await, ["호준"]);
    changes(&jun, json!({"firstName": null})).await.expect(200);
    assert!(finds(&mina, "호준").await.is_empty());
    assert_eq!(finds(&mina, "준호").await, ["준호"]);
    let later = User::new(&server.client, "또 준호").await;
    assert_eq!(finds(&mina, "준호").await, ["준호", "또 준호"]);
    let admin = admin_token(&server.client).await;
    let path = format!("/admin/users/{}", later.uuid);
    let body = json!({"active": false});
    let client = &server.client;
    client.patch(&path, Some(&admin), body).await.expect(200);
    for query in ["준호", later.uuid.as_str(), later.email.as_str()] {
        let found = finds(&mina, query).await;
        assert!(!found.contains(&"또 준호".to_owned()), "{query}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_are_shown_as_were_asked_for_and_all_are_counted() {
    let mut server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    for number in 0..25 {
        User::new(&server.client, &format!("사람 {number}")).await;
    }
    let found = searches(&mina, "사람").await;
    assert_eq!(found["users"].as_array().unwrap().len(), 20);
    assert_eq!(found["total"], 25);
    server.restart().await;
    let mina = User {
        client: server.client.clone(),
        ..mina
    };
    let path = "/api/v1/users/search?q=%EC%82%AC%EB%9E%8C&limit=3";
    let found = mina.get(path).await.expect(200);
    assert_eq!(found["users"].as_array().unwrap().len(), 3);
    assert_eq!(found["total"], 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_its_owners_and_what_others_say_of_it_is_not() {
    let server = TestApp::start().await;
    let mina = User::new(&server.client, "민아").await;
    let jun = User::new(&server.client, "준호").await;
    let me = mina.get("/api/v1/users/me").await.expect(200);
    assert_eq!(
        (
            &me["fullName"],
            &me["userType"],
            &me["trustScore"],
            &me["email"]
        ),
        (
            &json!("민아"),
            &json!("user"),
            &json!(0.0),
            &json!(mina.email)
        )
    );
    for body in [json!({"userType": "provider"}), json!({"trustScore": 100})] {
        changes(&mina, body).await.expect(403);
    }
    let path = format!("/api/v1/users/{}", jun.uuid);
    let token = Some(mina.token.as_str());
    let refused = server.client.patch(&path, token, json!({})).await;
    assert_eq!(refused.expect(403)["error"], "Forbidden");
    for (body, field) in [
        (json!({"firstName": 7}), "firstName"),
        (json!({"lastName": "a".repeat(101)}), "lastName"),
        (
            json!({"profileImage": "javascript:alert(1)"}),
            "profileImage",
        ),
    ] {
        let refused = changes(&mina, body).await.expect(422);
        assert_eq!(refused["errors"][0]["loc"][1], field);
    }
    for wrong in [json!({"userType": "two words"}), json!({"trustScore": 101})] {
        judges(&server, &jun, wrong).await.expect(422);
    }
    let now = changes(&mina, json!({"firstName": " Mina ", "phone": ""})).await;
    let now = now.expect(200);
    assert_eq!(
        (&now["fullName"], &now["phone"]),
        (&json!("Mina"), &Value::Null)
    );
    let nobody = User {
        uuid: uuid::Uuid::from_u128(1).to_string(),
        ..jun
    };
    judges(&server, &nobody, json!({})).await.expect(404);
}
