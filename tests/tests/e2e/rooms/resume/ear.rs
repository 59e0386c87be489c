//! Somebody whose connection breaks again and again, and what they hear over all of them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use tests::{Counselor, Dialect, Seat, Socket};
use tokio::time::{Instant, timeout_at};

/// How long a connection lasts at most before it breaks, in milliseconds.
const LIFE_MS: u64 = 200;

/// What is not told again.
const EPHEMERAL: [&str; 5] = [
    "typing",
    "user_status",
    "member_online",
    "member_offline",
    "status",
];

/// The read models lag too much just now: the client comes again.
const TRY_AGAIN: u16 = 1013;

/// A socket's place.
#[derive(Clone)]
pub enum Place {
    Room(Seat),
    /// A counsellor's notifications.
    Bell(Counselor),
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(seat) => {
                let who = &seat.user.name;
                write!(f, "{who} in room {} by {:?}", seat.room, seat.dialect)
            }
            Self::Bell(counselor) => write!(f, "the bell of {}", counselor.name),
        }
    }
}

/// What a frame tells, as far as the log says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub position: u64,
    pub kind: String,
    /// The number of the message, person or request that it is about.
    pub about: u64,
    /// What is said, or who has read.
    pub words: String,
}

/// See above.
pub struct Ear {
    pub place: Place,
    pub heard: Vec<Told>,
    /// Everything up to here was heard.
    position: u64,
    random: StdRng,
}

impl Ear {
    pub fn new(place: Place, after: u64, seed: u64) -> Self {
        Self {
            place,
            heard: Vec::new(),
            position: after,
            random: StdRng::seed_from_u64(seed),
        }
    }

    /// Connects and breaks off until all have done so often enough.
    pub async fn breaks(mut self, left: Arc<AtomicUsize>) -> Self {
        let one_less = |left: usize| left.checked_sub(1);
        while left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
        {
            let life = Duration::from_millis(self.random.random_range(0..LIFE_MS));
            let mut socket = self.connects().await;
            let end = Instant::now() + life;
            while let Ok(frame) = timeout_at(end, socket.next()).await {
                if !self.takes(&socket, frame) {
                    break;
                }
            }
            // Half of them say goodbye; what comes meanwhile is not heard.
            if self.random.random_bool(0.5) {
                socket.close().await;
            }
        }
        self
    }

    /// Goes on until what is told at a position has been heard.
    pub async fn hears_until(&mut self, end: u64) {
        let mut socket = self.connects().await;
        while self.heard.last().is_none_or(|told| told.position < end) {
            let frame = socket.next().await;
            if !self.takes(&socket, frame) {
                socket = self.connects().await;
            }
        }
    }

    async fn connects(&self) -> Socket {
        let after = self.position;
        match &self.place {
            Place::Room(seat) => seat.returns(after).await,
            Place::Bell(counselor) => counselor.returns(after).await,
        }
    }

    /// Takes note of a frame. False where the connection is over and may be tried again.
    fn takes(&mut self, socket: &Socket, frame: Result<Value, u16>) -> bool {
        let frame = match frame {
            Ok(frame) => frame,
            Err(TRY_AGAIN) => return false,
            Err(code) => panic!("{:?} was closed with {code}", self.place),
        };
        self.position = socket.position;
        let kind = frame["type"].as_str().unwrap();
        assert_ne!(kind, "error", "{:?}: {frame}", self.place);
        if !EPHEMERAL.contains(&kind) {
            self.heard.push(self.place.told(&frame));
        }
        true
    }
}

impl Place {
    /// What a durable frame tells.
    fn told(&self, frame: &Value) -> Told {
        let kind = frame["type"].as_str().unwrap();
        let (about, words) = match self {
            Self::Bell(_) => match kind {
                "new_request" => (&frame["request"]["id"], &Value::Null),
                _ => (&frame["request_id"], &Value::Null),
            },
            Self::Room(seat) => fields(seat.dialect, kind, frame),
        };
        Told {
            position: frame["position"].as_u64().unwrap_or_else(|| {
                panic!("{self:?} was told of no position: {frame}");
            }),
            kind: kind.to_owned(),
            about: about
                .as_u64()
                .unwrap_or_else(|| panic!("{self:?}: {frame}")),
            words: match words {
                Value::String(words) => words.clone(),
                Value::Null => String::new(),
                number => number.to_string(),
            },
        }
    }
}

/// Where a dialect's frame says what it is about, and in which words.
fn fields<'a>(dialect: Dialect, kind: &str, frame: &'a Value) -> (&'a Value, &'a Value) {
    let data = &frame["data"];
    match (dialect, kind) {
        (Dialect::Consultation, "message") => (&frame["id"], &frame["message"]),
        (Dialect::Consultation, "message_edited") => (&frame["message_id"], &frame["message"]),
        (Dialect::Chat, "message" | "message_edited") => (&frame["message_id"], &frame["content"]),
        (Dialect::Consultation, _) | (Dialect::Chat, "message_deleted") => {
            (&frame["message_id"], &Value::Null)
        }
        (Dialect::Chat, "message_read") => (&frame["last_read_message_id"], &frame["user_id"]),
        (Dialect::Chat, _) => (&frame["user_id"], &Value::Null),
        (Dialect::Feed, "message" | "message_edited") => (&data["id"], &data["message"]),
        (Dialect::Feed, "message_deleted") => (&data["id"], &Value::Null),
        (Dialect::Feed, _) => (&data["user_id"], &Value::Null),
    }
}
