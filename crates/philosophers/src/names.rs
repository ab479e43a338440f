//! What the philosophers and the forks are called.

/// The philosopher on this seat. The first eight have names of their own.
pub fn philosopher(seat: usize) -> String {
    let names = [
        "Aristotle",
        "Plato",
        "Hypatia",
        "Confucius",
        "Avicenna",
        "Hildegard",
        "Spinoza",
        "Kant",
    ];
    match names.get(seat) {
        Some(name) => (*name).to_owned(),
        None => format!("guest {seat}"),
    }
}

/// The fork with this number.
pub fn fork(number: usize) -> String {
    format!("fork {number}")
}
