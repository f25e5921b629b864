//! The rows of the mapping table but for the document type, which has its own file.

use super::*;

#[test]
fn the_worked_example_comes_out_as_the_table_says() {
    let mapped = Desk::default().map(&plain());
    let entry = &mapped.entry;
    assert_eq!(entry.patient_id.text(), "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO");
    let local = format!("PAS-771204^^^&1.2.3.10.{}&ISO", 27 * 1296 + 33 * 36 + 23);
    assert_eq!(entry.source_patient_id.text(), local);
    assert_eq!(
        entry.source_patient_info,
        [
            "PID-3|9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO".to_owned(),
            format!("PID-3|{local}"),
            "PID-5|XXTESTPATIENT^Testina^^^Mrs".to_owned(),
            "PID-7|19480309".to_owned(),
            "PID-8|F".to_owned(),
            "PID-11|14 Millrace Lane^^Examplebridge^^LA99 9ZZ".to_owned(),
        ]
    );
    assert_eq!(entry.unique_id.as_str(), "2.25.122346624735976320989315329860700871681");
    assert_eq!(slot_value(&mapped, slot::DOCUMENT_ID).as_deref(), Some(sample::DOCUMENT));
    assert_eq!(entry.mime_type, "text/xml");
    assert_eq!(entry.title[0].value, "Inpatient Discharge Summary");
    let time = |time: &Option<Dtm>| time.as_ref().map(ToString::to_string).unwrap_or_default();
    assert_eq!(time(&entry.creation_time), "20260714143000");
    assert_eq!(time(&entry.service_start_time), "20260708210500");
    assert_eq!(time(&entry.service_stop_time), "20260714130000");
    assert_eq!(mapped.event_time(), entry.service_stop_time.as_ref());
    assert_eq!(entry.language_code.as_str(), "en-GB");
    assert!(entry.comments.is_empty() && entry.hash.is_none() && entry.size.is_none());
    assert_eq!(entry.object_type, ObjectType::Stable);
    assert_eq!(
        entry.legal_authenticator.as_ref().unwrap().as_str(),
        "555000222444^Specimen^Ravi^^^Dr^^^&1.2.826.0.1285.0.2.0.65&ISO"
    );
    assert_eq!(slot_value(&mapped, slot::AUTHENTICATOR).as_deref(), Some("authenticator"));
    assert_eq!(slot_value(&mapped, slot::CUSTODIAN_ODS).as_deref(), Some("RXN"));
    assert_eq!(slot_value(&mapped, slot::VERSION_NUMBER).as_deref(), Some("1"));
    assert_eq!(slot_value(&mapped, slot::STRUCTURED).as_deref(), Some("text"));
    assert_eq!(mapped.nhs_number_status, NhsNumberStatus::Verified);
    assert_eq!(mapped.warnings, [CdaWarning::NoBody]);
}

#[test]
fn every_gender_has_its_letter() {
    let gender = "<administrativeGenderCode code=\"2\"";
    for (code, letter, said) in [
        ("0", "U", false),
        ("1", "M", false),
        ("2", "F", false),
        ("9", "O", false),
        ("X", "U", true),
    ] {
        let given = format!("<administrativeGenderCode code=\"{code}\"");
        let mapped = Desk::default().map(&with(gender, &given));
        assert!(mapped.entry.source_patient_info.contains(&format!("PID-8|{letter}")), "{code}");
        assert_eq!(warned(&mapped, CdaWarning::GenderUnknown), said, "{code}");
    }
}

#[test]
fn an_address_keeps_its_town_last_whatever_its_lines() {
    let lines = "<streetAddressLine>14 Millrace Lane</streetAddressLine>\n        <streetAddressLine>Examplebridge</streetAddressLine>\n        <postalCode>LA99 9ZZ</postalCode>";
    for (given, expected) in [
        (
            "<streetAddressLine>1 A</streetAddressLine><streetAddressLine>B</streetAddressLine>\
             <streetAddressLine>C</streetAddressLine><streetAddressLine/><postalCode>P</postalCode>",
            Some("PID-11|1 A^B^C^^P"),
        ),
        (
            "<houseNumber>111</houseNumber><streetAddressLine>West Street</streetAddressLine><city>T</city>",
            Some("PID-11|111 West Street^^T"),
        ),
        ("<streetAddressLine>1 A</streetAddressLine>", Some("PID-11|1 A")),
        ("<postalCode>P</postalCode>", Some("PID-11|^^^^P")),
        ("", None),
    ] {
        let mapped = Desk::default().map(&with(lines, given));
        let info = &mapped.entry.source_patient_info;
        assert_eq!(info.iter().find(|l| l.starts_with("PID-11")).map(String::as_str), expected);
    }
}

#[test]
fn a_birth_time_becomes_a_day_and_nonsense_is_left_out() {
    for (given, expected) in [
        ("194803091230", Some("PID-7|19480309")),
        ("1948", Some("PID-7|1948")),
        ("19483009", None),
        ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", None),
    ] {
        let mapped = Desk::default().map(&with("\"19480309\"", &format!("\"{given}\"")));
        let info = &mapped.entry.source_patient_info;
        assert_eq!(info.iter().find(|l| l.starts_with("PID-7")).map(String::as_str), expected);
        assert_eq!(warned(&mapped, CdaWarning::BirthTimeUnreadable), expected.is_none(), "{given}");
    }
}

#[test]
fn an_unverified_number_keeps_its_status_for_the_trace() {
    let nhs = "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000018\"/>";
    let unverified = "2.16.840.1.113883.2.1.3.2.4.18.23";
    for (status, expected, contradicts) in [
        ("", NhsNumberStatus::NotTraced, false),
        (" patientIdStatus=\"02\"", NhsNumberStatus::NotTraced, false),
        (" patientIdStatus=\"03\"", NhsNumberStatus::TraceRequired, false),
        (" patientIdStatus=\"04\"", NhsNumberStatus::NoMatch, false),
        (" patientIdStatus=\"05\"", NhsNumberStatus::NeedsResolving, false),
        (" patientIdStatus=\"06\"", NhsNumberStatus::InProgress, false),
        (" n:patientIdStatus=\"08\"", NhsNumberStatus::Postponed, false),
        (" patientIdStatus=\"01\"", NhsNumberStatus::NotTraced, true),
    ] {
        let id = format!("<id root=\"{unverified}\" extension=\"9990000018\"{status}/>");
        let mapped = Desk::default().map(&with(nhs, &id));
        assert_eq!(mapped.nhs_number_status, expected, "{status}");
        assert_eq!(slot_value(&mapped, slot::NHS_NUMBER_STATUS).as_deref(), Some(expected.code()));
        assert_eq!(mapped.entry.patient_id.text(), "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO");
        assert!(warned(&mapped, CdaWarning::NumberNotTraced));
        assert_eq!(warned(&mapped, CdaWarning::StatusContradictsRoot), contradicts, "{status}");
    }
}

#[test]
fn the_number_is_found_by_its_root_wherever_it_stands() {
    let ids = plain();
    let local = "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"PAS-771204\" assigningAuthorityName=\"RXN:A TRUST\"/>";
    let nhs = "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000018\"/>";
    let swapped = ids.replace(local, "").replace(nhs, &format!("{local}{nhs}"));
    assert_eq!(Desk::default().map(&swapped).entry, Desk::default().map(&ids).entry);
}

#[test]
fn a_local_id_without_authority_is_the_publishers_and_without_one_the_number_stands_in() {
    let authority = " assigningAuthorityName=\"RXN:A TRUST\"";
    let mapped = Desk { publisher: ods("RX7"), ..Desk::default() }.map(&with(authority, ""));
    let issuer = ods("RX7").oid_under(&Oid::parse("1.2.3").unwrap(), 10);
    assert_eq!(mapped.entry.source_patient_id.authority, issuer);
    assert!(warned(&mapped, CdaWarning::LocalIdWithoutAuthority));
    let mapped = Desk::default().map(&with("extension=\"PAS-771204\"", "extension=\"\""));
    assert_eq!(mapped.entry.source_patient_id.text(), mapped.entry.patient_id.text());
    assert!(warned(&mapped, CdaWarning::EmptyAttribute));
}

#[test]
fn a_uniqueid_is_a_uuid_in_any_case_or_an_oid_with_its_extension() {
    let id = "<id root=\"5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01\"/>";
    for (given, expected) in [
        (
            "<id root=\"5c0b1a52-3d44-4d0f-9e0b-8f2e4b7a1c01\"/>",
            "2.25.122346624735976320989315329860700871681",
        ),
        ("<id root=\"1.2.3.4\" extension=\"A7\"/>", "1.2.3.4^A7"),
        ("<id root=\"1.2.3.4\"/>", "1.2.3.4"),
    ] {
        assert_eq!(Desk::default().map(&with(id, given)).entry.unique_id.as_str(), expected);
    }
}

#[test]
fn a_title_is_trimmed_cut_or_stood_in_for() {
    let title = "<title>Inpatient Discharge Summary</title>";
    for (given, expected, warning) in [
        ("<title mediaType=\"text/plain\">\n  Two\n  words </title>", "Two words".to_owned(), None),
        ("<title> </title>", "Discharge summary".to_owned(), Some(CdaWarning::NoTitle)),
        ("", "Discharge summary".to_owned(), Some(CdaWarning::NoTitle)),
        (
            &*format!("<title>{}</title>", "x".repeat(200)),
            "x".repeat(128),
            Some(CdaWarning::TitleCut),
        ),
    ] {
        let mapped = Desk::default().map(&with(title, given));
        assert_eq!(mapped.entry.title[0].value, expected);
        let both = [CdaWarning::NoTitle, CdaWarning::TitleCut];
        assert_eq!(mapped.warnings.iter().copied().find(|w| both.contains(w)), warning);
    }
}

#[test]
fn times_say_how_their_zone_was_found() {
    for (given, expected, warning) in [
        ("20260714153000", "20260714143000", Some(CdaWarning::NoZone)),
        ("202607141530", "202607141430", Some(CdaWarning::NoZone)),
        ("20261025013000", "20261025003000", Some(CdaWarning::RepeatedHour)),
        ("20260329013000", "20260329013000", Some(CdaWarning::SkippedHour)),
        ("20260714", "20260714", None),
        ("20260714153000+0100", "20260714143000", None),
    ] {
        let mapped = Desk::default().map(&with("20260714153000+01", given));
        assert_eq!(mapped.entry.creation_time.as_ref().unwrap().as_str(), expected, "{given}");
        let all = [CdaWarning::NoZone, CdaWarning::RepeatedHour, CdaWarning::SkippedHour];
        assert_eq!(mapped.warnings.iter().copied().find(|w| all.contains(w)), warning, "{given}");
    }
}

#[test]
fn service_times_are_an_interval_a_point_a_centre_or_the_documented_event() {
    let interval =
        "<low value=\"20260708220500+01\"/>\n        <high value=\"20260714140000+01\"/>";
    let both = |mapped: &Mapped| {
        let text = |time: &Option<Dtm>| time.as_ref().map(ToString::to_string);
        (text(&mapped.entry.service_start_time), text(&mapped.entry.service_stop_time))
    };
    let some = |text: &str| Some(text.to_owned());
    for (given, start, stop, warning) in [
        ("<center value=\"202605012036+01\"/>", some("202605011936"), some("202605011936"), None),
        ("<low value=\"20260708\"/>", some("20260708"), None, None),
        (
            "<low value=\"20260714\"/><high value=\"20260708\"/>",
            some("20260714"),
            None,
            Some(CdaWarning::IntervalReversed),
        ),
        (
            "<low value=\"Monday\"/><high value=\"20260708\"/>",
            None,
            some("20260708"),
            Some(CdaWarning::ServiceTimeUnreadable),
        ),
    ] {
        let mapped = Desk::default().map(&with(interval, given));
        assert_eq!(both(&mapped), (start, stop), "{given}");
        let all = [CdaWarning::IntervalReversed, CdaWarning::ServiceTimeUnreadable];
        assert_eq!(mapped.warnings.iter().copied().find(|w| all.contains(w)), warning, "{given}");
    }
    let event = with(interval, "").replace(
        "<componentOf",
        "<documentationOf><serviceEvent><effectiveTime value=\"20260701\"/></serviceEvent></documentationOf><componentOf",
    );
    assert_eq!(both(&Desk::default().map(&event)), (some("20260701"), some("20260701")));
}

#[test]
fn the_format_is_the_profile_the_messages_usual_one_or_the_message() {
    let usual = "urn:nhs-en:profile:dischargeReport-v6-1";
    let other = "urn:nhs-en:profile:NonCodedCDADocument-v2-1";
    for (profile, message_type, code, scheme, unknown) in [
        (Some(other), "POCD_MT150001UK06", other, "urn:nhs-en:profile", false),
        (None, "POCD_MT150001UK06", usual, "urn:nhs-en:profile", false),
        (Some("urn:x:9"), "POCD_MT150001UK06", "POCD_MT150001UK06", oid::CDA_MESSAGE_TYPE, true),
        (None, "POCD_MT010000GB01", "POCD_MT010000GB01", oid::CDA_MESSAGE_TYPE, false),
        (
            None,
            "POCD_MT999999GB01",
            "urn:ihe:iti:xds:2017:mimeTypeSufficient",
            oid::IHE_FORMAT,
            false,
        ),
    ] {
        let desk = Desk { profile, ..Desk::default() };
        let mapped = desk.map(&with("POCD_MT150001UK06", message_type));
        let format = &mapped.entry.format_code;
        assert_eq!(
            (format.code.as_str(), format.scheme.as_str()),
            (code, scheme),
            "{message_type}"
        );
        assert_eq!(warned(&mapped, CdaWarning::ProfileUnknown), unknown);
    }
}

#[test]
fn events_are_the_interaction_the_patient_class_and_coded_procedures() {
    let events = |mapped: &Mapped| -> Vec<(String, String)> {
        let events = mapped.entry.event_code_list.iter();
        events.map(|event| (event.code.clone(), event.scheme.clone())).collect()
    };
    let pair = |code: &str, scheme: &str| (code.to_owned(), scheme.to_owned());
    let usual = pair("primaryRecipientDischargeReport-v1-0", "urn:nhs-itk:interaction");
    assert_eq!(events(&Desk::default().map(&plain())), std::slice::from_ref(&usual));
    let desk = Desk { interaction: Some("copyRecipientDischargeReport-v1-0"), ..Desk::default() };
    let copy = desk.map(&plain());
    assert_eq!(
        events(&copy),
        [pair("copyRecipientDischargeReport-v1-0", "urn:nhs-itk:interaction")]
    );
    assert_eq!(
        (copy.purpose, Desk::default().map(&plain()).purpose),
        (Purpose::Information, Purpose::Action)
    );
    let id = "<id root=\"8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21\"/>";
    let day_case = with(id, &format!("{id}<code code=\"1\" displayName=\"Day case admission\"/>"));
    let class = pair("daycase", "urn:watling:patient-class");
    assert_eq!(events(&Desk::default().map(&day_case)), [usual.clone(), class]);
    let body = format!(
        "<structuredBody><component><section><entry><procedure moodCode=\"EVN\"><code code=\"46825001\" \
         codeSystem=\"{UK}\" displayName=\"ECG\"/></procedure></entry></section></component></structuredBody>"
    );
    let procedure = pair("46825001", oid::SNOMED_CT);
    assert_eq!(events(&Desk::default().map(&sample::document(&body))), [usual, procedure]);
    let notice = with("163391000000107", "975731000000100")
        .replace("POCD_MT150001UK06", "POCD_MT010006UK03");
    assert_eq!(events(&Desk::default().map(&notice)), [pair("975731000000100", oid::SNOMED_CT)]);
}

#[test]
fn confidentiality_follows_the_rule_of_sender_and_message_type() {
    let rule =
        |publisher: Option<&str>, message_type: Option<&str>, becomes: &str| ConfidentialityRule {
            publisher: publisher.map(ods),
            message_type: message_type.map(str::to_owned),
            received: "V".to_owned(),
            becomes: becomes.to_owned(),
        };
    let discharge = Some("POCD_MT150001UK06");
    for (rules, expected) in [
        (vec![], "N"),
        (vec![rule(Some("RXN"), discharge, "V")], "V"),
        (vec![rule(Some("RXN"), None, "R")], "R"),
        (vec![rule(Some("RX7"), discharge, "V")], "N"),
        (vec![rule(None, Some("POCD_MT030001UK01"), "V")], "N"),
        (vec![rule(None, discharge, "R"), rule(None, None, "V")], "R"),
    ] {
        let rules = MappingRules { confidentiality: rules, ..MappingRules::default() };
        let mapped = Desk { rules, ..Desk::default() }.map(&plain());
        assert_eq!(mapped.entry.confidentiality_code[0].code, expected);
        assert_eq!(slot_value(&mapped, slot::RECEIVED_CONFIDENTIALITY).as_deref(), Some("V"));
    }
}

#[test]
fn confidentiality_is_in_hl7s_system_and_what_nobody_explains_is_restricted() {
    let given = "<confidentialityCode code=\"V\" codeSystem=\"2.16.840.1.113883.5.25\"";
    let local = "2.16.840.1.113883.2.1.3.2.4.17.415";
    for (code, system, message_type, expected, received) in [
        ("N", "2.16.840.1.113883.1.11.16926", "POCD_MT150001UK06", "N", None),
        ("R", "2.16.840.1.113883.1.11.16926", "POCD_MT150001UK06", "R", Some("R")),
        ("V", "2.16.840.1.113883.5.25", "POCD_MT010011GB02", "V", Some("V")),
        ("V", "", "POCD_MT150001UK06", "N", Some("V")),
        ("Z9", local, "POCD_MT150001UK06", "R", Some("Z9")),
        ("V", local, "POCD_MT150001UK06", "R", Some("V")),
    ] {
        let changed =
            with(given, &format!("<confidentialityCode code=\"{code}\" codeSystem=\"{system}\""))
                .replace("POCD_MT150001UK06", message_type);
        let mapped = Desk::default().map(&changed);
        let got = &mapped.entry.confidentiality_code[0];
        assert_eq!((got.code.as_str(), got.scheme.as_str()), (expected, oid::CONFIDENTIALITY));
        assert_eq!(slot_value(&mapped, slot::RECEIVED_CONFIDENTIALITY).as_deref(), received);
        let value_set = system.ends_with("16926");
        assert_eq!(warned(&mapped, CdaWarning::ConfidentialitySystem), value_set);
    }
    let absent = with(given, "<confidentialityCode nullFlavor=\"NI\" codeSystem=\"\"");
    let mapped = Desk::default().map(&absent);
    assert_eq!(mapped.entry.confidentiality_code[0].code, "N");
    assert!(warned(&mapped, CdaWarning::ConfidentialityUnknown));
}

#[test]
fn a_language_is_a_tag_or_british_english() {
    for (given, expected) in [
        ("", "en-GB"),
        ("en", "en-GB"),
        ("EN", "en-GB"),
        ("en-GB", "en-GB"),
        ("cy", "cy"),
        ("!", "und"),
    ] {
        let code = format!("<languageCode code=\"{given}\"/><setId");
        let mapped = Desk::default().map(&with("<setId", &code));
        assert_eq!(mapped.entry.language_code.as_str(), expected, "{given}");
        assert_eq!(warned(&mapped, CdaWarning::LanguageUnreadable), expected == "und");
    }
}

#[test]
fn references_name_set_encounter_case_and_referral() {
    let encounter = "<id root=\"8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21\"/>";
    let set = format!("{}^^^^urn:nhs:hub:cda-setid", sample::SET);
    let trust = ods("RXN").oid_under(&Oid::parse("1.2.3").unwrap(), 10);
    for (given, expected) in [
        (
            encounter.to_owned(),
            vec![
                "8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21^^^^urn:ihe:iti:xds:2015:encounterId"
                    .to_owned(),
            ],
        ),
        (
            "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.34\" extension=\"REF1\"/>\
             <id root=\"2.16.840.1.113883.2.1.3.2.4.18.35\" extension=\"CASE1\"/>"
                .to_owned(),
            vec![
                "REF1^^^&2.16.840.1.113883.2.1.3.2.4.18.34&ISO^urn:nhs:hub:nhs111-case-reference"
                    .to_owned(),
                "CASE1^^^&2.16.840.1.113883.2.1.3.2.4.18.35&ISO^urn:nhs:hub:nhs111-case-id"
                    .to_owned(),
            ],
        ),
        (
            "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"E1\"/>".to_owned(),
            vec![format!("E1^^^&{trust}&ISO^urn:ihe:iti:xds:2015:encounterId")],
        ),
        ("<id nullFlavor=\"NI\"/>".to_owned(), vec![]),
    ] {
        let mapped = Desk::default().map(&with(encounter, &given));
        let got: Vec<String> =
            mapped.entry.reference_id_list.iter().map(ToString::to_string).collect();
        assert_eq!(got, [vec![set.clone()], expected].concat());
    }
    let referral = with(
        "<componentOf",
        "<inFulfillmentOf><order><id root=\"1.2.3.4\" extension=\"000049912345\"/></order></inFulfillmentOf><componentOf",
    );
    let mapped = Desk::default().map(&referral);
    let referral = "000049912345^^^&1.2.3.4&ISO^urn:ihe:iti:xds:2013:referral";
    assert!(mapped.entry.reference_id_list.iter().any(|id| id.as_str() == referral));
}

#[test]
fn a_site_is_its_parent_organisation_by_table_by_prefix_or_itself() {
    let custodian = "extension=\"RXN\"/>\n        <name>Northfell Hospitals";
    let given = |code: &str| with(custodian, &custodian.replace("RXN", code));
    let with_sites = MappingRules {
        sites: [(ods("RR109"), ods("RRK"))].into(),
        organisations: [ods("RR1"), ods("R0A"), ods("RX")].into(),
        ..MappingRules::default()
    };
    for (rules, code, organisation, site, said) in [
        (MappingRules::default(), "RXN", "RXN", None, false),
        (MappingRules::default(), "rxn", "RXN", None, false),
        (MappingRules::default(), "RXN05", "RXN", Some("RXN05"), true),
        (MappingRules::default(), "RR109", "RR109", None, false),
        (with_sites.clone(), "RR109", "RRK", Some("RR109"), true),
        (with_sites.clone(), "RR108", "RR1", Some("RR108"), true),
        (with_sites, "RX7", "RX7", None, false),
    ] {
        let mapped = Desk { rules, ..Desk::default() }.map(&given(code));
        assert_eq!(
            slot_value(&mapped, slot::CUSTODIAN_ODS).as_deref(),
            Some(organisation),
            "{code}"
        );
        assert_eq!(slot_value(&mapped, slot::CUSTODIAN_SITE).as_deref(), site, "{code}");
        assert_eq!(warned(&mapped, CdaWarning::SiteUnderOrganisation), said, "{code}");
    }
    let none = Desk::default().map(&given(""));
    assert_eq!(slot_value(&none, slot::CUSTODIAN_ODS), None);
    assert!(warned(&none, CdaWarning::CustodianWithoutCode));
}

#[test]
fn the_facility_is_the_custodians_type_the_regions_word_or_the_document_types() {
    let name = "<name>Northfell Hospitals NHS Trust</name>";
    let kind = |code: &str, system: &str| {
        with(
            name,
            &format!("{name}<standardIndustryClassCode code=\"{code}\" codeSystem=\"{system}\"/>"),
        )
    };
    let facility =
        |desk: Desk, document: &str| desk.map(document).entry.healthcare_facility_type_code;
    let own = "2.16.840.1.113883.2.1.3.2.4.17.191";
    let provider = "2.16.840.1.113883.2.1.3.2.4.17.289";
    let codes = ["001", "008", "014", "015", "017", "018", "999"];
    for code in codes {
        let got = facility(Desk::default(), &kind(code, own));
        assert_eq!((got.code.as_str(), got.scheme.as_str()), (code, oid::CDA_ORGANISATION_TYPE));
    }
    assert_eq!(facility(Desk::default(), &plain()).code, "008", "an inpatient discharge's own");
    assert_eq!(facility(Desk::default(), &kind("001", provider)).code, "001");
    assert_eq!(facility(Desk::default(), &kind("777", own)).code, "008", "not in the code set");
    assert_eq!(facility(Desk::default(), &kind("017", "1.2.9")).code, "008", "another vocabulary");
    let rules = MappingRules {
        facilities: [(ods("RXN"), "010".to_owned())].into(),
        ..MappingRules::default()
    };
    assert_eq!(facility(Desk { rules, ..Desk::default() }, &plain()).code, "010");
}

#[test]
fn versions_and_what_they_replace_are_read() {
    let related = |set: &str, version: &str| {
        with(
            "<componentOf",
            &format!(
                "<relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"{}\"/><setId root=\"{set}\"/>\
                 <versionNumber value=\"{version}\"/></parentDocument></relatedDocument><componentOf",
                sample::DOCUMENT
            ),
        )
        .replacen("value=\"1\"", "value=\"2\"", 1)
    };
    let lower = sample::SET.to_lowercase();
    let mapped = Desk::default().map(&related(&lower, "1"));
    assert_eq!(mapped.replaces, sample::unique_id(sample::DOCUMENT));
    let parent = mapped.version.parent.clone().unwrap();
    assert_eq!((mapped.version.version, parent.version), (2, Some(1)));
    assert_eq!(
        (mapped.version.set_id.as_deref(), parent.set_id.as_deref()),
        (Some(sample::SET), Some(sample::SET))
    );
    assert!(!warned(&mapped, CdaWarning::ParentSetDiffers));
    let other = Desk::default().map(&related(sample::DOCUMENT, "x"));
    assert!(
        warned(&other, CdaWarning::ParentSetDiffers)
            && warned(&other, CdaWarning::VersionUnreadable)
    );
    let none = Desk::default().map(&with("<versionNumber value=\"1\"/>", ""));
    assert_eq!((none.version.version, warned(&none, CdaWarning::NoVersion)), (1, true));
    assert!(none.replaces.is_none() && none.version.parent.is_none());
    let addendum = related(sample::SET, "1").replace("typeCode=\"RPLC\"", "typeCode=\"APND\"");
    assert!(Desk::default().map(&addendum).replaces.is_none());
}

#[test]
fn headings_actions_and_plans_of_the_body_come_with_the_entry() {
    let body = format!(
        "<structuredBody><component><section><code code=\"887201000000105\" codeSystem=\"{UK}\"/>\
         <title>Plan</title><text><list><item>Check U+E. For: GP. Due: 20260801</item></list></text></section>\
         </component><component><section><title>Alerts</title><text>x</text><entry><observation>\
         <code code=\"450476008\" codeSystem=\"{UK}\"/><effectiveTime value=\"20260701\"/></observation></entry>\
         </section></component></structuredBody>"
    );
    let mapped = Desk::default().map(&sample::document(&body));
    assert_eq!(mapped.section_codes, ["887201000000105"]);
    assert!(mapped.content_codes.contains("450476008"));
    assert_eq!(slots(&mapped, slot::ACTION), ["Check U+E"]);
    assert_eq!(slots(&mapped, slot::ACTION_FOR), ["GP"]);
    assert_eq!(slots(&mapped, slot::ACTION_DUE), ["20260801"]);
    assert_eq!(slots(&mapped, slot::CPR_DECISION), ["450476008"]);
    assert_eq!(slots(&mapped, slot::DECISION_DATE), ["20260701"]);
    assert_eq!(slots(&mapped, slot::STRUCTURED), ["structured"]);
    let events: Vec<&str> = mapped.entry.event_code_list.iter().map(|e| e.code.as_str()).collect();
    assert_eq!(events, ["primaryRecipientDischargeReport-v1-0", "450476008", "urn:watling:action"]);
    assert_eq!(mapped.headings.standard, Some(HeadingStandard::Discharge));
    assert!(mapped.headings.missing().any(|heading| heading.title == "Diagnoses"));
}

#[test]
fn an_attachment_that_is_taken_out_is_a_document_beside_its_own() {
    use crate::cda::{attachment_entry, attachment_unique_id, attachments};
    use crate::metadata::AssociationType;
    use crate::submission::assemble::{Part, SetParts, assemble};
    let body = "<nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">JVBERi0xLjQK</text>\
        </nonXMLBody>";
    let document = sample::document(body);
    let entry = Desk::default().map(&document).entry;
    let found = attachments(document.as_bytes(), &Default::default()).unwrap();
    let extracted = attachment_entry(&entry, 0, &found[0]);
    assert_eq!(extracted.mime_type, "application/pdf");
    assert_eq!(extracted.unique_id, attachment_unique_id(&entry.unique_id, 0));
    assert_ne!(extracted.unique_id, attachment_unique_id(&entry.unique_id, 1));
    let references: Vec<String> =
        extracted.reference_id_list.iter().map(ToString::to_string).collect();
    assert_eq!(
        references,
        ["8D7E9C77-5E4B-4B0E-8E3A-2C5C7E9B6D21^^^^urn:ihe:iti:xds:2015:encounterId"]
    );
    assert_eq!(
        (&extracted.patient_id, &extracted.type_code),
        (&entry.patient_id, &entry.type_code)
    );
    let from = Slot::one(slot::EXTRACTED_FROM, entry.unique_id.as_str());
    assert!(extracted.extra.contains(&from));
    let set = SetParts {
        unique_id: Oid::parse("1.2.3.4").unwrap(),
        source_id: Oid::parse("1.2.3.5").unwrap(),
        submission_time: Dtm::parse("20260715").unwrap(),
        author: Vec::new(),
        intended_recipient: Vec::new(),
        title: None,
        content_type_code: entry.class_code.clone(),
        patient_id: entry.patient_id.clone(),
    };
    let parts = vec![Part::New(Box::new(entry)), Part::Extracted(Box::new(extracted), 0)];
    let submission = assemble(set, parts);
    let transform = submission.associations.iter();
    let transform = transform.filter(|a| a.association_type == AssociationType::Transforms);
    let ends: Vec<(String, String)> =
        transform.map(|a| (a.source.to_string(), a.target.to_string())).collect();
    assert_eq!(ends, [("Document02".to_owned(), "Document01".to_owned())]);
}
