//! What is refused because its meaning is not safe, with the part of the envelope at fault.

use super::*;
use DistributionErrorCode as De;

#[track_caller]
fn refused(text: &str, code: ItkErrorCode, part: Option<De>, says: &str) {
    let fault = read(text).expect_err(says);
    assert_eq!((fault.code, fault.distribution_error), (code, part), "{fault:?}");
    assert!(fault.diagnostic.contains(says), "{fault:?}");
    assert_eq!(fault.kind, FaultKind::Client);
}

#[test]
fn a_header_address_or_identity_that_cannot_be_used_is_named() {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    let id = "<itk:id type=\"1.2.826.0.1285.0.2.0.107\" uri=\"123456789012\"/>";
    let address = "<itk:address uri=\"urn:nhs-uk:addressing:ods:VX008\"/>";
    for (text, part, says) in [
        (good.replace("itk:header", "itk:head"), De::Header, "has no header"),
        (swap("trackingid=\"7E5B", "trackingid=\"7E5"), De::Header, "@trackingid must be a UUID"),
        (swap("trackingid=\"7E5B", "trackingid=\"uuid_7E5B"), De::Header, "@trackingid must be"),
        (
            swap("service=\"urn:nhs-itk:services:201005:SendCDADocument-v2-0\"", "service=\"\""),
            De::Header,
            "@service is required",
        ),
        (
            without(&good, "<itk:addresslist>", "</itk:addresslist>").replace(
                "<itk:auditIdentity>",
                &format!(
                    "<itk:addresslist>{}</itk:addresslist><itk:auditIdentity>",
                    address.repeat(201)
                ),
            ),
            De::AddressList,
            "more than 200 addresses",
        ),
        (swap("address uri=", "address url="), De::AddressList, "itk:address/@uri is required"),
        (swap(id, &id.repeat(4)), De::AuditIdentity, "one to four ids"),
        (
            swap("id uri=\"urn:nhs-uk:identity:ods:XZ901:555000111333\"", "id"),
            De::Id,
            "itk:id/@uri is required",
        ),
        (
            swap("id uri=\"urn:nhs-uk:identity:ods:XZ901:555000111333\"", "id uri=\"\""),
            De::Id,
            "itk:id/@uri is blank",
        ),
    ] {
        refused(&text, ItkErrorCode::InvalidMessage, Some(part), says);
    }
}

#[test]
fn a_manifest_or_payload_that_cannot_be_used_is_named() {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    for (text, part, says) in [
        (
            swap("itk:manifest ", "itk:list ").replace("/itk:manifest>", "/itk:list>"),
            De::Manifest,
            "has no manifest",
        ),
        (
            swap("manifest count=\"1\"", "manifest count=\"one\""),
            De::Manifest,
            "must agree in number",
        ),
        (
            swap("manifest count=\"1\"", "manifest count=\"-1\""),
            De::Manifest,
            "must agree in number",
        ),
        (
            swap("base64=\"false\"", "base64=\"yes\""),
            De::ManifestItem,
            "@base64 must be true or false",
        ),
        (swap(" mimetype=\"text/xml\"", ""), De::ManifestItem, "@mimetype is required"),
        (swap("mimetype=\"text/xml\"", "mimetype=\"\""), De::ManifestItem, "@mimetype is blank"),
        (
            swap("compressed=\"false\"", "compressed=\"true\""),
            De::ManifestItem,
            "compressed content must also be base64",
        ),
        (
            swap("itk:payloads ", "itk:loads ").replace("/itk:payloads>", "/itk:loads>"),
            De::Payloads,
            "has no payloads",
        ),
        (
            swap("payloads count=\"1\"", "payloads count=\"0\""),
            De::Payloads,
            "must agree in number",
        ),
        (
            swap(&format!("payload id=\"{}\"", payload_id(id(2))), "payload id=\"\""),
            De::Payloads,
            "exactly one payload/@id",
        ),
    ] {
        refused(&text, ItkErrorCode::InvalidMessage, Some(part), says);
    }
}

#[test]
fn a_sender_or_a_wish_that_cannot_be_used_is_named() {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    let twice = |element: &str| swap(element, &element.repeat(2));
    let spec = |key: &str, value: &str| {
        let spec = format!("<itk:spec key=\"{HANDLING_PREFIX}{key}\" value=\"{value}\"/>");
        swap("<itk:handlingSpecification>", &format!("<itk:handlingSpecification>{spec}"))
    };
    let sender = "<itk:senderAddress uri=\"urn:nhs-uk:addressing:ods:XZ9:TIE\"/>";
    for (text, part, says) in [
        (twice(sender), De::SenderAddress, "more than one senderAddress"),
        (
            swap(sender, "<itk:senderAddress uri=\"\"/>"),
            De::SenderAddress,
            "itk:senderAddress/@uri is blank",
        ),
        (
            swap(sender, "<itk:senderAddress/>"),
            De::SenderAddress,
            "itk:senderAddress/@uri is required",
        ),
        (
            swap("</itk:header>", "<itk:handlingSpecification/></itk:header>"),
            De::HandlingSpecifications,
            "more than one handlingSpecification",
        ),
        (spec("ackrequested", "false"), De::Spec, "a key twice"),
        (
            spec("busresponserequested", "yes"),
            De::Spec,
            "busresponserequested: its value must be true or false",
        ),
        (spec("busresponserequested", ""), De::Spec, "itk:spec/@value is blank"),
        (swap("value=\"true\"", "valu=\"true\""), De::Spec, "itk:spec/@value is required"),
    ] {
        refused(&text, ItkErrorCode::InvalidMessage, Some(part), says);
    }
}

#[test]
fn a_header_that_cannot_be_used_is_named() {
    let good = request();
    let swap = |from: &str, to: &str| changed(&good, from, to);
    let old = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
    for (text, says) in [
        (swap(&upper(id(3)), "__MESSAGEID__"), "wsa:MessageID must be a UUID"),
        (without(&good, "<wsa:MessageID>", "</wsa:MessageID>"), "wsa:MessageID must be a UUID"),
        (without(&good, "<wsa:Action>", "</wsa:Action>"), "wsa:Action is required"),
        (swap("https://hub.example.nhs.uk/itk", "__SENDTO__"), "wsa:To must be an absolute URI"),
        (swap("https://hub.example.nhs.uk/itk", ""), "wsa:To is required"),
        (good.replace(crate::soap::WSA, old), "wsa:Action is required"),
        (swap(NOW, "__TIMESTAMP__"), "wsu:Created must be an xsd:dateTime"),
        (swap("15:41:04Z", "15:20:00Z"), "wsu:Expires has passed"),
        (swap(NOW, "2026-01-14T15:36:05Z"), "wsu:Created lies in the future"),
        (good.replace("SendCDADocument-v2-0", "sendRecvDistEnvelop"), "is not known here"),
        (good.replace(SERVICE_PREFIX, "urn:nhs-itk:service:"), "is not known here"),
    ] {
        let fault = read(&text).expect_err(says);
        assert_eq!(fault.code, ItkErrorCode::InvalidMessage, "{fault:?}");
        assert!(fault.diagnostic.contains(says), "{says}: {fault:?}");
    }
    for username in ["", "  ", &"x".repeat(257)] {
        let fault = read(&swap("northfell-tie", username)).unwrap_err();
        assert_eq!(fault.code, ItkErrorCode::AccessDenied);
    }
}

#[test]
fn what_is_no_message_of_the_toolkit_is_refused_before_it_is_read() {
    let good = request();
    let body = format!("<soap:Body>{}</soap:Body>", envelope().write());
    for (text, says) in [
        (changed(&good, &body, "<soap:Body><other/></soap:Body>"), "does not hold an itk:Dis"),
        (format!("<!DOCTYPE a>{good}"), "(DTD) is refused"),
        (good[..good.len() - 9].to_owned(), "not well-formed"),
        (changed(&good, "<soap:Body>", "<soap:Body><x/>"), "exactly one element"),
        (changed(&good, "<title>x", "<title>\u{1}"), "XML does not allow"),
    ] {
        let fault = read(&text).expect_err(says);
        assert_eq!(fault.code, ItkErrorCode::InvalidMessage);
        assert!(fault.diagnostic.contains(says), "{says}: {fault:?}");
    }
}

#[test]
fn other_encodings_under_the_name_of_utf_8_are_refused() {
    let good = request();
    let latin: Vec<u8> = changed(&good, "<title>x", "<title>\u{e9}")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [latin, wide] {
        let error = Document::parse_bytes(&bytes, &Limits::default()).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("not UTF-8") || words.contains("not well-formed"), "{words}");
    }
    let labelled = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{good}");
    assert!(read(&labelled).unwrap_err().diagnostic.contains("not UTF-8"));
}

#[test]
fn clocks_may_be_five_minutes_apart() {
    let good = request();
    for (from, to) in [
        (NOW, "2026-01-14T15:36:04Z"),
        ("2026-01-14T15:41:04Z", "2026-01-14T15:26:05Z"),
        (NOW, "2026-01-14T16:31:04+01:00"),
        (NOW, "2026-01-14T15:31:04.123456Z"),
    ] {
        assert!(read(&changed(&good, from, to)).is_ok(), "{to}");
    }
}
