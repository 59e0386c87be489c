//! The rows of one table, one after the other, a page in memory at a time.

use std::vec;

use super::live::Snapshot;
use super::table::{Table, Values};
use crate::failure::Failure;

pub struct Cursor<'a> {
    snapshot: &'a mut dyn Snapshot,
    table: &'a Table,
    page: vec::IntoIter<Values>,
    /// The key of the last row that was read; none before the first page.
    last: Option<Values>,
    is_over: bool,
}

impl<'a> Cursor<'a> {
    pub fn new(snapshot: &'a mut dyn Snapshot, table: &'a Table) -> Self {
        Self {
            snapshot,
            table,
            page: Vec::new().into_iter(),
            last: None,
            is_over: false,
        }
    }

    /// None at the end.
    pub async fn next(&mut self) -> Result<Option<Values>, Failure> {
        if let Some(row) = self.page.next() {
            return Ok(Some(row));
        }
        if self.is_over {
            return Ok(None);
        }
        let page = self.snapshot.rows(self.table, self.last.as_ref()).await?;
        match page.last() {
            Some(last) => self.last = Some(self.table.key_of(last)),
            None => self.is_over = true,
        }
        self.page = page.into_iter();
        Ok(self.page.next())
    }
}
