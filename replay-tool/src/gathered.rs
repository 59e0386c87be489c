//! Small records of a whole log, handed back sorted by name: in memory while they are few, else in
//! temporary files, so that memory does not grow with the log.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Records that are kept in memory before files are made.
const MAX_HELD: usize = 64 * 1024;

/// Files, each for the records whose names end alike; one of them at a time is read back.
const FILES: u8 = 64;

/// What is gathered before it is written to a file, in bytes.
const BUFFER_BYTES: usize = 8 * 1024;

/// A record in a file, in bytes.
const RECORD_BYTES: usize = 32;

/// What is remembered of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    pub name: u128,
    pub position: u64,
    pub number: u64,
}

/// Records that were gathered.
#[derive(Debug)]
pub struct Gathered {
    max_held: usize,
    held: Vec<Record>,
    files: Vec<BufWriter<File>>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self::holding(MAX_HELD)
    }
}

impl Gathered {
    fn holding(max_held: usize) -> Self {
        Self {
            max_held,
            held: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Takes one more.
    ///
    /// # Errors
    /// There is no place for temporary files.
    pub fn add(&mut self, record: Record) -> io::Result<()> {
        if self.files.is_empty() {
            self.held.push(record);
            if self.held.len() <= self.max_held {
                return Ok(());
            }
            for _ in 0..FILES {
                let file = tempfile::tempfile()?;
                self.files
                    .push(BufWriter::with_capacity(BUFFER_BYTES, file));
            }
            for record in std::mem::take(&mut self.held) {
                self.write(record)?;
            }
            return Ok(());
        }
        self.write(record)
    }

    fn write(&mut self, record: Record) -> io::Result<()> {
        // The end of a name is as good as a hash: most are one, and ids end at random.
        let [.., last] = record.name.to_be_bytes();
        match self.files.get_mut(usize::from(last % FILES)) {
            Some(file) => file.write_all(&bytes_of(record)),
            None => Err(io::Error::other("there is no such file")),
        }
    }

    /// Tells of all of them, those of one name together in the order of their positions.
    ///
    /// # Errors
    /// The temporary files cannot be read.
    pub fn tell(self, mut tell: impl FnMut(Record)) -> io::Result<()> {
        let mut held = self.held;
        held.sort_unstable();
        held.into_iter().for_each(&mut tell);
        for file in self.files {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            let mut part = read(file)?;
            part.sort_unstable();
            part.into_iter().for_each(&mut tell);
        }
        Ok(())
    }
}

fn read(mut file: File) -> io::Result<Vec<Record>> {
    file.seek(SeekFrom::Start(0))?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let mut records = Vec::with_capacity(length / RECORD_BYTES);
    let mut file = BufReader::new(file);
    let mut bytes = [0; RECORD_BYTES];
    while records.len() < length / RECORD_BYTES {
        file.read_exact(&mut bytes)?;
        records.push(record_of(bytes));
    }
    Ok(records)
}

fn bytes_of(record: Record) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    bytes[..16].copy_from_slice(&record.name.to_be_bytes());
    bytes[16..24].copy_from_slice(&record.position.to_be_bytes());
    bytes[24..].copy_from_slice(&record.number.to_be_bytes());
    bytes
}

fn record_of(bytes: [u8; RECORD_BYTES]) -> Record {
    let number = |from: usize| {
        let part = &bytes[from..from + 8];
        part.iter()
            .fold(0_u64, |all, byte| all << 8 | u64::from(*byte))
    };
    Record {
        name: u128::from(number(0)) << 64 | u128::from(number(8)),
        position: number(16),
        number: number(24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gathered_in_files_is_told_as_what_is_held() {
        let mut told = [Vec::new(), Vec::new()];
        for (max_held, told) in [usize::MAX, 10].into_iter().zip(&mut told) {
            let mut gathered = Gathered::holding(max_held);
            for position in (1..=5_000_u64).rev() {
                let name = u128::from(position % 700) * 0x0123_4567_89ab_cdef_0011;
                let number = position.rotate_left(40);
                let record = Record {
                    name,
                    position,
                    number,
                };
                gathered.add(record).unwrap();
            }
            assert_eq!(gathered.files.is_empty(), max_held > 10);
            gathered.tell(|record| told.push(record)).unwrap();
            for pair in told.windows(2) {
                assert!(pair[0].name != pair[1].name || pair[0].position < pair[1].position);
            }
        }
        let [held, mut filed] = told;
        filed.sort_unstable();
        assert_eq!(held, filed);
        assert_eq!(held.len(), 5_000);
    }
}
