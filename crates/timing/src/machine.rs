//! What the figures were measured on.

use std::fmt;

use serde::Serialize;

/// The machine, as far as it matters to a speed-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The cores that this process may use: fewer than the machine has, in a container or under `taskset`.
    pub cores: usize,
}

impl Machine {
    /// This machine. If the system does not tell, it is taken for one core.
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
