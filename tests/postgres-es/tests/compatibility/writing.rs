//! Nobody writes into our log with postgres-es by accident.

use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, CqrsFramework, EventStore};
use domain::{AccountId, Counselor, CounselorCommand, CounselorStatus, Refusal, StatusReason};
use postgres_es::PostgresEventRepository;
use postgres_es_reader::Read;
use serde_json::json;

use crate::log::Log;

const ACCOUNT: &str = "0192f0c1-7a00-7000-8000-000000000001";

async fn with_a_counselor() -> Log {
    let log = Log::with_tables().await;
    let registered = json!({
        "account": ACCOUNT, "character_type_id": 1, "counseling_fields": [], "max_active": null,
    });
    let of = ("counselor.registered", "1.0.0");
    log.insert(("counselor", "kim"), 1, of, &registered).await;
    log
}

/// It was not a decision that refused, but the table.
fn assert_refused_by_the_table(result: Result<(), AggregateError<Refusal>>) {
    let error = result.expect_err("the table takes no row without a position");
    let AggregateError::UnexpectedError(cause) = &error else {
        panic!("{error:?}");
    };
    let cause = cause.to_string();
    assert!(
        cause.contains("null value in column \"position\""),
        "{cause}"
    );
}

#[tokio::test]
async fn a_command_by_its_framework_is_refused_loudly_and_changes_nothing() {
    let log = with_a_counselor().await;
    let store = postgres_es_reader::open::<Counselor>(&log.pool);
    let framework = CqrsFramework::new(store, vec![], ());

    let register = CounselorCommand::Register {
        account: AccountId(ACCOUNT.parse().unwrap()),
        character_type_id: 1,
        counseling_fields: vec![],
        max_active: None,
    };
    assert_refused_by_the_table(framework.execute("lee", register).await);

    let waits = CounselorCommand::SetStatus {
        status: CounselorStatus::Waiting,
        reason: StatusReason::Chosen,
    };
    assert_refused_by_the_table(framework.execute("kim", waits).await);
    assert_eq!(log.categories().await, [("counselor".to_owned(), 1)].into());
}

#[tokio::test]
async fn its_snapshots_find_no_table() {
    let log = with_a_counselor().await;
    let repository = PostgresEventRepository::new(log.pool.clone());
    let store = PersistedEventStore::<_, Read<Counselor>>::new_snapshot_store(repository, 100);
    let error = store
        .load_aggregate("kim")
        .await
        .err()
        .expect("there are no snapshots");
    let cause = format!("{error:?}");
    assert!(
        cause.contains("\\\"snapshots\\\" does not exist"),
        "{cause}"
    );
}
