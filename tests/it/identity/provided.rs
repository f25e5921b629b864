//! ITI-41 knows no quarantine: a contradiction is refused or told as a Warning, by configuration.

use super::*;
use repository::identity::{Mode, ProvidedModes};
use tests::message::Provide;

fn letter(n: u32, number: &str, info: &[&str]) -> Provide {
    Provide::letter(n).patient(number).slot("sourcePatientInfo", info)
}

const RIGHT: [&str; 3] = ["PID-5|Haworth^Marjorie^^^Mrs", "PID-7|19480309", "PID-8|F"];
const WRONG: [&str; 3] = ["PID-5|Threlfall^Alan", "PID-7|19521117", "PID-8|M"];

fn provide(hub: &TestHub, letter: &Provide) -> Answer {
    hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline())
}

#[test]
fn metadata_that_contradicts_pds_is_refused_in_the_profiles_words() {
    let (hub, server) = traced(TraceKind::PdsFhir, When::Always);
    let answer = hub.refuses(
        Role::Repository,
        &["XDSRepositoryMetadataError", "sourcePatientInfo", "family and given name"],
        || provide(&hub, &letter(1, HAWORTH, &WRONG)),
    );
    assert!(!answer.contains("Threlfall") && !answer.contains("Haworth"));
    server.person(THRELFALL, |known| known.superseded = vec!["9990002002".to_owned()]);
    for number in ["9990002002", "9990002029"] {
        let refused = || provide(&hub, &letter(2, number, &WRONG));
        hub.refuses(Role::Repository, &["XDSUnknownPatientId"], refused);
    }
    let answer = provide(&hub, &letter(3, HAWORTH, &RIGHT));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

#[test]
fn metadata_that_contradicts_earlier_documents_is_told_and_registered() {
    let hub = TestHub::start();
    provide(&hub, &letter(1, HAWORTH, &RIGHT));
    let answer = provide(&hub, &letter(2, HAWORTH, &WRONG));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let told = "family and given name and the date of birth differ from what 1 earlier documents of 1 publishers say";
    assert!(
        answer.contains("ErrorSeverityType:Warning") && answer.contains(told),
        "{}",
        answer.text()
    );
    assert_eq!(hub.contents(), (2, 2));
}

#[test]
fn how_strict_it_is_the_region_decides() {
    for (known, status, entries) in
        [(Mode::Strict, "Failure", 1), (Mode::Warn, "Success", 2), (Mode::Off, "Success", 2)]
    {
        let provided = ProvidedModes { known, ..ProvidedModes::default() };
        let hub = TestHub::with(|options| options.config.tracing.provided = provided);
        provide(&hub, &letter(1, HAWORTH, &RIGHT));
        let answer = provide(&hub, &letter(2, HAWORTH, &WRONG));
        assert_eq!((answer.xds_status().as_str(), hub.contents().0), (status, entries));
        let told = answer.contains("ErrorSeverityType:Warning");
        assert_eq!(told, known == Mode::Warn, "{}", answer.text());
    }
}

#[test]
fn name_and_birth_date_that_the_source_does_not_say_come_from_pds_and_are_marked() {
    let (hub, server) = traced(TraceKind::PdsFhir, When::Always);
    let bare = letter(1, HAWORTH, &["PID-8|U"]);
    let answer = provide(&hub, &bare);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let found = find(&hub, HAWORTH);
    for line in ["PID-5|Haworth^Marjorie^^^Mrs", "PID-7|19480309"] {
        assert!(found.contains(line), "{}", found.text());
    }
    let marked =
        "urn:watling:fromPds\"><rim:ValueList><rim:Value>PID-5</rim:Value><rim:Value>PID-7<";
    assert!(found.contains(marked), "{}", found.text());
    // The same submission again is known although PDS does not answer now.
    server.with(|spoken| spoken.instead = Some("503".to_owned()));
    let again = provide(&hub, &bare);
    assert_eq!(again.xds_status(), "Success", "{}", again.text());
    assert_eq!(hub.contents().0, 1);
}

#[test]
fn what_nobody_has_told_is_said_to_be_unknown() {
    let hub = TestHub::start();
    provide(&hub, &letter(1, HAWORTH, &[]));
    let found = find(&hub, HAWORTH);
    let said =
        "urn:watling:notStated\"><rim:ValueList><rim:Value>PID-5</rim:Value><rim:Value>PID-7<";
    assert!(found.contains(said), "{}", found.text());
    let listed = watling(&hub, &["find", HAWORTH, "--as", PRACTICE]).unwrap();
    assert!(listed.contains("name not stated  born not stated  NHS 999 000 0018"), "{listed}");
}

#[test]
fn the_list_of_documents_names_the_person_beside_each() {
    let hub = TestHub::start();
    provide(&hub, &letter(1, HAWORTH, &RIGHT));
    let listed = watling(&hub, &["find", HAWORTH, "--as", PRACTICE]).unwrap();
    let line = "HAWORTH, Marjorie (Mrs)  born 09-Mar-1948  NHS 999 000 0018";
    assert!(listed.contains(line), "{listed}");
    let json = watling(&hub, &["find", HAWORTH, "--as", PRACTICE, "--json"]).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["patient"]["name"], "HAWORTH, Marjorie (Mrs)");
    assert_eq!(json[0]["patient"]["birthDate"], "1948-03-09");
    assert_eq!(json[0]["patient"]["id"], HAWORTH);
}
