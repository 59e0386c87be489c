//! Accounts, and which of their log-in sessions still count.

use domain::{
    AccountEvent, AccountId, EmailEvent, Event, PasswordChange, Role, SessionEvent, SessionId,
    SessionsVoid, Standing, Version,
};

use crate::reader::{first, many};
use crate::value::values;
use crate::{
    Batch, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Value, statements,
};

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountRow {
    pub id: AccountId,
    pub number: u64,
    pub role: Role,
    pub active: bool,
    /// The key of the email's stream; none once it was released.
    pub email_key: Option<String>,
    /// A `domain::Profile`.
    pub profile: SealedColumn,
    /// A string.
    pub password_hash: SealedColumn,
    /// The sequence, in the account's stream, of the event that set the password.
    pub credentials_version: Version,
    pub sessions_void: SessionsVoid,
    /// When role, activation or `sessions_void` changed last; microseconds.
    pub access_changed_at: i64,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
    pub standing: Standing,
}

/// A log-in session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    pub id: SessionId,
    pub account: AccountId,
    /// The version of the account's stream at which the password was checked.
    pub account_version: Version,
    /// All times in microseconds since the Unix epoch.
    pub opened_at: i64,
    pub rotated_at: Option<i64>,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
}

macro_rules! account {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, role, active, email_key, profile, password_hash, \
             credentials_version, void_before, void_kept, access_changed_at, created_at, \
             user_type, trust_score FROM accounts ",
            $rest
        )
    };
}

macro_rules! session {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, account, account_version, opened_at, rotated_at, expires_at, revoked_at \
             FROM sessions ",
            $rest
        )
    };
}

statements! {
    REGISTER = "INSERT INTO accounts (number, uuid, role, active, email_key, profile, \
                password_hash, credentials_version, void_before, access_changed_at, created_at) \
                VALUES ($1, $2, $3, 1, $4, $5, $6, $7, 0, $8, $8)"
        => owns account(2);
    SET_PASSWORD = "UPDATE accounts SET password_hash = $2, credentials_version = $3 \
                    WHERE uuid = $1"
        => owns account(1);
    VOID_SESSIONS = "UPDATE accounts SET void_before = $2, void_kept = $3, access_changed_at = $4 \
                     WHERE uuid = $1"
        => owns account(1);
    SET_ROLE = "UPDATE accounts SET role = $2 WHERE uuid = $1"
        => owns account(1);
    SET_ACTIVE = "UPDATE accounts SET active = $2, access_changed_at = $3 WHERE uuid = $1"
        => owns account(1);
    SET_PROFILE = "UPDATE accounts SET profile = $2 WHERE uuid = $1"
        => owns account(1);
    SET_STANDING = "UPDATE accounts SET user_type = $2, trust_score = $3 WHERE uuid = $1";
    ERASE = "UPDATE accounts SET active = 0, user_type = NULL, trust_score = NULL WHERE uuid = $1"
        => owns account(1);
    SET_EMAIL = "UPDATE accounts SET email_key = $2 WHERE uuid = $1"
        => owns account(1);
    RELEASE_EMAIL = "UPDATE accounts SET email_key = NULL WHERE uuid = $1 AND email_key = $2"
        => owns account(1);
    OPEN_SESSION = "INSERT INTO sessions (uuid, account, account_version, opened_at, expires_at) \
                    VALUES ($1, $2, $3, $4, $5)"
        => owns session(1);
    ROTATE_SESSION = "UPDATE sessions SET rotated_at = $2, expires_at = $3 WHERE uuid = $1"
        => owns session(1);
    REVOKE_SESSION = "UPDATE sessions SET revoked_at = $2 WHERE uuid = $1"
        => owns session(1);
    FORGET_SESSION = "DELETE FROM sessions WHERE uuid = $1"
        => owns session(1);

    BY_ID = account!("WHERE uuid = $1");
    BY_NUMBER = account!("WHERE number = $1");
    BY_EMAIL_KEY = account!("WHERE email_key = $1 ORDER BY number DESC LIMIT 1");
    VOIDS_SINCE = account!(
        "WHERE access_changed_at >= $1 AND access_changed_at > created_at \
         ORDER BY access_changed_at, number"
    );
    ALL = account!("WHERE number > $1 ORDER BY number LIMIT $2");
    SESSION = session!("WHERE uuid = $1");
    SESSIONS_OF = session!("WHERE account = $1 ORDER BY opened_at DESC, uuid LIMIT $2");
    REVOKED_SINCE = session!("WHERE revoked_at >= $1 ORDER BY revoked_at, uuid");
}

/// The projection of this file.
#[derive(Debug)]
pub struct Accounts;

impl Projection for Accounts {
    fn name(&self) -> &'static str {
        "accounts"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["accounts", "sessions"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Account(event) => account(fact, event, batch),
            Event::Session(event) => session(fact, event, batch),
            Event::Email(event) => email(fact, event, batch),
            Event::Counselor(_)
            | Event::Consultation(_)
            | Event::Room(_)
            | Event::Member(_)
            | Event::Message(_)
            | Event::Presence(_)
            | Event::Access(_)
            | Event::Seal(_)
            | Event::Upload(_)
            | Event::Erasure(_)
            | Event::Hold(_)
            | Event::Emotion(_)
            | Event::Alert(_) => {}
        }
    }
}

fn account(fact: &Fact, event: &AccountEvent, batch: &mut Batch) {
    let (id, recorded) = (fact.id, &fact.recorded);
    match event {
        AccountEvent::Registered {
            email_key, role, ..
        } => batch.push(
            REGISTER,
            values![
                recorded.number(),
                id,
                Value::tag(role),
                email_key.as_str(),
                SealedColumn::of(recorded, 0),
                SealedColumn::of(recorded, 1),
                recorded.sequence,
                recorded.recorded_at,
            ],
        ),
        AccountEvent::PasswordChanged {
            change,
            kept_session,
            ..
        } => {
            let hash = SealedColumn::of(recorded, 0);
            batch.push(SET_PASSWORD, values![id, hash, recorded.sequence]);
            match change {
                PasswordChange::Changed | PasswordChange::Reset => {
                    void_sessions(fact, *kept_session, batch);
                }
                PasswordChange::Rehashed => {}
            }
        }
        AccountEvent::RoleChanged { role } => {
            batch.push(SET_ROLE, values![id, Value::tag(role)]);
            void_sessions(fact, None, batch);
        }
        AccountEvent::Deactivated {} => {
            batch.push(SET_ACTIVE, values![id, false, recorded.recorded_at]);
            void_sessions(fact, None, batch);
        }
        AccountEvent::Activated {} => {
            batch.push(SET_ACTIVE, values![id, true, recorded.recorded_at]);
        }
        AccountEvent::ProfileChanged { .. } => {
            batch.push(SET_PROFILE, values![id, SealedColumn::of(recorded, 0)]);
        }
        AccountEvent::Erased {} => {
            batch.push(ERASE, values![id]);
            void_sessions(fact, None, batch);
        }
        AccountEvent::StandingSet {
            user_type,
            trust_score,
        } => {
            batch.push(SET_STANDING, values![id, user_type.clone(), *trust_score]);
        }
        AccountEvent::ResetRequested { .. } | AccountEvent::PromptSet { .. } => {}
    }
}

fn void_sessions(fact: &Fact, kept: Option<SessionId>, batch: &mut Batch) {
    let (sequence, at) = (fact.recorded.sequence, fact.recorded.recorded_at);
    batch.push(VOID_SESSIONS, values![fact.id, sequence, kept, at]);
}

fn session(fact: &Fact, event: &SessionEvent, batch: &mut Batch) {
    let at = fact.recorded.recorded_at;
    match event {
        SessionEvent::Opened {
            account,
            account_version,
            expires_at,
            ..
        } => {
            batch.push(
                OPEN_SESSION,
                values![fact.id, *account, *account_version, at, *expires_at],
            );
        }
        SessionEvent::Rotated { expires_at, .. } => {
            batch.push(ROTATE_SESSION, values![fact.id, at, *expires_at]);
        }
        SessionEvent::Revoked { .. } => batch.push(REVOKE_SESSION, values![fact.id, at]),
        SessionEvent::Forgotten {} => batch.push(FORGET_SESSION, values![fact.id]),
    }
}

fn email(fact: &Fact, event: &EmailEvent, batch: &mut Batch) {
    let key = fact.recorded.stream.key();
    match event {
        EmailEvent::Reserved { account } => batch.push(SET_EMAIL, values![*account, key]),
        EmailEvent::Released { account } => batch.push(RELEASE_EMAIL, values![*account, key]),
    }
}

/// An account by its id.
pub async fn by_id(
    reader: &dyn Reader,
    account: AccountId,
) -> Result<Option<AccountRow>, ReadError> {
    first(reader, BY_ID, values![account], read).await
}

/// An account by its number.
pub async fn by_number(reader: &dyn Reader, number: u64) -> Result<Option<AccountRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// The account that holds an email, by the keyed hash of the normalised address.
pub async fn by_email_key(
    reader: &dyn Reader,
    email_key: &str,
) -> Result<Option<AccountRow>, ReadError> {
    first(reader, BY_EMAIL_KEY, values![email_key], read).await
}

/// Accounts whose role, activation or valid sessions changed at `recorded_at` (microseconds) or
/// later: what a node must know of before it believes a token made before.
pub async fn voids_since(
    reader: &dyn Reader,
    recorded_at: i64,
) -> Result<Vec<AccountRow>, ReadError> {
    many(reader, VOIDS_SINCE, values![recorded_at], read).await
}

/// Accounts after a number, in order, at most `limit`.
pub async fn after(
    reader: &dyn Reader,
    number: u64,
    limit: u32,
) -> Result<Vec<AccountRow>, ReadError> {
    many(reader, ALL, values![number, limit], read).await
}

/// A log-in session.
pub async fn session_by_id(
    reader: &dyn Reader,
    session: SessionId,
) -> Result<Option<SessionRow>, ReadError> {
    first(reader, SESSION, values![session], read_session).await
}

/// Sessions of an account, newest first, at most `limit`.
pub async fn sessions_of(
    reader: &dyn Reader,
    account: AccountId,
    limit: u32,
) -> Result<Vec<SessionRow>, ReadError> {
    many(reader, SESSIONS_OF, values![account, limit], read_session).await
}

/// Sessions that were revoked at `recorded_at` (microseconds) or later.
pub async fn revoked_since(
    reader: &dyn Reader,
    recorded_at: i64,
) -> Result<Vec<SessionRow>, ReadError> {
    many(reader, REVOKED_SINCE, values![recorded_at], read_session).await
}

fn read(row: &Row) -> Result<AccountRow, RowError> {
    let mut columns = row.columns();
    Ok(AccountRow {
        id: columns.take()?,
        number: columns.take()?,
        role: columns.take()?,
        active: columns.take()?,
        email_key: columns.take()?,
        profile: columns.take()?,
        password_hash: columns.take()?,
        credentials_version: columns.take()?,
        sessions_void: SessionsVoid {
            before: columns.take()?,
            kept: columns.take()?,
        },
        access_changed_at: columns.take()?,
        created_at: columns.take()?,
        standing: Standing {
            user_type: columns.take()?,
            trust_score: columns.take()?,
        },
    })
}

fn read_session(row: &Row) -> Result<SessionRow, RowError> {
    let mut columns = row.columns();
    Ok(SessionRow {
        id: columns.take()?,
        account: columns.take()?,
        account_version: columns.take()?,
        opened_at: columns.take()?,
        rotated_at: columns.take()?,
        expires_at: columns.take()?,
        revoked_at: columns.take()?,
    })
}
