//! How long something took, by the clock and by the processors. On a machine that does other things
//! as well the second is the steadier figure.

use std::time::{Duration, Instant};

use crate::failure::Failure;

/// `sysconf(_SC_CLK_TCK)` on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// Runs from its making.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    pub begin: Instant,
    used: Duration,
}

/// What was spent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    pub took: Duration,
    /// By all threads of this process.
    pub processors: Duration,
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, more: Self) {
        self.took += more.took;
        self.processors += more.processors;
    }
}

impl Meter {
    pub fn start() -> Result<Self, Failure> {
        Ok(Self {
            begin: Instant::now(),
            used: processor_time("self")?,
        })
    }

    /// What was spent so far.
    pub fn read(&self) -> Result<Spent, Failure> {
        Ok(Spent {
            took: self.begin.elapsed(),
            processors: processor_time("self")?.saturating_sub(self.used),
        })
    }
}

/// The processor time that a process has used, by all its threads; in steps of 10 ms.
pub fn processor_time(process: &str) -> Result<Duration, Failure> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in parentheses, may hold anything; 11 fields after it stand utime and stime.
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u32 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    Ok(TICK * ticks)
}
