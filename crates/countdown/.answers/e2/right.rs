//! A loop that starts, and a loop that listens.

use super::world::{Child, Outcome};

pub fn all(names: &[&str]) -> Vec<Outcome> {
    let children: Vec<Child> = names.iter().map(|name| Child::start(name)).collect();
    let mut results = Vec::new();
    for mut child in children {
        let mut lines = Vec::new();
        while let Some(line) = child.hear() {
            lines.push(line);
        }
        results.push(child.end().map(|()| lines));
    }
    results
}
