use super::*;
use crate::dtm::Dtm;

fn consent(provision: &str) -> String {
    format!(
        r#"{{"resourceType":"Consent","id":"c-1","status":"active",
        "scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},
        "category":[{{"coding":[{{"system":"http://loinc.org","code":"59284-0"}}]}}],
        "patient":{{"identifier":{{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}}},
        "dateTime":"2026-05-12",
        "organization":[{}],
        "provision":{provision}}}"#,
        organisation("ZZP01")
    )
}

fn organisation(ods: &str) -> String {
    format!(
        r#"{{"identifier":{{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"{ods}"}}}}"#
    )
}

fn actor(role: &str, ods: &str) -> String {
    let system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    format!(
        r#"{{"role":{{"coding":[{{"system":"{system}","code":"{role}"}}]}},"reference":{}}}"#,
        organisation(ods)
    )
}

fn snomed(code: &str) -> String {
    format!(r#"{{"system":"http://snomed.info/sct","code":"{code}"}}"#)
}

fn purpose(code: &str) -> String {
    format!(r#"{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{code}"}}"#)
}

fn ods(code: &str) -> Option<OdsCode> {
    OdsCode::parse(code).ok()
}

fn read(provision: &str) -> Result<Vec<Rule>, ConsentError> {
    fhir::read(consent(provision).as_bytes()).map(|document| document.rules)
}

fn sharing(
    permit: bool,
    documents: Documents,
    publisher: Option<OdsCode>,
    consumer: Option<OdsCode>,
) -> Rule {
    let about = About::Sharing { documents, publisher, consumer };
    Rule { permit, about, starts: None, ends: None }
}

#[test]
fn a_denial_with_an_exception_makes_two_rules() {
    let exception = format!(r#"{{"type":"permit","actor":[{}]}}"#, actor("IRCP", "ZZP01"));
    let document =
        fhir::read(consent(&format!(r#"{{"type":"deny","provision":[{exception}]}}"#)).as_bytes())
            .unwrap();
    assert_eq!((document.id.as_str(), document.organisation), ("c-1", ods("ZZP01")));
    assert_eq!(document.patient, NhsNumber::parse("9990000018").unwrap());
    let any = Documents::Any;
    assert_eq!(
        document.rules,
        [sharing(false, any.clone(), None, None), sharing(true, any, None, ods("ZZP01"))]
    );
}

#[test]
fn classes_codes_actors_and_periods_narrow_and_an_inner_provision_inherits_them() {
    let inner = format!(
        r#"{{"type":"permit","code":[{{"coding":[{}]}}],"period":{{"end":"2026-12-31"}}}}"#,
        snomed("373942005")
    );
    let provision = format!(
        r#"{{"type":"deny","class":[{}],"actor":[{},{}],"period":{{"start":"2026-07-01"}},"provision":[{inner}]}}"#,
        snomed("823651000000106"),
        actor("CST", "RXN"),
        actor("IRCP", "RX7")
    );
    let day = |text: &str| -> Option<Date> { text.parse().ok() };
    let class = Documents::Class("823651000000106".to_owned());
    let of_type = Documents::Type("373942005".to_owned());
    let rules = read(&provision).unwrap();
    let starts = day("2026-07-01");
    let outer = Rule { starts, ..sharing(false, class, ods("RXN"), ods("RX7")) };
    let ends = day("2026-12-31");
    let inner = Rule { starts, ends, ..sharing(true, of_type, ods("RXN"), ods("RX7")) };
    assert_eq!(rules, [outer, inner]);
}

#[test]
fn a_purpose_is_consent_to_it_and_stands_alone() {
    let rules = read(&format!(r#"{{"type":"permit","purpose":[{}]}}"#, purpose("HRESCH"))).unwrap();
    let about = About::Purpose("HRESCH".to_owned());
    assert_eq!(rules, [Rule { permit: true, about, starts: None, ends: None }]);
    let both = format!(
        r#"{{"type":"permit","purpose":[{}],"actor":[{}]}}"#,
        purpose("HRESCH"),
        actor("IRCP", "RX7")
    );
    let error = read(&both).unwrap_err().to_string();
    assert!(error.starts_with("Consent.provision.purpose cannot be kept"), "{error}");
}

#[test]
fn what_cannot_be_kept_is_refused_by_the_name_of_its_element() {
    for (provision, element) in [
        (r#"{"type":"deny","securityLabel":[]}"#, "Consent.provision.securityLabel"),
        (r#"{"type":"deny","action":[]}"#, "Consent.provision.action"),
        (r#"{"type":"deny","dataPeriod":{}}"#, "Consent.provision.dataPeriod"),
        (r#"{"type":"deny","data":[]}"#, "Consent.provision.data"),
        (r#"{"type":"deny","extension":[]}"#, "Consent.provision.extension"),
        (r#"{"type":"maybe"}"#, "Consent.provision.type"),
        ("{}", "Consent.provision.type"),
        (r#"{"type":"deny","provision":[{"type":"deny"}]}"#, "Consent.provision.provision[0].type"),
        (
            r#"{"type":"deny","period":{"start":"2026-07-01T10:00:00Z"}}"#,
            "Consent.provision.period.start",
        ),
        (
            r#"{"type":"deny","class":[{"system":"urn:x","code":"1"}]}"#,
            "Consent.provision.class[0]",
        ),
        (r#"{"type":"deny","9990000018":1}"#, "Consent.provision.(a name that FHIR does not know)"),
    ] {
        let error = read(provision).unwrap_err().to_string();
        assert!(error.starts_with(element), "{provision}: {error}");
        assert!(!error.contains("999000"), "{error}");
    }
    let whole = consent(r#"{"type":"deny"}"#);
    for (from, to, words) in [
        ("\"active\"", "\"rejected\"", "Consent.status"),
        ("patient-privacy", "research", "Consent.scope"),
        ("9990000018", "9990000019", "Consent.patient is not"),
        ("\"dateTime\"", "\"verification\"", "Consent.verification cannot be kept"),
        ("\"dateTime\"", "\"status\"", "it is no JSON"),
    ] {
        let error = fhir::read(whole.replace(from, to).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(words) && !error.contains("999000"), "{to}: {error}");
    }
}

#[test]
fn provisions_have_limits_in_depth_and_number() {
    let mut deep = r#"{"type":"deny"}"#.to_owned();
    for n in 0..4 {
        let own = if n % 2 == 0 { "permit" } else { "deny" };
        deep = format!(r#"{{"type":"{own}","provision":[{deep}]}}"#);
    }
    assert!(read(&deep).unwrap_err().to_string().contains("four deep"));
    let codes: Vec<String> = (0..RULES_MAX + 1).map(|n| snomed(&format!("{n}1"))).collect();
    let wide = format!(r#"{{"type":"deny","class":[{}]}}"#, codes.join(","));
    assert_eq!(read(&wide), Err(ConsentError::Rules));
    let large = vec![b' '; fhir::BYTES_MAX + 1];
    assert_eq!(fhir::read(&large), Err(ConsentError::Size(fhir::BYTES_MAX)));
    let nested = "[".repeat(10_000);
    assert!(matches!(fhir::read(nested.as_bytes()), Err(ConsentError::Json(_))));
}

#[test]
fn an_opt_out_is_a_denial_where_the_provision_does_not_say() {
    let rule = r#"{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]}"#;
    let text =
        consent("{}").replace("\"provision\"", &format!("\"policyRule\":{rule},\"provision\""));
    let document = fhir::read(text.as_bytes()).unwrap();
    assert_eq!(document.rules, [sharing(false, Documents::Any, None, None)]);
}

const EVENT: &str = "<documentationOf><serviceEvent classCode=\"ACT\" moodCode=\"EVN\"><templateId root=\"1.3.6.1.4.1.19376.1.5.3.1.2.6\"/><id root=\"1.2.3\"/><code code=\"1.2.826.0.1.99999.5.1\" codeSystem=\"1.2.826.0.1.99999.5\"/><effectiveTime><low value=\"20260701\"/><high value=\"20261231\"/></effectiveTime></serviceEvent></documentationOf>";

fn acknowledgement(events: &str) -> String {
    format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><id root=\"2.25.7\"/><recordTarget><patientRole><id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000018\"/></patientRole></recordTarget><custodian><assignedCustodian><representedCustodianOrganization><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"ZZP01\"/></representedCustodianOrganization></assignedCustodian></custodian>{events}</ClinicalDocument>"
    )
}

#[test]
fn an_acknowledgement_names_its_policies_with_their_days() {
    let document = bppc::read(acknowledgement(EVENT).as_bytes()).unwrap();
    assert_eq!((document.id.as_str(), document.organisation), ("2.25.7", ods("ZZP01")));
    let about = About::Policy(Oid::parse("1.2.826.0.1.99999.5.1").unwrap());
    let (starts, ends) = ("2026-07-01".parse().ok(), "2026-12-31".parse().ok());
    assert_eq!(document.rules, [Rule { permit: true, about, starts, ends }]);
}

#[test]
fn an_entry_of_the_index_says_the_same_as_its_document() {
    let document = bppc::read(acknowledgement(EVENT).as_bytes()).unwrap();
    let time = |text| Dtm::parse(text).unwrap();
    let (starts, ends) = (time("20260701"), time("20261231"));
    let codes = ["1.2.826.0.1.99999.5.1", "not an OID"];
    assert_eq!(bppc::rules(codes, Some(&starts), Some(&ends)), document.rules);
}

#[test]
fn an_acknowledgement_that_lacks_something_is_refused_by_name() {
    let whole = acknowledgement(EVENT);
    for (from, to, words) in [
        ("ClinicalDocument", "Letter", "ClinicalDocument is missing"),
        (
            "1.3.6.1.4.1.19376.1.5.3.1.2.6",
            "1.2.3",
            "documentationOf/serviceEvent with the template",
        ),
        ("code=\"1.2.826.0.1.99999.5.1\"", "", "documentationOf/serviceEvent/code/@code"),
        (
            "code=\"1.2.826.0.1.99999.5.1\"",
            "code=\"all\"",
            "documentationOf/serviceEvent/code/@code",
        ),
        ("\"20260701\"", "\"yesterday\"", "documentationOf/serviceEvent/effectiveTime/low"),
        ("9990000018", "9990000019", "recordTarget/patientRole/id"),
        ("<id root=\"2.25.7\"/>", "", "ClinicalDocument/id/@root is missing"),
    ] {
        let error = bppc::read(whole.replace(from, to).as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(words) && !error.contains("999000"), "{from}: {error}");
    }
    assert_eq!(
        bppc::read(acknowledgement(&EVENT.repeat(201)).as_bytes()),
        Err(ConsentError::Rules)
    );
}
