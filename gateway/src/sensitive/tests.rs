//! What is left of an object of which the whereabouts are protected.

use super::*;

fn cxi(text: &str) -> Cxi {
    Cxi::parse(text).unwrap()
}

#[test]
fn a_person_is_named_without_identifier_and_authority() {
    let person = Xcn::parse("555^Sample^Ada^^^Dr^^^&1.2.826.0.1285.0.2.0.65&ISO").unwrap();
    assert_eq!(name_alone(&person).unwrap().as_str(), "^Sample^Ada^^^Dr");
    let number_only = Xcn::parse("555^^^^^^^^&1.2.3&ISO").unwrap();
    assert!(name_alone(&number_only).is_none());
}

#[test]
fn references_of_an_organisation_are_left_out() {
    assert!(has_authority(&cxi("A1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession")));
    assert!(!has_authority(&cxi("A1^^^^urn:nhs:hub:cda-setid")));
}

#[test]
fn an_author_keeps_name_and_role_and_loses_the_place() {
    let mut author = Author {
        person: Xcn::parse("^Sample^Ada").ok(),
        institution: Xon::parse("Millrace Surgery^^^^^&1.2.3&ISO^^^^ZZP03").into_iter().collect(),
        role: vec!["R0260".to_owned()],
        specialty: vec!["394814009".to_owned()],
        telecommunication: vec!["^^Internet^a@millrace.example".to_owned()],
        extra: vec![Slot::one("urn:x:y", "z")],
    };
    mask_author(&mut author);
    assert_eq!(author.institution.iter().map(Xon::name).collect::<Vec<_>>(), ["Withheld"]);
    assert_eq!(author.person.unwrap().as_str(), "^Sample^Ada");
    assert!(author.telecommunication.is_empty() && author.extra.is_empty());
    assert_eq!((author.role.len(), author.specialty.len()), (1, 1));
}
