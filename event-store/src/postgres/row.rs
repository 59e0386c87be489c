//! Rows of the table `events`, and the recorded events they hold.

use std::error::Error as StdError;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::stream_id::stream_name;
use crate::{Dedupe, Metadata, Position, Recorded, StoreError, codec};

/// The columns as [`recorded`] expects them.
macro_rules! columns {
    () => {
        "position, aggregate_type, aggregate_id, sequence, event_id, dedupe, event_type, \
         event_version, number, recorded_at, payload, metadata, parts"
    };
}
pub(super) use columns;

/// The bytes of a column of type `json`, as they are.
#[derive(Debug)]
pub(super) struct Json<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for Json<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }
}

impl ToSql for Json<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        out.put_slice(self.0);
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }

    to_sql_checked!();
}

/// Metadata as the log in PostgreSQL writes them down. They cannot fail to be JSON; if they did,
/// the server would refuse the row.
pub(super) fn encode_metadata(metadata: &Metadata) -> Vec<u8> {
    serde_json::to_vec(metadata).unwrap_or_default()
}

/// The event of a row. What cannot be read as one names its position.
pub(super) fn recorded(row: &Row) -> Result<Recorded, StoreError> {
    let position = row
        .try_get::<_, i64>(0)
        .map_err(|cause| corrupt(0, cause.to_string()))?
        .cast_unsigned();
    decode(row, position).map_err(|cause| corrupt(position, cause.to_string()))
}

fn decode(row: &Row, position: Position) -> Result<Recorded, Box<dyn StdError + Sync + Send>> {
    let dedupe = row.try_get::<_, Option<&[u8]>>(5)?;
    Ok(Recorded {
        position,
        stream: stream_name(row.try_get(1)?, row.try_get(2)?),
        sequence: row.try_get::<_, i64>(3)?.cast_unsigned(),
        event_id: row.try_get(4)?,
        dedupe: dedupe.map(Dedupe::try_from).transpose()?,
        event_type: row.try_get::<_, &str>(6)?.into(),
        event_version: row.try_get::<_, &str>(7)?.into(),
        number: row.try_get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
        recorded_at: row.try_get(9)?,
        payload: Bytes::copy_from_slice(row.try_get::<_, Json<'_>>(10)?.0),
        metadata: serde_json::from_slice(row.try_get::<_, Json<'_>>(11)?.0)?,
        parts: match row.try_get::<_, Option<&[u8]>>(12)? {
            None => Vec::new(),
            Some(parts) => codec::decode_parts(parts)?,
        },
    })
}

/// The events of rows, in their order.
pub(super) fn all_recorded(rows: &[Row]) -> Result<Vec<Arc<Recorded>>, StoreError> {
    rows.iter().map(|row| recorded(row).map(Arc::new)).collect()
}

fn corrupt(position: Position, reason: String) -> StoreError {
    StoreError::Corrupt { position, reason }
}
