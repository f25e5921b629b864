//! Every rule of the toolkit that a message can break, and its fault.

use super::*;

#[test]
fn a_changed_document_needs_a_new_id() {
    let hub = TestHub::start();
    accepted(&hub, &discharge());
    let changed = discharge();
    let payload = changed.payload.replace("Discharge summary", "Another summary");
    let words = ["ClinicalDocument/id is already registered with other content"];
    refused(&hub, "1000", &words, &Itk { payload, ..changed }.message());
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn the_calling_system_names_itself() {
    let hub = TestHub::start();
    let words = ["wsse:UsernameToken/wsse:Username is required"];
    let empty = Itk { username: String::new(), ..discharge() }.message();
    refused(&hub, "3000", &words, &empty);
    let token = "<wsse:UsernameToken><wsse:Username></wsse:Username></wsse:UsernameToken>";
    assert!(empty.contains(token));
    refused(&hub, "3000", &words, &empty.replace(token, ""));
}

#[test]
fn nobody_speaks_for_another_organisation() {
    let hub = TestHub::start();
    let identity = "urn:nhs-uk:identity:ods:RXL:ward7".to_owned();
    let itk = Itk { identity, ..discharge() };
    let words = ["RXN may not speak for RXL"];
    refused(&hub, "3000", &words, &itk.message());
    let address = "senderAddress uri=\"urn:nhs-uk:addressing:ods:RXL";
    let sender = discharge().message();
    let sender = sender.replace("senderAddress uri=\"urn:nhs-uk:addressing:ods:RXN", address);
    refused(&hub, "3000", &words, &sender);
}

#[test]
fn what_the_headers_must_hold() {
    let hub = TestHub::start();
    let good = discharge().message();
    let without = |start: &str, end: &str| {
        let from = good.find(start).unwrap();
        let to = from + good[from..].find(end).unwrap() + end.len();
        format!("{}{}", &good[..from], &good[to..])
    };
    let unfilled = Itk { message_id: "__MESSAGEID__".to_owned(), ..discharge() };
    let tracking = Itk { tracking_id: "42".to_owned(), ..discharge() };
    let silent = Itk { service: String::new(), ..discharge() };
    let identity = "<itk:id uri=\"urn:nhs-uk:identity:ods:RXN:ward7\"/>";
    let reply = "<wsa:ReplyTo><wsa:Address>https://sender/</wsa:Address></wsa:ReplyTo>";
    for (message, rule) in [
        (unfilled.message(), "wsa:MessageID must be a UUID"),
        (without("<wsa:MessageID>", "</wsa:MessageID>"), "wsa:MessageID must be a UUID"),
        (tracking.message(), "itk:header/@trackingid must be a UUID"),
        (silent.message(), "itk:header/@service is required"),
        (without("<wsa:To>", "</wsa:To>"), "wsa:To is required"),
        (good.replace(identity, ""), "itk:auditIdentity must hold one to four ids"),
        (good.replace(identity, &identity.repeat(5)), "itk:auditIdentity must hold one to four"),
        (good.replace("</soap:Header>", &format!("{reply}</soap:Header>")), "wsa:ReplyTo must be"),
        (without(" profileid=\"", "-v6-1\""), "manifestitem/@profileid is required"),
    ] {
        refused(&hub, "1000", &[rule], &message);
    }
}

#[test]
fn a_message_has_its_time() {
    let hub = TestHub::start();
    let stamped = |created: &str, expires: &str| {
        let (created, expires) = (created.to_owned(), expires.to_owned());
        Itk { created, expires, ..discharge() }.message()
    };
    let good = discharge().message();
    let from = good.find("<wsu:Timestamp").unwrap();
    let to = good.find("</wsu:Timestamp>").unwrap() + "</wsu:Timestamp>".len();
    let none = format!("{}{}", &good[..from], &good[to..]);
    for (message, rule) in [
        (stamped("2026-07-15T11:00:00Z", "2026-07-15T11:55:00Z"), "wsu:Expires has passed"),
        (stamped("2026-07-15T12:05:01Z", "2026-07-15T13:00:00Z"), "wsu:Created lies in the future"),
        (none, "wsu:Timestamp with Created and Expires is required"),
        (stamped("__TIMESTAMP__", "2026-07-15T13:00:00Z"), "wsu:Created must be an xsd:dateTime"),
        (stamped("2026-07-15T12:00:00Z", ""), "wsu:Expires must be an xsd:dateTime"),
    ] {
        refused(&hub, "1000", &[rule], &message);
    }
    let skewed = stamped("2026-07-15T12:05:00Z", "2026-07-15T13:00:00Z");
    assert_eq!(send(&hub, &skewed).status, 200, "a clock five minutes ahead is forgiven");
    let slow = stamped("2026-07-15T11:00:00Z", "2026-07-15T11:55:01Z");
    assert_eq!(send(&hub, &slow).status, 200, "and one five minutes behind");
    let zoned = stamped("2026-07-15T12:59:00+01:00", "2026-07-15T12:09:00");
    assert_eq!(send(&hub, &zoned).status, 200, "an offset counts; a missing zone is UTC");
}

#[test]
fn action_and_service_agree() {
    let hub = TestHub::start();
    let action = "urn:nhs-itk:services:201005:SendSomethingElse-v1-0".to_owned();
    let itk = Itk { action, ..discharge() };
    let words = ["wsa:Action and itk:header/@service differ"];
    refused(&hub, "1000", &words, &itk.message());
}

#[test]
fn manifest_and_payloads_agree() {
    let hub = TestHub::start();
    let good = discharge().message();
    let count = "must agree in number";
    for (message, rule) in [
        (good.replace("manifest count=\"1\"", "manifest count=\"2\""), count),
        (good.replace("payloads count=\"1\"", "payloads count=\"2\""), count),
        (good.replace("payloads count=\"1\"", "payloads"), count),
        (good.replace("payload id=\"uuid_1\"", "payload id=\"uuid_2\""), "exactly one payload/@id"),
        (
            good.replace("itk:manifest ", "itk:list ").replace("itk:manifest>", "itk:list>"),
            "no manifest",
        ),
        (good.replace("itk:header", "itk:head"), "has no header"),
        (good.replace("itk:payloads", "itk:loads"), "has no payloads"),
        (
            good.replace("itk:DistributionEnvelope", "itk:Envelope"),
            "does not hold an itk:DistributionEnvelope",
        ),
    ] {
        refused(&hub, "1000", &[rule], &message);
    }
}

/// A message of two documents.
fn two_documents(first: &str, second: &str) -> String {
    let itk = discharge();
    let item = format!("<itk:manifestitem id=\"uuid_1\" {}/>", itk.manifest_attributes);
    let both = format!("{item}{}", item.replace("uuid_1", "uuid_2"));
    let payloads = format!("{first}</itk:payload><itk:payload id=\"uuid_2\">{second}");
    let message = Itk { payload: payloads, ..itk }.message();
    message.replace(&item, &both).replace("count=\"1\"", "count=\"2\"")
}

#[test]
fn a_message_is_about_one_patient() {
    let hub = TestHub::start();
    let first = message::cda("9990000026", DOCUMENT);
    let second = |number| message::cda(number, "3F2504E0-4F89-41D3-9A0C-0305E82C3302");
    let words = ["the documents of one message must be about one patient"];
    refused(&hub, "1000", &words, &two_documents(&first, &second("9000000009")));
    let from = first.find("<recordTarget").unwrap();
    let to = first.find("</recordTarget>").unwrap() + "</recordTarget>".len();
    let payload = format!("{}{}", &first[..to], &first[from..]);
    let words = ["2 recordTargets", "one document is about one patient"];
    refused(&hub, "1000", &words, &Itk { payload, ..discharge() }.message());
    assert_eq!(send(&hub, &two_documents(&first, &second("9990000026"))).status, 200);
    assert_eq!(hub.contents(), (2, 2), "two documents about one patient pass");
}

#[test]
fn a_document_can_be_indexed() {
    let hub = TestHub::start();
    let cda = discharge().payload;
    let replaced = |from: &str, to: &str| {
        assert!(cda.contains(from), "{from}");
        Itk { payload: cda.replace(from, to), ..discharge() }.message()
    };
    let unknown = cda.replace("163391000000107", "1").replace("POCD_MT150001UK06", "POCD_X");
    // Neither does what is said around it.
    let unknown = Itk { payload: unknown, ..discharge() }.message();
    let unknown = unknown
        .replace("dischargeReport-v6-1", "NonCodedCDADocument-v2-1")
        .replace("DischargeReport-v1-0", "NonCodedCDADocument-v2-0");
    for (message, rule) in [
        (unknown, "ClinicalDocument/code \"1\""),
        (replaced("20260714153000+01", "yesterday"), "ClinicalDocument/effectiveTime"),
        (replaced(DOCUMENT, "not-an-id"), "ClinicalDocument/id is neither a UUID nor an OID"),
    ] {
        refused(&hub, "1000", &[rule], &message);
    }
}

#[test]
fn what_is_no_soap_gets_the_toolkits_fault() {
    let hub = TestHub::start();
    let good = discharge().message();
    for (message, rule) in [
        (format!("<!DOCTYPE e>{good}"), "(DTD) is refused"),
        (good[..good.len() - 9].to_owned(), "the SOAP envelope cannot be read"),
        (good.replace("<soap:Body>", "<soap:Body><x/>"), "exactly one element"),
    ] {
        let answer = hub.refuses(Role::Repository, &[rule], || send(&hub, &message));
        assert_itk_fault(&answer, 500, "Client", "1000");
        assert!(answer.content_type.starts_with("text/xml"), "{}", answer.content_type);
    }
    let foreign = good.replace(SOAP11, "http://example.org/soap");
    let answer = hub.refuses(Role::Repository, &["neither SOAP"], || send(&hub, &foreign));
    assert_itk_fault(&answer, 500, "VersionMismatch", "1000");
    assert_eq!(element(&answer, "faultstring"), "Improper SOAP Version referenced");
    let must = "<x:y xmlns:x=\"urn:x\" soap:mustUnderstand=\"1\"/></soap:Header>";
    let must = good.replace("</soap:Header>", must);
    let answer = hub.refuses(Role::Repository, &["{urn:x}y"], || send(&hub, &must));
    assert_itk_fault(&answer, 500, "MustUnderstand", "1000");
}

#[test]
fn a_fault_relates_to_its_request() {
    let hub = TestHub::start();
    let itk = Itk { username: String::new(), ..discharge() };
    let answer = refused(&hub, "3000", &[], &itk.message());
    assert_eq!(element(&answer, "wsa:RelatesTo"), itk.message_id);
    let action = "http://www.w3.org/2005/08/addressing/soap/fault";
    assert_eq!(element(&answer, "wsa:Action"), action);
    assert_eq!(element(&answer, "itk:ErrorText"), "Access denied");
}

#[test]
fn only_publishers_send_messages() {
    let hub = TestHub::start();
    let message = discharge().message();
    let words = ["ZZP01", "is not a publisher of this repository"];
    let request = sender(&hub, "ZZP01");
    let answer = hub.refuses(Role::Repository, &words, || request.post(&message));
    assert_itk_fault(&answer, 500, "Client", "3000");
    let anonymous = hub.anonymous(hub.itk_url()).content_type("text/xml");
    let words = ["no client certificate was presented"];
    let answer = hub.refuses(Role::Repository, &words, || anonymous.post(&message));
    assert_itk_fault(&answer, 403, "Client", "3000");
}

#[test]
fn a_saml_assertion_is_refused_in_the_toolkits_words() {
    let hub = TestHub::start();
    let assertion = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>";
    let message = discharge().message();
    let message = message.replace("</wsse:Security>", &format!("{assertion}</wsse:Security>"));
    let words = ["SAML assertion", "trusts no issuer of assertions"];
    let answer = hub.refuses(Role::Repository, &words, || send(&hub, &message));
    assert_itk_fault(&answer, 500, "Client", "3000");
}

#[test]
fn a_message_above_the_limit_is_too_large() {
    let hub = TestHub::with(|o| o.config.limits.envelope_bytes_max = 1_000);
    let message = discharge().message();
    let words = ["the SOAP envelope is larger", "1000 bytes"];
    let answer = hub.refuses(Role::Repository, &words, || send(&hub, &message));
    assert_itk_fault(&answer, 413, "Client", "1000");
}

#[test]
fn metadata_that_describe_other_payloads_are_refused_and_not_taken_for_a_document() {
    let hub = TestHub::start();
    let named = "<itk:manifestitem metadata=\"true\" ";
    let message = discharge().message().replace("<itk:manifestitem ", named);
    assert!(message.contains(named));
    refused(&hub, "2200", &["metadata that describe other payloads are not read"], &message);
    assert_eq!(hub.contents(), (0, 0));
}
