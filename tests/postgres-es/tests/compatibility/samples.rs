//! Every event that was ever written can be read by postgres-es: a row for each stored sample.

use std::path::Path;

use serde_json::Value;

use crate::agreement::{agree, category};
use crate::log::{Log, decode};

#[tokio::test]
async fn every_type_in_every_version_is_read() {
    let log = Log::with_tables().await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../domain/stored");
    let mut samples = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let sample: Value = serde_json::from_str(&text).unwrap();
        let event_type = sample["type"].as_str().unwrap();
        let version = sample["version"].as_str().unwrap();
        let event = decode(event_type, version, &sample["payload"].to_string());
        let id = format!("{event_type}@{version}");
        log.insert(
            (category(&event), &id),
            1,
            (event_type, version),
            &sample["payload"],
        )
        .await;
        samples += 1;
    }
    let read = of_every_aggregate!(agree(&log));
    assert_eq!(
        read,
        log.categories().await,
        "a category that is missing needs a line in `of_every_aggregate`"
    );
    assert_eq!(read.values().sum::<usize>(), samples);
}

#[tokio::test]
async fn what_a_later_server_wrote_is_refused_and_not_guessed_at() {
    use cqrs_es::EventStore;
    use serde_json::json;

    let log = Log::with_tables().await;
    let account = json!({"account": "0192f0c1-7a00-7000-8000-000000000001"});
    log.insert(("email", "a"), 1, ("email.reserved", "9.0.0"), &account)
        .await;
    log.insert(("email", "b"), 1, ("email.lost", "1.0.0"), &account)
        .await;
    log.insert(("email", "c"), 1, ("room.closed", "1.0.0"), &json!({}))
        .await;
    let store = postgres_es_reader::open::<domain::Email>(&log.pool);
    for id in ["a", "b", "c"] {
        assert!(store.load_events(id).await.is_err(), "{id}");
        assert!(store.load_aggregate(id).await.is_err(), "{id}");
    }
}
