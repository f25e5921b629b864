use super::*;
use uuid::Uuid;

fn decision(id: u128, publisher: &str, decided: &str, cpr: &[&str]) -> Decision {
    Decision {
        id: EntryUuid::from_uuid(Uuid::from_u128(id)),
        publisher: publisher.to_owned(),
        decided: Dtm::parse(decided).ok(),
        cpr: cpr.iter().map(|code| (*code).to_owned()).collect(),
        review: None,
        registered: Dtm::parse("20260701").unwrap(),
    }
}

fn sorted(mut decisions: Vec<Decision>) -> Conflicts {
    decisions.sort_by_key(|decision| Reverse(decision.key()));
    Conflicts { decisions, judged: Vec::new() }
}

fn warnings(decisions: Vec<Decision>) -> Vec<String> {
    let today = Date::new(2026, 7, 15).unwrap();
    sorted(decisions).warnings(today).into_iter().map(|warning| warning.context).collect()
}

#[test]
fn decisions_that_disagree_are_said_newest_first_and_those_that_agree_are_not() {
    let old = decision(1, "RXN", "20260101", &[NOT_FOR_CPR]);
    let new = decision(2, "ZZH01", "20260701", &[FOR_CPR]);
    let said = warnings(vec![old.clone(), new.clone()]);
    let [said] = &said[..] else { panic!("{said:?}") };
    assert!(
        said.starts_with(
            "2 current CPR decisions disagree, newest first: for CPR (ZZH01, decided 2026-07-01"
        ),
        "{said}"
    );
    assert!(
        said.contains(
            "; not for CPR (RXN, decided 2026-01-01, urn:uuid:00000000-0000-0000-0000-000000000001)"
        ),
        "{said}"
    );
    let same = Decision { cpr: new.cpr.clone(), ..old.clone() };
    assert!(warnings(vec![same, new.clone()]).is_empty());
    assert!(warnings(vec![old]).is_empty(), "one decision disagrees with nobody");
    let silent = decision(3, "RXL", "20260501", &[]);
    let said = warnings(vec![silent.clone(), new]).remove(0);
    assert!(
        said.contains("1 of them does not say in a code") && said.contains("not stated (RXL"),
        "{said}"
    );
    let undated = Decision { decided: None, ..silent };
    let newest = sorted(vec![undated.clone(), decision(4, "RXN", "2019", &[])]);
    assert_eq!(newest.decisions[1], undated, "without a date it is behind all others");
}

#[test]
fn a_review_date_lapses_the_day_after_however_precise_it_is() {
    for (review, lapsed) in [
        ("20260714", true),
        ("20260715", false),
        ("202607151100", false),
        ("202607", false),
        ("202606", true),
        ("2026", false),
        ("2025", true),
    ] {
        let review_date = Dtm::parse(review).ok();
        let one = Decision { review: review_date, ..decision(1, "RXN", "20260101", &[FOR_CPR]) };
        let said = warnings(vec![one]);
        assert_eq!(!said.is_empty(), lapsed, "{review}: {said:?}");
        assert!(said.iter().all(|said| said.contains("review date") && said.contains("for CPR")));
    }
}
