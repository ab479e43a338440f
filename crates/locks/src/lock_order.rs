//! The rule that decides about deadlock: in which order do two tasks take two locks?

/// The order in which the second task takes its locks. The first task takes A, then B.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// B, then A: a circular wait is possible.
    Opposite,
    /// A, then B: the task that holds A gets B sooner or later, and no cycle can close.
    Same,
}

impl Order {
    /// Returns the two locks in the order in which this task (0 or 1) takes them.
    pub fn of<T>(self, task: usize, [a, b]: [T; 2]) -> [T; 2] {
        match (self, task) {
            (Self::Opposite, 1) => [b, a],
            _ => [a, b],
        }
    }
}
