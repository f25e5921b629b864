//! Any bytes as a metadata update, a removal of metadata, or a removal of documents: reading never
//! panics, and what is understood keeps its own rules.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::remove_objects::RemoveObjects;
use schemas::update::{MetadataUpdate, Operation, UpdateKind};
use schemas::wire::MetadataLimits;
use schemas::xml::{Document, Limits};

fuzz_target!(|bytes: &[u8]| {
    let limits = MetadataLimits::default();
    let Ok(document) = Document::parse_bytes(bytes, &Limits::default()) else { return };
    let root = document.root();
    for kind in [UpdateKind::Full, UpdateKind::Restricted] {
        let Ok(update) = MetadataUpdate::read(root, &limits, kind) else { continue };
        assert!(!update.operations.is_empty());
        let only_entries = |o: &Operation| matches!(o, Operation::UpdateEntry(_));
        assert!(kind == UpdateKind::Full || update.operations.iter().all(only_entries));
    }
    if let Ok(removal) = RemoveObjects::read(root, &limits) {
        let mut ids = removal.0.clone();
        ids.sort_by_key(ToString::to_string);
        ids.dedup();
        assert!(!ids.is_empty() && ids.len() == removal.0.len(), "each once, and at least one");
    }
    let _ = schemas::remove_documents::read_request(root);
});
