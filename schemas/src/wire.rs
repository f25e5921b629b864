//! ebRIM as it stands on the wire: generic, dumb, complete. Meaning lives in [`crate::metadata`].

mod lengths;
mod ownership;
mod read;
mod write;

pub use lengths::check_lengths;
pub use ownership::check_ownership;
pub use read::{read_object, read_objects, slot as read_slot};
pub use write::ObjectWriter;

pub const RIM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0";
pub const RS: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0";
pub const LCM: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0";
pub const QUERY: &str = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0";
pub const XDSB: &str = "urn:ihe:iti:xds-b:2007";
pub const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// Limits on one submission or answer, in counts and characters.
#[derive(Clone, Copy, Debug)]
pub struct MetadataLimits {
    pub objects: usize,
    pub slots_per_object: usize,
    pub values_per_slot: usize,
    pub value_chars: usize,
    pub classifications_per_object: usize,
}

impl Default for MetadataLimits {
    fn default() -> Self {
        Self {
            objects: 2_000,
            slots_per_object: 200,
            values_per_slot: 10_000,
            value_chars: 4_096,
            classifications_per_object: 500,
        }
    }
}

/// `rim:Slot`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub name: String,
    pub values: Vec<String>,
}

impl Slot {
    pub fn one(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), values: vec![value.into()] }
    }
}

/// `rim:LocalizedString`: titles, comments and displays may be multilingual; all are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalizedString {
    pub lang: Option<String>,
    pub value: String,
}

impl LocalizedString {
    pub fn plain(value: impl Into<String>) -> Self {
        Self { lang: None, value: value.into() }
    }
}

/// `rim:Classification`: a code, an author, or the marker of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classification {
    pub scheme: Option<String>,
    pub node: Option<String>,
    /// The object that it says it classifies; empty where it does not say.
    pub classified_object: String,
    pub node_representation: Option<String>,
    pub slots: Vec<Slot>,
    pub name: Vec<LocalizedString>,
}

/// `rim:ExternalIdentifier`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentifier {
    /// The object that it says it identifies; empty where it does not say.
    pub registry_object: String,
    pub scheme: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    ExtrinsicObject,
    RegistryPackage,
    Association,
    /// A classification that stands beside its object.
    Classification,
    ObjectRef,
}

/// Any member of `rim:RegistryObjectList`.
#[derive(Clone, Debug)]
pub struct RegistryObject {
    pub kind: ObjectKind,
    pub id: String,
    pub lid: Option<String>,
    pub home: Option<String>,
    pub status: Option<String>,
    pub object_type: Option<String>,
    pub mime_type: Option<String>,
    pub version_name: Option<String>,
    pub association_type: String,
    pub source_object: String,
    pub target_object: String,
    pub slots: Vec<Slot>,
    pub name: Vec<LocalizedString>,
    pub description: Vec<LocalizedString>,
    pub classifications: Vec<Classification>,
    pub external_identifiers: Vec<ExternalIdentifier>,
    /// For a sibling classification: what it says.
    pub classification: Option<Classification>,
}

impl RegistryObject {
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.name == name)
    }

    pub fn external_identifier(&self, scheme: &str) -> Option<&str> {
        let found = self.external_identifiers.iter().find(|id| id.scheme == scheme);
        found.map(|id| id.value.as_str())
    }
}
