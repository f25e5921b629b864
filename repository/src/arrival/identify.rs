//! The number that a document gives, as it stands, before anybody is asked about it.

use crate::front_door::Reason;
use schemas::cda::{CdaHeader, Identifier};
use schemas::nhs_number::{NhsNumber, NhsNumberError};
use schemas::oid;

/// The header's number and whether its sender had traced it, or why there is none.
pub(super) fn number(header: &CdaHeader) -> Result<(NhsNumber, bool), Reason> {
    let (text, traced) = header.patient.nhs_number().ok_or(Reason::NoNhsNumber)?;
    let number = NhsNumber::parse(text).map_err(|error| match error {
        NhsNumberError::NotTenDigits => Reason::Malformed,
        NhsNumberError::CheckDigit => Reason::CheckDigit,
        NhsNumberError::RepeatedDigit => Reason::RepeatedDigit,
    })?;
    Ok((number, traced))
}

/// Writes the number that was verified into the header, in place of what stood there.
pub(super) fn settle(header: &mut CdaHeader, number: NhsNumber) {
    let of_a_person =
        |id: &Identifier| [oid::NHS_NUMBER, oid::NHS_NUMBER_UNVERIFIED].contains(&id.root.as_str());
    header.patient.ids.retain(|id| !of_a_person(id));
    header.patient.ids.insert(
        0,
        Identifier {
            root: oid::NHS_NUMBER.to_owned(),
            extension: Some(number.digits()),
            authority_name: None,
        },
    );
}
