//! The number that a document gives, as it stands, before anybody is asked about it. Pure.

use crate::front_door::Reason;
use schemas::cda::{CdaHeader, Identifier};
use schemas::nhs_number::{NhsNumber, NhsNumberError};
use schemas::oid;

/// The header's number and whether its sender had traced it, or why there is none. A number on the
/// sender's test allowance is taken with its check digit put right.
pub(super) fn number(header: &CdaHeader, allowed: &[String]) -> Result<(NhsNumber, bool), Reason> {
    if has_several(header) {
        return Err(Reason::SeveralNumbers);
    }
    let (text, traced) = header.patient.nhs_number().ok_or(Reason::NoNhsNumber)?;
    let number = NhsNumber::parse(text).or_else(|error| match error {
        NhsNumberError::CheckDigit => allowance(text, allowed).ok_or(Reason::CheckDigit),
        NhsNumberError::NotTenDigits => Err(Reason::Malformed),
        NhsNumberError::RepeatedDigit => Err(Reason::RepeatedDigit),
    })?;
    Ok((number, traced))
}

/// Two numbers of one standing that differ: whose document it is cannot be told.
fn has_several(header: &CdaHeader) -> bool {
    [oid::NHS_NUMBER, oid::NHS_NUMBER_UNVERIFIED].iter().any(|root| {
        let ids = header.patient.ids.iter().filter(|id| id.root == *root);
        let digits = |text: &String| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let mut numbers = ids.filter_map(|id| id.extension.as_ref().map(digits));
        let first = numbers.next();
        numbers.any(|other| Some(other) != first)
    })
}

/// What a number of the allowance is indexed under.
pub fn allowance(text: &str, allowed: &[String]) -> Option<NhsNumber> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let listed = allowed.contains(&digits);
    listed.then(|| NhsNumber::from_first_nine(digits.get(..9)?.parse().ok()?)).flatten()
}

/// Writes the number that was verified into the header, in place of what stood there.
pub(super) fn settle(header: &mut CdaHeader, number: NhsNumber) {
    let of_a_person =
        |id: &Identifier| [oid::NHS_NUMBER, oid::NHS_NUMBER_UNVERIFIED].contains(&id.root.as_str());
    header.patient.ids.retain(|id| !of_a_person(id));
    header.patient.status = None;
    header.patient.ids.insert(
        0,
        Identifier {
            root: oid::NHS_NUMBER.to_owned(),
            extension: Some(number.digits()),
            authority_name: None,
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(root: &str, number: &str) -> CdaHeader {
        let mut header = CdaHeader::default();
        header.patient.ids.push(Identifier {
            root: root.to_owned(),
            extension: Some(number.to_owned()),
            authority_name: None,
        });
        header
    }

    #[test]
    fn each_way_of_having_no_number_has_its_reason() {
        let allowed = ["9999345201".to_owned()];
        let of = |root, text| {
            number(&header(root, text), &allowed).map(|(n, traced)| (n.digits(), traced))
        };
        let good = |digits: &str, traced| Ok((digits.to_owned(), traced));
        for (root, text, expected) in [
            (oid::NHS_NUMBER, "9990000018", good("9990000018", true)),
            (oid::NHS_NUMBER, "999 000 0018", good("9990000018", true)),
            (oid::NHS_NUMBER_UNVERIFIED, "9990000018", good("9990000018", false)),
            (oid::LOCAL_IDENTIFIER, "9990000018", Err(Reason::NoNhsNumber)),
            (oid::NHS_NUMBER, "PAS-1", Err(Reason::Malformed)),
            (oid::NHS_NUMBER, "9900002558", Err(Reason::CheckDigit)),
            (oid::NHS_NUMBER, "9999345201", good("9999345204", true)),
            (oid::NHS_NUMBER, "1111111111", Err(Reason::RepeatedDigit)),
        ] {
            assert_eq!(of(root, text), expected, "{root} {text}");
        }
    }

    #[test]
    fn an_allowance_is_for_the_listed_numbers_and_repairs_the_last_digit_alone() {
        let allowed = ["9999345201".to_owned(), "9990000140".to_owned()];
        assert_eq!(
            allowance("999 934 5201", &allowed).map(NhsNumber::digits),
            Some("9999345204".to_owned())
        );
        assert_eq!(allowance("9999345202", &allowed), None);
        assert_eq!(allowance("9990000140", &allowed), None, "no tenth digit is right");
    }

    #[test]
    fn what_was_verified_stands_in_place_of_what_was_sent() {
        let mut header = header(oid::NHS_NUMBER_UNVERIFIED, "9990000026");
        settle(&mut header, NhsNumber::parse("9990000018").unwrap());
        assert_eq!(header.patient.nhs_number(), Some(("9990000018", true)));
        assert_eq!(header.patient.ids.len(), 1);
    }
}
