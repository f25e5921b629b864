//! Metadata that breaks a rule: the error names the attribute and the rule.

use super::{assert_failure, repository_refuses};
use hub::serve::Role;
use schemas::code_set::Mode;
use schemas::metadata::ids::submission_set as set;
use std::collections::BTreeSet;
use tests::TestHub;
use tests::message::{Provide, scheme, slot};

const SNOMED: &str = "2.16.840.1.113883.6.96";
const NOWHERE: &str = "urn:uuid:00000000-0000-4000-8000-000000000000";

#[test]
fn a_required_attribute_of_a_document_entry_must_be_there() {
    let hub = TestHub::start();
    let letter = || Provide::letter(1);
    let without_identifier = |scheme: &str| letter().inline().replace(scheme, NOWHERE);
    let cases = [
        ("classCode", letter().without_code(scheme::CLASS_CODE).inline()),
        ("typeCode", letter().without_code(scheme::TYPE_CODE).inline()),
        ("confidentialityCode", letter().without_code(scheme::CONFIDENTIALITY_CODE).inline()),
        ("formatCode", letter().without_code(scheme::FORMAT_CODE).inline()),
        (
            "healthcareFacilityTypeCode",
            letter().without_code(scheme::HEALTHCARE_FACILITY_TYPE_CODE).inline(),
        ),
        ("practiceSettingCode", letter().without_code(scheme::PRACTICE_SETTING_CODE).inline()),
        ("creationTime", letter().slot("creationTime", &[]).inline()),
        ("languageCode", letter().slot("languageCode", &[]).inline()),
        ("sourcePatientId", letter().slot("sourcePatientId", &[]).inline()),
        ("mimeType", Provide { mime_type: String::new(), ..letter() }.inline()),
        ("patientId", without_identifier(scheme::PATIENT_ID)),
        ("uniqueId", without_identifier(scheme::UNIQUE_ID)),
    ];
    for (attribute, envelope) in cases {
        let rule = format!("DocumentEntry.{attribute} is required");
        let answer = repository_refuses(&hub, &[&rule, "(object Document01)"], &envelope);
        assert_failure(&answer, "XDSRepositoryMetadataError");
        assert_eq!(answer.error_codes().len(), 1, "one mistake, one error: {}", answer.text());
    }
}

#[test]
fn a_required_attribute_of_a_submission_set_must_be_there() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    for (attribute, missing) in [
        ("patientId", good.replace(set::PATIENT_ID, NOWHERE)),
        ("sourceId", good.replace(set::SOURCE_ID, NOWHERE)),
        ("uniqueId", good.replace(set::UNIQUE_ID, NOWHERE)),
        ("contentTypeCode", good.replace(set::CONTENT_TYPE_CODE, NOWHERE)),
        ("submissionTime", good.replace("\"submissionTime\"", "\"urn:example:time\"")),
    ] {
        let rule = format!("SubmissionSet.{attribute} is required");
        let answer = repository_refuses(&hub, &[&rule, "(object SubmissionSet01)"], &missing);
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
}

#[test]
fn all_mistakes_of_one_submission_are_told_at_once() {
    let hub = TestHub::start();
    let letter = Provide::letter(1).without_code(scheme::CLASS_CODE).slot("languageCode", &[]);
    let words = ["DocumentEntry.classCode is required", "DocumentEntry.languageCode is required"];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_eq!(answer.error_codes().len(), 2);
}

#[test]
fn a_code_outside_the_code_sets_is_refused_by_the_registry_attribute_by_attribute() {
    let hub = TestHub::start();
    let cases = [
        ("classCode", scheme::CLASS_CODE),
        ("typeCode", scheme::TYPE_CODE),
        ("confidentialityCode", scheme::CONFIDENTIALITY_CODE),
        ("formatCode", scheme::FORMAT_CODE),
        ("healthcareFacilityTypeCode", scheme::HEALTHCARE_FACILITY_TYPE_CODE),
        ("practiceSettingCode", scheme::PRACTICE_SETTING_CODE),
    ];
    for (attribute, classification) in cases {
        let letter = Provide::letter(1).code(classification, "unheard-of", "1.2.3.4");
        let words = [
            &format!("DocumentEntry.{attribute}"),
            "\"unheard-of\"",
            "\"1.2.3.4\"",
            "not in the affinity domain",
            "code set version",
        ];
        let answer = repository_refuses(&hub, &words, &letter.inline());
        assert_failure(&answer, "XDSRegistryMetadataError");
    }
    let content = Provide::letter(1).inline();
    let at = content.find(set::CONTENT_TYPE_CODE).unwrap();
    let (head, tail) = content.split_at(at);
    let other = format!("{head}{}", tail.replacen("823651000000106", "unheard-of", 1));
    let words = ["SubmissionSet.contentTypeCode", "\"unheard-of\"", SNOMED];
    assert_failure(&repository_refuses(&hub, &words, &other), "XDSRegistryMetadataError");

    let covered = cases.map(|(attribute, _)| attribute).into_iter().chain(["contentTypeCode"]);
    let covered: BTreeSet<&str> = covered.collect();
    let sets = hub::fixtures::code_sets().unwrap();
    let strict = sets.attribute.iter().filter(|(_, codes)| codes.mode == Mode::Strict);
    for (attribute, _) in strict {
        let of_letter =
            !matches!(attribute.as_str(), "folderCodeList" | "associationDocumentation");
        assert!(!of_letter || covered.contains(attribute.as_str()), "{attribute} has no case");
    }
}

#[test]
fn a_known_code_under_another_scheme_is_another_code() {
    let hub = TestHub::start();
    let letter = Provide::letter(1).code(scheme::TYPE_CODE, "823681000000100", "1.2.3.4");
    let words = ["DocumentEntry.typeCode", "\"823681000000100\"", "\"1.2.3.4\""];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_failure(&answer, "XDSRegistryMetadataError");
}

#[test]
fn a_mime_type_outside_the_code_sets_is_refused() {
    let hub = TestHub::start();
    let letter = Provide { mime_type: "application/x-unheard".to_owned(), ..Provide::letter(1) };
    let words = ["DocumentEntry.mimeType", "\"application/x-unheard\"", "not accepted"];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_failure(&answer, "XDSRegistryMetadataError");
}

#[test]
fn an_nhs_number_with_a_wrong_check_digit_is_refused_wherever_it_stands() {
    let hub = TestHub::start();
    let wrong = "9000000008^^^&amp;2.16.840.1.113883.2.1.4.1&amp;ISO";
    let other = "LOC-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO";
    let letter = || Provide::letter(1);
    let info = |line: &str| letter().slot("sourcePatientInfo", &[line]);
    for (attribute, bad) in [
        ("DocumentEntry.patientId", letter().patient("9000000008")),
        ("SubmissionSet.patientId", letter().patient("9000000008")),
        ("DocumentEntry.sourcePatientId", letter().slot("sourcePatientId", &[wrong])),
        ("DocumentEntry.sourcePatientInfo PID-3", info(&format!("PID-3|{wrong}"))),
        ("DocumentEntry.sourcePatientInfo PID-3", info(&format!("PID-3|{other}~{wrong}"))),
        ("DocumentEntry.sourcePatientInfo PID-3", info(&format!("PID-3|{wrong}~{other}"))),
    ] {
        let rule = format!("{attribute} is not valid");
        let words = [rule.as_str(), "check digit is wrong"];
        let answer = repository_refuses(&hub, &words, &bad.inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
    for (number, rule) in [("900000000", "has ten digits"), ("1111111111", "is never issued")] {
        let words = ["DocumentEntry.patientId", rule];
        let answer = repository_refuses(&hub, &words, &letter().patient(number).inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
    let both = info(&format!("PID-3|{}~{other}", wrong.replace("0008^", "0009^")));
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&both.inline());
    assert_eq!(answer.xds_status(), "Success", "a right number passes: {}", answer.text());
}

#[test]
fn a_patient_of_another_authority_is_unknown() {
    let hub = TestHub::start();
    let patient = "LOC-1^^^&amp;1.2.826.0.1.99999.10.1&amp;ISO".to_owned();
    let letter = Provide { patient, ..Provide::letter(1) };
    let words = ["patientId's assigning authority", "2.16.840.1.113883.2.1.4.1"];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_failure(&answer, "XDSUnknownPatientId");
}

#[test]
fn slots_are_the_profiles_or_urns_and_the_hubs_own_are_not_submitted() {
    let hub = TestHub::start();
    let letter = || Provide::letter(1);
    for (bad, words) in [
        (
            letter().slot("urn:watling:publisherOds", &["RXL"]),
            ["urn:watling:publisherOds", "may not be submitted"],
        ),
        (
            letter().slot("urn:watling:registeredAt", &["2026"]),
            ["urn:watling:registeredAt", "may not be submitted"],
        ),
        (letter().slot("colour", &["red"]), ["DocumentEntry.colour", "neither a Slot of the"]),
        (letter().slot("urn:ihe:iti:colour", &["red"]), ["urn:ihe:iti:colour", "neither a Slot"]),
        (letter().slot("languageCode", &["en", "cy"]), ["languageCode", "takes one value"]),
        (letter().slot("languageCode", &[""]), ["languageCode", "without a value"]),
    ] {
        let answer = repository_refuses(&hub, &words, &bad.inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
    let twice = slot("languageCode", "en-GB");
    let twice = letter().inline().replacen(&twice, &format!("{twice}{twice}"), 1);
    let answer = repository_refuses(&hub, &["\"languageCode\" occurs twice"], &twice);
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn a_value_is_what_its_data_type_says() {
    let hub = TestHub::start();
    let letter = || Provide::letter(1);
    let set = Provide { set_unique_id: "1.2.826.0.1.99999.030.1".to_owned(), ..letter() };
    let references = "urn:ihe:iti:xds:2013:referenceIdList";
    for (bad, words) in [
        (letter().slot("languageCode", &["en_GB"]), ["languageCode is not valid", "BCP 47"]),
        (letter().slot("documentAvailability", &["urn:x"]), ["documentAvailability is", "Offline"]),
        (letter().slot(references, &["R-1^^^&amp;1.2&amp;ISO"]), ["referenceIdList", "TypeCode"]),
        (set, ["SubmissionSet.uniqueId is not valid", "without leading zeros"]),
    ] {
        let answer = repository_refuses(&hub, &words, &bad.inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
}

#[test]
fn a_part_of_an_object_names_that_object() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    for attribute in ["classifiedObject", "registryObject"] {
        let right = format!("{attribute}=\"Document01\"");
        let wrong = good.replacen(&right, &format!("{attribute}=\"SubmissionSet01\""), 1);
        assert_ne!(wrong, good);
        let words = ["of the object Document01", attribute, "\"SubmissionSet01\""];
        assert_failure(&repository_refuses(&hub, &words, &wrong), "XDSRepositoryMetadataError");
    }
    let silent = good.replace(" classifiedObject=\"Document01\"", "");
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&silent);
    assert_eq!(answer.xds_status(), "Success", "where it stands suffices: {}", answer.text());
}

#[test]
fn times_are_times_and_a_service_does_not_end_before_it_begins() {
    let hub = TestHub::start();
    let letter = || Provide::letter(1);
    let service = |start: &str, stop: &str| {
        letter().slot("serviceStartTime", &[start]).slot("serviceStopTime", &[stop])
    };
    for (bad, words) in [
        (letter().slot("creationTime", &["20261301"]), ["creationTime is not valid", "calendar"]),
        (letter().slot("creationTime", &["20260229"]), ["creationTime is not valid", "calendar"]),
        (
            letter().slot("creationTime", &["2026-01-15T09:30:00Z"]),
            ["creationTime is not valid", "4, 6, 8, 10, 12 or 14 digits"],
        ),
        (
            letter().slot("creationTime", &["20260115093000+0100"]),
            ["creationTime is not valid", "without a zone"],
        ),
        (
            service("20260115093000", "20260115092959"),
            ["DocumentEntry.serviceStartTime", "must not be after serviceStopTime"],
        ),
        (service("20260116", "2026011523"), ["serviceStartTime", "must not be after"]),
    ] {
        let answer = repository_refuses(&hub, &words, &bad.inline());
        assert_failure(&answer, "XDSRepositoryMetadataError");
    }
    let answer = hub
        .request("RXN", hub.url(Role::Repository))
        .soap(&service("2026011509", "20260115").inline());
    assert_eq!(answer.xds_status(), "Success", "the coarser of two precisions decides");
}

/// An element of a letter's envelope, from its start tag to its end tag.
fn element<'e>(envelope: &'e str, start: &str, end: &str) -> &'e str {
    let from = envelope.find(start).unwrap();
    let to = from + envelope[from..].find(end).unwrap() + end.len();
    &envelope[from..to]
}

#[test]
fn a_unique_id_occurs_once_in_a_submission() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let as_set = Provide { set_unique_id: letter.unique_id.clone(), ..letter.clone() };
    let words = [letter.unique_id.as_str(), "occurs twice in the submission"];
    let answer = repository_refuses(&hub, &words, &as_set.inline());
    assert_failure(&answer, "XDSRepositoryDuplicateUniqueIdInMessage");

    let good = letter.inline();
    let entry = element(&good, "<rim:ExtrinsicObject", "</rim:ExtrinsicObject>");
    let member = element(&good, "<rim:Association", "</rim:Association>");
    let document = element(&good, "<xds:Document ", "</xds:Document>");
    let mut two = good.clone();
    for part in [entry, member, document] {
        let second = part.replace("Document01", "Document02").replace("\"as1\"", "\"as2\"");
        two = two.replacen(part, &format!("{part}{second}"), 1);
    }
    let answer = repository_refuses(&hub, &words, &two);
    assert_failure(&answer, "XDSRepositoryDuplicateUniqueIdInMessage");
}

#[test]
fn a_submission_holds_exactly_one_submission_set() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let package = element(&good, "<rim:RegistryPackage", "</rim:RegistryPackage>");
    let second = package.replace("SubmissionSet01", "SubmissionSet02").replace("30.1\"", "30.2\"");
    let two = good.replace(package, &format!("{package}{second}"));
    let answer = repository_refuses(&hub, &["exactly one SubmissionSet; this one has 2"], &two);
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let none = good.replace(package, "");
    let answer = repository_refuses(&hub, &["exactly one SubmissionSet; this one has 0"], &none);
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let unmarked = good.replace(set::MARKER, NOWHERE);
    let words = ["RegistryPackage SubmissionSet01", "marker Classification is missing"];
    let answer = repository_refuses(&hub, &words, &unmarked);
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

#[test]
fn a_document_entry_hangs_on_the_submission_set() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let member = element(&good, "<rim:Association", "</rim:Association>");
    let words = ["no HasMember links the SubmissionSet to Document01"];
    let answer = repository_refuses(&hub, &words, &good.replace(member, ""));
    assert_failure(&answer, "XDSRepositoryMetadataError");
    let words = ["HasMember to Document01", "SubmissionSetStatus", "Original"];
    let referenced = good.replace(">Original<", ">Reference<");
    let answer = repository_refuses(&hub, &words, &referenced);
    assert_failure(&answer, "XDSRepositoryMetadataError");
}

fn association(id: &str, kind: &str, source: &str, target: &str) -> String {
    format!(
        "<rim:Association id=\"{id}\" associationType=\"{kind}\" sourceObject=\"{source}\" targetObject=\"{target}\"/>"
    )
}

#[test]
fn a_reference_leads_somewhere() {
    let hub = TestHub::start();
    let replaces = "urn:ihe:iti:2007:AssociationType:RPLC";
    let missing = association("as2", replaces, "Document01", "Nowhere");
    let letter = Provide { associations: missing, ..Provide::letter(1) };
    let words = ["the symbolic id Nowhere names no object of the submission"];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_failure(&answer, "UnresolvedReferenceException");

    let unregistered = association("as2", replaces, "Document01", NOWHERE);
    let letter = Provide { associations: unregistered, ..Provide::letter(1) };
    let words = [NOWHERE, "is not a registered DocumentEntry"];
    let answer = repository_refuses(&hub, &words, &letter.inline());
    assert_failure(&answer, "UnresolvedReferenceException");
}

#[test]
fn entries_and_set_are_about_one_patient() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let at = good.find(set::PATIENT_ID).unwrap();
    let other = format!("{}{}", &good[..at], good[at..].replacen("9000000009", "9990000026", 1));
    let words = ["the patientId of Document01 differs from the SubmissionSet's"];
    let answer = repository_refuses(&hub, &words, &other);
    assert_failure(&answer, "XDSPatientIdDoesNotMatch");
}
