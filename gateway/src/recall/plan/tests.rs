use super::*;
use schemas::dtm::Dtm;
use schemas::hl7::PatientId;
use schemas::recall::WithdrawnDocument;

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

fn withdrawn(reason: Reason) -> Withdrawn {
    Withdrawn {
        id: Uuid::from_u128(1),
        reason,
        patient_id: PatientId::parse("9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO").unwrap(),
        at: Dtm::parse("20260715120000").unwrap(),
        by: ods("RXN"),
        system: None,
        documents: vec![WithdrawnDocument {
            unique_id: UniqueId::parse("1.2.3").unwrap(),
            entry_uuid: None,
            type_code: "373942005".to_owned(),
            practice_setting: String::new(),
            publisher_ods: Some(ods("RXN")),
            creation_time: None,
            replaced_by: None,
            recipients: vec![ods("ZZP02")],
        }],
    }
}

fn reading(seq: i64, organisation: &str, kind: ReadingKind) -> Reading {
    Reading {
        seq,
        at: format!("2026-07-15T12:00:{seq:02}.000Z"),
        kind,
        unique_id: "1.2.3".to_owned(),
        entry_uuid: String::new(),
        organisation: organisation.to_owned(),
        certificate_organisation: organisation.to_owned(),
        system: "s".to_owned(),
        role: None,
        purpose: None,
        correlation_id: None,
    }
}

fn states(reason: Reason, policy: &Policy) -> Vec<(String, State)> {
    let readings = [
        reading(1, "ZZP01", ReadingKind::Listed),
        reading(2, "RX7", ReadingKind::Listed),
        reading(3, "RX7", ReadingKind::Retrieved),
        reading(4, "RX7", ReadingKind::Retrieved),
        reading(5, "RXN", ReadingKind::Retrieved),
    ];
    let affected = plan(&withdrawn(reason), &readings, &Told::new(), policy);
    affected.iter().map(|one| (one.organisation.to_string(), one.state)).collect()
}

#[test]
fn a_wrong_patient_is_told_to_everyone_and_a_correction_to_those_who_have_a_copy() {
    let named = |expected: [(&str, State); 4]| {
        expected.map(|(organisation, state)| (organisation.to_owned(), state)).to_vec()
    };
    let policy = Policy::default();
    let (own, report, waiting) = (State::Own, State::ReportOnly, State::Waiting);
    let everyone = [("RX7", waiting), ("RXN", own), ("ZZP01", waiting), ("ZZP02", waiting)];
    assert_eq!(states(Reason::WrongPatient, &policy), named(everyone));
    let copies = [("RX7", waiting), ("RXN", own), ("ZZP01", report), ("ZZP02", waiting)];
    for reason in [Reason::Corrected, Reason::MetadataUpdated, Reason::Deprecated, Reason::Removed]
    {
        assert_eq!(states(reason, &policy), named(copies), "{reason:?}");
    }
    let quiet = Policy { corrected: Telling::Report, ..Policy::default() };
    let nobody = [("RX7", report), ("RXN", own), ("ZZP01", report), ("ZZP02", report)];
    assert_eq!(states(Reason::Corrected, &quiet), named(nobody));
    assert_eq!(states(Reason::WrongPatient, &quiet), named(everyone), "that is never left out");
}

#[test]
fn an_organisation_stands_once_with_how_often_and_when_it_read() {
    let readings = [
        reading(2, "RX7", ReadingKind::Listed),
        reading(3, "RX7", ReadingKind::Retrieved),
        reading(9, "RX7", ReadingKind::Retrieved),
    ];
    let policy = Policy::default();
    let affected = plan(&withdrawn(Reason::Corrected), &readings, &Told::new(), &policy);
    let [one, _addressed] = &affected[..] else { panic!("{affected:?}") };
    assert_eq!((one.listed, one.retrieved, one.addressed), (1, 2, false));
    let between = (one.first_at.as_deref(), one.last_at.as_deref());
    assert_eq!(between, (Some("2026-07-15T12:00:02.000Z"), Some("2026-07-15T12:00:09.000Z")));
}

#[test]
fn bytes_and_entry_of_one_document_removed_one_after_the_other_are_told_once() {
    let told = Told::from([(ods("RX7"), UniqueId::parse("1.2.3").unwrap())]);
    let readings = [reading(3, "RX7", ReadingKind::Retrieved)];
    let state = |reason| plan(&withdrawn(reason), &readings, &told, &Policy::default())[0].state;
    assert_eq!(state(Reason::Removed), State::ToldBefore);
    assert_eq!(state(Reason::MetadataUpdated), State::Waiting, "each change is another");
}

#[test]
fn a_reading_that_came_later_makes_a_notice_of_what_was_only_listed() {
    let policy = Policy::default();
    let of = |readings: &[Reading]| {
        plan(&withdrawn(Reason::Corrected), readings, &Told::new(), &policy).remove(0)
    };
    let mut known = of(&[reading(1, "RX7", ReadingKind::Listed)]);
    assert_eq!(known.state, State::ReportOnly);
    merge(&mut known, &of(&[reading(2, "RX7", ReadingKind::Retrieved)]));
    assert_eq!((known.listed, known.retrieved, known.state), (1, 1, State::Waiting));
    known.state = State::Acknowledged;
    merge(&mut known, &of(&[reading(3, "RX7", ReadingKind::Retrieved)]));
    assert_eq!(known.state, State::Acknowledged);
}
