//! A document is of the type that its metadata declares, or it is refused, or its sender is warned.

use super::{assert_provided, provide, retrieve};
use hub::serve::Role;
use repository::intake::MimeCheck;
use tests::TestHub;
use tests::message::{self, Itk, Provide};

fn hub(check: Option<&str>) -> TestHub {
    TestHub::with(|options| {
        if let Some(check) = check {
            let text = format!("[repository]\nmime_check = \"{check}\"\n");
            options.config = toml::from_str(&text).unwrap();
        }
    })
}

fn document(number: u32, mime_type: &str, bytes: &[u8]) -> Provide {
    let mime_type = mime_type.to_owned();
    Provide { document: bytes.to_vec(), mime_type, ..Provide::letter(number) }
}

#[test]
fn what_a_region_shares_goes_in_and_comes_out_as_it_was() {
    let hub = hub(Some("refuse"));
    let cda = message::cda("9000000009", "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    let documents: [(&str, &[u8]); 8] = [
        ("text/xml", cda.as_bytes()),
        ("application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n%%EOF\r\n--suit\r\n"),
        ("image/png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0"),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xd9"),
        ("image/tiff", b"II*\0\x08\0\0\0\0\0\r\n\r\n"),
        ("text/plain", b"Dear colleague,\r\n\r\nthank you.\r\n"),
        ("application/fhir+json", b"{\"resourceType\":\"Bundle\",\"type\":\"document\"}"),
        ("application/fhir+xml", b"<Bundle xmlns=\"http://hl7.org/fhir\"/>"),
    ];
    for (number, (mime_type, bytes)) in (1..).zip(documents) {
        let document = document(number, mime_type, bytes);
        let answer = provide(&hub, "RXN", &document);
        assert_provided(&answer);
        assert!(answer.error_codes().is_empty(), "{mime_type}: {}", answer.text());
        let request = message::retrieve(&[&document.unique_id]);
        let (content_type, body) = message::package(&request, &[]);
        let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
        let fetched = gateway.content_type(&content_type).post(body);
        assert!(fetched.contains(&format!("<xds:mimeType>{mime_type}</xds:mimeType>")));
        let found = fetched.body.windows(bytes.len()).any(|window| window == bytes);
        assert!(found, "{mime_type} comes back byte for byte");
    }
}

#[test]
fn a_document_of_another_type_is_refused_where_the_region_wants_it_so() {
    let hub = hub(Some("refuse"));
    let request = hub.request("RXN", hub.url(Role::Repository));
    let png = document(1, "application/pdf", b"\x89PNG\r\n\x1a\n");
    let words = ["mimeType is application/pdf", "look like image/png", "Document01"];
    let answer = hub.refuses(Role::Repository, &words, || request.soap(&png.inline()));
    assert_eq!(answer.error_codes(), ["XDSRepositoryMetadataError"]);
    let base64 = document(2, "application/pdf", b"JVBERi0xLjcK");
    let words = ["a PDF in base64"];
    let answer = hub.refuses(Role::Repository, &words, || request.soap(&base64.inline()));
    assert_eq!(answer.error_codes(), ["XDSRepositoryMetadataError"]);
}

#[test]
fn by_default_the_sender_is_warned_and_the_document_is_shared() {
    assert_eq!(hub::config::Config::default().repository.mime_check, MimeCheck::Warn);
    let hub = hub(None);
    let png = document(1, "application/pdf", b"\x89PNG\r\n\x1a\n");
    let answer = provide(&hub, "RXN", &png);
    assert_provided(&answer);
    assert_eq!(answer.error_codes(), ["XDSRepositoryMetadataError"]);
    assert!(answer.contains("ErrorSeverityType:Warning") && !answer.contains("SeverityType:Error"));
    let reasons = hub.last_audit(Role::Repository).event.reasons.join("; ");
    assert!(reasons.contains("look like image/png"), "{reasons}");
    let fetched = retrieve(&hub, &message::retrieve(&[&png.unique_id]));
    assert_eq!(fetched.xds_status(), "Success");
    assert!(fetched.contains("<xds:mimeType>application/pdf</xds:mimeType>"), "as declared");
}

#[test]
fn nobody_is_warned_where_the_check_is_off_and_an_itk_document_passes_it() {
    let off = hub(Some("off"));
    let png = document(1, "application/pdf", b"\x89PNG\r\n\x1a\n");
    let answer = provide(&off, "RXN", &png);
    assert_provided(&answer);
    assert!(answer.error_codes().is_empty());
    let strict = hub(Some("refuse"));
    let itk = Itk::discharge("9000000009", "5C0B1A52-3D44-4D0F-9E0B-8F2E4B7A1C01");
    let request = strict.request("RXN", strict.itk_url()).content_type("text/xml");
    assert_eq!(request.post(itk.message()).status, 200);
}
