//! What this registry asks of a submission before it looks at its index: codes of the affinity
//! domain, patients of its domain, and what the repository must have filled in.

use crate::{Patients, Registry};
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::metadata::{DocumentEntry, ObjectType};
use schemas::submission::Submission;

/// All that is wrong, and warnings.
pub(crate) fn check(registry: &Registry, submission: &Submission) -> Vec<XdsError> {
    let mut errors = registry.code_sets.check(submission);
    patient(registry, &submission.submission_set.patient_id, &mut errors);
    for entry in &submission.document_entries {
        completed_by_repository(entry, &mut errors);
    }
    errors
}

fn patient(registry: &Registry, patient_id: &PatientId, errors: &mut Vec<XdsError>) {
    let refuse = |what: String| XdsError::new(XdsErrorCode::UnknownPatientId, what).at("patientId");
    let Some(number) = patient_id.nhs_number() else {
        errors.push(refuse(format!(
            "the patientId's assigning authority is not this affinity domain's ({})",
            registry.code_sets.domain
        )));
        return;
    };
    match &registry.patients {
        Patients::Live { synthetic_allowed }
            if number.is_synthetic() && !synthetic_allowed.contains(&number) =>
        {
            errors.push(refuse(
                "a synthetic NHS number (999 range) is not accepted by a live hub".to_owned(),
            ));
        }
        _ => {}
    }
}

fn completed_by_repository(entry: &DocumentEntry, errors: &mut Vec<XdsError>) {
    if entry.object_type == ObjectType::OnDemand {
        let what = format!(
            "on-demand entries are registered by ITI-61, which this hub does not offer yet (object {})",
            entry.id
        );
        errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, what));
        return;
    }
    let missing = [
        ("hash", entry.hash.is_none()),
        ("size", entry.size.is_none()),
        ("repositoryUniqueId", entry.repository_unique_id.is_none()),
    ];
    for (attribute, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        let what = format!("DocumentEntry.{attribute} is required in ITI-42 (object {})", entry.id);
        errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, what).at(entry.id.to_string()));
    }
}
