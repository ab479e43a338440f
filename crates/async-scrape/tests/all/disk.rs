//! Which thread makes a call that blocks.

use std::sync::{Arc, Barrier};
use std::thread::{self, ThreadId};

use async_scrape::disk::{Calls, Disk};
use tokio::runtime::Builder;
use tokio::task::{JoinSet, yield_now};

/// Runs a future on this thread. Only blocking calls get others.
fn run(future: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(future);
}

/// The thread that makes a call of so many bytes.
async fn made_by(calls: &Calls, bytes: Option<u64>) -> ThreadId {
    let call = || thread::current().id();
    calls.run(Disk::Pool, bytes, call).await.unwrap().0
}

#[test]
fn short_calls_stay_and_the_pool_gets_the_others() {
    run(async {
        let (calls, this) = (Calls::default(), thread::current().id());
        assert_eq!(made_by(&calls, Some(4096)).await, this);
        assert_ne!(made_by(&calls, Some(4097)).await, this);
        assert_ne!(made_by(&calls, None).await, this);
    });
}

#[test]
fn the_thread_of_the_tasks_helps_if_the_pool_is_behind() {
    run(async {
        let (calls, this) = (Arc::new(Calls::default()), thread::current().id());
        // So many that, whatever the pool has begun, four wait.
        let most = thread::available_parallelism().map_or(2, usize::from);
        let gate = Arc::new(Barrier::new(most + 1));
        let mut tasks = JoinSet::new();
        for number in 0..most + 4 {
            let (calls, gate) = (Arc::clone(&calls), Arc::clone(&gate));
            // A thread of the pool that has begun waits at the gate, and each makes one such call.
            let call = move || {
                if number < most {
                    gate.wait();
                }
            };
            tasks.spawn(async move { calls.run(Disk::Pool, None, call).await.unwrap() });
        }
        yield_now().await;
        assert_eq!(made_by(&calls, Some(100_000)).await, this);
        gate.wait();
        while let Some(end) = tasks.join_next().await {
            end.unwrap();
        }
        assert_ne!(made_by(&calls, Some(100_000)).await, this);
    });
}

#[test]
fn a_call_that_panics_is_an_error_and_the_pool_goes_on() {
    run(async {
        let calls = Calls::default();
        for turn in 0..20 {
            let call = move || assert_ne!(turn % 2, 0, "an even turn");
            let result = calls.run(Disk::Pool, None, call).await;
            assert_eq!(result.is_ok(), turn % 2 != 0);
            if let Err(error) = result {
                assert!(error.to_string().contains("an even turn"), "{error}");
            }
        }
    });
}
