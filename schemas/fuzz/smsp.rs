//! Any bytes as a message of the mini services: a request that is understood survives being written
//! and read, and an answer without success gives no number.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::smsp::{Request, Response, ResponseCode, Service};
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::read(bytes) {
        let written = request.write();
        assert_eq!(Request::read(written.as_bytes()), Ok(request), "{written}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for service in Service::ALL {
        let Ok(response) = Response::read(text, service) else { continue };
        if response.trusted_number().is_some() {
            assert_eq!(response.code, ResponseCode::Success);
        }
        let written = response.write();
        assert!(Document::parse(&written, &Limits::default()).is_ok(), "{written}");
        let again = Response::read(&written, service).expect("what was written is read");
        assert_eq!(again.trusted_number(), response.trusted_number(), "{written}");
    }
});
