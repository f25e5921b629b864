//! The child protection flag: a small document of the hub's own that says that there is a plan, of
//! which kind, from when to when, and whom to ring. Never why.
//!
//! The national system (CP-IS) has messages for councils and for care settings but no document that a
//! region could exchange; its codes are used (2.16.840.1.113883.2.1.3.2.4.17.469).

mod flag;
mod header;
mod mapping;
mod read;
mod write;

pub use flag::{Flag, FlagError, PlanKind, PlanStatus, Subject};

pub const NAMESPACE: &str = "urn:watling:child-protection:1";
/// Code system of the kinds of plan and of their events.
pub const OBSERVATION_TYPE: &str = "2.16.840.1.113883.2.1.3.2.4.17.469";
