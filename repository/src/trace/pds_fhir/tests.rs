//! What each answer of the interface comes to.

use super::*;
use bytes::Bytes;
use schemas::sensitivity::Sensitivity;

fn answer(status: u16, body: &str) -> HttpsAnswer {
    HttpsAnswer { status, body: Bytes::copy_from_slice(body.as_bytes()) }
}

fn number(text: &str) -> NhsNumber {
    NhsNumber::parse(text).unwrap()
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"9990000018",
 "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},
 "name":[{"use":"old","family":"Carr","given":["Marjorie"]},
         {"use":"usual","family":"Haworth","given":["Marjorie","Anne"],"prefix":["Mrs"]}],
 "gender":"female","birthDate":"1948-03-09","deceasedDateTime":"2026-01-01T00:00:00+00:00",
 "address":[{"use":"home","line":["14 Millrace Lane"],"postalCode":"LA99 9ZZ"}],
 "generalPractitioner":[{"identifier":{"value":"ZZP03"}}],"extension":[{"url":"x"}]}"#;

fn issue(code: &str) -> String {
    format!(
        r#"{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"value","details":{{"coding":[{{"system":"s","code":"{code}"}}]}}}}]}}"#
    )
}

#[test]
fn a_patient_is_read_with_names_in_use_first() {
    let TraceOutcome::Verified(traced) = outcome(&answer(200, PATIENT), None) else {
        panic!("verified");
    };
    assert_eq!((traced.number, traced.superseded_from), (number("9990000018"), None));
    assert_eq!(traced.sensitivity, Some(Sensitivity::Restricted));
    let person = &traced.demographics;
    assert_eq!(person.names[0].display(), "HAWORTH, Marjorie Anne (Mrs)");
    assert_eq!(person.names[1].display(), "CARR, Marjorie");
    assert_eq!(person.birth_date.unwrap().digits(), "19480309");
    assert_eq!(person.practice.as_ref().map(|ods| ods.as_str()), Some("ZZP03"));
    assert!(person.deceased && person.sex == Some(Sex::Female));
}

#[test]
fn another_id_than_the_one_asked_for_is_the_number_that_took_its_place() {
    let old = number("9990000026");
    let TraceOutcome::Verified(traced) = outcome(&answer(200, PATIENT), Some(old)) else {
        panic!("verified");
    };
    assert_eq!((traced.number, traced.superseded_from), (number("9990000018"), Some(old)));
}

#[test]
fn every_other_answer_has_its_outcome() {
    let bundle = |entries: &str| format!(r#"{{"resourceType":"Bundle","entry":[{entries}]}}"#);
    let entry = format!(r#"{{"resource":{PATIENT}}}"#);
    let unreadable = TraceOutcome::Unavailable(Unavailable::Unreadable);
    let retry = TraceOutcome::Unavailable(Unavailable::Retry);
    let refused = TraceOutcome::Unavailable(Unavailable::Refused);
    for (status, body, expected) in [
        (200, bundle(""), TraceOutcome::NoMatch),
        (200, r#"{"resourceType":"Bundle","total":0}"#.to_owned(), TraceOutcome::NoMatch),
        (200, bundle(&format!("{entry},{entry}")), TraceOutcome::Several),
        (200, issue("TOO_MANY_MATCHES"), TraceOutcome::Several),
        (404, issue("RESOURCE_NOT_FOUND"), TraceOutcome::NoMatch),
        (400, issue("INVALID_RESOURCE_ID"), TraceOutcome::NoMatch),
        (404, issue("INVALIDATED_RESOURCE"), TraceOutcome::Invalidated),
        (404, issue("SOMETHING_ELSE"), unreadable.clone()),
        (404, "<html>".to_owned(), unreadable.clone()),
        (200, PATIENT.replace("9990000018", "9990000019"), unreadable.clone()),
        (302, String::new(), unreadable.clone()),
        (200, bundle(&format!(r#"{{"resource":{}}}"#, bundle(""))), unreadable),
        (401, String::new(), refused.clone()),
        (403, String::new(), refused),
        (429, String::new(), retry.clone()),
        (500, String::new(), retry.clone()),
        (503, String::new(), retry),
    ] {
        assert_eq!(outcome(&answer(status, &body), None), expected, "{status} {body}");
    }
}

#[test]
fn a_search_needs_family_name_sex_and_an_exact_birth_date() {
    let lines = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        Demographics::of_source_patient_info(&lines)
    };
    let whole = lines(&[
        "PID-5|O'Brien^Zoë",
        "PID-7|19480309",
        "PID-8|F",
        "PID-11|1 Street^^Town^^LA99 9ZZ",
    ]);
    assert_eq!(
        query(&whole).unwrap(),
        "family=O%27Brien&birthdate=eq1948-03-09&gender=female&given=Zo%C3%AB&address-postalcode=LA99%209ZZ"
    );
    for missing in [
        &["PID-5|Haworth^M", "PID-7|1948", "PID-8|F"],
        &["PID-5|^Marjorie", "PID-7|19480309", "PID-8|F"],
        &["PID-5|Haworth^M", "PID-7|19480309", "PID-8|U"],
    ] {
        assert!(query(&lines(missing)).is_none());
    }
}
