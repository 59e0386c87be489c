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
    RoleNotAllowed = Invalid, "role_not_allowed", "an account cannot have this role";
    PasswordChangedMeanwhile = Conflict, "password_changed_meanwhile", "the password was changed in the meantime";
    NameLength = Invalid, "name_length", "a name has 1 to 100 characters";
    ProfileTooLong = Invalid, "profile_too_long", "a field of the profile is too long";
    StandingOutOfRange = Invalid, "standing_out_of_range", "a type of user has 1 to 50 letters, digits, `_` or `-`; a trust score is 0 to 100";
    ResetInvalid = Invalid, "reset_invalid", "this link is not valid or has expired";
    SessionOpen = Conflict, "session_open", "this session has not ended";
    SessionEnded = Unauthenticated, "session_ended", "this session has ended";
    RefreshTokenReused = Unauthenticated, "refresh_token_reused", "this refresh token was used before";
    UnknownCounselor = NotFound, "unknown_counselor", "no such counsellor";
    CounselorInactive = Forbidden, "counselor_inactive", "this counsellor is not active";
    CounselorNotWaiting = Gone, "counselor_not_waiting", "this counsellor is not taking calls";
    CounselorFull = Gone, "counselor_full", "this counsellor has as many consultations as they can take";
    CapacityOutOfRange = Invalid, "capacity_out_of_range", "a counsellor takes 1 to 100 consultations at once";
    TooManyFields = Invalid, "too_many_fields", "a counsellor has at most 50 counselling fields";
    TooManySockets = Conflict, "too_many_sockets", "this counsellor has too many connections open";
    UnknownConsultation = NotFound, "unknown_consultation", "no such consultation";
    UnknownRequest = NotFound, "unknown_request", "no such request";
    RequestTaken = Conflict, "request_taken", "another counsellor has taken this request";
    RequestGone = Gone, "request_gone", "this request has expired or was withdrawn";
    AlreadyAccepted = Conflict, "already_accepted", "this request was already accepted";
    AlreadyOffered = Conflict, "already_offered", "this counsellor is already being asked";
    AnotherAsked = Conflict, "another_asked", "another counsellor is being asked";
    TooManyOffers = Conflict, "too_many_offers", "this request was put to counsellors too often";
    NicknameLength = Invalid, "nickname_length", "a nickname has 1 to 50 characters";
    NotesTooLong = Invalid, "notes_too_long", "notes have at most 10,000 characters";
    TooManyKeyPoints = Invalid, "too_many_key_points", "there are at most 20 key points of 500 characters";
    CommentTooLong = Invalid, "comment_too_long", "a comment has at most 2,000 characters";
    ResponseTooLong = Invalid, "response_too_long", "a response has at most 2,000 characters";
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
    ParticipantsOutOfRange = Invalid, "participants_out_of_range", "this kind of room cannot have that many members";
    RoomClosed = Conflict, "room_closed", "nothing can be sent here any more";
    UnknownParticipant = Invalid, "unknown_participant", "nobody of that id can be in a room";
    NotAGroup = Conflict, "not_a_group", "a room of two takes nobody else and has no name of its own";
    RoomOfConsultation = Conflict, "room_of_consultation", "the room of a consultation goes with the consultation";
    NotTheCreator = Forbidden, "not_the_creator", "only the creator of this room may do that";
    RoomTextLength = Invalid, "room_text_length", "the name of a room has 1 to 100 characters, its description at most 2,000";
    BookingLength = Invalid, "booking_length", "a booking is known by 1 to 200 characters";
    NotOfTwo = Conflict, "not_of_two", "only a room of two belongs to a booking";
    RetentionOutOfRange = Invalid, "retention_out_of_range", "messages are kept for 1 to 3,650 days";
    DayNotOver = Conflict, "day_not_over", "the messages of this day are to be kept";
    UnknownMessage = NotFound, "unknown_message", "no such message";
    ClientMessageIdTooLong = Invalid, "client_message_id_too_long", "a client message id has at most 128 characters";
    EmptyText = Invalid, "empty_text", "a message needs a text";
    TextTooLong = Invalid, "text_too_long", "a text has at most 10,000 characters";
    NotTheSender = Forbidden, "not_the_sender", "only its sender may do that to a message";
    MessageDeleted = Conflict, "message_deleted", "this message was deleted";
    MessageErased = Gone, "message_erased", "the messages of that day no longer exist";
    TooManyEdits = Conflict, "too_many_edits", "a message is edited at most 1,000 times";
    FileMismatch = Invalid, "file_mismatch", "a file goes with an image, a file or a voice message";
    LocationMismatch = Invalid, "location_mismatch", "a location message has a location, and no other message has";
    LocationOutOfRange = Invalid, "location_out_of_range", "a latitude is -90 to 90, a longitude -180 to 180, a label at most 200 characters";
    LinkNotAllowed = Invalid, "link_not_allowed", "the address of an attachment is an http or https one of at most 2,000 characters, on a text, image or file message without a file";
    UnknownUpload = NotFound, "unknown_upload", "no such file";
    UploadTaken = Conflict, "upload_taken", "another message has this file already";
    UploadErased = Gone, "upload_erased", "this file no longer exists";
    UploadKindDiffers = Invalid, "upload_kind_differs", "this file is not what the message says it is";
    AccountErased = Gone, "account_erased", "this account was erased";
    ConsultationErased = Gone, "consultation_erased", "this consultation was erased";
    Held = Conflict, "held", "a legal hold is against it; it is erased once that is lifted";
    ErasureBegun = Conflict, "erasure_begun", "it is too late: the erasure has begun";
    ErasureWithdrawn = Conflict, "erasure_withdrawn", "this erasure was withdrawn";
    NotWhoAsked = Forbidden, "not_who_asked", "somebody else asked for this erasure";
    UnknownErasure = NotFound, "unknown_erasure", "no such erasure";
    UnknownAlert = NotFound, "unknown_alert", "no such alert";
    UnknownHold = NotFound, "unknown_hold", "no such hold";
    HoldReasonLength = Invalid, "hold_reason_length", "the reason of a hold has 1 to 500 characters";
    TooManyHolds = Conflict, "too_many_holds", "there are as many holds as there can be";
    EmptyFile = Invalid, "empty_file", "there is nothing in this file";
    FileNameLength = Invalid, "file_name_length", "the name of a file has 1 to 255 characters";
    UnknownEmotionSession = NotFound, "unknown_emotion_session", "no such session";
    EmotionSessionErased = Gone, "emotion_session_erased", "this session no longer exists";
    EmotionSessionEnded = Conflict, "emotion_session_ended", "this session has ended";
    OpeningTooLong = Invalid, "opening_too_long", "a label has at most 50 characters, a topic 500";
    UnknownStep = NotFound, "unknown_step", "no such step";
    StepOpen = Conflict, "step_open", "another input of this session is being answered";
    StepNotOpen = Conflict, "step_not_open", "this step is not being answered";
    StepAnswered = Conflict, "step_answered", "this step was answered";
    StepOrderTaken = Conflict, "step_order_taken", "another step has this order";
    StepOrderOutOfRange = Invalid, "step_order_out_of_range", "the order of a step is 1 to 1,000,000";
    NotAStepType = Invalid, "not_a_step_type", "the type of a step has 1 to 50 letters, digits, `_` or `-`";
    TooManySteps = Conflict, "too_many_steps", "a session has at most 2,000 steps, each asked at most 20 times";
    InputLength = Invalid, "input_length", "an input has 1 to 10,000 characters, not all of them blank";
    PromptTooLong = Invalid, "prompt_too_long", "a system prompt has at most 4,000 characters";
    AnswerTooLong = Invalid, "answer_too_long", "an answer has at most 64 KiB";
    EmotionOutOfRange = Invalid, "emotion_out_of_range", "an emotion has a label of 1 to 50 characters and a share of 0 to 1, a card at most 10 of them";
    NothingAnswered = Conflict, "nothing_answered", "nothing was answered in this session yet";
    ConsentMissing = Invalid, "consent_missing", "nothing is handed over without the consent of whoever said it";
    TooManyHandovers = Conflict, "too_many_handovers", "a session is handed over at most 20 times";
    NotAReader = Forbidden, "not_a_reader", "this is not for your role";
    PurposeRequired = Invalid, "purpose_required", "whoever reads what is not theirs says why: a purpose is missing";
    PurposeLength = Invalid, "purpose_length", "a purpose has 1 to 200 characters on one line";
    TooMuchAtOnce = Invalid, "too_much_at_once", "this concerns too many at once";
    SealedDifferently = Conflict, "sealed_differently", "the log is sealed up to another position, or with another root";
    SealLength = Invalid, "seal_length", "a seal covers 1 to 4,096 events";
    NotAText = Invalid, "not_a_text", "a text must not contain NUL";
}
