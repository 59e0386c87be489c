//! A client that acts on a frame the moment it arrives is never told that what it has just seen
//! does not exist.

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::{Dialect, Meeting, Seat, Socket, TestApp, User, long, seed};

/// Two people of a room: one does something, the other acts on it as soon as they hear of it.
struct Reflex {
    meeting: Meeting,
    /// By which dialect both listen.
    dialect: Dialect,
    own: Socket,
    others: Socket,
    random: StdRng,
}

/// The next frame of a kind; an error in between is one too many.
async fn heard(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let frame = socket.next().await;
        let frame = frame.unwrap_or_else(|code| panic!("closed {code} before {kind}"));
        assert_ne!(frame["type"], "error", "before {kind}: {frame}");
        if frame["type"] == kind {
            return frame;
        }
    }
}

/// Where the chat dialect has a message; the only one that changes it.
fn message_path(seat: &Seat, number: u64) -> String {
    format!("/chat/rooms/{}/messages/{number}", seat.room)
}

/// A field of a message's row in each dialect that shows the room, asked for at once.
async fn rows(meeting: &Meeting, person: usize, number: u64) -> Vec<(Seat, Value)> {
    let seats = meeting
        .dialects()
        .iter()
        .map(|dialect| meeting.seat(person, *dialect));
    let rows = seats.map(|seat| async move {
        let row = seat.row(number).await;
        let row = row.unwrap_or_else(|| panic!("{:?} does not show {number}", seat.dialect));
        (seat, row)
    });
    join_all(rows).await
}

impl Reflex {
    async fn of(meeting: Meeting, dialect: Dialect, seed: u64) -> Self {
        let own = meeting.seat(0, dialect).enters().await;
        let others = meeting.seat(1, dialect).enters().await;
        Self {
            meeting,
            dialect,
            own,
            others,
            random: StdRng::seed_from_u64(seed),
        }
    }

    fn seat(&self, person: usize) -> Seat {
        self.meeting.seat(person, self.dialect)
    }

    /// One says something, by any call there is; the other hears it before the call is answered,
    /// or after.
    async fn round(&mut self, text: &str) {
        let speaks = if self.random.random_bool(0.5) {
            Dialect::Chat
        } else {
            Dialect::Feed
        };
        let speaker = self.meeting.seat(0, speaks);
        let words = text.to_owned();
        let saying = tokio::spawn(async move { speaker.calls_to_say(&words).await.status });
        let number = loop {
            let frame = heard(&mut self.others, "message").await;
            if self.seat(1).told_text(&frame) == text {
                break self.seat(1).told_number(&frame);
            }
        };
        match self.random.random_range(0..4) {
            0 => self.fetches(number).await,
            1 => self.replies(number).await,
            2 => self.reads(number).await,
            _ => {
                let (fetched, replied) = (self.fetches(number), self.replies(number));
                tokio::join!(fetched, replied);
                self.reads(number).await;
            }
        }
        self.comes_back().await;
        assert_eq!(saying.await.unwrap(), 201);
        self.changes(number, text).await;
    }

    async fn fetches(&self, number: u64) {
        rows(&self.meeting, 1, number).await;
        let seat = self.seat(1);
        let path = format!("{}/history", message_path(&seat, number));
        seat.user.get(&path).await.expect(200);
    }

    async fn replies(&self, number: u64) {
        let seat = self.meeting.seat(1, Dialect::Chat);
        let body = json!({"message_content": "들었어요", "reply_to_message_id": number});
        seat.user
            .post(&seat.path("/messages"), body)
            .await
            .expect(201);
    }

    /// On the socket where the dialect's takes it, else by a call.
    async fn reads(&mut self, number: u64) {
        let seat = self.seat(1);
        match self.dialect {
            Dialect::Consultation | Dialect::Chat => {
                let read = json!({"type": "read", "message_id": number});
                self.others.send(read).await;
            }
            Dialect::Feed => {
                seat.user
                    .post(&seat.path("/read"), json!({}))
                    .await
                    .expect(200);
            }
        }
        let body = json!({"message_id": number});
        let chat = self.meeting.seat(1, Dialect::Chat);
        chat.user.post(&chat.path("/read"), body).await.expect(200);
    }

    /// Another connection goes on after what has just been heard.
    async fn comes_back(&self) {
        let mut socket = self.seat(1).returns(self.others.position).await;
        // Nothing else may have happened since: it is asked whether the connection stands.
        socket.send(json!({"type": "nothing"})).await;
        loop {
            let frame = socket.next().await;
            let frame = frame.unwrap_or_else(|code| panic!("closed {code} on coming back"));
            if frame["type"] == "error" {
                return assert_eq!(frame["status"], 400, "{frame}");
            }
        }
    }

    /// Its sender changes it on their own copy; the other looks at the change on hearing of it.
    async fn changes(&mut self, number: u64, text: &str) {
        let seat = self.seat(0);
        while seat.told_text(&heard(&mut self.own, "message").await) != text {}
        let path = message_path(&seat, number);
        let edited = format!("{text}, 고침");
        let (user, words) = (seat.user.clone(), edited.clone());
        let edit = path.clone();
        let editing = tokio::spawn(async move {
            let body = json!({"message_content": words});
            user.put(&edit, body).await.status
        });
        heard(&mut self.others, "message_edited").await;
        for (seat, row) in rows(&self.meeting, 1, number).await {
            assert_eq!(row[seat.text_field()], edited, "{:?}", seat.dialect);
        }
        assert_eq!(editing.await.unwrap(), 200);
        let user = seat.user.clone();
        let deleting = tokio::spawn(async move { user.delete(&path).await.status });
        heard(&mut self.others, "message_deleted").await;
        for (seat, row) in rows(&self.meeting, 1, number).await {
            assert_eq!(row[seat.text_field()], "", "{:?}", seat.dialect);
        }
        assert_eq!(deleting.await.unwrap(), 200);
    }

    /// Somebody is added, who comes in as soon as the others hear of it; and is removed.
    async fn welcomes(&mut self, newcomer: &User) {
        let (joined, left) = match self.dialect {
            Dialect::Consultation | Dialect::Chat => ("participant_joined", "participant_left"),
            Dialect::Feed => ("member_join", "member_leave"),
        };
        let members = self.meeting.seat(0, Dialect::Feed).path("/members");
        let (user, path) = (self.meeting.people[0].clone(), members.clone());
        let body = json!({"user_id": newcomer.id});
        let adding = tokio::spawn(async move { user.post(&path, body).await.status });
        assert_eq!(
            heard(&mut self.others, joined).await["user_id"],
            newcomer.id
        );
        for dialect in [Dialect::Chat, Dialect::Feed] {
            let seat = Seat {
                user: newcomer.clone(),
                ..self.meeting.seat(0, dialect)
            };
            let (shown, said) = tokio::join!(seat.messages(), seat.calls_to_say("안녕하세요"));
            assert!(shown.is_ok(), "{dialect:?}: {shown:?}");
            said.expect(201);
            let mut socket = seat.enters().await;
            socket.send(json!({"type": "nothing"})).await;
            assert_eq!(socket.expect("error").await["status"], 400);
        }
        assert_eq!(adding.await.unwrap(), 201);
        let user = self.meeting.people[0].clone();
        let path = format!("{members}/{}", newcomer.id);
        let removing = tokio::spawn(async move { user.delete(&path).await.status });
        heard(&mut self.others, left).await;
        let list = self.meeting.people[1].get(&members).await.expect(200);
        let rows = list["data"].as_array().unwrap();
        assert!(
            rows.iter().all(|row| row["user_id"] != newcomer.id),
            "{list}"
        );
        assert_eq!(removing.await.unwrap(), 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_exists_for_whoever_acts_on_it_at_once() {
    let rounds = if long() { 200 } else { 30 };
    let seed = seed();
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    // All at once: each is the others' load.
    let mut reflexes = Vec::new();
    for (index, dialect) in [Dialect::Consultation, Dialect::Chat, Dialect::Feed]
        .into_iter()
        .enumerate()
    {
        for meeting in Meeting::of_each_kind(&server.client).await {
            if meeting.dialects().contains(&dialect) {
                let newcomer = User::new(&server.client, "최하늘").await;
                let seed = seed ^ (index as u64) ^ (meeting.room << 8);
                let mut reflex = Reflex::of(meeting, dialect, seed).await;
                reflexes.push(tokio::spawn(async move {
                    for round in 0..rounds {
                        reflex.round(&format!("{round}")).await;
                        if reflex.meeting.kind == "group" && round % 5 == 0 {
                            reflex.welcomes(&newcomer).await;
                        }
                    }
                }));
            }
        }
    }
    for reflex in reflexes {
        reflex.await.unwrap();
    }
}
