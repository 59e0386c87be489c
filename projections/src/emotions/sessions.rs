//! Sessions about people's emotions, with their cards.

use domain::{AccountId, CardId, EmotionSessionId, KeyEmotion, SummaryBy};

use crate::reader::{first, many};
use crate::value::values;
use crate::{Json, Page, ReadError, Reader, Row, RowError, SealedColumn, statements};

/// A session. All times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct EmotionSessionRow {
    pub number: u64,
    pub id: EmotionSessionId,
    pub owner: AccountId,
    /// A `domain::SessionOpening`.
    pub opening: SealedColumn,
    pub started_at: i64,
    pub ended_at: Option<i64>,
    /// The newest one.
    pub card: Option<EmotionCardRow>,
    /// When it was kept no longer; then it has neither steps nor card.
    pub erased_at: Option<i64>,
}

/// The card of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct EmotionCardRow {
    pub id: CardId,
    pub number: u64,
    pub summary_by: SummaryBy,
    pub key_emotions: Vec<KeyEmotion>,
    /// A `domain::EmotionCardText`.
    pub text: SealedColumn,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
}

macro_rules! session {
    ($rest:literal) => {
        concat!(
            "SELECT number, uuid, owner, opening, started_at, ended_at, erased_at, card, card_number, \
             card_by, key_emotions, card_text, card_at FROM emotion_sessions ",
            $rest
        )
    };
}

statements! {
    BY_ID = session!("WHERE uuid = $1");
    OF_OWNER = session!("WHERE owner = $1 ORDER BY number DESC LIMIT $2 OFFSET $3");
    OF_OWNER_AFTER = session!("WHERE owner = $1 AND number > $2 ORDER BY number LIMIT $3");
}

/// A session by its id.
pub async fn by_id(
    reader: &dyn Reader,
    session: EmotionSessionId,
) -> Result<Option<EmotionSessionRow>, ReadError> {
    first(reader, BY_ID, values![session], read).await
}

/// A page of somebody's sessions, newest first.
pub async fn of_owner(
    reader: &dyn Reader,
    owner: AccountId,
    page: Page,
) -> Result<Vec<EmotionSessionRow>, ReadError> {
    let values = values![owner, page.size, page.offset()];
    many(reader, OF_OWNER, values, read).await
}

/// Somebody's sessions with a number above `after`, in the order of their numbers, at most
/// `limit`.
pub async fn of_owner_after(
    reader: &dyn Reader,
    owner: AccountId,
    after: u64,
    limit: u32,
) -> Result<Vec<EmotionSessionRow>, ReadError> {
    many(reader, OF_OWNER_AFTER, values![owner, after, limit], read).await
}

fn read(row: &Row) -> Result<EmotionSessionRow, RowError> {
    let mut columns = row.columns();
    Ok(EmotionSessionRow {
        number: columns.take()?,
        id: columns.take()?,
        owner: columns.take()?,
        opening: columns.take()?,
        started_at: columns.take()?,
        ended_at: columns.take()?,
        erased_at: columns.take()?,
        card: match columns.take()? {
            None => None,
            Some(id) => Some(EmotionCardRow {
                id,
                number: columns.take()?,
                summary_by: columns.take()?,
                key_emotions: columns.take::<Json<_>>()?.0,
                text: columns.take()?,
                created_at: columns.take()?,
            }),
        },
    })
}
