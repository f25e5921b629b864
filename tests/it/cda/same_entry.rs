//! The road a document takes changes nothing of its entry.

use super::*;

#[test]
fn a_document_has_the_same_entry_with_its_message_and_without() {
    for (message_type, profile, interaction) in [
        ("POCD_MT150001UK06", "dischargeReport-v6-1", "primaryRecipientDischargeReport-v1-0"),
        (
            "POCD_MT030001UK01",
            "ambulanceServiceSummaryPatientReport-v1-1",
            "primaryRecipientAmbulanceServicePatientReport-v1-0",
        ),
        (
            "POCD_MT160001UK06",
            "emergencyDepartmentReport-v6-1",
            "primaryRecipientEmergencyDepartmentReport-v1-0",
        ),
        ("POCD_MT020001UK01", "outOfHoursReport-v1-1", "primaryRecipientOutOfHoursReport-v1-0"),
        ("POCD_MT170001UK06", "outpatientsReport-v6-1", "primaryRecipientOutpatientReport-v1-0"),
        (
            "POCD_MT010011GB02",
            "NonCodedCDADocument-v2-1",
            "primaryRecipientNonCodedCDADocument-v2-0",
        ),
        (
            "POCD_MT000026GB01",
            "eDischargeInpatientDischargeSummary-v1-0",
            "primaryRecipienteDischargeInpatientDischargeSummaryDocument-v1-0",
        ),
        (
            "POCD_MT200001GB02",
            "nhs111CDADocument-v2-0",
            "primaryGeneralPractitionerRecipientNHS111CDADocument-v2-0",
        ),
    ] {
        let document = discharge().replace("POCD_MT150001UK06", message_type);
        let profile = format!("urn:nhs-en:profile:{profile}");
        let by_message = mapped(&document, "RXN", Some((&profile, interaction)));
        let alone = mapped(&document, "RXN", None);
        assert_eq!(by_message.entry, alone.entry, "{message_type}");
    }
}
