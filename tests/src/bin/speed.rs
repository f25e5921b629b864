//! Figures, each beside its floor.
fn main() {}
