//! Records which worker did what, and when; draws it, tabulates it, compares it.
//!
//! A [`Timeline`] is passed to the code that does the work; it is never a global. Each worker asks
//! it for a [`Lane`] and owns that lane. [`Lane::work`] and [`Lane::wait`] return guards, whose
//! spans end when the guards are dropped, in blocking code and in async code alike. [`Lane::act`]
//! is for a sleep that stands for work. [`Run::record`] is the stopwatch around it, and
//! [`cli::Report`] prints the table and the picture:
//!
//! ```
//! use timing::{Kind, Run, Timeline, cli::{Options, Report}};
//!
//! fn bake(timeline: &Timeline, name: &str) {
//!     let mut lane = timeline.lane(name);
//!     {
//!         let _span = lane.work("knead");
//!         // ... work ...
//!     }
//!     let _span = lane.wait("the oven");
//!     // ... wait ...
//! }
//!
//! let ((), run) = Run::record("threads", 2, |timeline| {
//!     std::thread::scope(|scope| {
//!         scope.spawn(|| bake(timeline, "Alice"));
//!         scope.spawn(|| bake(timeline, "Bob"));
//!     });
//! });
//! assert_eq!(run.recording.rows.len(), 2);
//! assert!(run.recording.peak(Kind::Work) <= 2);
//!
//! let mut report = Report::default();
//! report.add(run.outcome("2 of 2 loaves"));
//! report.publish(&Options::default())?;
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! | to ... | there is |
//! |---|---|
//! | record | [`Timeline`], [`Lane`], [`Span`]; [`Lanes`] for pools; [`Timeline::off`] |
//! | start child processes | [`child`]; [`Timeline::on_clock`], [`Timeline::absorb`] |
//! | assert what happened, in tests | [`Recording`], [`Recording::peak`], [`Row`], [`SpanRecord`] |
//! | measure | [`Run::record`] |
//! | compare | [`Comparison`], [`speed_up`], [`efficiency`] |
//! | detect a deadlock | [`watch::Watch`] |
//! | name a worker that can't start or panics | [`workers`] |
//! | prove, with the feature `proof` | `proof::Claim`, `proof::explore` |
//! | have exercises and their checks | [`practise`] |
//! | draw a table of other things | [`table::draw`] |
//! | draw | [`terminal::draw`], [`svg::draw`], [`trace::draw`]; [`plot::draw`] |
//! | have the common command line | [`cli::Options`], [`cli::Turn`], [`cli::Report`] |

pub mod child;
pub mod cli;
mod clock;
mod comparison;
mod grid;
mod html;
mod lanes;
pub mod limit;
mod look;
mod machine;
pub mod plot;
pub mod practise;
#[cfg(feature = "proof")]
pub mod proof;
mod recording;
mod run;
pub mod svg;
/// The locks of a [`Timeline`], which takes them only from here: the proof compiles the same file
/// with a checker's in their place (`tests/proof.rs`).
mod sync {
    pub use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
}
pub mod table;
pub mod terminal;
mod text;
mod timeline;
pub mod trace;
pub mod units;
pub mod watch;
pub mod workers;

pub use clock::Clock;
pub use comparison::{Comparison, ComparisonRow, efficiency, speed_up};
pub use lanes::Lanes;
pub use look::{Arrow, Look};
pub use machine::Machine;
pub use recording::{Kind, Recording, Row, SpanRecord};
pub use run::Run;
pub use timeline::{Lane, Span, Timeline};
