//! Any bytes as a test bed's codes.xml: reading never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::code_set::CodeSets;
use std::sync::LazyLock;

static OWN: LazyLock<CodeSets> = LazyLock::new(|| {
    toml::from_str(include_str!("../../fixtures/code_sets.toml")).expect("the code sets")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(imported) = OWN.with_codes_xml(text, "fuzz") {
        let _ = imported.code_sets.findings(schemas::code_set::Source::CodesXml);
    }
});
