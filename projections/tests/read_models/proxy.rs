//! A way to a PostgreSQL server that can be cut and stopped up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the client sends to end a transaction, as a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

/// Passes bytes on, until it is told otherwise.
pub struct Proxy {
    url: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    /// The next commit reaches the server, and its answer nobody.
    swallow: AtomicBool,
    swallowed: AtomicU32,
    stopped_up: watch::Sender<bool>,
}

impl Proxy {
    /// In front of the server of this address.
    pub async fn before(url: &str) -> Self {
        let (head, rest) = url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let server: SocketAddr = server.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let state = Arc::new(State {
            swallow: AtomicBool::new(false),
            swallowed: AtomicU32::new(0),
            stopped_up: watch::Sender::new(false),
        });
        let passing = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(connect(client, server, Arc::clone(&passing)));
            }
        });
        Self {
            url: format!("{head}@{here}/{database}"),
            state,
            task,
        }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts the connection after the next commit, before its answer.
    pub fn swallow_the_next_answer(&self) {
        self.state.swallow.store(true, Ordering::SeqCst);
    }

    /// How many answers were lost.
    pub fn swallowed(&self) -> u32 {
        self.state.swallowed.load(Ordering::SeqCst)
    }

    /// Nothing goes through any more, as where a machine or a cable has died.
    pub fn stop_up(&self, stopped_up: bool) {
        self.state.stopped_up.send_replace(stopped_up);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(client: TcpStream, server: SocketAddr, state: Arc<State>) {
    // The server may be down at the moment.
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let cut = Arc::new(AtomicBool::new(false));
    // Whichever way ends first ends the other one.
    tokio::select! {
        () = pass(from_client, to_server, &state, &cut, true) => {}
        () = pass(from_server, to_client, &state, &cut, false) => {}
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &State,
    cut: &AtomicBool,
    to_server: bool,
) {
    let mut bytes = vec![0; 64 * 1024];
    let mut stopped_up = state.stopped_up.subscribe();
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        stopped_up.wait_for(|stopped| !stopped).await.unwrap();
        let bytes = &bytes[..read];
        let commits = to_server && bytes.windows(COMMIT.len()).any(|window| window == COMMIT);
        if commits && state.swallow.swap(false, Ordering::SeqCst) {
            cut.store(true, Ordering::SeqCst);
        }
        if !to_server && cut.load(Ordering::SeqCst) {
            // The server has answered: it is committed.
            state.swallowed.fetch_add(1, Ordering::SeqCst);
            return;
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
