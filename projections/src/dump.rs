//! Rows of all tables as text, the same on every engine, so that two read stores can be compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What stands in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDigest {
    pub rows: u64,
    /// Over all rows in the order of the primary key.
    pub sha256: [u8; 32],
}

/// A value on its way into a text.
pub(crate) enum Literal<'v> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'v str),
    Blob(&'v [u8]),
}

/// The text of one row.
#[derive(Default)]
pub(crate) struct RowText(String);

impl RowText {
    pub fn begin(&mut self) {
        self.0.clear();
    }

    /// Adds the next column, as SQL would write it.
    pub fn push(&mut self, value: &Literal<'_>) {
        let text = &mut self.0;
        text.push(if text.is_empty() { '(' } else { ',' });
        let written = match value {
            Literal::Null => write!(text, "NULL"),
            Literal::Int(value) => write!(text, "{value}"),
            Literal::Real(value) => write!(text, "{value:?}"),
            Literal::Text(value) => write!(text, "{value:?}"),
            Literal::Blob(bytes) => bytes
                .iter()
                .try_fold((), |(), byte| write!(text, "{byte:02x}"))
                .and_then(|()| write!(text, "x")),
        };
        debug_assert!(written.is_ok(), "a string takes all that is written");
    }

    pub fn end(&mut self) -> &str {
        self.0.push(')');
        &self.0
    }
}

/// Digests of tables that grow row by row.
#[derive(Default)]
pub(crate) struct Digests(BTreeMap<String, (u64, Sha256)>);

impl Digests {
    /// A table, which may have no rows.
    pub fn table(&mut self, table: &str) {
        self.0.entry(table.to_owned()).or_default();
    }

    pub fn row(&mut self, table: &str, row: &str) {
        if let Some((rows, hash)) = self.0.get_mut(table) {
            *rows += 1;
            hash.update(row.as_bytes());
            hash.update(b"\n");
        }
    }

    pub fn finish(self) -> BTreeMap<String, TableDigest> {
        let finish = |(rows, hash): (u64, Sha256)| TableDigest {
            rows,
            sha256: hash.finalize().into(),
        };
        self.0
            .into_iter()
            .map(|(table, hash)| (table, finish(hash)))
            .collect()
    }
}
