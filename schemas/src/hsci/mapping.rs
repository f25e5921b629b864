//! A notice to a DocumentEntry, and an entry back to what the process needs to know of it.

use super::kind::NoticeKind;
use super::notice::Notice;
use super::process::{Incoming, Known};
use crate::hl7::Cxi;
use crate::metadata::{AvailabilityStatus, Code, DocumentEntry};
use crate::oid;
use crate::wire::Slot;

/// Type code of the reference that all messages of one process share: spell, hospital and council.
pub const PROCESS_REFERENCE: &str = "urn:watling:care-act-process";
/// Type code of the reference that names a message itself, on it and on what answers or withdraws it.
pub const NOTICE_REFERENCE: &str = "urn:watling:care-act-notice";
/// What its readers should know: words of `Remark` and of `MissingField`.
pub const REMARK_SLOT: &str = "urn:nhs:hub:careActRemark";
/// Identifier of the message that this one answers or withdraws.
const ANSWERS_SLOT: &str = "urn:nhs:hub:careActAnswers";
const OWN_SLOT: &str = "urn:nhs:hub:careActNotice";

impl Notice {
    /// Adds what a CDA of the same header does not give: the notice's code among the events, the
    /// references that link the process, and what the notice does not say.
    pub fn complete(&self, entry: &mut DocumentEntry) {
        let code = Code::new(self.kind.code(), oid::SNOMED_CT, entry.type_code.label());
        if !entry.event_code_list.iter().any(|event| event.same_concept(&code)) {
            entry.event_code_list.push(code);
        }
        let references = self.references();
        entry.reference_id_list.extend(references.iter().filter_map(|text| Cxi::parse(text).ok()));
        entry.extra.push(Slot::one(OWN_SLOT, self.id.clone()));
        entry.extra.extend(self.answers.iter().map(|id| Slot::one(ANSWERS_SLOT, id.clone())));
        let missing = self.missing.iter().map(|field| format!("missing {}", field.code()));
        remark(entry, missing.collect());
    }

    /// CXi values by which the messages of the process find each other.
    pub fn references(&self) -> Vec<String> {
        let ods = |ods: &Option<crate::ods_code::OdsCode>| {
            ods.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
        };
        let spell = self.spell.as_deref().unwrap_or("-");
        let process = format!("{spell}:{}:{}", ods(&self.hospital), ods(&self.authority));
        let notice = |id: &str| format!("{id}^^^^{NOTICE_REFERENCE}");
        std::iter::once(format!("{process}^^^^{PROCESS_REFERENCE}"))
            .chain([notice(&self.id)])
            .chain(self.answers.as_deref().map(notice))
            .collect()
    }

    pub fn incoming(&self) -> Incoming<'_> {
        Incoming {
            kind: self.kind,
            id: &self.id,
            answers: self.answers.as_deref(),
            given: &self.given,
        }
    }
}

/// Adds words to what the entry's readers should know.
pub fn remark(entry: &mut DocumentEntry, words: Vec<String>) {
    if words.is_empty() {
        return;
    }
    match entry.extra.iter_mut().find(|slot| slot.name == REMARK_SLOT) {
        Some(slot) => slot.values.extend(words),
        None => entry.extra.push(Slot { name: REMARK_SLOT.to_owned(), values: words }),
    }
}

/// What an entry of the registry is to the process; `None` for what is no message of it.
pub fn known_of<K>(entry: &DocumentEntry, status: AvailabilityStatus, key: K) -> Option<Known<K>> {
    let slot = |name: &str| entry.extra.iter().find(|slot| slot.name == name)?.values.first();
    Some(Known {
        key,
        kind: NoticeKind::of_code(&entry.type_code.code)?,
        id: slot(OWN_SLOT)?.clone(),
        answers: slot(ANSWERS_SLOT).cloned(),
        live: status == AvailabilityStatus::Approved,
        given: entry.creation_time.clone()?,
    })
}
