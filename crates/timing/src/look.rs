//! What the bars of a picture mean, and what is drawn besides them.

use std::time::Duration;

use crate::recording::Kind;

/// The words of a picture's legend, and its arrows. The default is right for most programs.
#[derive(Debug, Clone)]
pub struct Look {
    /// What a solid bar is.
    pub work: String,
    /// What a framed bar is.
    pub act: String,
    /// What a hatched bar is.
    pub wait: String,
    /// What a dotted frame is.
    pub ready: String,
    /// What an empty stretch is.
    pub empty: String,
    /// What an arrow is.
    pub arrow: String,
    /// The arrows.
    pub arrows: Vec<Arrow>,
}

/// An arrow from one lane to another: something is sent.
#[derive(Debug, Clone)]
pub struct Arrow {
    /// The name of the run.
    pub run: String,
    /// The name of the row where it begins, and when.
    pub from: (String, Duration),
    /// The name of the row where it ends, and when.
    pub to: (String, Duration),
}

impl Default for Look {
    fn default() -> Self {
        Self {
            work: "works".to_owned(),
            act: "acts: a sleep stands for work".to_owned(),
            wait: "waits".to_owned(),
            ready: "is ready, but does not run".to_owned(),
            empty: "does nothing".to_owned(),
            arrow: "sends".to_owned(),
            arrows: Vec::new(),
        }
    }
}

impl Look {
    /// The words for a kind of bar.
    pub fn words(&self, kind: Kind) -> &str {
        match kind {
            Kind::Work => &self.work,
            Kind::Act => &self.act,
            Kind::Wait => &self.wait,
            Kind::Ready => &self.ready,
        }
    }
}
