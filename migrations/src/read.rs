//! Tables of the read models. They are thrown away and made again whenever a projection's version
//! changes, so there is one file for each projection and nothing to migrate.

/// What the engine itself keeps; executed at every opening.
pub const SQLITE_ENGINE: &str = include_str!("../read/sqlite/engine.sql");

/// The tables of each projection, by its name.
const SQLITE: &[(&str, &str)] = &[
    ("directory", include_str!("../read/sqlite/directory.sql")),
    ("accounts", include_str!("../read/sqlite/accounts.sql")),
    ("counselors", include_str!("../read/sqlite/counselors.sql")),
    (
        "consultations",
        include_str!("../read/sqlite/consultations.sql"),
    ),
    ("rooms", include_str!("../read/sqlite/rooms.sql")),
    ("messages", include_str!("../read/sqlite/messages.sql")),
    ("timeline", include_str!("../read/sqlite/timeline.sql")),
    ("due", include_str!("../read/sqlite/due.sql")),
];

/// The statements that make the tables of a projection on SQLite; none for an unknown name.
pub fn sqlite(projection: &str) -> Option<&'static str> {
    SQLITE
        .iter()
        .find(|(name, _)| *name == projection)
        .map(|(_, sql)| *sql)
}
