//! The client that a user has: publish, find and get, over the network, with a certificate.

mod connection;
mod document;
pub mod find;
pub mod get;
pub mod publish;
mod shown;

pub use connection::{Connection, Target};
pub(crate) use document::document_type;
pub use shown::{Shown, age};
