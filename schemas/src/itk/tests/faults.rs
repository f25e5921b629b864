//! Every fault of the toolkit, to the letter, in both versions of SOAP.

use super::*;
use crate::soap::{SOAP11, SOAP12};

const CLIENT: &str =
    "A client related error has occurred, see detail element for further information";
const SERVER: &str =
    "A Server related error has occurred, see detail element for further information";
const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";

struct Row {
    fault: ItkFault,
    code_11: &'static str,
    code_12: &'static str,
    fault_string: &'static str,
    action: &'static str,
    number: &'static str,
    text: &'static str,
}

fn row(fault: ItkFault, number: &'static str, text: &'static str) -> Row {
    let server = fault.kind == FaultKind::Server;
    Row {
        fault,
        code_11: if server { "Server" } else { "Client" },
        code_12: if server { "Receiver" } else { "Sender" },
        fault_string: if server { SERVER } else { CLIENT },
        action: SOAP_FAULT,
        number,
        text,
    }
}

fn rows() -> Vec<Row> {
    use ItkErrorCode::{AccessDenied, CannotProcess, TemporarilyUnable};
    let soap = |fault: crate::soap::fault::Fault| ItkFault::from_soap(&fault);
    let foreign = soap(crate::soap::fault::Fault::must_understand("urn:x", "y"));
    let mismatch = soap(crate::soap::fault::Fault::version_mismatch());
    vec![
        row(ItkFault::invalid("the rule"), "1000", "Invalid message"),
        row(ItkFault::new(CannotProcess, "the rule"), "2200", "Message cannot be processed"),
        row(ItkFault::denied("the rule"), "3000", "Access denied"),
        row(ItkFault::new(TemporarilyUnable, "the rule"), "2100", "Temporarily unable to process"),
        row(ItkFault::at_server(CannotProcess, "the rule"), "2200", "Unable to process"),
        row(ItkFault::at_server(AccessDenied, "the rule"), "3000", "Access control unavailable"),
        Row {
            code_11: "MustUnderstand",
            code_12: "MustUnderstand",
            fault_string: "SOAP MustUnderstand error thrown.",
            action: "http://www.w3.org/2005/08/addressing/fault",
            ..row(foreign, "1000", "the header {urn:x}y must be understood and is not known here")
        },
        Row {
            code_11: "VersionMismatch",
            code_12: "VersionMismatch",
            fault_string: "Improper SOAP Version referenced",
            ..row(mismatch, "1000", "Version Error, namespace must be a proper SOAP namespace.")
        },
    ]
}

/// The texts below a path of names, whatever their namespaces.
fn at(text: &str, path: &[&str]) -> Option<String> {
    let document = Document::parse(text, &Limits::default()).unwrap();
    let found = path.iter().try_fold(document.root(), |element, name| {
        element.children().find(|child| child.local() == *name)
    });
    found.map(|element| element.trimmed().to_owned())
}

#[test]
fn every_fault_has_the_toolkits_own_words() {
    for row in rows() {
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let text = row.fault.write(version, Some("https://hub/itk"), "M-1", "E-1", Some("R-1"));
            // A version mismatch is told in SOAP 1.1, whatever was asked for.
            let old = version == SoapVersion::V11 || row.code_11 == "VersionMismatch";
            assert!(text.contains(if old { SOAP11 } else { SOAP12 }), "{text}");
            let fault = ["Body", "Fault"];
            let get = |path: &[&str]| at(&text, &[&fault, path].concat()).unwrap_or_default();
            let (code, reason, actor, detail) = match old {
                true => {
                    (get(&["faultcode"]), get(&["faultstring"]), get(&["faultactor"]), "detail")
                }
                false => {
                    (get(&["Code", "Value"]), get(&["Reason", "Text"]), get(&["Node"]), "Detail")
                }
            };
            let expected = if old { row.code_11 } else { row.code_12 };
            assert_eq!(code, format!("s:{expected}"));
            assert_eq!((reason.as_str(), actor.as_str()), (row.fault_string, "https://hub/itk"));
            let info = |name: &str| get(&[detail, "ToolkitErrorInfo", name]);
            assert_eq!((info("ErrorID"), info("ErrorCode")), ("E-1".into(), row.number.into()));
            assert_eq!(info("ErrorText"), row.text);
            assert!(!info("ErrorDiagnosticText").is_empty());
            assert!(text.contains(&format!("codeSystem=\"{TOOLKIT_ERRORS}\"")));
            assert_eq!(at(&text, &["Header", "Action"]).as_deref(), Some(row.action));
            assert_eq!(at(&text, &["Header", "RelatesTo"]).as_deref(), Some("R-1"));
            assert_eq!(at(&text, &["Header", "MessageID"]).as_deref(), Some("M-1"));
        }
    }
}

#[test]
fn a_fault_that_is_read_is_the_fault_that_was_written() {
    for row in rows() {
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let text = row.fault.write(version, None, "M", "E", None);
            assert!(!text.contains("faultactor") && !text.contains("RelatesTo"));
            let PostAnswer::Fault(read) = PostAnswer::read(500, text.as_bytes()) else { panic!() };
            assert_eq!((read.kind, read.code), (row.fault.kind, Some(row.fault.code)));
            assert_eq!(read.text, row.text);
        }
    }
}

#[test]
fn a_server_that_is_down_may_recover_and_a_refusal_stays() {
    use crate::soap::fault::Fault;
    let code = |fault: Fault| ItkFault::from_soap(&fault).code;
    assert_eq!(code(Fault::receiver("busy")), ItkErrorCode::TemporarilyUnable);
    assert_eq!(code(Fault::sender("wrong")), ItkErrorCode::InvalidMessage);
    assert_eq!(code(Fault::forbidden("no")), ItkErrorCode::AccessDenied);
    assert_eq!(ItkFault::invalid("x").http_status(None), 500);
    let refused = Fault::unauthenticated("no certificate");
    assert_eq!(ItkFault::from_soap(&refused).http_status(Some(&refused)), 403);
}
