//! What everybody is told of everything that happens: whom it concerns, in each dialect, and
//! nobody else.

use serde_json::{Value, json};
use tests::{
    ADMIN_EMAIL, ADMIN_PASSWORD, Counselor, Dialect, Form, Seat, TestApp, User, Visitor,
    admin_token, eventually,
};

use super::consultation::Consultation;
use super::listener::{Listener, kind};
use super::told_table::{CONSULTATIONS, Deed, GROUPS, IN_CONSULTATION, IN_GROUP, Told};

/// The columns of the table of groups.
const DIALECTS: [Dialect; 2] = [Dialect::Chat, Dialect::Feed];

/// What a deed is done to or with.
struct Scene<'a> {
    server: &'a TestApp,
    room: u64,
    /// Whom it is about.
    about: User,
    /// Whoever may send them away.
    creator: User,
    /// A message of theirs, and the newest, which is another's.
    own: u64,
    newest: u64,
}

impl Scene<'_> {
    fn path(&self, rest: &str) -> String {
        format!("/chat/rooms/{}{rest}", self.room)
    }

    fn message(&self) -> String {
        self.path(&format!("/messages/{}", self.own))
    }

    /// Before anybody listens.
    async fn prepares(&self, deed: Deed) {
        if deed == Deed::ReadsUnseen {
            let unseen = json!({"read_receipt_enabled": false});
            self.about
                .put(&self.path("/settings"), unseen)
                .await
                .expect(200);
        }
    }

    /// Does it; `by` is where the one it is about can say something.
    async fn does(&self, deed: Deed, by: &mut Listener) {
        let (about, client) = (&self.about, &self.server.client);
        let members = format!("/api/v1/chat/rooms/{}/members", self.room);
        match deed {
            Deed::Says => {
                about.says("말", self.room).await;
            }
            Deed::SaysWithAnIdOfTheirOwn => {
                let body = json!({"message_content": "말", "client_message_id": "1"});
                about.post(&self.path("/messages"), body).await.expect(201);
            }
            Deed::SendsAFile => {
                let form = Form::of("a.txt", b"words");
                about.sends(form, self.room).await.expect(201);
            }
            Deed::Edits => {
                let body = json!({"message_content": "고친 말"});
                about.put(&self.message(), body).await.expect(200);
            }
            Deed::Deletes => {
                about.delete(&self.message()).await.expect(200);
            }
            Deed::Reads | Deed::ReadsUnseen => {
                let body = json!({"message_id": self.newest});
                about.post(&self.path("/read"), body).await.expect(200);
            }
            Deed::Types => {
                let typing = json!({"type": "typing", "is_typing": true});
                by.socket.send(typing).await;
            }
            Deed::Joins => {
                let body = json!({"user_id": about.id});
                self.creator.post(&members, body).await.expect(201);
            }
            Deed::IsSentAway => {
                let path = format!("{members}/{}", about.id);
                self.creator.delete(&path).await.expect(200);
            }
            Deed::ChangesOwnSettings => {
                let body = json!({"notification_enabled": false});
                about.put(&self.path("/settings"), body).await.expect(200);
            }
            Deed::ChangesRetention => {
                let body = json!({"message_retention_days": 30});
                self.creator
                    .put(&self.path("/settings"), body)
                    .await
                    .expect(200);
            }
            Deed::IsRenamed => {
                let body = json!({"firstName": "새 이름"});
                let changed = client
                    .patch("/api/v1/users/me", Some(&about.token), body)
                    .await;
                changed.expect(200);
            }
            Deed::IsLockedOut => {
                let admin = admin_token(client).await;
                let path = format!("/admin/users/{}", about.uuid);
                let off = json!({"active": false});
                client.patch(&path, Some(&admin), off).await.expect(200);
            }
            Deed::SomebodyComes | Deed::SomebodyGoes | Deed::Ends | Deed::AnotherAsks => {}
        }
    }
}

/// Somebody's connections to a room, in each dialect.
async fn listens(server: &TestApp, user: &User, room: u64, who: &'static str) -> Vec<Listener> {
    let mut listeners = Vec::new();
    for dialect in DIALECTS {
        let seat = Seat {
            dialect,
            user: user.clone(),
            room,
            code: None,
            counsels: false,
        };
        listeners.push(Listener::on(&server.client, &seat.socket_path(), who).await);
    }
    listeners
}

/// What a frame is, and whether it has its sender's own id.
fn told(frame: &Value) -> String {
    let has_id = [frame, &frame["data"]]
        .iter()
        .any(|part| !part["client_message_id"].is_null());
    let with = if has_id { " with id" } else { "" };
    kind(frame) + with
}

/// Who listens, and what they are to be told.
type Expected = Vec<(Listener, Told)>;

/// What anybody was told and was not to be, or the other way round.
async fn differences(server: &TestApp, deed: Deed, all: Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut staying = Vec::new();
    for (mut listener, expected) in all {
        let connections = server.app().hub.subscribers();
        let (frames, closed) = listener.hears(server).await;
        let mut heard: Vec<_> = frames.iter().map(told).collect();
        // Whether they are told why before they are cut off is not settled.
        heard.retain(|kind| kind != "error account_inactive");
        heard.extend(closed.map(|code| code.to_string()));
        if heard != expected {
            let who = listener.who;
            wrong.push(format!("{deed:?}, to {who}: {heard:?}, not {expected:?}"));
        }
        if closed.is_none() {
            staying.push(listener);
            continue;
        }
        // The others are told of their going before they are asked what they heard.
        drop(listener);
        eventually("they have gone", || async {
            (server.app().hub.subscribers() < connections).then_some(())
        })
        .await;
    }
    wrong
}

/// Somebody who may be told nothing, and who listens to a room of their own.
async fn outsiders(server: &TestApp, former: User) -> Vec<(User, &'static str)> {
    let client = &server.client;
    let body = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let session = client.post("/login", None, body).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let admin = User {
        client: client.clone(),
        id: session["user"]["user_id"].as_u64().unwrap(),
        uuid: text(&session["user"]["id"]),
        name: "관리자".to_owned(),
        email: ADMIN_EMAIL.to_owned(),
        token: text(&session["access_token"]),
    };
    vec![
        (User::new(client, "남").await, "a stranger"),
        (former, "a former member"),
        (admin, "an administrator"),
    ]
}

/// One thing that happens in a group of its own, and who is told what.
async fn happens_in_a_group(server: &TestApp, deed: Deed, table: &[[Told; 3]; 2]) -> Vec<String> {
    let client = &server.client;
    let about = User::new(client, "한지우").await;
    let member = User::new(client, "이서준").await;
    let creator = User::new(client, "최하늘").await;
    let former = User::new(client, "박도윤").await;
    let spare = User::new(client, "정수아").await;
    let room = creator
        .gathers("모임", &[&about, &member, &former, &spare])
        .await;
    let own = about.says("내 말", room).await;
    let newest = member.says("남의 말", room).await;
    let mut away = vec![&former];
    away.extend((deed == Deed::Joins).then_some(&about));
    for user in away {
        let place = format!("/api/v1/chat/rooms/{room}/members/{}", user.id);
        creator.delete(&place).await.expect(200);
    }
    let scene = Scene {
        server,
        room,
        about: about.clone(),
        creator: creator.clone(),
        own,
        newest,
    };
    scene.prepares(deed).await;
    let mut all: Expected = Vec::new();
    for (person, (user, who)) in [about, member, creator].iter().zip(IN_GROUP).enumerate() {
        // Who is not in it yet listens elsewhere.
        let is_inside = deed != Deed::Joins || person > 0;
        let place = if is_inside {
            room
        } else {
            user.gathers("혼자", &[]).await
        };
        let listeners = listens(server, user, place, who).await;
        all.extend(
            listeners
                .into_iter()
                .zip(table.iter().map(|told| told[person])),
        );
    }
    for (user, who) in outsiders(server, former).await {
        let own = user.gathers("혼자", &[]).await;
        let listeners = listens(server, &user, own, who).await;
        all.extend(
            listeners
                .into_iter()
                .map(|listener| (listener, &[] as Told)),
        );
    }
    let goes = match deed {
        Deed::SomebodyGoes => Some(listens(server, &spare, room, "somebody").await),
        _ => None,
    };
    for (listener, _) in &mut all {
        listener.hears(server).await;
    }
    scene.does(deed, &mut all[0].0).await;
    let connections = server.app().hub.subscribers();
    let comes = match deed {
        Deed::SomebodyComes => Some(listens(server, &spare, room, "somebody").await),
        _ => None,
    };
    if let Some(goes) = goes {
        let left = connections - goes.len();
        drop(goes);
        eventually("they have gone", || async {
            (server.app().hub.subscribers() == left).then_some(())
        })
        .await;
    }
    let wrong = differences(server, deed, all).await;
    drop(comes);
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_a_group_is_told_to_whom_it_concerns_in_each_dialect() {
    let server = TestApp::start().await;
    let mut wrong = Vec::new();
    for (deed, table) in GROUPS {
        wrong.extend(happens_in_a_group(&server, *deed, table).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One thing that happens in a consultation of its own, and who is told what.
async fn happens_in_a_consultation(deed: Deed, table: &[Told; 4]) -> Vec<String> {
    let server = TestApp::start().await;
    let client = &server.client;
    let admin = admin_token(client).await;
    let consultation = Consultation::of(&server).await;
    let meeting = &consultation.meeting;
    let code = meeting.code.as_deref().unwrap();
    let [about, counselor] = [&meeting.people[0], &meeting.people[1]];
    let scene = Scene {
        server: &server,
        room: meeting.room,
        about: about.clone(),
        creator: counselor.clone(),
        own: about.says("내 말", meeting.room).await,
        newest: counselor.says("남의 말", meeting.room).await,
    };
    let other = Counselor::new(client, &admin, "기다리는 상담사").await;
    let bell = |number: u64| format!("/ws/counselor/{number}/notifications");
    let conversation = format!("/ws/consultation/{code}");
    let places = [
        (conversation.clone(), &about.token),
        (conversation, &counselor.token),
        (bell(consultation.counselor), &counselor.token),
        (bell(other.id), &other.token),
    ];
    let mut all: Expected = Vec::new();
    for (((path, token), who), told) in places.iter().zip(IN_CONSULTATION).zip(table) {
        let listener = Listener::at(client, path, Some(token.as_str()), who).await;
        all.push((listener, *told));
    }
    other.becomes("waiting").await.expect(200);
    // Somebody is waiting already.
    let rung = async |times: usize| {
        eventually("the bell rings", || async {
            (other.requests().await.len() == times).then_some(())
        })
        .await;
    };
    rung(1).await;
    for (listener, _) in &mut all {
        listener.hears(&server).await;
    }
    match deed {
        Deed::Ends => {
            let path = format!("/api/v1/consultations/{code}/end");
            about.post(&path, json!({})).await.expect(200);
        }
        Deed::AnotherAsks => {
            Visitor::asks(client, "다른 손님").await;
            rung(2).await;
        }
        _ => scene.does(deed, &mut all[0].0).await,
    }
    differences(&server, deed, all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_a_consultation_is_told_to_its_two_and_to_the_bell_it_concerns() {
    let mut wrong = Vec::new();
    for (deed, table) in CONSULTATIONS {
        wrong.extend(happens_in_a_consultation(*deed, table).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
