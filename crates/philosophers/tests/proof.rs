//! Checks what is claimed of this lesson's files, in every schedule that a claim's bound allows.
//! `examples/prove_table.rs` has the claims, and the checker's world. In each of these schedules,
//! each step of the code must be a step of the rule's model, too.

#[path = "../examples/prove_table.rs"]
#[allow(dead_code, unreachable_pub)]
mod prove_table;

// The lesson's files look for each other at the root of their crate.
use prove_table::*;
use timing::proof::Claim;

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
