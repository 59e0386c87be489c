//! An erasure that is killed while keys are destroyed, or while files are removed, goes on and is
//! completed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tests::talks::{diff, verify};
use tests::{DEADLINE, Place, Process, eventually};
use tokio::time::Instant;

use super::planted::Planted;
use super::steps::{Gate, STANDS_STILL};
use super::{deletes, receipt};

const SETTINGS: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";

/// More keys than an erasure destroys.
const MAX_KEYS: i64 = 20;

/// A key store that destroys no more than so many keys.
struct Keys<'a>(&'a Place);

impl Keys<'_> {
    /// In PostgreSQL it stands in a schema of its own.
    fn table(&self) -> &'static str {
        match self.0.key_database() {
            None => "keys",
            Some(_) => "keys.keys",
        }
    }

    fn file(&self) -> Connection {
        Connection::open(self.0.data().join("keys.db")).unwrap()
    }

    async fn destroyed(&self) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM {} WHERE wrapped IS NULL",
            self.table()
        );
        match self.0.key_database() {
            None => self.file().query_row(&sql, [], |row| row.get(0)).unwrap(),
            Some(keys) => keys
                .connect()
                .await
                .query_one(&sql, &[])
                .await
                .unwrap()
                .get(0),
        }
    }

    async fn destroys_up_to(&self, most: i64) {
        let table = self.table();
        let too_many = format!("(SELECT count(*) FROM {table} WHERE wrapped IS NULL) > {most}");
        match self.0.key_database() {
            None => {
                for change in ["INSERT", "UPDATE"] {
                    let sql = format!(
                        "CREATE TRIGGER refused_{change} AFTER {change} ON keys \
                         WHEN NEW.wrapped IS NULL AND {too_many} \
                         BEGIN SELECT RAISE(ABORT, 'no'); END"
                    );
                    self.file().execute_batch(&sql).unwrap();
                }
            }
            Some(keys) => {
                let sql = format!(
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     IF NEW.wrapped IS NULL AND {too_many} THEN RAISE EXCEPTION 'no'; END IF; \
                     RETURN NEW; END $$; CREATE TRIGGER refused AFTER INSERT OR UPDATE ON {table} \
                     FOR EACH ROW EXECUTE FUNCTION refuse()"
                );
                keys.execute(&sql).await;
            }
        }
    }

    /// It destroys what it is told to again. No server runs.
    async fn opens(&self) {
        match self.0.key_database() {
            None => {
                let sql = "DROP TRIGGER refused_INSERT; DROP TRIGGER refused_UPDATE";
                self.file().execute_batch(sql).unwrap();
            }
            Some(keys) => {
                let sql = "DROP TRIGGER refused ON keys.keys; DROP FUNCTION refuse()";
                keys.execute(sql).await;
            }
        }
    }
}

/// Until neither the log nor the destroyed keys nor the files become more or fewer.
async fn stands_still(place: &Place, from: u64) {
    let deadline = Instant::now() + DEADLINE;
    let now = async || {
        let head = Gate(place).head().await;
        (head, Keys(place).destroyed().await, files(place).len())
    };
    let mut last = (now().await, Instant::now());
    // The request itself has to have come.
    while last.0.0 <= from || last.1.elapsed() < STANDS_STILL {
        assert!(Instant::now() < deadline, "it goes on and on");
        tokio::task::yield_now().await;
        let seen = now().await;
        if seen != last.0 {
            last = (seen, Instant::now());
        }
    }
}

/// Objects that are there.
fn files(place: &Place) -> BTreeSet<PathBuf> {
    fn below(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                below(&entry.path(), found);
            } else {
                found.insert(entry.path());
            }
        }
    }
    let mut found = BTreeSet::new();
    below(&place.data().join("files"), &mut found);
    found
}

/// Erases somebody for whom something stands in the way, kills the server there, and takes it out
/// of the way; whether it was completed in spite of it. Then it is completed, and others have lost
/// nothing.
async fn is_killed_and_completed(
    place: &Place,
    server: Process,
    (mut planted, counts, others): (Planted, Vec<usize>, BTreeSet<PathBuf>),
    free: impl AsyncFnOnce(),
) -> (Process, bool) {
    let before = Gate(place).head().await;
    let request = server.client.request("DELETE", "/api/v1/users/me");
    let request = request.bearer_auth(&planted.alice.token);
    let client = server.client.clone();
    let mut asked = tokio::spawn(async move { client.try_send(request).await });
    let answered = tokio::select! {
        answered = &mut asked => answered.unwrap().ok(),
        () = stands_still(place, before) => None,
    };
    asked.abort();
    server.kill().await;
    free().await;
    let server = Process::start(place, SETTINGS).await;
    planted.at(&server.client).await;
    let path = format!("/admin/users/{}", planted.alice.id);
    receipt(deletes(&server.client, &path, Some(&planted.admin)).await);
    planted.nothing_is_told().await;
    assert_eq!(planted.counts().await, counts);
    eventually("only the bytes of others are left", || async {
        (files(place).len() == others.len() + 1).then_some(())
    })
    .await;
    assert!(files(place).is_superset(&others));
    assert_eq!(planted.bora.get(&planted.kept_file).await.status, 200);
    let is_over = answered.is_some_and(|answer| answer.body["status"] == "completed");
    (server, is_over)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_killed_with_some_keys_destroyed_is_completed() {
    let place = Place::new().await;
    let keys = Keys(&place);
    let mut server = Process::start(&place, SETTINGS).await;
    for more in 0.. {
        assert!(more < MAX_KEYS, "it is over at last");
        let others = files(&place);
        let planted = Planted::new(&server.client).await;
        let counts = planted.counts().await;
        keys.destroys_up_to(keys.destroyed().await + more).await;
        let planted = (planted, counts, others);
        let free = async || keys.opens().await;
        let (again, is_over) = is_killed_and_completed(&place, server, planted, free).await;
        server = again;
        if is_over {
            assert!(more > 3, "it destroys more keys than {more}");
            break;
        }
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_killed_with_some_files_gone_is_completed() {
    let place = Place::new().await;
    let mut server = Process::start(&place, SETTINGS).await;
    for which in 0..5 {
        let others = files(&place);
        let planted = Planted::new(&server.client).await;
        let counts = planted.counts().await;
        let new: Vec<PathBuf> = files(&place).difference(&others).cloned().collect();
        assert_eq!(new.len(), 5, "four of hers, and one of another's");
        // A folder that is not empty cannot be removed like a file.
        let (stuck, beside) = (&new[which], place.data().join("beside"));
        fs::rename(stuck, &beside).unwrap();
        fs::create_dir(stuck).unwrap();
        fs::write(stuck.join("in the way"), b"").unwrap();
        let free = async || {
            fs::remove_dir_all(stuck).unwrap();
            fs::rename(&beside, stuck).unwrap();
        };
        let planted = (planted, counts, others);
        let (again, is_over) = is_killed_and_completed(&place, server, planted, free).await;
        let is_anothers = files(&place).contains(stuck);
        assert!(is_anothers || !is_over, "each of her files holds it up");
        server = again;
    }
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}
