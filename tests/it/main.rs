//! One integration binary: actors on the wire, invariants of the tree.

mod agreement;
mod apart;
mod bad_input;
mod durability;
mod hostile;
mod itk;
mod journey;
mod schema;
mod security;
mod supply;
mod tidy;
