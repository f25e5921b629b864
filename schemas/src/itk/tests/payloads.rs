//! However a payload is wrapped, the same bytes come out, or the message is refused.

use super::*;
use DistributionErrorCode as De;
use base64::Engine;
use std::io::Write;

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines(text: &str, columns: usize, end: &str) -> String {
    let chunks = text.as_bytes().chunks(columns);
    chunks.map(|line| format!("{}{end}", String::from_utf8_lossy(line))).collect()
}

/// The message with a payload wrapped by hand.
fn wrapped(payload: &str, base64: bool, compressed: bool) -> String {
    let text = changed(&request(), CDA, payload);
    let flags = format!("base64=\"{base64}\" compressed=\"{compressed}\"");
    changed(&text, "base64=\"false\" compressed=\"false\"", &flags)
}

fn decoded(text: &str) -> Manifested {
    let mut message = read(text).unwrap();
    assert_eq!(message.warnings, []);
    message.payloads.remove(0)
}

#[test]
fn the_same_bytes_come_out_of_every_wrapping() {
    let document = CDA.repeat(5);
    let document = format!("<a>{document}</a>");
    let plain = base64(document.as_bytes());
    let zipped = base64(&gzip(document.as_bytes()));
    let mut members = gzip(&document.as_bytes()[..100]);
    members.extend(gzip(&document.as_bytes()[100..]));
    for (text, encoding) in [
        (wrapped(&document, false, false), Encoding::Inline),
        (wrapped(&format!("\r\n\t{document}\n"), false, false), Encoding::Inline),
        (wrapped(&format!("<!-- c -->{document}"), false, false), Encoding::Inline),
        (wrapped(&plain, true, false), Encoding::Base64),
        (wrapped(&lines(&plain, 64, "\n"), true, false), Encoding::Base64),
        (wrapped(&lines(&plain, 76, "\r\n"), true, false), Encoding::Base64),
        (wrapped(&lines(&plain, 76, "&#13;\n"), true, false), Encoding::Base64),
        (wrapped(&format!("<![CDATA[{plain}]]>"), true, false), Encoding::Base64),
        (wrapped(&zipped, true, true), Encoding::Gzip),
        (wrapped(&base64(&members), true, true), Encoding::Gzip),
    ] {
        let payload = decoded(&text);
        assert_eq!(payload.encoding, encoding);
        assert_eq!(String::from_utf8_lossy(&payload.bytes), document);
    }
}

#[test]
fn text_and_other_types_come_with_their_mimetype() {
    let hl7v2 = "MSH|^~\\&amp;|TIE&#13;PID|1";
    let text = wrapped(hl7v2, false, false).replace("text/xml", "text/plain");
    let payload = decoded(&text);
    assert_eq!(payload.bytes, b"MSH|^~\\&|TIE\rPID|1");
    assert_eq!((payload.mime_type.as_str(), payload.encoding), ("text/plain", Encoding::Text));
    let pdf = b"%PDF-1.4 \x00\xff";
    let text = wrapped(&base64(pdf), true, false).replace("text/xml", "application/pdf");
    let named = changed(&text, "<itk:payload ", "<itk:payload filename=\"letter.pdf\" ");
    let payload =
        decoded(&changed(&named, "<itk:manifestitem ", "<itk:manifestitem metadata=\"1\" "));
    assert_eq!(
        (payload.bytes.as_slice(), payload.mime_type.as_str()),
        (&pdf[..], "application/pdf")
    );
    assert_eq!((payload.filename.as_deref(), payload.metadata), (Some("letter.pdf"), true));
}

#[test]
fn a_payload_that_is_not_what_its_item_says_is_refused() {
    let zipped = base64(&gzip(CDA.as_bytes()));
    for (text, part, says) in [
        (wrapped(&zipped, false, true), De::ManifestItem, "compressed content must also be base64"),
        (wrapped("%%%", true, false), De::Payload, "itk:payload is not base64"),
        (wrapped("QUJ", true, false), De::Payload, "itk:payload is not base64"),
        (wrapped(&base64(b"plain"), true, true), De::Payload, "itk:payload is not gzip"),
        (wrapped(&zipped[..40], true, true), De::Payload, "itk:payload is not gzip"),
        (wrapped(CDA, true, false), De::Payload, "says base64 and the payload holds an element"),
        (wrapped("", false, false), De::Payload, "itk:payload is empty"),
        (wrapped(" \n ", true, false), De::Payload, "itk:payload is empty"),
        (wrapped(&CDA.repeat(2), false, false), De::Payload, "more than one element"),
        (wrapped(&format!("{CDA}text"), false, false), De::Payload, "text beside its element"),
    ] {
        let fault = read(&text).expect_err(says);
        assert_eq!(fault.code, ItkErrorCode::InvalidMessage);
        assert_eq!(fault.distribution_error, Some(part), "{fault:?}");
        assert!(fault.diagnostic.contains(says), "{fault:?}");
    }
}

#[test]
fn an_encrypted_payload_is_not_pretended_to_be_read() {
    let text = changed(&request(), "encrypted=\"false\"", "encrypted=\"true\"");
    let fault = read(&text).unwrap_err();
    assert_eq!((fault.code, fault.kind), (ItkErrorCode::CannotProcess, FaultKind::Client));
    assert_eq!(fault.distribution_error, Some(De::Payload));
    assert!(fault.diagnostic.contains("no key is configured"));
}

#[test]
fn what_unpacks_beyond_the_limits_is_refused() {
    let limits = DecodeLimits { payload_bytes: 1_000, message_bytes: 1_500 };
    let context = ReadContext { limits, ..ReadContext::new(now()) };
    let bomb = base64(&gzip(&[b' '; 1_001]));
    let fault = read_with(&wrapped(&bomb, true, true), &context).unwrap_err();
    assert!(fault.diagnostic.contains("decompresses to more than the limit of 1000"));
    let large = format!("<a>{}</a>", "x".repeat(1_000));
    let fault = read_with(&wrapped(&large, false, false), &context).unwrap_err();
    assert!(fault.diagnostic.contains("larger than the limit of 1000"));
    let mut sent = envelope();
    let content = PayloadContent::Gzip(vec![b' '; 800]);
    sent.payloads = (20..22)
        .map(|n| OutgoingPayload {
            content: content.clone(),
            ..OutgoingPayload::xml(id(n), Some(PROFILE), String::new())
        })
        .collect();
    let text = headers(SoapVersion::V11, &sent.service).write(&sent.write());
    let fault = read_with(&text, &context).unwrap_err();
    assert!(fault.diagnostic.contains("limit of 700"), "all together: {}", fault.diagnostic);
    assert!(read(&text).is_ok());
}

#[test]
fn items_and_payloads_are_paired_by_id_in_any_order() {
    let mut sent = envelope();
    sent.payloads = (20..26)
        .map(|n| OutgoingPayload::xml(id(n), Some(PROFILE), format!("<d n=\"{n}\"/>")))
        .collect();
    let text = sent.write();
    let (head, tail) = text.split_once("<itk:payload ").unwrap();
    let (tail, end) = tail.split_once("</itk:payloads>").unwrap();
    let mut payloads: Vec<_> = tail.split("<itk:payload ").collect();
    payloads.reverse();
    let text = format!("{head}<itk:payload {}</itk:payloads>{end}", payloads.join("<itk:payload "));
    let message = read(&headers(SoapVersion::V11, &sent.service).write(&text)).unwrap();
    for (n, payload) in (20..26).zip(&message.payloads) {
        assert_eq!(payload.id, payload_id(id(n)));
        assert_eq!(payload.bytes, format!("<d n=\"{n}\"/>").into_bytes());
    }
}

#[test]
fn a_namespace_goes_along_with_what_stands_alone_whatever_quote_its_name_holds() {
    for declaration in ["xmlns:p=\"urn:o'clock\"", "xmlns:p='urn:a\"b'", "xmlns:p=\"urn:a>b\""] {
        let whole = format!("<a {declaration}><p:b/></a>");
        let document = crate::xml::Document::parse(&whole, &Default::default()).unwrap();
        let child = document.root().children().next().unwrap();
        let alone = crate::itk::standalone(child);
        let again = crate::xml::Document::parse(&alone, &Default::default()).unwrap();
        assert_eq!(again.root().namespace(), child.namespace(), "{alone}");
    }
}
