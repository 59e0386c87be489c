//! The file of the read models: power cuts, damage, and what must not stand in it.

use domain::{AccountEvent, AccountId, EmailEvent, Profile, Role, Sealed, Subject};
use event_store::StreamName;
use event_store::keys::KeyStore;
use projections::sqlite::{digest, dump};
use projections::{
    Batch, Executor, ReadError, ReadStoreOptions, Reader, Sql, SqliteReadStore, Turn, accounts,
};
use std::sync::Arc;
use uuid::Uuid;

use crate::fixture::{Live, Log};
use crate::workload::account_stream;

fn options(boot_id: &str) -> ReadStoreOptions {
    ReadStoreOptions {
        boot_id: Some(boot_id.into()),
        ..ReadStoreOptions::default()
    }
}

async fn has_rows(store: &SqliteReadStore) -> bool {
    let sql = Sql::Shared("SELECT name FROM sqlite_schema WHERE name = 'directory'");
    !store.query(sql, vec![]).await.unwrap().is_empty()
}

async fn make(path: &std::path::Path, boot_id: &str) -> SqliteReadStore {
    let store = SqliteReadStore::open(path, &options(boot_id)).unwrap();
    store.reset("directory", &["directory"]).await.unwrap();
    store
}

#[tokio::test]
async fn a_killed_process_keeps_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    drop(make(&path, "monday").await);
    let store = SqliteReadStore::open(&path, &options("monday")).unwrap();
    assert!(has_rows(&store).await);
}

#[tokio::test]
async fn a_machine_that_went_down_with_the_file_open_loses_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    drop(make(&path, "monday").await);
    let store = SqliteReadStore::open(&path, &options("tuesday")).unwrap();
    assert!(!has_rows(&store).await);
}

#[tokio::test]
async fn a_closed_file_is_kept_over_a_reboot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    make(&path, "monday").await.close().await.unwrap();
    let store = SqliteReadStore::open(&path, &options("tuesday")).unwrap();
    assert!(has_rows(&store).await);
    store.close().await.unwrap();
    assert!(
        store.query(Sql::Shared("SELECT 1"), vec![]).await.is_err(),
        "it is closed"
    );
}

#[tokio::test]
async fn a_file_that_is_no_database_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    std::fs::write(&path, vec![0x55; 8192]).unwrap();
    let store = make(&path, "monday").await;
    assert!(has_rows(&store).await);
}

#[tokio::test]
async fn two_files_of_the_same_rows_have_the_same_digest() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [folder.path().join("one.db"), folder.path().join("two.db")];
    for path in &paths {
        make(path, "monday").await.close().await.unwrap();
    }
    let digests = paths.each_ref().map(|path| digest(path).unwrap());
    assert_eq!(digests[0], digests[1]);
    let other = rusqlite::Connection::open(&paths[1]).unwrap();
    other
        .execute(
            "INSERT INTO directory VALUES ('room', 1, x'00', NULL, NULL, NULL)",
            [],
        )
        .unwrap();
    assert_ne!(digests[0], digest(&paths[1]).unwrap());
    let mut rows = Vec::new();
    dump(&paths[1], |table, row| {
        rows.push((table.to_owned(), row.to_owned()));
    })
    .unwrap();
    assert_eq!(
        rows,
        [(
            "directory".to_owned(),
            "(\"room\",1,00x,NULL,NULL,NULL)".to_owned()
        )]
    );
}

#[tokio::test]
async fn names_are_sealed_in_the_file_and_gone_with_their_key() {
    const PLANTED: &str = "숨겨진이름-planted";
    let log = Log::new();
    let live = Live::start(&log).await;
    let account = AccountId(Uuid::from_u128(1));
    let subject = Subject::Account(account);
    let profile = Profile {
        name: PLANTED.into(),
        email: PLANTED.into(),
        ..Profile::default()
    };
    log.append(vec![
        (
            StreamName::new("email", "abc"),
            EmailEvent::Reserved { account }.into(),
        ),
        (
            account_stream(account),
            AccountEvent::Registered {
                email_key: "abc".into(),
                role: Role::User,
                profile: Sealed::of(subject, profile.clone()),
                password_hash: Sealed::of(subject, PLANTED.into()),
            }
            .into(),
        ),
    ])
    .await;
    live.catch_up(&log).await;

    let row = accounts::by_email_key(live.reader(), "abc")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.id, account);
    assert_eq!(
        row.profile.open::<Profile>(&*log.keys).unwrap(),
        Some(profile)
    );
    assert_eq!(
        row.password_hash.open(&*log.keys).unwrap(),
        Some(PLANTED.to_owned())
    );

    log.keys.destroy(&[subject.to_string().into()]).unwrap();
    assert_eq!(row.profile.open::<Profile>(&*log.keys).unwrap(), None);

    live.projector.stop().await;
    for name in ["read.db", "read.db-wal"] {
        let bytes = std::fs::read(log.folder.path().join(name)).unwrap_or_default();
        let found = bytes
            .windows(PLANTED.len())
            .any(|window| window == PLANTED.as_bytes());
        assert!(!found, "{name} holds a name in the clear");
    }
}

#[tokio::test]
async fn closing_waits_for_a_query_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(make(&folder.path().join("read.db"), "monday").await);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let all = "SELECT count(*) FROM directory";
                store.query(Sql::Shared(all), vec![]).await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await.unwrap();
    for one in asking {
        // Answered or refused, never left hanging.
        let answer = one.await.unwrap();
        assert!(matches!(answer, Ok(_) | Err(ReadError::Unavailable(_))));
    }
}

#[tokio::test]
async fn the_wal_is_used_again_instead_of_growing() {
    const MIB: u64 = 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    let store = make(&path, "monday").await;
    let mut wal_bytes = 0;
    for position in 1..=240_u64 {
        let mut batch = Batch::default();
        let insert = "INSERT INTO directory (kind, number, uuid, name) VALUES ('room', $1, $2, $3)";
        let uuid = Uuid::from_u128(position.into());
        batch.push(
            insert,
            vec![position.into(), uuid.into(), vec![7; 1024 * 1024].into()],
        );
        let turn = Turn {
            projection: "directory",
            version: 1,
            from: position - 1,
            to: position,
            event_id: uuid,
            batch,
        };
        assert_eq!(store.execute(vec![turn]).await.unwrap(), []);
        let wal = std::fs::metadata(folder.path().join("read.db-wal")).unwrap();
        wal_bytes = wal_bytes.max(wal.len());
    }
    assert!(wal_bytes < 120 * MIB, "{} MiB for 240 MiB", wal_bytes / MIB);
}
