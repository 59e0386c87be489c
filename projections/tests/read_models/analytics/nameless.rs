//! What is kept for analysts names nobody: no text, no name, no id.

use std::collections::{BTreeSet, HashSet};

use event_store::keys::KeyStore;
use event_store::seal::{self, Opened};
use projections::Fact;
use serde_json::Value;
use uuid::Uuid;

use super::counted::Counted;
use crate::fixture::Live;
use crate::places::{Engine, Place, on_both_engines};
use crate::workload::World;

/// What is sought in the read models, which hold ids: a sign that the search finds them.
const SOUGHT_ELSEWHERE: usize = 100;

on_both_engines! {
    nothing_that_is_kept_for_analysts_is_a_text_or_an_id,
}

async fn nothing_that_is_kept_for_analysts_is_a_text_or_an_id(engine: Engine) {
    let counted = Counted::new(engine).await;
    counted.grow(&mut World::new(5), 3_000, 20).await;
    counted.catch_up().await;
    let marks = marks(&counted.facts().await, &*counted.log.keys());
    assert!(marks.len() > 1_000, "there is hardly anything to look for");
    let log = counted.stop().await;
    let place = &log.place;
    let kept = Kept::in_file_or(&place.analytics(), place.analytics_rows()).await;
    let found: Vec<_> = marks.iter().filter(|mark| kept.holds(mark)).collect();
    assert_eq!(found, Vec::<&Mark>::new());

    // What is looked for is found where it may be.
    let live = Live::start(&log).await;
    live.catch_up(&log).await;
    live.stop().await;
    let elsewhere = Kept::in_file_or(place, place.rows()).await;
    let some = marks.iter().take(SOUGHT_ELSEWHERE);
    let found = some.filter(|mark| elsewhere.holds(mark)).count();
    assert!(found > SOUGHT_ELSEWHERE / 5, "{found} are found elsewhere");
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Id(Uuid),
    Text(String),
}

/// Every id that an event or its stream names, and every text that was sealed.
fn marks(facts: &[Fact], keys: &dyn KeyStore) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::new();
    for fact in facts {
        let recorded = &fact.recorded;
        marks.insert(Mark::Id(fact.id));
        let payload: Value = serde_json::from_slice(&recorded.payload).unwrap();
        collect(&payload, &mut marks);
        for part in &recorded.parts {
            let opened = seal::open(keys, &recorded.stream, recorded.sequence, part);
            let Opened::Open(content) = opened.unwrap() else {
                continue;
            };
            texts(&serde_json::from_slice(&content).unwrap(), &mut marks);
        }
    }
    // Of streams that are not named by one.
    marks.remove(&Mark::Id(Uuid::nil()));
    marks
}

fn collect(value: &Value, marks: &mut BTreeSet<Mark>) {
    match value {
        Value::String(text) => {
            if let Ok(id) = text.parse() {
                marks.insert(Mark::Id(id));
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, marks)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, marks)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Of a text that is not there by chance, at least.
const TEXT_BYTES: usize = 8;

fn texts(value: &Value, marks: &mut BTreeSet<Mark>) {
    match value {
        Value::String(text) if text.len() >= TEXT_BYTES => {
            marks.insert(Mark::Text(text.clone()));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, marks)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, marks)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// All bytes of a file, or all rows of a schema as text.
struct Kept {
    bytes: Vec<u8>,
    /// Every few bytes that stand there, to look no further where the first ones do not.
    beginnings: HashSet<[u8; TEXT_BYTES]>,
}

impl Kept {
    async fn in_file_or(place: &Place, rows: impl Future<Output = Vec<String>>) -> Self {
        let bytes = match place {
            Place::File(path) => std::fs::read(path).unwrap(),
            Place::Database(_) | Place::At(_) => rows.await.join("\n").into_bytes(),
        };
        let windows = bytes.windows(TEXT_BYTES);
        Self {
            beginnings: windows.map(|few| few.try_into().unwrap()).collect(),
            bytes,
        }
    }

    fn holds(&self, mark: &Mark) -> bool {
        match mark {
            Mark::Id(id) => {
                let (dashed, plain) = (id.hyphenated().to_string(), id.simple().to_string());
                [
                    id.as_bytes().as_slice(),
                    dashed.as_bytes(),
                    plain.as_bytes(),
                ]
                .iter()
                .any(|form| self.has(form))
            }
            Mark::Text(text) => self.has(text.as_bytes()),
        }
    }

    fn has(&self, sought: &[u8]) -> bool {
        let few: [u8; TEXT_BYTES] = sought[..TEXT_BYTES].try_into().unwrap();
        let mut windows = self.bytes.windows(sought.len());
        self.beginnings.contains(&few) && windows.any(|window| window == sought)
    }
}
