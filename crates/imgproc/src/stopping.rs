//! The signals that ask a run to end: Ctrl-C everywhere, and SIGTERM on Unix. SIGHUP does what the
//! system does with it: `nohup` has it ignored, and a handler would undo that.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The number that every system's shells have for Ctrl-C.
const INTERRUPT: usize = 2;

/// What has asked this process to end.
#[derive(Debug)]
pub struct Signals {
    /// The number of the last signal; 0 if there was none.
    last: Arc<AtomicUsize>,
}

impl Signals {
    /// Has every such signal set `stop`. A second one ends the program at once.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn catch(stop: &Arc<AtomicBool>) -> io::Result<Self> {
        let last = Arc::new(AtomicUsize::new(0));
        catch(stop, &last)?;
        Ok(Self { last })
    }

    /// Returns the name of the last signal, if there was one.
    pub fn name(&self) -> Option<&'static str> {
        match self.last.load(Ordering::Relaxed) {
            0 => None,
            INTERRUPT => Some("Ctrl-C"),
            _ => Some("SIGTERM"),
        }
    }

    /// Returns the exit status after a signal, as a shell has it for a program that the signal has
    /// ended: 128, and the signal's number.
    pub fn exit_status(&self) -> Option<u8> {
        let last = self.last.load(Ordering::Relaxed);
        (last > 0).then(|| exit_status(last))
    }
}

fn exit_status(signal: usize) -> u8 {
    128 + signal as u8
}

#[cfg(unix)]
fn catch(stop: &Arc<AtomicBool>, last: &Arc<AtomicUsize>) -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        let (number, status) = (signal as usize, exit_status(signal as usize));
        // They are called in this order, so the first signal does not end the program.
        flag::register_conditional_shutdown(signal, status.into(), Arc::clone(&asked))?;
        flag::register(signal, Arc::clone(&asked))?;
        flag::register_usize(signal, Arc::clone(last), number)?;
        flag::register(signal, Arc::clone(stop))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn catch(stop: &Arc<AtomicBool>, last: &Arc<AtomicUsize>) -> io::Result<()> {
    let (stop, last) = (Arc::clone(stop), Arc::clone(last));
    let handler = move || {
        if last.swap(INTERRUPT, Ordering::Relaxed) > 0 {
            std::process::exit(exit_status(INTERRUPT).into());
        }
        stop.store(true, Ordering::Relaxed);
    };
    ctrlc::set_handler(handler).map_err(io::Error::other)
}

/// Has such signals do nothing: for a process that ends with its parent, which gets them, too.
pub fn ignore() {
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
    #[cfg(not(unix))]
    let _ = ctrlc::set_handler(|| {});
}
