//! Any bytes as a FHIR Consent, and as the acknowledgement of a policy: reading never panics, and
//! what it gives is within its limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::consent::{RULES_MAX, bppc, fhir};

fuzz_target!(|bytes: &[u8]| {
    for read in [fhir::read(bytes), bppc::read(bytes)] {
        match read {
            Ok(document) => assert!((1..=RULES_MAX).contains(&document.rules.len())),
            Err(error) => assert!(error.to_string().len() < 4_096),
        }
    }
});
