//! Health and social care integration: the notices between hospital and council under the Care Act
//! 2014 Schedule 3, their answers and withdrawals.
//!
//! The duty to give them was revoked with the discharge reforms of 2022; here they are documents that
//! regions exchange. The message's participations are read as a CDA's of the same name, since the
//! HSCI schemas are not published; what is in its own elements is looked for by name at any depth.

mod header;
mod kind;
mod mapping;
mod missing;
mod notice;
mod process;

pub use kind::{NoticeKind, Subject};
pub use mapping::{NOTICE_REFERENCE, PROCESS_REFERENCE, REMARK_SLOT, known_of, remark};
pub use missing::MissingField;
pub use notice::{Notice, NoticeError};
pub use process::{Decision, Incoming, Known, Relation, Remark, Standing, State, decide, state};
