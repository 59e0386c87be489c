//! A data folder with a log in it, ways to harm it, and the program run on it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::{
    AccountEvent, AccountId, Bucket, EmailEvent, Event, MemberEvent, MemberRole, MessageBody,
    MessageEvent, MessageId, MessageKind, PersonId, Profile, Role, RoomEvent, RoomId, RoomKind,
    Sealed, Subject,
};
use event_store::keys::{KeyBytes, KeyStore, SqliteKeyStore};
use event_store::sqlite::{Options, SqliteEventStore, SqliteLogReader};
use event_store::{
    Append, EventStore, Metadata, NewEvent, OpenPart, Position, SealKeys, StreamName, Version,
    Write,
};
use projections::{Projector, ReadStoreOptions, SqliteReadStore, Tail};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

pub const MASTER: [u8; 32] = [7; 32];
const FIRST_MICROSECOND: i64 = 1_790_000_000_000_000;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A folder as a server leaves it: `events.db`, `keys.db`, `master.key`.
pub struct World {
    pub folder: TempDir,
}

/// What the program said and how it ended.
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}: out {:?}, err {:?}", self.out, self.err))
    }
}

impl World {
    /// An account, a room of two and `messages` messages in it.
    pub async fn with_messages(messages: u128) -> Self {
        let world = Self::empty().await;
        let log = world.open_to_write();
        let (account, room) = (AccountId(id(1)), RoomId(id(2)));
        let person = PersonId::from(account);
        write(
            &log,
            "email",
            &"ab".repeat(32),
            vec![EmailEvent::Reserved { account }.into()],
        )
        .await;
        write(
            &log,
            "account",
            &account.to_string(),
            vec![registered(account)],
        )
        .await;
        let opened = RoomEvent::Opened {
            room_kind: RoomKind::Direct,
            creator: person,
            max_participants: 2,
        };
        let joined = RoomEvent::MemberAdded {
            person,
            role: MemberRole::Owner,
        };
        write(
            &log,
            "room",
            &room.to_string(),
            vec![opened.into(), joined.into()],
        )
        .await;
        for number in 0..messages {
            send(&log, number).await;
        }
        log.close().await;
        world
    }

    /// The member has read everything up to a message.
    pub async fn read(&self, times: Version, number: u64) {
        let (room, person) = (RoomId(id(2)), PersonId::from(AccountId(id(1))));
        let message = MessageId(id(1_000));
        let log = self.open_to_write();
        let read = MemberEvent::Read {
            room,
            person,
            message,
            number,
        };
        let stream = StreamName::new("member", format!("{room}-{person}"));
        write_at(&log, stream, times, vec![read.into()]).await;
        log.close().await;
    }

    /// Makes the live read models, or brings them up to the head.
    pub async fn project(&self) {
        let keys =
            SqliteKeyStore::open_read_only(self.file("keys.db"), KeyBytes::new(MASTER)).unwrap();
        let keys: Arc<dyn KeyStore> = Arc::new(keys);
        let log = SqliteLogReader::open(self.file("events.db")).unwrap();
        let head = log.head().await.unwrap();
        let read = SqliteReadStore::open(self.file("read.db"), &ReadStoreOptions::default());
        let read = Arc::new(read.unwrap());
        let tail = Tail::start(Arc::new(log), keys, head);
        let projector = Projector::start(&tail, read.clone(), projections::all())
            .await
            .unwrap();
        assert!(projector.wait_for(head, PATIENCE).await);
        projector.stop().await;
        read.close().await.unwrap();
    }

    /// No event yet.
    pub async fn empty() -> Self {
        let world = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let digits = MASTER.map(|byte| format!("{byte:02x}")).concat();
        std::fs::write(world.file("master.key"), digits).unwrap();
        world.allow("master.key", 0o600);
        world.open_to_write().close().await;
        world
    }

    pub fn open_to_write(&self) -> SqliteEventStore {
        let keys = SqliteKeyStore::open(self.file("keys.db"), KeyBytes::new(MASTER)).unwrap();
        self.open_with(Arc::new(keys))
    }

    pub fn open_with(&self, keys: Arc<SqliteKeyStore>) -> SqliteEventStore {
        let now = AtomicI64::new(FIRST_MICROSECOND);
        let clock = Arc::new(move || now.fetch_add(1_000, Ordering::Relaxed));
        let path = self.file("events.db");
        SqliteEventStore::open(path, keys, clock, &Options::default()).unwrap()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn allow(&self, name: &str, mode: u32) {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.file(name), permissions).unwrap();
    }

    /// Runs SQL on `events.db`, past the store.
    pub fn harm(&self, sql: &str) {
        self.sql("events.db", sql);
    }

    /// Runs SQL on the live read models, past the store.
    pub fn harm_read(&self, sql: &str) {
        self.sql("read.db", sql);
    }

    /// Runs SQL on `keys.db`, past the store.
    pub fn harm_keys(&self, sql: &str) {
        self.sql("keys.db", sql);
    }

    fn sql(&self, file: &str, sql: &str) {
        let connection = rusqlite::Connection::open(self.file(file)).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
    }

    /// Runs the program on this folder.
    pub fn run(&self, arguments: &[&str]) -> Answer {
        answer(self.command(arguments).output().unwrap())
    }

    /// The program, ready to run on this folder and nothing else.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_maeum-replay"));
        command
            .env_remove("MAEUM_KEYS__MASTER")
            .env_remove("MAEUM_KEYS__MASTER_FILE");
        command
            .arg("--data")
            .arg(self.folder.path())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }
}

pub fn answer(output: Output) -> Answer {
    Answer {
        code: output.status.code().expect("it ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_f0c1_7a00_7000_8000_0000_0000_0000 | number)
}

/// The name of the key of everything that the account of [`World::with_messages`] wrote.
pub fn subject_key() -> String {
    Subject::Account(AccountId(id(1))).to_string()
}

fn registered(account: AccountId) -> Event {
    let profile = Profile {
        name: "김하늘".into(),
        email: "sky@example.org".into(),
        ..Profile::default()
    };
    let subject = Subject::Account(account);
    AccountEvent::Registered {
        email_key: "ab".repeat(32),
        role: Role::User,
        profile: Sealed::of(subject, profile),
        password_hash: Sealed::of(subject, "$argon2id$".into()),
    }
    .into()
}

fn sent(message: MessageId, room: RoomId, sender: AccountId) -> Event {
    let day = "2026-11-21".parse().unwrap();
    let body = MessageBody {
        text: "안녕하세요".into(),
        client_message_id: None,
    };
    MessageEvent::Sent {
        message,
        room,
        sender: sender.into(),
        message_kind: MessageKind::Text,
        reply_to: None,
        body: Sealed::within(Subject::Account(sender), Bucket::RoomDay(room, day), body),
    }
    .into()
}

/// Sends the message of this number to the room of [`World::with_messages`].
pub async fn send(log: &dyn EventStore, number: u128) -> Position {
    let message = MessageId(id(1_000 + number));
    let sent = sent(message, RoomId(id(2)), AccountId(id(1)));
    write(log, "message", &message.to_string(), vec![sent]).await
}

async fn write(log: &dyn EventStore, category: &str, key: &str, events: Vec<Event>) -> Position {
    write_at(log, StreamName::new(category, key), 0, events).await
}

async fn write_at(
    log: &dyn EventStore,
    stream: StreamName,
    expected: Version,
    events: Vec<Event>,
) -> Position {
    let events = events.iter().map(new_event).collect();
    let write = Write {
        stream,
        expected,
        events,
    };
    let recorded = log.append(Append {
        writes: vec![write],
        requires: vec![],
    });
    recorded.await.unwrap().last().unwrap().position
}

fn new_event(event: &Event) -> NewEvent {
    static NEXT: AtomicI64 = AtomicI64::new(1 << 40);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (payload, parts) = event.encode().unwrap();
    let open = |part: domain::sealed::Part| OpenPart {
        keys: SealKeys {
            subject: part.keys.subject.to_string().into(),
            bucket: part.keys.bucket.map(|bucket| bucket.to_string().into()),
        },
        content: part.content,
    };
    NewEvent {
        event_id: id(number.unsigned_abs().into()),
        dedupe: None,
        event_type: event.event_type().into(),
        event_version: event.event_version().into(),
        number: None,
        metadata: Metadata {
            actor: None,
            role: "user".into(),
            address: None,
            causation_id: None,
            correlation_id: id(5),
            fingerprint: None,
        },
        payload: payload.into(),
        parts: parts.into_iter().map(open).collect(),
    }
}
