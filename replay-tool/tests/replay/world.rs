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
use event_store::keys::{KeyBytes, KeyStore, PostgresKeyStore, SqliteKeyStore};
use event_store::postgres::{PostgresEventStore, PostgresLogReader, PostgresOptions, PostgresUrl};
use event_store::sqlite::{Options, SqliteEventStore, SqliteLogReader};
use event_store::{
    Append, EventStore, Metadata, NewEvent, OpenPart, Position, SealKeys, StreamName, Version,
    Write,
};
use projections::{
    PostgresReadOptions, PostgresReadStore, Projector, ProjectorHandle, ReadStore,
    ReadStoreOptions, SqliteReadStore, Tail,
};
use serde_json::Value;
use tempfile::TempDir;
use test_support::{Cluster, Database};
use tokio::time::timeout;
use uuid::Uuid;

pub const MASTER: [u8; 32] = [7; 32];
/// The flags that name log, read models and keys.
pub const FLAGS: [&str; 3] = ["--event-store", "--read-store", "--key-store"];

/// A disk is asked to flush once for so many.
const MESSAGES_AT_ONCE: usize = 200;

const FIRST_MICROSECOND: i64 = 1_790_000_000_000_000;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Where log, keys and read models are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Files,
    Server,
}

/// Runs each of the functions, which takes an [`Engine`], on both.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod files {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::world::Engine::Files).await;
            })+
        }
        mod server {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::world::Engine::Server).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// A folder as a server leaves it: `events.db`, `keys.db`, `master.key`; or `master.key` alone,
/// and the rest in a database.
pub struct World {
    pub folder: TempDir,
    database: Option<Database>,
}

/// Log and keys, open to write.
pub struct Stores {
    pub log: Arc<dyn EventStore>,
    pub keys: Arc<dyn KeyStore>,
    opened: Opened,
}

enum Opened {
    Files(Arc<SqliteEventStore>),
    Server(Arc<PostgresEventStore>),
}

impl Stores {
    /// Returns when others may open them: a task that followed the log is ended without being
    /// waited for, and holds the keys until then.
    pub async fn close(self) {
        let Self { log, keys, opened } = self;
        match opened {
            Opened::Files(log) => log.close().await,
            Opened::Server(log) => log.close().await,
        }
        drop(log);
        let held = Arc::downgrade(&keys);
        drop(keys);
        let released = async {
            while held.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, released).await.unwrap();
    }
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
    /// An account, a room of two and `messages` messages in it, in files.
    pub async fn with_messages(messages: u128) -> Self {
        Self::on(Engine::Files, messages).await
    }

    /// The same on either engine.
    pub async fn on(engine: Engine, messages: u128) -> Self {
        Self::on_empty(engine).await.filled(messages).await
    }

    /// The same on a server of the test's own.
    pub async fn on_cluster(cluster: &Cluster, messages: u128) -> Self {
        let database = Database::on(cluster.url()).await;
        Self::new(Some(database)).filled(messages).await
    }

    async fn filled(self, messages: u128) -> Self {
        let world = self;
        let stores = world.open().await;
        let log = &*stores.log;
        let (account, room) = (AccountId(id(1)), RoomId(id(2)));
        let person = PersonId::from(account);
        write(
            log,
            "email",
            &"ab".repeat(32),
            vec![EmailEvent::Reserved { account }.into()],
        )
        .await;
        write(
            log,
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
            log,
            "room",
            &room.to_string(),
            vec![opened.into(), joined.into()],
        )
        .await;
        let numbers: Vec<u128> = (0..messages).collect();
        for numbers in numbers.chunks(MESSAGES_AT_ONCE) {
            let writes = numbers.iter().map(|number| sending(*number)).collect();
            append(log, writes).await;
        }
        stores.close().await;
        world
    }

    /// The member has read everything up to a message.
    pub async fn read(&self, times: Version, number: u64) {
        let (room, person) = (RoomId(id(2)), PersonId::from(AccountId(id(1))));
        let message = MessageId(id(1_000));
        let stores = self.open().await;
        let read = MemberEvent::Read {
            room,
            person,
            message,
            number,
        };
        let stream = StreamName::new("member", format!("{room}-{person}"));
        write_at(&*stores.log, stream, times, vec![read.into()]).await;
        stores.close().await;
    }

    /// Makes the live read models, or brings them up to the head.
    pub async fn project(&self) {
        let stores = self.open().await;
        let head = stores.log.head().await.unwrap();
        let projecting = Projecting::start(self, &stores).await;
        assert!(projecting.projector.wait_for(head, PATIENCE).await);
        projecting.stop().await;
        stores.close().await;
    }

    /// No event yet, in files.
    pub async fn empty() -> Self {
        let world = Self::new(None);
        world.open_to_write().close().await;
        world
    }

    /// No event yet, on either engine.
    pub async fn on_empty(engine: Engine) -> Self {
        match engine {
            Engine::Files => Self::empty().await,
            Engine::Server => Self::empty_server().await,
        }
    }

    /// No event yet, in a database.
    pub async fn empty_server() -> Self {
        let world = Self::new(Some(Database::new().await));
        world.open().await.close().await;
        world
    }

    /// Without log and keys, which are to come there from elsewhere, in files.
    pub fn of_files() -> Self {
        Self::new(None)
    }

    /// Without log and keys, which are to come there from elsewhere.
    pub async fn unmade(engine: Engine) -> Self {
        match engine {
            Engine::Files => Self::new(None),
            Engine::Server => Self::new(Some(Database::new().await)),
        }
    }

    fn new(database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = Self { folder, database };
        world.put_master("master.key", MASTER);
        world
    }

    /// Leaves a file of a master key.
    pub fn put_master(&self, name: &str, key: [u8; 32]) {
        let digits = key.map(|byte| format!("{byte:02x}")).concat();
        std::fs::write(self.file(name), digits).unwrap();
        self.allow(name, 0o600);
    }

    /// Opens log and keys to write, on whichever engine.
    pub async fn open(&self) -> Stores {
        self.open_under(MASTER).await
    }

    pub async fn open_under(&self, master: [u8; 32]) -> Stores {
        let Some(url) = self.url() else {
            let keys = SqliteKeyStore::open(self.file("keys.db"), KeyBytes::new(master)).unwrap();
            let keys = Arc::new(keys);
            let log = Arc::new(self.open_with(keys.clone()));
            return Stores {
                log: log.clone(),
                keys,
                opened: Opened::Files(log),
            };
        };
        let keys = PostgresKeyStore::open(&url, KeyBytes::new(master)).unwrap();
        let keys: Arc<dyn KeyStore> = Arc::new(keys);
        let options = PostgresOptions::default();
        let log = PostgresEventStore::open(&url, keys.clone(), clock(), &options)
            .await
            .unwrap();
        let log = Arc::new(log);
        Stores {
            log: log.clone(),
            keys,
            opened: Opened::Server(log),
        }
    }

    /// The log, open to read beside others.
    pub async fn log_reader(&self) -> Arc<dyn EventStore> {
        match self.url() {
            None => Arc::new(SqliteLogReader::open(self.file("events.db")).unwrap()),
            Some(url) => Arc::new(PostgresLogReader::open(&url).await.unwrap()),
        }
    }

    /// Where all stores are; none where they are files of the folder.
    pub fn url(&self) -> Option<PostgresUrl> {
        let database = self.database.as_ref()?;
        Some(database.url().parse().unwrap())
    }

    /// The addresses of log, read models and keys.
    pub fn addresses(&self) -> [String; 3] {
        match &self.database {
            Some(database) => [database.url(), database.url(), database.url()],
            None => ["events.db", "read.db", "keys.db"]
                .map(|file| format!("sqlite://{}", self.file(file).display())),
        }
    }

    pub fn open_to_write(&self) -> SqliteEventStore {
        let keys = SqliteKeyStore::open(self.file("keys.db"), KeyBytes::new(MASTER)).unwrap();
        self.open_with(Arc::new(keys))
    }

    pub fn open_with(&self, keys: Arc<SqliteKeyStore>) -> SqliteEventStore {
        let path = self.file("events.db");
        SqliteEventStore::open(path, keys, clock(), &Options::default()).unwrap()
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

    /// Runs SQL on the log of either engine, past the store.
    pub async fn harm_log(&self, sql: &str) {
        match &self.database {
            None => self.sql("events.db", sql),
            Some(database) => database.execute(sql).await,
        }
    }

    /// Runs SQL on the live read models of either engine, past the store.
    pub async fn harm_read(&self, sql: &str) {
        match &self.database {
            None => self.sql("read.db", sql),
            Some(database) => {
                let sql = format!("SET search_path = read_models; {sql}");
                database.execute(&sql).await;
            }
        }
    }

    /// Makes the payload of an event one that nobody can read.
    pub async fn poison(&self, position: Position) {
        let payload = match self.database {
            None => "CAST('{}' AS BLOB)",
            Some(_) => "'{}'",
        };
        let sql = format!("UPDATE events SET payload = {payload} WHERE position = {position}");
        self.harm_log(&sql).await;
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
        command.arg("--data").arg(self.folder.path());
        if self.database.is_some() {
            for (flag, url) in FLAGS.iter().zip(self.addresses()) {
                command.arg(flag).arg(url);
            }
        }
        command.args(arguments).stdin(Stdio::null());
        command
    }
}

/// The projector of a server that runs beside.
pub struct Projecting {
    pub projector: ProjectorHandle,
    _tail: Tail,
    read: Read,
}

enum Read {
    File(Arc<SqliteReadStore>),
    Server(Arc<PostgresReadStore>),
}

impl Projecting {
    pub async fn start(world: &World, stores: &Stores) -> Self {
        let head = stores.log.head().await.unwrap();
        let tail = Tail::start(stores.log.clone(), stores.keys.clone(), head);
        let read = match world.url() {
            None => {
                let file = world.file("read.db");
                let read = SqliteReadStore::open(file, &ReadStoreOptions::default());
                Read::File(Arc::new(read.unwrap()))
            }
            Some(url) => {
                let read = PostgresReadStore::open(&url, &PostgresReadOptions::default()).await;
                Read::Server(Arc::new(read.unwrap()))
            }
        };
        let store: Arc<dyn ReadStore> = match &read {
            Read::File(read) => read.clone(),
            Read::Server(read) => read.clone(),
        };
        let projector = Projector::start(&tail, store, projections::all()).await;
        Self {
            projector: projector.unwrap(),
            _tail: tail,
            read,
        }
    }

    pub async fn stop(self) {
        self.projector.stop().await;
        match self.read {
            Read::File(read) => read.close().await.unwrap(),
            Read::Server(read) => read.close().await,
        }
    }
}

/// Shows a later time whenever it is asked.
fn clock() -> event_store::sqlite::Clock {
    let now = AtomicI64::new(FIRST_MICROSECOND);
    Arc::new(move || now.fetch_add(1_000, Ordering::Relaxed))
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
        location: None,
        link: None,
    };
    MessageEvent::Sent {
        message,
        room,
        sender: sender.into(),
        message_kind: MessageKind::Text,
        reply_to: None,
        reply_number: None,
        file: None,
        body: Sealed::within(Subject::Account(sender), Bucket::RoomDay(room, day), body),
    }
    .into()
}

/// Sends the message of this number to the room of [`World::with_messages`].
pub async fn send(log: &dyn EventStore, number: u128) -> Position {
    append(log, vec![sending(number)]).await
}

fn sending(number: u128) -> Write {
    let message = MessageId(id(1_000 + number));
    let sent = sent(message, RoomId(id(2)), AccountId(id(1)));
    writing(StreamName::new("message", message), 0, &[sent])
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
    append(log, vec![writing(stream, expected, &events)]).await
}

fn writing(stream: StreamName, expected: Version, events: &[Event]) -> Write {
    Write {
        stream,
        expected,
        events: events.iter().map(new_event).collect(),
    }
}

async fn append(log: &dyn EventStore, writes: Vec<Write>) -> Position {
    let requires = Vec::new();
    let recorded = log.append(Append { writes, requires }).await.unwrap();
    recorded.last().unwrap().position
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
