//! A coded attribute: (code, codingScheme) identifies; the display is for people.

use super::attributes::Reading;
use super::ids::slot;
use crate::wire::{Classification, LocalizedString, ObjectWriter, Slot};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub scheme: String,
    pub display: Vec<LocalizedString>,
    /// Extra metadata of its Classification, kept and returned.
    pub extra: Vec<Slot>,
}

impl Code {
    pub fn new(code: &str, scheme: &str, display: &str) -> Self {
        let display = vec![LocalizedString::plain(display)];
        Self { code: code.to_owned(), scheme: scheme.to_owned(), display, extra: Vec::new() }
    }

    /// The first display text, or the code where there is none.
    pub fn label(&self) -> &str {
        self.display.first().map_or(&self.code, |display| &display.value)
    }

    /// Whether two codes name one concept.
    pub fn same_concept(&self, other: &Self) -> bool {
        self.code == other.code && self.scheme == other.scheme
    }

    pub(super) fn read(
        classification: &Classification,
        attribute: &str,
        reading: &mut Reading<'_>,
    ) -> Option<Self> {
        let code = classification.node_representation.as_deref().unwrap_or_default();
        let schemes = classification.slots.iter().find(|slot| slot.name == slot::CODING_SCHEME);
        let scheme = match schemes.map(|slot| slot.values.as_slice()) {
            Some([scheme]) if !scheme.is_empty() => scheme,
            _ => {
                reading.refuse(attribute, "needs a codingScheme Slot with exactly one value");
                return None;
            }
        };
        if code.is_empty() {
            reading.refuse(attribute, "needs a non-empty nodeRepresentation (the code)");
            return None;
        }
        if classification.name.is_empty() {
            reading.refuse(attribute, "needs a Name (the code's display text)");
            return None;
        }
        Some(Self {
            code: code.to_owned(),
            scheme: scheme.clone(),
            display: classification.name.clone(),
            extra: reading.extra_of(
                &classification.slots,
                &[slot::CODING_SCHEME],
                &format!("{attribute}."),
            ),
        })
    }

    pub(super) fn write(&self, writer: &mut ObjectWriter<'_>, classification_scheme: &str) {
        let mut slots = vec![Slot::one(slot::CODING_SCHEME, self.scheme.clone())];
        slots.extend(self.extra.iter().cloned());
        writer.classification(classification_scheme, &self.code, &slots, &self.display);
    }
}
