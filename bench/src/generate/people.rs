//! Those who work here and those who come.

use domain::{
    AccountEvent, AccountId, ConnectionId, CounselorEvent, CounselorId, CounselorStatus,
    EmailEvent, NodeId, Profile, Role, Sealed, SessionEvent, SessionId, StatusReason, Subject,
};
use event_store::StreamName;
use uuid::Uuid;

use super::{Decision, History, words};

#[derive(Debug, Clone, Copy)]
pub(super) struct Counselor {
    pub id: CounselorId,
    pub account: AccountId,
}

impl Counselor {
    /// Registers, logs in, opens the notification socket and takes calls.
    pub fn arrives(history: &mut History) -> (Self, Decision) {
        let (account, mut decision) = registers(history, Role::Counselor);
        let counselor = Self {
            id: CounselorId(history.id()),
            account,
        };
        let connection = ConnectionId(history.id());
        let stream = counselor.stream();
        decision.extend([
            (
                stream.clone(),
                CounselorEvent::Registered {
                    account,
                    character_type_id: 1,
                    counseling_fields: vec![1, 2],
                    max_active: Some(100),
                }
                .into(),
            ),
            (
                stream.clone(),
                CounselorEvent::SocketOpened {
                    connection,
                    node: NodeId(Uuid::nil()),
                }
                .into(),
            ),
            (
                stream,
                CounselorEvent::StatusChanged {
                    status: CounselorStatus::Waiting,
                    reason: StatusReason::Chosen,
                }
                .into(),
            ),
        ]);
        (counselor, decision)
    }

    pub fn stream(&self) -> StreamName {
        StreamName::new("counselor", self.id)
    }
}

/// An account with its address, and its first log-in.
pub(super) fn registers(history: &mut History, role: Role) -> (AccountId, Decision) {
    let account = AccountId(history.id());
    let subject = Subject::Account(account);
    let email_key = history.id().simple().to_string();
    let profile = Profile {
        name: words::name(history),
        email: format!("{email_key}@example.com"),
        ..Profile::default()
    };
    let registered = AccountEvent::Registered {
        email_key: email_key.clone(),
        role,
        profile: Sealed::of(subject, profile),
        password_hash: Sealed::of(subject, words::PASSWORD_HASH.to_owned()),
    };
    let opened = SessionEvent::Opened {
        account,
        account_version: 1,
        secret_hash: history.id().simple().to_string(),
        expires_at: i64::MAX,
    };
    let session = SessionId(history.id());
    let decision = vec![
        (
            StreamName::new("email", email_key),
            EmailEvent::Reserved { account }.into(),
        ),
        (StreamName::new("account", account), registered.into()),
        (StreamName::new("session", session), opened.into()),
    ];
    (account, decision)
}
