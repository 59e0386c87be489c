//! Ids as types of their own, so that one is never taken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// An account: somebody who can log in.
    AccountId
);
id!(
    /// Whoever can be in a room: an account, by its account id, or the guest of a consultation.
    PersonId
);
id!(
    /// A log-in session, the family of one refresh token and its successors.
    SessionId
);
id!(
    /// A counsellor's entry in the catalogue; its account is another thing.
    CounselorId
);
id!(
    /// A consultation; derived from its code.
    ConsultationId
);
id!(
    /// One request put to one counsellor.
    OfferId
);
id!(
    /// The card of a completed consultation, or of a session about one's emotions.
    CardId
);
id!(
    /// A room of people.
    RoomId
);
id!(
    /// A message in a room.
    MessageId
);
id!(
    /// A file that somebody uploaded.
    UploadId
);
id!(
    /// The erasure of an account or a consultation: by it the receipt is known.
    ErasureId
);
id!(
    /// A legal hold.
    HoldId
);
id!(
    /// A session about one's emotions.
    EmotionSessionId
);
id!(
    /// One step of such a session: what somebody said, and what was answered.
    StepId
);
id!(
    /// An alert that a person has to take up; that of a message or step has its id.
    AlertId
);
id!(
    /// One live connection.
    ConnectionId
);
id!(
    /// One run of one server process.
    NodeId
);

impl From<AccountId> for PersonId {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}
