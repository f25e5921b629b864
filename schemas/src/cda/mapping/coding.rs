//! typeCode and practiceSettingCode: from a single code, a compositional expression or a local code,
//! else from what the message is called.

use super::{MappingContext, profile};
use crate::cda::expression::{Composition, compose};
use crate::cda::header::CdaHeader;
use crate::cda::mapping_error::MappingError;
use crate::cda::rules::MappingRules;
use crate::cda::slot;
use crate::cda::warning::{CdaWarning, note};
use crate::code_set::{CodeSets, DocumentType, Marks};
use crate::metadata::Code;
use crate::oid;
use crate::wire::Slot;

/// Acts that travel as documents and are none: nullification, refusal to seal.
const NOT_CLINICAL: [&str; 2] = ["285091000000108", "285101000000100"];

pub(super) struct Coding<'a> {
    pub document_type: &'a DocumentType,
    pub practice_setting: String,
    received_type: String,
    /// The care setting as received, where it is not the entry's.
    received_setting: Option<String>,
}

/// What ClinicalDocument/code says.
#[derive(Default)]
struct Stated {
    type_code: Option<String>,
    setting: Option<String>,
}

impl<'a> Coding<'a> {
    pub(super) fn of(
        header: &CdaHeader,
        context: &MappingContext<'a>,
        rules: &MappingRules,
        warnings: &mut Vec<CdaWarning>,
    ) -> Result<Self, MappingError> {
        let sets = context.code_sets;
        let stated = stated(header, warnings);
        if let Some(act) =
            NOT_CLINICAL.iter().find(|code| stated.type_code.as_deref() == Some(code))
        {
            return Err(MappingError::NotClinical((*act).to_owned()));
        }
        let encounter = header.care_setting.as_ref().filter(|setting| setting.is_snomed());
        let received = stated.setting.into_iter().chain(encounter.map(|coded| coded.code.clone()));
        let received: Vec<String> = received.collect();
        let known = |code: &&String| sets.display("practiceSettingCode", code).is_some();
        let setting = received.iter().find(known).map(String::as_str);
        if received.first().is_some_and(|first| !known(&first)) {
            note(warnings, CdaWarning::SettingUnknown);
        }
        let events = profile::telling(header, sets);
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let marks = Marks {
            type_code: stated.type_code.as_deref().unwrap_or_default(),
            setting,
            events: &events,
            message_type: header.message_type.as_deref(),
            profile_id: context.profile_id,
            interaction: context.interaction,
        };
        let document_type = by_code(sets, &marks)
            .or_else(|| local(header, sets, rules, warnings))
            .or_else(|| by_message(sets, &marks, warnings))
            .or_else(|| by_rule(sets, rules, warnings))
            .ok_or_else(|| MappingError::UnknownType {
                received: header.code.code.clone(),
                version: sets.version.clone(),
            })?;
        let practice_setting = document_type.setting_of(setting).to_owned();
        let received_setting = received.into_iter().find(|code| *code != practice_setting);
        let received_type = header.code.code.clone();
        Ok(Self { document_type, practice_setting, received_type, received_setting })
    }

    pub(super) fn type_code(&self) -> Code {
        let document_type = self.document_type;
        Code::new(&document_type.type_code, oid::SNOMED_CT, &document_type.display)
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let another = self.received_type != self.document_type.type_code;
        let received = another.then(|| Slot::one(slot::RECEIVED_TYPE, self.received_type.clone()));
        let setting = self.received_setting.clone();
        let setting = setting.map(|code| Slot::one(slot::RECEIVED_SETTING, code));
        received.into_iter().chain(setting)
    }
}

fn stated(header: &CdaHeader, warnings: &mut Vec<CdaWarning>) -> Stated {
    if !header.code.is_snomed() {
        note(warnings, CdaWarning::LocalType);
        return Stated::default();
    }
    match compose(&header.code.code) {
        Composition::Single(code) => Stated { type_code: Some(code), setting: None },
        Composition::Pair { type_code, setting } => {
            note(warnings, CdaWarning::TypePair);
            Stated { type_code: Some(type_code), setting: Some(setting) }
        }
        Composition::Expression { type_code, setting } => {
            if header.code.system != oid::SNOMED_CT_EXPRESSION {
                note(warnings, CdaWarning::ExpressionUnderCodeSystem);
            }
            Stated { type_code, setting }
        }
    }
}

/// By what the code says; where several types share it, by what else tells them apart.
fn by_code<'a>(sets: &'a CodeSets, marks: &Marks<'_>) -> Option<&'a DocumentType> {
    let code = sets.canonical_type(marks.type_code);
    let known = sets.document_type.iter().any(|kind| kind.type_code == code);
    known.then(|| sets.told_by(marks)).flatten()
}

/// A code of a local vocabulary, by the region's table.
fn local<'a>(
    header: &CdaHeader,
    sets: &'a CodeSets,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) -> Option<&'a DocumentType> {
    let name = rules.local_types.get(&header.code.code)?;
    note(warnings, CdaWarning::LocalType);
    sets.by_name(name)
}

fn by_message<'a>(
    sets: &'a CodeSets,
    marks: &Marks<'_>,
    warnings: &mut Vec<CdaWarning>,
) -> Option<&'a DocumentType> {
    let found = sets.told_by(&Marks { type_code: "", ..*marks })?;
    let by_message = marks.message_type.is_some_and(|m| sets.by_message_type(m).is_some());
    let how = if by_message { CdaWarning::TypeByMessage } else { CdaWarning::TypeByInteraction };
    note(warnings, how);
    Some(found)
}

fn by_rule<'a>(
    sets: &'a CodeSets,
    rules: &MappingRules,
    warnings: &mut Vec<CdaWarning>,
) -> Option<&'a DocumentType> {
    let found = rules.default_unknown_types.then(|| sets.default_type()).flatten()?;
    note(warnings, CdaWarning::TypeDefaulted);
    Some(found)
}
