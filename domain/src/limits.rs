//! How much of everything: each limit with its name and unit, counted in characters of Unicode.

/// A message, in characters; at least 1 without a file.
pub const TEXT_CHARS: usize = 10_000;
/// What a place is called, in characters.
pub const LOCATION_LABEL_CHARS: usize = 200;
/// Edits of one message.
pub const EDITS: u32 = 1_000;
/// The id that a client gives its own message, in characters.
pub const CLIENT_MESSAGE_ID_CHARS: usize = 128;
/// The name of a guest, in characters; at least 1.
pub const NICKNAME_CHARS: usize = 50;
/// The name of an account, in characters; at least 1.
pub const NAME_CHARS: usize = 100;
/// An email address, in characters (RFC 5321, 4.5.3.1.3).
pub const EMAIL_CHARS: usize = 254;
/// Any other field of a profile, in characters.
pub const PROFILE_FIELD_CHARS: usize = 500;
/// Which sort of user somebody is, in letters, digits, `_` and `-`; at least 1.
pub const USER_TYPE_CHARS: usize = 50;
/// How far somebody is trusted at most; 0 at least.
pub const TRUST_SCORE_MAX: f64 = 100.0;
/// A password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// A password, in characters: hashing time must not be the caller's to choose.
pub const PASSWORD_CHARS_MAX: usize = 1_024;
/// What a counsellor writes down, and what the owner of a card adds to it, in characters.
pub const NOTES_CHARS: usize = 10_000;
/// Key points of a card.
pub const KEY_POINTS: usize = 20;
/// One key point, in characters.
pub const KEY_POINT_CHARS: usize = 500;
/// The comment of a rating, in characters.
pub const COMMENT_CHARS: usize = 2_000;
/// What a counsellor answers to a request, in characters.
pub const RESPONSE_CHARS: usize = 2_000;
/// Legal holds that were not lifted.
pub const HOLDS: usize = 10_000;
/// Why a legal hold was placed, in characters; at least 1.
pub const HOLD_REASON_CHARS: usize = 500;
/// The best rating; the worst is 1.
pub const SCORE_MAX: u8 = 5;
/// Consultations that one counsellor can be allowed at once.
pub const MAX_ACTIVE: u32 = 100;
/// Counselling fields of one counsellor.
pub const COUNSELING_FIELDS: usize = 50;
/// Notification sockets of one counsellor that are open at once.
pub const COUNSELOR_SOCKETS: usize = 32;
/// Offers of one consultation in all its rounds.
pub const OFFERS: usize = 10_000;
/// Counsellors told of in the first offer of those that are decided together.
pub const CANDIDATES: usize = 1_000;
/// Counsellors told of in each further offer of those that are decided together.
pub const CANDIDATES_OF_FURTHER_OFFERS: usize = 20;
/// The name of a file, in characters; at least 1.
pub const FILE_NAME_CHARS: usize = 255;
/// The type of a file's content, in characters.
pub const MEDIA_TYPE_CHARS: usize = 100;
/// Events that one seal of the log covers.
pub const SEALED_EVENTS: u64 = 4_096;
/// People in a room of two.
pub const PAIR: u32 = 2;
/// People in a group, whatever a server allows by its settings.
pub const GROUP_MEMBERS: u32 = 10_000;
/// The name of a room, in characters; at least 1.
pub const ROOM_NAME_CHARS: usize = 100;
/// The description of a room, in characters.
pub const ROOM_DESCRIPTION_CHARS: usize = 2_000;
/// By what a transaction elsewhere is known, in characters; at least 1.
pub const BOOKING_CHARS: usize = 200;
/// The address of something elsewhere that a message shows, in characters.
pub const LINK_CHARS: usize = 2_000;
/// For how many days a room can be told to keep its messages; at least 1.
pub const RETENTION_DAYS_MAX: u16 = 3_650;
/// For how many days a room keeps its messages that was told nothing.
pub const RETENTION_DAYS_DEFAULT: u16 = 365;
/// Between two records of one person's leaving, in microseconds.
pub const LEAVE_INTERVAL_US: i64 = 60_000_000;
/// Why somebody reads what is not theirs, in characters; at least 1.
pub const PURPOSE_CHARS: usize = 200;
/// People, counsellors, consultations and rooms that one record of an access names together.
pub const CONCERNED: usize = 4_000;
/// Single positions that one record of an access names.
pub const ACCESS_POSITIONS: usize = 500;
/// What somebody says in a step of a session about their emotions, in characters; at least 1.
pub const USER_INPUT_CHARS: usize = 10_000;
/// What is answered to a step, in bytes of UTF-8.
pub const ANSWER_BYTES: usize = 64 * 1024;
/// How often one session is handed over to a counsellor.
pub const HANDOVERS: usize = 20;
/// What a counsellor is given to read of a session that is handed over, in characters: its end.
pub const HANDED_OVER_CHARS: usize = 100_000;
/// Steps of one session.
pub const STEPS: usize = 2_000;
/// How often one step is asked.
pub const STEP_ATTEMPTS: u32 = 20;
/// The highest order of a step; the lowest is 1.
pub const STEP_ORDER_MAX: u32 = 1_000_000;
/// The type of a step, in letters, digits, `_` and `-`; at least 1.
pub const STEP_TYPE_CHARS: usize = 50;
/// The label of an emotion, in characters; at least 1.
pub const EMOTION_LABEL_CHARS: usize = 50;
/// What a session is about, in characters.
pub const TOPIC_CHARS: usize = 500;
/// Emotions on the card of a session.
pub const KEY_EMOTIONS: usize = 10;
/// As whom a step is to be answered, in characters.
pub const SYSTEM_PROMPT_CHARS: usize = 4_000;
/// Counsellors told of one alert besides the one who is with the person.
pub const ALERTED_COUNSELORS: usize = 1_000;
