//! Refusal or quarantine: each reason with its remedy.

use super::super::super::{CdaError, CdaHeader, Remedy};
use super::*;
use crate::nhs_number::NhsNumberError;

const NUMBER: &str = "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000018\"/>";

fn id(root: &str, extension: &str) -> String {
    format!("<id root=\"{root}\" extension=\"{extension}\"/>")
}

#[test]
fn every_way_of_having_no_number_has_its_reason_and_remedy() {
    let nhs = "2.16.840.1.113883.2.1.4.1";
    let unverified = "2.16.840.1.113883.2.1.3.2.4.18.23";
    let number = MappingError::NhsNumber;
    for (ids, error, remedy) in [
        (String::new(), MappingError::NoNhsNumber, Remedy::Quarantine),
        (
            format!("<id root=\"{nhs}\" nullFlavor=\"NI\"/>"),
            MappingError::NoNhsNumber,
            Remedy::Quarantine,
        ),
        (id(nhs, ""), MappingError::NoNhsNumber, Remedy::Quarantine),
        (
            "<id nullFlavor=\"UNK\" patientIdStatus=\"07\"/>".to_owned(),
            MappingError::NoNhsNumber,
            Remedy::Quarantine,
        ),
        (id(nhs, "9999345201"), number(NhsNumberError::CheckDigit), Remedy::Quarantine),
        (id(unverified, "9999345201"), number(NhsNumberError::CheckDigit), Remedy::Quarantine),
        (id(nhs, "999000001"), number(NhsNumberError::NotTenDigits), Remedy::Quarantine),
        (id(nhs, "NOT KNOWN"), number(NhsNumberError::NotTenDigits), Remedy::Quarantine),
        (
            id(nhs, "9990000018") + &id(unverified, "9990000026"),
            MappingError::SeveralNumbers,
            Remedy::Quarantine,
        ),
        (
            id(nhs, "9990000018") + &id(nhs, "9990000026"),
            MappingError::SeveralNumbers,
            Remedy::Quarantine,
        ),
    ] {
        let got = Desk::default().try_map(&with(NUMBER, &ids)).unwrap_err();
        assert_eq!((&got, got.remedy()), (&error, remedy), "{ids}");
        assert!(!got.to_string().contains("9990000"), "no number in {got}");
    }
}

#[test]
fn all_ten_numbers_of_one_digit_are_refused() {
    for digit in '0'..='9' {
        let number: String = std::iter::repeat_n(digit, 10).collect();
        let got = Desk::default().try_map(&with("9990000018", &number)).unwrap_err();
        assert_eq!(got, MappingError::NhsNumber(NhsNumberError::RepeatedDigit), "{digit}");
        assert_eq!(got.remedy(), Remedy::Refuse);
    }
}

#[test]
fn the_same_number_twice_is_one_number() {
    let twice = id("2.16.840.1.113883.2.1.3.2.4.18.23", "999 000 0018") + NUMBER;
    assert!(Desk::default().try_map(&with(NUMBER, &twice)).is_ok());
}

#[test]
fn a_foreign_identifier_beside_an_nhs_number_is_left_out_and_said() {
    let both = NUMBER.to_owned() + &id("2.16.840.1.113883.2.1.4.2", "G1234567");
    let mapped = Desk::default().map(&with(NUMBER, &both));
    assert!(warned(&mapped, CdaWarning::ForeignIdentifier));
    assert!(!mapped.entry.source_patient_info.iter().any(|line| line.contains("G1234567")));
}

#[test]
fn what_only_the_sender_can_mend_is_refused() {
    let version = sample::code_sets().version;
    let unknown = |code: &str| MappingError::UnknownType {
        received: code.to_owned(),
        version: version.clone(),
    };
    let typed = "POCD_MT150001UK06";
    let code = "code=\"163391000000107\"";
    for (document, error, remedy) in [
        (
            with("root=\"5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01\"", "root=\"x\""),
            MappingError::Id,
            Remedy::Refuse,
        ),
        (
            with("20260714153000+01", "yesterday"),
            MappingError::Time(crate::dtm::DtmError::Shape),
            Remedy::Refuse,
        ),
        (
            with(typed, "POCD_MT010011GB02").replace(code, "code=\"185361000000102\""),
            unknown("185361000000102"),
            Remedy::Refuse,
        ),
        (
            with(code, "code=\"285101000000100\""),
            MappingError::NotClinical("285101000000100".to_owned()),
            Remedy::Refuse,
        ),
        (
            with(code, "code=\"285091000000108\""),
            MappingError::NotClinical("285091000000108".to_owned()),
            Remedy::Refuse,
        ),
        (
            sample::document(
                "<nonXMLBody><text mediaType=\"application/msword\" representation=\"B64\">AA==</text></nonXMLBody>",
            ),
            MappingError::MediaType("application/msword".to_owned()),
            Remedy::Quarantine,
        ),
    ] {
        let got = Desk::default().try_map(&document).unwrap_err();
        assert_eq!((&got, got.remedy()), (&error, remedy));
        assert!(!got.code().is_empty());
    }
}

#[test]
fn a_document_that_cannot_be_read_says_why() {
    let whole = plain();
    let target =
        whole.split("<recordTarget").nth(1).unwrap().split("</recordTarget>").next().unwrap();
    let target = format!("<recordTarget{target}</recordTarget>");
    let start = whole.find("<custodian").unwrap();
    let end = whole.find("</custodian>").unwrap() + "</custodian>".len();
    let without_custodian = format!("{}{}", &whole[..start], &whole[end..]);
    let mapped = Desk::default().map(&without_custodian);
    assert!(
        warned(&mapped, CdaWarning::CustodianWithoutCode),
        "read, said, and for others to hold"
    );
    let nhs = "root=\"2.16.840.1.113883.2.1.4.1\" extension";
    for (text, error) in [
        ("<a/>".to_owned(), CdaError::NotCda),
        (whole.replacen(&target, &format!("{target}{target}"), 1), CdaError::Patients(2)),
        (whole.replacen(&target, "", 1), CdaError::Missing("recordTarget")),
        (
            whole.replacen(nhs, "root=\"2.16.840.1.113883.2.1.4.2\" extension", 1),
            CdaError::ForeignNumber("2.16.840.1.113883.2.1.4.2".to_owned()),
        ),
        (
            whole.replacen(nhs, "root=\"2.16.840.1.113883.2.1.3.2.4.3\" extension", 1),
            CdaError::ForeignNumber("2.16.840.1.113883.2.1.3.2.4.3".to_owned()),
        ),
        (
            whole.replace("<id root=\"5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01\"/>", ""),
            CdaError::Missing("id"),
        ),
        (
            whole.replace("<effectiveTime value=\"20260714153000+01\"/>", ""),
            CdaError::Missing("effectiveTime"),
        ),
    ] {
        let got = CdaHeader::read(text.as_bytes(), &Default::default()).unwrap_err();
        assert_eq!((&got, got.remedy()), (&error, Remedy::Refuse));
    }
}
