//! The claims of `tests/claims/`, each checked in every schedule that its bound allows. The
//! checker's world is that of `examples/prove.rs`.

#[path = "../examples/prove.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove;

// The mounted files import these from the root of their crate.
use prove::{Counted, Job, Tell, lock_order, observer, signal, sync, watched, workers};
use prove::{blocking, counting};
use timing::proof::{self, Claim};

#[test]
fn every_claim_holds_or_is_refuted_as_it_must_be() {
    for claim in prove::claims() {
        match claim.check() {
            Ok(explored) => println!("{}: {explored}", claim.text),
            Err(why) => panic!("{}: {why}", claim.text),
        }
    }
}

/// Returns the story of the shortest failure, and its number of preemptions.
fn shortest(claim: &Claim) -> (Vec<String>, usize) {
    let failure = claim.explore().shortest.expect(&claim.text);
    (failure.story, failure.preemptions)
}

#[test]
fn the_story_of_the_lost_update_is_told_step_by_step() {
    let story = [
        "thread 0 reads 0",
        "thread 1 reads 0",
        "thread 1 writes 1",
        "thread 0 writes 1",
    ];
    for claim in [counting::lost_update(), counting::unlocked()] {
        assert_eq!(shortest(&claim), (story.map(str::to_owned).to_vec(), 1));
    }
}

#[test]
fn the_deadlock_comes_with_its_circle() {
    let (story, preemptions) = shortest(&blocking::opposite_orders());
    assert_eq!(preemptions, 1);
    let circle = "Task 2 would wait for ever: Task 2 waits for Lock A, which Task 1 holds, \
                  Task 1 waits for Lock B, which Task 2 holds";
    assert!(story.iter().any(|line| line == circle), "{story:#?}");
}

/// The README's table is that of the claims.
#[test]
fn the_readme_says_what_is_claimed() {
    let table = proof::table(prove::claims());
    let readme = include_str!("../README.md").replace("\r\n", "\n");
    assert!(readme.contains(&table), "\n{table}");
}
