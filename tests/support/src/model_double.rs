//! A double of a language model's server: it does what a test tells it, down to single bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What the double does with one request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer without a stream, with this status, further header lines, and body.
    Whole(u16, &'static str, String),
    /// A stream of events.
    Stream(Vec<Part>),
    /// Nothing at all: the connection is closed before a status.
    Nothing,
    /// No status, ever.
    Silence,
}

/// A part of a stream.
#[derive(Debug, Clone)]
pub enum Part {
    /// An event with this much of the answer.
    Token(String),
    /// An event with what this says when it is sent.
    Said(fn() -> String),
    /// An event that says why the answer ends.
    Reason(&'static str),
    /// An event that says what was counted: of the prompt and of the answer.
    Usage(u32, u32),
    /// The event behind all.
    Done,
    /// Any bytes.
    Bytes(Vec<u8>),
    /// These bytes again and again, until nobody reads any more.
    Endless(Vec<u8>),
    Pause(Duration),
    /// What comes after it waits until the test lets it through.
    Gate(Gate),
    /// Nothing more, and the connection stays open.
    Hang,
    /// The connection is reset.
    Reset,
}

/// Lets parts of streams through, one for each time that it is opened.
#[derive(Debug, Clone)]
pub struct Gate(Arc<Semaphore>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Gate {
    /// Lets so many more through.
    pub fn open(&self, parts: usize) {
        self.0.add_permits(parts);
    }

    async fn pass(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}

/// A stream of these tokens, each of which waits at the gate, as its end does.
pub fn gated(tokens: &[&str], gate: &Gate) -> Reply {
    let waiting = || Part::Gate(gate.clone());
    let mut parts = Vec::new();
    for token in tokens {
        parts.extend([waiting(), Part::Token((*token).into())]);
    }
    parts.extend([
        waiting(),
        Part::Reason("stop"),
        Part::Usage(20, 5),
        Part::Done,
    ]);
    Reply::Stream(parts)
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: String,
    pub body: Value,
    /// How many requests of its kind (streamed or not) came before it.
    pub before: usize,
}

impl Asked {
    /// Whether a stream is asked for; else it is a label or a summary.
    pub fn is_streamed(&self) -> bool {
        self.body["stream"] == true
    }

    /// All that the model is given to read.
    pub fn text(&self) -> String {
        let messages = self.body["messages"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let texts = messages
            .iter()
            .filter_map(|message| message["content"].as_str());
        texts.collect::<Vec<_>>().join("\n")
    }
}

type Answering = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server on a free port of this machine, until it is dropped.
pub struct ModelDouble {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

struct Shared {
    answer: Box<Answering>,
    asked: Mutex<Vec<Asked>>,
    open: AtomicUsize,
    most_open: AtomicUsize,
    /// Streams that the other side left before their end.
    left: watch::Sender<usize>,
}

impl ModelDouble {
    /// Starts one that answers every request as it is told.
    pub async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            asked: Mutex::default(),
            open: AtomicUsize::new(0),
            most_open: AtomicUsize::new(0),
            left: watch::channel(0).0,
        });
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            serving,
        }
    }

    /// One that streams these tokens to everybody, and tells the label of every input.
    pub async fn saying(tokens: &'static [&'static str]) -> Self {
        Self::start(move |asked| {
            if asked.is_streamed() {
                stream(tokens)
            } else {
                label("joy", 0.5)
            }
        })
        .await
    }

    /// What `llm.base_url` is to be.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request so far.
    pub async fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().await.clone()
    }

    /// The requests for a stream so far.
    pub async fn streams(&self) -> Vec<Asked> {
        self.asked()
            .await
            .into_iter()
            .filter(Asked::is_streamed)
            .collect()
    }

    /// How many requests were being answered at once, at most.
    pub fn most_open(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }

    /// Waits until so many streams were left before their end.
    pub async fn left(&self, streams: usize) {
        let mut left = self.shared.left.subscribe();
        left.wait_for(|left| *left >= streams).await.unwrap();
    }
}

impl Drop for ModelDouble {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A stream as a well-behaved server sends it.
pub fn stream(tokens: &[&str]) -> Reply {
    let mut parts: Vec<Part> = tokens
        .iter()
        .map(|token| Part::Token((*token).into()))
        .collect();
    parts.extend([Part::Reason("stop"), Part::Usage(20, 5), Part::Done]);
    Reply::Stream(parts)
}

/// A label, as it is answered by a schema.
pub fn label(label: &str, intensity: f32) -> Reply {
    whole(&json!({ "label": label, "intensity": intensity }).to_string())
}

/// An answer that comes at once.
pub fn whole(content: &str) -> Reply {
    let choice = json!({
        "message": { "role": "assistant", "content": content }, "finish_reason": "stop",
    });
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 7 });
    let body = json!({ "choices": [choice], "usage": usage });
    Reply::Whole(200, "", body.to_string())
}

/// An event with this data.
pub fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// The event of a token.
pub fn token(text: &str) -> Vec<u8> {
    event(&json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((socket, _)) = listener.accept().await {
        // What is small does not wait for more.
        socket.set_nodelay(true).unwrap();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // Whoever is not there any more needs no answer.
            drop(converse(socket, &shared).await);
        });
    }
}

async fn converse(mut socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    while let Some(asked) = read(&mut socket, shared).await? {
        let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most_open.fetch_max(open, Ordering::SeqCst);
        let reply = (shared.answer)(&asked);
        let goes_on = answer(&mut socket, reply, shared).await;
        shared.open.fetch_sub(1, Ordering::SeqCst);
        if !goes_on? {
            return Ok(());
        }
    }
    Ok(())
}

async fn read(socket: &mut TcpStream, shared: &Shared) -> std::io::Result<Option<Asked>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let headers = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length = headers
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while bytes.len() < head + length {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
    let body: Value = serde_json::from_slice(&bytes[head..head + length]).unwrap();
    let path = headers.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut all = shared.asked.lock().await;
    let streamed = body["stream"] == true;
    let before = all
        .iter()
        .filter(|asked| asked.is_streamed() == streamed)
        .count();
    let asked = Asked {
        path,
        headers,
        body,
        before,
    };
    all.push(asked.clone());
    Ok(Some(asked))
}

/// Whether the connection may be used again.
async fn answer(socket: &mut TcpStream, reply: Reply, shared: &Shared) -> std::io::Result<bool> {
    match reply {
        Reply::Nothing => Ok(false),
        Reply::Silence => {
            until_left(socket, shared).await;
            Ok(false)
        }
        Reply::Whole(status, headers, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} .\r\ncontent-type: application/json\r\n{headers}\
                 content-length: {length}\r\n\r\n"
            );
            socket.write_all(head.as_bytes()).await?;
            socket.write_all(body.as_bytes()).await?;
            Ok(true)
        }
        Reply::Stream(parts) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                        connection: close\r\n\r\n";
            socket.write_all(head.as_bytes()).await?;
            for part in parts {
                if !send(socket, part, shared).await {
                    return Ok(false);
                }
            }
            Ok(false)
        }
    }
}

/// Whether the stream goes on.
async fn send(socket: &mut TcpStream, part: Part, shared: &Shared) -> bool {
    let bytes = match part {
        Part::Token(text) => token(&text),
        Part::Said(now) => token(&now()),
        Part::Reason(reason) => {
            event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
        }
        Part::Usage(prompt, answer) => event(&json!({
            "choices": [], "usage": { "prompt_tokens": prompt, "completion_tokens": answer },
        })),
        Part::Done => b"data: [DONE]\n\n".to_vec(),
        Part::Bytes(bytes) => bytes,
        Part::Endless(bytes) => {
            while socket.write_all(&bytes).await.is_ok() {}
            shared.left.send_modify(|left| *left += 1);
            return false;
        }
        Part::Pause(pause) => {
            sleep(pause).await;
            return true;
        }
        Part::Gate(gate) => {
            return tokio::select! {
                () = gate.pass() => true,
                () = until_left(socket, shared) => false,
            };
        }
        Part::Hang => {
            until_left(socket, shared).await;
            return false;
        }
        Part::Reset => {
            socket.set_zero_linger().unwrap();
            return false;
        }
    };
    let sent = socket.write_all(&bytes).await.is_ok();
    if !sent {
        shared.left.send_modify(|left| *left += 1);
    }
    sent
}

async fn until_left(socket: &mut TcpStream, shared: &Shared) {
    let mut rest = Vec::new();
    while socket.read_buf(&mut rest).await.is_ok_and(|read| read > 0) {}
    shared.left.send_modify(|left| *left += 1);
}
