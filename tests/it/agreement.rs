//! Who sees what: agreements, relationships, preferences, and what is said aloud.

mod by_hand;
mod evidence;
mod files;
mod oracle;

use hub::serve::Role;
use tests::message::{self, Itk, Provide};
use tests::{Answer, TestHub};

/// A hub with one letter and one discharge of patient 9000000009, published by RXN.
fn published() -> TestHub {
    let hub = TestHub::start();
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&Provide::letter(1).inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let discharge = Itk::discharge("9000000009", "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    let answer =
        hub.request("RXN", hub.itk_url()).content_type("text/xml").post(discharge.message());
    assert!(answer.contains("OK:"), "{}", answer.text());
    hub
}

const DISCHARGE: &str = "2.25.122346624735976320989315329860700871681";
const LETTER: &str = "1.2.826.0.1.99999.20.1";

fn find(hub: &TestHub, ods: &str) -> Answer {
    let query = message::find_documents("9000000009", "LeafClass", "");
    hub.request(ods, hub.url(Role::Gateway)).soap(&query)
}

fn get(hub: &TestHub, ods: &str, unique_id: &str) -> Answer {
    hub.request(ods, hub.url(Role::Gateway)).soap(&message::retrieve(&[unique_id]))
}

fn sees(answer: &Answer) -> (bool, bool) {
    (answer.contains(LETTER), answer.contains(DISCHARGE))
}

#[test]
fn the_crew_sees_discharges_of_any_patient_and_is_told_what_its_agreements_leave_out() {
    let hub = published();
    let answer = find(&hub, "RX7");
    assert_eq!(answer.xds_status(), "Success");
    assert_eq!(sees(&answer), (false, true));
    assert!(answer.contains("your agreements do not cover") && answer.contains("letter documents"));
    assert!(
        answer.contains("ErrorSeverityType:Warning") && !answer.contains("ErrorSeverityType:Error")
    );
}

#[test]
fn a_practice_reads_for_its_own_patients_and_another_sees_nothing_in_silence() {
    let hub = published();
    assert_eq!(sees(&find(&hub, "ZZP01")), (true, true));
    let other = find(&hub, "ZZP02");
    assert_eq!((other.xds_status().as_str(), sees(&other)), ("Success", (false, false)));
    let refused = get(&hub, "ZZP02", DISCHARGE);
    assert_eq!(refused.xds_status(), "Failure");
    assert_eq!(refused.error_codes(), ["XDSDocumentUniqueIdError"]);
    let unknown = get(&hub, "ZZP02", "1.2.3.4").text().replace("1.2.3.4", DISCHARGE);
    let told = |text: &str| {
        text.split("codeContext").nth(1).unwrap().split('>').next().unwrap().to_owned()
    };
    assert_eq!(told(&refused.text()), told(&unknown), "a hidden document and none look the same");
}

#[test]
fn a_refusal_that_does_not_depend_on_the_patient_is_said_aloud_and_on_record() {
    let hub = published();
    for (ods, words, reason) in [
        ("ZZP06", "is not a member", "not-a-member"),
        ("325", "has no agreement in force for direct-care", "no-agreement"),
        ("324", "has no agreement in force for direct-care", "no-agreement"),
        ("QE1", "is not registered with this gateway", "unknown-system"),
    ] {
        let answer = find(&hub, ods);
        assert_eq!(answer.xds_status(), "Failure", "{ods}");
        assert!(answer.contains(words), "{ods}: {}", answer.text());
        assert_eq!(sees(&answer), (false, false));
        let record = hub.last_audit(Role::Gateway).event;
        assert_eq!(record.acting_for.as_deref(), Some(ods));
        assert!(record.reasons.iter().any(|r| r.contains(reason)), "{:?}", record.reasons);
        assert_eq!(get(&hub, ods, DISCHARGE).xds_status(), "Failure");
    }
}

#[test]
fn a_hospital_reads_for_patients_it_has_an_encounter_with() {
    let hub = published();
    assert_eq!(sees(&find(&hub, "RXL")), (false, false), "no encounter yet");
    hub.apply("[[relationship]]\npatient = \"9000000009\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-07-01\"\nsource = \"ADT\"\n");
    assert_eq!(sees(&find(&hub, "RXL")), (true, true));
    hub.apply("[[relationship]]\npatient = \"9000000009\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-07-01\"\nends = \"2026-07-10\"\nsource = \"ADT\"\n");
    assert_eq!(sees(&find(&hub, "RXL")), (false, false), "the encounter is over");
}

#[test]
fn a_preference_not_to_share_hides_in_silence_and_is_audited_with_its_reason() {
    let hub = published();
    hub.apply("[[preference]]\npatient = \"9000000009\"\ndocument_type = \"group:discharge\"\nconsumer = \"RX7\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n");
    let crew = find(&hub, "RX7");
    assert_eq!((crew.xds_status().as_str(), sees(&crew)), ("Success", (false, false)));
    let record = hub.last_audit(Role::Gateway).event;
    let reason =
        record.decisions.iter().find(|d| d.unique_id == DISCHARGE).map(|d| d.decision.clone());
    assert_eq!(reason.as_deref(), Some("preference"));
    assert_eq!(sees(&find(&hub, "ZZP01")), (true, true), "the wish was about the crew");
}

#[test]
fn a_suspended_agreement_stops_within_a_second_and_the_audit_names_the_version_used() {
    let hub = published();
    assert_eq!(sees(&find(&hub, "ZZP01")), (true, true));
    let record = hub.last_audit(Role::Gateway).event;
    assert!(!record.decisions.is_empty());
    assert!(record.decisions.iter().all(|d| d.agreement.as_deref() == Some("LSC-GP-2026#1")));
    let agreement = |state: &str| {
        format!(
            "[[agreement]]\nid = \"LSC-GP-2026\"\ntitle = \"Everything to the patient's practice\"\nstate = \"{state}\"\npublishers = [\"group:publishers\"]\nconsumers = [\"group:practices\"]\ndocument_types = [\"group:discharge\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n"
        )
    };
    hub.apply(&agreement("suspended"));
    assert!(find(&hub, "ZZP01").contains("no agreement in force"));
    assert_eq!(get(&hub, "ZZP01", DISCHARGE).xds_status(), "Failure", "not by its id either");
    hub.apply(&agreement("agreed"));
    assert_eq!(sees(&find(&hub, "ZZP01")), (false, true), "the new version covers discharges only");
    let record = hub.last_audit(Role::Gateway).event;
    let used = record.decisions.iter().find_map(|d| d.agreement.clone());
    assert_eq!(used.as_deref(), Some("LSC-GP-2026#3"));
}

#[test]
fn a_tier_for_the_index_lists_a_document_and_opens_none() {
    let hub = published();
    assert_eq!(get(&hub, "RX7", DISCHARGE).xds_status(), "Success");
    hub.apply("[[role]]\nname = \"paramedic\"\ncodes = [\"R1070\"]\ntier = \"administration\"\n");
    assert_eq!(sees(&find(&hub, "RX7")), (false, true), "it is listed still");
    let refused = get(&hub, "RX7", DISCHARGE);
    assert_eq!(refused.error_codes(), ["XDSDocumentUniqueIdError"]);
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.decisions.first().map(|d| d.decision.as_str()), Some("tier-not-covered"));
}

#[test]
fn what_a_tier_does_not_read_is_absent_and_said_and_a_role_without_a_row_is_refused_aloud() {
    let hub = published();
    hub.apply("[[role]]\nname = \"paramedic\"\ncodes = [\"R1070\"]\ntier = \"call-handling\"\n");
    let answer = find(&hub, "RX7");
    assert_eq!((answer.xds_status().as_str(), sees(&answer)), ("Success", (false, false)));
    assert!(answer.contains("the role paramedic does not read"), "{}", answer.text());
    hub.apply("[[system]]\nname = \"rx7-integration\"\norganisation = \"RX7\"\nrole = \"porter\"\npurposes = [\"urgent-care\"]\nstanding_urgent_care = true\n");
    let answer = find(&hub, "RX7");
    assert_eq!(answer.xds_status(), "Failure");
    assert!(answer.contains("porter") && answer.contains("has no place"), "{}", answer.text());
    assert!(answer.contains("unknown-role"), "{}", answer.text());
}

#[test]
fn an_agreement_begins_and_ends_on_its_days() {
    let hub = published();
    hub.apply("[[agreement]]\nid = \"HOSPICE\"\ntitle = \"A week\"\npublishers = [\"RXN\"]\nconsumers = [\"ZZH01\"]\ndocument_types = [\"*\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-07-16\"\nends = \"2026-07-17\"\n\n[[relationship]]\npatient = \"9000000009\"\nods = \"ZZH01\"\nkind = \"referral\"\nstarts = \"2026-07-01\"\nsource = \"letter\"\n");
    let day = 86_400;
    let seen: Vec<bool> = (0..4)
        .map(|_| {
            let answer = sees(&find(&hub, "ZZH01")).1;
            hub.clock().advance_seconds(day);
            answer
        })
        .collect();
    assert_eq!(seen, [false, true, true, false]);
}

#[test]
fn a_supplier_acts_for_the_practices_in_its_profile_and_no_other() {
    let hub = published();
    hub.apply("[[relationship]]\npatient = \"9000000009\"\nods = \"ZZP02\"\nkind = \"registration\"\nstarts = \"2026-07-01\"\nsource = \"practice list\"\n");
    let acting = |ods: &str| {
        let query = message::find_documents("9000000009", "LeafClass", "");
        let header =
            format!("<s:Header><w:ActingFor xmlns:w=\"urn:watling:2026\">{ods}</w:ActingFor>");
        hub.request("ZZS01", hub.url(Role::Gateway)).soap(&query.replace("<s:Header>", &header))
    };
    assert_eq!(sees(&acting("ZZP02")), (true, true));
    assert_eq!(hub.last_audit(Role::Gateway).event.acting_for.as_deref(), Some("ZZP02"));
    assert_eq!(
        sees(&acting("ZZP03")),
        (false, false),
        "ZZP03 has no relationship with the patient"
    );
    let refused = acting("ZZP04");
    assert!(refused.contains("may not act for ZZP04"), "{}", refused.text());
    assert_eq!(refused.xds_status(), "Failure");
}

#[test]
fn only_a_warning_of_what_was_asked_for_is_given() {
    let hub = published();
    let only = message::slot(
        concat!("$", "XDSDocumentEntryTypeCode"),
        "('373942005^^2.16.840.1.113883.6.96')",
    );
    let query = message::find_documents("9000000009", "LeafClass", &only);
    let answer = hub.request("RX7", hub.url(Role::Gateway)).soap(&query);
    assert!(answer.contains(DISCHARGE) && !answer.contains("do not cover"), "{}", answer.text());
}
