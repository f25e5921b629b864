//! CDA header to DocumentEntry: the hub's mapping table, attribute by attribute.

mod coding;
mod confidentiality;
mod custodian;
mod identity;
mod persons;
mod profile;
mod references;
mod time;

use super::body::Structure;
use super::end_of_life::EndOfLife;
use super::header::{CdaHeader, Identifier, RecipientKind};
use super::headings::{HeadingStandard, Headings};
use super::mapping_error::MappingError;
use super::media::Treatment;
use super::rules::MappingRules;
use super::slot;
use super::task::{self, Action};
use super::warning::{CdaWarning, note};
use crate::code_set::CodeSets;
use crate::dtm::Dtm;
use crate::hl7::PatientId;
use crate::language_code::LanguageCode;
use crate::metadata::{DocumentEntry, ObjectId, ObjectType};
use crate::nhs_number_status::NhsNumberStatus;
use crate::ods_code::OdsCode;
use crate::oid::{self, Oid};
use crate::unique_id::UniqueId;
use crate::wire::{LocalizedString, Slot};
use coding::Coding;
use identity::Identity;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Characters of the title in one language (ITI TF-3 table 4.2.3.2-1).
const LONGEST_TITLE: usize = 128;

/// What the mapping needs beyond the document.
#[derive(Clone, Copy)]
pub struct MappingContext<'a> {
    pub code_sets: &'a CodeSets,
    /// Under which the hub issues OIDs for local identifiers and senders.
    pub oid_root: &'a Oid,
    /// The submitting organisation: local identifiers without an authority are its own.
    pub publisher: &'a OdsCode,
    pub profile_id: Option<&'a str>,
    /// ITK interaction without its URN prefix.
    pub interaction: Option<&'a str>,
    pub mime_type: &'a str,
}

/// Which version of which document this is, and which it replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentVersion {
    /// setId, upper case; documents of one set replace each other.
    pub set_id: Option<String>,
    /// 1 where the document does not say.
    pub version: u32,
    pub parent: Option<ReplacedVersion>,
}

/// What the document says of the one that it replaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplacedVersion {
    pub unique_id: Option<UniqueId>,
    pub set_id: Option<String>,
    pub version: Option<u32>,
}

/// What a document asks of those who get it, by its interaction: `primary...` asks for action,
/// `copy...` informs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Action,
    Information,
}

/// An entry, and what else the document asks for.
#[derive(Clone, Debug)]
pub struct Mapped {
    pub entry: DocumentEntry,
    /// uniqueId of the document that this one replaces.
    pub replaces: Option<UniqueId>,
    /// `XON|XCN` values of the primary recipients, for the SubmissionSet's intendedRecipient.
    pub intended_recipient: Vec<String>,
    /// Anything but verified is traced before it is indexed.
    pub nhs_number_status: NhsNumberStatus,
    /// Name of the document type in the code set.
    pub document_type: String,
    pub version: DocumentVersion,
    pub purpose: Purpose,
    pub structure: Structure,
    pub headings: Headings,
    /// SNOMED CT codes of sections, in document order.
    pub section_codes: Vec<String>,
    /// SNOMED CT codes anywhere in the body, sections among them.
    pub content_codes: BTreeSet<String>,
    pub actions: Vec<Action>,
    pub end_of_life: EndOfLife,
    /// What was accepted though it deviates, each once.
    pub warnings: Vec<CdaWarning>,
}

impl Mapped {
    /// An entry that was not mapped but described by its sender.
    pub fn described(entry: DocumentEntry, document_type: &str) -> Self {
        Self {
            entry,
            replaces: None,
            intended_recipient: Vec::new(),
            nhs_number_status: NhsNumberStatus::NotTraced,
            document_type: document_type.to_owned(),
            version: DocumentVersion { version: 1, ..DocumentVersion::default() },
            purpose: Purpose::Information,
            structure: Structure::Unstructured,
            headings: Headings::default(),
            section_codes: Vec::new(),
            content_codes: BTreeSet::new(),
            actions: Vec::new(),
            end_of_life: EndOfLife::default(),
            warnings: Vec::new(),
        }
    }

    /// When what the document tells of ended: what lateness is counted from.
    pub fn event_time(&self) -> Option<&Dtm> {
        self.entry.service_stop_time.as_ref().or(self.entry.creation_time.as_ref())
    }
}

/// Maps a document. The entry's id is symbolic; hash, size and repositoryUniqueId are the
/// repository's to add.
pub fn map(header: &CdaHeader, context: &MappingContext<'_>) -> Result<Mapped, MappingError> {
    let rules = &context.code_sets.mapping;
    let mut warnings = header.warnings.clone();
    let identity = Identity::of(header, &mut warnings)?;
    acceptable_media(header)?;
    let coding = Coding::of(header, context, rules, &mut warnings)?;
    let type_code = coding.document_type.type_code.clone();
    let plan = EndOfLife::of(&header.body.findings, &type_code, &mut warnings);
    let standard = HeadingStandard::of(&type_code, &coding.practice_setting);
    let version = version(header, &mut warnings);
    let entry = entry(header, context, rules, &Found { identity, coding, plan }, &mut warnings)?;
    let Parts { entry, status, document_type, plan } = entry;
    let sections = header.body.sections.iter().filter_map(|section| section.code.as_ref());
    let primary = header.recipients.iter().filter(|r| r.kind == RecipientKind::Primary);
    let mut intended: Vec<String> = Vec::new();
    for value in primary.filter_map(|r| persons::xon_xcn(&r.person, context)) {
        if !intended.contains(&value) {
            intended.push(value);
        }
    }
    Ok(Mapped {
        entry,
        replaces: version.parent.as_ref().and_then(|parent| parent.unique_id.clone()),
        intended_recipient: intended,
        nhs_number_status: status,
        document_type,
        version,
        purpose: profile::purpose(context.interaction),
        structure: header.body.structure,
        headings: Headings::of(header, standard),
        section_codes: sections.filter(|c| c.is_snomed()).map(|c| c.code.clone()).collect(),
        content_codes: header.body.codes.clone(),
        actions: header.body.actions.clone(),
        end_of_life: plan,
        warnings,
    })
}

/// What was worked out before the entry is put together.
struct Found<'a> {
    identity: Identity,
    coding: Coding<'a>,
    plan: EndOfLife,
}

struct Parts {
    entry: DocumentEntry,
    status: NhsNumberStatus,
    document_type: String,
    plan: EndOfLife,
}

fn entry(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    rules: &MappingRules,
    found: &Found<'_>,
    warnings: &mut Vec<CdaWarning>,
) -> Result<Parts, MappingError> {
    let Found { identity, coding, plan } = found;
    let sets = context.code_sets;
    let custodian = custodian::of(header, context, rules, warnings);
    custodian::site_of_author(header, context, rules, warnings);
    let (start, stop) = time::service(header, warnings);
    let (confidentiality_code, received) = confidentiality::of(header, context, rules, warnings);
    let extra = extra(header, context, found, &custodian, received);
    let mut event_code_list = profile::events(header, context);
    event_code_list.extend(plan.events(sets));
    event_code_list.extend(task::event(&header.body.actions));
    let entry = DocumentEntry {
        id: ObjectId::Symbolic("Document01".to_owned()),
        home_community_id: None,
        object_type: ObjectType::Stable,
        author: persons::author(header, coding, context, warnings).into_iter().collect(),
        class_code: sets.snomed("classCode", &coding.document_type.class_code),
        comments: Vec::new(),
        confidentiality_code: vec![confidentiality_code],
        creation_time: Some(time::creation(header, warnings)?),
        document_availability: None,
        event_code_list,
        format_code: profile::format_code(header, context, warnings),
        hash: None,
        healthcare_facility_type_code: custodian.facility(
            header,
            &coding.document_type.facility,
            context,
            rules,
        ),
        language_code: language(header, warnings),
        legal_authenticator: header.authenticator.as_ref().and_then(|p| persons::xcn(p, context)),
        mime_type: context.mime_type.to_owned(),
        patient_id: PatientId::Nhs(identity.number),
        practice_setting_code: sets.snomed("practiceSettingCode", &coding.practice_setting),
        reference_id_list: references::of(header, context),
        repository_unique_id: None,
        service_start_time: start,
        service_stop_time: stop,
        size: None,
        source_patient_id: identity.source_patient_id(header, context),
        source_patient_info: identity.source_patient_info(header, context, warnings),
        title: vec![LocalizedString::plain(title(header, &coding.document_type.display, warnings))],
        type_code: coding.type_code(),
        unique_id: unique_id(&header.id).ok_or(MappingError::Id)?,
        uri: Vec::new(),
        extra,
    };
    Ok(Parts {
        entry,
        status: identity.status,
        document_type: coding.document_type.name.clone(),
        plan: plan.clone(),
    })
}

/// What the profile has no attribute for.
fn extra(
    header: &CdaHeader,
    context: &MappingContext<'_>,
    found: &Found<'_>,
    custodian: &custodian::Custodian,
    confidentiality: Option<String>,
) -> Vec<Slot> {
    let mut extra = vec![Slot::one(slot::NHS_NUMBER_STATUS, found.identity.status.code())];
    extra.extend(custodian.slots());
    extra.extend(found.coding.slots());
    extra.extend(confidentiality.map(|code| Slot::one(slot::RECEIVED_CONFIDENTIALITY, code)));
    extra.push(Slot::one(slot::DOCUMENT_ID, header.id.root.clone()));
    extra.extend(header.version.map(|v| Slot::one(slot::VERSION_NUMBER, v.to_string())));
    extra.push(Slot::one(slot::STRUCTURED, header.body.structure.word()));
    extra.extend(persons::authenticator_slot(header));
    extra.extend(persons::recipient_slots(header, context));
    extra.extend(task::slots(&header.body.actions));
    extra.extend(found.plan.slots());
    extra
}

/// The number that identifies the patient, as far as its sender traced it: what is asked of a
/// document that is not mapped, such as a withdrawal.
pub fn patient_number(
    header: &CdaHeader,
) -> Result<(crate::nhs_number::NhsNumber, NhsNumberStatus), MappingError> {
    let identity = Identity::of(header, &mut Vec::new())?;
    Ok((identity.number, identity.status))
}

fn acceptable_media(header: &CdaHeader) -> Result<(), MappingError> {
    let held = |treatment: Treatment| treatment == Treatment::Quarantine;
    let mut media = header.body.media.iter().filter(|media| !media.by_reference);
    match media.find(|media| held(media.media_type.treatment())) {
        Some(media) => Err(MappingError::MediaType(media.media_type.mime_type().to_owned())),
        None => Ok(()),
    }
}

/// `2.25.<uuid>` for a UUID root, `root^extension` for an OID.
pub fn unique_id(id: &Identifier) -> Option<UniqueId> {
    if let Ok(uuid) = Uuid::try_parse(&id.root) {
        return Some(Oid::from_uuid(uuid).into());
    }
    let root = Oid::parse(&id.root).ok()?;
    match &id.extension {
        Some(extension) => UniqueId::parse(&format!("{root}^{extension}")).ok(),
        None => Some(root.into()),
    }
}

fn version(header: &CdaHeader, warnings: &mut Vec<CdaWarning>) -> DocumentVersion {
    if header.set_id.is_some() && header.version.is_none() {
        note(warnings, CdaWarning::NoVersion);
    }
    let parent = header.parent.as_ref().map(|parent| ReplacedVersion {
        unique_id: parent.id.as_ref().and_then(unique_id),
        set_id: parent.set_id.clone(),
        version: parent.version,
    });
    let other_set = |parent: &ReplacedVersion| {
        parent.set_id.as_ref().zip(header.set_id.as_ref()).is_some_and(|(a, b)| a != b)
    };
    if parent.as_ref().is_some_and(other_set) {
        note(warnings, CdaWarning::ParentSetDiffers);
    }
    DocumentVersion { set_id: header.set_id.clone(), version: header.version.unwrap_or(1), parent }
}

/// The document's own, else its type's; cut where it is longer than the attribute may be, since the
/// document has it all.
fn title(header: &CdaHeader, display: &str, warnings: &mut Vec<CdaWarning>) -> String {
    if header.title.is_none() {
        note(warnings, CdaWarning::NoTitle);
    }
    let title = header.title.as_deref().unwrap_or(display);
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    if title.chars().count() > LONGEST_TITLE {
        note(warnings, CdaWarning::TitleCut);
    }
    title.chars().take(LONGEST_TITLE).collect()
}

/// What cannot be a language tag is the sender's slip, and says nothing of the language.
fn language(header: &CdaHeader, warnings: &mut Vec<CdaWarning>) -> LanguageCode {
    match header.language.as_deref() {
        None => LanguageCode::british_english(),
        Some(text) if text.eq_ignore_ascii_case("en") => LanguageCode::british_english(),
        Some(other) => LanguageCode::parse(other).unwrap_or_else(|_| {
            note(warnings, CdaWarning::LanguageUnreadable);
            LanguageCode::undetermined()
        }),
    }
}

/// The hub's OID for an organisation's own identifiers; ...18.24 is nobody's domain by itself.
pub(super) fn local_authority(context: &MappingContext<'_>, id: &Identifier) -> Option<Oid> {
    if id.root != oid::LOCAL_IDENTIFIER {
        return Oid::parse(&id.root).ok();
    }
    let named = id.authority_name.as_deref().and_then(|name| name.split(':').next());
    let ods = named.and_then(|text| OdsCode::parse(text).ok());
    Some(ods.as_ref().unwrap_or(context.publisher).oid_under(context.oid_root, 10))
}

#[cfg(test)]
mod tests;
