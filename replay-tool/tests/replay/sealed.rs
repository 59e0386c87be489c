//! A log that a whole server wrote and sealed, for tests that harm copies of it.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use api::App;
use api::clock::{Clock, ManualClock};
use api::commands::consultations::{EndConsultation, StartConsultation};
use api::commands::{Command, Request};
use domain::{ConsultationId, EndedBy, PersonId, RequestText, Requester};
use event_store::sqlite::SqliteLogReader;
use event_store::{EventStore, Position, Recorded};
use tempfile::TempDir;

use crate::world::{Engine, World};

const BEGIN_US: i64 = 1_790_000_000_000_000;
const DEADLINE: Duration = Duration::from_mins(1);

/// The folder of a server that has ended; its last event is a seal.
pub struct SealedLog {
    folder: TempDir,
    pub events: Vec<Arc<Recorded>>,
}

impl SealedLog {
    /// Some consultations are asked for and ended, and all is sealed, several times.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("test.toml");
        let text = "auth.argon2_memory = \"64KiB\"\nauth.argon2_iterations = 1\n";
        std::fs::write(&file, text).unwrap();
        let settings = api::settings::Settings::for_tests(folder.path(), &file).unwrap();
        let clock = Arc::new(ManualClock::at(BEGIN_US));
        let running = api::start(settings, Arc::clone(&clock) as Arc<dyn Clock>)
            .await
            .unwrap();
        for _ in 0..3 {
            for _ in 0..4 {
                asks(&running.app).await;
                clock.advance_us(1_000);
            }
            clock.advance_seconds(10);
            let settling = async {
                loop {
                    let before = running.app.store.head().await.unwrap();
                    assert!(running.app.projected(before).await);
                    running.managers.look().await;
                    if running.app.store.head().await.unwrap() == before {
                        return;
                    }
                }
            };
            tokio::time::timeout(DEADLINE, settling).await.unwrap();
        }
        running.stop().await;
        let log = SqliteLogReader::open(folder.path().join("events.db")).unwrap();
        let events = log.read_all(0, 10_000).await.unwrap().events;
        assert_eq!(&*events.last().unwrap().event_type, "log.sealed");
        Self { folder, events }
    }

    /// A copy to harm, in files.
    pub fn copy(&self) -> World {
        let world = World::of_files();
        self.put_files(&world);
        world
    }

    /// A copy to harm, on either engine; in a database it can be put back as it was.
    pub async fn copy_on(&self, engine: Engine) -> World {
        let world = World::unmade(engine).await;
        let from = self.copy();
        self.put_files(&world);
        if engine == Engine::Server {
            let [log, _, keys] = world.addresses();
            let answer = from.run(&["copy", "--to", &log, "--to-keys", &keys]);
            assert_eq!(answer.code, 0, "{}", answer.err);
            let keep = "CREATE SCHEMA kept; CREATE TABLE kept.events AS SELECT * FROM events";
            world.harm_log(keep).await;
        }
        world
    }

    /// Puts the log of a copy back as it was.
    pub async fn put_back(&self, world: &World) {
        if world.url().is_none() {
            self.put_files(world);
            return;
        }
        let again = "TRUNCATE events; INSERT INTO events SELECT * FROM kept.events";
        world.harm_log(again).await;
    }

    fn put_files(&self, world: &World) {
        for beside in ["events.db-wal", "events.db-shm"] {
            match std::fs::remove_file(world.file(beside)) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => panic!("{beside}: {cause}"),
                _ => {}
            }
        }
        for name in ["events.db", "keys.db", "master.key"] {
            std::fs::copy(self.folder.path().join(name), world.file(name)).unwrap();
        }
    }

    pub fn head(&self) -> Position {
        self.events.len() as Position
    }

    /// Where seals stand.
    pub fn seals(&self) -> Vec<Position> {
        let seals = self.events.iter();
        seals
            .filter(|event| &*event.event_type == "log.sealed")
            .map(|event| event.position)
            .collect()
    }

    /// Where the n-th event of a type stands.
    pub fn nth(&self, event_type: &str, n: usize) -> Position {
        let mut events = self.events.iter();
        let is_one = |event: &&Arc<Recorded>| &*event.event_type == event_type;
        events.by_ref().filter(is_one).nth(n).unwrap().position
    }
}

async fn asks(app: &App) {
    let consultation = ConsultationId(app.ids.next());
    let start = StartConsultation {
        consultation,
        requester: Requester::Guest(PersonId(app.ids.next())),
        character_type_preference: None,
        quick_match: true,
        text: RequestText {
            nickname: "누구".into(),
            code: "ABCDEF234".into(),
        },
    };
    executes(app, &start).await;
    let by = EndedBy::User;
    executes(app, &EndConsultation { consultation, by }).await;
}

async fn executes(app: &App, command: &impl Command) {
    let request = Request::system(app.ids.next(), None);
    app.commands.execute(&request, command).await.unwrap();
}
