use super::*;
use crate::region::{RegionFile, Wish};
use schemas::ods_code::OdsCode;

fn patient(text: &str) -> NhsNumber {
    NhsNumber::parse(text).unwrap()
}

fn by(ods: &str) -> RecordedBy {
    RecordedBy { organisation: OdsCode::parse(ods).unwrap(), person: "reception".to_owned() }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn said(number: &str, said: Said) -> NewStatement {
    NewStatement {
        patient: patient(number),
        said,
        starts: day("2026-07-10"),
        ends: None,
        by: by("ZZP01"),
        evidence: Evidence::Text("signed form".to_owned()),
    }
}

fn wish(wish: Wish) -> Said {
    Said::Wish { wish, document_type: None, publisher: None, consumer: None }
}

fn consent(given: bool) -> Said {
    Said::Consent { purpose: "research".to_owned(), given }
}

const NOW: &str = "2026-07-09T08:00:00Z";
const ONE: &str = "9990000018";
const OTHER: &str = "9990000026";

async fn store() -> (GatewayStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = GatewayStore::open(&folder.path().join("region.db")).await.unwrap();
    (store, folder)
}

#[tokio::test]
async fn what_was_said_holds_from_its_first_day_to_its_last() {
    let (store, _folder) = store().await;
    let ends = Some(day("2026-07-20"));
    let new = NewStatement { ends, ..said(ONE, wish(Wish::DoNotShare)) };
    store.keep_statements(vec![new], NOW.to_owned()).await.unwrap();
    for (today, holds) in
        [("2026-07-09", 0), ("2026-07-10", 1), ("2026-07-20", 1), ("2026-07-21", 0)]
    {
        let facts = store.patient_facts(patient(ONE), day(today)).await.unwrap();
        assert_eq!(facts.preferences.len(), holds, "{today}");
    }
    let facts = store.patient_facts(patient(OTHER), day("2026-07-10")).await.unwrap();
    assert!(facts.preferences.is_empty(), "another patient has said nothing");
}

#[tokio::test]
async fn a_statement_is_withdrawn_once_by_a_later_row_and_both_stay() {
    let (store, _folder) = store().await;
    let kept = store.keep_statements(vec![said(ONE, wish(Wish::DoNotShare))], NOW.to_owned()).await;
    let id = kept.unwrap()[0];
    let withdraw = |number| {
        let evidence = Evidence::Document("1.2.3".to_owned());
        store.withdraw_statement(patient(number), id, by("RXN"), evidence, NOW.to_owned())
    };
    assert_eq!(withdraw(OTHER).await.unwrap(), Withdrawn::Unknown, "of another patient");
    assert_eq!(withdraw(ONE).await.unwrap(), Withdrawn::Done);
    assert_eq!(withdraw(ONE).await.unwrap(), Withdrawn::Already);
    let facts = store.patient_facts(patient(ONE), day("2026-07-15")).await.unwrap();
    assert!(facts.preferences.is_empty());
    let [one] = &store.statements(patient(ONE)).await.unwrap()[..] else { panic!("one statement") };
    let withdrawn = one.withdrawn.as_ref().unwrap();
    assert_eq!((one.by.clone(), withdrawn.by.clone()), (by("ZZP01"), by("RXN")));
    assert_eq!(withdrawn.evidence, Evidence::Document("1.2.3".to_owned()));
}

#[tokio::test]
async fn rows_can_be_neither_changed_nor_removed() {
    let (store, folder) = store().await;
    store.keep_statements(vec![said(ONE, consent(true))], NOW.to_owned()).await.unwrap();
    let connection = Connection::open(folder.path().join("region.db")).unwrap();
    for sql in ["UPDATE statement SET body = '{}'", "DELETE FROM statement"] {
        assert!(connection.execute(sql, []).unwrap_err().to_string().contains("is never"), "{sql}");
    }
}

#[tokio::test]
async fn a_consent_that_was_refused_under_one_number_is_not_given_under_another() {
    let (store, folder) = store().await;
    let (given, refused) = (said(ONE, consent(true)), said(OTHER, consent(false)));
    store.keep_statements(vec![given, refused], NOW.to_owned()).await.unwrap();
    let connection = Connection::open(folder.path().join("region.db")).unwrap();
    let consents = |numbers: &[&str]| {
        let numbers: Vec<NhsNumber> = numbers.iter().map(|number| patient(number)).collect();
        let mut found = PatientFacts::default();
        facts(&connection, &numbers, day("2026-07-15"), &mut found).unwrap();
        found.consents
    };
    assert_eq!(consents(&[ONE]), ["research"]);
    assert!(consents(&[ONE, OTHER]).is_empty());
}

#[tokio::test]
async fn an_import_keeps_a_version_once_and_a_newer_version_takes_its_place() {
    let (store, _folder) = store().await;
    let import = |document: &str, version: &str, given| {
        let (document, version) = (document.to_owned(), version.to_owned());
        let ground = (by("ZZP01"), Evidence::Document("2.25.7".to_owned()));
        let new = vec![said(ONE, consent(given))];
        let source = Source { document, version };
        store.import_statements(source, patient(ONE), new, ground, NOW.to_owned())
    };
    let imported = |kept: &[i64], withdrawn: &[i64]| Imported {
        kept: kept.to_vec(),
        withdrawn: withdrawn.to_vec(),
    };
    assert_eq!(import("ZZP01|7", "a", true).await.unwrap(), imported(&[1], &[]));
    assert_eq!(import("ZZP01|7", "a", true).await.unwrap(), imported(&[], &[]), "the same again");
    assert_eq!(import("ZZP01|70", "a", true).await.unwrap(), imported(&[2], &[]), "another one");
    assert_eq!(import("ZZP01|7", "b", false).await.unwrap(), imported(&[4], &[1]));
    assert_eq!(import("ZZP01|7", "a", true).await.unwrap(), imported(&[6], &[4]), "as it was");
}

#[tokio::test]
async fn a_wish_of_an_applied_file_is_kept_once() {
    let (store, _folder) = store().await;
    let file = || -> RegionFile {
        toml::from_str("[[preference]]\npatient = \"9990000018\"\nwish = \"share\"\nconsumer = \"RX7\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n").unwrap()
    };
    let applied = [
        store.apply(file(), NOW.to_owned()).await.unwrap().preferences,
        store.apply(file(), NOW.to_owned()).await.unwrap().preferences,
    ];
    assert_eq!(applied, [1, 0]);
    let facts = store.patient_facts(patient(ONE), day("2026-07-15")).await.unwrap();
    assert_eq!(facts.preferences[0].wish, Wish::Share);
    assert_eq!(facts.preferences[0].recorded_on, day("2026-07-01"));
}

#[test]
fn wishes_of_the_first_form_are_taken_over() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../0001_region.sql")).unwrap();
    connection
        .execute_batch(
            "INSERT INTO preference VALUES (9990000018, 'group:letter', NULL, 'RX7', '2026-07-01', 'ZZP01')",
        )
        .unwrap();
    connection.execute_batch(include_str!("../0004_preference.sql")).unwrap();
    let [one] = &statements(&connection, patient(ONE)).unwrap()[..] else {
        panic!("one statement")
    };
    assert_eq!(one.said.words(), "do not share group:letter with RX7");
    assert_eq!((one.starts, one.by.organisation.as_str()), (day("2026-07-01"), "ZZP01"));
}
