//! Numbers are traced, at PDS FHIR and at the Spine mini services.

use super::*;

const BOTH: [TraceKind; 2] = [TraceKind::PdsFhir, TraceKind::Smsp];

#[test]
fn an_unverified_number_is_traced_and_the_document_indexed_as_verified() {
    for kind in BOTH {
        let (hub, server) = traced(kind, When::Unverified);
        let said = Said::haworth(1, Said::unverified(HAWORTH));
        send(&hub, &said);
        let found = find(&hub, HAWORTH);
        assert!(found.contains(&said.unique_id()), "{}", found.text());
        let status = "urn:nhs:hub:nhsNumberStatus\"><rim:ValueList><rim:Value>01<";
        assert!(found.contains(status), "{}", found.text());
        assert_eq!(server.heard().len(), 1);
    }
}

#[test]
fn a_missing_or_wrong_number_is_found_by_name_birth_date_and_sex() {
    for kind in BOTH {
        let (hub, _server) = traced(kind, When::Unverified);
        let missing = Said::haworth(1, "nullFlavor=\"UNK\"".to_owned());
        let wrong = Said::haworth(2, Said::verified("9990000019"));
        send(&hub, &missing);
        send(&hub, &wrong);
        assert_eq!(quarantine(&hub).len(), 0);
        assert!(holds(&hub, HAWORTH, &missing) && holds(&hub, HAWORTH, &wrong));
    }
}

#[test]
fn a_verified_number_is_not_traced_unless_every_one_is() {
    let (hub, server) = traced(TraceKind::PdsFhir, When::Unverified);
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    assert!(server.heard().is_empty());
    let (hub, server) = traced(TraceKind::PdsFhir, When::Always);
    send(&hub, &Said::haworth(1, Said::verified(HAWORTH)));
    let heard = server.heard();
    assert_eq!(heard[0].target, format!("/personal-demographics/FHIR/R4/Patient/{HAWORTH}"));
    assert_eq!(heard[0].header("nhsd-end-user-organisation-ods"), "QE1");
    assert!(holds(&hub, HAWORTH, &Said::haworth(1, String::new())));
}

#[test]
fn what_pds_cannot_confirm_waits_with_its_reason() {
    for kind in BOTH {
        let (hub, server) = traced(kind, When::Unverified);
        let nobody = Said::haworth(1, Said::unverified("9990002002"));
        send(&hub, &nobody);
        assert_eq!(reason(&hub), "not-found");
        let other = Said { birth_date: "19480310", ..Said::haworth(2, Said::unverified(HAWORTH)) };
        send(&hub, &other);
        assert_eq!(reason(&hub), "demographics-mismatch");
        let other = Said { family: "Threlfall", ..Said::haworth(3, Said::unverified(HAWORTH)) };
        send(&hub, &other);
        assert_eq!(reason(&hub), "demographics-mismatch");
        server.with(|spoken| {
            let mut twin = spoken.people[1].clone();
            twin.number = "9990002029".to_owned();
            spoken.people.push(twin);
        });
        send(&hub, &Said::haworth(4, "nullFlavor=\"UNK\"".to_owned()));
        assert_eq!(reason(&hub), "ambiguous");
        server.person(HAWORTH, |known| known.invalidated = true);
        send(&hub, &Said::haworth(5, Said::unverified(HAWORTH)));
        assert_eq!(reason(&hub), "invalidated");
        assert_eq!((quarantine(&hub).len(), hub.contents()), (5, (0, 0)));
    }
}

#[test]
fn a_superseded_number_leads_to_the_one_in_force_and_is_kept_beside_it() {
    for kind in BOTH {
        let (hub, server) = traced(kind, When::Unverified);
        server.person(HAWORTH, |known| known.superseded = vec!["9990002002".to_owned()]);
        let said = Said::haworth(1, Said::unverified("9990002002"));
        send(&hub, &said);
        let found = find(&hub, HAWORTH);
        assert!(found.contains(&said.unique_id()), "{}", found.text());
        let alias = "PID-3|9990002002^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO";
        assert!(found.contains(alias), "{}", found.text());
        let reasons = hub.audit(Role::Repository);
        let told = reasons.iter().flat_map(|record| &record.event.reasons);
        assert!(told.clone().any(|why| why.contains("watling patient merge")));
    }
}

#[test]
fn a_service_that_does_not_answer_is_asked_again_until_it_does() {
    for (kind, outages) in [
        (TraceKind::PdsFhir, &["503", "429"][..]),
        (TraceKind::Smsp, &["503", "SMSP-0003", "SMSP-0004", "SMSP-9999", "DEMOG-9999"]),
    ] {
        let (hub, server) = traced(kind, When::Unverified);
        let mut waiting = Vec::new();
        for (n, outage) in (1..).zip(outages) {
            server.with(|spoken| spoken.instead = Some((*outage).to_owned()));
            let said = Said::haworth(n, Said::unverified(HAWORTH));
            send(&hub, &said);
            assert_eq!(reason(&hub), "trace-unavailable", "{outage}");
            waiting.push(said);
        }
        server.with(|spoken| spoken.instead = None);
        while !quarantine(&hub).is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        assert!(waiting.iter().all(|said| holds(&hub, HAWORTH, said)));
    }
}

#[test]
fn every_other_answer_is_for_a_person_to_look_at() {
    for (kind, said, expected) in [
        (TraceKind::PdsFhir, "401", "trace-fault"),
        (TraceKind::PdsFhir, "302", "trace-fault"),
        (TraceKind::Smsp, "SMSP-0001", "trace-fault"),
        (TraceKind::Smsp, "SMSP-0002", "trace-fault"),
        (TraceKind::Smsp, "SMSP-0005", "trace-fault"),
        (TraceKind::Smsp, "DEMOG-0001", "not-found"),
        (TraceKind::Smsp, "DEMOG-0007", "ambiguous"),
        (TraceKind::Smsp, "DEMOG-0022", "invalidated"),
        (TraceKind::Smsp, "DEMOG-0040", "demographics-mismatch"),
        (TraceKind::Smsp, "DEMOG-0042", "not-found"),
        (TraceKind::Smsp, "DEMOG-0017", "not-found"),
    ] {
        let (hub, server) = traced(kind, When::Unverified);
        server.with(|spoken| spoken.instead = Some(said.to_owned()));
        send(&hub, &Said::haworth(1, Said::unverified(HAWORTH)));
        assert_eq!(reason(&hub), expected, "{said}");
    }
}

#[test]
fn a_mini_service_is_told_the_asid_and_sees_the_hubs_certificate() {
    let (hub, server) = traced(TraceKind::Smsp, When::Unverified);
    send(&hub, &Said::haworth(1, Said::unverified(HAWORTH)));
    let heard = &server.heard()[0];
    assert!(heard.certified);
    assert_eq!(heard.header("soapaction"), "\"urn:nhs-itk:services:201005:verifyNHSNumber-v1-0\"");
    let asid = "type=\"1.2.826.0.1285.0.2.0.107\" uri=\"200000000001\"";
    assert!(heard.body.contains(asid), "{}", heard.body);
}

#[test]
fn answers_are_kept_for_a_while() {
    let (mut hub, server) = traced(TraceKind::PdsFhir, When::Unverified);
    hub.restart_with(|options| options.config.tracing.cache_seconds = 60);
    send(&hub, &Said::haworth(1, Said::unverified(HAWORTH)));
    send(&hub, &Said::haworth(2, Said::unverified(HAWORTH)));
    assert_eq!(server.heard().len(), 1);
    hub.clock().advance_seconds(61);
    let mut itk = Said::haworth(3, Said::unverified(HAWORTH)).itk();
    itk.created = "2026-07-15T12:00:30Z".to_owned();
    let request = hub.request("RXN", hub.itk_url()).content_type("text/xml; charset=UTF-8");
    request.post(itk.message());
    assert_eq!(server.heard().len(), 2);
}

#[test]
fn a_bearer_token_is_read_from_its_file_for_every_request() {
    let (mut hub, server) = traced(TraceKind::PdsFhir, When::Unverified);
    let file = hub.data().join("token");
    std::fs::write(&file, "first\n").unwrap();
    let token_file = Some(file.clone());
    hub.restart_with(|options| options.config.tracing.token_file = token_file);
    send(&hub, &Said::haworth(1, Said::unverified(HAWORTH)));
    std::fs::write(&file, "second").unwrap();
    send(&hub, &Said::haworth(2, Said::unverified(HAWORTH)));
    std::fs::remove_file(&file).unwrap();
    send(&hub, &Said::haworth(3, Said::unverified(HAWORTH)));
    assert_eq!(reason(&hub), "trace-fault");
    let heard = server.heard();
    let tokens: Vec<&str> = heard.iter().map(|heard| heard.header("authorization")).collect();
    assert_eq!(tokens, ["Bearer first", "Bearer second"]);
}
