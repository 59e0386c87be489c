//! Rooms of each kind with the same two people in them, to be seen through every dialect.

use serde_json::json;

use crate::people::{Counselor, admin_token};
use crate::seat::{Dialect, Seat};
use crate::server::Client;
use crate::users::User;

/// A room, and who is in it.
#[derive(Clone)]
pub struct Meeting {
    pub kind: &'static str,
    pub room: u64,
    /// Of a consultation.
    pub code: Option<String>,
    /// Whoever began it is the first; of a consultation the second is the counsellor.
    pub people: Vec<User>,
}

impl Meeting {
    /// A consultation that somebody with an account has begun and a counsellor has accepted.
    pub async fn consultation(client: &Client) -> Self {
        let admin = admin_token(client).await;
        let counselor = Counselor::new(client, &admin, "상담사").await;
        let user = User::new(client, "한지우").await;
        let mut bell = counselor.waits().await;
        let body = json!({"nickname": "바람", "quick_match": true});
        let started = user.post("/api/v1/consultations/start", body).await;
        let code = started.expect(201)["consultation_code"].clone();
        let request = bell.expect("new_request").await["request"]["id"].clone();
        let request = request.as_u64().unwrap();
        let accepted = counselor.accepts(request).await.expect(200);
        bell.close().await;
        counselor.becomes("away").await.expect(200);
        Self {
            kind: "consultation",
            room: accepted["room_id"].as_u64().unwrap(),
            code: Some(code.as_str().unwrap().to_owned()),
            people: vec![user, counselor.user()],
        }
    }

    pub async fn direct(client: &Client) -> Self {
        let people = vec![
            User::new(client, "한지우").await,
            User::new(client, "이서준").await,
        ];
        Self {
            kind: "direct",
            room: people[0].meets(&people[1]).await,
            code: None,
            people,
        }
    }

    pub async fn group(client: &Client) -> Self {
        let people = vec![
            User::new(client, "한지우").await,
            User::new(client, "이서준").await,
        ];
        Self {
            kind: "group",
            room: people[0].gathers("산책", &[&people[1]]).await,
            code: None,
            people,
        }
    }

    /// One of each kind.
    pub async fn of_each_kind(client: &Client) -> [Self; 3] {
        [
            Self::consultation(client).await,
            Self::direct(client).await,
            Self::group(client).await,
        ]
    }

    /// Those that show the room.
    pub fn dialects(&self) -> &'static [Dialect] {
        match self.code {
            Some(_) => &[Dialect::Consultation, Dialect::Chat, Dialect::Feed],
            None => &[Dialect::Chat, Dialect::Feed],
        }
    }

    /// One of the people by one of the dialects.
    pub fn seat(&self, person: usize, dialect: Dialect) -> Seat {
        Seat {
            dialect,
            user: self.people[person].clone(),
            room: self.room,
            code: self.code.clone(),
            counsels: self.code.is_some() && person == 1,
        }
    }

    /// Each of the people by each of the dialects.
    pub fn seats(&self) -> Vec<Seat> {
        (0..self.people.len())
            .flat_map(|person| {
                let dialects = self.dialects().iter();
                dialects.map(move |dialect| self.seat(person, *dialect))
            })
            .collect()
    }
}
