//! Counsellors and the people who ask for them, up to the point where both sit at their sockets.

use serde_json::{Value, json};

use super::server::{ADMIN_EMAIL, ADMIN_PASSWORD, Server};
use super::socket::Socket;
use crate::failure::Failure;

/// Consultations that one counsellor takes; the server allows 100.
const EACH: usize = 90;

/// Where both sides of every consultation can be entered.
pub struct Consultation {
    pub user: String,
    pub counselor: String,
}

/// A client of the real server.
pub struct Setup<'a> {
    server: &'a Server,
    http: reqwest::Client,
}

impl<'a> Setup<'a> {
    pub fn new(server: &'a Server) -> Self {
        Self {
            server,
            http: reqwest::Client::new(),
        }
    }

    /// So many consultations, asked for and accepted.
    pub async fn consultations(&self, count: usize) -> Result<Vec<Consultation>, Failure> {
        let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
        let admin = token(&self.post("/login", None, &body).await?)?;
        let mut consultations = Vec::with_capacity(count);
        while consultations.len() < count {
            let share = EACH.min(count - consultations.len());
            let desk = Desk::open(self, &admin, consultations.len()).await?;
            desk.takes(self, share, &mut consultations).await?;
        }
        Ok(consultations)
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.server.address);
        self.answer(self.http.post(url).json(body), token).await
    }

    async fn put(&self, path: &str, token: &str) -> Result<Value, Failure> {
        let url = format!("http://{}{path}", self.server.address);
        self.answer(self.http.put(url).json(&json!({})), Some(token))
            .await
    }

    async fn answer(
        &self,
        request: reqwest::RequestBuilder,
        token: Option<&str>,
    ) -> Result<Value, Failure> {
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await?;
        let (status, url) = (answer.status(), answer.url().to_string());
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(Failure::Wrong(format!("{url} answered {status}: {text}")));
        }
        serde_json::from_str(&text).map_err(|_| Failure::Wrong(format!("{url} answered {text}")))
    }
}

/// A counsellor at work.
struct Desk {
    id: u64,
    token: String,
    bell: Socket,
}

impl Desk {
    async fn open(setup: &Setup<'_>, admin: &str, number: usize) -> Result<Self, Failure> {
        let email = format!("counselor-{number}@example.com");
        let body = json!({
            "role": "counselor", "name": "상담사", "email": email, "password": "eight-or-more",
            "character_type_id": 1, "counseling_fields": [1],
        });
        setup.post("/admin/users", Some(admin), &body).await?;
        let body = json!({"email": email, "password": "eight-or-more"});
        let path = "/api/v1/counselors/auth/login";
        let session = setup.post(path, None, &body).await?;
        let (id, token) = (
            number_in(&session["user"]["counselor_id"])?,
            token(&session)?,
        );
        let path = format!("/ws/counselor/{id}/notifications?token={token}");
        let bell = Socket::connect(setup.server.address, &path).await?;
        setup
            .put("/api/v1/counselors/auth/status/waiting", &token)
            .await?;
        Ok(Self { id, token, bell })
    }

    /// Lets so many people ask, one after the other, and accepts each of them.
    async fn takes(
        mut self,
        setup: &Setup<'_>,
        count: usize,
        consultations: &mut Vec<Consultation>,
    ) -> Result<(), Failure> {
        for _ in 0..count {
            let body = json!({"nickname": "바람", "quick_match": true});
            let path = "/api/v1/consultations/start";
            let started = setup.post(path, None, &body).await?;
            let code = started["consultation_code"].as_str().unwrap_or_default();
            let rung = self.bell.expect("new_request").await?;
            let request = number_in(&rung["request"]["id"])?;
            let path = format!(
                "/api/v1/counselors/{}/dashboard/requests/{request}/accept",
                self.id
            );
            setup.post(&path, Some(&self.token), &json!({})).await?;
            let user = format!("/ws/consultation/{code}");
            let counselor = format!("{user}?token={}", self.token);
            consultations.push(Consultation { user, counselor });
        }
        Ok(())
    }
}

fn token(session: &Value) -> Result<String, Failure> {
    session["access_token"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| Failure::Wrong(format!("no token in {session}")))
}

fn number_in(value: &Value) -> Result<u64, Failure> {
    value
        .as_u64()
        .ok_or_else(|| Failure::Wrong(format!("{value} is no id")))
}
