//! What the rules refuse: a stable code and a kind each, and no word of HTTP.

/// What sort of refusal it is; the edge gives each its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// There is no such thing, or not for this caller.
    NotFound,
    /// The caller is known and may not.
    Forbidden,
    /// Not in the present state.
    Conflict,
    /// It was possible once and never will be again.
    Gone,
    /// Well-formed, but not valid.
    Invalid,
    /// The credentials do not hold.
    Unauthenticated,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $kind:ident, $code:literal, $message:literal;)+) => {
        /// What a rule refuses.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
        pub enum Refusal {
            $($(#[$doc])* #[error($message)] $name,)+
        }

        impl Refusal {
            /// Stable: clients and tests may rely on it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            pub fn kind(self) -> RefusalKind {
                match self { $(Self::$name => RefusalKind::$kind),+ }
            }
        }
    };
}

refusals! {
    EmailTaken = Conflict, "email_taken", "this email is already registered";
    AlreadyRegistered = Conflict, "already_registered", "this already exists";
    UnknownAccount = NotFound, "unknown_account", "no such account";
    AccountInactive = Unauthenticated, "account_inactive", "this account is not active";
    ResetInvalid = Invalid, "reset_invalid", "this link is not valid or has expired";
    SessionEnded = Unauthenticated, "session_ended", "this session has ended";
    RefreshTokenReused = Unauthenticated, "refresh_token_reused", "this refresh token was used before";
    UnknownCounselor = NotFound, "unknown_counselor", "no such counsellor";
    CounselorInactive = Forbidden, "counselor_inactive", "this counsellor is not active";
    CounselorNotWaiting = Gone, "counselor_not_waiting", "this counsellor is not taking calls";
    CounselorFull = Gone, "counselor_full", "this counsellor has as many consultations as they can take";
    UnknownConsultation = NotFound, "unknown_consultation", "no such consultation";
    UnknownRequest = NotFound, "unknown_request", "no such request";
    RequestTaken = Conflict, "request_taken", "another counsellor has taken this request";
    RequestGone = Gone, "request_gone", "this request has expired or was withdrawn";
    AlreadyAccepted = Conflict, "already_accepted", "this request was already accepted";
    AlreadyOffered = Conflict, "already_offered", "this counsellor is already being asked";
    NotWaiting = Conflict, "not_waiting", "this consultation is not waiting";
    NotActive = Conflict, "not_active", "this consultation is not active";
    NotCompleted = Conflict, "not_completed", "this consultation is not completed";
    NotItsCounselor = NotFound, "not_its_counselor", "no such consultation";
    NoCard = NotFound, "no_card", "there is no card yet";
    AlreadyRated = Conflict, "already_rated", "this consultation was already rated";
    ScoreOutOfRange = Invalid, "score_out_of_range", "a score is 1 to 5";
    UnknownRoom = NotFound, "unknown_room", "no such room";
    NotAMember = NotFound, "not_a_member", "no such room";
    AlreadyAMember = Conflict, "already_a_member", "already a member";
    RoomFull = Conflict, "room_full", "this room is full";
    RoomClosed = Conflict, "room_closed", "nothing can be sent here any more";
    UnknownMessage = NotFound, "unknown_message", "no such message";
    EmptyText = Invalid, "empty_text", "a message needs a text";
    TextTooLong = Invalid, "text_too_long", "a text has at most 10,000 characters";
    NotAText = Invalid, "not_a_text", "a text must not contain NUL";
}
