//! Leases among nodes of one PostgreSQL log.

use std::sync::Arc;
use std::time::Duration;

use event_store::Leases;
use event_store::postgres::PostgresLeases;
use test_support::Database;
use uuid::Uuid;

const LONG: Duration = Duration::from_mins(1);
const OVER: Duration = Duration::ZERO;

async fn leases(database: &Database) -> PostgresLeases {
    PostgresLeases::open(&database.url().parse().unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn one_node_holds_a_lease_until_it_runs_out_or_is_given_back() {
    let database = Database::new().await;
    let leases = leases(&database).await;
    let [one, other] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    assert!(leases.hold("work", one, LONG).await.unwrap());
    assert!(leases.hold("work", one, LONG).await.unwrap());
    assert!(!leases.hold("work", other, LONG).await.unwrap());
    leases.release("work", other).await.unwrap();
    assert!(!leases.hold("work", other, LONG).await.unwrap());
    leases.release("work", one).await.unwrap();
    assert!(leases.hold("work", other, OVER).await.unwrap());
    assert!(leases.hold("work", one, LONG).await.unwrap());
    assert!(!leases.hold("work", other, LONG).await.unwrap());
}

#[tokio::test]
async fn of_many_nodes_that_want_a_lease_at_once_one_gets_it() {
    let database = Database::new().await;
    let leases = Arc::new(leases(&database).await);
    let tries = (1..=20).map(|node| {
        let leases = Arc::clone(&leases);
        tokio::spawn(async move { leases.hold("work", Uuid::from_u128(node), LONG).await })
    });
    let mut held = 0;
    for one in tries {
        held += usize::from(one.await.unwrap().unwrap());
    }
    assert_eq!(held, 1);
}

#[tokio::test]
async fn only_holders_whose_lease_runs_are_alive() {
    let database = Database::new().await;
    let leases = leases(&database).await;
    for (node, span) in [(1, LONG), (2, OVER), (3, LONG)] {
        let name = format!("node:{node}");
        leases
            .hold(&name, Uuid::from_u128(node), span)
            .await
            .unwrap();
    }
    leases
        .hold("other", Uuid::from_u128(4), LONG)
        .await
        .unwrap();
    let mut alive = leases.holders("node:").await.unwrap();
    alive.sort();
    assert_eq!(alive, [Uuid::from_u128(1), Uuid::from_u128(3)]);
}
