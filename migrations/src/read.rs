//! Tables of the read models. They are thrown away and made again whenever a projection's version
//! changes, so there is one file for each projection and engine and nothing to migrate.

/// What the engine itself keeps in a SQLite file; executed at every opening.
pub const SQLITE_ENGINE: &str = include_str!("../read/sqlite/engine.sql");

/// The steps that make what the engine itself keeps in a PostgreSQL schema.
pub const POSTGRES_ENGINE: &[&str] = &[include_str!("../read/postgres/0001_engine.sql")];

/// The tables of one projection on each engine.
struct Tables {
    projection: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! tables {
    ($($projection:literal),+ $(,)?) => {
        &[$(Tables {
            projection: $projection,
            sqlite: include_str!(concat!("../read/sqlite/", $projection, ".sql")),
            postgres: include_str!(concat!("../read/postgres/", $projection, ".sql")),
        }),+]
    };
}

const TABLES: &[Tables] = tables![
    "directory",
    "accounts",
    "counselors",
    "consultations",
    "rooms",
    "messages",
    "timeline",
    "due",
    "search",
    "presence",
    "uploads",
    "destructions",
    "erasures",
    "accesses",
    "emotions",
    "analytics",
    "alerts",
];

/// The statements that make the tables of a projection on SQLite; none for an unknown name.
pub fn sqlite(projection: &str) -> Option<&'static str> {
    find(projection).map(|tables| tables.sqlite)
}

/// The statements that make the tables of a projection on PostgreSQL; none for an unknown name.
pub fn postgres(projection: &str) -> Option<&'static str> {
    find(projection).map(|tables| tables.postgres)
}

fn find(projection: &str) -> Option<&'static Tables> {
    TABLES.iter().find(|tables| tables.projection == projection)
}
