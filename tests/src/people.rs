//! The people of the tests, in verbs.

use serde_json::{Value, json};

use crate::server::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, Client};
use crate::socket::Socket;
use crate::users::User;

/// A token of the first administrator.
pub async fn admin_token(client: &Client) -> String {
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let session = client.post("/login", None, body).await.expect(200);
    session["access_token"].as_str().unwrap().to_owned()
}

/// A counsellor who is logged in.
#[derive(Clone)]
pub struct Counselor {
    pub client: Client,
    pub id: u64,
    /// The integer of their account.
    pub account: u64,
    pub uuid: String,
    pub name: String,
    pub email: String,
    pub token: String,
    pub refresh_token: String,
}

impl Counselor {
    /// Registered by the administrator, and logged in.
    pub async fn new(client: &Client, admin: &str, name: &str) -> Self {
        Self::with(client, admin, name, json!({})).await
    }

    /// With further fields of the registration.
    pub async fn with(client: &Client, admin: &str, name: &str, more: Value) -> Self {
        let email = format!("{}@example.com", uuid::Uuid::from_u128(rand::random()));
        let mut body = json!({
            "role": "counselor", "name": name, "email": email, "password": "eight-or-more",
            "character_type_id": 1, "counseling_fields": [1],
        });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let made = client
            .post("/admin/users", Some(admin), body)
            .await
            .expect(201);
        let login = json!({"email": email, "password": "eight-or-more"});
        let session = client
            .post("/api/v1/counselors/auth/login", None, login)
            .await
            .expect(200);
        Self {
            client: client.clone(),
            id: session["user"]["counselor_id"]
                .as_u64()
                .expect("a counsellor's log-in names it"),
            account: session["user"]["user_id"].as_u64().unwrap(),
            uuid: made["id"].as_str().unwrap().to_owned(),
            name: name.to_owned(),
            email,
            token: session["access_token"].as_str().unwrap().to_owned(),
            refresh_token: session["refresh_token"].as_str().unwrap().to_owned(),
        }
    }

    /// What they are beside: somebody with an account.
    pub fn user(&self) -> User {
        User {
            client: self.client.clone(),
            id: self.account,
            uuid: self.uuid.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            token: self.token.clone(),
        }
    }

    /// Opens the notification socket and takes calls.
    pub async fn waits(&self) -> Socket {
        let socket = self.listens().await;
        self.becomes("waiting").await.expect(200);
        socket
    }

    pub async fn listens(&self) -> Socket {
        let path = format!(
            "/ws/counselor/{}/notifications?token={}",
            self.id, self.token
        );
        self.client.socket(&path).await
    }

    /// Listens, with what came after a position first.
    pub async fn returns(&self, after: u64) -> Socket {
        let path = format!(
            "/ws/counselor/{}/notifications?token={}&after={after}",
            self.id, self.token
        );
        let mut socket = self.client.socket(&path).await;
        socket.position = after;
        socket
    }

    pub async fn becomes(&self, status: &str) -> Answer {
        let path = format!("/api/v1/counselors/auth/status/{status}");
        self.client.put(&path, Some(&self.token), json!({})).await
    }

    fn dashboard(&self, path: &str) -> String {
        format!("/api/v1/counselors/{}/dashboard/{path}", self.id)
    }

    pub async fn sees(&self, path: &str) -> Answer {
        self.client
            .get(&self.dashboard(path), Some(&self.token))
            .await
    }

    /// The pending requests.
    pub async fn requests(&self) -> Vec<Value> {
        let list = self.sees("requests").await.expect(200);
        list["requests"].as_array().unwrap().clone()
    }

    pub async fn accepts(&self, request: u64) -> Answer {
        let path = self.dashboard(&format!("requests/{request}/accept"));
        self.client.post(&path, Some(&self.token), json!({})).await
    }

    pub async fn rejects(&self, request: u64) -> Answer {
        let path = self.dashboard(&format!("requests/{request}/reject"));
        self.client.post(&path, Some(&self.token), json!({})).await
    }

    pub async fn enters(&self, code: &str) -> Socket {
        self.client
            .socket(&format!("/ws/consultation/{code}?token={}", self.token))
            .await
    }
}

/// Somebody who asks for a consultation, without an account.
#[derive(Clone)]
pub struct Visitor {
    pub client: Client,
    pub code: String,
    pub started: Value,
}

impl Visitor {
    /// Asks all who are waiting.
    pub async fn asks(client: &Client, nickname: &str) -> Self {
        Self::asks_with(client, json!({"nickname": nickname, "quick_match": true})).await
    }

    pub async fn asks_with(client: &Client, body: Value) -> Self {
        let started = client
            .post("/api/v1/consultations/start", None, body)
            .await
            .expect(201);
        let code = started["consultation_code"].as_str().unwrap().to_owned();
        Self {
            client: client.clone(),
            code,
            started,
        }
    }

    pub fn path(&self, path: &str) -> String {
        format!("/api/v1/consultations/{}{path}", self.code)
    }

    pub async fn enters(&self) -> Socket {
        self.client
            .socket(&format!("/ws/consultation/{}", self.code))
            .await
    }

    /// None where the server is gone before it is done.
    pub async fn tries_to_enter(&self) -> Option<Socket> {
        let url = format!("ws://{}/ws/consultation/{}", self.client.address, self.code);
        let (stream, _) = tokio_tungstenite::connect_async(url).await.ok()?;
        Some(stream.into())
    }

    pub async fn returns(&self, after: u64) -> Socket {
        self.client
            .socket(&format!("/ws/consultation/{}?after={after}", self.code))
            .await
    }

    pub async fn sees(&self) -> Value {
        self.client.get(&self.path(""), None).await.expect(200)
    }

    pub async fn history(&self) -> Vec<Value> {
        let page = self
            .client
            .get(&self.path("/messages?page_size=200"), None)
            .await
            .expect(200);
        page["messages"].as_array().unwrap().clone()
    }

    pub async fn ends(&self) -> Answer {
        self.client.post(&self.path("/end"), None, json!({})).await
    }
}
