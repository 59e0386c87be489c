//! Values on their way to PostgreSQL and back. The types of a statement's parameters decide how
//! each is sent.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::dump::{Literal, RowText};
use crate::{ReadError, Row, Value};

/// A value as a parameter.
#[derive(Debug)]
pub(super) struct Parameter<'v>(pub &'v Value);

impl ToSql for Parameter<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Value::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(ty, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(ty, out),
            (Value::Real(value), &Type::FLOAT8) => value.to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) => (&**text).to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => (&**bytes).to_sql(ty, out),
            (value, ty) => Err(misfit(value, ty).into()),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::FLOAT8
                | Type::TEXT
                | Type::VARCHAR
                | Type::BYTEA
        )
    }

    to_sql_checked!();
}

/// Why these values cannot be the parameters of a statement; none if they can.
pub(super) fn misfits(values: &[Value], types: &[Type]) -> Option<String> {
    if values.len() != types.len() {
        let (found, wanted) = (values.len(), types.len());
        return Some(format!("{wanted} parameters are wanted, not {found}"));
    }
    let mut pairs = values.iter().zip(types).enumerate();
    pairs.find_map(|(index, (value, ty))| {
        let reason = match (value, ty) {
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR) if text.contains('\0') => {
                "a text with a NUL cannot be stored".to_owned()
            }
            (Value::Null, _)
            | (Value::Int(_), &Type::INT8)
            | (Value::Real(_), &Type::FLOAT8)
            | (Value::Text(_), &Type::TEXT | &Type::VARCHAR)
            | (Value::Blob(_), &Type::BYTEA) => return None,
            (Value::Int(value), &Type::INT4) if i32::try_from(*value).is_ok() => return None,
            (Value::Int(value), &Type::INT2) if i16::try_from(*value).is_ok() => return None,
            (value, ty) => misfit(value, ty),
        };
        Some(format!("parameter {}: {reason}", index + 1))
    })
}

fn misfit(value: &Value, ty: &Type) -> String {
    let what = match value {
        Value::Null => "a null",
        Value::Int(_) => "this integer",
        Value::Real(_) => "a floating-point number",
        Value::Text(_) => "a text",
        Value::Blob(_) => "bytes",
    };
    format!("{what} cannot be a {ty}")
}

/// All columns of a row.
pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row, ReadError> {
    (0..row.len())
        .map(|column| value(row, column))
        .collect::<Result<_, _>>()
        .map(Row)
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, ReadError> {
    Ok(match literal(row, column)? {
        Literal::Null => Value::Null,
        Literal::Int(value) => Value::Int(value),
        Literal::Real(value) => Value::Real(value),
        Literal::Text(text) => Value::Text(text.into()),
        Literal::Blob(bytes) => Value::Blob(bytes.into()),
    })
}

/// Adds all columns of a row to a text.
pub(super) fn write(row: &tokio_postgres::Row, text: &mut RowText) -> Result<(), ReadError> {
    for column in 0..row.len() {
        text.push(&literal(row, column)?);
    }
    Ok(())
}

fn literal(row: &tokio_postgres::Row, column: usize) -> Result<Literal<'_>, ReadError> {
    let ty = row.columns()[column].type_();
    let read = match *ty {
        Type::INT8 => row
            .try_get::<_, Option<i64>>(column)
            .map(|v| v.map(Literal::Int)),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(column)
            .map(|v| v.map(|v| Literal::Int(v.into()))),
        Type::FLOAT8 => row
            .try_get::<_, Option<f64>>(column)
            .map(|v| v.map(Literal::Real)),
        Type::TEXT | Type::VARCHAR => row
            .try_get::<_, Option<&str>>(column)
            .map(|v| v.map(Literal::Text)),
        Type::BYTEA => row
            .try_get::<_, Option<&[u8]>>(column)
            .map(|v| v.map(Literal::Blob)),
        _ => {
            let reason = format!("column {column} is a {ty}, which no read model has: cast it");
            return Err(ReadError::Statement(reason));
        }
    };
    read.map(|value| value.unwrap_or(Literal::Null))
        .map_err(|cause| ReadError::Statement(cause.to_string()))
}
