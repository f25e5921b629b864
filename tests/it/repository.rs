//! What a repository does beyond the journey: its names, what it takes back, what it lets in.

mod large;
mod malware;
mod mime_type;
mod removal;
mod unique_ids;

use hub::serve::Role;
use tests::message::Provide;
use tests::{Answer, TestHub};

const SHARED: &str = "1.2.826.0.1.99999.40.1";

/// Provides a letter as an organisation.
fn provide(hub: &TestHub, ods: &str, letter: &Provide) -> Answer {
    let (content_type, body) = letter.mtom();
    hub.request(ods, hub.url(Role::Repository)).content_type(&content_type).post(body)
}

#[track_caller]
fn assert_provided(answer: &Answer) {
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

/// ITI-43 of the gateway at the repository's own door.
fn retrieve(hub: &TestHub, envelope: &str) -> Answer {
    let request = hub.anonymous(hub.url(Role::Repository));
    request.certificate(hub.service_certificate("watling-gateway")).soap(envelope)
}
