//! The key store on PostgreSQL: the contract, and what is true of several nodes.

use std::sync::{Arc, Barrier};

use async_trait::async_trait;
use event_store::OpenError;
use event_store::keys::{Key, KeyBytes, KeyError, KeyStore, PostgresKeyStore};
use event_store::postgres::PostgresUrl;
use test_support::Database;

use super::{Home, every_case, is_destroyed, master, numbered, other_master, present};

every_case!(Shared);

/// A database of one test's own.
struct Shared(Database);

impl Shared {
    fn url(&self) -> PostgresUrl {
        self.0.url().parse().unwrap()
    }

    fn node(&self) -> PostgresKeyStore {
        PostgresKeyStore::open(&self.url(), master()).unwrap()
    }
}

#[async_trait]
impl Home for Shared {
    async fn fresh() -> Self {
        Self(Database::new().await)
    }

    fn open(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError> {
        Ok(Arc::new(PostgresKeyStore::open(&self.url(), master)?))
    }

    fn open_read_only(&self, master: KeyBytes) -> Result<Arc<dyn KeyStore>, OpenError> {
        let keys = PostgresKeyStore::open_read_only(&self.url(), master)?;
        Ok(Arc::new(keys))
    }

    fn is_fresh(&self) -> bool {
        PostgresKeyStore::is_fresh(&self.url()).unwrap()
    }

    fn place(&self) -> String {
        self.url().to_string()
    }

    async fn flip_a_bit(&self, table: &str, name: &str) {
        let update = format!(
            "UPDATE keys.{table} SET wrapped = set_bit(wrapped, 8 * length(wrapped) - 1,
                 1 - get_bit(wrapped, 8 * length(wrapped) - 1)) WHERE name = $1"
        );
        let client = self.0.connect().await;
        assert_eq!(client.execute(&update, &[&name]).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_made_once_and_counted() {
    let home = Shared::fresh().await;
    let url = home.url();
    assert!(PostgresKeyStore::is_fresh(&url).unwrap());
    assert_eq!(PostgresKeyStore::pending(&url), Ok(1));
    let refused = PostgresKeyStore::open_read_only(&url, master()).err();
    assert!(matches!(refused, Some(OpenError::Server { .. })));

    let taken: Vec<usize> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| PostgresKeyStore::migrate(&url).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(taken.iter().sum::<usize>(), 1);
    assert_eq!(PostgresKeyStore::pending(&url), Ok(0));
    assert!(PostgresKeyStore::is_fresh(&url).unwrap());
    // Without a check value no master key is the right one to read with.
    let refused = PostgresKeyStore::open_read_only(&url, master()).err();
    assert!(matches!(refused, Some(OpenError::WrongMaster { .. })));

    home.0
        .execute("UPDATE keys.schema_steps SET taken = 99")
        .await;
    let refused = PostgresKeyStore::open(&url, master()).err();
    assert!(
        matches!(&refused, Some(OpenError::Server { reason, .. }) if reason.contains("99")),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_make_the_same_keys_at_once_agree() {
    let home = Shared::fresh().await;
    let nodes = [home.node(), home.node()];
    let names = numbered(100);
    let backwards: Vec<Arc<str>> = names.iter().rev().cloned().collect();
    std::thread::scope(|scope| {
        for node in &nodes {
            let (names, backwards) = (&names, &backwards);
            scope.spawn(move || {
                for name in names {
                    node.get_or_create(std::slice::from_ref(name)).unwrap();
                }
            });
            scope.spawn(move || {
                for part in backwards.chunks(7) {
                    node.get_or_create(part).unwrap();
                }
            });
        }
    });
    let [left, right] = nodes.map(|node| node.get_or_create(&names).unwrap());
    assert_eq!(left, right);
    assert_eq!(left, home.node().get_or_create(&names).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_take_the_same_names_in_opposite_orders_do_not_block_each_other() {
    const ROUNDS: usize = 10;
    let home = Shared::fresh().await;
    let nodes = [home.node(), home.node()];
    let barrier = Barrier::new(2);
    // Judged at the end: one that fails must not leave the other waiting.
    let outcomes: Vec<Result<(), KeyError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = std::iter::zip(&nodes, [false, true])
            .map(|(node, backwards)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    let mut outcomes = Vec::new();
                    for round in 0..ROUNDS {
                        let mut names: Vec<Arc<str>> = (0..2_000)
                            .map(|number| format!("{round}:{number:04}").into())
                            .collect();
                        if backwards {
                            names.reverse();
                        }
                        barrier.wait();
                        outcomes.push(node.get_or_create(&names).map(drop));
                        barrier.wait();
                        outcomes.push(node.destroy(&names));
                    }
                    outcomes
                })
            })
            .collect();
        let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
        outcomes.flatten().collect()
    });
    assert_eq!(outcomes, vec![Ok(()); 4 * ROUNDS]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_put_the_same_secret_have_one() {
    let home = Shared::fresh().await;
    let nodes = [home.node(), home.node()];
    let put: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = std::iter::zip(&nodes, [b"one", b"two"])
            .map(|(node, value)| scope.spawn(|| node.put_secret("pepper", value).unwrap()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(put[0], put[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_node_destroys_is_forgotten_when_told() {
    let home = Shared::fresh().await;
    let (here, there) = (home.node(), home.node());
    here.get_or_create(&["a".into(), "b".into()]).unwrap();
    present(&there, "a");
    here.destroy(&["a".into()]).unwrap();
    there.forget(&["a".into()]);
    assert!(is_destroyed(&there, "a"));
    present(&there, "b");

    // What was absent a moment ago may be made by another node.
    assert!(matches!(there.get("c"), Ok(Key::Absent)));
    let made = here.get_or_create(&["c".into()]).unwrap();
    assert_eq!(present(&there, "c"), made[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_the_old_master_key_writes_nothing_more() {
    let home = Shared::fresh().await;
    let (here, there) = (home.node(), home.node());
    let made = here.get_or_create(&["a".into(), "b".into()]).unwrap();
    present(&there, "a");
    here.rotate_master(other_master()).unwrap();

    assert_eq!(present(&there, "a"), made[0]);
    assert_eq!(
        there.get("b").err(),
        Some(KeyError::DoesNotUnwrap("b".into()))
    );
    let refused = [
        there.get_or_create(&["c".into()]).map(drop),
        there.put_secret("c", b"d").map(drop),
        there.adopt(&[("c".into(), Some(KeyBytes::default()))]),
        there.rotate_master(master()),
    ];
    for outcome in refused {
        assert!(
            matches!(&outcome, Err(KeyError::Unavailable(why)) if why.contains("master key")),
            "{outcome:?}"
        );
    }
    assert_eq!(here.key_names("", 9).unwrap(), ["a".into(), "b".into()]);
    assert_eq!(present(&here, "b"), made[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_first_master_keys_only_one_writes() {
    let home = Shared::fresh().await;
    let first = home.node();
    let second = PostgresKeyStore::open(&home.url(), other_master()).unwrap();
    assert!(matches!(
        first.get_or_create(&["a".into()]),
        Err(KeyError::Unavailable(_))
    ));
    second.get_or_create(&["a".into()]).unwrap();
    let refused = PostgresKeyStore::open(&home.url(), master()).err();
    assert!(matches!(refused, Some(OpenError::WrongMaster { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_made_while_the_master_key_changes_unwrap_under_the_new_one() {
    let home = Shared::fresh().await;
    let (here, there) = (home.node(), home.node());
    here.get_or_create(&numbered(500)).unwrap();
    let made: Vec<Arc<str>> = std::thread::scope(|scope| {
        let making = scope.spawn(|| {
            let mut made = Vec::new();
            for number in 0.. {
                let name: Arc<str> = format!("late:{number}").into();
                match there.get_or_create(std::slice::from_ref(&name)) {
                    Ok(_) => made.push(name),
                    Err(KeyError::Unavailable(_)) => break,
                    Err(other) => panic!("{other}"),
                }
            }
            made
        });
        here.rotate_master(other_master()).unwrap();
        making.join().unwrap()
    });
    for name in &made {
        present(&here, name);
    }
    assert!(
        !here
            .key_names("late:", usize::MAX)
            .unwrap()
            .iter()
            .any(|name| here.get(name).is_err())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_of_a_destroyed_key_is_left_in_the_pages() {
    let home = Shared::fresh().await;
    let keys = home.node();
    let names = numbered(100);
    keys.get_or_create(&names).unwrap();
    // Dead rows too; the lowest bit of the mask says that a row has a NULL, as tombstones have.
    let rows = "SELECT count(*) FILTER (WHERE t_infomask & 1 = 0),
                       count(*) FILTER (WHERE t_infomask & 1 = 1)
                FROM generate_series(0, pg_relation_size('keys.keys')
                    / current_setting('block_size')::BIGINT - 1) AS page,
                LATERAL heap_page_items(get_raw_page('keys.keys', page::INT))
                WHERE t_data IS NOT NULL";
    home.0.execute("CREATE EXTENSION pageinspect").await;
    let client = home.0.connect().await;
    let count = || async {
        let row = client.query_one(rows, &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    assert_eq!(count().await, (100, 0));
    keys.destroy(&names[..50]).unwrap();
    assert_eq!(count().await, (50, 50));
    keys.adopt(&[(names[50].clone(), None)]).unwrap();
    assert_eq!(count().await, (49, 51));
}
