//! What news does to relationships, day by day.

use super::*;
use schemas::unique_id::UniqueId;

fn ods(code: &str) -> OdsCode {
    OdsCode::parse(code).unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn patient() -> NhsNumber {
    NhsNumber::parse("9990000018").unwrap()
}

fn terms(today: &str) -> Terms {
    Terms {
        policy: Policy::default(),
        today: date(today),
        not_practices: [ods("RXN")].into(),
        referrals: ["1.2.9".to_owned()].into(),
    }
}

/// One patient's rows over successive days, as the store would keep them.
struct Story {
    rows: Vec<Kept>,
    death: Option<Death>,
}

impl Story {
    fn new() -> Self {
        Self { rows: Vec::new(), death: None }
    }

    fn hears(&mut self, today: &str, by: &str, news: News) -> Vec<String> {
        let told = Told {
            id: uuid::Uuid::nil(),
            patient: PatientId::Nhs(patient()),
            at: Dtm::parse("20260715").unwrap(),
            source: "ITI-8".to_owned(),
            by: Some(ods(by)),
            news: vec![news],
        };
        let terms = terms(today);
        self.works(|desk| {
            desk.hear("ITI-8", by, "");
            desk.take(&told, &terms);
        })
    }

    fn works(&mut self, work: impl FnOnce(&mut Desk)) -> Vec<String> {
        let mut desk = Desk::new(patient(), self.rows.clone(), self.death.clone());
        work(&mut desk);
        self.rows = desk.rows().to_vec();
        self.death.clone_from(&desk.death);
        desk.written().filter_map(|(_, what)| Some(what?.text())).collect()
    }

    fn sees(&self, who: &str, day: &str) -> bool {
        self.rows.iter().any(|row| row.ods == ods(who) && row.is_current(date(day)))
    }
}

fn visit(step: EncounterStep, number: Option<&str>) -> News {
    News::Encounter(Encounter { step, visit: number.map(str::to_owned), at: None })
}

fn died(on: &str) -> News {
    News::Vital(Vital::Died(Some(Dtm::parse(on).unwrap())))
}

#[test]
fn a_practice_that_loses_a_patient_keeps_a_short_tail() {
    let mut story = Story::new();
    assert_eq!(story.hears("2026-01-01", "QE1", News::Registered(ods("ZZP01"))), ["started"]);
    let nothing = story.hears("2026-02-01", "QE1", News::Registered(ods("ZZP01")));
    assert_eq!(nothing, Vec::<String>::new(), "the same again is evidence and no change");
    assert_eq!(story.rows[0].evidence_on, date("2026-02-01"));
    let said = story.hears("2026-07-01", "QE1", News::Registered(ods("ZZP02")));
    assert_eq!(said, ["over: left", "started"]);
    assert!(story.sees("ZZP01", "2026-07-29") && !story.sees("ZZP01", "2026-07-30"));
    assert!(story.sees("ZZP02", "2030-01-01"));
    assert_eq!(story.rows[0].state(date("2026-07-15")), "tail");
    story.hears("2026-07-10", "QE1", News::Registered(ods("ZZP01")));
    assert!(story.sees("ZZP01", "2030-01-01") && !story.sees("ZZP02", "2026-08-08"));
}

#[test]
fn a_code_that_is_no_practice_has_no_list() {
    let mut story = Story::new();
    story.hears("2026-01-01", "QE1", News::Registered(ods("RXN")));
    assert!(story.rows.is_empty());
}

#[test]
fn an_older_registration_on_a_list_does_not_take_a_patient_back() {
    let mut story = Story::new();
    story.hears("2026-06-01", "QE1", News::Registered(ods("ZZP02")));
    for expected in [vec!["over: left".to_owned()], Vec::new()] {
        let said = story.works(|desk| {
            let terms = terms("2026-06-10");
            desk.registered(&ods("ZZP01"), Some(date("2020-01-01")), None, &terms);
        });
        assert_eq!(said, expected, "the list is read again and nothing changes");
    }
    assert!(story.sees("ZZP02", "2026-12-01") && !story.sees("ZZP01", "2026-12-01"));
    assert!(story.sees("ZZP01", "2026-06-10"), "its tail runs from the newer registration");
}

#[test]
fn an_admission_opens_and_a_discharge_closes_after_the_tail() {
    let mut story = Story::new();
    assert_eq!(story.hears("2026-07-01", "RXN", visit(EncounterStep::Begins, None)), ["started"]);
    assert!(story.sees("RXN", "2026-07-01") && !story.sees("RX7", "2026-07-01"));
    assert!(story.hears("2026-07-02", "RXN", visit(EncounterStep::GoesOn, Some("V1"))).is_empty());
    let ended = story.hears("2026-07-03", "RXN", visit(EncounterStep::Ends, Some("V1")));
    assert_eq!(ended, ["over: discharged"]);
    assert!(story.sees("RXN", "2026-07-10") && !story.sees("RXN", "2026-07-11"));
    let late = story.hears("2026-07-05", "RXN", visit(EncounterStep::GoesOn, None));
    assert!(late.is_empty(), "what changes after a discharge belongs to the visit that is over");
    let again = story.hears("2026-07-05", "RXN", visit(EncounterStep::EndCancelled, None));
    assert_eq!(again, ["stands again"]);
    assert!(story.sees("RXN", "2026-09-01"));
}

#[test]
fn a_cancelled_admission_never_was() {
    let mut story = Story::new();
    story.hears("2026-07-01", "RXN", visit(EncounterStep::Begins, Some("V1")));
    story.hears("2026-07-01", "RXN", visit(EncounterStep::Begins, Some("V2")));
    story.hears("2026-07-02", "RXN", visit(EncounterStep::Cancelled, Some("V1")));
    assert!(story.sees("RXN", "2026-07-02"), "the other visit stands");
    story.hears("2026-07-02", "RXN", visit(EncounterStep::Cancelled, Some("V2")));
    assert!(!story.sees("RXN", "2026-07-01") && !story.sees("RXN", "2026-07-02"));
}

#[test]
fn a_visit_without_a_word_for_long_is_over() {
    let mut story = Story::new();
    story.hears("2026-01-01", "RXN", visit(EncounterStep::Begins, None));
    assert!(story.sees("RXN", "2026-04-01") && !story.sees("RXN", "2026-04-02"));
}

#[test]
fn whom_a_document_is_addressed_to_may_look_for_a_while() {
    let addressed = |id: &str| {
        News::Addressed(Addressed {
            unique_id: UniqueId::parse(id).unwrap(),
            type_code: String::new(),
            practice_setting: String::new(),
            recipients: vec![ods("RX7")],
        })
    };
    let mut story = Story::new();
    story.hears("2026-01-01", "RXN", addressed("1.2.3"));
    story.hears("2026-01-01", "RXN", addressed("1.2.9"));
    let kinds: Vec<&str> = story.rows.iter().map(|row| row.kind.name()).collect();
    assert_eq!(kinds, ["recipient", "referral"]);
    assert!(story.sees("RX7", "2026-06-30") && !story.sees("RX7", "2026-07-01"));
    let back = News::TakenBack(UniqueId::parse("1.2.9").unwrap());
    assert_eq!(story.hears("2026-01-02", "RXN", back), ["over: cancelled"]);
    assert!(story.sees("RX7", "2026-04-01") && !story.sees("RX7", "2026-04-02"));
}

#[test]
fn death_ends_relationships_and_only_who_said_it_takes_it_back() {
    let mut story = Story::new();
    story.hears("2026-01-01", "QE1", News::Registered(ods("ZZP01")));
    story.hears("2026-07-01", "RXN", visit(EncounterStep::Begins, None));
    let said = story.hears("2026-07-05", "RXN", died("20260704"));
    assert_eq!(said, ["over: died", "over: died"]);
    assert!(!story.sees("ZZP01", "2026-07-05") && !story.sees("RXN", "2026-07-05"));
    assert_eq!(story.death, Some(Death { on: date("2026-07-04"), by: "RXN".to_owned() }));
    assert!(story.hears("2026-07-06", "QE1", News::Vital(Vital::Lives)).is_empty());
    assert!(story.death.is_some());
    let back = story.hears("2026-07-06", "RXN", News::Vital(Vital::Lives));
    assert_eq!(back, ["stands again", "stands again"]);
    assert!(story.sees("ZZP01", "2030-01-01") && story.sees("RXN", "2026-07-06"));
    assert_eq!(story.death, None);
}

#[test]
fn a_day_that_has_not_come_is_today() {
    let at = |text: &str| named(Some(&Dtm::parse(text).unwrap()), date("2026-07-15"));
    assert_eq!(at("20260701"), date("2026-07-01"));
    assert_eq!(at("20270101"), date("2026-07-15"));
    assert_eq!(at("2026"), date("2026-07-15"));
    assert_eq!(named(None, date("2026-07-15")), date("2026-07-15"));
}
