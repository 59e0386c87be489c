//! What a server knows of damage is told with the rest.

use serde_json::{Value, json};

use crate::world::{Engine, World};

fn first_finding(world: &World) -> Value {
    let answer = world.run(&["verify", "--json"]);
    assert_eq!(answer.code, 1, "{} {}", answer.out, answer.err);
    answer.json()["first"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_that_a_server_does_not_trust_is_found() {
    let world = World::on(Engine::Server, 20).await;
    assert_eq!(world.run(&["verify"]).code, 0);
    world
        .harm_log(
            "UPDATE pg_index SET indisvalid = false WHERE indrelid = 'events'::regclass
             AND indisprimary",
        )
        .await;
    let first = first_finding(&world);
    assert_eq!(
        (&first["kind"], &first["position"]),
        (&json!("file_damaged"), &json!(0))
    );
    assert_eq!(first["detail"], "the index events_by_position is not valid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_an_index_misses_is_found_where_the_server_can_look() {
    let world = World::on(Engine::Server, 20).await;
    world.harm_log("CREATE EXTENSION amcheck").await;
    assert_eq!(world.run(&["verify"]).code, 0);
    // A row that is written while the index is not looked after.
    let index = "indexrelid = (SELECT indexrelid FROM pg_index WHERE indrelid = 'events'::regclass
                 AND indisunique AND NOT indisprimary ORDER BY indexrelid LIMIT 1)";
    let sql = format!(
        "UPDATE pg_index SET indisready = false WHERE {index};
         UPDATE events SET recorded_at = recorded_at WHERE position = 9;
         UPDATE pg_index SET indisready = true WHERE {index}"
    );
    world.harm_log(&sql).await;
    let first = first_finding(&world);
    assert_eq!(first["kind"], "file_damaged");
    let detail = first["detail"].as_str().unwrap();
    assert!(detail.contains("lacks matching index tuple"), "{detail}");
}
