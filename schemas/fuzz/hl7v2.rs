//! Any bytes as a stream of MLLP frames: what is in a frame is a message or is refused, and either
//! way its acknowledgement can be read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::dtm::Dtm;
use schemas::hl7v2::acknowledgement::{self, Acknowledgement};
use schemas::hl7v2::mllp::Deframer;
use schemas::hl7v2::{AdtContext, AdtMessage, Limits, Message};
use schemas::oid::{LOCAL_IDENTIFIER, NHS_NUMBER, Oid};
use schemas::pix::AffinityDomain;

fuzz_target!(|bytes: &[u8]| {
    let oid = |text| Oid::parse(text).expect("an OID");
    let domain = AffinityDomain {
        namespace: "NHS".to_owned(),
        authority: oid(NHS_NUMBER),
        local: vec![oid(LOCAL_IDENTIFIER)],
    };
    let context = AdtContext { domain: &domain, training: true };
    let now = Dtm::parse("20260115100000").expect("a time");
    let mut deframer = Deframer::new(16_384);
    let mut rest = bytes;
    while !rest.is_empty() {
        let Ok((read, message)) = deframer.read(rest) else { return };
        rest = &rest[read..];
        let Some(message) = message else { continue };
        if let Ok(read) = Message::read(&message, &Limits::default()) {
            assert_eq!(Message::read(&read.write(), &Limits::default()), Ok(read));
        }
        let answer = match AdtMessage::read(&message, &context) {
            Ok(read) => acknowledgement::write(Some(&read.header), Ok(()), &now, "1"),
            Err(refusal) => {
                acknowledgement::write(refusal.header.as_deref(), Err(&refusal.nack), &now, "1")
            }
        };
        let read = Acknowledgement::read(&answer);
        assert!(read.is_ok(), "{read:?}: {}", String::from_utf8_lossy(&answer));
    }
});
