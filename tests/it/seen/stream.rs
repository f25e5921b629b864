//! A long answer is decided again while it goes.

use super::{PATIENT, publish};
use hub::serve::Role;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use tests::message::{self, Provide};
use tests::{Request, TestHub};

/// More than every buffer between the object store and a reader holds.
const SIZE: usize = 48 * 1024 * 1024;

/// A document too large to be held whole.
fn large() -> Provide {
    let document = (0..SIZE).map(|n| (n % 251) as u8).collect();
    let mime_type = "application/dicom".to_owned();
    Provide { document, mime_type, ..Provide::letter(1) }
}

fn hub() -> TestHub {
    let hub = TestHub::start();
    let (content_type, body) = large().mtom();
    let provide = hub.request("RXN", hub.url(Role::Repository)).content_type(&content_type);
    assert_eq!(provide.post(body).xds_status(), "Success");
    publish(&hub, &Provide::letter(2));
    hub
}

/// A reader that takes the answer at its own pace.
fn reading(request: &Request) -> Child {
    let (content_type, body) = message::package(&message::retrieve(&[&large().unique_id]), &[]);
    let mut curl: Command = request.clone().content_type(&content_type).reading(&body);
    curl.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("curl runs")
}

/// Reads a little, lets something happen, then reads to the end: how many bytes came, and whether
/// the answer came whole.
fn read_around(hub: &TestHub, between: impl FnOnce()) -> (usize, bool) {
    let mut child = reading(&hub.request("ZZP01", hub.url(Role::Gateway)));
    let mut out = child.stdout.take().expect("its output");
    let mut first = vec![0; 512 * 1024];
    out.read_exact(&mut first).expect("it begins");
    between();
    let mut rest = Vec::new();
    out.read_to_end(&mut rest).expect("it ends");
    let whole = child.wait().expect("curl ends").success();
    (first.len() + rest.len(), whole)
}

fn cut(hub: &TestHub) -> Option<String> {
    let records = hub.audit(Role::Gateway);
    let reasons = records.into_iter().flat_map(|record| record.event.reasons);
    reasons.into_iter().find(|reason| reason.contains("the answer was cut after"))
}

#[test]
fn a_document_that_may_still_be_seen_comes_whole() {
    let hub = hub();
    let (bytes, whole) = read_around(&hub, || {
        hub.apply("[[relationship]]\npatient = \"9990000026\"\nods = \"ZZP02\"\nkind = \"registration\"\nstarts = \"2026-07-01\"\nsource = \"practice list\"\n");
    });
    assert!(whole && bytes > SIZE, "{bytes}");
    assert_eq!(cut(&hub), None, "another patient's change cuts nothing");
}

#[test]
fn an_agreement_that_is_suspended_cuts_the_answer_that_it_permitted() {
    let hub = hub();
    let (bytes, whole) = read_around(&hub, || {
        hub.apply("[[agreement]]\nid = \"LSC-GP-2026\"\ntitle = \"Suspended\"\nstate = \"suspended\"\npublishers = [\"group:publishers\"]\nconsumers = [\"group:practices\"]\ndocument_types = [\"*\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2026-01-01\"\n");
    });
    assert!(!whole && bytes < SIZE, "{bytes} of {SIZE} bytes left, and the connection was closed");
    let reason = cut(&hub).expect("it is on record");
    assert!(reason.contains("permitted no longer") && reason.contains("1 documents"), "{reason}");
}

#[test]
fn a_preference_that_is_recorded_cuts_the_answer() {
    let hub = hub();
    let (bytes, whole) = read_around(&hub, || {
        hub.apply(&format!("[[preference]]\npatient = \"{PATIENT}\"\nconsumer = \"ZZP01\"\nrecorded_on = \"2026-07-01\"\nrecorded_by = \"ZZP01\"\n"));
    });
    assert!(!whole && bytes < SIZE);
    let record = hub
        .audit(Role::Gateway)
        .into_iter()
        .rfind(|r| r.event.reasons.iter().any(|reason| reason.contains("cut after")));
    let event = record.expect("it is on record").event;
    assert!(event.decisions.iter().any(|decided| decided.decision == "preference"));
    let said = event.reasons.join(" ");
    let bytes_sent: u64 =
        said.split("cut after ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(bytes_sent as usize >= bytes, "what was sent is on record: {said}, {bytes} came");
    assert!((bytes_sent as usize) < SIZE);
}
