//! For tests: claims that are checked one by one, and compared with what a README says of them.

use super::{Claim, Expect};

/// Checks the claims, and prints the scope of each that is as it has to be. Returns the others,
/// with what is wrong with them.
pub fn refused(claims: impl IntoIterator<Item = Claim>) -> Vec<String> {
    let refused = |claim: Claim| match claim.check() {
        Ok(explored) => {
            println!("{}: {explored}", claim.text);
            None
        }
        Err(why) => Some(format!("{}: {why}", claim.text)),
    };
    claims.into_iter().filter_map(refused).collect()
}

/// The claims as a table in Markdown, a row each, without its head: what is claimed, whether it is
/// true, and how many schedules that are. A test compares it with a README.
pub fn table(claims: impl IntoIterator<Item = Claim>) -> String {
    let row = |claim: Claim| {
        let verdict = match claim.expect {
            Expect::Holds => "true",
            Expect::Fails(_) => "**false**",
        };
        let scope = match claim.bound.preemptions {
            None => "all".to_owned(),
            Some(1) => "at most 1 preemption".to_owned(),
            Some(most) => format!("at most {most} preemptions"),
        };
        let (text, schedules) = (claim.text, claim.schedules);
        format!("| {text} | {verdict} | {scope} | {schedules} |\n")
    };
    claims.into_iter().map(row).collect()
}

/// A story as a list in Markdown, a step a line.
pub fn numbered(story: &[String]) -> String {
    let lines = story.iter().zip(1..);
    lines
        .map(|(line, number)| format!("{number}. {line}\n"))
        .collect()
}
