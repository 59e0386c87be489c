//! Reading a read store inside one transaction, on either engine.

mod file;
mod postgres;

pub use file::FileSnapshot;
pub use postgres::PostgresSnapshot;

use super::table::Table;

/// Rows in one read.
const PAGE_ROWS: usize = 1_000;

/// The statement that reads a page of a table: after a key whose values are `$1`, `$2`, …, or
/// from the beginning.
fn page_sql(table: &Table, goes_on: bool) -> String {
    let list = |names: Vec<String>| names.join(", ");
    let columns = list(table.columns.iter().map(|name| quoted(name)).collect());
    let key = list(table.key_columns().map(quoted).collect());
    let after = if goes_on {
        let places = (1..=table.key.len()).map(|place| format!("${place}"));
        format!(" WHERE ({key}) > ({})", list(places.collect()))
    } else {
        String::new()
    };
    let name = quoted(&table.name);
    format!("SELECT {columns} FROM {name}{after} ORDER BY {key} LIMIT {PAGE_ROWS}")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_after_the_key_of_the_one_before() {
        let table = Table {
            name: "offers".into(),
            columns: ["number", "kind"].map(String::from).into(),
            key: vec![1, 0],
        };
        assert_eq!(
            page_sql(&table, true),
            "SELECT \"number\", \"kind\" FROM \"offers\" WHERE (\"kind\", \"number\") > ($1, $2) \
             ORDER BY \"kind\", \"number\" LIMIT 1000"
        );
    }
}
