//! Any bytes as a message of the HL7 v3 patient identity feed: its acknowledgement is XML that
//! names it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::dtm::Dtm;
use schemas::oid::{NHS_NUMBER, Oid};
use schemas::pix::{Acknowledgement, AffinityDomain, PixMessage, acknowledgement};
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let authority = Oid::parse(NHS_NUMBER).expect("an OID");
    let domain = AffinityDomain { namespace: "NHS".to_owned(), authority, local: Vec::new() };
    let now = Dtm::parse("20260115100000").expect("a time");
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let (header, result) = match PixMessage::read(document.root(), &domain, true) {
        Ok(message) => (message.header, Ok(())),
        Err(refusal) => match refusal.header {
            Some(header) => (header, Err(refusal.reason)),
            None => return,
        },
    };
    let result = result.as_ref().map(|()| ()).map_err(String::as_str);
    let written = acknowledgement::write(&header, result, &now, uuid::Uuid::nil());
    let answer = Document::parse(&written, &Limits::default());
    let answer = answer.unwrap_or_else(|error| panic!("{error}: {written}"));
    let answer = Acknowledgement::read(answer.root());
    assert_eq!(answer.map(|answer| answer.target), Some(header.id.root), "{written}");
});
