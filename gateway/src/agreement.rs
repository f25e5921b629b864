//! Agreements as people run them: who may do what in which state ([`act`]), what a change opens and
//! closes ([`Sights`]), from which impact clinical safety is asked, and what evidence runs out.
//!
//! Pure: the region, the day and who acts are arguments; the store keeps what comes of it.

mod amend;
mod evidence;
mod joining;
mod parts;
pub mod plan;
mod safety;
mod sights;
mod state;

pub use amend::Changes;
pub use evidence::{Due, Stage, due, warnings};
pub use joining::{Evidenced, evidenced, may_join, may_record, resume_member, suspend_member};
pub use safety::{Impact, impact};
pub use sights::{Change, Sights, changes};
pub use state::{Acted, Action, Refusal, act};

use jiff::civil::Date;
use schemas::ods_code::OdsCode;

/// Who acts: a person or an office, for an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub by: String,
    pub organisation: OdsCode,
}

impl Actor {
    pub(crate) fn signs(&self, on: Date) -> crate::region::Signatory {
        crate::region::Signatory {
            by: self.by.clone(),
            organisation: self.organisation.clone(),
            on,
        }
    }
}
