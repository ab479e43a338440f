//! misconception: after the first child that failed, the other children were not heard. They did
//! their work, and its result is lost. A failure is the result of one child, and not of all.

use super::world::{Child, Outcome};

pub fn all(names: &[&str]) -> Vec<Outcome> {
    let children: Vec<Child> = names.iter().map(|name| Child::start(name)).collect();
    let mut results = Vec::new();
    for mut child in children {
        let lines = std::iter::from_fn(|| child.hear()).collect();
        if let Err(error) = child.end() {
            results.push(Err(error));
            break;
        }
        results.push(Ok(lines));
    }
    results
}
