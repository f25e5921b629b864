//! Who the document is about: the NHS number with its status, identifiers and demographics.

use super::{MappingContext, local_authority};
use crate::cda::header::CdaHeader;
use crate::cda::mapping_error::MappingError;
use crate::cda::warning::{CdaWarning, note};
use crate::dtm::Dtm;
use crate::hl7::{Cx, PatientId, component};
use crate::nhs_number::NhsNumber;
use crate::nhs_number_status::NhsNumberStatus;
use crate::oid::{self, Oid};

/// What sourcePatientInfo's values may be long (ITI TF-3 table 4.2.3.2-1).
const LONGEST_VALUE: usize = 256;

pub(super) struct Identity {
    pub number: NhsNumber,
    pub status: NhsNumberStatus,
}

impl Identity {
    pub(super) fn of(
        header: &CdaHeader,
        warnings: &mut Vec<CdaWarning>,
    ) -> Result<Self, MappingError> {
        let patient = &header.patient;
        if patient.has_several_numbers() {
            return Err(MappingError::SeveralNumbers);
        }
        let (number, traced) = patient.nhs_number().ok_or(MappingError::NoNhsNumber)?;
        let number = NhsNumber::parse(number)?;
        let status = if traced {
            NhsNumberStatus::Verified
        } else {
            note(warnings, CdaWarning::NumberNotTraced);
            let believed = patient.status.filter(|status| *status != NhsNumberStatus::Verified);
            believed.unwrap_or(NhsNumberStatus::NotTraced)
        };
        Ok(Self { number, status })
    }

    pub(super) fn source_patient_id(&self, header: &CdaHeader, context: &MappingContext<'_>) -> Cx {
        local_id(header, context).unwrap_or_else(|| Cx {
            id: self.number.digits(),
            authority: Oid::parse(oid::NHS_NUMBER).unwrap_or_else(|_| context.oid_root.clone()),
        })
    }

    /// PID-3 identifiers, PID-5 name, PID-7 birth date, PID-8 sex, PID-11 address.
    pub(super) fn source_patient_info(
        &self,
        header: &CdaHeader,
        context: &MappingContext<'_>,
        warnings: &mut Vec<CdaWarning>,
    ) -> Vec<String> {
        let patient = &header.patient;
        let mut lines = vec![format!("PID-3|{}", PatientId::Nhs(self.number).text())];
        lines.extend(local_id(header, context).map(|cx| format!("PID-3|{}", cx.text())));
        let name = &patient.person;
        if !name.family.is_empty() {
            let (family, given, prefix) =
                (component(&name.family), component(&name.given), component(&name.prefix));
            let line = format!("PID-5|{family}^{given}^^^{prefix}");
            lines.push(line.trim_end_matches('^').to_owned());
        }
        lines.extend(birth_date(patient.birth_time.as_deref(), warnings));
        lines.push(format!("PID-8|{}", sex(patient.gender.as_deref(), warnings)));
        lines.extend(address(&patient.address, patient.postcode.as_deref()));
        lines.into_iter().map(|line| line.chars().take(LONGEST_VALUE).collect()).collect()
    }
}

fn local_id(header: &CdaHeader, context: &MappingContext<'_>) -> Option<Cx> {
    let id = header.patient.local_id()?;
    let value = component(id.extension.as_deref()?);
    let cx = Cx { id: value, authority: local_authority(context, id)? };
    (!cx.id.is_empty() && cx.text().len() <= LONGEST_VALUE).then_some(cx)
}

fn birth_date(time: Option<&str>, warnings: &mut Vec<CdaWarning>) -> Option<String> {
    let time = time?;
    let day = time.get(..time.len().min(8)).and_then(|day| Dtm::parse(day).ok());
    if day.is_none() {
        note(warnings, CdaWarning::BirthTimeUnreadable);
    }
    day.map(|day| format!("PID-7|{day}"))
}

/// Sex of the NHS Data Dictionary into that of HL7 v2.
fn sex(gender: Option<&str>, warnings: &mut Vec<CdaWarning>) -> &'static str {
    match gender {
        Some("1" | "M") => "M",
        Some("2" | "F") => "F",
        Some("9") => "O",
        Some("0") | None => "U",
        Some(_) => {
            note(warnings, CdaWarning::GenderUnknown);
            "U"
        }
    }
}

/// First line, what lies between, last line as the town, postcode.
fn address(lines: &[String], postcode: Option<&str>) -> Option<String> {
    let postcode = postcode.map(component).unwrap_or_default();
    let (street, town, between) = match lines {
        [] if postcode.is_empty() => return None,
        [] => (String::new(), String::new(), String::new()),
        [street] => (component(street), String::new(), String::new()),
        [street, between @ .., town] => {
            (component(street), component(town), component(&between.join(", ")))
        }
    };
    Some(format!("PID-11|{street}^{between}^{town}^^{postcode}").trim_end_matches('^').to_owned())
}
