//! Statements as they are prepared at the server: one by one, and many as one.

use std::collections::HashMap;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Statement};

use super::many;
use crate::Sql;

/// One text as the server knows it.
#[derive(Clone)]
pub(super) struct Prepared {
    pub one: Statement,
    /// The same for many sets of parameters at once; none where the text does not allow it.
    pub many: Option<Statement>,
}

impl Prepared {
    pub fn types(&self) -> &[Type] {
        self.one.params()
    }
}

/// Prepared statements of one connection, by the address of the static text.
#[derive(Default)]
pub(super) struct Texts(HashMap<Key, Prepared>);

/// The address of a static text.
pub(super) type Key = (usize, usize);

impl Texts {
    /// A statement, prepared when it is first needed.
    pub async fn prepare(&mut self, client: &Client, sql: Sql) -> Result<Prepared, Error> {
        let (text, key) = (text_of(sql), key_of(sql));
        if let Some(prepared) = self.0.get(&key) {
            return Ok(prepared.clone());
        }
        let one = client.prepare(text).await?;
        let many = match many::rewrite(text, one.params()) {
            Some(text) => Some(client.prepare(&text).await?),
            None => None,
        };
        let prepared = Prepared { one, many };
        self.0.insert(key, prepared.clone());
        Ok(prepared)
    }
}

pub(super) fn text_of(sql: Sql) -> &'static str {
    match sql {
        Sql::Shared(text) | Sql::Per { postgres: text, .. } => text,
    }
}

pub(super) fn key_of(sql: Sql) -> Key {
    let text = text_of(sql);
    (text.as_ptr().addr(), text.len())
}
