//! A table as both sides have it, and the order of its rows.

use std::cmp::Ordering;

use projections::Value;

/// The columns of a table, and those of its primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// Places in `columns`, in the order of the key.
    pub key: Vec<usize>,
}

/// A row, in the order of the table's columns.
pub type Values = Vec<Value>;

impl Table {
    /// The names of the columns of the primary key.
    pub fn key_columns(&self) -> impl Iterator<Item = &str> {
        self.key.iter().map(|place| &*self.columns[*place])
    }

    /// The values of the primary key.
    pub fn key_of(&self, row: &[Value]) -> Values {
        self.key.iter().map(|place| row[*place].clone()).collect()
    }

    /// Which of two rows comes first by the primary key: texts by their bytes, as both engines
    /// are told to order them.
    pub fn order(&self, one: &[Value], other: &[Value]) -> Ordering {
        let places = self.key.iter();
        places
            .map(|place| order(&one[*place], &other[*place]))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Real(one), Value::Real(other)) => one.total_cmp(other),
        (Value::Text(one), Value::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Value::Blob(one), Value::Blob(other)) => one.cmp(other),
        (one, other) => kind(one).cmp(&kind(other)),
    }
}

/// Columns hold one kind of value each, but for nulls.
fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Int(_) => 1,
        Value::Real(_) => 2,
        Value::Text(_) => 3,
        Value::Blob(_) => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_ordered_by_the_key_and_nothing_else() {
        let table = Table {
            name: "t".into(),
            columns: ["a", "b", "c"].map(String::from).into(),
            key: vec![2, 0],
        };
        let row = |a: &str, b: i64, c: i64| vec![Value::from(a), b.into(), c.into()];
        assert_eq!(
            table.order(&row("z", 0, 1), &row("a", 0, 2)),
            Ordering::Less
        );
        assert_eq!(
            table.order(&row("가", 0, 1), &row("z", 0, 1)),
            Ordering::Greater
        );
        assert_eq!(
            table.order(&row("z", 1, 1), &row("z", 2, 1)),
            Ordering::Equal
        );
        assert_eq!(table.key_of(&row("z", 1, 5)), [5_i64.into(), "z".into()]);
    }
}
