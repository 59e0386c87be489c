//! Alerts, and whether a person has taken each of them up.

use domain::{
    AccountId, AlertAudience, AlertEvent, AlertId, AlertSource, ConsultationId, CounselorId,
    EmotionSessionId, Event, PersonId, Risk,
};
use uuid::Uuid;

use crate::reader::{first, many};
use crate::row::tags;
use crate::value::values;
use crate::{Batch, Fact, Projection, ReadError, Reader, Row, RowError, Value, statements};

/// An alert. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    pub id: AlertId,
    pub number: u64,
    pub source: AlertSource,
    /// The message or step.
    pub said: Uuid,
    pub person: PersonId,
    pub level: Risk,
    /// The id of the rule that found it.
    pub rule: String,
    /// Who is with the person, as of when it was last raised.
    pub counselor: Option<CounselorId>,
    pub raised_at: i64,
    pub last_raised_at: i64,
    /// How often it was raised again.
    pub times: u32,
    pub acknowledged_at: Option<i64>,
    pub acknowledged_by: Option<AccountId>,
}

/// The column `source_kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Consultation,
    EmotionSession,
}

tags!(Kind);

macro_rules! alert {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, source_kind, source, said, person, level, rule, counselor, \
             raised_at, last_raised_at, times, acknowledged_at, acknowledged_by FROM alerts ",
            $rest
        )
    };
}

statements! {
    RAISE = "INSERT INTO alerts (uuid, number, source_kind, source, said, person, level, rule, \
             counselor, raised_at, last_raised_at, times) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 0)"
        => owns alert(1);
    RAISE_AGAIN = "UPDATE alerts SET times = $2, last_raised_at = $3 WHERE uuid = $1"
        => owns alert(1);
    GIVE = "UPDATE alerts SET counselor = $2 WHERE uuid = $1"
        => owns alert(1);
    ACKNOWLEDGE = "UPDATE alerts SET acknowledged_at = $2, acknowledged_by = $3 WHERE uuid = $1"
        => owns alert(1);

    BY_ID = alert!("WHERE uuid = $1");
    BY_NUMBER = alert!("WHERE number = $1");
    OPEN = alert!(
        "WHERE acknowledged_at IS NULL AND last_raised_at <= $1 \
         ORDER BY last_raised_at, number LIMIT $2"
    );
}

/// The projection of this file.
#[derive(Debug)]
pub struct Alerts;

impl Projection for Alerts {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["alerts"]
    }

    fn project(&self, fact: &Fact, batch: &mut Batch) {
        match &fact.event {
            Event::Alert(event) => alert(fact, event, batch),
            Event::Account(_)
            | Event::Email(_)
            | Event::Session(_)
            | Event::Counselor(_)
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
            | Event::Emotion(_) => {}
        }
    }
}

fn alert(fact: &Fact, event: &AlertEvent, batch: &mut Batch) {
    let (id, at) = (fact.id, fact.recorded.recorded_at);
    match event {
        AlertEvent::Raised {
            source,
            said,
            person,
            level,
            rule,
            audience,
        } => {
            let (kind, source) = columns_of(*source);
            let (number, counselor) = (fact.recorded.number(), audience.counselor);
            batch.push(
                RAISE,
                values![
                    id,
                    number,
                    kind,
                    source,
                    *said,
                    *person,
                    Value::tag(level),
                    &**rule,
                    counselor,
                    at
                ],
            );
        }
        AlertEvent::RaisedAgain {
            times, audience, ..
        } => {
            batch.push(RAISE_AGAIN, values![id, *times, at]);
            give(id, audience, batch);
        }
        AlertEvent::Acknowledged { by, .. } => {
            batch.push(ACKNOWLEDGE, values![id, at, *by]);
        }
    }
}

/// Who is with the person now; nobody, if nobody is.
fn give(id: Uuid, audience: &AlertAudience, batch: &mut Batch) {
    batch.push(GIVE, values![id, audience.counselor]);
}

fn columns_of(source: AlertSource) -> (Value, Uuid) {
    match source {
        AlertSource::Consultation(id) => (Value::tag(&Kind::Consultation), id.0),
        AlertSource::EmotionSession(id) => (Value::tag(&Kind::EmotionSession), id.0),
    }
}

/// An alert by its id.
pub async fn by_id(reader: &dyn Reader, alert: AlertId) -> Result<Option<AlertRow>, ReadError> {
    first(reader, BY_ID, values![alert.0], read).await
}

/// An alert by its number.
pub async fn by_number(reader: &dyn Reader, number: u64) -> Result<Option<AlertRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

/// Alerts that nobody has acknowledged and that were last raised up to a time (microseconds), the
/// longest ago first, at most `limit`.
pub async fn open(
    reader: &dyn Reader,
    last_raised_up_to: i64,
    limit: u32,
) -> Result<Vec<AlertRow>, ReadError> {
    many(reader, OPEN, values![last_raised_up_to, limit], read).await
}

fn read(row: &Row) -> Result<AlertRow, RowError> {
    let mut columns = row.columns();
    let (id, number) = (AlertId(columns.take()?), columns.take()?);
    let (kind, source): (Kind, Uuid) = (columns.take()?, columns.take()?);
    Ok(AlertRow {
        id,
        number,
        source: match kind {
            Kind::Consultation => AlertSource::Consultation(ConsultationId(source)),
            Kind::EmotionSession => AlertSource::EmotionSession(EmotionSessionId(source)),
        },
        said: columns.take()?,
        person: columns.take()?,
        level: columns.take()?,
        rule: columns.take()?,
        counselor: columns.take()?,
        raised_at: columns.take()?,
        last_raised_at: columns.take()?,
        times: columns.take()?,
        acknowledged_at: columns.take()?,
        acknowledged_by: columns.take()?,
    })
}
