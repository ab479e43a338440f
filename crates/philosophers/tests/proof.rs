//! What is claimed of this lesson's files, in every schedule that the claim's bound allows: `examples/prove_table.rs` has the
//! claims, and the checker's world. In each of these schedules, each step of the code must be a step of the rule's model, too.

#[path = "../examples/prove_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove_table;

// The mounted files look for these at the root of their crate.
use prove_table::{Job, Tell, dine, fork, naive, name, outcome, rule, seat, sync, waiter};
use timing::proof::replay;

fn check(part: &str) {
    let mut count = 0;
    for claim in prove_table::claims() {
        if !claim.text.contains(part) {
            continue;
        }
        count += 1;
        let (claim, explored) = claim.explore();
        println!("{}: {explored}", claim.text);
        if claim.holds {
            assert!(explored.complete, "{}: {explored}", claim.text);
            assert_eq!(explored.shortest, None, "{}", claim.text);
            continue;
        }
        let failure = explored.shortest.expect(&claim.text);
        // It is the failure that was looked for, and no other.
        let expected = if claim.tries.is_some() {
            "3 attempts and no meal"
        } else {
            "deadlock"
        };
        assert!(
            failure.message.starts_with(expected),
            "{}: {failure:?}",
            claim.text
        );
        // What was found once can be shown again.
        let ours = claim.clone();
        let again = replay(&failure.schedule, move |story| ours.once(story));
        assert_eq!(again.as_ref(), Some(&failure), "{}", claim.text);
    }
    assert!(count > 0, "no claim about {part}");
}

// One test for each part, so that they run side by side.

#[test]
fn naive_deadlocks_for_two_to_five() {
    check("naive feeds");
}

#[test]
fn ordered_never_does() {
    check("ordered feeds");
}

#[test]
fn with_a_waiter_it_never_does() {
    check("waiter feeds");
}

#[test]
fn with_a_monitor_it_never_does() {
    check("monitor feeds");
}

#[test]
fn chandy_misra_never_does() {
    check("chandy-misra feeds");
}

#[test]
fn try_lock_may_never_eat() {
    check("try-lock");
}

#[test]
fn the_wrong_versions_are_caught() {
    for part in ["not reversed", "a chair for each", "dirty forks"] {
        check(part);
    }
}
