//! What the strategies find in the place of photos, files and worker processes.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Result, bail};
use shuttle::sync::atomic::{AtomicBool, Ordering::SeqCst};
use timing::Lane;
use timing::proof::{Story, moment};

use crate::{Done, HandOut, Outcome};

/// What comes of a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Good {
        pixels: u64,
    },
    NotAPhoto,
    FilterPanics,
    LargeAndPanics,
    DiskIsFull,
    /// Its worker process dies.
    Kills,
    /// Its worker process answers with nonsense.
    Garbled,
}

impl Kind {
    fn pixels(self) -> u64 {
        match self {
            Self::Good { pixels } => pixels,
            Self::LargeAndPanics => 40_000_000,
            _ => 1,
        }
    }

    /// Whether a photo of this kind may fail with this message.
    pub fn is_why(self, message: &str) -> bool {
        let why = match self {
            Self::Good { .. } => return false,
            Self::NotAPhoto => "not a photo",
            Self::FilterPanics | Self::LargeAndPanics => "a bug in a codec or filter: it panics",
            Self::DiskIsFull => "the disk is full",
            Self::Kills | Self::Garbled => "its worker process died",
        };
        message == why
    }
}

/// In the place of the lesson's.
pub struct Task {
    photo: usize,
    kind: Kind,
    pub output: PathBuf,
}

#[derive(Default)]
pub struct Settings;

pub struct Job {
    pub tasks: Vec<Task>,
    pub workers: usize,
    pub settings: Settings,
    pub program: PathBuf,
    stop: AtomicBool,
    story: Story,
    /// The photos whose outcomes were told; only noted.
    told: Mutex<Vec<usize>>,
}

impl Job {
    pub fn new(kinds: &[Kind], workers: usize, story: &Story) -> Self {
        let task = |(photo, kind): (usize, &Kind)| Task {
            photo,
            kind: *kind,
            output: PathBuf::new(),
        };
        files::begin();
        LARGE.set((0, 0));
        Self {
            tasks: kinds.iter().enumerate().map(task).collect(),
            workers,
            settings: Settings,
            program: PathBuf::new(),
            stop: AtomicBool::new(false),
            story: story.clone(),
            told: Mutex::default(),
        }
    }

    pub fn next(&self, begun: &HandOut) -> Option<(usize, &Task)> {
        begun.next(&self.tasks, &self.stop)
    }

    pub fn stop(&self) {
        self.stop.store(true, SeqCst);
    }

    /// No disk is full here.
    pub fn stop_if_full(&self, _: &Outcome) {}

    pub fn tell(&self, task: &Task, outcome: &Outcome) {
        self.story
            .tell(format!("photo {}: {outcome:?}", task.photo));
        self.told.lock().unwrap().push(task.photo);
    }

    pub fn told(&self) -> Vec<usize> {
        self.told.lock().unwrap().clone()
    }

    /// After each process that died, its unfinished file was removed. Two large photos were never
    /// in memory together.
    pub fn verdict(&self) -> Result<(), String> {
        if InMemory::most() > 1 {
            return Err(format!("{} large photos in memory", InMemory::most()));
        }
        let dead = |task: &&Task| matches!(task.kind, Kind::Kills | Kind::Garbled);
        let dead = self.tasks.iter().filter(dead).count();
        match files::removed() {
            removed if removed == dead => Ok(()),
            removed => Err(format!("{removed} files removed after {dead} deaths")),
        }
    }
}

/// A photo on its way: its kind, and its pixels.
pub struct Item(Kind, Option<InMemory>);

thread_local! {
    static LARGE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// A large photo, as long as it is in memory. (All threads of a schedule run on one of the system.)
struct InMemory;

impl InMemory {
    fn begin() -> Self {
        let (now, most) = LARGE.get();
        LARGE.set((now + 1, most.max(now + 1)));
        Self
    }

    /// How many there were at the same time.
    fn most() -> usize {
        LARGE.get().1
    }
}

impl Drop for InMemory {
    fn drop(&mut self) {
        let (now, most) = LARGE.get();
        LARGE.set((now - 1, most));
    }
}

pub struct Processor<'a>(#[allow(dead_code)] &'a Settings);

impl<'a> Processor<'a> {
    pub fn new(settings: &'a Settings, _: usize) -> Self {
        Self(settings)
    }

    pub fn process(&self, _: &Task, _: &mut Lane) -> Outcome {
        unreachable!("no process is started")
    }

    pub fn read(&self, task: &Task, _: &mut Lane) -> Result<Kind> {
        moment();
        Ok(task.kind)
    }

    pub fn decode_after<T>(
        &self,
        _: &Task,
        kind: Kind,
        lane: &mut Lane,
        wait: impl FnOnce(u64, &mut Lane) -> T,
    ) -> Result<(Item, T)> {
        if kind == Kind::NotAPhoto {
            bail!("not a photo");
        }
        let waited = wait(kind.pixels(), lane);
        let is_large = kind.pixels() > 1;
        Ok((Item(kind, is_large.then(InMemory::begin)), waited))
    }

    pub fn filter(&self, item: Item, _: &mut Lane) -> Result<Item> {
        match item.0 {
            // Without a line on stderr for each schedule.
            Kind::FilterPanics | Kind::LargeAndPanics => {
                std::panic::resume_unwind(Box::new("it panics"))
            }
            _ => Ok(item),
        }
    }

    pub fn encode(&self, _: &Task, item: &Item, _: &mut Lane) -> Result<Encoded> {
        if item.1.is_some() {
            moment();
        }
        Ok(Encoded)
    }

    pub fn write(&self, _: &Task, item: Item, Encoded: Encoded, _: &mut Lane) -> Result<Done> {
        if item.0 == Kind::DiskIsFull {
            bail!("the disk is full");
        }
        Ok(Done {
            pixels: item.0.pixels(),
            ..Done::default()
        })
    }
}

/// A file's bytes, which no claim looks at.
pub struct Encoded;

/// What a worker process does with signals: here it is no process, and there are none.
pub mod stopping {
    pub fn ignore() {}
}

/// The half files of processes that died.
pub mod files {
    use std::cell::Cell;
    use std::path::Path;

    thread_local! {
        // All threads of a schedule run on one thread of the system.
        static REMOVED: Cell<usize> = const { Cell::new(0) };
    }

    pub fn begin() {
        REMOVED.set(0);
    }

    pub fn removed() -> usize {
        REMOVED.get()
    }

    pub fn remove_unfinished(_: &Path, _: u32) {
        REMOVED.set(REMOVED.get() + 1);
    }
}

/// Worker processes.
pub mod child {
    use std::path::Path;

    use super::*;
    use timing::Timeline;

    /// A process that answers each photo, until one kills it.
    pub struct Child {
        asked: Option<Kind>,
        is_dead: bool,
    }

    impl Child {
        pub fn start(_: &Path, _: &Timeline, _: &str, _: &Settings) -> Result<Self> {
            Ok(Self {
                asked: None,
                is_dead: false,
            })
        }

        pub fn id(&self) -> u32 {
            0
        }

        pub fn send(&mut self, task: &Task) -> Result<()> {
            if self.is_dead {
                bail!("it does not listen");
            }
            self.asked = Some(task.kind);
            Ok(())
        }

        pub fn receive(&mut self) -> Result<Option<Outcome>> {
            moment();
            match self.asked.take().expect("it was sent a photo") {
                Kind::Kills => {
                    self.is_dead = true;
                    Ok(None)
                }
                Kind::Garbled => bail!("it sent nonsense"),
                kind => Ok(Some(Outcome::Done(Done {
                    pixels: kind.pixels(),
                    ..Done::default()
                }))),
            }
        }

        pub fn post_mortem(self) -> String {
            "died".to_owned()
        }

        pub fn finish(self, _: &Timeline) -> Result<()> {
            Ok(())
        }
    }

    pub struct Parent(());

    impl Parent {
        pub fn receive<T>(&self) -> Result<Option<T>> {
            Ok(None)
        }

        pub fn send(&self, _: &Outcome) -> Result<()> {
            Ok(())
        }
    }

    /// No process of this test is a child.
    pub fn serve(_: impl FnOnce(Settings, &Parent, &mut Lane) -> Result<()>) {}
}
