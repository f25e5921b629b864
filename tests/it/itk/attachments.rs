//! A letter that is a PDF inside a CDA is found as both.

use super::*;
use repository::arrival::Extract;
use schemas::cda::attachment_unique_id;
use schemas::unique_id::UniqueId;

/// `%PDF-1.4` and a line feed.
const PDF: &str = "JVBERi0xLjQK";

fn non_coded(media_type: &str, text: &str) -> Itk {
    let itk = discharge();
    let body = format!(
        "<nonXMLBody><text mediaType=\"{media_type}\" representation=\"B64\">{text}</text></nonXMLBody>"
    );
    Itk { payload: itk.payload.replace("<structuredBody/>", &body), ..itk }
}

fn extracting() -> TestHub {
    TestHub::with(|options| options.config.itk.extract_attachments = Extract::PdfBody)
}

#[test]
fn attachments_stay_inside_unless_the_region_wants_them_out() {
    let hub = TestHub::start();
    accepted(&hub, &non_coded("application/pdf", PDF));
    assert_eq!(hub.contents(), (1, 1));
}

#[test]
fn a_pdf_that_is_all_the_body_becomes_a_document_beside_its_cda() {
    let hub = extracting();
    let itk = non_coded("application/pdf", &format!("{PDF}\r\n"));
    accepted(&hub, &itk);
    assert_eq!(hub.contents(), (2, 2));
    let found = find(&hub, "9990000026", "");
    let document = UniqueId::parse(&unique_id(DOCUMENT)).unwrap();
    let pdf = attachment_unique_id(&document, 0);
    assert!(found.contains(document.as_str()) && found.contains(pdf.as_str()), "{}", found.text());
    assert!(
        found.contains("mimeType=\"application/pdf\"") && found.contains("mimeType=\"text/xml\"")
    );
    let got =
        hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::retrieve(&[pdf.as_str()]));
    assert!(got.contains(&format!("<xds:Document>{PDF}</xds:Document>")), "{}", got.text());
    // The same message again changes nothing.
    accepted(&hub, &itk);
    assert_eq!(hub.contents(), (2, 2));
}

#[test]
fn a_new_version_takes_the_place_of_both() {
    let hub = extracting();
    let first = non_coded("application/pdf", PDF);
    accepted(&hub, &first);
    let second = "3F2504E0-4F89-41D3-9A0C-0305E82C3302";
    let related = format!(
        "<relatedDocument typeCode=\"RPLC\"><parentDocument><id root=\"{DOCUMENT}\"/></parentDocument></relatedDocument><component><nonXMLBody>"
    );
    let payload = first.payload.replacen(DOCUMENT, second, 1);
    let payload = payload.replacen("versionNumber value=\"1\"", "versionNumber value=\"2\"", 1);
    let payload = payload.replace("<component><nonXMLBody>", &related);
    let tracking_id = uuid::Uuid::new_v4().to_string().to_uppercase();
    accepted(&hub, &Itk { payload, tracking_id, ..first });
    let found = find(&hub, "9990000026", "");
    let ids = |document: &str| {
        let document = UniqueId::parse(&unique_id(document)).unwrap();
        [attachment_unique_id(&document, 0), document]
    };
    assert!(ids(second).iter().all(|id| found.contains(id.as_str())), "{}", found.text());
    assert!(!ids(DOCUMENT).iter().any(|id| found.contains(id.as_str())), "{}", found.text());
}

#[test]
fn what_was_taken_out_of_a_document_is_withdrawn_with_it() {
    let hub = extracting();
    let itk = super::versions::version(1, 1, None);
    let body = format!(
        "<nonXMLBody><text mediaType=\"application/pdf\" representation=\"B64\">{PDF}</text></nonXMLBody>"
    );
    accepted(&hub, &Itk { payload: itk.payload.replace("<structuredBody/>", &body), ..itk });
    assert_eq!(hub.contents(), (2, 2));
    accepted(&hub, &super::withdrawals::nullification(1, 2, "02"));
    let found = find(&hub, "9990000026", "");
    assert!(!found.contains("ExtrinsicObject"), "{}", found.text());
    let document = UniqueId::parse(&unique_id(&super::versions::document(1))).unwrap();
    let pdf = attachment_unique_id(&document, 0);
    let got =
        hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::retrieve(&[pdf.as_str()]));
    assert_eq!(got.xds_status(), "Failure", "{}", got.text());
}

#[test]
fn other_bodies_stay_where_they_are_and_what_is_no_base64_is_refused() {
    let hub = extracting();
    accepted(&hub, &non_coded("text/plain", "U2Vlbg=="));
    assert_eq!(hub.contents(), (1, 1));
    let broken =
        Itk { tracking_id: uuid::Uuid::new_v4().to_string(), ..non_coded("application/pdf", "!") };
    let payload = broken.payload.replace(DOCUMENT, "3F2504E0-4F89-41D3-9A0C-0305E82C3303");
    let payload = payload.replace("0E9F0C36", "0E9F0C37");
    refused(&hub, "1000", &["not base64"], &Itk { payload, ..broken }.message());
    assert_eq!(hub.contents(), (1, 1));
}
