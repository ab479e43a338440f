//! What belongs to the task is a variable of the task: it moves with it.

use super::world::{Task, fetch, spawn};

pub fn start(pages: Vec<u64>) -> Task {
    spawn(async move {
        let mut sum = 0;
        for page in pages {
            sum += fetch(page).await;
        }
        sum
    })
}
