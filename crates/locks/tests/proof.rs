//! What is claimed of this lesson's files, in every schedule that the claim's bound allows: `examples/prove.rs` has the
//! claims, and the checker's world.

#[path = "../examples/prove.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove;

// The mounted files look for these at the root of their crate.
use prove::{Counted, Job, Tell, crowd, sync, watched};
use timing::proof::replay;

#[test]
fn every_claim_holds_or_is_refuted_as_it_must_be() {
    for claim in prove::claims() {
        let explored = prove::explore(&claim);
        println!("{}: {explored}", claim.text);
        if claim.holds {
            assert!(explored.complete, "{}: {explored}", claim.text);
            assert_eq!(explored.shortest, None, "{}", claim.text);
        } else {
            let failure = explored.shortest.expect(claim.text);
            // It is the failure that was looked for, and no other.
            let expected = match claim.text.contains("counts right") {
                true => "the counter shows 1",
                false => "deadlock",
            };
            assert!(
                failure.message.starts_with(expected),
                "{}: {failure:?}",
                claim.text
            );
            // What was found once can be shown again.
            let again = replay(&failure.schedule, claim.body).expect(claim.text);
            assert_eq!(again, failure, "{}", claim.text);
        }
    }
}

fn shortest(text: &str) -> (Vec<String>, usize) {
    let claim = prove::claims().into_iter().find(|claim| claim.text == text);
    let explored = prove::explore(&claim.expect(text));
    let failure = explored.shortest.expect(text);
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
    for text in [
        "race counts right with 2 threads",
        "mutex without its lock between reading and writing counts right",
    ] {
        assert_eq!(shortest(text), (story.map(str::to_owned).to_vec(), 1));
    }
}

#[test]
fn the_deadlock_comes_with_its_circle() {
    let (story, preemptions) = shortest("two tasks with two locks in opposite orders both end");
    assert_eq!(preemptions, 1);
    let circle = "Task 2 would wait for ever: Task 2 waits for Lock A, which Task 1 holds, \
                  Task 1 waits for Lock B, which Task 2 holds";
    assert!(story.iter().any(|line| line == circle), "{story:#?}");
}
