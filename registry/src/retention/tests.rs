use super::*;
use proptest::prelude::*;
use schemas::code_set::CodeSets;
use std::sync::LazyLock;

static CODE_SETS: LazyLock<CodeSets> =
    LazyLock::new(|| toml::from_str(include_str!("../../../fixtures/code_sets.toml")).unwrap());
const TABLE: &str = include_str!("../../../fixtures/retention.toml");

static SCHEDULE: LazyLock<RetentionTable> =
    LazyLock::new(|| RetentionTable::read(TABLE, &CODE_SETS).unwrap());

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn letter() -> Subject {
    Subject {
        entry_uuid: EntryUuid::from_uuid(uuid::Uuid::nil()),
        patients: vec![9_990_000_018],
        unique_id: "1.2.3".to_owned(),
        repository_unique_id: "1.2".to_owned(),
        hash: String::new(),
        publisher_ods: OdsCode::parse("RXN").ok(),
        type_code: "823681000000100".to_owned(),
        practice_setting: "394579002".to_owned(),
        class_code: None,
        last_contact: day("2010-06-15"),
        birth_date: Some(day("1950-03-09")),
        death_date: None,
    }
}

fn of_setting(code: &str) -> Subject {
    Subject { practice_setting: code.to_owned(), ..letter() }
}

fn until(subject: &Subject) -> (String, String) {
    let retention = retained_until(subject, &SCHEDULE);
    let until = retention.until.map_or("no end".to_owned(), |until| until.to_string());
    (retention.rule, until)
}

fn is(rule: &str, until: &str) -> (String, String) {
    (rule.to_owned(), until.to_owned())
}

#[test]
fn an_adults_letter_is_kept_for_eight_years_after_the_last_contact() {
    assert_eq!(until(&letter()), is("adult", "2018-06-15"));
}

#[test]
fn a_childs_is_kept_until_the_twenty_fifth_birthday_or_the_twenty_sixth() {
    let born = |birth| until(&Subject { birth_date: Some(day(birth)), ..letter() });
    assert_eq!(born("2008-01-02"), is("adult", "2033-01-02"));
    assert_eq!(born("1993-01-02"), is("adult", "2019-01-02"), "17 at the last contact");
    assert_eq!(born("1992-06-15"), is("adult", "2018-06-15"), "18 on the day");
    assert_eq!(born("2008-02-29"), is("adult", "2033-03-01"));
    let died = Subject {
        birth_date: Some(day("2008-01-02")),
        death_date: Some(day("2010-07-01")),
        ..letter()
    };
    assert_eq!(until(&died), is("adult", "2018-07-01"));
}

#[test]
fn without_a_birth_date_the_longer_period_counts_and_says_so() {
    let unknown = Subject { birth_date: None, ..letter() };
    let retention = retained_until(&unknown, &SCHEDULE);
    assert_eq!(retention.until, Some(day("2035-06-15")));
    assert!(retention.because.contains("no birth date"));
}

#[test]
fn maternity_mental_health_and_cancer_have_periods_of_their_own() {
    assert_eq!(until(&of_setting("714088003")), is("maternity", "2035-06-15"));
    assert_eq!(until(&of_setting("708168004")), is("mental-health", "2030-06-15"));
    assert_eq!(until(&of_setting("310022001")), is("cancer", "2040-06-15"));
    let died = |setting| Subject { death_date: Some(day("2011-01-01")), ..of_setting(setting) };
    assert_eq!(until(&died("708168004")), is("mental-health", "2021-01-01"));
    assert_eq!(until(&died("714088003")), is("maternity", "2035-06-15"));
}

#[test]
fn a_document_type_that_shares_its_code_is_told_by_its_setting() {
    let discharge = |setting| Subject { type_code: "373942005".to_owned(), ..of_setting(setting) };
    assert_eq!(until(&discharge("309944008")).0, "adult");
    assert_eq!(until(&discharge("892811000000109")).0, "mental-health");
}

#[test]
fn a_gp_record_is_kept_for_ten_years_after_death_and_without_end_before() {
    let record = of_setting("1060971000000108");
    assert_eq!(until(&record), is("gp-record", "no end"));
    let died = Subject { death_date: Some(day("2015-02-01")), ..record };
    assert_eq!(until(&died), is("gp-record", "2025-02-01"));
}

#[test]
fn the_longest_of_the_rules_that_fit_counts() {
    let both = Subject { type_code: "736253002".to_owned(), ..of_setting("714088003") };
    assert_eq!(until(&both).0, "maternity");
}

#[test]
fn a_table_that_is_wrong_is_refused_with_every_problem() {
    let wrong = TABLE
        .replace("default = true\n", "")
        .replace("\"714088003\"", "\"1\"")
        .replace("\"maternity-discharge\"", "\"maternal\"")
        .replace("years = 30", "years = 0")
        .replace("name = \"cancer\"", "name = \"adult\"");
    let problems = RetentionTable::read(&wrong, &CODE_SETS).unwrap_err().join("\n");
    for words in [
        "0 rules have default = true",
        "no practiceSettingCode \"1\"",
        "no document type \"maternal\"",
        "years is 0",
        "rule \"adult\": the name is empty or not its own",
        "and not both",
    ] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
    assert!(RetentionTable::read("version = 1", &CODE_SETS).is_err());
}

fn hold(scope: Scope) -> Hold {
    Hold {
        name: "H-1".to_owned(),
        kind: HoldKind::Legal,
        scope,
        reason: "a claim".to_owned(),
        placed_by: "IG lead".to_owned(),
        placed_at: "20260101000000".to_owned(),
        review_on: day("2027-01-01"),
        lifted: None,
    }
}

fn approval(purpose: Purpose) -> Approval {
    Approval {
        id: 7,
        purpose,
        controller: OdsCode::parse("RXN").unwrap(),
        approved_by: "Caldicott Guardian".to_owned(),
        reason: "wrong patient".to_owned(),
        placed_at: "20260101000000".to_owned(),
        valid_until: day("2026-12-31"),
        documents: vec!["1.2.3".to_owned()],
    }
}

fn decided(
    subject: &Subject,
    holds: &[Hold],
    approvals: &[Approval],
    purpose: Purpose,
    policy: RemovalPolicy,
    today: &str,
) -> Result<Permit, NotRemovable> {
    let retention = retained_until(subject, &SCHEDULE);
    let today = day(today);
    may_destroy(&Asked { subject, retention: &retention, holds, approvals, purpose, policy, today })
}

#[test]
fn a_correction_within_the_period_needs_the_controllers_approval() {
    let young = Subject { last_contact: day("2026-01-01"), ..letter() };
    let asked = |approvals: &[Approval], policy, today| {
        decided(&young, &[], approvals, Purpose::Correction, policy, today)
    };
    let approved = [approval(Purpose::Correction)];
    let strict = RemovalPolicy::Approved;
    let Err(refused) = asked(&[], strict, "2026-07-15") else { panic!("it is kept") };
    assert!(refused.reason().contains("until 2034-01-01 by the rule \"adult\""));
    assert!(refused.reason().contains("watling retention approve"));
    assert_eq!(asked(&approved, strict, "2026-07-15"), Ok(Permit::Approved(7)));
    assert!(asked(&approved, strict, "2027-01-01").is_err(), "the approval is over");
    assert!(asked(&[approval(Purpose::Destruction)], strict, "2026-07-15").is_err());
    let of_another = Approval { controller: OdsCode::parse("RXR").unwrap(), ..approved[0].clone() };
    assert!(asked(&[of_another], strict, "2026-07-15").is_err());
    let of_others = Approval { documents: vec!["9".to_owned()], ..approved[0].clone() };
    assert!(asked(&[of_others], strict, "2026-07-15").is_err());
    assert_eq!(asked(&[], RemovalPolicy::Publisher, "2026-07-15"), Ok(Permit::PublishersWord));
    assert_eq!(asked(&[], strict, "2034-01-01"), Ok(Permit::PeriodPassed));
}

#[test]
fn a_destruction_needs_both_the_end_of_the_period_and_an_approval() {
    let asked = |subject: &Subject, approvals: &[Approval]| {
        let policy = RemovalPolicy::Publisher;
        decided(subject, &[], approvals, Purpose::Destruction, policy, "2026-07-15")
    };
    let approved = [approval(Purpose::Destruction)];
    assert_eq!(asked(&letter(), &approved), Ok(Permit::Approved(7)));
    assert!(matches!(asked(&letter(), &[]), Err(NotRemovable::NotApproved(_))));
    let young = Subject { last_contact: day("2026-01-01"), ..letter() };
    assert!(matches!(asked(&young, &approved), Err(NotRemovable::WithinPeriod(_))));
}

fn any_day() -> impl Strategy<Value = Date> {
    (1900i16..2100, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

fn any_subject() -> impl Strategy<Value = Subject> {
    let settings = SCHEDULE.rules().len();
    let settings = prop::sample::select(vec![
        "394579002",
        "714088003",
        "708168004",
        "310022001",
        "1060971000000108",
    ])
    .prop_filter("rules", move |_| settings > 0);
    let dates = (any_day(), prop::option::of(any_day()), prop::option::of(any_day()));
    (settings, dates, 0u8..2).prop_map(|(setting, (last, birth, death), type_code)| Subject {
        last_contact: last,
        birth_date: birth,
        death_date: death,
        type_code: ["823681000000100", "736253002"][type_code as usize].to_owned(),
        ..of_setting(setting)
    })
}

/// Scopes that cover the letter.
fn any_scope() -> impl Strategy<Value = Scope> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(patient, publisher, document)| Scope {
        patient: patient.then_some(9_990_000_018),
        publisher: publisher.then(|| OdsCode::parse("RXN").unwrap()),
        type_code: None,
        document: document.then(|| "1.2.3".to_owned()),
    })
}

proptest! {
    #[test]
    fn nothing_that_may_go_is_left_out_of_the_candidates(subject in any_subject(), today in any_day()) {
        let retention = retained_until(&subject, &SCHEDULE);
        if retention.has_passed(today) {
            prop_assert!(subject.last_contact <= candidates_before(&SCHEDULE, today));
        }
    }

    #[test]
    fn less_knowledge_never_shortens_a_period(subject in any_subject()) {
        let forgotten = Subject { birth_date: None, death_date: None, ..subject.clone() };
        let known = retained_until(&subject, &SCHEDULE).until;
        let unknown = retained_until(&forgotten, &SCHEDULE).until;
        let plausible = subject.birth_date.is_none_or(|birth| birth <= subject.last_contact);
        if let (Some(known), Some(unknown), true) = (known, unknown, plausible) {
            prop_assert!(unknown >= known, "{known} {unknown}");
        }
    }

    #[test]
    fn a_hold_beats_everything(
        subject in any_subject(),
        scope in any_scope(),
        today in any_day(),
        destroys in any::<bool>(),
        strict in any::<bool>(),
    ) {
        let purpose = if destroys { Purpose::Destruction } else { Purpose::Correction };
        let policy = if strict { RemovalPolicy::Approved } else { RemovalPolicy::Publisher };
        let retention = retained_until(&subject, &SCHEDULE);
        let approvals = [Approval { valid_until: Date::MAX, ..approval(purpose) }];
        let holds = [hold(scope)];
        let asked = Asked {
            subject: &subject, retention: &retention, holds: &holds, approvals: &approvals, purpose, policy, today,
        };
        prop_assert_eq!(may_destroy(&asked), Err(NotRemovable::Held("H-1".to_owned())));
        let lifted = Lifted { by: String::new(), at: String::new(), reason: String::new() };
        let holds = [Hold { lifted: Some(lifted), ..holds[0].clone() }];
        let held = may_destroy(&Asked { holds: &holds, ..asked });
        prop_assert!(!matches!(held, Err(NotRemovable::Held(_))));
    }

    #[test]
    fn a_destruction_is_never_before_its_time(subject in any_subject(), today in any_day()) {
        let retention = retained_until(&subject, &SCHEDULE);
        let approvals = [Approval { valid_until: Date::MAX, ..approval(Purpose::Destruction) }];
        let decided = may_destroy(&Asked {
            subject: &subject, retention: &retention, holds: &[], approvals: &approvals,
            purpose: Purpose::Destruction, policy: RemovalPolicy::Publisher, today,
        });
        prop_assert_eq!(decided.is_ok(), retention.until.is_some_and(|until| until <= today));
    }

    #[test]
    fn a_hold_covers_what_fits_all_of_its_scope(subject in any_subject()) {
        let other = Scope { patient: Some(1), publisher: subject.publisher_ods.clone(), ..Scope::default() };
        prop_assert!(!other.covers(&subject));
        prop_assert!(Scope::default().covers(&subject));
    }
}
