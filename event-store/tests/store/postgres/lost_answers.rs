//! A connection that is cut at one moment: what the caller is told, and what is stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use event_store::{EventStore, NewEvent, StoreError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Postgres;
use crate::writing::*;

/// When a connection is cut.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Cut {
    Never,
    /// When the transaction begins: nothing was sent to be stored.
    AtBegin,
    /// When the commit comes: it does not reach the server.
    BeforeCommit,
    /// When the commit has reached the server: its answer is lost.
    AfterCommit,
}

/// Stands between a store and its server, and cuts the first connection that does what is named.
struct Proxy {
    port: u16,
    cut: Arc<AtomicU8>,
}

impl Proxy {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(AtomicU8::new(Cut::Never as u8));
        let shared = cut.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(pass(client, server, shared.clone()));
            }
        });
        Self { port, cut }
    }

    fn cut(&self, when: Cut) {
        self.cut.store(when as u8, Ordering::SeqCst);
    }
}

async fn pass(client: TcpStream, server: TcpStream, cut: Arc<AtomicU8>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut bytes = vec![0; 1 << 20];
    while let Ok(read) = from_client.read(&mut bytes).await
        && read > 0
    {
        let said = |word: &[u8]| bytes[..read].windows(word.len()).any(|part| part == word);
        let moment = cut.load(Ordering::SeqCst);
        let now = match moment {
            _ if moment == Cut::AtBegin as u8 => said(b"BEGIN"),
            _ if moment == Cut::Never as u8 => false,
            _ => said(b"COMMIT\0"),
        };
        if now {
            cut.store(Cut::Never as u8, Ordering::SeqCst);
        }
        if now && moment == Cut::AfterCommit as u8 {
            // No answer comes back, but the server gets all of it.
            back.abort();
        }
        if now && moment != Cut::AfterCommit as u8 {
            break;
        }
        if to_server.write_all(&bytes[..read]).await.is_err() || now {
            break;
        }
    }
    back.abort();
}

async fn tell(when: Cut) -> (Result<u64, StoreError>, usize) {
    let home = Postgres::new().await;
    let url = home.database.url();
    let (_, rest) = url.split_once("127.0.0.1:").unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::to(format!("127.0.0.1:{port}")).await;
    let url = url.replace(
        &format!(":{port}/{name}"),
        &format!(":{}/{name}", proxy.port),
    );
    let store = home.store_at(&url).await;
    append(&store, &new_room(), 0, vec![said("before")])
        .await
        .unwrap();

    let (room, key) = (new_room(), [7; 16]);
    let event = || NewEvent {
        dedupe: Some(key),
        ..said("cut")
    };
    proxy.cut(when);
    let told = append(&store, &room, 0, vec![event()]).await;
    // The next has the lock only when the server is done with it.
    append(&store, &new_room(), 0, vec![said("after")])
        .await
        .unwrap();
    let found = store.find_outcome(&room, key).await.unwrap();
    let stored = usize::from(found.is_some());
    let again = append(&store, &new_room(), 0, vec![event()]).await;
    if stored == 1 {
        assert_eq!(again, Err(StoreError::Duplicate));
    } else {
        assert!(again.is_ok(), "{again:?}");
    }
    let log = whole_log(&store).await;
    assert_dense(&log);
    assert_eq!(log.len(), 3);
    (told.map(|events| events[0].position), stored)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_to_be_stored_is_not_stored_and_said_so() {
    let (told, stored) = tell(Cut::AtBegin).await;
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    assert_eq!(stored, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_did_not_arrive_is_unknown_and_not_stored() {
    let (told, stored) = tell(Cut::BeforeCommit).await;
    assert!(matches!(told, Err(StoreError::Unknown(_))), "{told:?}");
    assert_eq!(stored, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_unknown_and_stored_once() {
    let (told, stored) = tell(Cut::AfterCommit).await;
    assert!(matches!(told, Err(StoreError::Unknown(_))), "{told:?}");
    assert_eq!(stored, 1);
}
