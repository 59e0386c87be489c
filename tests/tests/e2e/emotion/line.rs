//! One connection to `/ws/emotion`, in verbs; and a model that says what a test lets it say.

use serde_json::{Value, json};
use tests::model_double::{Asked, Gate, ModelDouble, Reply, gated, label};
use tests::{Socket, TestApp, User};

/// What the model says in these tests.
pub const TOKENS: [&str; 6] = ["많이 ", "힘드", "셨겠", "어요. ", "🙂 괜", "찮아요."];

/// A model that says [`TOKENS`], each when the gate is opened.
pub async fn model() -> (ModelDouble, Gate) {
    let gate = Gate::default();
    let held = gate.clone();
    let model = ModelDouble::start(move |asked| says(asked, gated(&TOKENS, &held))).await;
    (model, gate)
}

/// Streams are answered so, and labels are always the same.
pub fn says(asked: &Asked, reply: Reply) -> Reply {
    if asked.is_streamed() {
        reply
    } else {
        label("sadness", 0.75)
    }
}

/// A server that asks this model.
pub async fn server(model: &ModelDouble) -> TestApp {
    TestApp::with(&settings(model)).await
}

pub fn settings(model: &ModelDouble) -> String {
    format!(
        "llm.base_url = \"{}\"\nlimits.requests_per_minute = 0\nlimits.messages_per_minute = 0",
        model.url()
    )
}

/// Tokens that were heard, and how it ended.
#[derive(Debug)]
pub struct Heard {
    pub tokens: Vec<String>,
    pub end: Value,
}

impl Heard {
    pub fn text(&self) -> String {
        self.tokens.concat()
    }
}

/// A connection to a session.
pub struct Line {
    pub socket: Socket,
    pub session: String,
    /// What the first frame said beside.
    pub greeting: Value,
    /// Of the step that was heard last.
    pub step: String,
}

impl Line {
    /// Of a session that it opens.
    pub async fn new(user: &User) -> Self {
        Self::open(user, "").await
    }

    /// Of this session.
    pub async fn to(user: &User, session: &str) -> Self {
        Self::open(user, &format!("&session_id={session}")).await
    }

    /// Goes on with an answer from a token on.
    pub async fn back(user: &User, session: &str, step: &str, token_index: usize) -> Self {
        let query = format!("&session_id={session}&step_id={step}&token_index={token_index}");
        Self::open(user, &query).await
    }

    async fn open(user: &User, query: &str) -> Self {
        let path = format!(
            "/ws/emotion?user_id={}&token={}{query}",
            user.uuid, user.token
        );
        Self::on(user.client.socket(&path).await).await
    }

    /// On a socket that is open.
    pub async fn on(mut socket: Socket) -> Self {
        let greeting = socket.next().await.expect("let in");
        let session = greeting["session_id"].as_str().expect("the session first");
        Self {
            session: session.to_owned(),
            socket,
            greeting,
            step: String::new(),
        }
    }

    pub async fn says(&mut self, text: &str) {
        self.socket.send(json!({"user_input": text})).await;
    }

    /// The next so many tokens.
    pub async fn hears(&mut self, count: usize) -> Vec<String> {
        let mut tokens = Vec::new();
        while tokens.len() < count {
            let frame = self.socket.next().await.expect("a token");
            tokens.push(self.token(&frame));
        }
        tokens
    }

    fn token(&mut self, frame: &Value) -> String {
        let token = frame["token"].as_str();
        let token = token.unwrap_or_else(|| panic!("no token: {frame}"));
        frame["step_id"]
            .as_str()
            .expect("tokens name their step")
            .clone_into(&mut self.step);
        token.to_owned()
    }

    /// The rest of an answer.
    pub async fn hears_all(&mut self) -> Heard {
        let mut tokens = Vec::new();
        loop {
            let frame = self.socket.next().await.expect("the connection stays");
            if frame.get("token").is_some() {
                tokens.push(self.token(&frame));
                continue;
            }
            if let Some(step) = frame["step_id"].as_str() {
                step.clone_into(&mut self.step);
            }
            return Heard { tokens, end: frame };
        }
    }

    /// The next frame, which is an error with this status.
    pub async fn is_refused(&mut self, status: u16) -> Value {
        let frame = self.socket.next().await.expect("the connection stays");
        assert_eq!(frame["type"], "error", "{frame}");
        assert_eq!(frame["status"], status, "{frame}");
        frame
    }
}
