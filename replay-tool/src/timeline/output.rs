//! A timeline as it is written: line by line, so that a long one needs no memory.

use std::io::{BufWriter, Stdout, Write};

use event_store::Position;
use serde_json::json;

use super::entry::{Entry, printable};
use crate::arguments::TimelineOf;
use crate::failure::Failure;

/// Lines, or one JSON object.
pub struct Output {
    to: BufWriter<Stdout>,
    json: bool,
    title: String,
    entries: u64,
}

impl Output {
    pub fn begin(json: bool, of: TimelineOf, id: &str) -> Result<Self, Failure> {
        let mut output = Self {
            to: BufWriter::new(std::io::stdout()),
            json,
            title: format!("{} {}", of.word(), printable(id)),
            entries: 0,
        };
        if json {
            output.write(&format!(
                "{{\"of\":{},\"id\":{},\"entries\":[",
                json!(of.word()),
                json!(id)
            ))?;
        }
        Ok(output)
    }

    pub fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        let text = if self.json {
            let comma = if self.entries > 0 { "," } else { "" };
            let entry = serde_json::to_string(entry).map_err(|cause| failed(&cause))?;
            format!("{comma}{entry}")
        } else {
            format!("{entry}\n")
        };
        self.entries += 1;
        self.write(&text)
    }

    /// `knows_erased`: whether there were keys to tell what was erased.
    pub fn end(
        mut self,
        head: Position,
        unreadable: u64,
        knows_erased: bool,
    ) -> Result<(), Failure> {
        if self.json {
            self.write(&format!(
                "],\"events\":{},\"head\":{head},\"unreadable\":{unreadable},\"knows_erased\":{knows_erased}}}\n",
                self.entries
            ))?;
        } else {
            let (title, entries) = (self.title.clone(), self.entries);
            if entries == 0 {
                self.write(&format!("{title}: nothing in the log\n"))?;
            } else {
                self.write(&format!(
                    "{title}: {entries} events up to position {head}\n"
                ))?;
            }
            if unreadable > 0 {
                self.write(&format!(
                    "{unreadable} positions cannot be read and may belong to it; see verify\n"
                ))?;
            }
            if entries > 0 && !knows_erased {
                self.write("the keys are not here: what was erased is shown as sealed\n")?;
            }
        }
        self.to.flush().map_err(|cause| failed(&cause))
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.to
            .write_all(text.as_bytes())
            .map_err(|cause| failed(&cause))
    }
}

fn failed(cause: &dyn std::error::Error) -> Failure {
    Failure::Report(cause.to_string())
}
