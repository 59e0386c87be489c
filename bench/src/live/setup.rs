//! Counsellors and the people who ask for them, up to the point where both sit at their sockets.

use serde_json::json;

use crate::failure::Failure;
use crate::http::{Http, id, token};
use crate::server::{ADMIN_EMAIL, ADMIN_PASSWORD, Server};
use crate::socket::Socket;

/// Consultations that one counsellor takes; the server allows 100.
const EACH: usize = 90;

/// Where both sides of every consultation can be entered.
pub struct Consultation {
    pub user: String,
    pub counselor: String,
}

/// A client of the real server.
pub struct Setup(Http);

impl Setup {
    pub fn new(server: &Server) -> Self {
        Self(Http::new(server.address))
    }

    /// So many consultations, asked for and accepted.
    pub async fn consultations(&self, count: usize) -> Result<Vec<Consultation>, Failure> {
        let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
        let admin = token(&self.0.post("/login", None, &body).await?)?;
        let mut consultations = Vec::with_capacity(count);
        while consultations.len() < count {
            let share = EACH.min(count - consultations.len());
            let desk = Desk::open(&self.0, &admin, consultations.len()).await?;
            desk.takes(&self.0, share, &mut consultations).await?;
        }
        Ok(consultations)
    }
}

/// A counsellor at work.
struct Desk {
    id: u64,
    token: String,
    bell: Socket,
}

impl Desk {
    async fn open(http: &Http, admin: &str, number: usize) -> Result<Self, Failure> {
        let email = format!("counselor-{number}@example.com");
        let body = json!({
            "role": "counselor", "name": "상담사", "email": email, "password": "eight-or-more",
            "character_type_id": 1, "counseling_fields": [1],
        });
        http.post("/admin/users", Some(admin), &body).await?;
        let body = json!({"email": email, "password": "eight-or-more"});
        let path = "/api/v1/counselors/auth/login";
        let session = http.post(path, None, &body).await?;
        let (id, token) = (
            self::id(&session["user"]["counselor_id"])?,
            token(&session)?,
        );
        let path = format!("/ws/counselor/{id}/notifications?token={token}");
        let bell = Socket::connect(http.address, &path).await?;
        let path = "/api/v1/counselors/auth/status/waiting";
        http.put(path, &token, &json!({})).await?;
        Ok(Self { id, token, bell })
    }

    /// Lets so many people ask, one after the other, and accepts each of them.
    async fn takes(
        mut self,
        http: &Http,
        count: usize,
        consultations: &mut Vec<Consultation>,
    ) -> Result<(), Failure> {
        for _ in 0..count {
            let body = json!({"nickname": "바람", "quick_match": true});
            let path = "/api/v1/consultations/start";
            let started = http.post(path, None, &body).await?;
            let code = started["consultation_code"].as_str().unwrap_or_default();
            let rung = self.bell.expect("new_request").await?;
            let request = id(&rung["request"]["id"])?;
            let path = format!(
                "/api/v1/counselors/{}/dashboard/requests/{request}/accept",
                self.id
            );
            http.post(&path, Some(&self.token), &json!({})).await?;
            let user = format!("/ws/consultation/{code}");
            let counselor = format!("{user}?token={}", self.token);
            consultations.push(Consultation { user, counselor });
        }
        Ok(())
    }
}
