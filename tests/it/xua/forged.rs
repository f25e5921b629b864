//! Forgeries by kind.

pub mod algorithms;
pub mod claims;
pub mod keys;
pub mod markup;
pub mod place;
pub mod shape;
pub mod times;
pub mod wrapping;
