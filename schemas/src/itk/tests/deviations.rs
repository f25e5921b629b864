//! Every departure that is forgiven: taken with its warning, refused by who is strict.

use super::*;
use Deviation as D;

/// What senders do, and what it is called.
fn deviations() -> Vec<(D, String)> {
    let mut all = of_the_headers();
    all.extend(of_the_envelope());
    all
}

fn of_the_headers() -> Vec<(D, String)> {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    let header = |inner: &str| swap("</soap:Header>", &format!("{inner}</soap:Header>"));
    let lower = upper(id(1)).to_lowercase();
    vec![
        (D::ActionStyle, swap("SendCDADocument-v2-0</wsa:A", "sendDistEnvelope</wsa:A")),
        (D::ActionStyle, swap("SendCDADocument-v2-0\"", "sendRecvDistEnvelope\"")),
        (D::MessageIdForm, swap(&upper(id(3)), &id(3).to_string())),
        (D::MessageIdForm, swap(&upper(id(3)), &format!("urn:uuid:{}", id(3)))),
        (
            D::ReferenceProperties,
            header(
                "<wsa:From><wsa:Address>http://x/</wsa:Address><wsa:ReferenceParameters/></wsa:From>",
            ),
        ),
        (
            D::FaultToUnused,
            header("<wsa:FaultTo><wsa:Address>http://x/</wsa:Address></wsa:FaultTo>"),
        ),
        (D::TimestampIdForm, swap(&upper(id(4)), "Timestamp-1")),
        (D::TimeWithoutZone, swap("04Z</wsu:Created>", "04</wsu:Created>")),
        (
            D::SignatureNotVerified,
            swap(
                "</wsse:Security>",
                "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></wsse:Security>",
            ),
        ),
        (D::TrackingIdCase, swap(&upper(id(1)), &lower)),
        (D::SameIds, swap(&upper(id(3)), &upper(id(1)))),
        (D::SameIds, swap(&upper(id(4)), &upper(id(2)))),
        (D::SameIds, good.replace(&payload_id(id(2)), &payload_id(id(3)))),
    ]
}

fn of_the_envelope() -> Vec<(D, String)> {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    let attribute = |mark: &str, attribute: &str| swap(mark, &format!("{mark} {attribute}"));
    let spec = |inner: &str| {
        swap("<itk:handlingSpecification>", &format!("<itk:handlingSpecification>{inner}"))
    };
    let sender = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:XZ9:TIE\"/>";
    let v1 = without(
        &without(&good, "<itk:senderAddress", "/>"),
        "<itk:handlingS",
        "</itk:handlingSpecification>",
    );
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    let located = format!("{xsi} xsi:schemaLocation=\"urn:x x.xsd\"");
    vec![
        (
            D::PartOrder,
            swap(sender, "").replacen("<itk:manifest ", &format!("{sender}<itk:manifest "), 1),
        ),
        (D::UnknownPart, changed(&v1, "</itk:header>", "<itk:extension a=\"1\"/></itk:header>")),
        (D::UnknownPart, swap("</itk:header>", "<x:extension xmlns:x=\"urn:x\"/></itk:header>")),
        (D::UnknownAttribute, attribute("<itk:addresslist", "count=\"1\"")),
        (D::BlankAttribute, swap("<itk:payload id", "<itk:payload filename=\" \" id")),
        (D::BlankAttribute, swap(" base64=\"false\"", " base64=\"\"")),
        (D::SchemaLocation, attribute("<itk:DistributionEnvelope", &located)),
        (D::SchemaLocation, attribute("<ClinicalDocument", &located)),
        (D::FlagForm, swap("base64=\"false\"", "base64=\"False\"")),
        (D::FlagForm, swap("infackrequested\" value=\"true\"", "infackrequested\" value=\"1\"")),
        (D::FlagForm, swap("infackrequested\" value=\"true\"", "infackrequested\" value=\"TRUE\"")),
        (
            D::AddressForm,
            swap("urn:nhs-uk:addressing:ods:VX008", "urn:nhs-uk:addressing:AAA:VX008"),
        ),
        (D::AddressForm, swap("urn:nhs-uk:identity:ods:XZ901", "urn:nhs-uk:addressing:ods:XZ901")),
        (D::AddressForm, swap("123456789012", "12345")),
        (D::UnknownSpec, spec("<itk:spec key=\"urn:x\" value=\"y\"/>")),
        (
            D::SpecKeyForm,
            swap("urn:nhs-itk:ns:201005:ackrequested", "urn:nhs:itk:ns:201005:ackrequested"),
        ),
        (D::ByteOrderMark, format!("\u{feff}{good}")),
        (D::ControlCharacter, swap("<title>x", "<title>\u{85}")),
        (D::ControlCharacter, swap("<title>x", "<title>\u{7f}")),
    ]
}

#[test]
fn what_leaves_the_meaning_is_taken_with_its_warning() {
    for (deviation, text) in deviations() {
        let message = read(&text).unwrap_or_else(|fault| panic!("{deviation:?}: {fault:?}"));
        let found: Vec<_> = message.warnings.iter().map(|warning| warning.deviation).collect();
        assert_eq!(found, [deviation], "{text}");
        assert_eq!(message.tracking_id, upper(id(1)));
        assert_eq!(message.payloads.len(), 1);
    }
}

#[test]
fn who_is_strict_refuses_what_breaks_a_rule() {
    let strict = ReadContext { strict: true, ..ReadContext::new(now()) };
    assert!(read_with(&request(), &strict).is_ok());
    for (deviation, text) in deviations() {
        let read = read_with(&text, &strict);
        assert_eq!(read.is_err(), deviation.is_breach(), "{deviation:?}");
        if let Err(fault) = read {
            assert_eq!(fault.code, ItkErrorCode::InvalidMessage);
            assert!(fault.diagnostic.starts_with(deviation.code()), "{}", fault.diagnostic);
        }
    }
}

#[test]
fn every_deviation_of_a_message_has_its_case() {
    let cases: Vec<_> = deviations().into_iter().map(|(deviation, _)| deviation).collect();
    // HTTP's action is told to the reader by the endpoint, and reuse by who knows earlier messages.
    let elsewhere = [D::SoapActionDiffers, D::TrackingIdReused];
    for deviation in D::ALL.iter().filter(|deviation| !elsewhere.contains(deviation)) {
        assert!(cases.contains(deviation), "{deviation:?}");
    }
}

#[test]
fn an_http_action_may_be_quoted_or_absent_and_is_noted_where_it_differs() {
    let text = request();
    let document = Document::parse(&text, &Limits::default()).unwrap();
    let warned = |http: Option<&str>| {
        let http_action = http.map(str::to_owned);
        let envelope = Envelope { http_action, ..Envelope::read_any(&document).unwrap() };
        let message = ItkMessage::read(&envelope, &ReadContext::new(now())).unwrap();
        message.warnings.iter().any(|warning| warning.deviation == D::SoapActionDiffers)
    };
    let service = envelope().service;
    let quoted = format!("\"{service}\"");
    for same in [None, Some(""), Some("\"\""), Some(service.as_str()), Some(quoted.as_str())] {
        assert!(!warned(same), "{same:?}");
    }
    assert!(warned(Some("\"urn:nhs-itk:services:201005:SendDocument-v1-0\"")));
}

#[test]
fn spaces_around_what_is_said_are_passed_over_in_silence() {
    let text = request();
    let text = changed(&text, "value=\"true\"", "value=\" true \"");
    let text = changed(&text, "manifest count=\"1\"", "manifest count=\" 1 \"");
    let text = changed(&text, ">northfell-tie<", ">\n  northfell-tie\n<");
    let message = read(&text).unwrap();
    assert!(message.warnings.is_empty() && message.infrastructure_ack_requested);
    assert_eq!(message.username, "northfell-tie");
}

#[test]
fn an_envelope_of_version_one_asks_for_nothing() {
    let good = request();
    let v1 = without(
        &without(&good, "<itk:senderAddress", "/>"),
        "<itk:handlingS",
        "</itk:handlingSpecification>",
    );
    let extended = changed(&v1, "</itk:header>", "<itk:other><a/></itk:other></itk:header>");
    let message = read(&extended).unwrap();
    assert_eq!(message.version, EnvelopeVersion::V1);
    assert_eq!(message.unknown_parts, ["<itk:other><a/></itk:other>"]);
    assert_eq!((message.sender_address, message.interaction), (None, None));
    assert!(!message.infrastructure_ack_requested && !message.business_ack_requested);
    assert_eq!(read(&good).unwrap().version, EnvelopeVersion::V2);
}

#[test]
fn the_style_of_the_action_is_that_of_the_answer() {
    let service = format!("{SERVICE_PREFIX}SendCDADocument-v2-0");
    for (name, style) in [
        ("SendCDADocument-v2-0", ActionStyle::Specific),
        (SEND, ActionStyle::Send),
        (SEND_AND_RECEIVE, ActionStyle::SendAndReceive),
    ] {
        let text = request().replace(&service, &format!("{SERVICE_PREFIX}{name}"));
        let message = read(&text).unwrap();
        assert_eq!((message.style, message.warnings), (style, vec![]));
    }
}
