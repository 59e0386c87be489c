//! Every event that was ever written can be read: a stored sample of each type and version.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::sealed::{self, PartContent};
use crate::{Event, upcast};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[serde(rename = "type")]
    event_type: String,
    version: String,
    payload: Value,
    /// Open, in the order in which the payload names them.
    parts: Vec<Value>,
}

impl Sample {
    fn is_current(&self) -> bool {
        Event::current_version(&self.event_type) == Some(self.version.as_str())
    }

    fn decode(&self, parts: Vec<PartContent>) -> Event {
        let payload = serde_json::to_vec(&self.payload).unwrap();
        let payload = upcast(&self.event_type, &self.version, &payload).unwrap();
        Event::decode(&self.event_type, &payload, parts).unwrap()
    }

    fn open(&self) -> Event {
        let open = |part| PartContent::Open(serde_json::to_vec(part).unwrap());
        self.decode(self.parts.iter().map(open).collect())
    }
}

fn samples() -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stored");
    let mut samples = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let sample: Sample = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            name,
            format!("{}@{}.json", sample.event_type, sample.version)
        );
        samples.push(sample);
    }
    samples
}

#[test]
fn every_type_has_a_sample_of_its_current_version() {
    let stored: BTreeSet<(String, String)> = samples()
        .into_iter()
        .map(|sample| (sample.event_type, sample.version))
        .collect();
    for (event_type, version) in Event::catalogue() {
        let key = (event_type.to_owned(), version.to_owned());
        assert!(
            stored.contains(&key),
            "domain/stored/{event_type}@{version}.json is missing"
        );
    }
}

#[test]
fn no_type_is_declared_twice() {
    let catalogue = Event::catalogue();
    let types: BTreeSet<_> = catalogue.iter().map(|(event_type, _)| event_type).collect();
    assert_eq!(types.len(), catalogue.len());
}

#[test]
fn every_sample_decodes_as_what_it_says_it_is() {
    for sample in samples() {
        let event = sample.open();
        assert_eq!(event.event_type(), sample.event_type);
        assert_eq!(
            Some(event.event_version().as_str()),
            Event::current_version(&sample.event_type)
        );
    }
}

#[test]
fn every_sample_of_a_current_version_is_written_as_it_was_read() {
    for sample in samples().into_iter().filter(Sample::is_current) {
        let event = sample.open();
        let (payload, parts) = sealed::writing_again(|| event.encode())
            .unwrap_or_else(|error| panic!("{event:?}: {error}"));
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload, sample.payload, "{}", sample.event_type);
        let parts: Vec<Value> = parts
            .iter()
            .map(|part| serde_json::from_slice(&part.content).unwrap())
            .collect();
        assert_eq!(parts, sample.parts, "{}", sample.event_type);
    }
}

#[test]
fn every_sample_decodes_with_its_parts_erased() {
    for sample in samples() {
        let erased = sample.decode(sample.parts.iter().map(|_| PartContent::Erased).collect());
        assert_eq!(erased.event_type(), sample.event_type);
        assert_eq!(
            erased != sample.open(),
            !sample.parts.is_empty(),
            "{}",
            sample.event_type
        );
    }
}

#[test]
fn an_event_with_a_part_missing_is_not_read_as_if_it_were_erased() {
    for sample in samples()
        .into_iter()
        .filter(|sample| !sample.parts.is_empty())
    {
        let payload = serde_json::to_vec(&sample.payload).unwrap();
        let read = Event::decode(&sample.event_type, &payload, vec![]);
        assert!(
            read.is_err() || !sample.is_current(),
            "{}",
            sample.event_type
        );
    }
}

#[test]
fn nothing_but_an_object_is_an_event() {
    for (event_type, _) in Event::catalogue() {
        for payload in ["", "null", "1", "\"x\"", "{"] {
            let read = Event::decode(event_type, payload.as_bytes(), vec![]);
            assert!(
                read.is_err(),
                "{event_type} was read from {payload:?}: {read:?}"
            );
        }
    }
}
