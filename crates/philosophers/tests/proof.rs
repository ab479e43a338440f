//! Checks what is claimed of this lesson's files, in every schedule that a claim's bound allows.
//! `examples/prove_table.rs` has the claims, and the checker's world. In each of these schedules,
//! each step of the code must be a step of the rule's model, too.

#[path = "../examples/prove_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove_table;

// The lesson's files look for each other at the root of their crate.
use prove_table::*;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use timing::proof::{Bound, Claim, explore};

#[track_caller]
fn check(claims: impl IntoIterator<Item = Claim>) {
    let mut count = 0;
    for claim in claims {
        match claim.check() {
            Ok(explored) => println!("{}: {explored}", claim.text),
            Err(why) => panic!("{}: {why}", claim.text),
        }
        count += 1;
    }
    assert!(count > 0);
}

// One test for each rule, so that they run side by side.

#[test]
fn naive_deadlocks_for_two_to_five() {
    check(claims_of(Strategy::Naive));
}

#[test]
fn ordered_never_does() {
    check(claims_of(Strategy::Ordered));
}

#[test]
fn with_a_waiter_it_never_does() {
    check(claims_of(Strategy::Waiter));
}

#[test]
fn with_a_monitor_it_never_does() {
    check(claims_of(Strategy::Monitor));
}

#[test]
fn chandy_misra_never_does() {
    check(claims_of(Strategy::ChandyMisra));
}

#[test]
fn twice_and_with_waits_that_end_for_nothing() {
    check(more());
}

#[test]
fn try_lock_may_never_eat() {
    check([without_back_off()]);
}

#[test]
fn the_wrong_versions_are_caught() {
    check(known_wrong());
}

/// The steps of the model that the code takes in none of these schedules.
fn untaken(sitting: Sitting, bound: Bound) -> (usize, Vec<String>) {
    let runs = Arc::new(Mutex::new(HashSet::new()));
    let seen = Arc::clone(&runs);
    let explored = explore(bound, move |story| {
        let (_, steps) = sitting.observed(story);
        seen.lock().unwrap().insert(steps);
        Ok(())
    });
    assert!(explored.complete, "{explored}");
    let runs = runs.lock().unwrap();
    (
        explored.schedules,
        sitting.model.unwrap().untaken(sitting.seats, &runs),
    )
}

/// The other direction: what the model can do, the code can do, too.
#[test]
fn the_code_can_do_all_that_its_model_can() {
    use Strategy::{ChandyMisra, Monitor, Naive, Ordered, Waiter};
    for (strategy, meals, most, schedules) in [
        (Naive, 2, 2, 185),
        (Ordered, 2, 2, 176),
        (Waiter, 2, 2, 922),
        (Monitor, 2, 2, 287),
        (ChandyMisra, 3, 4, 97_437),
    ] {
        let sitting = Sitting {
            meals,
            ..Sitting::of(strategy, 2)
        };
        let found = untaken(sitting, Bound::preemptions(most));
        assert_eq!(found, (schedules, Vec::new()), "{strategy:?}");
    }
    // With three seats the checker does not switch between the second fork and the meal, since no
    // thread could notice, so some steps of the model are not seen. But two do sit down, and with a
    // chair too few, which feeds everybody as well, they never do.
    let cautious = Sitting {
        run: |job, timeline| waiter::with_chairs(1, job, timeline),
        ..Sitting::of(Waiter, 3)
    };
    let one = Bound::preemptions(1);
    assert_eq!(explore(one, move |story| cautious.once(story)).failing, 0);
    let two_sit = "seat 0 sits down; seat 1 sits down; ".to_owned();
    assert!(untaken(cautious, one).1.contains(&two_sit));
    assert!(!untaken(Sitting::of(Waiter, 3), one).1.contains(&two_sit));
}

/// The README's table has the bound and the number of schedules of each claim.
#[test]
fn the_readme_says_what_is_claimed() {
    let readme = include_str!("../README.md");
    let grouped = |number: usize| {
        let digits = number.to_string();
        let mut groups: Vec<&str> = digits.as_bytes().rchunks(3).map(text).collect();
        groups.reverse();
        groups.join(" ")
    };
    use Strategy::{ChandyMisra, Monitor, Ordered, Waiter};
    for strategy in [Ordered, Waiter, Monitor, ChandyMisra] {
        let scope = |claim: Claim| {
            let bound = match claim.bound.preemptions {
                None => "all".to_owned(),
                Some(0) => "0".to_owned(),
                Some(most) => format!("≤ {most}"),
            };
            format!("{bound}: {}", grouped(claim.schedules))
        };
        let scopes: Vec<_> = claims_of(strategy).into_iter().map(scope).collect();
        let start = format!("| `{}` | all: ", timing::cli::name(&strategy));
        let row = readme.lines().find(|line| line.starts_with(&start));
        let row = row
            .unwrap()
            .replace(" orders", "")
            .replace(" preemptions", "");
        assert!(
            row.ends_with(&format!(" | {} |", scopes.join(" | "))),
            "{row}\n{scopes:?}"
        );
    }
}

fn text(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap()
}
