//! Every setting there is.

use std::path::PathBuf;
use std::time::Duration;

use super::declare::{Field, Section, section, within};
use super::kinds::{
    Address, Count, File, Kind, List, LogStore, ModelServer, Network, Objects, Optional, Raw,
    Redis, Secret, Size, Span, Store, Switch, Text, WebOrigin, Zone,
};
use super::load::Origins;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(24 * 365);
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

section! {
    /// What belongs to no section.
    GeneralSettings {
        /// The time zone in which the consultation and chat dialects print times, which have no
        /// offset there, and in which a consultation has its date.
        legacy_time_zone: Zone = jiff::tz::TimeZone::UTC;
    }
}

section! {
    /// Where the server listens and keeps things.
    ServerSettings {
        /// Addresses to listen on.
        listen: List<Address> = vec![std::net::SocketAddr::from(([127, 0, 0, 1], 8000))];
        /// The directory of everything that is kept and not placed elsewhere.
        data: File = PathBuf::from("./maeum-data");
        /// The log of events, e.g. `sqlite:///srv/maeum/events.db`,
        /// `postgres://maeum:secret@db.internal/maeum` or
        /// `kurrentdb://maeum:secret@a.internal,b.internal,c.internal`, where the last part may
        /// have `:2113`, the name of a stream as `/maeum`, and `?tls=false`. None: in `data`.
        event_store: Optional<LogStore> = None;
        /// The read models, which can be made again from the log; they may share a PostgreSQL
        /// database with it. None: in `data`.
        read_store: Optional<Store> = None;
        /// The keys. Must be named when the log is outside `data`, and be another database. None:
        /// in `data`.
        key_store: Optional<Store> = None;
        /// Whether /docs and /openapi.json are served.
        public_docs: Switch = true;
        /// A separate address for /metrics. None: on the main addresses.
        metrics_listen: Optional<Address> = None;
        /// What is logged: error, warn, info, debug or trace, also by part of the program, e.g.
        /// `info,api::live=debug`.
        log: Text = "info".to_owned();
    }
}

section! {
    /// The first administrator.
    AdminSettings {
        /// The email of the administrator that the first start makes.
        email: Text = "admin@localhost".to_owned();
        /// Their password. None: one is made and printed once. Matters at the first start only.
        password: Secret = None;
    }
}

section! {
    /// Log-in and tokens.
    AuthSettings {
        /// Believe a bare `user_id` where the guides of feed and emotion send no token. Only
        /// behind a gateway that has checked it.
        trust_user_id: Switch = false;
        /// The networks whose bare `user_id` is believed. Needed to listen beyond loopback with
        /// `trust_user_id`.
        trusted_gateways: List<Network> = Vec::new();
        /// How long an access token is good.
        access_ttl: Span = HOUR, in SECOND..=DAY;
        /// How long a refresh token is good.
        refresh_ttl: Span = 30 * DAY, in MINUTE..=YEAR;
        /// Sign tokens with this shared secret (HS256), of 32 bytes or more, instead of with keys
        /// of our own (`EdDSA`).
        hs256_secret: Secret = None;
        /// The issuer that tokens name.
        issuer: Text = "maeum".to_owned();
        /// The audience that tokens are for.
        audience: Text = "maeum".to_owned();
        /// Origins of web pages that may use the server, besides its own.
        allowed_origins: List<WebOrigin> = Vec::new();
        /// Memory that one password hash takes. Existing passwords move to a new value when they
        /// are next used.
        argon2_memory: Size = 19 * MIB, in 8 * KIB..=1024 * MIB;
        /// Passes over that memory.
        argon2_iterations: Count = 2, in 1..=20;
    }
}

section! {
    /// The master key, which wraps all other keys.
    KeysSettings {
        /// The master key, 32 bytes in hexadecimal or base64.
        master: Secret = None;
        /// A file that holds it. None, and no `master`: made in `server.data` at the very first
        /// start. Best kept elsewhere.
        master_file: Optional<File> = None;
    }
}

section! {
    /// Consultations.
    ConsultationSettings {
        /// How long a counsellor has to answer when asked alone.
        offer_timeout: Span = 30 * SECOND, in SECOND..=HOUR;
        /// How long a request waits for a counsellor.
        waiting_timeout: Span = 10 * MINUTE, in SECOND..=DAY;
        /// How long a counsellor may be without a notification socket before they are away.
        counselor_grace: Span = 30 * SECOND, in SECOND..=HOUR;
        /// How long a consultation may be without a message before it ends.
        idle_timeout: Span = 2 * HOUR, in SECOND..=30 * DAY;
        /// Consultations that a counsellor takes at once, unless their account says otherwise.
        max_active: Count = 3, in 1..=100;
        /// Whether the user's side needs the token from the start besides the code.
        requires_token: Switch = false;
        /// A TOML file of character types. None: the built-in ones.
        characters_file: Optional<File> = None;
        /// A TOML file of counselling fields. None: the built-in ones.
        fields_file: Optional<File> = None;
    }
}

section! {
    /// Rooms of people, by whichever dialect.
    RoomSettings {
        /// People in a group.
        max_participants: Count = 100, in 2..=10_000;
    }
}

section! {
    /// For how long things are kept that say nothing of it themselves, as rooms do. Holds come
    /// before it.
    RetentionSettings {
        /// For how many whole days a consultation is kept after the day of its end; then it is
        /// erased, with a receipt. 0 is for ever.
        consultation_days: Count = 0, in 0..=36_500;
        /// For how many whole days an account of role `user` is kept that nobody logs in to or is
        /// connected with; then it is erased, with a receipt. 0 is for ever.
        unused_account_days: Count = 0, in 0..=36_500;
        /// For how many whole days a session about emotions is kept after the day on which it was
        /// used last; then nothing of what was said in it can be read again. 0 is for ever.
        emotion_session_days: Count = 0, in 0..=36_500;
        /// For how many whole days a log-in is shown after the day on which it ended or expired; no
        /// fewer than an unused account is kept, since log-ins tell when it was used. 0 is for ever.
        log_in_days: Count = 0, in 0..=36_500;
        /// For how many whole days a file is kept, after the day on which it came, that no message
        /// came to have.
        unattached_file_days: Count = 1, in 1..=36_500;
    }
}

section! {
    /// Live connections.
    LiveSettings {
        /// How far back a connection may resume.
        resume_window: Span = DAY, in SECOND..=30 * DAY;
        /// What may wait to be sent to one connection before it is closed as too slow.
        queue_bytes: Size = MIB, in 16 * KIB..=64 * MIB;
        /// How often a ping is sent; after two without an answer the connection is closed.
        ping_interval: Span = 20 * SECOND, in SECOND..=10 * MINUTE;
        /// The largest frame that a client may send.
        max_frame_bytes: Size = 64 * KIB, in KIB..=16 * MIB;
        /// How long presence outlives the node that knew it.
        presence_ttl: Span = MINUTE, in 5 * SECOND..=HOUR;
    }
}

section! {
    /// Several nodes on one log.
    ClusterSettings {
        /// Where nodes tell each other who is online and who types, e.g.
        /// `redis://:PASSWORD@HOST:6379/0`, without TLS. None: each knows its own. Nothing else
        /// rests on it.
        redis_url: Optional<Redis> = None;
    }
}

section! {
    /// Files.
    UploadSettings {
        /// The largest file that may be uploaded.
        max_bytes: Size = 25 * MIB, in KIB..=1024 * MIB;
        /// Where files are kept, sealed: `file:///PATH`, or a bucket, e.g. `s3://BUCKET/PATH`, whose
        /// credentials and endpoint are read from the environment (`AWS_ACCESS_KEY_ID`,
        /// `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT`, …). None: the folder `files` in `server.data`.
        store: Optional<Objects> = None;
        /// What the files of one person may take together; 0 is no limit.
        quota_bytes: Size = 1024 * MIB;
        /// The largest picture, in pixels; a moving one may have eight times as many in all its
        /// frames.
        max_pixels: Count = 50_000_000, in 10_000..=400_000_000;
    }
}

section! {
    /// The language model that answers in emotion sessions and summarises consultations. Without
    /// one a responder that is built in answers, and summaries quote.
    LlmSettings {
        /// A server that speaks as `OpenAI`'s chat completions do, e.g.
        /// `http://127.0.0.1:8080/v1`. None: no language model.
        base_url: Optional<ModelServer> = None;
        /// The model to ask for; a server that has one model takes any name.
        model: Text = "default".to_owned();
        /// The key that the server asks for; best from the environment, as `MAEUM_LLM__API_KEY`.
        api_key: Secret = None;
        /// How long the model may take to the first token, and between two tokens.
        timeout: Span = MINUTE, in 100 * (SECOND / 1_000)..=10 * MINUTE;
        /// What the model is given at most, in tokens as the server counts them, the answer
        /// included: of a longer session the oldest turns are left out.
        context_tokens: Count = 8_000, in 1_000..=1_000_000;
        /// The longest answer, in tokens.
        answer_tokens: Count = 1_000, in 16..=32_000;
        /// Answers asked of the model at once by this node.
        max_concurrent: Count = 16, in 1..=10_000;
        /// How long an answer waits for its turn before the model counts as busy.
        max_wait: Span = 10 * SECOND, in 100 * (SECOND / 1_000)..=5 * MINUTE;
        /// How often a request is sent again when it failed before its first token.
        retries: Count = 2, in 0..=10;
        /// Tokens that one user's sessions may use in a day of UTC; 0 is no limit.
        daily_tokens: Count = 200_000;
        /// A file with the prompt for sessions whose user has none of their own. None: the
        /// built-in one.
        prompt_file: Optional<File> = None;
    }
}

section! {
    /// How the built-in responder answers, and what texts sound like.
    EmotionSettings {
        /// A TOML file of what the responder says without a language model. None: the built-in one.
        responder_file: Optional<File> = None;
        /// A TOML file of words by emotion. None: the built-in one.
        lexicon_file: Optional<File> = None;
    }
}

section! {
    /// What happens when somebody speaks of suicide or of hurting themselves.
    CrisisSettings {
        /// Where help is at once, each a line that is shown as it stands.
        lines: List<Text> = vec![
            "자살예방 상담전화 109 (24시간)".to_owned(),
            "정신건강 위기상담전화 1577-0199 (24시간)".to_owned(),
        ];
        /// How long an alert may be without an acknowledgement before it is raised again.
        alert_interval: Span = MINUTE, in SECOND..=HOUR;
    }
}

section! {
    /// Limits, each per node; 0 turns a rate off.
    LimitsSettings {
        /// Log-ins a minute by one email from one address; one address may have ten times as many.
        login_per_minute: Count = 10, in 0..=100_000;
        /// Wrong consultation codes a minute from one address.
        code_misses_per_minute: Count = 10, in 0..=100_000;
        /// Requests a minute by one account, consultation or address.
        requests_per_minute: Count = 600, in 0..=10_000_000;
        /// Messages a minute by one account or consultation.
        messages_per_minute: Count = 600, in 0..=10_000_000;
        /// Files an hour uploaded by one account, consultation or address.
        uploads_per_hour: Count = 100, in 0..=1_000_000;
        /// Proxies whose X-Forwarded-For is believed.
        trusted_proxies: List<Network> = Vec::new();
        /// The largest body of a request that is not an upload.
        body_bytes: Size = MIB, in KIB..=64 * MIB;
        /// Passwords hashed at once.
        password_hashing: Count = 2, in 1..=64;
        /// How long a log-in waits for its turn before the answer is 503.
        password_wait: Span = 5 * SECOND, in 100 * (SECOND / 1_000)..=MINUTE;
    }
}

macro_rules! settings {
    ($($section:ident: $type:ty = $name:literal;)+) => {
        /// Every setting, and where each came from.
        #[derive(Debug, Clone, Default)]
        pub struct Settings {
            $(pub $section: $type,)+
            pub(super) origins: Origins,
        }

        impl Settings {
            /// Sets one by its key; none if there is no such setting.
            pub(super) fn set(&mut self, key: &str, raw: &Raw) -> Option<Result<(), String>> {
                let (section, field) = key.split_once('.').unwrap_or(("", key));
                match section {
                    $($name => self.$section.set(field, raw),)+
                    _ => None,
                }
            }

            /// Every setting with its section's name and its value as TOML.
            pub(super) fn walk(&self) -> Vec<(&'static str, &'static Field, String)> {
                let mut all = Vec::new();
                $(all.extend(
                    <$type>::FIELDS
                        .iter()
                        .zip(self.$section.show())
                        .map(|(field, value)| ($name, field, value)),
                );)+
                all
            }
        }
    };
}

settings! {
    general: GeneralSettings = "";
    server: ServerSettings = "server";
    admin: AdminSettings = "admin";
    auth: AuthSettings = "auth";
    keys: KeysSettings = "keys";
    consultation: ConsultationSettings = "consultation";
    rooms: RoomSettings = "rooms";
    retention: RetentionSettings = "retention";
    live: LiveSettings = "live";
    cluster: ClusterSettings = "cluster";
    upload: UploadSettings = "upload";
    llm: LlmSettings = "llm";
    emotion: EmotionSettings = "emotion";
    crisis: CrisisSettings = "crisis";
    limits: LimitsSettings = "limits";
}
