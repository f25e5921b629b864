//! Document type and care setting, from everything that may name them.

use super::*;

const CODE: &str = "<code code=\"163391000000107\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\" displayName=\"Discharge from Inpatient Care\"/>";
const SETTING: &str = "<code code=\"700433006\"";
const EXPRESSION: &str = "810301000000103:810311000000101=373942005,810321000000107=394576009";

fn coded(code: &str, system: &str) -> String {
    with(CODE, &format!("<code code=\"{code}\" codeSystem=\"{system}\"/>"))
}

fn facts(mapped: &Mapped) -> (&str, &str, &str) {
    let entry = &mapped.entry;
    (&mapped.document_type, &entry.type_code.code, &entry.practice_setting_code.code)
}

#[test]
fn single_pair_and_compositional_codes_give_type_and_setting() {
    let expression = oid::SNOMED_CT_EXPRESSION;
    let ae = ("ae-discharge", "373942005", "394576009");
    let inpatient = ("inpatient-discharge", "373942005", "700433006");
    let type_only = "810301000000103:810311000000101=373942005";
    for (code, system, expected, warning) in [
        ("163391000000107", UK, inpatient, None),
        ("373942005", UK, inpatient, None),
        ("373942005", oid::SNOMED_CT, inpatient, None),
        (EXPRESSION, expression, ae, None),
        (EXPRESSION, UK, ae, Some(CdaWarning::ExpressionUnderCodeSystem)),
        (type_only, expression, inpatient, None),
        ("373942005+394576009", expression, ae, Some(CdaWarning::TypePair)),
        ("373942005:394576009", UK, ae, Some(CdaWarning::TypePair)),
        (
            "373942005+892811000000109",
            UK,
            ("mental-health-discharge", "373942005", "892811000000109"),
            Some(CdaWarning::TypePair),
        ),
        (
            "373942005+714088003",
            UK,
            ("maternity-discharge", "373942005", "714088003"),
            Some(CdaWarning::TypePair),
        ),
        ("373942005+999999999", UK, inpatient, Some(CdaWarning::TypePair)),
    ] {
        let mapped = Desk::default().map(&coded(code, system));
        assert_eq!(facts(&mapped), expected, "{code}");
        let all = [CdaWarning::ExpressionUnderCodeSystem, CdaWarning::TypePair];
        assert_eq!(mapped.warnings.iter().copied().find(|w| all.contains(w)), warning, "{code}");
        let received = slot_value(&mapped, slot::RECEIVED_TYPE);
        assert_eq!(received.as_deref(), (code != "373942005").then_some(code), "{code}");
    }
}

#[test]
fn every_alias_is_stored_as_its_types_code() {
    let sets = sample::code_sets();
    for document_type in &sets.document_type {
        for alias in &document_type.aliases {
            let document = coded(alias, UK).replace("POCD_MT150001UK06", "POCD_MT010011GB02");
            let mapped = Desk::default().map(&document);
            assert_eq!(mapped.entry.type_code.code, document_type.type_code, "{alias}");
            assert_eq!(mapped.entry.class_code.code, document_type.class_code, "{alias}");
            assert_eq!(slot_value(&mapped, slot::RECEIVED_TYPE).as_deref(), Some(alias.as_str()));
        }
    }
}

#[test]
fn every_type_is_found_by_its_code_with_its_class_facility_and_setting() {
    let sets = sample::code_sets();
    for document_type in sets.document_type.iter().filter(|t| t.by_setting) {
        let code = format!("{}+{}", document_type.type_code, document_type.practice_setting);
        let mapped = Desk::default().map(&coded(&code, UK));
        assert_eq!(mapped.document_type, document_type.name, "{code}");
    }
    for document_type in &sets.document_type {
        let document = coded(&document_type.type_code, UK)
            .replace("POCD_MT150001UK06", "POCD_MT010011GB02")
            .replace(SETTING, "<code nullFlavor=\"NI\"");
        let mapped = Desk::default().map(&document);
        let entry = &mapped.entry;
        assert_eq!(entry.type_code.code, document_type.type_code);
        assert_eq!(entry.type_code.scheme, oid::SNOMED_CT);
        assert_eq!(entry.class_code.code, document_type.class_code, "{}", document_type.name);
    }
}

#[test]
fn the_message_type_stands_in_for_a_code_that_nobody_knows() {
    for (message_type, name, setting) in [
        ("POCD_MT150001UK06", "inpatient-discharge", "700433006"),
        ("POCD_MT000026GB01", "inpatient-discharge", "700433006"),
        ("POCD_MT160001UK06", "ae-discharge", "394576009"),
        ("POCD_MT170001UK06", "outpatient-letter", "700433006"),
        ("POCD_MT030001UK01", "ambulance-report", "700433006"),
        ("POCD_MT020001UK01", "out-of-hours-encounter", "700433006"),
        ("POCD_MT200001GB02", "nhs-111-report", "700433006"),
    ] {
        let document = coded("185361000000102", UK).replace("POCD_MT150001UK06", message_type);
        let mapped = Desk::default().map(&document);
        assert_eq!((facts(&mapped).0, facts(&mapped).2), (name, setting), "{message_type}");
        assert!(warned(&mapped, CdaWarning::TypeByMessage));
        assert_eq!(slot_value(&mapped, slot::RECEIVED_TYPE).as_deref(), Some("185361000000102"));
    }
}

#[test]
fn the_interaction_stands_in_where_the_message_type_is_missing_too() {
    let nameless = coded("185361000000102", UK).replace("n:messageType", "n:other");
    for (interaction, name) in [
        ("primaryRecipientAmbulanceServicePatientReport-v1-0", "ambulance-report"),
        ("copyRecipientDischargeReport-v1-0", "inpatient-discharge"),
        ("primaryRecipienteDischargeInpatientDischargeSummaryDocument-v1-0", "inpatient-discharge"),
        ("copyRecipientEmergencyDepartmentReport-v1-0", "ae-discharge"),
        ("primaryRecipientOutOfHoursReport-v1-0", "out-of-hours-encounter"),
        ("primaryRecipientOutpatientReport-v1-0", "outpatient-letter"),
        ("copyRecipientNHS111CDADocument-v2-0", "nhs-111-report"),
    ] {
        let mapped = Desk { interaction: Some(interaction), ..Desk::default() }.map(&nameless);
        assert_eq!(mapped.document_type, name, "{interaction}");
        assert!(
            warned(&mapped, CdaWarning::TypeByInteraction)
                && warned(&mapped, CdaWarning::NoMessageType)
        );
    }
}

#[test]
fn an_emergency_department_report_is_one_whatever_ward_it_names() {
    for document in [
        coded("185291000000100", UK).replace("POCD_MT150001UK06", "POCD_MT010011GB02"),
        coded("373942005", UK).replace("POCD_MT150001UK06", "POCD_MT160001UK06"),
    ] {
        let mapped = Desk::default().map(&document);
        assert_eq!(facts(&mapped), ("ae-discharge", "373942005", "394576009"));
        assert_eq!(slot_value(&mapped, slot::RECEIVED_SETTING).as_deref(), Some("700433006"));
    }
}

#[test]
fn a_setting_that_is_not_in_the_code_set_is_kept_and_the_types_own_is_taken() {
    for unknown in ["<code code=\"123456789012\"", "<code nullFlavor=\"NI\""] {
        let mapped = Desk::default().map(&with(SETTING, unknown));
        assert_eq!(facts(&mapped), ("inpatient-discharge", "373942005", "309944008"));
        let received = slot_value(&mapped, slot::RECEIVED_SETTING);
        assert_eq!(warned(&mapped, CdaWarning::SettingUnknown), received.is_some());
    }
    let specialty = with(
        "code=\"700433006\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\"",
        "code=\"110\" codeSystem=\"2.16.840.1.113883.2.1.6.8\"",
    );
    let mapped = Desk::default().map(&specialty);
    assert_eq!(facts(&mapped).2, "309944008", "a main specialty is no care setting");
}

#[test]
fn a_local_code_is_looked_up_in_the_regions_table_or_by_the_message() {
    let local = "2.16.840.1.113883.2.1.3.2.4.17.337";
    let document = coded("LETTER1", local).replace("POCD_MT150001UK06", "POCD_MT010011GB02");
    let unknown = Desk::default().try_map(&document).unwrap_err();
    assert!(matches!(unknown, MappingError::UnknownType { received, .. } if received == "LETTER1"));
    let rules = MappingRules {
        local_types: [("LETTER1".to_owned(), "outpatient-letter".to_owned())].into(),
        ..MappingRules::default()
    };
    let mapped = Desk { rules, ..Desk::default() }.map(&document);
    assert_eq!(mapped.document_type, "outpatient-letter");
    assert!(warned(&mapped, CdaWarning::LocalType));
    // A SNOMED CT code under a local system is a local code that looks like one.
    let borrowed = Desk::default().map(&coded("823681000000100", local));
    assert_eq!(borrowed.document_type, "inpatient-discharge", "by the messageType");
}

#[test]
fn an_unknown_type_becomes_the_configured_one_or_is_refused() {
    let unknown = coded("185361000000102", UK).replace("POCD_MT150001UK06", "POCD_MT010011GB02");
    assert!(matches!(Desk::default().try_map(&unknown), Err(MappingError::UnknownType { .. })));
    let rules = MappingRules { default_unknown_types: true, ..MappingRules::default() };
    let desk = Desk { rules, ..Desk::default() };
    let mapped = desk.map(&unknown);
    assert_eq!(mapped.document_type, desk.sets.default_type().unwrap().name);
    assert!(warned(&mapped, CdaWarning::TypeDefaulted));
    assert_eq!(slot_value(&mapped, slot::RECEIVED_TYPE).as_deref(), Some("185361000000102"));
    let sets = CodeSets { default_type: None, ..desk.sets.clone() };
    assert!(Desk { sets, ..desk }.try_map(&unknown).is_err(), "there is no default to take");
    let no_type = coded("810301000000103:810321000000107=394576009", oid::SNOMED_CT_EXPRESSION)
        .replace("POCD_MT150001UK06", "POCD_MT010011GB02");
    assert!(matches!(Desk::default().try_map(&no_type), Err(MappingError::UnknownType { .. })));
}
