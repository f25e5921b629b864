//! Who a patient is: which senders are believed, which identifiers are kept, and the rules by which
//! identifiers are merged, parted, frozen and protected (ITI TF-2 3.8, 3.44).

pub mod feed;
pub mod rules;

pub use feed::{IdentityError, IdentityRequest, Sender, Unchanged, change, receive};
pub use rules::{Decision, Refusal};

use crate::store::StoreError;
use crate::store::identity::{IdentityProblem, IdentityStore, KnownPatient, PatientStatus};
use crate::{KnownPatients, Patients};
use node::clock::Clock;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::hl7::PatientId;
use schemas::ods_code::OdsCode;
use schemas::oid::{self, Oid};
use schemas::pix::AffinityDomain;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A system that is believed when it says who a patient is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PatientIdentitySource {
    /// The organisation of its certificate.
    pub ods: OdsCode,
    /// The system of its certificate; absent: any of the organisation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// What its messages must name as their sender: MSH-3, or the OID of the sending device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// MSH-4; HL7 v3 messages have no such name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facility: Option<String>,
    /// Whether it is believed when it says that two identifiers are one patient's.
    #[serde(default)]
    pub merges: bool,
    /// Whether it is believed when it names the practice on whose list a patient is.
    #[serde(default)]
    pub registrations: bool,
    /// Whether the visits of which it tells are legitimate relationships of its organisation.
    #[serde(default = "yes")]
    pub encounters: bool,
}

fn yes() -> bool {
    true
}

/// An organisation that may register patients under identifiers of its own, for those who have no
/// NHS number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LocalAuthority {
    pub oid: Oid,
    pub ods: OdsCode,
}

/// The registry's knowledge of patients, and what decides on it.
pub struct Identities {
    pub store: Arc<dyn IdentityStore>,
    pub policy: IdentityPolicy,
    pub patients: Patients,
    pub known_patients: KnownPatients,
    pub clock: Clock,
}

impl Identities {
    /// Whether messages of training and debugging are taken: a live hub refuses them.
    pub(crate) fn training(&self) -> bool {
        matches!(self.patients, Patients::Development)
    }

    /// What a person should look at.
    pub async fn problems(&self) -> Result<Vec<IdentityProblem>, StoreError> {
        let mut problems = self.store.problems().await?;
        problems.retain(|problem| match problem {
            IdentityProblem::Untraced { patient, .. } => !self.policy.is_domains(patient),
            _ => true,
        });
        Ok(problems)
    }

    /// Whether a number is not taken, whoever sends it: a live hub takes no synthetic one.
    pub(crate) fn refuses(&self, patient: &PatientId) -> bool {
        match (&self.patients, patient.nhs_number()) {
            (Patients::Live { synthetic_allowed }, Some(number)) => {
                number.is_synthetic() && !synthetic_allowed.contains(&number)
            }
            _ => false,
        }
    }
}

/// Whom to believe, and which identifiers to keep.
#[derive(Clone, Debug)]
pub struct IdentityPolicy {
    pub domain: AffinityDomain,
    pub sources: Vec<PatientIdentitySource>,
    pub local: Vec<LocalAuthority>,
}

impl IdentityPolicy {
    /// The source that a sender is; the one that may merge, where several fit.
    pub(crate) fn source(&self, sender: &Sender) -> Option<&PatientIdentitySource> {
        let fits = |source: &&PatientIdentitySource| {
            let same =
                |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|w| w == is);
            source.ods == sender.organisation
                && same(&source.system, &sender.system)
                && same(&source.application, &sender.application)
                && sender.facility.as_ref().is_none_or(|is| same(&source.facility, is))
        };
        self.sources.iter().filter(fits).max_by_key(|source| source.merges)
    }

    /// Whether any source may have this certificate, whatever its messages will say.
    pub(crate) fn may_knock(&self, organisation: &OdsCode, system: &str) -> bool {
        self.sources.iter().any(|source| {
            source.ods == *organisation && source.system.as_deref().is_none_or(|s| s == system)
        })
    }

    /// Whether an identifier is one of the affinity domain's own.
    pub(crate) fn is_domains(&self, patient: &PatientId) -> bool {
        match patient {
            PatientId::Nhs(_) => self.domain.authority.as_str() == oid::NHS_NUMBER,
            PatientId::Other(cx) => cx.authority == self.domain.authority,
        }
    }

    /// The organisation that issues identifiers under an authority, for patients without a number.
    pub(crate) fn issuer(&self, authority: &Oid) -> Option<&OdsCode> {
        self.local.iter().find(|local| local.oid == *authority).map(|local| &local.ods)
    }
}

/// Whether documents can be registered for a patient as it stands now.
pub(crate) fn may_register(
    identities: &Identities,
    patient: &KnownPatient,
) -> Result<(), XdsError> {
    let refuse = |what: &str| {
        Err(XdsError::new(XdsErrorCode::UnknownPatientId, what.to_owned()).at("patientId"))
    };
    let domains = identities.policy.is_domains(&patient.id);
    match patient.status() {
        PatientStatus::Subsumed => refuse(
            "the patientId was merged into another one (ITI TF-2 3.42.4.1.3): register the document under the surviving identifier",
        ),
        PatientStatus::Frozen => {
            let what = "two people were found to share this patientId, so nothing new is registered under it: keep the document and send it again when the hub's operator has parted them";
            Err(XdsError::new(XdsErrorCode::Registry, what).at("patientId"))
        }
        PatientStatus::Unknown | PatientStatus::Known
            if domains && identities.known_patients == KnownPatients::Feed =>
        {
            refuse(
                "the patient is not known here: no patient identity feed has named the patient ([registry] patients = \"feed\")",
            )
        }
        _ => Ok(()),
    }
}

/// What readers are told of a shared number.
pub(crate) fn frozen_warning() -> XdsError {
    XdsError::warning(
        XdsErrorCode::Registry,
        "two people were found to share this patient's number: check of every document whose it is",
    )
}
