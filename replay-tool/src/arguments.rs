//! What can be asked on the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;

use crate::COULD_NOT_RUN;
use crate::seals::ExpectedRoot;

/// Reads a log of events beside a live server: verifies, compares, rebuilds, exports,
/// copies, counts. It never writes to the log, the keys or the live read models that it reads.
///
/// Exit code: 0 fine, 1 something was found, 2 it could not run.
#[derive(Debug, Parser)]
#[command(name = "maeum-replay", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Print one JSON object instead of lines
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub task: Task,
}

/// Where log and keys are.
#[derive(Debug, Args)]
pub struct PlaceArguments {
    /// Folder of the embedded stores
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "./maeum-data"
    )]
    pub data: PathBuf,
    /// The log, if it is elsewhere: `sqlite://PATH` or `postgres://USER@HOST/DATABASE`
    #[arg(long, global = true, value_name = "URL")]
    pub event_store: Option<String>,
    /// The live read models, if they are elsewhere
    #[arg(long, global = true, value_name = "URL")]
    pub read_store: Option<String>,
    /// The keys, if they are elsewhere
    #[arg(long, global = true, value_name = "URL")]
    pub key_store: Option<String>,
    /// File of the master key, 64 hexadecimal characters and readable by its owner only.
    /// Without it: `MAEUM_KEYS__MASTER` (the key), `MAEUM_KEYS__MASTER_FILE` (the file),
    /// `master.key` in the data folder
    #[arg(long, global = true, value_name = "FILE")]
    pub master_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Look for damage: every event decodes, nothing is missing or twice, all seals hold
    Verify(VerifyArguments),
    /// Make all read models anew from the log, in a file of their own
    Rebuild(RebuildArguments),
    /// Make all read models anew beside the live ones, and compare them row by row
    Diff,
    /// Write the log as JSON lines, without the text of what is sealed
    Export(ExportArguments),
    /// Take log and keys over into other stores, embedded or PostgreSQL, and compare them
    Copy(CopyArguments),
    /// Tell what happened to a consultation, a room, a person or a stream, without any text
    Timeline(TimelineArguments),
    /// Make all read models as they were at a time or position, and answer questions from them
    At(AtArguments),
    /// Tell what happens, as it happens, without any text
    Tail(TailArguments),
    /// Count events, streams and bytes
    Stats,
}

#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// Do not open what is sealed: for those who hold the log and not its keys
    #[arg(long)]
    pub without_keys: bool,
    /// Check a bundle that `export --bundle` wrote, with no server, no store and no keys
    #[arg(long, value_name = "DIR|FILE")]
    pub bundle: Option<PathBuf>,
    /// The public key that seals have to be signed with. Without it: the key store's; without
    /// keys, the first seal's
    #[arg(long, value_name = "KEY")]
    pub seal_key: Option<String>,
    /// A root that was noted outside, of a seal's position or of a day's last seal:
    /// `POSITION=ROOT` or `DATE=ROOT`. Can be given several times
    #[arg(long, value_name = "WHERE=ROOT")]
    pub root: Vec<ExpectedRoot>,
}

#[derive(Debug, Args)]
pub struct RebuildArguments {
    /// The file to make; one of an earlier rebuild is replaced, any other is refused
    #[arg(long, value_name = "FILE")]
    pub into: PathBuf,
}

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Write the whole log as it is stored, what is sealed included and not opened, with its
    /// seals and a signed end: `verify --bundle` checks it with nothing else at hand
    #[arg(
        long,
        value_name = "DIR|FILE",
        conflicts_with_all = ["into", "after", "until", "stream", "event_type"]
    )]
    pub bundle: Option<PathBuf>,
    /// Do not sign the end of the bundle: for those who hold the log and not its keys
    #[arg(long, requires = "bundle")]
    pub unsigned: bool,
    /// The file to make; without it, standard output
    #[arg(long, value_name = "FILE")]
    pub into: Option<PathBuf>,
    /// Only events behind this position
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    pub after: u64,
    /// Only events up to this position
    #[arg(long, value_name = "POSITION")]
    pub until: Option<u64>,
    /// Only events of this stream, e.g. `room-0190…`
    #[arg(long, value_name = "NAME")]
    pub stream: Option<String>,
    /// Only events of this type, e.g. `message.sent`
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
}

#[derive(Debug, Args)]
pub struct CopyArguments {
    /// The log to copy from; without it, that of --event-store or --data
    #[arg(long, value_name = "URL")]
    pub from: Option<String>,
    /// The log to copy to: empty, or begun by an earlier run
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// The keys to copy from; without it, those of --key-store or --data
    #[arg(long, value_name = "URL")]
    pub from_keys: Option<String>,
    /// The keys to copy to
    #[arg(long, value_name = "URL")]
    pub to_keys: String,
    /// File of the source's master key, if it is not the one of --master-file or the environment
    #[arg(long, value_name = "FILE")]
    pub from_master_file: Option<PathBuf>,
    /// File of the target's master key; without it, the target has the source's
    #[arg(long, value_name = "FILE")]
    pub to_master_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct TimelineArguments {
    /// What it is of
    #[arg(value_enum)]
    pub of: TimelineOf,
    /// A UUID or a number; of a consultation also its code, of a stream its name
    pub id: String,
    #[command(flatten)]
    pub texts: TextArguments,
}

/// Who opens texts, and why.
#[derive(Debug, Args)]
pub struct TextArguments {
    /// Why the texts are wanted, 1 to 200 characters without personal data. The server records it
    /// and then opens the texts
    #[arg(long, value_name = "TEXT", requires = "server")]
    pub purpose: Option<String>,
    /// The server that opens the texts, e.g. `https://counsel.example`
    #[arg(long, value_name = "URL", requires = "purpose")]
    pub server: Option<String>,
    /// An access token of an auditor; better in the environment or a file, which other users of
    /// the machine do not see
    #[arg(
        long,
        value_name = "TOKEN",
        env = "MAEUM_TOKEN",
        hide_env_values = true
    )]
    pub token: Option<String>,
    /// The file with the token, where none was given otherwise
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct AtArguments {
    /// A position of the log, or a time of RFC 3339, e.g. `2026-11-21T10:00:00Z`
    pub when: When,
    /// Keep the read models in this file; one of an earlier rebuild is replaced, any other is
    /// refused
    #[arg(long, value_name = "FILE")]
    pub into: Option<PathBuf>,
    /// How a room was: its UUID or number
    #[arg(long, value_name = "ID")]
    pub room: Vec<String>,
    /// How a consultation was: its code, UUID or number
    #[arg(long, value_name = "ID")]
    pub consultation: Vec<String>,
    /// How a counsellor's desk was: the UUID or number of the counsellor
    #[arg(long, value_name = "ID")]
    pub dashboard: Vec<String>,
    /// The newest messages of a room or consultation whose texts are shown for a purpose
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub messages: u32,
    #[command(flatten)]
    pub texts: TextArguments,
}

#[derive(Debug, Args)]
pub struct TailArguments {
    /// From behind this position on; without it, from the present end of the log
    #[arg(long, value_name = "POSITION")]
    pub after: Option<u64>,
    /// End once this position was told
    #[arg(long, value_name = "POSITION")]
    pub until: Option<u64>,
    /// Only events of this stream, e.g. `room-0190…`
    #[arg(long, value_name = "NAME")]
    pub stream: Option<String>,
    /// Only events of this type, e.g. `message.sent`
    #[arg(long = "type", value_name = "TYPE")]
    pub event_type: Option<String>,
}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Position(u64),
    /// Microseconds since the Unix epoch.
    Time(i64),
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        let time: Result<Timestamp, _> = text.parse();
        time.map(|time| Self::Time(time.as_microsecond()))
            .map_err(|_| "a position, or a time such as 2026-11-21T10:00:00Z")
    }
}

/// What a timeline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TimelineOf {
    Consultation,
    Room,
    /// An account or a guest
    Person,
    Stream,
}

impl TimelineOf {
    pub fn word(self) -> &'static str {
        match self {
            Self::Consultation => "consultation",
            Self::Room => "room",
            Self::Person => "person",
            Self::Stream => "stream",
        }
    }
}

impl TimelineArguments {
    /// How what was not found is called: a code is not repeated.
    pub fn named(&self) -> String {
        match self.of {
            TimelineOf::Consultation if self.id.parse::<u64>().is_err() => {
                "of that code".to_owned()
            }
            _ => self.id.clone(),
        }
    }
}

impl Arguments {
    /// The command line; or, after help was printed or a mistake told in one line, the exit code.
    pub fn read() -> Result<Self, ExitCode> {
        Self::try_parse().map_err(|error| {
            if error.use_stderr() && !is_help(&error) {
                eprintln!("maeum-replay: {}", first_paragraph(&error.to_string()));
                return ExitCode::from(COULD_NOT_RUN);
            }
            match error.print() {
                Ok(()) if is_help(&error) && error.use_stderr() => ExitCode::from(COULD_NOT_RUN),
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::from(COULD_NOT_RUN),
            }
        })
    }
}

/// Help that is shown because nothing was asked.
fn is_help(error: &clap::Error) -> bool {
    error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// What clap says first, over several lines, as one line.
fn first_paragraph(text: &str) -> String {
    let lines = text
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .map(str::trim);
    let line = lines.collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ")
        .map_or(line.clone(), str::to_owned)
}
