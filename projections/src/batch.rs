//! What a projection writes: statements and parameters, collected by a pure function.

use event_store::Position;

use crate::{Fact, Value};

/// A statement, written once with `$1`, `$2`, …; or once for each engine where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sql {
    Shared(&'static str),
    Per {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Shared(text)
    }
}

/// Rows that a statement touches, named by the values of some of its parameters. The names mean
/// the same in all statements of one projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch {
    pub rows: &'static str,
    /// The numbers of the parameters, from 1; none for all rows. A null names no row.
    pub by: &'static [usize],
    pub access: Access,
}

/// How a statement touches rows. Two statements of a projection may change places, and may be
/// executed as one, unless one of them owns what the other one owns or shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It changes rows that others read or change.
    Owns,
    /// It reads them, or adds rows that only those who own them could tell from others.
    Shares,
}

/// A statement that changes rows.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub sql: Sql,
    /// All that it touches; none where that is not known: then it keeps its place.
    pub touches: Option<&'static [Touch]>,
}

impl<T: Into<Sql>> From<T> for Change {
    fn from(sql: T) -> Self {
        Self {
            sql: sql.into(),
            touches: None,
        }
    }
}

/// One statement with its parameters, and the event that asked for it.
#[derive(Debug, Clone)]
pub struct Statement {
    pub sql: Sql,
    /// All that it touches, as in [`Change`].
    pub touches: Option<&'static [Touch]>,
    pub parameters: Vec<Value>,
    pub position: Position,
}

/// What one stretch of the log changes in the tables of one projection.
#[derive(Debug, Default)]
pub struct Batch {
    statements: Vec<Statement>,
    position: Position,
}

impl Batch {
    /// Adds a statement. They take effect in the order in which they were pushed.
    pub fn push(&mut self, change: impl Into<Change>, parameters: impl Into<Vec<Value>>) {
        let change = change.into();
        self.statements.push(Statement {
            sql: change.sql,
            touches: change.touches,
            parameters: parameters.into(),
            position: self.position,
        });
    }

    /// Lets a projection add what one event changes.
    pub fn add(&mut self, projection: &dyn Projection, fact: &Fact) {
        self.position = fact.recorded.position;
        projection.project(fact, self);
    }

    /// The event in hand, or the last one.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

/// A read model: a pure function from events to statements. Live running and replay are the same.
pub trait Projection: Send + Sync {
    fn name(&self) -> &'static str;

    /// Raised whenever the tables or the rows that it makes change shape or meaning: its tables
    /// are then made anew and filled from the first event on.
    fn version(&self) -> u32;

    /// The tables that it alone writes; dropped before a rebuild.
    fn tables(&self) -> &'static [&'static str];

    /// Pushes what this event changes. Never reads back, never looks at a clock, never uses
    /// sealed content for a row, flag or number. Statements may read the projection's own tables
    /// only, so that each projection can stop and be rebuilt without the others.
    fn project(&self, fact: &Fact, batch: &mut Batch);
}

/// Declares the statements of one read model, so that a test can prepare each of them. Behind one
/// that writes stands what it touches, e.g. `=> shares room(4), owns message(1)`, where the
/// numbers are those of parameters.
macro_rules! statements {
    ($($name:ident = $text:expr $(=> $($access:ident $rows:ident($($by:literal),*)),+)?;)+) => {
        $($crate::batch::statement!(
            $name = $text $(=> $($access $rows($($by),*)),+)?
        );)+

        /// Every statement of this file, by name.
        pub(crate) const STATEMENTS: &[(&str, $crate::Sql)] =
            &[$((stringify!($name), $crate::Sql::Shared($text))),+];
    };
}
pub(crate) use statements;

macro_rules! statement {
    ($name:ident = $text:expr) => {
        const $name: $crate::Sql = $crate::Sql::Shared($text);
    };
    ($name:ident = $text:expr => $($access:ident $rows:ident($($by:literal),*)),+) => {
        const $name: $crate::Change = $crate::Change {
            sql: $crate::Sql::Shared($text),
            touches: Some(&[$($crate::batch::touch!($access $rows($($by),*))),+]),
        };
    };
}
pub(crate) use statement;

macro_rules! touch {
    (@access owns) => { $crate::Access::Owns };
    (@access shares) => { $crate::Access::Shares };
    ($access:ident $rows:ident($($by:literal),*)) => {
        $crate::Touch {
            rows: stringify!($rows),
            by: &[$($by),*],
            access: $crate::batch::touch!(@access $access),
        }
    };
}
pub(crate) use touch;
