//! A payload that does not say whose it is becomes a document beside the one that does.

use super::versions::{document, version};
use super::withdrawals::nullification;
use super::*;

/// `%PDF-1.4` and a line feed.
const PDF: &str = "JVBERi0xLjQK";

/// The message with a PDF beside its document.
fn with_pdf(itk: &Itk, mime_type: &str) -> String {
    let item = format!("<itk:manifestitem id=\"uuid_1\" {}/>", itk.manifest_attributes);
    let other = format!(
        "<itk:manifestitem id=\"uuid_2\" mimetype=\"{mime_type}\" profileid=\"urn:nhs-en:profile:dischargeReport-v6-1\" base64=\"true\"/>"
    );
    let message = itk.message();
    assert!(message.contains(&item));
    message.replace(&item, &format!("{item}{other}")).replace("count=\"1\"", "count=\"2\"").replace(
        "</itk:payloads>",
        &format!("<itk:payload id=\"uuid_2\">{PDF}</itk:payload></itk:payloads>"),
    )
}

fn sent(hub: &TestHub, itk: &Itk) {
    assert_ok(&send(hub, &with_pdf(itk, "application/pdf")), &itk.tracking_id);
}

fn pdfs(hub: &TestHub) -> usize {
    find(hub, "9990000026", "").text().matches("mimeType=\"application/pdf\"").count()
}

#[test]
fn a_pdf_beside_a_cda_is_a_document_of_its_own_that_appends_to_it() {
    let hub = TestHub::start();
    let itk = version(1, 1, None);
    sent(&hub, &itk);
    assert_eq!(hub.contents(), (2, 2));
    assert_eq!(pdfs(&hub), 1);
    let appends = "association WHERE association_type LIKE '%:APND'";
    assert_eq!(hub.count_indexed(appends), 1);
    // The same message again, and the same for further addresses, change nothing.
    sent(&hub, &itk);
    let copy = "copyRecipientDischargeReport-v1-0".to_owned();
    sent(&hub, &Itk { interaction: copy, ..version(1, 1, None) });
    assert_eq!(hub.contents(), (2, 2));
}

#[test]
fn what_came_beside_a_document_goes_with_it() {
    let hub = TestHub::start();
    sent(&hub, &version(1, 1, None));
    assert_eq!(pdfs(&hub), 1);
    sent(&hub, &version(2, 2, Some(1)));
    assert_eq!(pdfs(&hub), 1, "the first version's is outdated with it");
    accepted(&hub, &nullification(2, 3, "01"));
    assert_eq!(pdfs(&hub), 0);
    assert!(!find(&hub, "9990000026", "").contains(&unique_id(&document(2))));
}

#[test]
fn what_came_beside_a_late_version_is_outdated_as_it_is() {
    let hub = TestHub::start();
    accepted(&hub, &version(2, 2, Some(1)));
    sent(&hub, &version(1, 1, None));
    assert_eq!(pdfs(&hub), 0);
    assert_eq!(hub.contents(), (3, 3));
}

#[test]
fn a_payload_that_may_not_stand_alone_is_refused_with_its_message() {
    let hub = TestHub::start();
    let message = with_pdf(&discharge(), "application/msword");
    let words = ["manifestitem uuid_2", "application/msword is not taken as a document of its own"];
    refused(&hub, "1000", &words, &message);
    assert_eq!(hub.contents(), (0, 0));
}
