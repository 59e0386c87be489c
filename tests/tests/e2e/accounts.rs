//! Registration, log-in, refresh, roles, and what ends a session.

use serde_json::{Value, json};
use tests::{Client, Counselor, TestApp, admin_token};

async fn register(client: &Client, email: &str) -> Value {
    let body = json!({"name": "한별", "email": email, "password": "eight-or-more"});
    client.post("/register", None, body).await.expect(201)
}

async fn log_in(client: &Client, email: &str, password: &str) -> tests::Answer {
    client
        .post(
            "/login",
            None,
            json!({"email": email, "password": password}),
        )
        .await
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} in {value}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_registers_and_logs_in() {
    let server = TestApp::start().await;
    let made = register(&server.client, "Someone@Example.com").await;
    assert!(made["user_id"].is_u64());
    let session = log_in(&server.client, "someone@example.com", "eight-or-more")
        .await
        .expect(200);
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["user"]["id"], made["id"]);
    assert_eq!(session["user"]["role"], "user");
    let taken = json!({"name": "둘", "email": "SOMEONE@example.com", "password": "eight-or-more"});
    server
        .client
        .post("/register", None, taken)
        .await
        .expect(409);
    let short = json!({"name": "셋", "email": "three@example.com", "password": "seven77"});
    let refused = server
        .client
        .post("/register", None, short)
        .await
        .expect(422);
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "password"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oauth_form_logs_in_as_well() {
    let server = TestApp::start().await;
    register(&server.client, "form@example.com").await;
    let form = [
        ("username", "form@example.com"),
        ("password", "eight-or-more"),
    ];
    let request = server.client.request("POST", "/login").form(&form);
    server.client.send(request).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_email_and_a_wrong_password_are_answered_alike() {
    let server = TestApp::start().await;
    register(&server.client, "known@example.com").await;
    let wrong = log_in(&server.client, "known@example.com", "not-the-password")
        .await
        .expect(401);
    let unknown = log_in(&server.client, "unknown@example.com", "not-the-password")
        .await
        .expect(401);
    assert_eq!(wrong, unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_family() {
    let server = TestApp::start().await;
    register(&server.client, "r@example.com").await;
    let session = log_in(&server.client, "r@example.com", "eight-or-more")
        .await
        .expect(200);
    let first = text(&session, "refresh_token");
    let refresh = |token: &str| {
        let body = json!({"refresh_token": token});
        let client = server.client.clone();
        async move { client.post("/refresh", None, body).await }
    };
    let second = text(&refresh(&first).await.expect(200), "refresh_token");
    // A client that lost the answer may repeat it for a moment, with the same successor.
    assert_eq!(
        text(&refresh(&first).await.expect(200), "refresh_token"),
        second
    );
    let third = text(&refresh(&second).await.expect(200), "refresh_token");
    server.clock.forward(std::time::Duration::from_secs(11));
    refresh(&first).await.expect(401);
    let after_reuse = refresh(&third).await;
    assert_eq!(after_reuse.status, 401, "the whole family has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_ends_live_connections() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let counselor = Counselor::new(&server.client, &admin, "상담").await;
    let mut bell = counselor.waits().await;
    let path = "/api/v1/counselors/auth/logout";
    let answer = server
        .client
        .post(path, Some(&counselor.token), json!({}))
        .await;
    assert_eq!(answer.status, 204);
    assert_eq!(bell.closed().await, 4401);
    counselor.becomes("waiting").await.expect(401);
    let list = server
        .client
        .get("/api/v1/counselors/", None)
        .await
        .expect(200);
    assert_eq!(list["counselors"][0]["status"], "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_every_other_session() {
    let server = TestApp::start().await;
    register(&server.client, "p@example.com").await;
    let one = log_in(&server.client, "p@example.com", "eight-or-more")
        .await
        .expect(200);
    let two = log_in(&server.client, "p@example.com", "eight-or-more")
        .await
        .expect(200);
    let token = text(&one, "access_token");
    let change =
        |current: &str| json!({"current_password": current, "new_password": "another-one"});
    server
        .client
        .post("/change-password", Some(&token), change("wrong-one"))
        .await
        .expect(403);
    server
        .client
        .post("/change-password", Some(&token), change("eight-or-more"))
        .await
        .expect(200);
    let ticket = |token: String| {
        let client = server.client.clone();
        async move {
            client
                .post("/auth/ws-ticket", Some(&token), json!({}))
                .await
                .status
        }
    };
    assert_eq!(ticket(token).await, 201);
    assert_eq!(ticket(text(&two, "access_token")).await, 401);
    log_in(&server.client, "p@example.com", "eight-or-more")
        .await
        .expect(401);
    log_in(&server.client, "p@example.com", "another-one")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_makes_users_and_a_deactivated_one_is_out() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let made = register(&server.client, "u@example.com").await;
    let session = log_in(&server.client, "u@example.com", "eight-or-more")
        .await
        .expect(200);
    let token = text(&session, "access_token");
    let body = json!({
        "role": "auditor", "name": "감사", "email": "a@example.com", "password": "eight-or-more",
    });
    server
        .client
        .post("/admin/users", Some(&token), &body)
        .await
        .expect(403);
    server
        .client
        .post("/admin/users", None, &body)
        .await
        .expect(401);
    server
        .client
        .post("/admin/users", Some(&admin), &body)
        .await
        .expect(201);
    let path = format!("/admin/users/{}", made["user_id"]);
    server
        .client
        .patch(&path, Some(&admin), json!({"active": false}))
        .await
        .expect(200);
    let refused = server
        .client
        .post("/auth/ws-ticket", Some(&token), json!({}))
        .await;
    assert_eq!(refused.status, 401);
    log_in(&server.client, "u@example.com", "eight-or-more")
        .await
        .expect(401);
    server
        .client
        .patch(&path, Some(&admin), json!({"active": true}))
        .await
        .expect(200);
    log_in(&server.client, "u@example.com", "eight-or-more")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_so_before_what_is_wrong_with_the_body() {
    let server = TestApp::start().await;
    let made = register(&server.client, "u@example.com").await;
    let session = log_in(&server.client, "u@example.com", "eight-or-more")
        .await
        .expect(200);
    let token = text(&session, "access_token");
    let path = format!("/admin/users/{}", text(&made, "id"));
    for (caller, status) in [(None, 401), (Some(token.as_str()), 403)] {
        let wrong = json!({"role": 5, "active": "no"});
        let made = server.client.post("/admin/users", caller, &wrong).await;
        assert_eq!(made.status, status, "{}", made.body);
        let changed = server.client.patch(&path, caller, &wrong).await;
        assert_eq!(changed.status, status, "{}", changed.body);
    }
    let change = server
        .client
        .post("/change-password", None, json!({}))
        .await;
    assert_eq!(change.status, 401, "{}", change.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_reset_by_a_link_that_works_once() {
    let server = TestApp::start().await;
    let admin = admin_token(&server.client).await;
    let made = register(&server.client, "reset@example.com").await;
    let path = format!("/admin/users/{}/password-reset", text(&made, "id"));
    let reset = server
        .client
        .post(&path, Some(&admin), json!({}))
        .await
        .expect(201);
    let lasts = reset["expires_in"].as_u64();
    assert!(lasts.is_some_and(|seconds| (3_590..=3_600).contains(&seconds)));
    let body = json!({"token": reset["token"], "new_password": "brand-new-one"});
    server
        .client
        .post("/reset-password", None, &body)
        .await
        .expect(200);
    let again = server.client.post("/reset-password", None, &body).await;
    assert!(again.status >= 400, "{}", again.body);
    log_in(&server.client, "reset@example.com", "brand-new-one")
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_and_sessions_survive_a_restart() {
    let mut server = TestApp::start().await;
    register(&server.client, "stay@example.com").await;
    let session = log_in(&server.client, "stay@example.com", "eight-or-more")
        .await
        .expect(200);
    let gone = log_in(&server.client, "stay@example.com", "eight-or-more")
        .await
        .expect(200);
    let gone = text(&gone, "access_token");
    assert_eq!(
        server
            .client
            .post("/logout", Some(&gone), json!({}))
            .await
            .status,
        204
    );
    server.restart().await;
    let token = text(&session, "access_token");
    server
        .client
        .post("/auth/ws-ticket", Some(&token), json!({}))
        .await
        .expect(201);
    server
        .client
        .post("/auth/ws-ticket", Some(&gone), json!({}))
        .await
        .expect(401);
}
