//! Cards of completed consultations.

use domain::{CardId, CardText, ConsultationId, SummaryBy};
use event_store::keys::KeyStore;
use event_store::seal::OpenError;

use crate::reader::first;
use crate::value::values;
use crate::{ReadError, Reader, Row, RowError, SealedColumn, statements};

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    pub id: CardId,
    pub number: u64,
    pub consultation: ConsultationId,
    /// A `domain::CardText`, as it was issued.
    pub text: SealedColumn,
    /// An `Option<String>` that replaces the text's additional notes.
    pub additional_notes: Option<SealedColumn>,
    pub summary_by: SummaryBy,
    /// Microseconds since the Unix epoch.
    pub created_at: i64,
}

impl CardRow {
    /// The words of the card with the latest additional notes; none once they were erased.
    pub fn open(&self, keys: &dyn KeyStore) -> Result<Option<CardText>, OpenError> {
        let Some(mut text) = self.text.open::<CardText>(keys)? else {
            return Ok(None);
        };
        if let Some(notes) = &self.additional_notes {
            text.additional_notes = notes.open::<Option<String>>(keys)?.flatten();
        }
        Ok(Some(text))
    }
}

macro_rules! card {
    ($rest:literal) => {
        concat!(
            "SELECT uuid, number, consultation, text, additional_notes, summary_by, created_at \
             FROM cards ",
            $rest
        )
    };
}

statements! {
    OF_CONSULTATION = card!("WHERE consultation = $1");
    BY_NUMBER = card!("WHERE number = $1");
}

/// The card of a consultation.
pub async fn card_of(
    reader: &dyn Reader,
    consultation: ConsultationId,
) -> Result<Option<CardRow>, ReadError> {
    first(reader, OF_CONSULTATION, values![consultation], read).await
}

/// A card by its number.
pub async fn card_by_number(
    reader: &dyn Reader,
    number: u64,
) -> Result<Option<CardRow>, ReadError> {
    first(reader, BY_NUMBER, values![number], read).await
}

fn read(row: &Row) -> Result<CardRow, RowError> {
    let mut columns = row.columns();
    Ok(CardRow {
        id: columns.take()?,
        number: columns.take()?,
        consultation: columns.take()?,
        text: columns.take()?,
        additional_notes: columns.take()?,
        summary_by: columns.take()?,
        created_at: columns.take()?,
    })
}
