//! ITI-20 Record Audit Event: one durable record for each request, refusals and failures included.
//!
//! Records are chained: each digest covers the one before it and the digest of the record's
//! content, so that a removed or altered record shows even after content has expired. The newest
//! digest is also written outside the database, so that a cut end shows too.

mod event;
mod message;
mod reading;
mod store;
mod verify;
mod walk;

pub use event::{AuditEvent, AuditKind, DecidedEntry, FeedAction, FeedRecord, Outcome};
pub use reading::{ReadDocument, Reading, ReadingKind, Readings, Shown};
pub use store::{Audit, AuditError, AuditRecord, list};
pub use verify::{Verification, verify};
pub use walk::{Walk, Walked};
