//! A race without a second thread: two tasks on one thread each read a counter, await, and write.
//! An update is lost in every run.
//!
//!     cargo run -p countdown --example await_race

use std::cell::Cell;
use std::rc::Rc;

use tokio::task::{LocalSet, yield_now};

// ANCHOR: add
async fn add_one(count: Rc<Cell<u32>>) {
    let value = count.get();
    yield_now().await; // Here the other task runs.
    count.set(value + 1);
}
// ANCHOR_END: add

async fn add_one_at_once(count: Rc<Cell<u32>>) {
    yield_now().await;
    count.set(count.get() + 1);
}

/// Runs two tasks on this thread, and returns what both have counted together.
fn two<F: Future<Output = ()> + 'static>(task: fn(Rc<Cell<u32>>) -> F) -> std::io::Result<u32> {
    let count = Rc::new(Cell::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let tasks = LocalSet::new();
    for _ in 0..2 {
        tasks.spawn_local(task(Rc::clone(&count)));
    }
    runtime.block_on(tasks);
    Ok(count.get())
}

fn main() -> std::io::Result<()> {
    println!("an await between reading and writing: {}", two(add_one)?);
    println!("no await between them: {}", two(add_one_at_once)?);
    Ok(())
}
