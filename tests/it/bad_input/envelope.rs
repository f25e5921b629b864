//! What is not even a request of the profile gets a fault.

use super::{assert_fault, repository_refuses, repository_refuses_package};
use hub::serve::Role;
use node::config::SamlHeader;
use tests::TestHub;
use tests::message::{self, Provide};

const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
const ITI41: &str = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b";
const ITI43: &str = "urn:ihe:iti:2007:RetrieveDocumentSet";

/// An envelope of ITI-41 with header blocks of the test's own, wsa:Action among them or not.
fn with_headers(letter: &Provide, headers: &str) -> String {
    let inline = letter.inline();
    let body = inline.split("<s:Body>").nth(1).unwrap().split("</s:Body>").next().unwrap();
    message::envelope_with(headers, body)
}

#[test]
fn xml_that_is_no_xml_gets_a_sender_fault() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    for (broken, rule) in [
        (good[..good.len() / 2].to_owned(), "not well-formed"),
        (good.replace("</s:Body>", "</s:Bodies>"), "not well-formed"),
        (String::new(), "the SOAP envelope cannot be read"),
        (good.replace("rim:Name>", "nobody:Name>"), "prefix \"nobody\" is not declared"),
        (good.replace("A letter", "&company;"), "predefined entities"),
        (format!("<!DOCTYPE e [<!ENTITY company \"x\">]>{good}"), "(DTD) is refused"),
    ] {
        let answer = repository_refuses(&hub, &[rule], &broken);
        assert_fault(&answer, 400, "Sender");
    }
}

#[test]
fn another_soap_than_the_endpoint_speaks_is_a_version_mismatch() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let foreign = good.replace(SOAP12, "http://example.org/soap");
    let answer = repository_refuses(&hub, &["neither SOAP 1.2 nor SOAP 1.1"], &foreign);
    assert_fault(&answer, 500, "VersionMismatch");
    let older = good.replace(SOAP12, SOAP11);
    let answer = repository_refuses(&hub, &["SOAP 1.1", "this endpoint speaks SOAP 1.2"], &older);
    assert_fault(&answer, 500, "VersionMismatch");
}

#[test]
fn a_body_is_one_element_of_the_transaction() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    let renamed = good.replace("urn:ihe:iti:xds-b:2007", "urn:ihe:iti:xds-b:2008");
    let answer = repository_refuses(&hub, &["needs the body element", "xds-b:2008"], &renamed);
    assert_fault(&answer, 400, "Sender");
    let two = good.replace("<s:Body>", "<s:Body><extra/>");
    let answer = repository_refuses(&hub, &["exactly one element"], &two);
    assert_fault(&answer, 400, "Sender");
    let empty = message::envelope(ITI41, "");
    let answer = repository_refuses(&hub, &["exactly one element"], &empty);
    assert_fault(&answer, 400, "Sender");
}

#[test]
fn an_action_is_known_here_and_fits_its_body() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    for unknown in ["urn:example:Sing", "urn:ihe:iti:2007:RegistryStoredQuery"] {
        let sent = good.replace(ITI41, unknown);
        let answer = repository_refuses(&hub, &[unknown, "supported:", ITI41, ITI43], &sent);
        assert_fault(&answer, 400, "Sender/wsa:ActionNotSupported");
    }
    // RXN may not retrieve here; the disagreement is found before that is asked.
    let sent = good.replace(ITI41, ITI43);
    let answer = repository_refuses(&hub, &[ITI43, "RetrieveDocumentSetRequest"], &sent);
    assert_fault(&answer, 400, "Sender");
}

#[test]
fn without_an_action_nothing_is_guessed() {
    let hub = TestHub::start();
    let bodies =
        [Provide::letter(1).inline(), message::envelope(ITI41, "<unheard xmlns=\"urn:of\"/>")];
    let action = format!("<wsa:Action s:mustUnderstand=\"1\">{ITI41}</wsa:Action>");
    for (good, instead) in bodies.iter().flat_map(|good| [(good, ""), (good, "<wsa:Action/>")]) {
        let nameless = good.replace(&action, instead);
        assert_ne!(nameless, *good);
        let answer = repository_refuses(&hub, &["wsa:Action is missing"], &nameless);
        assert_fault(&answer, 400, "Sender/wsa:MessageAddressingHeaderRequired");
    }
}

#[test]
fn an_envelope_has_one_header_and_one_body() {
    let hub = TestHub::start();
    let good = Provide::letter(1).inline();
    for (once, twice, rule) in [
        ("<s:Body>", "<s:Header/><s:Body>", "more than one Header"),
        ("</s:Body>", "</s:Body><s:Body><extra/></s:Body>", "more than one Body"),
    ] {
        let answer = repository_refuses(&hub, &[rule], &good.replace(once, twice));
        assert_fault(&answer, 400, "Sender");
    }
}

#[test]
fn headers_occur_once_and_those_that_must_be_understood_are_known() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let action = format!("<wsa:Action>{ITI41}</wsa:Action>");
    let twice = with_headers(&letter, &format!("{action}{action}"));
    let answer = repository_refuses(&hub, &["wsa:Action occurs more than once"], &twice);
    assert_fault(&answer, 400, "Sender/wsa:InvalidAddressingHeader");
    let message_ids = with_headers(&letter, "<wsa:MessageID>urn:uuid:1</wsa:MessageID>");
    let answer = repository_refuses(&hub, &["wsa:MessageID occurs more than once"], &message_ids);
    assert_fault(&answer, 400, "Sender/wsa:InvalidAddressingHeader");
    for must in ["1", "true"] {
        let block =
            format!("{action}<x:Route xmlns:x=\"urn:example\" s:mustUnderstand=\"{must}\"/>");
        let words = ["{urn:example}Route", "must be understood"];
        let answer = repository_refuses(&hub, &words, &with_headers(&letter, &block));
        assert_fault(&answer, 500, "MustUnderstand");
    }
    let may = format!("{action}<x:Route xmlns:x=\"urn:example\"/>");
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&with_headers(&letter, &may));
    assert_eq!(answer.xds_status(), "Success", "a header that need not be understood is ignored");
}

#[test]
fn an_acting_for_header_is_an_ods_code() {
    let hub = TestHub::start();
    let block = "<w:ActingFor xmlns:w=\"urn:watling:2026\">not a code!</w:ActingFor>";
    let sent = Provide::letter(1).inline().replace("<s:Header>", &format!("<s:Header>{block}"));
    let answer = repository_refuses(&hub, &["ActingFor", "one to ten letters and digits"], &sent);
    assert_fault(&answer, 400, "Sender");
}

const ASSERTION: &str = "<wsse:Security xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\"><saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"a\" Version=\"2.0\"/></wsse:Security>";

#[test]
fn a_saml_assertion_is_refused_since_nobody_verifies_it() {
    let hub = TestHub::start();
    let sent = with_headers(&Provide::letter(1), ASSERTION);
    let answer = repository_refuses(&hub, &["SAML assertion", "trusts no issuer"], &sent);
    assert_fault(&answer, 400, "Sender/wsse:InvalidSecurity");
    let query = message::find_documents("9000000009", "LeafClass", "")
        .replace("<s:Header>", &format!("<s:Header>{ASSERTION}"));
    let request = hub.request("ZZP01", hub.url(Role::Gateway));
    let answer = hub.refuses(Role::Gateway, &["SAML assertion"], || request.soap(&query));
    assert_fault(&answer, 400, "Sender/wsse:InvalidSecurity");
}

#[test]
fn a_saml_assertion_is_ignored_where_the_configuration_says_so() {
    let hub = TestHub::with(|o| o.config.hub.saml_header = SamlHeader::Ignore);
    let action = format!("<wsa:Action>{ITI41}</wsa:Action>");
    let sent = with_headers(&Provide::letter(1), &format!("{action}{ASSERTION}"));
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&sent);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

#[test]
fn a_package_has_a_boundary_and_an_end() {
    let hub = TestHub::start();
    let (content_type, body) = Provide::letter(1).mtom();
    for cut in [10, 200, body.len() / 2, body.len() - 20, body.len() - 6] {
        let package = (content_type.clone(), body[..cut].to_vec());
        let words = ["the MIME package cannot be read", "ends before its closing boundary"];
        assert_fault(&repository_refuses_package(&hub, &words, package), 400, "Sender");
    }
    let unbounded = content_type.replace("boundary=\"suite\"; ", "");
    let package = (unbounded, body.clone());
    let answer = repository_refuses_package(&hub, &["no boundary parameter"], package);
    assert_fault(&answer, 400, "Sender");
    let rootless = content_type.replace("<root@suite>", "<elsewhere@suite>");
    let answer = repository_refuses_package(&hub, &["no root part"], (rootless, body.clone()));
    assert_fault(&answer, 400, "Sender");
    let envelope = Provide::letter(1).inline();
    let twins = message::package(&envelope, &[("twin@suite", b"1"), ("twin@suite", b"2")]);
    let words = ["two parts have the Content-ID \"twin@suite\""];
    assert_fault(&repository_refuses_package(&hub, &words, twins), 400, "Sender");
    let quoted = String::from_utf8(body).unwrap();
    let quoted = quoted.replace("Encoding: binary", "Encoding: quoted-printable").into_bytes();
    let words = ["quoted-printable", "is not supported"];
    let answer = repository_refuses_package(&hub, &words, (content_type, quoted));
    assert_fault(&answer, 400, "Sender");
}
