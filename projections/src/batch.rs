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

/// One statement with its parameters, and the event that asked for it.
#[derive(Debug, Clone)]
pub struct Statement {
    pub sql: Sql,
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
    /// Adds a statement. They are executed in the order in which they were pushed.
    pub fn push(&mut self, sql: impl Into<Sql>, parameters: impl Into<Vec<Value>>) {
        let (sql, parameters) = (sql.into(), parameters.into());
        self.statements.push(Statement {
            sql,
            parameters,
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

/// Declares the statements of one read model, so that a test can prepare each of them.
macro_rules! statements {
    ($($name:ident = $text:expr;)+) => {
        $(const $name: $crate::Sql = $crate::Sql::Shared($text);)+

        /// Every statement of this file, by name.
        pub(crate) const STATEMENTS: &[(&str, $crate::Sql)] = &[$((stringify!($name), $name)),+];
    };
}
pub(crate) use statements;
