//! The room of a consultation, as chat and feed show it: to its two, if they have accounts.

use tests::{Counselor, Form, Meeting, TestApp, User, Visitor, admin_token};

use super::asks;
use super::table::{CALLS, IN_CONSULTATIONS, SOCKETS};

/// Of those below, whoever is in no room of theirs.
pub const OUTSIDE: usize = 5;

/// Whoever may come, in the order of the columns.
pub const WHO: [&str; OUTSIDE + 2] = [
    "anonymous",
    "guest",
    "stranger",
    "counselor",
    "admin",
    "user",
    "their counselor",
];

pub struct Consultation {
    pub meeting: Meeting,
    file: String,
    pub stranger: User,
    /// The counsellor's integer.
    pub counselor: u64,
    /// Of those outside, then of whoever asked for it, then of the counsellor.
    pub tokens: Vec<Option<String>>,
}

impl Consultation {
    pub async fn of(server: &TestApp) -> Self {
        let client = &server.client;
        let meeting = Meeting::consultation(client).await;
        let [user, counselor] = [&meeting.people[0], &meeting.people[1]];
        let code = meeting.code.as_deref().unwrap();
        let shown = user.get(&format!("/api/v1/consultations/{code}")).await;
        let number = shown.expect(200)["counselor_id"].as_u64().unwrap();
        let sent = user.sends(Form::of("a.txt", b"words"), meeting.room).await;
        let file = sent.expect(201)["file_url"].as_str().unwrap().to_owned();
        let admin = admin_token(client).await;
        let stranger = User::new(client, "남").await;
        let other = Counselor::new(client, &admin, "다른 상담사").await;
        let guest = Visitor::asks(client, "다른 손님").await;
        let guest = guest.started["access_token"].as_str().unwrap().to_owned();
        let tokens = vec![
            None,
            Some(guest),
            Some(stranger.token.clone()),
            Some(other.token),
            Some(admin),
            Some(user.token.clone()),
            Some(counselor.token.clone()),
        ];
        assert_eq!(tokens.len(), OUTSIDE + 2);
        Self {
            meeting,
            file,
            stranger,
            counselor: number,
            tokens,
        }
    }

    async fn path(&self, documented: &str) -> String {
        let room = self.meeting.room;
        let mut path = documented.replace("{room_id}", &room.to_string());
        path = path.replace("/files/{id}", &self.file);
        path = path.replace("{user_id}", &self.meeting.people[1].id.to_string());
        if path.contains("{message_id}") {
            let message = self.meeting.people[0].says("말", room).await;
            path = path.replace("{message_id}", &message.to_string());
        }
        path
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_of_a_consultation_is_open_to_its_two_and_to_nobody_else() {
    let server = TestApp::start().await;
    let scene = Consultation::of(&server).await;
    let mut wrong = Vec::new();
    for (method, documented, rest, body, statuses) in CALLS {
        let other = IN_CONSULTATIONS.iter().find(|(its_method, path, part, _)| {
            (its_method, path) == (method, documented) && body.contains(part)
        });
        let member = statuses[OUTSIDE + 1];
        let inside = other.map_or([member, member], |(_, _, _, statuses)| *statuses);
        let expected = statuses[..OUTSIDE].iter().copied().chain(inside);
        let body = body.replace("SPARE", &scene.stranger.id.to_string());
        for ((who, token), expected) in WHO.iter().zip(&scene.tokens).zip(expected) {
            let path = scene.path(documented).await + rest;
            let answer = asks(&server.client, method, &path, token.as_deref(), &body).await;
            if answer.status != expected {
                let (status, said) = (answer.status, answer.body);
                wrong.push(format!(
                    "{method} {path} {body} by {who}: {status}, not {expected}: {said}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn its_sockets_let_in_its_two() {
    let server = TestApp::start().await;
    let scene = Consultation::of(&server).await;
    for (documented, codes) in SOCKETS {
        let expected = codes[..OUTSIDE].iter().copied().chain([0, 0]);
        for (token, expected) in scene.tokens.iter().zip(expected) {
            let mut path = scene.path(documented).await;
            if let Some(token) = token {
                path = format!("{path}?token={token}");
            }
            let mut socket = server.client.socket(&path).await;
            if expected > 0 {
                assert_eq!(socket.closed().await, expected, "{path}");
                continue;
            }
            scene.meeting.people[0]
                .says("들려요?", scene.meeting.room)
                .await;
            socket.expect("message").await;
            socket.close().await;
        }
    }
}
