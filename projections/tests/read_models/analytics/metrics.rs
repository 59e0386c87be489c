//! Each metric equals one folded directly from the events, whatever happens.

use jiff::ToSpan;
use projections::analytics::{Metric, Range};

use super::counted::{ALL_BY, Counted, EVER, FIRST_DAY};
use super::folded::{Expected, Folded};
use super::small::{does_everything, opens_room};
use crate::places::{Engine, on_both_engines};
use crate::workload::World;

on_both_engines! {
    every_metric_is_what_the_events_say,
    a_view_says_by_day_what_its_metric_says,
}

/// Days in which everything happens.
const DAYS: i64 = 60;

/// In how many parts.
const PARTS: u8 = 6;

fn seeded() -> World {
    let seed = match std::env::var("SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => rand::random(),
    };
    println!("SEED={seed}");
    World::new(seed)
}

fn steps() -> usize {
    if std::env::var_os("MAEUM_TEST_LONG").is_some() {
        60_000
    } else {
        3_000
    }
}

/// Anything happens, and now and then enough people have the same counsellor.
async fn goes_on(counted: &Counted, world: &mut World) {
    opens_room(counted).await;
    for part in 0..PARTS {
        let (steps, days) = (steps() / usize::from(PARTS), DAYS / i64::from(PARTS));
        counted.grow(world, steps, days).await;
        for person in 0..6 {
            does_everything(counted, 6 * u128::from(part) + person).await;
        }
    }
    counted.catch_up().await;
}

async fn every_metric_is_what_the_events_say(engine: Engine) {
    let counted = Counted::new(engine).await;
    let mut world = seeded();
    goes_on(&counted, &mut world).await;
    let folded = Folded::of(&counted.facts().await);
    let mut ranges = vec![EVER];
    for _ in 0..4 {
        let mut days = [0, 0].map(|_| i64::try_from(world.below(80)).unwrap());
        days.sort_unstable();
        let [from, to] = days.map(|day| FIRST_DAY.saturating_add(day.days()));
        ranges.push(Range { from, to });
    }
    for metric in Metric::ALL {
        for by in ALL_BY {
            let shown = folded.expected(metric, EVER, by).rows.len();
            assert!(shown > 0, "{} {by:?}: nothing", metric.name());
            for range in &ranges {
                let report = counted.report(metric, *range, by).await;
                let found = Expected {
                    rows: report.rows.into_iter().map(|row| row.0).collect(),
                    suppressed: report.suppressed,
                };
                let expected = folded.expected(metric, *range, by);
                assert_eq!(found, expected, "{} {by:?} {range:?}", metric.name());
            }
        }
    }
}

async fn a_view_says_by_day_what_its_metric_says(engine: Engine) {
    let counted = Counted::new(engine).await;
    let mut world = seeded();
    goes_on(&counted, &mut world).await;
    let head = counted.log.head().await;
    for (metric, view) in [
        (
            Metric::Consultations,
            "SELECT day, COUNT(DISTINCT requester), COUNT(*), \
             COUNT(CASE WHEN guest = 1 THEN 1 END), \
             COUNT(CASE WHEN quick_match = 1 THEN 1 END), COUNT(wait_seconds), \
             COUNT(CASE WHEN status = 'completed' THEN 1 END), \
             COUNT(CASE WHEN status = 'terminated' THEN 1 END), MAX(as_of_position) \
             FROM consultations GROUP BY day ORDER BY day",
        ),
        (
            Metric::Waits,
            "SELECT day, people, accepted, mean_seconds, median_seconds, p90_seconds, \
             as_of_position FROM waits ORDER BY day",
        ),
        (
            Metric::CounselorLoad,
            "SELECT day, counselor, people, offered, taken, rejected, expired, completed, \
             returned, as_of_position FROM counselor_load ORDER BY day, counselor",
        ),
        (
            Metric::Messages,
            "SELECT day, room_kind, people, sent, deleted, as_of_position \
             FROM messages_per_day ORDER BY day, room_kind",
        ),
        (
            Metric::Emotions,
            "SELECT day, label, people, answers, mean_intensity, as_of_position \
             FROM emotions_per_day ORDER BY day, label",
        ),
    ] {
        let mut rows = counted.query(view).await;
        for row in &mut rows {
            assert_eq!(row.pop(), Some(head.into()), "{view}");
        }
        let report = counted.report(metric, EVER, ALL_BY[0]).await;
        let expected: Vec<_> = report.rows.into_iter().map(|row| row.0).collect();
        assert_eq!(rows, expected, "{view}");
    }
    // These two leave out columns that stand behind the others, or between them.
    let mut offers = counted.report(Metric::Offers, EVER, ALL_BY[0]).await.rows;
    for row in &mut offers {
        row.0.pop();
    }
    let offers: Vec<_> = offers.into_iter().map(|row| row.0).collect();
    let view = "SELECT day, people, offered, accepted, rejected, expired, withdrawn, pending \
                FROM offers ORDER BY day";
    assert_eq!(counted.query(view).await, offers);
    let mut ratings = counted.report(Metric::Ratings, EVER, ALL_BY[0]).await.rows;
    for row in &mut ratings {
        row.0.truncate(4);
    }
    let ratings: Vec<_> = ratings.into_iter().map(|row| row.0).collect();
    let view = "SELECT day, people, ratings, mean_score FROM ratings ORDER BY day";
    assert_eq!(counted.query(view).await, ratings);
}
