//! What is written validates against the official schemas, where they lie beside the checkout.

use super::*;
use crate::schema::{schemas_folder, valid_against};
use schemas::itk::{
    COLLECT, CONFIRM, FaultKind, ItkErrorCode, ItkFault, QueueConfirmMessageReceipt, QueueMessage,
    QueueMessageResponse, QueuedMessage, SEND, SEND_AND_RECEIVE, simple_response,
};
use schemas::soap::Headers;
use std::path::{Path, PathBuf};

/// One schema of all: both SOAP envelopes, WS-Addressing, and the toolkit's namespace from the files
/// that it is spread over. Payloads are lax in it; they have schemas of their own.
fn driver(xsd: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let include = |name: &str| {
        let path = xsd.join("itk").join(name);
        assert!(path.is_file(), "{}", path.display());
        format!("<xs:include schemaLocation=\"{}\"/>", path.display())
    };
    let import = |namespace: &str, path: &Path| {
        format!("<xs:import namespace=\"{namespace}\" schemaLocation=\"{}\"/>", path.display())
    };
    let schema = |namespace: &str, content: &str| {
        format!(
            "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"{namespace}\" elementFormDefault=\"qualified\">{content}</xs:schema>"
        )
    };
    let toolkit = [
        include("ciao-cda-builder/Schemas/distributionEnvelope-v2-0.xsd"),
        include("SPINE_schema/xsd/ITKMessageTypes-2010-05.xsd"),
        include("SPINE_schema/xsd/QueueCollectionMessageTypes-2010-05.xsd"),
    ];
    let itk = folder.path().join("itk.xsd");
    std::fs::write(&itk, schema(schemas::itk::NAMESPACE, &toolkit.concat())).unwrap();
    let all = [
        import(schemas::soap::SOAP11, &xsd.join("soap/soap-1.1-envelope.xsd")),
        import(schemas::soap::SOAP12, &xsd.join("soap/soap-1.2-envelope.xsd")),
        import(schemas::soap::WSA, &xsd.join("wsa/ws-addr.xsd")),
        import(schemas::itk::NAMESPACE, &itk),
    ];
    let path = folder.path().join("all.xsd");
    std::fs::write(&path, schema("urn:driver", &all.concat())).unwrap();
    (folder, path)
}

const VERSIONS: [SoapVersion; 2] = [SoapVersion::V11, SoapVersion::V12];

#[test]
fn requests_and_acknowledgements_validate() {
    let Some(xsd) = schemas_folder() else { return };
    let (_folder, all) = driver(&xsd);
    for version in VERSIONS {
        for envelope in acknowledgements().into_iter().chain([envelope()]) {
            let generic = [SEND, SEND_AND_RECEIVE].map(|name| format!("{SERVICE_PREFIX}{name}"));
            for action in [&envelope.service, &generic[0], &generic[1]] {
                valid_against(&all, &request(version, action, &envelope.write()));
            }
        }
    }
}

#[test]
fn queue_messages_validate() {
    let Some(xsd) = schemas_folder() else { return };
    let (_folder, all) = driver(&xsd);
    let queued = QueuedMessage {
        message_payload: envelope().write(),
        service_message_type: "SendBusinessAck-v1-0".to_owned(),
        message_handle: "1".to_owned(),
    };
    let ask = |type_and_count: Option<(&str, usize)>| QueueMessage {
        subscriber_name: "hospice".to_owned(),
        service_message_type: type_and_count.map(|(name, _)| name.to_owned()),
        requested_message_count: type_and_count.map(|(_, count)| count),
    };
    let confirm =
        QueueConfirmMessageReceipt { message_handles: vec!["1".to_owned(), "2".to_owned()] };
    for version in VERSIONS {
        valid_against(&all, &request(version, COLLECT, &ask(None).write()));
        let some = ask(Some(("SendBusinessAck-v1-0", 5)));
        valid_against(&all, &request(version, COLLECT, &some.write()));
        valid_against(&all, &request(version, CONFIRM, &confirm.write()));
        for messages in [vec![], vec![queued.clone(), queued.clone()]] {
            let body = QueueMessageResponse { messages }.write();
            valid_against(&all, &answer(version, &body));
        }
    }
}

fn answer(version: SoapVersion, body: &str) -> String {
    let headers =
        Headers { action: "urn:a", message_id: "M", relates_to: Some("R"), ..Headers::default() };
    schemas::soap::write(version, &headers, body)
}

#[test]
fn answers_and_faults_validate() {
    let Some(xsd) = schemas_folder() else { return };
    let (_folder, all) = driver(&xsd);
    for version in VERSIONS {
        valid_against(&all, &answer(version, &simple_response("T")));
        use ItkErrorCode::{AccessDenied, CannotProcess, InvalidMessage, TemporarilyUnable};
        for code in [InvalidMessage, TemporarilyUnable, CannotProcess, AccessDenied] {
            for fault in [ItkFault::new(code, "rule"), ItkFault::at_server(code, "rule")] {
                for kind in [fault.kind, FaultKind::MustUnderstand, FaultKind::VersionMismatch] {
                    let fault = ItkFault { kind, ..fault.clone() };
                    let actor = Some("https://hub/itk");
                    let text = fault.write(version, actor, "M", "E", Some("R"));
                    valid_against(&all, &text);
                }
            }
        }
    }
}

#[test]
fn requests_and_answers_of_the_mini_services_validate() {
    use schemas::smsp::{BirthDate, Request, Response, ResponseCode, Service};
    let Some(xsd) = schemas_folder() else { return };
    let (_folder, all) = driver(&xsd);
    let number = schemas::nhs_number::NhsNumber::parse("9990000018").unwrap();
    let asked = Request::verify(id(1), number, BirthDate::parse("19480309").unwrap(), None);
    let envelope = asked.envelope(id(2), id(3), ItkAddress::asid("123456789012"));
    valid_against(&all, &request(SoapVersion::V11, &envelope.service, &envelope.write()));
    for service in Service::ALL {
        let said = Response::without_patient(id(1), service, ResponseCode::NoMatch);
        let envelope = said.envelope(id(2), id(3), identity());
        valid_against(&all, &answer(SoapVersion::V11, &envelope.write()));
    }
}
