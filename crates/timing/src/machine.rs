//! The machine on which figures are measured.

use std::fmt;

use serde::Serialize;

/// The machine, as far as it matters to a speed-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The number of cores that this process may use. In a container or under `taskset` that may be
    /// fewer than the machine has.
    pub cores: usize,
}

impl Machine {
    /// Returns this machine. If the system does not tell its cores, one is assumed.
    pub fn detect() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { cores }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.cores == 1 { "" } else { "s" };
        write!(f, "{} core{plural} may be used", self.cores)
    }
}
