//! A flag to a DocumentEntry.

use super::OBSERVATION_TYPE;
use super::flag::Flag;
use crate::cda::{Mapped, MappingContext, MappingError};
use crate::metadata::Code;

impl Flag {
    /// The entry: what a CDA of the same header gives, and the kind of plan and what became of it
    /// among the events.
    pub fn map(&self, context: &MappingContext<'_>) -> Result<Mapped, MappingError> {
        let mut mapped = crate::cda::map(&self.header, context)?;
        for code in [self.kind.code(), self.kind.event(self.status)] {
            let display = context.code_sets.display("eventCodeList", code).unwrap_or(code);
            mapped.entry.event_code_list.push(Code::new(code, OBSERVATION_TYPE, display));
        }
        Ok(mapped)
    }
}
