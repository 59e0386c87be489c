//! A running server of either kind, and the people and rooms that were made in it.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;

use super::client::{Client, Entry, Language};
use crate::arguments::{ChatOptions, Common, Spoken};
use crate::failure::Failure;
use crate::http::{Http, id, token};
use crate::server::{self, Server};

/// Calls and connections that are made at the same time.
const AT_ONCE: usize = 16;

const PASSWORD: &str = "eight-or-more";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Maeum,
    Baseline,
}

/// How many rooms, and how many people in each. Nobody is in two rooms.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub rooms: usize,
    pub members: usize,
}

pub struct Place {
    pub server: Server,
    language: Language,
    /// Every person of every room, the first of each room first.
    entries: Vec<Entry>,
}

struct Person {
    id: u64,
    token: String,
}

impl Place {
    pub async fn open(
        kind: Kind,
        common: &Common,
        options: &ChatOptions,
        layout: Layout,
    ) -> Result<Self, Failure> {
        let (server, language) = match kind {
            Kind::Maeum => {
                let program = server::program(options.program.as_deref())?;
                let repeatable = options.repeatable;
                let server = Server::fresh(common, &program).await?;
                let language = match options.dialect {
                    Spoken::Chat => Language::Chat { repeatable },
                    Spoken::Messenger => Language::Messenger { repeatable },
                };
                (server, language)
            }
            Kind::Baseline => {
                let server = Server::baseline(common, &options.baseline).await?;
                (server, Language::SocketIo)
            }
        };
        let http = Http::new(server.address);
        let people: Vec<Person> = stream::iter(0..layout.rooms * layout.members)
            .map(|number| person(&http, kind, number))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let rooms: Vec<String> = stream::iter(people.chunks(layout.members))
            .map(|people| room(&http, language, people))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let entries = (0..layout.rooms * layout.members).map(|place| {
            let (room, member) = (place % layout.rooms, place / layout.rooms);
            Entry {
                room: rooms[room].clone(),
                token: people[room * layout.members + member].token.clone(),
            }
        });
        Ok(Self {
            language,
            entries: entries.collect(),
            server,
        })
    }

    /// So many sockets, a like number in every room and of every person.
    pub async fn enter(&self, sockets: usize) -> Result<Vec<Client>, Failure> {
        stream::iter(0..sockets)
            .map(|number| {
                let entry = &self.entries[number % self.entries.len()];
                Client::enter(self.language, self.server.address, entry, number)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }
}

async fn person(http: &Http, kind: Kind, number: usize) -> Result<Person, Failure> {
    let email = format!("member-{number}@example.com");
    let body = json!({"name": format!("회원 {number}"), "email": email, "password": PASSWORD});
    let account = http.post("/register", None, &body).await?;
    let body = json!({"email": email, "password": PASSWORD});
    let session = http.post("/login", None, &body).await?;
    let id = id(match kind {
        Kind::Maeum => &account["user_id"],
        Kind::Baseline => &account["id"],
    })?;
    let token = token(&session)?;
    Ok(Person { id, token })
}

/// Made by the first, with all others; what it is called in the language.
async fn room(http: &Http, language: Language, people: &[Person]) -> Result<String, Failure> {
    let others: Vec<u64> = people.iter().skip(1).map(|person| person.id).collect();
    let token = people.first().map(|person| person.token.as_str());
    if language == Language::SocketIo {
        let body = json!({"name": "모임", "member_ids": others});
        let number = id(&http.post("/rooms", token, &body).await?["id"])?;
        return Ok(number.to_string());
    }
    let body = json!({
        "room_name": "모임", "room_type": "group", "participant_ids": others,
    });
    let room = http.post("/chat/rooms/", token, &body).await?;
    match (language, room["uuid"].as_str()) {
        (Language::Messenger { .. }, Some(uuid)) => Ok(uuid.to_owned()),
        (Language::Messenger { .. }, None) => Err(Failure::Wrong("a room without uuid".to_owned())),
        _ => Ok(id(&room["room_id"])?.to_string()),
    }
}
