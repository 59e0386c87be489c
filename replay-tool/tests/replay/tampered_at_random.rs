//! One event, chosen and harmed at random, is the first that is named.

use event_store::Position;

use crate::random::Random;
use crate::sealed::SealedLog;
use crate::tampered::{drop_and_close_up, swap};
use crate::world::World;

#[tokio::test]
async fn one_event_harmed_at_random_is_the_first_that_is_named() {
    let is_long = std::env::var_os("MAEUM_TEST_LONG").is_some();
    let rounds = if is_long { 200 } else { 20 };
    let log = SealedLog::new().await;
    let mut random = Random::new();
    for _ in 0..rounds {
        let world = log.copy();
        let (at, what) = harm(&log, &world, &mut random);
        let answer = world.run(&["verify", "--json"]);
        let report = answer.json();
        assert_eq!(answer.code, 1, "{what} at {at}: {report}");
        assert_eq!(report["first"]["position"], at, "{what} at {at}: {report}");
    }
}

/// Harms one event, and says which and how.
fn harm(log: &SealedLog, world: &World, random: &mut Random) -> (Position, String) {
    let at = 1 + random.below(log.head());
    let what = match random.below(8) {
        0 => format!("DELETE FROM events WHERE position = {at}"),
        1 => drop_and_close_up(at),
        2 => {
            let other = 1 + (at + random.below(log.head() - 1)) % log.head();
            let what = swap(at, other);
            world.harm(&what);
            return (at.min(other), what);
        }
        3 => {
            let by = 1 + random.below(5_000_000);
            format!("UPDATE events SET recorded_at = recorded_at + {by} WHERE position = {at}")
        }
        4 => {
            let by = 1 + random.below(5_000_000);
            format!("UPDATE events SET recorded_at = recorded_at - {by} WHERE position = {at}")
        }
        5 => format!("DELETE FROM events WHERE position >= {at}"),
        _ => return (at, flip_a_bit(world, at, random)),
    };
    world.harm(&what);
    (at, what)
}

/// Flips one bit of a column of bytes.
fn flip_a_bit(world: &World, at: Position, random: &mut Random) -> String {
    let connection = rusqlite::Connection::open(world.file("events.db")).unwrap();
    let select = format!("SELECT parts IS NULL FROM events WHERE position = {at}");
    let without_parts: bool = connection.query_row(&select, [], |row| row.get(0)).unwrap();
    let columns = ["payload", "metadata", "event_id", "parts"];
    let columns = &columns[..if without_parts { 3 } else { 4 }];
    let column = columns[below(random, columns.len())];
    let select = format!("SELECT {column} FROM events WHERE position = {at}");
    let mut bytes: Vec<u8> = connection.query_row(&select, [], |row| row.get(0)).unwrap();
    let (place, bit) = (below(random, bytes.len()), random.below(8));
    bytes[place] ^= 1 << bit;
    let update = format!("UPDATE events SET {column} = ?1 WHERE position = {at}");
    connection.execute(&update, [bytes]).unwrap();
    connection.close().unwrap();
    format!("bit {bit} of byte {place} of {column}")
}

fn below(random: &mut Random, bound: usize) -> usize {
    usize::try_from(random.below(bound as u64)).unwrap()
}
