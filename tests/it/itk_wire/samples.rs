//! Messages and answers that others wrote, where the machine has them, and what is read from each.

use super::*;
use schemas::itk::{
    Acknowledgement, FaultKind, ItkErrorCode, ItkFault, ItkMessage, PostAnswer, ReadContext, ods_of,
};
use schemas::smsp::{Response, ResponseCode, Service};
use schemas::soap::Envelope;
use schemas::xml::{Document, Limits};
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let folder = root.join("..").join("shared").join("samples").join("itk");
    if !folder.is_dir() {
        crate::skipped(&format!("no example messages in {}", folder.display()));
        return None;
    }
    Some(folder)
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(message: &str) -> Result<ItkMessage, ItkFault> {
    let document = Document::parse(message, &Limits::default()).unwrap();
    let envelope = Envelope::read_any(&document).map_err(|fault| ItkFault::from_soap(&fault))?;
    ItkMessage::read(&envelope, &ReadContext::new(now()))
}

/// A text without what would make it no element inside another.
fn element(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').trim();
    let text = text.split_once("?>").filter(|_| text.starts_with("<?xml")).map_or(text, |(_, t)| t);
    let at = text.find("<itk:").or(text.find("<soap:")).unwrap_or_default();
    text[at..].to_owned()
}

/// A bare envelope in a request of its service.
fn posted(envelope: &str, service: &str) -> String {
    request(SoapVersion::V11, &format!("{SERVICE_PREFIX}{service}"), &element(envelope))
}

fn codes(message: &ItkMessage) -> Vec<&'static str> {
    message.warnings.iter().map(|warning| warning.deviation.code()).collect()
}

#[test]
fn the_correspondence_messages_are_read_without_a_warning() {
    let Some(folder) = folder() else { return };
    for (name, interaction, tracking, item, profile, recipient) in [
        (
            "POCD_MT030001UK01_SOAPandDIST_Primary.xml",
            "primaryRecipientAmbulanceServicePatientReport-v1-0",
            "7D6F23E0-AE1A-11DB-8707-B18E1E0994EF",
            "uuid_D4059820-1ACB-400A-B61D-A0A900A3D11F",
            "ambulanceServiceSummaryPatientReport-v1-1",
            "X0912",
        ),
        (
            "POCD_MT030001UK01_SOAPandDIST_Copy.xml",
            "copyRecipientAmbulanceServicePatientReport-v1-0",
            "7D6F23E0-AE1A-11DB-8707-B18E1E0994EF",
            "uuid_D4059820-1ACB-400A-B61D-A0A900A3D11F",
            "ambulanceServiceSummaryPatientReport-v1-1",
            "X0912",
        ),
        (
            "POCD_MT150001UK06_SOAPandDIST_146230_xml_Primary.xml",
            "primaryRecipientDischargeReport-v1-0",
            "2D37D9CA-5223-41C7-A159-F33D5A914EB5",
            "uuid_E808A967-49B2-498B-AD75-1D7A0F1262D7",
            "dischargeReport-v6-1",
            "RHM",
        ),
        (
            "POCD_MT130001UK05_SOAPandDIST_Ambulance_Nullification.xml",
            "nullifyAmbulanceServicePatientReport-v1-0",
            "2D37D9CA-5223-41C7-A159-F33D5A914EB5",
            "uuid_E808A967-49B2-498B-AD75-1D7A0F1262D7",
            "nullificationDocument-v6-0",
            "RHM",
        ),
    ] {
        let unfilled = text(&folder.join("correspondence"), name);
        let fault = read(&unfilled).unwrap_err();
        assert_eq!(fault.code, ItkErrorCode::InvalidMessage, "placeholders: {fault:?}");
        let filled = unfilled
            .replace("__MESSAGEID__", &schemas::itk::upper(id(3)))
            .replace("__SENDTO__", "https://hub/itk")
            .replace("__TIMESTAMP__", "2026-01-14T15:31:00Z")
            .replace("__EXPIRES__", "2026-01-14T15:41:00Z");
        let message = read(&filled).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert_eq!(message.warnings, [], "{name}");
        assert_eq!(message.interaction.as_deref(), Some(interaction));
        assert_eq!(message.tracking_id, tracking);
        assert_eq!(message.is_nullification(), interaction.starts_with("nullify"));
        assert_eq!(message.username, "TKS Server test");
        assert!(message.business_ack_requested && !message.infrastructure_ack_requested);
        assert_eq!(ods_of(&message.addresses[0]), Some(ods(recipient)));
        let payload = &message.payloads[0];
        assert_eq!((payload.id.as_str(), payload.mime_type.as_str()), (item, "text/xml"));
        assert_eq!(payload.profile_id, Some(format!("urn:nhs-en:profile:{profile}")));
        assert!(filled.contains(std::str::from_utf8(&payload.bytes).unwrap()), "byte for byte");
    }
}

#[test]
fn the_messages_of_the_reference_are_read() {
    let Some(folder) = folder() else { return };
    let own = folder.join("own");
    let message = read(&text(&own, "req.xml")).unwrap();
    assert_eq!(message.warnings, []);
    assert!(message.infrastructure_ack_requested);
    let answer = PostAnswer::read(200, text(&own, "sync.xml").as_bytes());
    let expected = "OK:7E5B9A10-41D2-4F7E-9A51-2B9D0C6E8F33".to_owned();
    assert_eq!(answer, PostAnswer::Accepted { text: expected });
    let PostAnswer::Fault(fault) = PostAnswer::read(500, text(&own, "fault.xml").as_bytes()) else {
        panic!("no fault")
    };
    assert_eq!((fault.kind, fault.code), (FaultKind::Client, Some(ItkErrorCode::InvalidMessage)));
    let ack = read(&posted(&text(&own, "infack.xml"), "SendInfrastructureAck-v1-0")).unwrap();
    assert_eq!(ack.warnings, []);
    let ack = Acknowledgement::read(&ack.payloads[0].bytes).unwrap();
    assert!(ack.is_positive());
    assert_eq!(ack.tracking_id_ref(), message.tracking_id);
    let nack = Acknowledgement::read(text(&own, "infnack_part.xml").as_bytes()).unwrap();
    let Acknowledgement::Infrastructure(nack) = nack else { panic!("{nack:?}") };
    let code = nack.errors[0].distribution_error();
    assert_eq!(code, Some(DistributionErrorCode::ManifestItem));
}

#[test]
fn acknowledgements_of_others_are_read_whatever_they_swap() {
    let Some(folder) = folder() else { return };
    let acks = folder.join("acks");
    let of = |name: &str| Acknowledgement::read(text(&acks, name).as_bytes()).unwrap();
    assert!(of("test-infack.xml").is_positive());
    let Acknowledgement::Infrastructure(nack) = of("test-infnack.xml") else { panic!() };
    assert!(!nack.is_positive());
    assert_eq!(nack.result, InfrastructureResult::Other("ERROR".to_owned()));
    assert_eq!(
        (nack.errors[0].code.as_str(), nack.errors[0].distribution_error()),
        ("098765", None)
    );
    assert_eq!(nack.reporting_identities[0].ods(), None, "BBB is no ODS code");
    for (name, positive) in [
        ("test-wrapped-busack.xml", true),
        ("test-xmlpayload.xml", true),
        ("test-wrapped-busnack.xml", false),
    ] {
        let message = read(&posted(&text(&acks, name), "SendBusinessAck-v1-0")).unwrap();
        assert!(message.is_acknowledgement());
        let forms = codes(&message);
        assert!(forms.iter().all(|code| *code == "ADDRESS_FORM") && forms.len() == 3, "{forms:?}");
        let ack = Acknowledgement::read(&message.payloads[0].bytes).unwrap();
        assert_eq!(ack.is_positive(), positive, "{name}");
        assert_eq!(ack.tracking_id_ref(), "7D6F23E0-AE1A-11DB-8707-B18E1E0994EF");
        let Acknowledgement::Business(ack) = ack else { panic!("{name}") };
        assert_eq!(ack.items[0].0, "uuid_D4059820-1ACB-400A-B61D-A0A900A3D11F");
        assert!(ack.creation_time.is_some(), "without a zone");
        assert!(ack.sender.is_some() && ack.receiver.is_some());
    }
}

#[test]
fn filled_templates_of_acknowledgements_are_read() {
    let Some(folder) = folder() else { return };
    for (name, positive) in
        [("infrastructure_ack_template", true), ("infrastructure_nack_template", false)]
    {
        let template = text(&folder.join("acks"), &format!("{name}.xml.txt"));
        let error = DistributionErrorCode::Payload;
        let filled = template
            .replace("__SERVICE_REF__", "urn:nhs-itk:services:201005:SendCDADocument-v2-0")
            .replace("__SERVICE__", "urn:nhs-itk:services:201005:SendInfrastructureAck-v1-0")
            .replace("__TRACKING_ID_REF__", &schemas::itk::upper(id(1)))
            .replace("__TRACKING_ID__", &schemas::itk::upper(id(2)))
            .replace("__PAYLOAD_ID__", &schemas::itk::upper(id(6)))
            .replace("__TO_OID__", "")
            .replace("__TO_URI__", "urn:nhs-uk:addressing:ods:XZ9")
            .replace("__AUDIT_ID__", "urn:nhs-uk:identity:ods:QE1")
            .replace("__SENDER__", "urn:nhs-uk:addressing:ods:QE1")
            .replace("__TIMESTAMP__", "2026-01-14T15:31:00Z")
            .replace("__ERROR_ID__", &schemas::itk::upper(id(9)))
            .replace("__ERROR_OID__", schemas::itk::DISTRIBUTION_ERRORS)
            .replace("__ERROR_CODE__", error.code())
            .replace("__ERROR_TEXT__", error.text())
            .replace("__ERROR_DIAGNOSTICS__", "");
        assert!(!filled.contains("__"), "{filled}");
        let message = read(&posted(&filled, "SendInfrastructureAck-v1-0")).unwrap();
        assert_eq!((message.warnings, message.interaction), (vec![], None));
        let ack = Acknowledgement::read(&message.payloads[0].bytes).unwrap();
        assert_eq!(ack.is_positive(), positive, "{name}");
        let Acknowledgement::Infrastructure(ack) = ack else { panic!("{name}") };
        let codes: Vec<_> = ack.errors.iter().map(|info| info.distribution_error()).collect();
        assert_eq!(codes, if positive { vec![] } else { vec![Some(error)] });
    }
}

#[test]
fn faults_of_the_workbench_are_faults_with_whatever_status() {
    let Some(folder) = folder() else { return };
    use FaultKind::{Client, MustUnderstand, Server, VersionMismatch};
    for (name, kind, code) in [
        ("fault/response_templates/Client-1000.xml", Client, "1000"),
        ("fault/response_templates/Client-2200.xml", Client, "2200"),
        ("fault/response_templates/Client-3000.xml", Client, "3000"),
        ("fault/response_templates/Server-2100.xml", Server, "2100"),
        ("fault/response_templates/Server-2200.xml", Server, "2200"),
        ("fault/response_templates/Server-3000.xml", Server, "3000"),
        ("fault/response_templates/mustUnderstand-0000.xml", MustUnderstand, "1000"),
        ("fault/response_templates/versionMismatch-0000.xml", VersionMismatch, "1000"),
        ("autotest/response_templates/ATM_test_error_1000.xml", Client, "1000"),
        ("autotest/response_templates/ATM_test_error_2200.xml", Client, "2200"),
        ("autotest/response_templates/ATM_test_error_3000.xml", Client, "3000"),
    ] {
        let fault = text(&folder.join("tkwx_sim"), name);
        let answer = schemas::soap::write(
            SoapVersion::V11,
            &schemas::soap::Headers { action: "urn:a", message_id: "M", ..Default::default() },
            &element(&fault),
        );
        for status in [200, 500] {
            let PostAnswer::Fault(read) = PostAnswer::read(status, answer.as_bytes()) else {
                panic!("{name}")
            };
            assert_eq!((read.kind, read.code), (kind, ItkErrorCode::of(code)), "{name}");
            assert_eq!(read.may_retry(), code == "2100", "{name}");
        }
    }
}

#[test]
fn every_answer_of_the_simulated_mini_services_is_read() {
    let Some(folder) = folder() else { return };
    let folder = folder.join("tkwx_sim/ITK_SMS_PDS/response_templates");
    let mut seen = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let service = match &name[..9] {
            "verifyNHS" => Service::VerifyNhsNumber,
            "getNHSNum" => Service::GetNhsNumber,
            _ => Service::GetPatientDetailsByNhsNumber,
        };
        let answer = Response::read(element(&text(&folder, &name)).as_str(), service);
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        let code = name.split('_').nth(1).unwrap_or_default();
        if let Some(code) = ResponseCode::of(code.get(..code.len().min(10)).unwrap_or_default())
            .or_else(|| ResponseCode::of(code.get(..9).unwrap_or_default()))
        {
            assert_eq!(answer.code, code, "{name}");
            seen.insert(code.code());
        }
        if answer.code != ResponseCode::Success {
            assert_eq!(answer.trusted_number(), None, "{name}");
        } else if service == Service::GetPatientDetailsByNhsNumber {
            let patient = answer.patient.unwrap_or_else(|| panic!("{name} has no patient"));
            assert!(patient.name.is_some() && patient.birth_date.is_some(), "{name}");
            assert!(!patient.addresses.is_empty(), "{name}");
        }
    }
    assert_eq!(seen.len(), ResponseCode::ALL.len(), "{seen:?}");
}
