//! Patients of whom it must not be told where they live and where they are registered (the S-flag of
//! PDS, or an operator's word): the registry says which they are, and every answer to a consumer is
//! masked here. Documents themselves are retrieved unchanged.
//!
//! | Attribute | Masked to | Why |
//! |---|---|---|
//! | sourcePatientInfo | PID-3 with the NHS number, PID-5, PID-7, PID-8 | address, telephone, local identifiers name the place |
//! | sourcePatientId | the NHS number | a local identifier's authority is an organisation |
//! | author: institution, telecommunication, extra | `Withheld` | the practice, or where care is given |
//! | authorPerson, legalAuthenticator | the name alone | an identifier leads to the place of work |
//! | intendedRecipient | left out | the practice |
//! | referenceIdList | those without an assigning authority | the authority is an organisation |
//! | URI, extra metadata that is not the hub's own | left out | it can name a place |
//! | publisherOds, custodianOds, recipientOds | left out | the practice, or where care is given |
//!
//! Codes (healthcareFacilityTypeCode, practiceSettingCode) say what kind of place it is, not which.

#[cfg(test)]
mod tests;

use schemas::cda::slot as cda;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::{Cx, Cxi, Xcn, Xon};
use schemas::metadata::ids::slot;
use schemas::metadata::{Author, DocumentEntry, FoundEntry, FoundPackage, SubmissionSet};
use schemas::oid::{self, Oid};
use schemas::query::QueryAnswer;
use schemas::wire::{ObjectWriter, Slot};

/// Extra metadata that tells nothing of a place; what else there is, is left out.
const SLOTS_KEPT: [&str; 18] = [
    slot::FROM_PDS,
    slot::REGISTERED_AT,
    cda::ACTION,
    cda::ACTION_DUE,
    cda::AUTHOR_ROLE,
    cda::CPR_DECISION,
    cda::DECISION_DATE,
    cda::DOCUMENT_ID,
    cda::EXTRACTED_FROM,
    cda::NHS_NUMBER_STATUS,
    cda::PREFERRED_PLACE_OF_DEATH,
    cda::RECEIVED_AUTHOR_ROLE,
    cda::RECEIVED_CONFIDENTIALITY,
    cda::RECEIVED_SETTING,
    cda::RECEIVED_TYPE,
    cda::REVIEW_DATE,
    cda::STRUCTURED,
    cda::VERSION_NUMBER,
];

/// Fields of sourcePatientInfo that tell who it is and nothing of where.
const FIELDS_KEPT: [&str; 4] = ["PID-3", "PID-5", "PID-7", "PID-8"];

/// What a masked institution is called.
const WITHHELD: &str = "Withheld";

/// Masks what an answer says of sensitive patients, and says of every other entry what its source
/// has not told of name and birth date. An error where stored content cannot be read.
pub(crate) fn finish(answer: &mut QueryAnswer) -> Result<(), XdsError> {
    for entry in answer.entries.iter_mut().filter(|entry| !entry.content.is_empty()) {
        if entry.facts.sensitive {
            mask_found(entry)?;
        }
        say_what_is_not_stated(entry);
    }
    let packages = answer.submission_sets.iter_mut().chain(&mut answer.folders);
    for package in packages.filter(|package| package.facts.sensitive) {
        mask_package(package)?;
    }
    Ok(())
}

fn unreadable(id: impl ToString) -> XdsError {
    let what = "an object cannot be masked as its patient's protection asks, so nothing is answered: tell the hub's operator";
    XdsError::new(XdsErrorCode::Registry, what).at(id.to_string())
}

fn mask_found(found: &mut FoundEntry) -> Result<(), XdsError> {
    let id = found.facts.entry_uuid;
    let plain = FoundEntry {
        facts: schemas::metadata::EntryFacts { sensitive: false, ..found.facts.clone() },
        content: found.content.clone(),
    };
    let mut entry = plain.read().ok_or_else(|| unreadable(id))?;
    let masked = mask_entry(&mut entry);
    entry.extra.retain(|slot| slot.name != slot::REGISTERED_AT);
    entry.extra.push(masked);
    found.facts.sensitive = false;
    found.facts.recipients.clear();
    found.content = entry.content(&id.to_string());
    Ok(())
}

/// Masks an entry; the Slot names the attributes that were changed.
fn mask_entry(entry: &mut DocumentEntry) -> Slot {
    let before = entry.clone();
    let number = entry.patient_id.nhs_number();
    entry.source_patient_info.retain_mut(|line| {
        let Some((field, content)) = line.split_once('|') else { return false };
        let kept = FIELDS_KEPT.contains(&field);
        if field == "PID-3" {
            let of_the_nhs = |id: &&str| id.contains(&format!("&{}&", oid::NHS_NUMBER));
            let ids: Vec<&str> = content.split('~').filter(of_the_nhs).collect();
            let ids = ids.join("~");
            let some = !ids.is_empty();
            *line = format!("PID-3|{ids}");
            return some;
        }
        kept
    });
    if let (Some(number), Ok(authority)) = (number, Oid::parse(oid::NHS_NUMBER)) {
        entry.source_patient_id = Cx { id: number.digits(), authority };
    }
    entry.author.iter_mut().for_each(mask_author);
    entry.legal_authenticator = entry.legal_authenticator.as_ref().and_then(name_alone);
    entry.reference_id_list.retain(|reference| !has_authority(reference));
    entry.uri.clear();
    entry.extra.retain(|slot| SLOTS_KEPT.contains(&slot.name.as_str()));
    let changes = [
        ("sourcePatientInfo", before.source_patient_info != entry.source_patient_info),
        ("sourcePatientId", before.source_patient_id != entry.source_patient_id),
        ("author", before.author != entry.author),
        ("legalAuthenticator", before.legal_authenticator != entry.legal_authenticator),
        ("referenceIdList", before.reference_id_list != entry.reference_id_list),
        ("URI", before.uri != entry.uri),
        ("extra metadata", before.extra != entry.extra),
    ];
    masked(&changes)
}

fn masked(changes: &[(&str, bool)]) -> Slot {
    let names = changes.iter().filter(|(_, changed)| *changed).map(|(name, _)| (*name).to_owned());
    Slot { name: slot::MASKED.to_owned(), values: names.collect() }
}

fn mask_author(author: &mut Author) {
    author.person = author.person.as_ref().and_then(name_alone);
    author.institution = Xon::parse(WITHHELD).into_iter().collect();
    author.telecommunication.clear();
    author.extra.clear();
}

/// A person's name without the identifier, whose authority and register lead to a place of work.
fn name_alone(person: &Xcn) -> Option<Xcn> {
    let parts: Vec<&str> = person.as_str().split('^').take(6).collect();
    let name = parts.get(1..).unwrap_or_default().join("^");
    Xcn::parse(format!("^{name}").trim_end_matches('^')).ok()
}

fn has_authority(reference: &Cxi) -> bool {
    reference.as_str().split('^').nth(3).is_some_and(|authority| !authority.is_empty())
}

fn mask_package(package: &mut FoundPackage) -> Result<(), XdsError> {
    let id = package.facts.entry_uuid;
    package.facts.sensitive = false;
    if package.content.is_empty() {
        return Ok(());
    }
    let text = id.to_string();
    package.content = if package.is_folder() {
        let mut folder = package.read_folder().ok_or_else(|| unreadable(id))?;
        let before = folder.extra.len();
        folder.extra.retain(|slot| SLOTS_KEPT.contains(&slot.name.as_str()));
        let slot = masked(&[("extra metadata", before != folder.extra.len())]);
        folder.extra.push(slot);
        folder.content(&text)
    } else {
        let mut set = package.read_submission_set().ok_or_else(|| unreadable(id))?;
        let slot = mask_set(&mut set);
        set.extra.push(slot);
        set.content(&text)
    };
    Ok(())
}

fn mask_set(set: &mut SubmissionSet) -> Slot {
    let before = set.clone();
    set.author.iter_mut().for_each(mask_author);
    set.intended_recipient.clear();
    set.extra.retain(|slot| SLOTS_KEPT.contains(&slot.name.as_str()));
    masked(&[
        ("author", before.author != set.author),
        ("intendedRecipient", before.intended_recipient != set.intended_recipient),
        ("extra metadata", before.extra != set.extra),
    ])
}

/// Name and birth date stand beside the number in every answer; where the source has told neither
/// and nobody could fill them in, the answer says so.
fn say_what_is_not_stated(found: &mut FoundEntry) {
    let is_stated = |field: &str| found.content.contains(&format!(">{field}|"));
    let missing: Vec<String> =
        ["PID-5", "PID-7"].into_iter().filter(|f| !is_stated(f)).map(str::to_owned).collect();
    if missing.is_empty() {
        return;
    }
    let mut said = String::new();
    ObjectWriter::new(&mut said, &found.facts.entry_uuid.to_string(), 1)
        .slot(slot::NOT_STATED, &missing);
    found.content.insert_str(0, &said);
}
