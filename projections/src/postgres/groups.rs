//! Which statements of one projection may be executed as one.
//!
//! Statements that touch different rows change nothing for each other, so their order does not
//! matter. A statement joins the last group of its text unless something between, or in that
//! group itself, touches the same rows; then it begins a new group at the end. One of which it is
//! not known what it touches stays alone, behind all before it and before all behind it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::texts::{Key, key_of};
use crate::{Access, Sql, Statement, Touch, Value};

/// Statements of one text, no two of which touch the same rows.
pub(super) struct Group<'b> {
    pub sql: Sql,
    pub statements: Vec<&'b Statement>,
}

/// The last groups that touched some rows, counted from 1.
#[derive(Default, Clone, Copy)]
struct Last {
    owned: usize,
    shared: usize,
}

/// Groups of statements, to be executed one after the other.
pub(super) fn group(statements: &[Statement]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut last_of_text: HashMap<Key, usize> = HashMap::new();
    let mut last_of_rows: HashMap<u64, Last> = HashMap::new();
    let hasher = RandomState::new();
    // Groups up to this one are closed.
    let mut closed = 0;
    let mut names = Vec::new();
    for statement in statements {
        let Some(touches) = statement.touches else {
            groups.push(Group {
                sql: statement.sql,
                statements: vec![statement],
            });
            closed = groups.len();
            continue;
        };
        let mut behind = closed;
        names.clear();
        for touch in touches {
            let Some(name) = name(&hasher, touch, &statement.parameters) else {
                continue;
            };
            names.push((name, touch.access));
            let last = last_of_rows.get(&name).copied().unwrap_or_default();
            behind = behind.max(match touch.access {
                Access::Owns => last.owned.max(last.shared),
                Access::Shares => last.owned,
            });
        }
        let known = last_of_text.get(&key_of(statement.sql)).copied();
        let place = if let Some(place) = known.filter(|place| *place > behind) {
            groups[place - 1].statements.push(statement);
            place
        } else {
            groups.push(Group {
                sql: statement.sql,
                statements: vec![statement],
            });
            last_of_text.insert(key_of(statement.sql), groups.len());
            groups.len()
        };
        for (name, access) in &names {
            let last = last_of_rows.entry(*name).or_default();
            match access {
                Access::Owns => last.owned = last.owned.max(place),
                Access::Shares => last.shared = last.shared.max(place),
            }
        }
    }
    groups
}

/// One number for the rows. Two that have the same by chance are only kept apart.
fn name(hasher: &RandomState, touch: &Touch, parameters: &[Value]) -> Option<u64> {
    let mut hash = hasher.build_hasher();
    touch.rows.hash(&mut hash);
    for number in touch.by {
        match parameters.get(number - 1)? {
            Value::Null => return None,
            Value::Int(value) => value.hash(&mut hash),
            Value::Real(value) => value.to_bits().hash(&mut hash),
            Value::Text(text) => text.hash(&mut hash),
            Value::Blob(bytes) => bytes.hash(&mut hash),
        }
    }
    Some(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::values;
    use crate::{Access, Touch};

    const ROOM: Touch = Touch {
        rows: "room",
        by: &[1],
        access: Access::Owns,
    };
    const OF_ROOM: Touch = Touch {
        rows: "room",
        by: &[1],
        access: Access::Shares,
    };
    const MEMBER: Touch = Touch {
        rows: "member",
        by: &[1, 2],
        access: Access::Owns,
    };

    type Text = (&'static str, Option<&'static [Touch]>);

    const OPEN: Text = ("open", Some(&[ROOM]));
    const READ: Text = ("read", Some(&[OF_ROOM, MEMBER]));
    const SEND: Text = ("send", Some(&[OF_ROOM]));
    const UNKNOWN: Text = ("unknown", None);

    /// Each statement as text, room and member; the groups as texts with the numbers of statements.
    fn grouped(statements: &[(Text, i64, i64)]) -> Vec<(&'static str, Vec<u64>)> {
        let statements: Vec<Statement> = (1..)
            .zip(statements)
            .map(|(position, ((text, touches), room, member))| Statement {
                sql: Sql::Shared(text),
                touches: *touches,
                parameters: values![*room, *member],
                position,
            })
            .collect();
        let groups = group(&statements).into_iter().map(|group| {
            let numbers = group.statements.iter().map(|one| one.position);
            (super::super::texts::text_of(group.sql), numbers.collect())
        });
        groups.collect()
    }

    #[test]
    fn statements_of_different_rows_are_gathered_and_those_of_the_same_rows_keep_their_order() {
        let groups = grouped(&[
            (OPEN, 1, 0),
            (SEND, 1, 0),
            (OPEN, 2, 0),
            (SEND, 1, 0),
            (SEND, 2, 0),
            (READ, 1, 7),
            (READ, 2, 7),
            (READ, 1, 7),
            (READ, 1, 8),
        ]);
        let expected = [
            ("open", vec![1, 3]),
            ("send", vec![2, 4, 5]),
            ("read", vec![6, 7]),
            ("read", vec![8, 9]),
        ];
        assert_eq!(groups, expected);
    }

    #[test]
    fn a_row_that_is_owned_again_is_behind_those_who_shared_it() {
        let groups = grouped(&[(OPEN, 1, 0), (SEND, 1, 0), (OPEN, 1, 0), (SEND, 1, 0)]);
        let expected = [
            ("open", vec![1]),
            ("send", vec![2]),
            ("open", vec![3]),
            ("send", vec![4]),
        ];
        assert_eq!(groups, expected);
    }

    #[test]
    fn nothing_passes_a_statement_of_which_nothing_is_known() {
        let groups = grouped(&[
            (SEND, 1, 0),
            (UNKNOWN, 1, 0),
            (SEND, 2, 0),
            (UNKNOWN, 2, 0),
            (UNKNOWN, 3, 0),
        ]);
        let expected = [
            ("send", vec![1]),
            ("unknown", vec![2]),
            ("send", vec![3]),
            ("unknown", vec![4]),
            ("unknown", vec![5]),
        ];
        assert_eq!(groups, expected);
    }

    #[test]
    fn a_null_names_no_row() {
        const NULL_ROOM: Text = ("null", Some(&[Touch { by: &[3], ..ROOM }]));
        let groups = grouped(&[(NULL_ROOM, 1, 0), (NULL_ROOM, 1, 0)]);
        assert_eq!(groups, [("null", vec![1, 2])]);
    }
}
