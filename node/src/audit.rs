//! ITI-20 Record Audit Event: one durable record for each request, refusals and failures included.
//!
//! Records are chained: each digest covers the one before it and the digest of the record's
//! content, so that a removed or altered record shows even after content has expired. The service
//! signs where its chain stands every so often, and the newest digest is also written outside the
//! database, so that a cut end and a chain that was computed anew show too.

mod checkpoint;
mod event;
mod expire;
mod export;
mod fallback;
pub mod forward;
mod message;
mod reading;
mod reserve;
mod search;
mod settings;
mod signer;
mod store;
mod subject;
mod verify;
mod walk;

pub use event::{AuditEvent, AuditKind, DecidedEntry, FeedAction, FeedRecord, Outcome};
pub use export::{ExportError, ExportFormat, Exported, export};
pub use fallback::{Fallback, FallbackCause, FallbackSettings};
pub use reading::{ReadDocument, Reading, ReadingKind, Readings, Shown};
pub use search::{Span, about, each};
pub use settings::AuditSettings;
pub use signer::{Signer, Trust};
pub use store::{Audit, AuditError, AuditRecord, list};
pub use verify::{
    Damage, DamageKind, Piece, Proof, Verification, piece_of, verify, verify_by, verify_piece,
};
pub use walk::{Walk, Walked};
