//! Any bytes as an AdhocQueryRequest: a question that is understood survives being written and
//! read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::query::StoredQuery;
use schemas::wire::MetadataLimits;
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let limits = MetadataLimits::default();
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let Ok(query) = StoredQuery::read(document.root(), &limits) else { return };
    let written = query.write();
    let document = Document::parse(&written, &Limits::default());
    let document = document.unwrap_or_else(|error| panic!("{error}: {written}"));
    // Writing may add a pair of brackets to a value that is just within the limit, and says what
    // reading takes for granted.
    let limits = MetadataLimits {
        value_chars: 2 * limits.value_chars,
        values_per_slot: 2 * limits.values_per_slot,
        ..limits
    };
    assert_eq!(StoredQuery::read(document.root(), &limits), Ok(query), "{written}");
});
