//! The tokens of every message that can be read, kept apart from the other read models.

use std::sync::Arc;

use domain::{
    AccountEvent, AccountId, Bucket, ConsultationEvent, ConsultationId, Event, MessageBody,
    MessageEvent, RoomEvent, RoomId, Sealed, Subject,
};
use event_store::Recorded;

use super::fold::fold;
use super::tokens::{self, Tokens};
use crate::value::values;
use crate::{Access, Batch, Change, Fact, Projection, Sql, Touch};

/// A message is touched by its number alone.
const MESSAGE: &[Touch] = &[Touch {
    rows: "message",
    by: &[1],
    access: Access::Owns,
}];

const ADD: Change = Change {
    sql: Sql::Per {
        sqlite: "INSERT INTO search_messages (rowid, tokens) VALUES ($1, $2)",
        postgres: "INSERT INTO search_messages (number, tokens) \
                   VALUES ($1, CAST(string_to_array($2, ' ') AS BIGINT[]))",
    },
    touches: Some(MESSAGE),
};

const REMOVE: Change = Change {
    sql: Sql::Per {
        sqlite: "DELETE FROM search_messages WHERE rowid = $1",
        postgres: "DELETE FROM search_messages WHERE number = $1",
    },
    touches: Some(MESSAGE),
};

/// Everything that was sealed under one key.
const REMOVE_SEALED_UNDER: Change = Change {
    sql: Sql::Per {
        sqlite: "DELETE FROM search_messages WHERE rowid IN \
                 (SELECT rowid FROM search_messages WHERE search_messages MATCH $1)",
        postgres: "DELETE FROM search_messages \
                   WHERE tokens @> CAST(string_to_array($1, ' ') AS BIGINT[])",
    },
    touches: None,
};

/// Messages that have all of some tokens, newest first, those before a number.
pub(super) const CANDIDATES: Sql = Sql::Per {
    sqlite: "SELECT rowid FROM search_messages WHERE search_messages MATCH $1 AND rowid < $2 \
             ORDER BY rowid DESC LIMIT $3",
    // All of them are found before any is put in order: else the server might walk through the
    // messages from the newest on and compare.
    postgres: "WITH found AS MATERIALIZED (SELECT number FROM search_messages \
               WHERE tokens @> CAST(string_to_array($1, ' ') AS BIGINT[])) \
               SELECT number FROM found WHERE number < $2 ORDER BY number DESC LIMIT $3",
};

/// Every statement of this file, by name.
pub(crate) const STATEMENTS: &[(&str, Sql)] = &[
    ("ADD", ADD.sql),
    ("REMOVE", REMOVE.sql),
    ("REMOVE_SEALED_UNDER", REMOVE_SEALED_UNDER.sql),
    ("CANDIDATES", CANDIDATES),
];

/// The projection of this file. It is not among [`crate::all`]: its rows are in a store of their
/// own, and answers do not wait for it.
#[derive(Debug)]
pub struct Index {
    tokens: Arc<Tokens>,
}

impl Index {
    pub fn new(tokens: Arc<Tokens>) -> Self {
        Self { tokens }
    }

    /// What was erased in the meantime, or says nothing, is not found and so has no row.
    fn add(&self, batch: &mut Batch, message: Text<'_>) {
        let Some(body) = message.body.get().filter(|body| !body.text.is_empty()) else {
            return;
        };
        let mut tokens = self.tokens.of_room(message.room).of_text(&fold(&body.text));
        let keys = message.recorded.parts.first().map(|part| &part.keys);
        let names = keys.map(|keys| std::iter::once(&keys.subject).chain(&keys.bucket));
        tokens.extend(
            names
                .into_iter()
                .flatten()
                .map(|name| self.tokens.of_key(name)),
        );
        batch.push(ADD, values![message.number, tokens::text(&tokens)]);
    }

    /// Takes out all that a key made readable.
    fn remove(&self, batch: &mut Batch, key: &str) {
        let tokens = [self.tokens.of_key(key)];
        batch.push(REMOVE_SEALED_UNDER, values![tokens::text(&tokens)]);
    }
}

/// One version of a message's words.
#[derive(Clone, Copy)]
struct Text<'e> {
    recorded: &'e Recorded,
    number: u64,
    room: RoomId,
    body: &'e Sealed<MessageBody>,
}

impl Projection for Index {
    fn name(&self) -> &'static str {
        "search"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["search_messages"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        let recorded = &*fact.recorded;
        match &fact.event {
            Event::Message(event) => match event {
                MessageEvent::Sent { room, body, .. } => self.add(
                    batch,
                    Text {
                        recorded,
                        number: recorded.number(),
                        room: *room,
                        body,
                    },
                ),
                MessageEvent::Edited {
                    room, number, body, ..
                } => {
                    batch.push(REMOVE, values![*number]);
                    let text = Text {
                        recorded,
                        number: *number,
                        room: *room,
                        body,
                    };
                    self.add(batch, text);
                }
                MessageEvent::Deleted { number, .. } => batch.push(REMOVE, values![*number]),
            },
            Event::Room(event) => match event {
                RoomEvent::DayDestroyed { day } => {
                    let key = Bucket::RoomDay(RoomId(fact.id), *day);
                    self.remove(batch, &key.to_string());
                }
                RoomEvent::Opened { .. }
                | RoomEvent::Described { .. }
                | RoomEvent::Booked { .. }
                | RoomEvent::RetentionSet { .. }
                | RoomEvent::MemberAdded { .. }
                | RoomEvent::MemberRemoved { .. }
                | RoomEvent::Closed {} => {}
            },
            Event::Account(AccountEvent::Erased {}) => {
                let key = Subject::Account(AccountId(fact.id));
                self.remove(batch, &key.to_string());
            }
            Event::Consultation(ConsultationEvent::Erased {}) => {
                let key = Subject::Consultation(ConsultationId(fact.id));
                self.remove(batch, &key.to_string());
            }
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Member(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}
