//! The tables of the log in PostgreSQL: brought up to date, or only looked at.

use super::failure::describe;
use super::{Component, Connections, PoolOptions, PostgresUrl, migrate, pending_steps};
use crate::{OpenError, TypeName};

const COMPONENT: Component = Component {
    name: "events",
    schema: None,
    steps: &[
        include_str!("../../../migrations/events/postgres/0001_log.sql"),
        include_str!("../../../migrations/events/postgres/0002_types.sql"),
    ],
};

/// Looks at the events that were recorded since it was last done.
const LOOK_AT_TYPES: &str = "
    WITH head AS (
        SELECT coalesce(max(position), 0) AS position FROM events
    ), found AS (
        INSERT INTO event_types (event_type, event_version)
        SELECT DISTINCT event_type, event_version
        FROM events, head, event_types_seen AS seen
        WHERE events.position > seen.position AND events.position <= head.position
        ON CONFLICT DO NOTHING
    )
    UPDATE event_types_seen AS seen SET position = head.position
    FROM head WHERE head.position > seen.position";

/// The types of all events, with their versions.
pub(super) async fn types(connections: &Connections) -> Result<Vec<TypeName>, OpenError> {
    let client = connections.open().await?;
    let failed = |cause| failed(connections, &describe(&cause));
    client.execute(LOOK_AT_TYPES, &[]).await.map_err(failed)?;
    let rows = client
        .query("SELECT event_type, event_version FROM event_types", &[])
        .await
        .map_err(failed)?;
    let name = |row: tokio_postgres::Row| {
        let (name, version): (&str, &str) = (row.get(0), row.get(1));
        (name.into(), version.into())
    };
    Ok(rows.into_iter().map(name).collect())
}

/// Takes the steps that are still to be taken; gives how many there were.
pub(super) async fn bring_up_to_date(connections: &Connections) -> Result<usize, OpenError> {
    let mut client = connections.open().await?;
    migrate(&mut client, &COMPONENT)
        .await
        .map_err(|cause| failed(connections, &cause))
}

/// How many steps are still to be taken.
pub(super) async fn pending(connections: &Connections) -> Result<usize, OpenError> {
    let client = connections.open().await?;
    pending_steps(&client, &COMPONENT)
        .await
        .map_err(|cause| failed(connections, &cause))
}

/// Refuses tables that are older than this release knows; newer ones are refused by the above.
pub(super) async fn check(connections: &Connections) -> Result<(), OpenError> {
    let known = COMPONENT.steps.len();
    match pending(connections).await? {
        0 => Ok(()),
        pending => Err(failed(
            connections,
            &format!(
                "it has schema {}, older than {known}: start the server once",
                known - pending
            ),
        )),
    }
}

/// Whether there is no event, or no table for any.
pub(super) async fn is_fresh(connections: &Connections) -> Result<bool, OpenError> {
    if pending(connections).await? == COMPONENT.steps.len() {
        return Ok(true);
    }
    let client = connections.open().await?;
    let row = client
        .query_one("SELECT NOT EXISTS (SELECT FROM events)", &[])
        .await
        .map_err(|cause| failed(connections, &describe(&cause)))?;
    Ok(row.get(0))
}

/// For a question or two.
pub(super) fn connections(url: &PostgresUrl) -> Result<Connections, OpenError> {
    let options = PoolOptions {
        size: 1,
        ..PoolOptions::default()
    };
    Connections::new(url, &options)
}

fn failed(connections: &Connections, cause: &impl ToString) -> OpenError {
    OpenError::Server {
        place: connections.place().to_owned(),
        reason: cause.to_string(),
    }
}
