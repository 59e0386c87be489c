//! What the figures were measured on.

use std::fmt;

use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    pub cores: usize,
    /// The load of the last minute before the first run: what else the machine was doing.
    pub load: f64,
    pub optimised: bool,
}

impl Machine {
    pub fn look() -> Self {
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            load: load().unwrap_or_default(),
            optimised: !cfg!(debug_assertions),
        }
    }
}

/// As many open files as may be had, here and for the servers that are started.
pub fn raise_open_files() -> Result<(), Failure> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit).map_err(std::io::Error::from)?)
}

fn load() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cores, load) = (self.cores, self.load);
        write!(f, "{cores} cores, load {load:.1} before")?;
        if !self.optimised {
            write!(f, "; NOT OPTIMISED, no figures to quote")?;
        }
        Ok(())
    }
}
