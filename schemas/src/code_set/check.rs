//! Codes of a submission against the code sets (ITI TF-3 4.2.3.1; ITI TF-2 3.42.4.1.3).

use super::{CodeSets, Mode};
use crate::error::{XdsError, XdsErrorCode};
use crate::metadata::{Code, DocumentEntry, ObjectId};
use crate::submission::Submission;
use jiff::civil::Date;

impl CodeSets {
    /// Refuses (or warns of) every code of a submission that the domain does not know, or no longer
    /// takes on a day.
    pub fn check(&self, submission: &Submission, today: Date) -> Vec<XdsError> {
        Check { sets: self, today }.submission(submission)
    }
}

struct Check<'s> {
    sets: &'s CodeSets,
    today: Date,
}

impl Check<'_> {
    fn submission(&self, submission: &Submission) -> Vec<XdsError> {
        let mut found = Vec::new();
        let set = &submission.submission_set;
        found.extend(self.code(
            "SubmissionSet",
            "contentTypeCode",
            &set.content_type_code,
            &set.id,
        ));
        for entry in &submission.document_entries {
            self.check_entry(entry, &mut found);
        }
        for folder in &submission.folders {
            for code in &folder.code_list {
                found.extend(self.code("Folder", "folderCodeList", code, &folder.id));
            }
        }
        for association in &submission.associations {
            if let Some(code) = &association.documentation {
                found.extend(self.code(
                    "Association",
                    "associationDocumentation",
                    code,
                    &association.id,
                ));
            }
        }
        found
    }

    fn check_entry(&self, entry: &DocumentEntry, found: &mut Vec<XdsError>) {
        let single = [
            ("classCode", &entry.class_code),
            ("formatCode", &entry.format_code),
            ("healthcareFacilityTypeCode", &entry.healthcare_facility_type_code),
            ("practiceSettingCode", &entry.practice_setting_code),
            ("typeCode", &entry.type_code),
        ];
        let confidentiality =
            entry.confidentiality_code.iter().map(|code| ("confidentialityCode", code));
        let events = entry.event_code_list.iter().map(|code| ("eventCodeList", code));
        for (attribute, code) in single.into_iter().chain(confidentiality).chain(events) {
            found.extend(self.code("DocumentEntry", attribute, code, &entry.id));
        }
        self.mime_type(entry, found);
    }

    fn mime_type(&self, entry: &DocumentEntry, found: &mut Vec<XdsError>) {
        let known = &self.sets.mime_type;
        let mime_type = entry.mime_type.to_ascii_lowercase();
        if !known.codes.iter().any(|code| code.eq_ignore_ascii_case(&mime_type)) {
            let context = format!(
                "DocumentEntry.mimeType: {mime_type:?} is not accepted in this affinity domain, code set version {} (object {})",
                self.sets.version, entry.id
            );
            found.extend(refusal(known.mode, context, &entry.id));
        }
    }

    fn code(&self, class: &str, attribute: &str, code: &Code, id: &ObjectId) -> Option<XdsError> {
        let rule = self.sets.attribute.get(attribute)?;
        let system = self.sets.system_oid(&code.scheme);
        let mut same = rule.codes.iter().filter(|known| {
            known.code == code.code && self.sets.system_oid(&known.scheme) == system
        });
        let what = match same.next().map(|known| known.until) {
            Some(None) => return None,
            Some(Some(until)) if self.today <= until => return None,
            Some(Some(until)) => format!("was retired on {until} and is not for new documents"),
            None => "is not in the affinity domain".to_owned(),
        };
        let context = format!(
            "{class}.{attribute}: code {:?} in scheme {:?} {what}, code set version {} (object {id})",
            code.code, code.scheme, self.sets.version
        );
        refusal(rule.mode, context, id)
    }
}

fn refusal(mode: Mode, context: String, id: &ObjectId) -> Option<XdsError> {
    let code = XdsErrorCode::RegistryMetadata;
    match mode {
        Mode::Strict => Some(XdsError::new(code, context).at(id.to_string())),
        Mode::Warn => Some(XdsError::warning(code, context).at(id.to_string())),
        Mode::Off => None,
    }
}
