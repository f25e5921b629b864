//! A document travels from its publisher to its reader.

use hub::serve::Role;
use tests::TestHub;
use tests::message::{self, Provide};

#[test]
fn a_letter_is_published_found_and_read_by_the_practice() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    let (content_type, body) = letter.mtom();
    let provided =
        hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type).post(body);
    assert_eq!(
        (provided.status, provided.xds_status().as_str()),
        (200, "Success"),
        "{}",
        provided.text()
    );
    assert!(provided.content_type.starts_with("multipart/related"), "packed as the request was");

    let query = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success");
    assert!(found.contains(&letter.unique_id) && found.contains(&letter.sha1()));
    assert!(found.contains("urn:watling:publisherOds") && found.contains(">RXN<"));

    let request = message::retrieve(&[&letter.unique_id]);
    let fetched = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&request);
    assert_eq!(fetched.xds_status(), "Success");
    use base64::Engine;
    let inline = base64::engine::general_purpose::STANDARD.encode(&letter.document);
    assert!(fetched.contains(&inline), "a plain request gets its document inline");
    let (content_type, body) = message::package(&request, &[]);
    let fetched =
        hub.request("ZZP01", hub.url(Role::Gateway)).content_type(&content_type).post(body);
    assert!(fetched.contains(&String::from_utf8(letter.document).unwrap()));
}
