//! What the suite stands on: a hub on free ports with a clock of its own, and curl as the foreign
//! client at its doors.

pub mod audit_log;
pub mod conformance;
pub mod decision_speed;
pub mod empty_answers;
pub mod itk_parse;
pub mod large_patient;
pub mod message;
mod mllp;
pub mod pds;
pub mod postgres;
mod process;
mod receiver;
pub mod saml;
mod test_hub;
mod wire;

pub use mllp::Feed;
pub use process::HubProcess;
pub use receiver::{Delivery, ReplyPort, ReplyReceiver, Scripted};
pub use test_hub::{START, TestHub};
pub use wire::{Answer, Certificate, Request};
