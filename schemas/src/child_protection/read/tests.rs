use super::*;
use crate::child_protection::OBSERVATION_TYPE;
use proptest::prelude::*;

const ACTIVE: &str = include_str!("../../../../fixtures/documents/child-protection.xml");

fn read(text: &str) -> Result<Flag, FlagError> {
    Flag::read(text.as_bytes(), &Limits::default())
}

#[test]
fn a_flag_says_plan_dates_council_and_whom_to_ring() {
    let flag = read(ACTIVE).unwrap();
    assert_eq!(
        (flag.kind, flag.status, flag.version),
        (PlanKind::ChildProtection, PlanStatus::Active, 1)
    );
    assert_eq!((flag.start.to_string().as_str(), flag.end), ("2026-03-10", None));
    assert_eq!((flag.council.as_str(), flag.telephone.is_empty()), ("324", false));
    assert_eq!(flag.header.patient.nhs_number(), Some((flag.subject.nhs_number.as_str(), true)));
    assert_eq!(flag.kind.event(flag.status), "CPPSD");
    assert_eq!(OBSERVATION_TYPE, "2.16.840.1.113883.2.1.3.2.4.17.469");
}

#[test]
fn the_title_says_how_a_plan_ended() {
    let ended = ACTIVE.replace("status=\"active\"", "status=\"ended\"");
    let ended = ended.replace("</start>", "</start><end>2026-07-01</end>");
    assert_eq!(read(&ended).unwrap().title(), "Child protection plan (ended 1 Jul 2026)");
}

#[test]
fn what_a_flag_must_hold() {
    let without = |start: &str, end: &str| {
        let from = ACTIVE.find(start).unwrap();
        let to = from + ACTIVE[from..].find(end).unwrap() + end.len();
        format!("{}{}", &ACTIVE[..from], &ACTIVE[to..])
    };
    for (text, words) in [
        (without("<id>", "</id>"), "id is required"),
        (without("<nhsNumber>", "</nhsNumber>"), "subject/nhsNumber is required"),
        (without("<start>", "</start>"), "plan/start is required"),
        (without("<telephone>", "</telephone>"), "council/telephone is required"),
        (without("<plan", "</plan>"), "plan is required"),
        (ACTIVE.replace("<id>", "<id>x"), "id is not a UUID"),
        (ACTIVE.replace("CPPI", "CPP"), "plan/@type is CPPI, LACI or UCPI"),
        (ACTIVE.replace("\"active\"", "\"over\""), "plan/@status is active, ended or deleted"),
        (ACTIVE.replace("\"active\"", "\"ended\""), "plan/end goes with"),
        (ACTIVE.replace("</start>", "</start><end>2026-04-01</end>"), "plan/end goes with"),
        (ACTIVE.replace("2026-03-10", "10 March"), "plan/start is a date, YYYY-MM-DD"),
        (
            ACTIVE.replace("<versionNumber>1", "<versionNumber>0"),
            "versionNumber is a number from 1",
        ),
        (ACTIVE.replace("ods=\"324\"", "ods=\"\""), "council/@ods"),
        (
            ACTIVE.replace("</council>", "</council><council ods=\"324\"/>"),
            "council stands more than once",
        ),
        (ACTIVE.replace("ChildProtectionFlag", "Flag"), "is no ChildProtectionFlag"),
    ] {
        let said = read(&text).unwrap_err().to_string();
        assert!(said.contains(words), "{words:?}: {said}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        kind in 0usize..3, status in 0usize..3, days in 0i32..900, version in 1u32..50,
        family in "[A-Za-z'&<\" -]{1,20}[a-z]", telephone in "[0-9 ]{5,12}[0-9]", id in any::<u128>(),
        out_of_hours in proptest::option::of("[0-9]{5,12}"),
    ) {
        let mut flag = read(ACTIVE).unwrap();
        flag.kind = PlanKind::ALL[kind];
        flag.status = PlanStatus::ALL[status];
        flag.end = (flag.status != PlanStatus::Active)
            .then(|| flag.start.saturating_add(jiff::Span::new().days(days)));
        flag.version = version;
        flag.subject.family = family.trim().to_owned();
        flag.telephone = telephone.trim().to_owned();
        flag.out_of_hours = out_of_hours;
        flag.id = Uuid::from_u128(id);
        let again = read(&flag.write()).unwrap();
        prop_assert_eq!(again.write(), flag.write());
        prop_assert_eq!((again.kind, again.status, again.end), (flag.kind, flag.status, flag.end));
        prop_assert_eq!(again.subject, flag.subject);
    }

    #[test]
    fn reading_anything_never_panics(text in "[<>/a-zA-Z=\" ]{0,120}") {
        let _ = read(&text);
        let _ = read(&ACTIVE.replacen("active", &text, 1));
    }
}
