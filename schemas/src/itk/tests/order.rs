//! The toolkit's workbench decides in one order; so does the reader, however much is wrong at once.

use super::*;
use crate::soap::SOAP11;

struct Check {
    name: &'static str,
    /// What it changes; two checks of one place cannot break together.
    place: &'static str,
    break_it: fn(String) -> String,
    code: ItkErrorCode,
    kind: FaultKind,
    says: &'static str,
}

const fn check(
    name: &'static str,
    place: &'static str,
    break_it: fn(String) -> String,
    says: &'static str,
) -> Check {
    let (code, kind) = (ItkErrorCode::InvalidMessage, FaultKind::Client);
    Check { name, place, break_it, code, kind, says }
}

fn swap(text: String, from: &str, to: &str) -> String {
    changed(&text, from, to)
}

/// ATM_* of the workbench's autotest rules, first hit first.
fn checks() -> Vec<Check> {
    envelope_checks().into_iter().chain(content_checks()).chain(addressing_checks()).collect()
}

fn envelope_checks() -> Vec<Check> {
    let id = "every manifestitem/@id must name exactly one payload/@id";
    let count = "must agree in number";
    vec![
        Check {
            kind: FaultKind::VersionMismatch,
            ..check(
                "VersionMismatch",
                "envelope",
                |t| t.replace(SOAP11, "http://example.org/soap"),
                "neither SOAP 1.2 nor SOAP 1.1",
            )
        },
        check(
            "BadManifestNum",
            "manifest",
            |t| swap(t, "manifest count=\"1\"", "manifest count=\"2\""),
            count,
        ),
        check(
            "BadPayloadNum",
            "payloads",
            |t| swap(t, "payloads count=\"1\"", "payloads count=\"2\""),
            count,
        ),
        check("CountMismatch", "payloads", |t| swap(t, "payloads count=\"1\"", "payloads"), count),
        check(
            "PayloadManifestIDMismatch",
            "payload",
            |t| swap(t, "payload id=\"uuid_", "payload id=\"uuid_A"),
            id,
        ),
        check(
            "NoPayloadID",
            "payload",
            |t| swap(t, "itk:payload id=", "itk:payload filename="),
            id,
        ),
    ]
}

fn content_checks() -> Vec<Check> {
    vec![
        check(
            "InvalidCreatedTimeStamp",
            "timestamp",
            |t| swap(t, "Created>2026-", "Created>26-"),
            "wsu:Created must be an xsd:dateTime",
        ),
        check(
            "InvalidExpiredTimeStamp",
            "timestamp",
            |t| without(&t, "<wsu:Expires>", "</wsu:Expires>"),
            "wsu:Expires must be an xsd:dateTime",
        ),
        check(
            "BlankAttribute",
            "addresslist",
            |t| swap(t, "address uri=\"urn:nhs-uk:addressing:ods:VX008\"", "address uri=\" \""),
            "itk:address/@uri is blank",
        ),
        Check {
            code: ItkErrorCode::AccessDenied,
            ..check(
                "NoUsernameElement",
                "username",
                |t| without(&t, "<wsse:UsernameToken>", "</wsse:UsernameToken>"),
                "Username is required",
            )
        },
        check(
            "BadService",
            "action",
            |t| swap(t, "SendCDADocument-v2-0</wsa:Action>", "SendDocument-v1-0</wsa:Action>"),
            "wsa:Action and itk:header/@service differ",
        ),
        check(
            "RejectMissingProfileID",
            "profile",
            |t| without(&t, " profileid=\"", "\""),
            "manifestitem/@profileid is required",
        ),
        check(
            "RejectEmptyStringProfileId",
            "profile",
            |t| swap(t, PROFILE, ""),
            "manifestitem/@profileid is required",
        ),
        check(
            "Authorisation",
            "audit",
            |t| without(&t, "<itk:auditIdentity>", "</itk:auditIdentity>"),
            "itk:auditIdentity must hold one to four ids",
        ),
        check(
            "SCHEMA",
            "schema",
            |t| swap(t, "</itk:header>", "<itk:breakSchema/></itk:header>"),
            "itk:breakSchema",
        ),
    ]
}

fn addressing_checks() -> Vec<Check> {
    vec![
        check("NoToElement", "to", |t| without(&t, "<wsa:To>", "</wsa:To>"), "wsa:To is required"),
        check(
            "InvalidTo",
            "to",
            |t| swap(t, "https://hub.example.nhs.uk/itk", "http//:this.is.invalid/address"),
            "wsa:To must be an absolute URI",
        ),
        check(
            "NoTimeStamp",
            "timestamp",
            |t| without(&t, "<wsu:Timestamp ", "</wsu:Timestamp>"),
            "wsu:Timestamp with Created and Expires is required",
        ),
        check(
            "NonAnonymousReplyTo",
            "reply",
            |t| swap(t, "http://www.w3.org/2005/08/addressing/anonymous", "http://NOTanonymous/"),
            "wsa:ReplyTo must be absent or the anonymous URI",
        ),
        Check {
            kind: FaultKind::MustUnderstand,
            ..check(
                "RejectForeignMustUnderstand",
                "foreign",
                |t| {
                    let foreign =
                        "<l:LocalHeaderElement xmlns:l=\"urn:l\" soap:mustUnderstand=\"1\"/>";
                    swap(t, "</soap:Header>", &format!("{foreign}</soap:Header>"))
                },
                "{urn:l}LocalHeaderElement",
            )
        },
    ]
}

#[track_caller]
fn refused_by(check: &Check, text: &str, with: &str) {
    let fault = read(text).expect_err(check.name);
    let found = (fault.code, fault.kind);
    assert_eq!(found, (check.code, check.kind), "{} with {with}: {fault:?}", check.name);
    assert!(fault.diagnostic.contains(check.says), "{} with {with}: {fault:?}", check.name);
}

#[test]
fn each_check_of_the_workbench_refuses_a_message() {
    for check in checks() {
        refused_by(&check, &(check.break_it)(request()), "nothing");
    }
}

#[test]
fn a_doubly_bad_message_has_one_answer() {
    let all = checks();
    for (at, first) in all.iter().enumerate() {
        for second in all[at + 1..].iter().filter(|second| second.place != first.place) {
            // Breaking the SOAP namespace last leaves the marks of the others as they are.
            let text = (first.break_it)((second.break_it)(request()));
            refused_by(first, &text, second.name);
        }
    }
}
