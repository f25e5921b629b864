//! One integration binary: actors on the wire, invariants of the tree.

mod agreement;
mod apart;
mod durability;
mod journey;
mod schema;
mod supply;
mod tidy;
