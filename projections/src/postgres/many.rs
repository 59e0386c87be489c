//! A statement rewritten so that one execution does the work of many: its parameters become
//! columns of arrays.

use tokio_postgres::types::Type;

/// The rewritten text; none where its shape does not allow it.
///
/// Whoever executes it makes sure that no row is touched for two sets of parameters: an `UPDATE`
/// would take one of them and an upsert would fail.
pub(crate) fn rewrite(text: &str, types: &[Type]) -> Option<String> {
    if types.is_empty() {
        return None;
    }
    let source = source(types)?;
    if text.starts_with("INSERT INTO ") {
        return insert(text, &source);
    }
    let (keyword, joined_by) = if text.starts_with("UPDATE ") {
        ("UPDATE", "FROM")
    } else if text.starts_with("DELETE FROM ") {
        ("DELETE", "USING")
    } else {
        return None;
    };
    let found = outside_parentheses(text, " WHERE ")?;
    let (head, condition) = text.split_at(found);
    let joined = keyword == "UPDATE" && outside_parentheses(head, " FROM ").is_some();
    let joined = joined || outside_parentheses(head, " USING ").is_some();
    if joined || outside_parentheses(condition, " RETURNING ").is_some() {
        return None;
    }
    let (head, condition) = (columns(head), columns(condition));
    Some(format!("{head} {joined_by} {source}{condition}"))
}

fn insert(text: &str, source: &str) -> Option<String> {
    if let Some(found) = outside_parentheses(text, " VALUES (") {
        let (head, rest) = text.split_at(found);
        let rest = rest.strip_prefix(" VALUES (")?;
        let end = outside_parentheses(rest, ")")?;
        let (values, rest) = rest.split_at(end);
        let rest = rest.strip_prefix(')')?;
        if head.contains('$') || rest.contains('$') || !is_conflict_clause(rest) {
            return None;
        }
        let values = columns(values);
        return Some(format!(
            "{head} SELECT {values} FROM {source} WHERE true{rest}"
        ));
    }
    let found = outside_parentheses(text, " SELECT ")?;
    let (head, select) = text.split_at(found);
    if head.contains('$') || outside_parentheses(select, " ON CONFLICT ").is_some() {
        return None;
    }
    let select = columns(select.trim_start());
    Some(format!(
        "{head} SELECT one.* FROM {source} CROSS JOIN LATERAL ({select}) AS one"
    ))
}

fn is_conflict_clause(rest: &str) -> bool {
    rest.is_empty() || (rest.starts_with(" ON CONFLICT ") && !rest.contains(" RETURNING "))
}

/// Where a word stands at the level of the statement itself.
fn outside_parentheses(text: &str, word: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, letter) in text.char_indices() {
        if depth == 0 && !quoted && text[at..].starts_with(word) {
            return Some(at);
        }
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// `$n` as the column of the source.
fn columns(text: &str) -> String {
    let mut quoted = false;
    let mut rewritten = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        quoted ^= letter == '\'';
        if letter == '$' && !quoted {
            rewritten.push_str("parameters.p");
        } else {
            rewritten.push(letter);
        }
    }
    rewritten
}

/// The arrays as rows, `parameters.p1` and so on.
fn source(types: &[Type]) -> Option<String> {
    let mut arrays = Vec::with_capacity(types.len());
    let mut names = Vec::with_capacity(types.len());
    for (index, ty) in types.iter().enumerate() {
        let name = match *ty {
            Type::INT8 => "int8",
            Type::INT4 => "int4",
            Type::INT2 => "int2",
            Type::FLOAT8 => "float8",
            Type::TEXT => "text",
            Type::VARCHAR => "varchar",
            Type::BYTEA => "bytea",
            _ => return None,
        };
        arrays.push(format!("${}::{name}[]", index + 1));
        names.push(format!("p{}", index + 1));
    }
    let (arrays, names) = (arrays.join(", "), names.join(", "));
    Some(format!("unnest({arrays}) AS parameters({names})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_becomes_one_over_arrays() {
        let (int, text) = (Type::INT8, Type::TEXT);
        let two = [int.clone(), text];
        let rows = "unnest($1::int8[], $2::text[]) AS parameters(p1, p2)";
        for (one, many) in [
            (
                "INSERT INTO t (a, b) VALUES ($1, (SELECT c FROM u WHERE d = $2))",
                format!(
                    "INSERT INTO t (a, b) SELECT parameters.p1, \
                     (SELECT c FROM u WHERE d = parameters.p2) FROM {rows} WHERE true"
                ),
            ),
            (
                "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING",
                format!(
                    "INSERT INTO t (a, b) SELECT parameters.p1, parameters.p2 FROM {rows} \
                     WHERE true ON CONFLICT (a) DO NOTHING"
                ),
            ),
            (
                "INSERT INTO t (a, b) SELECT u.a, $2 FROM u WHERE u.a = $1",
                format!(
                    "INSERT INTO t (a, b) SELECT one.* FROM {rows} CROSS JOIN LATERAL \
                     (SELECT u.a, parameters.p2 FROM u WHERE u.a = parameters.p1) AS one"
                ),
            ),
            (
                "UPDATE t SET b = $2 WHERE a = (SELECT a FROM u WHERE b = $1) AND c = '$1'",
                format!(
                    "UPDATE t SET b = parameters.p2 FROM {rows} \
                     WHERE a = (SELECT a FROM u WHERE b = parameters.p1) AND c = '$1'"
                ),
            ),
            (
                "DELETE FROM t WHERE a = $1 AND b = $2",
                format!("DELETE FROM t USING {rows} WHERE a = parameters.p1 AND b = parameters.p2"),
            ),
        ] {
            assert_eq!(rewrite(one, &two), Some(many), "{one}");
        }
        for one in [
            "UPDATE t SET a = $1",
            "UPDATE t SET a = u.a FROM u WHERE u.b = $1",
            "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $2",
            "SELECT $1",
        ] {
            assert_eq!(rewrite(one, std::slice::from_ref(&int)), None, "{one}");
        }
    }
}
