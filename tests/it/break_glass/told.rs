//! What publishers are told of their documents that were opened.

use super::{LETTER, PATIENT, REASON, find, get, hub, hub_with, said};
use crate::outbox::{between, endpoint, taken};
use crate::recall::until;
use base64::Engine;
use hub::serve::Role;
use tests::ReplyPort;

const DIGEST: [&str; 4] = ["break-glass", "digest", "--publisher", "RXN"];

#[test]
fn a_publisher_with_an_endpoint_is_sent_a_letter_for_each_patient_by_command() {
    let port = ReplyPort::bind();
    let url = port.url();
    let hub = hub_with("", |options| endpoint(options, "RXN", &url));
    let receiver = port.serve_script(&hub.pki(), &[taken()]);
    find(&hub, "RXL");
    get(&hub, "RXL");
    let told = said(&hub, &DIGEST);
    assert!(told.contains("digest 1 for RXN") && told.contains("rxl-integration of RXL"), "{told}");
    assert!(!told.contains(PATIENT) && !told.contains(REASON), "{told}");
    let sent = receiver.next().text();
    assert!(sent.contains("urn:nhs-uk:addressing:ods:RXN") && sent.contains(PATIENT), "{sent}");
    let text = between(&sent, "representation=\"B64\">", "<");
    let text = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let text = String::from_utf8(text).unwrap();
    for words in [REASON, LETTER, "opened", "rxl-integration of RXL, as clinician"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let again = said(&hub, &DIGEST);
    assert!(again.contains("nothing new to tell RXN") && again.contains("in the outbox since"));
}

#[test]
fn every_day_a_digest_is_made_of_what_was_opened_before_it() {
    let hub = hub("");
    find(&hub, "RXL");
    hub.clock().advance_seconds(13 * 3_600);
    until("the day's digest", || {
        (hub.count(Role::Gateway, "region.db", "glass_digest") == 1).then_some(())
    });
    let told = said(&hub, &["break-glass", "digest"]);
    assert!(told.contains("digest 1 for RXN") && told.contains("has no endpoint"), "{told}");
    assert!(told.contains(&format!("listed {LETTER}")), "{told}");
}

#[test]
fn a_region_may_tell_by_command_only() {
    let hub = hub("daily_digest = false\n");
    find(&hub, "RXL");
    hub.clock().advance_seconds(13 * 3_600);
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert_eq!(hub.count(Role::Gateway, "region.db", "glass_digest"), 0);
    assert!(said(&hub, &DIGEST).contains("digest 1 for RXN"));
}
