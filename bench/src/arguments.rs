//! What can be asked on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the stores, the read models and the live hub, each beside the raw limit of the same
/// machine in the same run. Ratios travel to other machines; absolute figures do not.
#[derive(Debug, Parser)]
#[command(name = "maeum-bench", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub task: Task,
}

/// What every benchmark is told.
#[derive(Debug, Args)]
pub struct Common {
    /// The engine under log, keys and read models
    #[arg(long, global = true, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// The superuser's database of a PostgreSQL server; fresh databases are made and dropped
    /// there. For figures, of a server that flushes: `scripts/postgres start --durable`
    #[arg(long, global = true, value_name = "URL", env = "MAEUM_TEST_POSTGRES")]
    pub postgres: Option<String>,
    /// How often everything is measured; medians are printed
    #[arg(long, global = true, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub runs: u32,
    /// How long one measurement takes
    #[arg(long, global = true, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub seconds: Duration,
    /// Where files are made, in a folder of their own that is removed afterwards. None: where the
    /// system keeps temporary files
    #[arg(long, global = true, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Print one JSON object instead of lines
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Writers that wait for their answers, against plain batches in one thread
    Append(AppendOptions),
    /// Followers that catch up, and that hear appends as they come
    Follow(FollowOptions),
    /// All read models from a log of consultations, against their rows inserted plainly
    Rebuild(RebuildOptions),
    /// Consultations over sockets of the real server, against a bare broadcast
    Live(LiveOptions),
    /// Rooms over sockets of the real server, against a server in Node with Socket.IO and PostgreSQL
    Chat(ChatOptions),
    /// Sessions about emotions over sockets of the real server, all answered at once by a double of
    /// a language model: how much later than the model says it a token is heard
    Emotion(EmotionOptions),
    /// Searches in rooms of artificial Korean talk, against opening every message of the room
    Search(SearchOptions),
    /// The log of a busy month in a folder of its own, for `maeum` and `maeum-replay` to work on;
    /// the same one at every time
    Month(MonthOptions),
    /// The bare broadcast, until it is killed
    #[command(hide = true)]
    Bare,
}

#[derive(Debug, Args)]
pub struct MonthOptions {
    /// The folder, which is made
    #[arg(long, value_name = "DIR")]
    pub into: PathBuf,
    /// Counsellors
    #[arg(long, default_value_t = 100)]
    pub counselors: usize,
    /// Consultations, all of which end
    #[arg(long, default_value_t = 20_000)]
    pub consultations: u64,
    /// Messages, about
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
}

#[derive(Debug, Args)]
pub struct AppendOptions {
    /// How many append at once, each waiting for its answer
    #[arg(long, value_delimiter = ',', default_value = "1,16,64,256")]
    pub writers: Vec<usize>,
    #[command(flatten)]
    pub load: Load,
    /// The program `append` of tests/postgres-es, built for speed: appends by the published
    /// cqrs-es and postgres-es are measured beside those to PostgreSQL
    #[arg(long, value_name = "PROGRAM")]
    pub postgres_es: Option<PathBuf>,
}

/// What is appended.
#[derive(Debug, Clone, Copy, Args)]
pub struct Load {
    /// Streams that the writers share out among them
    #[arg(long, default_value_t = 1_000)]
    pub streams: usize,
    /// Bytes of one payload
    #[arg(long, default_value_t = 250)]
    pub bytes: usize,
}

#[derive(Debug, Args)]
pub struct FollowOptions {
    /// How many follow at once
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    pub followers: Vec<usize>,
    /// Events to catch up with, at least
    #[arg(long, default_value_t = 200_000)]
    pub events: u64,
    /// How many append at once while others follow
    #[arg(long, default_value_t = 64)]
    pub writers: usize,
    #[command(flatten)]
    pub load: Load,
}

#[derive(Debug, Args)]
pub struct RebuildOptions {
    /// Events in the log, at least
    #[arg(long, default_value_t = 200_000)]
    pub events: u64,
}

#[derive(Debug, Args)]
pub struct LiveOptions {
    /// How many send at once, each waiting for its own copy before the next message
    #[arg(long, value_delimiter = ',', default_value = "1,64,256")]
    pub senders: Vec<usize>,
    /// Consultations, each with a socket on either side; more if there are more senders
    #[arg(long, default_value_t = 128)]
    pub consultations: usize,
    /// Sockets on which nothing is said, to see what each takes; 0 for none
    #[arg(long, default_value_t = 0)]
    pub idle: usize,
    /// The server's program. None: `maeum` beside this one
    #[arg(long, value_name = "PROGRAM")]
    pub server: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ChatOptions {
    /// What is measured: talk in many rooms, one sender in a large one, sockets that say nothing
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "rooms,fanout,idle"
    )]
    pub shape: Vec<Shape>,
    /// Which servers, one after the other in each run. The baseline needs --postgres and
    /// `npm ci --prefix bench/baseline`
    #[arg(long, value_enum, default_value_t = Servers::Both)]
    pub server: Servers,
    /// What is spoken with the real server; the baseline speaks Socket.IO
    #[arg(long, value_enum, default_value_t = Spoken::Chat)]
    pub dialect: Spoken,
    /// rooms: how many send at once, each waiting for its answer before the next message
    #[arg(long, value_delimiter = ',', default_value = "64,512")]
    pub senders: Vec<usize>,
    /// rooms: messages a second that are sent without waiting, from all sockets in turn
    #[arg(long, value_delimiter = ',', default_value = "1500,7500",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub offered: Vec<u32>,
    /// Messages to the real server carry a `client_message_id`, so that one that comes twice is
    /// told apart. The baseline knows no such thing
    #[arg(long)]
    pub repeatable: bool,
    /// rooms and idle: how many rooms
    #[arg(long, default_value_t = 50, value_parser = some)]
    pub rooms: usize,
    /// rooms and idle: members of each
    #[arg(long, default_value_t = 10, value_parser = some)]
    pub members: usize,
    /// fanout: sockets in the one room, the sender's among them
    #[arg(long, default_value_t = 1_000, value_parser = some)]
    pub listeners: usize,
    /// fanout: messages on their way at once; the next is sent when one was heard by all
    #[arg(long, default_value_t = 16, value_parser = some)]
    pub window: usize,
    /// idle: how many sockets
    #[arg(long, default_value_t = 5_000, value_parser = some)]
    pub sockets: usize,
    /// The real server's program. None: `maeum` beside this one
    #[arg(long, value_name = "PROGRAM")]
    pub program: Option<PathBuf>,
    /// Where the baseline is
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline"))]
    pub baseline: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    Rooms,
    Fanout,
    Idle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Spoken {
    /// A `WebSocket` for each room
    Chat,
    /// Socket.IO
    Messenger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Servers {
    Maeum,
    Baseline,
    Both,
}

fn some(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number above 0".to_owned()),
        Ok(number) => Ok(number),
    }
}

#[derive(Debug, Args)]
pub struct EmotionOptions {
    /// How many sessions are answered at once
    #[arg(long, default_value_t = 200, value_parser = some)]
    pub sessions: usize,
    /// The server's program. None: `maeum` beside this one
    #[arg(long, value_name = "PROGRAM")]
    pub server: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SearchOptions {
    /// Messages in all rooms
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub messages: u64,
    /// Rooms over which the messages are spread
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub rooms: u64,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        Ok(_) | Err(_) => Err("more than no seconds".to_owned()),
    }
}
