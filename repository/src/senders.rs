//! Senders without an integration engine: a watched folder and an upload. Both give a document as it
//! lies on a desk, a description where it does not speak for itself, and get a receipt.

pub mod folder;
mod receipt;
mod submit;
pub mod upload;

pub use receipt::{Receipt, Status};
