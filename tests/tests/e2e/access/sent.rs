//! Every frame that a client may send, by everybody who may come: what it is answered, what the
//! others are told, and what is recorded. What is refused tells nothing and changes nothing.

use tests::{TestApp, User, eventually};

use super::Scene;
use super::consultation::{self, Consultation};
use super::listener::{Listener, kind, with_token};
use super::sent_table::{Frame, IN_CONSULTATIONS, IN_GROUPS, Outcome, UNHEARD};
use super::table::{SOCKETS, WHO};

/// Events read at a time.
const PAGE: usize = 100;

/// What came of a frame.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// Errors on the connection that sent it, and the close code.
    answered: Vec<String>,
    /// By listener.
    told: Vec<Vec<String>>,
    recorded: Vec<String>,
}

impl Seen {
    fn of(outcome: &Outcome) -> Self {
        let words = |word: &str| -> Vec<String> {
            let word = Some(word).filter(|word| !word.is_empty());
            word.into_iter().map(str::to_owned).collect()
        };
        let nothing = || Self {
            answered: Vec::new(),
            told: vec![Vec::new(); 2],
            recorded: Vec::new(),
        };
        match outcome {
            Outcome::Closed(code) => Self {
                answered: vec![code.to_string()],
                ..nothing()
            },
            Outcome::Refused(code) => Self {
                answered: vec![format!("error {code}")],
                ..nothing()
            },
            Outcome::Done { told, recorded } => Self {
                told: told.iter().map(|word| words(word)).collect(),
                recorded: words(recorded),
                ..nothing()
            },
        }
    }
}

/// What the server records by itself, and that a counsellor can be reached now.
const ASIDE: [&str; 2] = ["log.sealed", "counselor.socket_opened"];

/// What was recorded after a position.
async fn recorded(server: &TestApp, after: u64) -> Vec<String> {
    let page = server.app().store.read_all(after, PAGE).await.unwrap();
    let kinds = page.events.iter().map(|event| event.event_type.to_string());
    kinds
        .filter(|kind| !ASIDE.contains(&kind.as_str()))
        .collect()
}

/// Sends one frame as soon as it can be sent, and sees what comes of it.
async fn sends(server: &TestApp, at: &str, frame: &str, others: &mut [Listener; 2]) -> Seen {
    let connections = server.app().hub.subscribers();
    let mut socket = server.client.socket(at).await;
    let position = server.app().store.head().await.unwrap();
    socket.try_send_text(frame).await;
    let mut sender = Listener {
        who: "the sender",
        socket,
    };
    let (answers, closed) = sender.hears(server).await;
    let answers = answers
        .iter()
        .map(kind)
        .filter(|kind| kind.starts_with("error"));
    let mut answered: Vec<String> = answers.collect();
    answered.extend(closed.map(|code| code.to_string()));
    let mut told = Vec::new();
    for other in others.iter_mut() {
        let mut kinds = other.hears_kinds(server).await;
        kinds.retain(|kind| !UNHEARD.contains(&kind.as_str()));
        told.push(kinds);
    }
    let recorded = recorded(server, position).await;
    drop(sender);
    eventually("they have gone", || async {
        (server.app().hub.subscribers() <= connections).then_some(())
    })
    .await;
    // What their going tells is no answer to the next one.
    for other in others.iter_mut() {
        other.hears(server).await;
    }
    Seen {
        answered,
        told,
        recorded,
    }
}

/// A frame as it stands in the table, about things that are there.
fn about(frame: &str, message: u64, elsewhere: u64, person: u64) -> String {
    let frame = frame.replace("MESSAGE", &message.to_string());
    let frame = frame.replace("ELSEWHERE", &elsewhere.to_string());
    frame.replace("PERSON", &person.to_string())
}

fn compare(wrong: &mut Vec<String>, what: &str, seen: &Seen, expected: &Outcome) {
    let expected = Seen::of(expected);
    if *seen != expected {
        wrong.push(format!("{what}:\n  {seen:?}, not\n  {expected:?}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_is_taken_of_those_who_may_and_else_tells_and_changes_nothing() {
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    let client = &server.client;
    let scene = Scene::of(&server).await;
    let stranger = User::new(client, "남의 방").await;
    let elsewhere = stranger.gathers("남의 방", &[]).await;
    let elsewhere = stranger.says("남의 말", elsewhere).await;
    let spare = scene.spare.token.as_str();
    let chat = format!("/chat/ws/{}", scene.room);
    let feed = format!("/ws/chat/{}", scene.room);
    let mut others = [
        Listener::at(client, &chat, Some(spare), "in chat").await,
        Listener::at(client, &feed, Some(spare), "in the feed").await,
    ];
    let mut wrong = Vec::new();
    for Frame {
        socket,
        text,
        outcome,
    } in IN_GROUPS
    {
        let (_, codes) = SOCKETS.iter().find(|(path, _)| path == socket).unwrap();
        for ((who, token), code) in WHO.iter().zip(&scene.tokens).zip(codes) {
            let path = socket.replace("{room_id}", &scene.room.to_string());
            let at = with_token(&path, token.as_deref());
            let message = scene.author.says("말", scene.room).await;
            for other in &mut others {
                other.hears(&server).await;
            }
            let frame = about(text, message, elsewhere, scene.author.id);
            let seen = sends(&server, &at, &frame, &mut others).await;
            let expected = outcome.unless_closed(*code);
            compare(
                &mut wrong,
                &format!("{frame} on {socket} by {who}"),
                &seen,
                &expected,
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_of_a_consultation_is_taken_of_its_two_and_of_nobody_else() {
    let server =
        TestApp::with("limits.requests_per_minute = 0\nlimits.messages_per_minute = 0").await;
    let client = &server.client;
    let scene = Consultation::of(&server).await;
    let elsewhere = scene.stranger.gathers("남의 방", &[]).await;
    let elsewhere = scene.stranger.says("남의 말", elsewhere).await;
    let meeting = &scene.meeting;
    let code = meeting.code.as_deref().unwrap();
    let conversation = format!("/ws/consultation/{code}");
    let chat = format!("/chat/ws/{}", meeting.room);
    let mut wrong = Vec::new();
    for person in 0..2 {
        // The other one of the two hears what this one says.
        let other = Some(meeting.people[1 - person].token.as_str());
        let mut others = [
            Listener::at(client, &conversation, other, "in the consultation").await,
            Listener::at(client, &chat, other, "in chat").await,
        ];
        for (
            Frame {
                socket,
                text,
                outcome,
            },
            columns,
        ) in IN_CONSULTATIONS
        {
            let columns = columns.iter().zip(consultation::WHO).zip(&scene.tokens);
            for ((code, who), token) in columns {
                let is_person = |name: &str| (name == "their counselor") == (person == 1);
                if *code == 0 && !is_person(who) {
                    continue;
                }
                let path = socket.replace("{code}", meeting.code.as_deref().unwrap());
                let path = path.replace("{counselor_id}", &scene.counselor.to_string());
                let at = with_token(&path, token.as_deref());
                let message = meeting.people[1 - person].says("말", meeting.room).await;
                for other in &mut others {
                    other.hears(&server).await;
                }
                let frame = about(text, message, elsewhere, scene.stranger.id);
                let seen = sends(&server, &at, &frame, &mut others).await;
                let expected = outcome.unless_closed(*code);
                compare(
                    &mut wrong,
                    &format!("{frame} on {socket} by {who}"),
                    &seen,
                    &expected,
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
