//! Which number belongs to which UUID, and what people are called.

use domain::{
    AccountEvent, ConsultationEvent, CounselorEvent, CounselorId, Event, PersonId, Requester,
    RoomEvent,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::name_column::{NICKNAME, NameColumn, PROFILE, REQUEST};
use crate::reader::first;
use crate::row::tags;
use crate::value::values;
use crate::{
    Batch, Fact, Projection, ReadError, Reader, Row, RowError, SealedColumn, Value, statements,
};

/// What a number or UUID is of. Messages are in [`crate::messages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Account,
    /// A person made for one consultation; has that consultation's number.
    Guest,
    Counselor,
    Consultation,
    Offer,
    Card,
    Room,
    /// Somebody's place in a room. Its UUID is the id of the event that added them.
    Membership,
}

tags!(Kind);

/// What the directory knows of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: Kind,
    pub number: u64,
    pub uuid: Uuid,
    /// A guest's consultation, a counsellor's account, a membership's room.
    pub belongs_to: Option<Uuid>,
    /// Of accounts and guests.
    pub name: Option<NameColumn>,
}

statements! {
    INSERT = "INSERT INTO directory (kind, number, uuid, belongs_to, name, name_form) \
              VALUES ($1, $2, $3, $4, $5, $6)"
        => owns thing(3), shares belonging(4);
    RENAME_ACCOUNT = "UPDATE directory SET name = $2 WHERE kind = 'account' AND uuid = $1"
        => owns thing(1);
    RENAME_GUEST = "UPDATE directory SET name = $2, name_form = $3 \
                    WHERE kind = 'guest' AND belongs_to = $1"
        => owns belonging(1);
    FORGET_ACCOUNT = "UPDATE directory SET name = NULL, name_form = NULL \
                      WHERE kind = 'account' AND uuid = $1"
        => owns thing(1);
    FORGET_GUEST = "UPDATE directory SET name = NULL, name_form = NULL \
                    WHERE kind = 'guest' AND belongs_to = $1"
        => owns belonging(1);
    NUMBER_OF = "SELECT number FROM directory WHERE uuid = $2 AND kind = $1";
    UUID_OF = "SELECT uuid FROM directory WHERE kind = $1 AND number = $2";
    ENTRY = "SELECT kind, number, uuid, belongs_to, name, name_form FROM directory \
             WHERE uuid = $2 AND kind = $1";
    PERSON = "SELECT kind, number, uuid, belongs_to, name, name_form FROM directory \
              WHERE uuid = $1 AND kind IN ('account', 'guest')";
    COUNSELOR = "SELECT a.kind, a.number, a.uuid, a.belongs_to, a.name, a.name_form \
                 FROM directory c JOIN directory a ON a.uuid = c.belongs_to AND a.kind = 'account' \
                 WHERE c.uuid = $1 AND c.kind = 'counselor'";
}

/// The projection of this file.
#[derive(Debug)]
pub struct Directory;

impl Projection for Directory {
    fn name(&self) -> &'static str {
        "directory"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["directory"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Account(event) => account(fact, event, batch),
            Event::Counselor(event) => counselor(fact, event, batch),
            Event::Consultation(event) => consultation(fact, event, batch),
            Event::Room(event) => room(fact, event, batch),
            Event::Email(_)
            | Event::Session(_)
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
    match event {
        AccountEvent::Registered { .. } => {
            let name = Some((SealedColumn::of(&fact.recorded, 0), PROFILE));
            insert(fact, Kind::Account, fact.id, None, name, batch);
        }
        AccountEvent::ProfileChanged { .. } => {
            batch.push(
                RENAME_ACCOUNT,
                values![fact.id, SealedColumn::of(&fact.recorded, 0)],
            );
        }
        AccountEvent::Erased {} => batch.push(FORGET_ACCOUNT, values![fact.id]),
        AccountEvent::PasswordChanged { .. }
        | AccountEvent::StandingSet { .. }
        | AccountEvent::PromptSet { .. }
        | AccountEvent::ResetRequested { .. }
        | AccountEvent::RoleChanged { .. }
        | AccountEvent::Deactivated {}
        | AccountEvent::Activated {} => {}
    }
}

fn counselor(fact: &Fact, event: &CounselorEvent, batch: &mut Batch) {
    match event {
        CounselorEvent::Registered { account, .. } => {
            insert(fact, Kind::Counselor, fact.id, Some(account.0), None, batch);
        }
        CounselorEvent::StatusChanged { .. }
        | CounselorEvent::CallTaken { .. }
        | CounselorEvent::CallReleased { .. }
        | CounselorEvent::SocketOpened { .. }
        | CounselorEvent::SocketClosed { .. }
        | CounselorEvent::Deactivated {}
        | CounselorEvent::Activated {} => {}
    }
}

fn consultation(fact: &Fact, event: &ConsultationEvent, batch: &mut Batch) {
    match event {
        ConsultationEvent::Requested { requester, .. } => {
            insert(fact, Kind::Consultation, fact.id, None, None, batch);
            if let Requester::Guest(person) = requester {
                let name = Some((SealedColumn::of(&fact.recorded, 0), REQUEST));
                insert(fact, Kind::Guest, person.0, Some(fact.id), name, batch);
            }
        }
        ConsultationEvent::NicknameChanged { .. } => {
            let name = SealedColumn::of(&fact.recorded, 0);
            batch.push(RENAME_GUEST, values![fact.id, name, NICKNAME]);
        }
        ConsultationEvent::Erased {} => batch.push(FORGET_GUEST, values![fact.id]),
        ConsultationEvent::Offered { offer, .. } => {
            insert(fact, Kind::Offer, offer.0, None, None, batch);
        }
        ConsultationEvent::CardIssued { card, .. } => {
            insert(fact, Kind::Card, card.0, None, None, batch);
        }
        ConsultationEvent::OfferRejected { .. }
        | ConsultationEvent::OfferExpired { .. }
        | ConsultationEvent::OfferWithdrawn { .. }
        | ConsultationEvent::Accepted { .. }
        | ConsultationEvent::ReturnedToWaiting { .. }
        | ConsultationEvent::Completed { .. }
        | ConsultationEvent::Terminated { .. }
        | ConsultationEvent::NotesWritten { .. }
        | ConsultationEvent::CardNoted { .. }
        | ConsultationEvent::Rated { .. }
        | ConsultationEvent::RiskFlagged { .. }
        | ConsultationEvent::HistoryGranted { .. } => {}
    }
}

fn room(fact: &Fact, event: &RoomEvent, batch: &mut Batch) {
    match event {
        RoomEvent::Opened { .. } => insert(fact, Kind::Room, fact.id, None, None, batch),
        RoomEvent::MemberAdded { .. } => {
            insert(
                fact,
                Kind::Membership,
                fact.recorded.event_id,
                Some(fact.id),
                None,
                batch,
            );
        }
        RoomEvent::MemberRemoved { .. }
        | RoomEvent::Closed {}
        | RoomEvent::Described { .. }
        | RoomEvent::Booked { .. }
        | RoomEvent::RetentionSet { .. }
        | RoomEvent::DayDestroyed { .. } => {}
    }
}

fn insert(
    fact: &Fact,
    kind: Kind,
    uuid: Uuid,
    belongs_to: Option<Uuid>,
    name: Option<(Value, &str)>,
    batch: &mut Batch,
) {
    let (name, form) = name.unzip();
    let number = fact.recorded.number();
    batch.push(
        INSERT,
        values![Value::tag(&kind), number, uuid, belongs_to, name, form],
    );
}

/// The number of a thing; none where it is unknown.
pub async fn number_of(
    reader: &dyn Reader,
    kind: Kind,
    uuid: Uuid,
) -> Result<Option<u64>, ReadError> {
    first(reader, NUMBER_OF, values![Value::tag(&kind), uuid], |row| {
        row.get(0)
    })
    .await
}

/// The UUID of a thing; none where it is unknown.
pub async fn uuid_of(
    reader: &dyn Reader,
    kind: Kind,
    number: u64,
) -> Result<Option<Uuid>, ReadError> {
    first(reader, UUID_OF, values![Value::tag(&kind), number], |row| {
        row.get(0)
    })
    .await
}

/// All that the directory knows of a thing.
pub async fn entry(
    reader: &dyn Reader,
    kind: Kind,
    uuid: Uuid,
) -> Result<Option<Entry>, ReadError> {
    first(reader, ENTRY, values![Value::tag(&kind), uuid], read).await
}

/// A person, whether account or guest.
pub async fn person(reader: &dyn Reader, person: PersonId) -> Result<Option<Entry>, ReadError> {
    first(reader, PERSON, values![person], read).await
}

/// The account of a counsellor, which has their name.
pub async fn account_of_counselor(
    reader: &dyn Reader,
    counselor: CounselorId,
) -> Result<Option<Entry>, ReadError> {
    first(reader, COUNSELOR, values![counselor], read).await
}

fn read(row: &Row) -> Result<Entry, RowError> {
    let mut columns = row.columns();
    Ok(Entry {
        kind: columns.take()?,
        number: columns.take()?,
        uuid: columns.take()?,
        belongs_to: columns.take()?,
        name: NameColumn::take(&mut columns)?,
    })
}
