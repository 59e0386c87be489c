//! `emotion`: sessions that are all answered at once, by a double of a language model in this process.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_support::ModelDouble;
use test_support::model_double::{Part, Reply, label};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::arguments::{Common, EmotionOptions};
use crate::failure::Failure;
use crate::http::{Http, token};
use crate::latency::Latencies;
use crate::machine::{Machine, raise_open_files};
use crate::notes::notes;
use crate::report::{Case, Measured, Report, Run};
use crate::server::{self, Server};
use crate::socket::Socket;
use crate::stamp;

/// Tokens of an answer, and what lies between two of them.
const TOKENS: usize = 20;
const BETWEEN: Duration = Duration::from_millis(20);

/// Since when the model's tokens are stamped.
static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

pub async fn run(common: &Common, options: &EmotionOptions) -> Result<Report, Failure> {
    let machine = Machine::look();
    raise_open_files()?;
    let program = server::program(options.server.as_deref())?;
    let mut runs = Vec::new();
    for _ in 0..common.runs {
        runs.push(measure(common, options, &program).await?);
    }
    let name = format!("{} sessions answered at once", options.sessions);
    let mut notes = notes(common).await?;
    notes.push(format!(
        "p50 and p99: from the model's first token to the client; answers of {TOKENS} tokens, one \
         each {} ms",
        BETWEEN.as_millis()
    ));
    Ok(Report {
        bench: "emotion",
        engine: common.engine.name(),
        runs: common.runs,
        machine,
        cases: vec![Case::of(name, "answers/s", &runs)],
        notes,
    })
}

/// What the model says: when it says it.
fn says() -> Reply {
    let mut parts = Vec::new();
    for _ in 0..TOKENS {
        parts.extend([
            Part::Said(|| stamp::text(0, BEGIN.elapsed())),
            Part::Pause(BETWEEN),
        ]);
    }
    parts.extend([Part::Reason("stop"), Part::Usage(20, 20), Part::Done]);
    Reply::Stream(parts)
}

/// One server, and one round of answers after the other.
async fn measure(
    common: &Common,
    options: &EmotionOptions,
    program: &Path,
) -> Result<Run, Failure> {
    LazyLock::force(&BEGIN);
    let model = ModelDouble::start(|asked| {
        if asked.is_streamed() {
            says()
        } else {
            label("joy", 0.5)
        }
    })
    .await;
    let more = format!(
        "llm.base_url = \"{}\"\nllm.max_concurrent = {}",
        model.url(),
        options.sessions
    );
    let server = Server::fresh_with(common, program, &more).await?;
    let path = format!("/ws/emotion?token={}", someone(&server).await?);
    let mut sockets = Vec::new();
    for _ in 0..options.sessions {
        let mut socket = Socket::connect(server.address, &path).await?;
        socket.next_in_time().await?;
        sockets.push(socket);
    }
    let before = server.memory()?;
    let begin = Instant::now();
    let until = begin + common.seconds;
    // All say it at once, again and again.
    let barrier = Arc::new(Barrier::new(options.sessions));
    let over = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for socket in sockets {
        let talk = Talk::new(socket, Arc::clone(&barrier), Arc::clone(&over))?;
        tasks.spawn(talk.goes_on(until));
    }
    let (mut heard, mut most) = (Heard::new()?, before);
    while let Some(one) = tasks.join_next().await {
        heard.add(&one??)?;
        most = most.max(server.memory()?);
    }
    Ok(Run {
        ours: Measured::rate(heard.answers, begin.elapsed()).with(&heard.first),
        beside: Vec::new(),
        also: vec![
            (
                "ms from input to first token, p99",
                heard.asked.percentile(99.0),
            ),
            (
                "ms behind the model, any token, p99",
                heard.any.percentile(99.0),
            ),
            ("MiB of the server before", mebibytes(before)),
            ("MiB of the server at most", mebibytes(most)),
        ],
    })
}

#[expect(clippy::cast_precision_loss, reason = "no memory is that large")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The token of somebody who is logged in.
async fn someone(server: &Server) -> Result<String, Failure> {
    let http = Http::new(server.address);
    let mut body = json!({
        "name": "한지우", "email": "one@example.com", "password": "eight-or-more",
    });
    http.post("/register", None, &body).await?;
    body["name"] = Value::Null;
    token(&http.post("/login", None, &body).await?)
}

/// What was heard, and when.
struct Heard {
    answers: u64,
    /// From the model's first token to the client.
    first: Latencies,
    /// From any token of the model's to the client.
    any: Latencies,
    /// From the input to the first token.
    asked: Latencies,
}

impl Heard {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            answers: 0,
            first: Latencies::new()?,
            any: Latencies::new()?,
            asked: Latencies::new()?,
        })
    }

    fn add(&mut self, other: &Self) -> Result<(), Failure> {
        self.answers += other.answers;
        self.first.add(&other.first)?;
        self.any.add(&other.any)?;
        self.asked.add(&other.asked)
    }
}

/// One session.
struct Talk {
    socket: Socket,
    barrier: Arc<Barrier>,
    over: Arc<AtomicBool>,
    heard: Heard,
}

impl Talk {
    fn new(socket: Socket, barrier: Arc<Barrier>, over: Arc<AtomicBool>) -> Result<Self, Failure> {
        Ok(Self {
            socket,
            barrier,
            over,
            heard: Heard::new()?,
        })
    }

    /// Rounds until the time is over. All sessions do as many: one of them says whether there is
    /// another one.
    async fn goes_on(mut self, until: Instant) -> Result<Heard, Failure> {
        loop {
            if self.barrier.wait().await.is_leader() && Instant::now() >= until {
                self.over.store(true, Ordering::Release);
            }
            // It is said before anybody looks.
            self.barrier.wait().await;
            if self.over.load(Ordering::Acquire) && self.heard.answers > 0 {
                return Ok(self.heard);
            }
            self.hears_one().await?;
        }
    }

    async fn hears_one(&mut self) -> Result<(), Failure> {
        let asked = Instant::now();
        let input = json!({"user_input": "요즘 잠을 잘 못 자고 있어요."});
        self.socket.send(input.to_string()).await?;
        let mut tokens = 0;
        loop {
            let frame = self.socket.next_in_time().await?;
            if let Some((_, sent)) = stamp::stamp(frame.as_str())? {
                let late = BEGIN.elapsed().saturating_sub(sent);
                if tokens == 0 {
                    self.heard.first.record(late);
                    self.heard.asked.record(asked.elapsed());
                }
                self.heard.any.record(late);
                tokens += 1;
            } else if frame.as_str().contains("\"done\":true") {
                self.heard.answers += 1;
                return if tokens == TOKENS {
                    Ok(())
                } else {
                    Err(Failure::Wrong(format!(
                        "{tokens} of {TOKENS} tokens were heard"
                    )))
                };
            }
        }
    }
}
