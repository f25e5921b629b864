//! What a notice has to say (SCCI2075; SI 2014/2823 regulation 3 as made), and does not.

use super::kind::NoticeKind;
use crate::cda::{CdaHeader, HL7};
use crate::xml::Element;
use std::collections::BTreeMap;

/// An item that is asked for. The message is taken without it, with a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MissingField {
    PatientName,
    Hospital,
    Authority,
    LiaisonName,
    LiaisonContact,
    PatientConsulted,
    CarerConsulted,
    ContinuingHealthcare,
    Objection,
    DischargeDate,
    FurtherServices,
    PatientTold,
    Reason,
    Reference,
}

impl MissingField {
    pub fn code(self) -> &'static str {
        match self {
            Self::PatientName => "patient-name",
            Self::Hospital => "hospital",
            Self::Authority => "authority",
            Self::LiaisonName => "liaison-name",
            Self::LiaisonContact => "liaison-contact",
            Self::PatientConsulted => "patient-consulted",
            Self::CarerConsulted => "carer-consulted",
            Self::ContinuingHealthcare => "continuing-healthcare",
            Self::Objection => "objection",
            Self::DischargeDate => "discharge-date",
            Self::FurtherServices => "further-services",
            Self::PatientTold => "patient-told",
            Self::Reason => "reason",
            Self::Reference => "reference",
        }
    }
}

impl std::fmt::Display for MissingField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the notice does not say its {}", self.code())
    }
}

/// Observations by which the statements are made: those of HSCI where it has a code, else a word of the
/// hub's own (code system `urn:watling:care-act`).
const STATEMENTS: [(MissingField, &[&str]); 7] = [
    (MissingField::PatientConsulted, &["patient-consulted"]),
    (MissingField::CarerConsulted, &["carer-consulted"]),
    (MissingField::ContinuingHealthcare, &["CHCS"]),
    (MissingField::Objection, &["objection"]),
    (MissingField::DischargeDate, &["DNDT"]),
    (MissingField::FurtherServices, &["further-services"]),
    (MissingField::PatientTold, &["patient-told"]),
];

const REASONS: [&str; 5] = ["ANRR", "DNDR", "DNCRC", "ADRRC", "ADRRT"];

fn wanted(kind: NoticeKind) -> &'static [MissingField] {
    use MissingField as F;
    use NoticeKind as K;
    match kind {
        K::AssessmentNotice => &[
            F::PatientName,
            F::Hospital,
            F::Authority,
            F::PatientConsulted,
            F::CarerConsulted,
            F::ContinuingHealthcare,
            F::Objection,
            F::LiaisonName,
            F::LiaisonContact,
        ],
        K::DischargeNotice => &[
            F::PatientName,
            F::Hospital,
            F::Authority,
            F::DischargeDate,
            F::FurtherServices,
            F::PatientTold,
            F::LiaisonName,
            F::LiaisonContact,
        ],
        K::AssessmentAcceptance | K::DischargeAgreement => &[F::Authority, F::Reference],
        _ => &[F::Authority, F::Reason, F::Reference],
    }
}

pub(super) fn missing(
    kind: NoticeKind,
    own: &[Element<'_>],
    facts: &BTreeMap<&str, &str>,
    header: &CdaHeader,
) -> Vec<MissingField> {
    let named = |field: MissingField| {
        let (_, codes) = STATEMENTS.iter().find(|(statement, _)| *statement == field)?;
        codes.iter().find_map(|code| facts.get(code))
    };
    let has = |name: &str| own.iter().any(|e| e.is(HL7, name));
    let liaison: Vec<_> = own.iter().filter(|e| e.is(HL7, "callBackContact")).copied().collect();
    let below =
        |name: &str| liaison.iter().any(|e| e.descendants().any(|d| d.is(HL7, name) && says(d)));
    let said = |field: &MissingField| match field {
        MissingField::PatientName => !header.patient.person.family.is_empty(),
        MissingField::Hospital => has("location") || header.custodian.name.is_some(),
        MissingField::Authority => kind.is_of_council() || !header.recipients.is_empty(),
        MissingField::LiaisonName => below("name") || below("family"),
        MissingField::LiaisonContact => below("telecom"),
        MissingField::Reason => REASONS.iter().any(|code| facts.contains_key(code)),
        MissingField::Reference => has("reference"),
        statement => named(*statement).is_some(),
    };
    wanted(kind).iter().filter(|field| !said(field)).copied().collect()
}

fn says(element: Element<'_>) -> bool {
    let value = element.attr("value").map(str::trim).is_some_and(|value| !value.is_empty());
    value || !element.trimmed().is_empty()
}
