//! What everybody is told of everything that happens: the table.

/// Something that happens to the first column's person, or that they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Says,
    SaysWithAnIdOfTheirOwn,
    SendsAFile,
    Edits,
    Deletes,
    Reads,
    ReadsUnseen,
    Types,
    Joins,
    IsSentAway,
    SomebodyComes,
    SomebodyGoes,
    ChangesOwnSettings,
    ChangesRetention,
    IsLockedOut,
    IsRenamed,
    /// A consultation.
    Ends,
    AnotherAsks,
}

/// Types of frames, in order; a close code is one more.
pub type Told = &'static [&'static str];

/// Whom a group's happenings may concern, in the order of the columns: whom it is about, another
/// member, and who made the room. Nothing of it is told in any dialect to a stranger, to a former
/// member and to an administrator, who listen to rooms of their own meanwhile.
pub const IN_GROUP: [&str; 3] = ["whom it is about", "a member", "the creator"];

/// By dialect, in the order of `DIALECTS`, then by person.
pub type InGroups = [[Told; IN_GROUP.len()]; 2];

const fn all(told: Told) -> [Told; 3] {
    [told, told, told]
}

const NOTHING: [Told; 3] = all(&[]);

pub const GROUPS: &[(Deed, InGroups)] = &[
    (Deed::Says, [all(&["message"]), all(&["message"])]),
    (
        Deed::SaysWithAnIdOfTheirOwn,
        [
            [&["message with id"], &["message"], &["message"]],
            [&["message with id"], &["message"], &["message"]],
        ],
    ),
    (Deed::SendsAFile, [all(&["message"]), all(&["message"])]),
    (
        Deed::Edits,
        [all(&["message_edited"]), all(&["message_edited"])],
    ),
    (
        Deed::Deletes,
        [all(&["message_deleted"]), all(&["message_deleted"])],
    ),
    (Deed::Reads, [all(&["message_read"]), all(&["read"])]),
    (
        Deed::ReadsUnseen,
        [[&["message_read"], &[], &[]], [&["read"], &[], &[]]],
    ),
    (Deed::Types, [[&[], &["typing"], &["typing"]], NOTHING]),
    // Whoever joins is not there yet.
    (
        Deed::Joins,
        [
            [&[], &["participant_joined"], &["participant_joined"]],
            [&[], &["member_join"], &["member_join"]],
        ],
    ),
    (
        Deed::IsSentAway,
        [
            [
                &["participant_left", "4403"],
                &["participant_left"],
                &["participant_left"],
            ],
            [
                &["member_leave", "4403"],
                &["member_leave", "member_offline"],
                &["member_leave", "member_offline"],
            ],
        ],
    ),
    (
        Deed::SomebodyComes,
        [all(&["user_status"]), all(&["member_online"])],
    ),
    (
        Deed::SomebodyGoes,
        [all(&["user_status"]), all(&["member_offline"])],
    ),
    (Deed::ChangesOwnSettings, [NOTHING, NOTHING]),
    (Deed::ChangesRetention, [NOTHING, NOTHING]),
    (Deed::IsRenamed, [NOTHING, NOTHING]),
    (
        Deed::IsLockedOut,
        [
            [&["4401"], &["user_status"], &["user_status"]],
            [&["4401"], &["member_offline"], &["member_offline"]],
        ],
    ),
];

/// Whom a consultation's happenings may concern, in the order of the columns: the user's and the
/// counsellor's conversation, the counsellor's bell, and the bell of another one who is waiting.
pub const IN_CONSULTATION: [&str; 4] = [
    "the user",
    "the counselor",
    "the counselor's bell",
    "another's bell",
];

pub const CONSULTATIONS: &[(Deed, [Told; IN_CONSULTATION.len()])] = &[
    (Deed::Says, [&["message"], &["message"], &[], &[]]),
    (
        Deed::SaysWithAnIdOfTheirOwn,
        [&["message with id"], &["message"], &[], &[]],
    ),
    (Deed::SendsAFile, [&["message"], &["message"], &[], &[]]),
    (
        Deed::Edits,
        [&["message_edited"], &["message_edited"], &[], &[]],
    ),
    (
        Deed::Deletes,
        [&["message_deleted"], &["message_deleted"], &[], &[]],
    ),
    (Deed::Reads, [&[], &["message_read"], &[], &[]]),
    (Deed::Types, [&[], &["typing"], &[], &[]]),
    (Deed::ChangesOwnSettings, [&[], &[], &[], &[]]),
    (Deed::IsRenamed, [&[], &[], &[], &[]]),
    (Deed::AnotherAsks, [&[], &[], &[], &["new_request"]]),
    (
        Deed::Ends,
        [
            &["status", "4403"],
            &["status", "4403"],
            &["consultation_ended"],
            &[],
        ],
    ),
];
