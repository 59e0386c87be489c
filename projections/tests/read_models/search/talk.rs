//! Rooms in which people talk, read models and an index that follow them, and short words for
//! searching.

use std::sync::Arc;

use domain::sealed::{Bucket, Subject};
use domain::*;
use event_store::keys::KeyStore;
use event_store::{NewEvent, StreamName};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use projections::search::{Found, Hit, Query, RoomKey, Search, Tokens};
use projections::{Page, Sql};
use uuid::Uuid;

use crate::fixture::{Live, Log, PATIENCE};
use crate::places::{Engine, Opened};

/// The day on which everything is said that is not said on another.
pub const TODAY: Date = jiff::civil::date(2026, 3, 14);

/// A message as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub room: RoomKey,
    pub message: MessageId,
    pub sender: PersonId,
    pub number: u64,
    pub day: Date,
}

/// A log of talk, and what follows it.
pub struct Talk {
    pub log: Log,
    pub live: Live,
    pub opened: Opened,
    pub search: Search,
}

impl Talk {
    pub async fn new(engine: Engine) -> Self {
        Self::over(Log::on(engine).await).await
    }

    /// Read models and an index that begin, or go on, where those of this log are.
    pub async fn over(log: Log) -> Self {
        let live = Live::start(&log).await;
        let opened = log.place.open_search().await;
        let tokens = Tokens::new([9; 32]);
        let search = Search::start(
            &live.tail,
            opened.store(),
            Arc::clone(&live.read) as _,
            tokens,
        );
        let search = search.await.unwrap();
        Self {
            log,
            live,
            opened,
            search,
        }
    }

    /// Stops what follows the log.
    pub async fn stop(self) -> Log {
        self.search.stop().await;
        self.opened.close().await;
        self.live.stop().await;
        self.log
    }

    pub async fn room(&self, number: u32) -> RoomKey {
        let id = RoomId(Uuid::from_u128(500 + u128::from(number)));
        let opened = RoomEvent::Opened {
            room_kind: RoomKind::Group,
            creator: person(1),
            max_participants: 10,
        };
        let stream = StreamName::new("room", id);
        let recorded = self.log.append(vec![(stream, opened.into())]).await;
        RoomKey {
            id,
            number: recorded[0].position,
        }
    }

    pub async fn says(&self, room: RoomKey, text: &str) -> Said {
        self.says_on(TODAY, person(1), room, text).await
    }

    pub async fn says_on(&self, day: Date, sender: PersonId, room: RoomKey, text: &str) -> Said {
        self.log.at(day
            .to_zoned(TimeZone::UTC)
            .unwrap()
            .timestamp()
            .as_microsecond());
        let (message, sent) = self.sent(day, sender, room, text).await;
        let recorded = self.log.append(vec![(stream(message), sent)]).await;
        Said {
            room,
            message,
            sender,
            number: recorded[0].number(),
            day,
        }
    }

    pub async fn edits(&self, said: Said, text: &str) {
        let edited = MessageEvent::Edited {
            message: said.message,
            room: said.room.id,
            sender: said.sender,
            number: said.number,
            body: body(said.sender, said.room, said.day, text),
        };
        let stream = stream(said.message);
        self.log.append(vec![(stream, edited.into())]).await;
    }

    pub async fn deletes(&self, said: Said) {
        let deleted = MessageEvent::Deleted {
            message: said.message,
            room: said.room.id,
            sender: said.sender,
            by: said.sender,
            number: said.number,
        };
        let stream = stream(said.message);
        self.log.append(vec![(stream, deleted.into())]).await;
    }

    pub async fn destroys_day(&self, room: RoomKey, day: Date) {
        let stream = StreamName::new("room", room.id);
        let destroyed = RoomEvent::DayDestroyed { day };
        self.log.append(vec![(stream, destroyed.into())]).await;
    }

    /// A message that another log had under another number.
    pub async fn copied(&self, room: RoomKey, number: u64, text: &str) {
        let (message, sent) = self.sent(TODAY, person(1), room, text).await;
        let sent = NewEvent {
            number: Some(number),
            ..self.log.new_event(&sent)
        };
        self.log.append_raw(vec![(stream(message), sent)]).await;
    }

    async fn sent(
        &self,
        day: Date,
        sender: PersonId,
        room: RoomKey,
        text: &str,
    ) -> (MessageId, Event) {
        let message = MessageId(Uuid::from_u128(10_000 + u128::from(self.log.head().await)));
        let sent = MessageEvent::Sent {
            message,
            room: room.id,
            sender,
            message_kind: MessageKind::Text,
            reply_to: None,
            reply_number: None,
            file: None,
            body: body(sender, room, day, text),
        };
        (message, sent.into())
    }

    /// Destroys a key, as erasure does.
    pub fn destroy(&self, name: &str) {
        self.log.keys.destroy(&[name.into()]).unwrap();
    }

    /// Waits until read models and index have passed everything.
    pub async fn catch_up(&self) {
        self.live.catch_up(&self.log).await;
        let head = self.log.head().await;
        let passed = async {
            while self.search.position() < head {
                assert!(self.search.status().is_healthy());
                // Whoever searches waits for the index, up to a limit.
                let room = RoomKey {
                    id: RoomId(Uuid::nil()),
                    number: 0,
                };
                self.ask(room, "x", 1, 1).await;
            }
        };
        tokio::time::timeout(PATIENCE, passed).await.unwrap();
    }

    pub async fn ask(&self, room: RoomKey, text: &str, page: u32, size: u32) -> Found {
        let query = Query::parse(text).unwrap();
        let head = self.log.head().await;
        let page = Page { page, size };
        self.search.find(room, &query, page, head).await.unwrap()
    }

    /// How many messages the index has.
    pub async fn indexed(&self) -> u64 {
        self.catch_up().await;
        let count = Sql::Shared("SELECT count(*) FROM search_messages");
        let rows = self.opened.store().query(count, Vec::new()).await;
        rows.unwrap()[0].get(0).unwrap()
    }

    /// All hits, newest first.
    pub async fn finds(&self, room: RoomKey, text: &str) -> Vec<Hit> {
        self.catch_up().await;
        let found = self.ask(room, text, 1, 1_000).await;
        assert_eq!(found.total, found.hits.len() as u64);
        assert!(!found.has_more);
        found.hits
    }

    /// What the hits say, oldest first.
    pub async fn texts(&self, room: RoomKey, text: &str) -> Vec<String> {
        let hits = self.finds(room, text).await;
        hits.into_iter().rev().map(|hit| hit.body.text).collect()
    }
}

pub fn person(number: u32) -> PersonId {
    PersonId(Uuid::from_u128(400 + u128::from(number)))
}

fn stream(message: MessageId) -> StreamName {
    StreamName::new("message", message)
}

fn body(sender: PersonId, room: RoomKey, day: Date, text: &str) -> Sealed<MessageBody> {
    let body = MessageBody {
        text: text.into(),
        ..MessageBody::default()
    };
    let subject = Subject::Account(AccountId(sender.0));
    Sealed::within(subject, Bucket::RoomDay(room.id, day), body)
}
