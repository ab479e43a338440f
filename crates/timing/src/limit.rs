//! Programs that have to end, for tests: one that hangs is a test that fails, and not a test that
//! never ends.

use std::io::{self, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may take. No machine is so slow.
const LIMIT: Duration = Duration::from_secs(300);

/// A program that is waited for, but not for ever.
pub trait InTime {
    /// Waits until the program ends, and returns what it printed.
    ///
    /// # Panics
    /// If it can't be started, or does not end within five minutes. It is killed then, and the
    /// message has what it printed so far on stderr.
    fn output_in_time(self) -> Output;
}

impl InTime for &mut Command {
    /// Its stdin is empty, and stdout and stderr are captured, wherever they went before. (A
    /// command whose stdout goes elsewhere can be spawned, and its [`Child`] waited for.)
    fn output_in_time(self) -> Output {
        let command = self.stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        child
            .unwrap_or_else(|error| panic!("can't start {command:?}: {error}"))
            .output_in_time()
    }
}

impl InTime for Child {
    /// Its stdin is closed, if that is a pipe. What is not piped is not captured.
    fn output_in_time(self) -> Output {
        in_time(self, LIMIT)
    }
}

fn in_time(child: Child, limit: Duration) -> Output {
    match within(child, limit).expect("a child can be waited for") {
        Ok(output) => output,
        Err(stderr) => panic!("it did not end within {limit:?}; stderr: {stderr}"),
    }
}

/// Waits for a program, and returns what it printed on the pipes that it has. A program that does
/// not end within the limit is killed; then the error is what it printed on stderr.
pub(crate) fn within(mut child: Child, limit: Duration) -> io::Result<Result<Output, String>> {
    drop(child.stdin.take());
    let (stdout, stderr) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let begin = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if begin.elapsed() < limit => thread::sleep(Duration::from_millis(2)),
            None => {
                child.kill()?;
                child.wait()?;
                return Ok(Err(ended(stderr)));
            }
        }
    };
    let (stdout, stderr) = (read(stdout)?, read(stderr)?);
    Ok(Ok(Output {
        status,
        stdout,
        stderr,
    }))
}

type Reader = thread::JoinHandle<io::Result<Vec<u8>>>;

/// A thread that reads a pipe to its end, so that the program never waits for us.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Reader {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    })
}

fn read(reader: Reader) -> io::Result<Vec<u8>> {
    reader.join().expect("reading does not panic")
}

/// What was read, if all of it was. A child of the program may still have the pipe.
fn ended(reader: Reader) -> String {
    if !reader.is_finished() {
        return "(one of its children has it open)".to_owned();
    }
    match read(reader) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => format!("({error})"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_it_prints_is_captured_however_much_it_is() {
        let mut command = Command::new("sh");
        let script = "head -c 300000 /dev/zero; echo complains >&2; exit 3";
        let output = command.args(["-c", script]).output_in_time();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout.len(), 300_000);
        assert_eq!(output.stderr, b"complains\n");
    }

    #[test]
    #[should_panic(expected = "it did not end within 10ms")]
    fn what_does_not_end_is_a_panic() {
        let mut command = Command::new("sleep");
        in_time(
            command.arg("1000").spawn().unwrap(),
            Duration::from_millis(10),
        );
    }
}
