//! Two tables side by side, by their primary key.

use std::cmp::Ordering;

use projections::Value;

use super::cursor::Cursor;
use super::difference::{Column, Difference, Kind};
use super::live::Snapshot;
use super::table::Table;
use crate::failure::Failure;

/// Differences that are shown; all are counted.
const SHOWN_DIFFERENCES: usize = 100;

/// What was compared so far.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Rows that the log makes.
    pub rows: u64,
    pub tables: u64,
    pub differences: u64,
    /// The first of them.
    pub shown: Vec<Difference>,
}

impl Comparison {
    /// Walks through both tables once.
    pub async fn table(
        &mut self,
        projection: &'static str,
        table: &Table,
        rebuilt: &mut dyn Snapshot,
        live: &mut dyn Snapshot,
    ) -> Result<(), Failure> {
        self.tables += 1;
        if !has_columns(live, table).await? {
            self.found(|| Difference::of_table(projection, table));
            return Ok(());
        }
        let mut rebuilt = Cursor::new(rebuilt, table);
        let mut live = Cursor::new(live, table);
        let (mut made, mut there) = (rebuilt.next().await?, live.next().await?);
        loop {
            let order = match (&made, &there) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(made), Some(there)) => table.order(made, there),
            };
            self.row(projection, table, order, made.as_deref(), there.as_deref());
            if order.is_le() {
                self.rows += 1;
                made = rebuilt.next().await?;
            }
            if order.is_ge() {
                there = live.next().await?;
            }
        }
    }

    /// Judges the row that comes next.
    fn row(
        &mut self,
        projection: &'static str,
        table: &Table,
        order: Ordering,
        made: Option<&[Value]>,
        there: Option<&[Value]>,
    ) {
        match (order, made, there) {
            (Ordering::Less, Some(made), _) => {
                self.found(|| Difference::of_row(projection, table, Kind::Missing, made));
            }
            (Ordering::Greater, _, Some(there)) => {
                self.found(|| Difference::of_row(projection, table, Kind::Extra, there));
            }
            (Ordering::Equal, Some(made), Some(there)) if made != there => self.found(|| {
                let columns = differing_columns(table, made, there);
                Difference {
                    columns,
                    ..Difference::of_row(projection, table, Kind::Differs, made)
                }
            }),
            _ => {}
        }
    }

    fn found(&mut self, difference: impl FnOnce() -> Difference) {
        self.differences += 1;
        if self.shown.len() < SHOWN_DIFFERENCES {
            self.shown.push(difference());
        }
    }
}

fn differing_columns(table: &Table, made: &[Value], there: &[Value]) -> Vec<Column> {
    let columns = table.columns.iter().zip(made).zip(there);
    columns
        .filter(|((_, made), there)| made != there)
        .map(|((name, made), there)| Column::new(name, there, made))
        .collect()
}

/// Whether the live table is there with the same columns, in whatever order.
async fn has_columns(live: &mut dyn Snapshot, table: &Table) -> Result<bool, Failure> {
    let mut there = live.columns(&table.name).await?;
    let mut made = table.columns.clone();
    there.sort();
    made.sort();
    Ok(there == made)
}
