//! A walk through a bundle, past what is missing, out of order or no line of one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use event_store::Position;

use super::end::{EndClaim, Line};
use crate::failure::Failure;
use crate::finding::{Finding, FindingKind};
use crate::scan::Met;

/// One line at most, in bytes: an event is far smaller.
const LINE_BYTES: u64 = 64 * 1024 * 1024;

/// What a walk through a bundle tells, in the order of its lines.
pub enum Told {
    /// The key that the bundle says is its exporter's.
    Key(Option<String>),
    Met(Met),
    Found(Finding),
    /// The last line, and the last position before it.
    End(EndClaim),
}

/// Hands everything in a bundle to `tell`, and gives the highest position.
pub fn walk(path: &Path, mut tell: impl FnMut(Told)) -> Result<Position, Failure> {
    let refused = |problem: String| Failure::Bundle {
        path: path.to_owned(),
        problem,
    };
    let file = File::open(path).map_err(|cause| refused(cause.to_string()))?;
    let mut lines = Lines::of(file);
    let first = lines.next().map_err(|cause| refused(cause.to_string()))?;
    match first.as_deref().map(serde_json::from_str) {
        Some(Ok(Line::Begin(begin))) if begin.is_known() => tell(Told::Key(begin.key)),
        _ => {
            return Err(refused(
                "is not a bundle that this program reads".to_owned(),
            ));
        }
    }
    let mut walk = Walk {
        highest: 0,
        has_end: false,
        tell,
    };
    while let Some(line) = lines.next().map_err(|cause| refused(cause.to_string()))? {
        walk.line(&line);
    }
    walk.end();
    Ok(walk.highest)
}

struct Lines(BufReader<File>);

impl Lines {
    fn of(file: File) -> Self {
        Self(BufReader::new(file))
    }

    /// The next line; what is not UTF-8 is shown as such.
    fn next(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = Read::by_ref(&mut self.0).take(LINE_BYTES);
        if { read }.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }
}

struct Walk<F> {
    highest: Position,
    has_end: bool,
    tell: F,
}

impl<F: FnMut(Told)> Walk<F> {
    fn line(&mut self, line: &str) {
        if self.has_end {
            let detail = "something stands behind the end of the bundle".to_owned();
            self.found(FindingKind::Changed, detail);
            return;
        }
        let event = match serde_json::from_str(line) {
            Ok(Line::Event(line)) => line.event(),
            Ok(Line::End(end)) => {
                self.has_end = true;
                (self.tell)(Told::End(end.end));
                return;
            }
            Ok(Line::Begin(_)) => Err("a second beginning".to_owned()),
            Err(_) => Err("this is no line of a bundle".to_owned()),
        };
        match event {
            Ok(event) if event.position <= self.highest => {
                let detail = format!("it stands behind position {}", self.highest);
                let finding = Finding::at(&event, FindingKind::OutOfOrder, detail);
                (self.tell)(Told::Found(finding));
            }
            Ok(event) => {
                let (expected, position) = (self.highest + 1, event.position);
                if position > expected {
                    (self.tell)(Told::Met(Met::Missing {
                        from: expected,
                        to: position - 1,
                    }));
                }
                self.highest = position;
                (self.tell)(Told::Met(Met::Event(Arc::new(event))));
            }
            Err(reason) => {
                self.highest += 1;
                (self.tell)(Told::Met(Met::Unreadable {
                    position: self.highest,
                    reason,
                }));
            }
        }
    }

    fn end(&mut self) {
        if !self.has_end {
            let detail = "the bundle breaks off here: its last line is missing".to_owned();
            let finding = Finding::nameless(self.highest + 1, FindingKind::CutOff, detail);
            (self.tell)(Told::Found(finding));
        }
    }

    fn found(&mut self, kind: FindingKind, detail: String) {
        let finding = Finding::nameless(self.highest + 1, kind, detail);
        (self.tell)(Told::Found(finding));
    }
}
