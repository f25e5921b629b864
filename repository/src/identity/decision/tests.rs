//! Every claim with every answer; every constellation of earlier documents.

use super::*;
use schemas::sensitivity::Sensitivity;

const NUMBER: &str = "9990000018";

fn number(text: &str) -> NhsNumber {
    NhsNumber::parse(text).unwrap()
}

/// `family, given, birth date, sex`; an empty part is not said.
fn person(text: &str) -> Demographics {
    let part = |n: usize| text.split(", ").nth(n).unwrap_or_default();
    let mut lines = Vec::new();
    if !part(0).is_empty() {
        lines.push(format!("PID-5|{}^{}", part(0), part(1)));
    }
    lines.push(format!("PID-7|{}", part(2)));
    lines.push(format!("PID-8|{}", part(3)));
    Demographics::of_source_patient_info(&lines)
}

fn haworth() -> Demographics {
    person("Haworth, Marjorie, 19480309, F")
}

fn given(verified: bool) -> Claim {
    Claim { number: Ok((number(NUMBER), verified)), person: haworth() }
}

fn without_number(reason: Reason) -> Claim {
    Claim { number: Err(reason), person: haworth() }
}

fn traced(person: Demographics) -> Traced {
    Traced {
        number: number(NUMBER),
        superseded_from: None,
        sensitivity: Some(Sensitivity::Unrestricted),
        demographics: person,
        compared: false,
    }
}

fn verified_as(person: Demographics) -> TraceOutcome {
    TraceOutcome::Verified(Box::new(traced(person)))
}

fn why<T>(result: Result<T, Doubt>) -> Reason {
    let doubt = result.err().expect("a doubt");
    for value in ["haworth", "marjorie", "1948", "999000", "threlfall"] {
        assert!(!doubt.to_string().to_lowercase().contains(value), "{doubt}");
    }
    doubt.reason
}

#[test]
fn who_is_asked_depends_on_the_claim_and_on_the_configuration() {
    use Question::{Find, Nothing, Verify};
    let own = number(NUMBER);
    let missing = without_number(Reason::NoNhsNumber);
    let unverified = Some(When::Unverified);
    for (claim, when, expected) in [
        (given(true), None, Nothing(own)),
        (given(true), unverified, Nothing(own)),
        (given(true), Some(When::Always), Verify(own)),
        (given(false), unverified, Verify(own)),
        (given(false), Some(When::Always), Verify(own)),
        (missing.clone(), unverified, Find),
        (without_number(Reason::CheckDigit), unverified, Find),
    ] {
        assert_eq!(question(&claim, when), Ok(expected));
    }
    let nobody = Claim { person: Demographics::default(), ..missing.clone() };
    for (claim, when, expected) in [
        (given(false), None, Reason::Untraced),
        (missing, None, Reason::NoNhsNumber),
        (nobody, unverified, Reason::NoNhsNumber),
        (without_number(Reason::Malformed), None, Reason::Malformed),
        (without_number(Reason::CheckDigit), None, Reason::CheckDigit),
        (without_number(Reason::RepeatedDigit), None, Reason::RepeatedDigit),
    ] {
        assert_eq!(why(question(&claim, when)), expected);
    }
}

#[test]
fn every_answer_of_a_trace_has_its_doubt() {
    for (outcome, expected) in [
        (TraceOutcome::NoMatch, Reason::NotFound),
        (TraceOutcome::Several, Reason::Ambiguous),
        (TraceOutcome::Mismatch, Reason::DemographicsMismatch),
        (TraceOutcome::Invalidated, Reason::Invalidated),
        (TraceOutcome::NotEnough, Reason::Incomplete),
        (TraceOutcome::Unavailable(Unavailable::Retry), Reason::TraceUnavailable),
        (TraceOutcome::Unavailable(Unavailable::Refused), Reason::TraceFault),
        (TraceOutcome::Unavailable(Unavailable::Unreadable), Reason::TraceFault),
        (verified_as(person("Threlfall, Marjorie, 19480309, F")), Reason::DemographicsMismatch),
        (verified_as(person("Haworth, Alan, 19480309, F")), Reason::DemographicsMismatch),
        (verified_as(person("Haworth, Marjorie, 19480310, F")), Reason::DemographicsMismatch),
        (verified_as(person("Haworth, Marjorie, 19480903, F")), Reason::BirthDateTransposed),
        (verified_as(person("Threlfall, Alan, 19480903, F")), Reason::DemographicsMismatch),
        (verified_as(Demographics::default()), Reason::Withheld),
    ] {
        assert_eq!(why(answered(&given(false), outcome)), expected);
    }
}

#[test]
fn a_number_that_its_sender_traced_stands_by_that_where_the_trace_does_not_answer() {
    for outcome in [
        TraceOutcome::Unavailable(Unavailable::Retry),
        TraceOutcome::NotEnough,
        verified_as(Demographics::default()),
    ] {
        let identified = answered(&given(true), outcome).unwrap();
        assert_eq!(identified.notes, [Note::NotConfirmed]);
    }
    assert_eq!(why(answered(&given(true), TraceOutcome::NoMatch)), Reason::NotFound);
    assert_eq!(why(answered(&given(true), TraceOutcome::Mismatch)), Reason::DemographicsMismatch);
}

#[test]
fn a_verified_number_needs_no_demographics_and_an_unverified_one_does() {
    let mut bare = given(true);
    bare.person = Demographics::default();
    assert!(answered(&bare, verified_as(haworth())).is_ok());
    let mut unverified = given(false);
    unverified.person = person("Haworth, Marjorie, , F");
    assert_eq!(why(answered(&unverified, verified_as(haworth()))), Reason::Incomplete);
}

#[test]
fn the_service_that_compared_need_not_tell_demographics() {
    let compared = Traced { compared: true, ..traced(Demographics::default()) };
    let outcome = TraceOutcome::Verified(Box::new(compared));
    assert_eq!(answered(&given(false), outcome).unwrap().notes, []);
}

#[test]
fn a_number_that_was_found_or_has_taken_another_ones_place_says_so() {
    let found = answered(&without_number(Reason::NoNhsNumber), verified_as(haworth())).unwrap();
    assert_eq!((found.number, found.notes), (number(NUMBER), vec![Note::FoundByTrace]));
    let mut moved = traced(haworth());
    moved.number = number("9990000026");
    moved.superseded_from = Some(number(NUMBER));
    let moved = answered(&given(true), TraceOutcome::Verified(Box::new(moved))).unwrap();
    assert_eq!((moved.number, moved.notes), (number("9990000026"), vec![Note::Superseded]));
}

#[test]
fn earlier_names_of_pds_agree_too() {
    let mut known = person("Threlfall, Marjorie, 19480309, F");
    known.names.extend(haworth().names);
    assert!(answered(&given(false), verified_as(known)).is_ok());
}

fn earlier(publisher: &str, text: &str) -> Earlier {
    Earlier { publisher: OdsCode::parse(publisher).ok(), person: person(text) }
}

#[test]
fn earlier_documents_that_say_the_same_or_nothing_are_no_doubt() {
    let same = earlier("RXN", "HAWORTH, M, 19480309, F");
    let nothing = earlier("RX7", ", , , ");
    assert_eq!(compared(&haworth(), &[], false), Ok(None));
    assert_eq!(compared(&haworth(), &[same, nothing], false), Ok(None));
    let bare = Demographics::default();
    assert_eq!(compared(&bare, &[earlier("RXN", "Threlfall, Alan, 19521117, M")], false), Ok(None));
}

#[test]
fn two_documents_that_disagree_are_a_doubt_with_counts_and_no_values() {
    let others = [
        earlier("RXN", "Threlfall, Alan, 19521117, M"),
        earlier("RXN", "Threlfall, Alan, 19521117, M"),
        earlier("RX7", "Haworth, Marjorie, 19480310, F"),
    ];
    let doubt = compared(&haworth(), &others, false).unwrap_err();
    assert_eq!(
        doubt.to_string(),
        "family and given name and the date of birth differ from what 3 earlier documents of 2 publishers say under this number: either may be another person's"
    );
    assert_eq!(why::<()>(Err(doubt)), Reason::KnownOtherwise);
    let transposed = [earlier("RXN", "Haworth, Marjorie, 19480903, F")];
    assert_eq!(why(compared(&haworth(), &transposed, false)), Reason::BirthDateTransposed);
}

#[test]
fn each_publisher_has_one_voice_and_more_voices_settle_it() {
    let (right, wrong) = ("Haworth, Marjorie, 19480309, F", "Threlfall, Alan, 19521117, M");
    let note = |documents, publishers| Ok(Some(Note::EarlierDiffer { documents, publishers }));
    let many = [earlier("RX7", wrong), earlier("RXN", right), earlier("ZZP01", right)];
    assert_eq!(compared(&haworth(), &many, false), note(1, 1));
    let tie = [earlier("RX7", wrong), earlier("RXN", right)];
    assert_eq!(why(compared(&haworth(), &tie, false)), Reason::KnownOtherwise);
    // Its newest document speaks for a publisher: a name that changed by marriage settles.
    let changed = [earlier("RXN", right), earlier("RXN", wrong)];
    assert_eq!(compared(&haworth(), &changed, false), note(1, 1));
    assert_eq!(compared(&haworth(), &tie, true), note(1, 1), "PDS has confirmed");
}
