//! One integration binary: actors on the wire, invariants of the tree.

mod journey;
