//! Consent documents of others: FHIR Consent and BPPC, from a file.

use super::{PATIENT, published, run, sees};
use hub::serve::Role;
use serde_json::{Value, json};
use std::path::PathBuf;
use tests::TestHub;

fn ods(code: &str) -> Value {
    json!({"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": code}})
}

fn receives(code: &str) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    json!({"role": {"coding": [{"system": system, "code": "IRCP"}]}, "reference": ods(code)})
}

fn consent(provision: Value) -> Value {
    let scope = "http://terminology.hl7.org/CodeSystem/consentscope";
    json!({
        "resourceType": "Consent", "id": "c-1", "status": "active",
        "scope": {"coding": [{"system": scope, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": {"identifier":
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": PATIENT}},
        "organization": [ods("ZZP01")], "provision": provision,
    })
}

/// `watling preference import`, of a file with this content.
fn import(hub: &TestHub, content: &str, more: &[&str]) -> Result<String, String> {
    let path: PathBuf = hub.data().join("import.file");
    std::fs::write(&path, content).unwrap();
    let path = path.to_string_lossy().into_owned();
    let by = ["--as", "ZZP01", "--by", "Practice system"];
    run(hub.data(), &[&["preference", "import", &path], &by[..], more].concat())
}

#[test]
fn a_fhir_consent_denies_with_its_exception_and_a_newer_version_takes_its_place() {
    let hub = published();
    let period = json!({"start": "2026-07-01"});
    let exception = json!({"type": "permit", "actor": [receives("ZZP01")]});
    let deny = json!({"type": "deny", "period": period, "provision": [exception]});
    let told = import(&hub, &consent(deny.clone()).to_string(), &[]).unwrap();
    assert!(told.contains("do not share anything with anyone"), "{told}");
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((true, true), (false, false)));
    let told = import(&hub, &consent(deny).to_string(), &[]).unwrap();
    assert!(told.contains("taken before"), "{told}");
    let letters = json!({"system": "http://snomed.info/sct", "code": "823681000000100"});
    let narrower = json!({"type": "deny", "period": period, "code": [{"coding": [letters]}]});
    let told = import(&hub, &consent(narrower).to_string(), &[]).unwrap();
    assert!(told.contains("statement 1 is withdrawn"), "{told}");
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((false, true), (false, true)));
}

#[test]
fn what_a_consent_says_that_cannot_be_kept_is_refused_whole() {
    let hub = published();
    for (provision, words) in [
        (json!({"type": "deny", "securityLabel": []}), "Consent.provision.securityLabel"),
        (json!({"type": "deny", "actor": [receives("ZZZ99")]}), "no organisation of this region"),
        (
            json!({"type": "deny", "class": [{"system": "http://snomed.info/sct", "code": "1"}]}),
            "document class that no document type",
        ),
        (
            json!({"type": "permit", "purpose": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HMARKT"}
            ]}),
            "[preference.purposes]",
        ),
    ] {
        let error = import(&hub, &consent(provision).to_string(), &[]).unwrap_err();
        assert!(error.contains(words) && !error.contains(PATIENT), "{error}");
    }
    assert_eq!(hub.count(Role::Gateway, "region.db", "statement"), 0);
}

const POLICY: &str = "1.2.826.0.1.99999.5.1";

fn acknowledgement() -> String {
    format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"2.25.7\"/><recordTarget><patientRole><id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"{PATIENT}\"/></patientRole></recordTarget><documentationOf><serviceEvent><templateId root=\"1.3.6.1.4.1.19376.1.5.3.1.2.6\"/><code code=\"{POLICY}\"/><effectiveTime><low value=\"20260701\"/></effectiveTime></serviceEvent></documentationOf></ClinicalDocument>"
    )
}

#[test]
fn an_acknowledgement_means_what_the_configuration_says_of_its_policy() {
    let hub = published();
    let error = import(&hub, &acknowledgement(), &[]).unwrap_err();
    assert!(error.contains("[[preference.policy]]"), "{error}");
    let config = hub.data().join("meanings.toml");
    let policy = format!(
        "[[preference.policy]]\noid = \"{POLICY}\"\nwish = \"do-not-share\"\nconsumer = \"RX7\"\n"
    );
    std::fs::write(&config, policy).unwrap();
    let config = config.to_string_lossy().into_owned();
    let told = import(&hub, &acknowledgement(), &["--config", &config]).unwrap();
    assert!(told.contains("do not share anything with RX7"), "{told}");
    assert_eq!((sees(&hub, "ZZP01"), sees(&hub, "RX7")), ((true, true), (false, false)));
    let list = run(hub.data(), &["preference", "list", PATIENT]).unwrap();
    assert!(list.contains("document 2.25.7"), "the document is the evidence: {list}");
    std::fs::write(
        hub.data().join("meanings.toml"),
        format!("[[preference.policy]]\noid = \"{POLICY}\"\n"),
    )
    .unwrap();
    let error = import(&hub, &acknowledgement(), &["--config", &config]).unwrap_err();
    assert!(error.contains("exactly one of wish"), "{error}");
}
