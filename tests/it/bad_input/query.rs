//! Questions that cannot be asked: each is told why.

use super::{assert_failure, assert_fault};
use hub::serve::Role;
use tests::message;
use tests::{Answer, TestHub};

const NHS: &str = "2.16.840.1.113883.2.1.4.1";

fn gateway_refuses(hub: &TestHub, words: &[&str], envelope: &str) -> Answer {
    let request = hub.request("ZZP01", hub.url(Role::Gateway));
    let answer = hub.refuses(Role::Gateway, words, || request.soap(envelope));
    assert!(!answer.contains("ExtrinsicObject") && !answer.contains("DocumentResponse"));
    answer
}

fn find(more: &str) -> String {
    message::find_documents("9000000009", "LeafClass", more)
}

/// The query without one of its parameters.
fn find_without(parameter: &str) -> String {
    find("").replace(parameter, "$Other")
}

#[test]
fn an_unknown_stored_query_is_named_with_those_that_are_known() {
    let hub = TestHub::start();
    let unknown = "urn:uuid:3d1bdb10-39a2-11de-89c2-2f44d94eaa9f";
    let sent = find("").replace("urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d", unknown);
    let words = [unknown, "is not known here", "FindDocuments", "GetDocuments"];
    assert_failure(&gateway_refuses(&hub, &words, &sent), "XDSUnknownStoredQuery");
}

#[test]
fn a_required_parameter_must_be_there() {
    let hub = TestHub::start();
    for parameter in ["$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus"] {
        let words = [parameter, "is required"];
        let answer = gateway_refuses(&hub, &words, &find_without(parameter));
        assert_failure(&answer, "XDSStoredQueryMissingParam");
    }
    let get = find("")
        .replace("14d4debf-8f97-4251-9a74-a90016b0af0d", "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4");
    let words = ["$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId", "is required"];
    assert_failure(&gateway_refuses(&hub, &words, &get), "XDSStoredQueryMissingParam");
}

#[test]
fn a_single_parameter_takes_one_value() {
    let hub = TestHub::start();
    let patient =
        message::slot("$XDSDocumentEntryPatientId", &format!("'9990000026^^^&amp;{NHS}&amp;ISO'"));
    let words = ["$XDSDocumentEntryPatientId", "occurs in two Slots"];
    let answer = gateway_refuses(&hub, &words, &find(&patient));
    assert_failure(&answer, "XDSStoredQueryParamNumber");
    let times = message::slot("$XDSDocumentEntryCreationTimeFrom", "('2025','2026')");
    let words = ["$XDSDocumentEntryCreationTimeFrom", "takes one value"];
    let answer = gateway_refuses(&hub, &words, &find(&times));
    assert_failure(&answer, "XDSStoredQueryParamNumber");
}

#[test]
fn values_are_quoted_codes_have_schemes_and_times_are_times() {
    let hub = TestHub::start();
    let type_code = "$XDSDocumentEntryTypeCode";
    let from = "$XDSDocumentEntryCreationTimeFrom";
    let quoted = "neither a number nor in single quotes";
    for (name, value, rule) in [
        (type_code, "(373942005^^2.16.840.1.113883.6.96)", quoted),
        (type_code, "discharge", quoted),
        (type_code, "('373942005^^2.16.840.1.113883.6.96)", "without its closing quote"),
        (type_code, "('373942005')", "'code^^codingScheme'"),
        (from, "'yesterday'", "is not valid"),
        (from, "20261301", "does not exist in the calendar"),
    ] {
        let sent = find(&message::slot(name, value));
        let answer = gateway_refuses(&hub, &[name, rule], &sent);
        assert_failure(&answer, "XDSRegistryError");
    }
    let unquoted = find("").replace("'9000000009", "9000000009").replace("ISO'", "ISO");
    let words = ["$XDSDocumentEntryPatientId", quoted];
    assert_failure(&gateway_refuses(&hub, &words, &unquoted), "XDSRegistryError");
}

#[test]
fn a_query_for_a_wrong_nhs_number_says_so() {
    let hub = TestHub::start();
    let sent = message::find_documents("9000000008", "LeafClass", "");
    let words = ["$XDSDocumentEntryPatientId is not valid", "check digit is wrong"];
    let answer = gateway_refuses(&hub, &words, &sent);
    assert_failure(&answer, "XDSRegistryError");
}

#[test]
fn a_return_type_is_leaf_class_or_object_ref() {
    let hub = TestHub::start();
    for unknown in ["RegistryObject", ""] {
        let sent = message::find_documents("9000000009", unknown, "");
        let words = [&format!("returnType {unknown:?}"), "use LeafClass or ObjectRef"];
        assert_failure(&gateway_refuses(&hub, &words, &sent), "XDSRegistryError");
    }
}

#[test]
fn a_retrieval_names_its_documents() {
    let hub = TestHub::start();
    let empty = message::retrieve(&[]);
    let answer = gateway_refuses(&hub, &["at least one DocumentRequest"], &empty);
    assert_failure(&answer, "XDSRepositoryError");
    let nameless = message::retrieve(&[""]);
    let words = ["DocumentUniqueId", "1 to 256 characters"];
    assert_failure(&gateway_refuses(&hub, &words, &nameless), "XDSRepositoryError");
}

#[test]
fn the_gateway_takes_no_documents() {
    let hub = TestHub::start();
    let sent = tests::message::Provide::letter(1).inline();
    let words = ["ProvideAndRegisterDocumentSet-b is not supported at /gateway"];
    let answer = gateway_refuses(&hub, &words, &sent);
    assert_fault(&answer, 400, "Sender/wsa:ActionNotSupported");
}
