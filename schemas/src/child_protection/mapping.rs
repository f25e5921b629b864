//! A flag to a DocumentEntry.

use super::flag::Flag;
use super::{NAMESPACE, OBSERVATION_TYPE};
use crate::cda::MappingContext;
use crate::metadata::{Code, DocumentEntry};

/// Coding scheme of format codes of the hub's own.
const FORMAT: &str = "urn:watling:format";

impl Flag {
    /// Adds what a CDA of the same header does not give: the kind of plan and what became of it among
    /// the events, and the format of its own.
    pub fn complete(&self, entry: &mut DocumentEntry, context: &MappingContext<'_>) {
        for code in [self.kind.code(), self.kind.event(self.status)] {
            let display = context.code_sets.display("eventCodeList", code).unwrap_or(code);
            entry.event_code_list.push(Code::new(code, OBSERVATION_TYPE, display));
        }
        let display = context.code_sets.display("formatCode", NAMESPACE);
        entry.format_code =
            Code::new(NAMESPACE, FORMAT, display.unwrap_or("Child protection flag"));
    }
}
