//! An erasure that is cut after each single step goes on behind it and is completed.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tests::talks::{diff, verify};
use tests::{DEADLINE, Place, Process};
use tokio::time::Instant;

use super::planted::Planted;
use super::{deletes, receipt};

const SETTINGS: &str = "limits.requests_per_minute = 0\nlimits.messages_per_minute = 0";

/// For how long nothing more comes where a step of several events is refused whole.
pub(super) const STANDS_STILL: Duration = Duration::from_millis(300);

/// More than an erasure has.
const MAX_STEPS: u64 = 40;

/// A log that takes nothing more.
pub(super) struct Gate<'a>(pub(super) &'a Place);

impl Gate<'_> {
    fn log(&self) -> Connection {
        Connection::open(self.0.data().join("events.db")).unwrap()
    }

    /// The last position of the log.
    pub(super) async fn head(&self) -> u64 {
        let sql = "SELECT max(position) FROM events";
        let head: Option<i64> = match self.0.database() {
            None => self
                .log()
                .query_row(sql, [], |row| row.get(0))
                .optional()
                .unwrap(),
            Some(log) => log
                .connect()
                .await
                .query_one(sql, &[])
                .await
                .unwrap()
                .get(0),
        };
        u64::try_from(head.unwrap_or_default()).unwrap()
    }

    /// The log takes nothing behind a position.
    async fn ends_at(&self, position: u64) {
        match self.0.database() {
            None => {
                let sql = format!(
                    "CREATE TRIGGER refused BEFORE INSERT ON events WHEN NEW.position > {position} \
                     BEGIN SELECT RAISE(ABORT, 'no'); END"
                );
                self.log().execute_batch(&sql).unwrap();
            }
            Some(log) => {
                let sql = format!(
                    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     IF NEW.position > {position} THEN RAISE EXCEPTION 'no'; END IF; \
                     RETURN NEW; END $$; CREATE TRIGGER refused BEFORE INSERT ON events \
                     FOR EACH ROW EXECUTE FUNCTION refuse()"
                );
                log.execute(&sql).await;
            }
        }
    }

    /// It takes everything again. No server runs.
    async fn opens(&self) {
        match self.0.database() {
            None => self.log().execute_batch("DROP TRIGGER refused").unwrap(),
            Some(log) => {
                let sql = "DROP TRIGGER refused ON events; DROP FUNCTION refuse()";
                log.execute(sql).await;
            }
        }
    }

    /// Until the log has reached a position, or goes no further although it is not far from it.
    async fn stands_at(&self, position: u64) {
        let deadline = Instant::now() + DEADLINE;
        let mut last = (self.head().await, Instant::now());
        while last.0 < position && last.1.elapsed() < STANDS_STILL {
            assert!(Instant::now() < deadline, "the log goes on and on");
            tokio::task::yield_now().await;
            let head = self.head().await;
            if head != last.0 {
                last = (head, Instant::now());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_cut_after_each_single_event_is_completed() {
    let place = Place::new().await;
    let gate = Gate(&place);
    let mut server = Process::start(&place, SETTINGS).await;
    let mut steps = 0;
    loop {
        steps += 1;
        assert!(steps <= MAX_STEPS, "it is over at last");
        let mut planted = Planted::new(&server.client).await;
        let counts = planted.counts().await;
        let end = gate.head().await + steps;
        gate.ends_at(end).await;
        let path = "/api/v1/users/me";
        let request = server.client.request("DELETE", path);
        let request = request.bearer_auth(&planted.alice.token);
        let client = server.client.clone();
        let mut asked = tokio::spawn(async move { client.try_send(request).await });
        let answered = tokio::select! {
            answered = &mut asked => answered.unwrap().ok(),
            () = gate.stands_at(end) => None,
        };
        server.kill().await;
        gate.opens().await;
        asked.abort();
        server = Process::start(&place, SETTINGS).await;
        planted.at(&server.client).await;
        // Where the request itself was lost, it is made again; else this only fetches the receipt.
        let path = format!("/admin/users/{}", planted.alice.id);
        receipt(deletes(&server.client, &path, Some(&planted.admin)).await);
        planted.nothing_is_told().await;
        assert_eq!(planted.counts().await, counts, "cut after {steps}");
        if answered.is_some_and(|answer| answer.status == 200) {
            break;
        }
    }
    assert!(steps > 6, "it has more events than {steps}");
    assert_eq!(server.terminate().await, Some(0));
    verify(&place);
    diff(&place);
}
