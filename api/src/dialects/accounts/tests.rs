//! Accounts as a client sees them, over the real router and the real stores.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::clock::{Clock, SystemClock};
use crate::router::{self, Service};
use crate::settings::Settings;
use crate::start::{Running, start};

const ADMIN: &str = "admin@example.com";
const PASSWORD: &str = "eight-or-more";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    #[track_caller]
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    fn position(&self) -> &str {
        self.headers["x-position"].to_str().unwrap()
    }
}

struct Server {
    running: Running,
    service: Service,
    folder: TempDir,
}

impl Server {
    async fn start() -> Self {
        Self::with("").await
    }

    /// With further settings, as lines of TOML.
    async fn with(more: &str) -> Self {
        Self::on(tempfile::tempdir().unwrap(), more).await
    }

    async fn on(folder: TempDir, more: &str) -> Self {
        let quick = [
            "auth.argon2_memory = \"64KiB\"",
            "auth.argon2_iterations = 1",
            "limits.login_per_minute = 0",
        ];
        let replaced = |line: &&str| !more.starts_with(line.split(' ').next().unwrap_or(line));
        let quick: Vec<_> = quick.into_iter().filter(replaced).collect();
        let text = format!(
            "admin.email = \"{ADMIN}\"\nadmin.password = \"{PASSWORD}\"\n{}\n{more}\n",
            quick.join("\n")
        );
        let file = folder.path().join("test.toml");
        std::fs::write(&file, text).unwrap();
        let settings = Settings::for_tests(folder.path(), &file).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let running = start(settings, clock).await.unwrap();
        let service = router::service(&running.app);
        Self {
            running,
            service,
            folder,
        }
    }

    async fn restart(self, more: &str) -> Self {
        let Self {
            running,
            service,
            folder,
        } = self;
        // It holds the stores, too.
        drop(service);
        running.stop().await;
        Self::on(folder, more).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(header::HeaderName, String)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            body,
        }
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &bearer(token), &body).await
    }

    async fn register(&self, email: &str) -> Value {
        let body = json!({"name": "한별", "email": email, "password": PASSWORD});
        self.post("/register", "", body).await.expect(201)
    }

    async fn log_in(&self, email: &str) -> Value {
        let body = json!({"email": email, "password": PASSWORD});
        self.post("/login", "", body).await.expect(200)
    }

    async fn admin(&self) -> String {
        text(&self.log_in(ADMIN).await, "access_token")
    }

    async fn change(&self, admin: &str, user: &Value, change: Value) -> Value {
        let path = format!("/admin/users/{}", user["user_id"]);
        self.send(Method::PATCH, &path, &bearer(admin), &change)
            .await
            .expect(200)
    }

    async fn counselor(&self, admin: &str, email: &str) -> Value {
        let body = json!({
            "role": "counselor", "name": "김상담사", "email": email, "password": PASSWORD,
            "character_type_id": 1, "counseling_fields": [1, 1], "max_active": 2,
        });
        self.post("/admin/users", admin, body).await.expect(201)
    }

    async fn set_status(&self, token: &str, status: &str) -> Answer {
        let path = format!("/api/v1/counselors/auth/status/{status}");
        self.send(Method::PUT, &path, &bearer(token), &Value::Null)
            .await
    }
}

fn bearer(token: &str) -> Vec<(header::HeaderName, String)> {
    match token {
        "" => Vec::new(),
        token => vec![(header::AUTHORIZATION, format!("Bearer {token}"))],
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} in {value}"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named() {
    let server = Server::start().await;
    let bad = server
        .post(
            "/register",
            "",
            json!({"email": "nobody", "password": "short"}),
        )
        .await;
    let named: Vec<_> = bad.expect(422)["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| text(problem, "msg") + &problem["loc"].to_string())
        .collect();
    for field in ["name", "email", "password"] {
        assert!(
            named
                .iter()
                .any(|one| one.ends_with(&format!("[\"body\",\"{field}\"]"))),
            "{named:?}"
        );
    }
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_registration_is_one_account() {
    let server = Server::start().await;
    let body = json!({"name": "둘", "email": "twice@example.com", "password": PASSWORD});
    let with_key = |key: &str| vec![(crate::once::IDEMPOTENCY_KEY, key.to_owned())];
    let key = with_key("0190b5a4-7d1e-7c3a-8f52-1b2c3d4e5f60");
    let (one, two) = tokio::join!(
        server.send(Method::POST, "/register", &key, &body),
        server.send(Method::POST, "/register/", &key, &body),
    );
    assert_eq!(one.position(), two.position());
    assert_eq!(one.expect(201), two.expect(201));
    let other = json!({"name": "셋", "email": "twice@example.com", "password": PASSWORD});
    server
        .send(Method::POST, "/register", &key, &other)
        .await
        .expect(409);
    server
        .send(Method::POST, "/register", &with_key("no-uuid"), &body)
        .await
        .expect(422);
    // A log-in takes no notice of any key.
    let credentials = json!({"email": "twice@example.com", "password": PASSWORD});
    server
        .send(Method::POST, "/login", &with_key("no-uuid"), &credentials)
        .await
        .expect(200);
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_presented_many_times_at_once_has_one_successor() {
    let server = Arc::new(Server::start().await);
    server.register("many@example.com").await;
    let session = server.log_in("many@example.com").await;
    let body = json!({"refresh_token": session["refresh_token"]});
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (server, body) = (Arc::clone(&server), body.clone());
            tokio::spawn(async move { server.post("/refresh", "", body).await.expect(200) })
        })
        .collect();
    let mut successors = std::collections::HashSet::new();
    for task in tasks {
        successors.insert(text(&task.await.unwrap(), "refresh_token"));
    }
    assert_eq!(successors.len(), 1);
    Arc::into_inner(server).unwrap().running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counselor_follows_the_role_and_activity_of_their_account() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let made = server.counselor(&admin, "c@example.com").await;
    let login = "/api/v1/counselors/auth/login";
    let credentials = json!({"email": "c@example.com", "password": PASSWORD});
    let session = server
        .post(login, "", credentials.clone())
        .await
        .expect(200);
    assert_eq!(session["user"]["counselor_id"], made["counselor_id"]);
    let token = text(&session, "access_token");
    let waiting = server.set_status(&token, "waiting").await.expect(200);
    assert_eq!(waiting["counselor_id"], made["counselor_id"]);
    let again = server.set_status(&token, "waiting").await.expect(200);
    assert_eq!(again["changed_at"], waiting["changed_at"]);
    server.set_status(&token, "asleep").await.expect(422);

    let demoted = server.change(&admin, &made, json!({"role": "user"})).await;
    assert_eq!(demoted["counselor_id"], Value::Null);
    server.set_status(&token, "away").await.expect(401);
    server
        .post(login, "", credentials.clone())
        .await
        .expect(403);
    let user = text(&server.log_in("c@example.com").await, "access_token");
    server.set_status(&user, "waiting").await.expect(403);

    let promoted = server
        .change(&admin, &made, json!({"role": "counselor"}))
        .await;
    assert_eq!(promoted["counselor_id"], made["counselor_id"]);
    let token = text(
        &server.post(login, "", credentials).await.expect(200),
        "access_token",
    );
    server.set_status(&token, "waiting").await.expect(200);
    server.change(&admin, &made, json!({"active": false})).await;
    let list = server
        .send(Method::GET, "/api/v1/counselors", &[], &Value::Null)
        .await
        .expect(200);
    assert!(
        list["counselors"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["status"] != "waiting")
    );
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_role_voids_the_sessions_of_the_old_one() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let made = server.register("role@example.com").await;
    let session = server.log_in("role@example.com").await;
    let changed = server
        .change(&admin, &made, json!({"role": "auditor"}))
        .await;
    assert_eq!(changed["role"], "auditor");
    let token = text(&session, "access_token");
    server
        .post("/auth/ws-ticket", &token, json!({}))
        .await
        .expect(401);
    let refresh = json!({"refresh_token": session["refresh_token"]});
    server.post("/refresh", "", refresh).await.expect(401);
    assert_eq!(
        server.log_in("role@example.com").await["user"]["role"],
        "auditor"
    );
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_alone_logs_out_as_well() {
    let server = Server::start().await;
    server.register("out@example.com").await;
    let session = server.log_in("out@example.com").await;
    let body = json!({"refresh_token": session["refresh_token"]});
    server.post("/logout", "", json!({})).await.expect(401);
    server.post("/logout", "", body.clone()).await.expect(204);
    server.post("/refresh", "", body).await.expect(401);
    let token = text(&session, "access_token");
    server
        .post("/auth/ws-ticket", &token, json!({}))
        .await
        .expect(401);
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_way_of_hashing_is_taken_up_at_the_next_log_in_and_ends_no_session() {
    let server = Server::start().await;
    let made = server.register("hash@example.com").await;
    let before = server.log_in("hash@example.com").await;
    let id = domain::AccountId(text(&made, "id").parse().unwrap());
    let server = server.restart("auth.argon2_memory = \"128KiB\"").await;
    server.log_in("hash@example.com").await;
    server.log_in("hash@example.com").await;
    let known = server
        .running
        .app
        .commands
        .known_account(id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(known.version, 2, "registered, and hashed anew once");
    assert!(known.password_hash.unwrap().contains("m=128,"));
    let refresh = json!({"refresh_token": before["refresh_token"]});
    server.post("/refresh", "", refresh).await.expect(200);
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_log_ins_are_told_when_to_try_again() {
    let server = Server::with("limits.login_per_minute = 3").await;
    let body = json!({"email": "guess@example.com", "password": "a guess"});
    for _ in 0..3 {
        server.post("/login", "", body.clone()).await.expect(401);
    }
    let refused = server.post("/login", "", body).await;
    assert!(refused.headers.contains_key(header::RETRY_AFTER));
    refused.expect(429);
    let other = json!({"email": "other@example.com", "password": "a guess"});
    server.post("/login", "", other).await.expect(401);
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_alone_makes_an_administrator() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let path = "/admin/users";
    let guest =
        json!({"role": "guest", "name": "가", "email": "g@example.com", "password": PASSWORD});
    server.post(path, &admin, guest).await.expect(422);
    let server = server.restart("").await;
    assert_eq!(server.running.made_password, None);
    server.admin().await;
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counselor_is_of_the_catalogue_and_a_link_is_the_same_when_asked_for_again() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let body = json!({
        "role": "counselor", "name": "가", "email": "x@example.com", "password": PASSWORD,
        "character_type_id": 99_999, "counseling_fields": [1, 99_999], "max_active": 0,
    });
    let refused = server.post("/admin/users", &admin, body).await.expect(422);
    assert_eq!(refused["detail"].as_array().unwrap().len(), 3, "{refused}");

    let made = server.register("link@example.com").await;
    let path = format!("/admin/users/{}/password-reset", made["user_id"]);
    let mut headers = bearer(&admin);
    headers.push((crate::once::IDEMPOTENCY_KEY, "once".to_owned()));
    let first = server.send(Method::POST, &path, &headers, &json!({})).await;
    let again = server.send(Method::POST, &path, &headers, &json!({})).await;
    assert_eq!(first.position(), again.position());
    assert_eq!(
        text(&first.expect(201), "token"),
        text(&again.expect(201), "token")
    );
    server
        .post("/admin/users/999999999/password-reset", &admin, json!({}))
        .await
        .expect(404);
    server.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_tokens_are_public() {
    let server = Server::start().await;
    let path = "/.well-known/jwks.json";
    let keys = server
        .send(Method::GET, path, &[], &Value::Null)
        .await
        .expect(200);
    assert_eq!(keys["keys"][0]["alg"], "EdDSA");
    assert!(
        keys["keys"][0].get("d").is_none(),
        "the private part stays private"
    );
    server.running.stop().await;
}
