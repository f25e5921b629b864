//! The short form of metadata written as ebRIM (ITI TF-3 4.2): defaults for what a case does not
//! name, and no rule at all, so that wrong metadata can be sent.

use super::case::{Association, Step};
use super::codes::Codes;
use super::vocabulary::{self, Kind};
use schemas::xml::{attribute, escape_into};
use std::fmt::Write;
use toml::{Table, Value};

/// Keys of an object in a step that are no attributes of its metadata.
const DIRECTIONS: [&str; 14] = [
    "name",
    "content",
    "contentBase64",
    "contentSize",
    "contentOf",
    "attach",
    "documentId",
    "member",
    "memberStatus",
    "memberSlots",
    "update",
    "previousVersion",
    "propagation",
    "marker",
];

/// Attributes that every kind has, beside the table of its kind.
const COMMON: [&str; 12] = [
    "id",
    "lid",
    "home",
    "status",
    "version",
    "title",
    "comments",
    "author",
    "mimeType",
    "objectType",
    "slots",
    "limitedMetadata",
];

/// An object as it will be written: its id in the message and its attributes.
#[derive(Clone, Debug)]
pub struct Object {
    pub name: String,
    pub kind: &'static KindRef,
    pub id: String,
    pub attributes: Table,
}

/// A kind that can be compared and printed.
pub struct KindRef(pub Kind);

impl std::fmt::Debug for KindRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.name)
    }
}

pub static DOCUMENT_ENTRY: KindRef = KindRef(vocabulary::DOCUMENT_ENTRY);
pub static SUBMISSION_SET: KindRef = KindRef(vocabulary::SUBMISSION_SET);
pub static FOLDER: KindRef = KindRef(vocabulary::FOLDER);

/// The slot that a name of the short form stands for.
pub fn slot_name(name: &str) -> &str {
    if name == "referenceIdList" { vocabulary::REFERENCE_ID_LIST } else { name }
}

/// Refuses a misspelled attribute when the case is read, not when its step shows nothing.
pub fn check_names(step: &Step) -> Result<(), String> {
    let tables = |table: &Table| -> Vec<Table> {
        table.values().filter_map(|value| value.as_table().cloned()).collect()
    };
    let sets = tables(&step.more_sets).into_iter().chain([step.set.clone()]);
    let sets = sets.map(|table| (&SUBMISSION_SET, table));
    let docs = tables(&step.doc).into_iter().map(|table| (&DOCUMENT_ENTRY, table));
    let folders = tables(&step.fol).into_iter().map(|table| (&FOLDER, table));
    for (kind, table) in sets.chain(docs).chain(folders) {
        for key in table.keys().map(String::as_str) {
            let known = DIRECTIONS.contains(&key)
                || COMMON.contains(&key)
                || kind.0.slots.contains(&key)
                || kind.0.codes.iter().any(|(name, _)| *name == key)
                || kind.0.identifiers.iter().any(|(name, ..)| *name == key);
            if !known {
                return Err(format!("{} has no attribute {key:?}", kind.0.name));
            }
        }
    }
    Ok(())
}

/// The texts of a value: one, several, or none for `false` and what is absent.
pub fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Boolean(_)) => Vec::new(),
        Some(Value::Array(values)) => values.iter().flat_map(|v| texts(Some(v))).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(other) => vec![other.to_string()],
    }
}

pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, text);
    out
}

/// Writes objects and gives classifications and identifiers their ids: `id01`, `id02`, ...
pub struct Writer<'c> {
    codes: &'c Codes,
    pub xml: String,
    ids: usize,
}

impl<'c> Writer<'c> {
    pub fn new(codes: &'c Codes) -> Self {
        Self { codes, xml: String::new(), ids: 0 }
    }

    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("id{:02}", self.ids)
    }

    fn attribute(&mut self, name: &str, value: &str) {
        attribute(&mut self.xml, name, value);
    }

    pub fn object(&mut self, object: &Object) {
        let kind = &object.kind.0;
        let document = kind.marker.is_none();
        let element = if document { "ExtrinsicObject" } else { "RegistryPackage" };
        let _ = write!(self.xml, "<rim:{element}");
        self.attribute("id", &object.id);
        for name in ["lid", "home", "status", "mimeType", "objectType"] {
            for value in texts(object.attributes.get(name)) {
                self.attribute(name, &value);
            }
        }
        self.xml.push('>');
        self.slots(object);
        self.names(object);
        self.classifications(object);
        self.identifiers(object);
        let _ = write!(self.xml, "</rim:{element}>");
        if object.attributes.get("marker").and_then(Value::as_str) == Some("sibling") {
            self.marker(object);
        }
    }

    fn slots(&mut self, object: &Object) {
        for name in object.kind.0.slots {
            if let Some(value @ (Value::String(_) | Value::Array(_) | Value::Integer(_))) =
                object.attributes.get(*name)
            {
                self.slot(slot_name(name), &texts(Some(value)));
            }
        }
        let more = object.attributes.get("slots").and_then(Value::as_array);
        for slot in more.into_iter().flatten() {
            let mut all = texts(Some(slot)).into_iter();
            let name = all.next().unwrap_or_default();
            self.slot(&name, &all.collect::<Vec<_>>());
        }
    }

    pub fn slot(&mut self, name: &str, values: &[String]) {
        self.xml.push_str("<rim:Slot");
        self.attribute("name", name);
        self.xml.push_str("><rim:ValueList>");
        for value in values {
            self.xml.push_str("<rim:Value>");
            escape_into(&mut self.xml, value);
            self.xml.push_str("</rim:Value>");
        }
        self.xml.push_str("</rim:ValueList></rim:Slot>");
    }

    fn names(&mut self, object: &Object) {
        for (attribute, element) in [("title", "Name"), ("comments", "Description")] {
            let values = texts(object.attributes.get(attribute));
            if !values.is_empty() {
                let _ = write!(self.xml, "<rim:{element}>");
                for value in values {
                    self.localized(&value);
                }
                let _ = write!(self.xml, "</rim:{element}>");
            }
        }
        for version in texts(object.attributes.get("version")) {
            self.xml.push_str("<rim:VersionInfo");
            self.attribute("versionName", &version);
            self.xml.push_str("/>");
        }
    }

    fn localized(&mut self, value: &str) {
        self.xml.push_str("<rim:LocalizedString xml:lang=\"en-GB\"");
        self.attribute("value", value);
        self.xml.push_str("/>");
    }

    fn classifications(&mut self, object: &Object) {
        if let Some(scheme) = object.kind.0.author {
            let authors = object.attributes.get("author").and_then(Value::as_array);
            for author in authors.into_iter().flatten().filter_map(Value::as_table) {
                self.author(object, scheme, author);
            }
        }
        for (name, scheme) in object.kind.0.codes {
            for value in texts(object.attributes.get(*name)) {
                self.code(&object.id, scheme, &value);
            }
        }
        if object.attributes.get("limitedMetadata").and_then(Value::as_bool) == Some(true) {
            self.node(&object.id, object.kind.0.limited);
        }
        if object.attributes.get("marker").is_none() {
            self.marker(object);
        }
    }

    fn marker(&mut self, object: &Object) {
        if let Some(marker) = object.kind.0.marker {
            self.node(&object.id, marker);
        }
    }

    fn node(&mut self, object: &str, node: &str) {
        let id = self.next_id();
        self.xml.push_str("<rim:Classification");
        self.attribute("id", &id);
        self.attribute("classifiedObject", object);
        self.attribute("classificationNode", node);
        self.xml.push_str("/>");
    }

    fn classification(&mut self, object: &str, scheme: &str, node: &str) {
        let id = self.next_id();
        self.xml.push_str("<rim:Classification");
        self.attribute("id", &id);
        self.attribute("classificationScheme", scheme);
        self.attribute("classifiedObject", object);
        self.attribute("nodeRepresentation", node);
        self.xml.push('>');
    }

    /// `code^^scheme`; the scheme may be missing.
    fn code(&mut self, object: &str, scheme: &str, value: &str) {
        let (code, coding) = value.split_once("^^").unwrap_or((value, ""));
        self.classification(object, scheme, code);
        if !coding.is_empty() {
            self.slot("codingScheme", &[coding.to_owned()]);
        }
        let display = self.codes.display(code);
        self.xml.push_str("<rim:Name>");
        self.localized(&display);
        self.xml.push_str("</rim:Name></rim:Classification>");
    }

    /// `person`, `institution`, `role`, `specialty`, `telecommunication`.
    fn author(&mut self, object: &Object, scheme: &str, author: &Table) {
        self.classification(&object.id, scheme, "");
        for part in ["Person", "Institution", "Role", "Specialty", "Telecommunication"] {
            let values = texts(author.get(&part.to_lowercase()));
            if !values.is_empty() {
                self.slot(&format!("author{part}"), &values);
            }
        }
        self.xml.push_str("</rim:Classification>");
    }

    fn identifiers(&mut self, object: &Object) {
        for (name, scheme, label) in object.kind.0.identifiers {
            for value in texts(object.attributes.get(*name)) {
                let id = self.next_id();
                self.xml.push_str("<rim:ExternalIdentifier");
                self.attribute("id", &id);
                self.attribute("registryObject", &object.id);
                self.attribute("identificationScheme", scheme);
                self.attribute("value", &value);
                self.xml.push_str("><rim:Name><rim:LocalizedString");
                self.attribute("value", label);
                self.xml.push_str("/></rim:Name></rim:ExternalIdentifier>");
            }
        }
    }

    /// Ends are ids by now.
    pub fn association(&mut self, association: &Association) {
        self.xml.push_str("<rim:Association");
        self.attribute("id", &association.id);
        if !association.lid.is_empty() {
            self.attribute("lid", &association.lid);
        }
        self.attribute("associationType", &vocabulary::association_type(&association.kind));
        self.attribute("sourceObject", &association.from);
        self.attribute("targetObject", &association.to);
        self.xml.push('>');
        for (name, value) in &association.slots {
            self.slot(name, std::slice::from_ref(value));
        }
        if !association.documentation.is_empty() {
            self.code(&association.id, vocabulary::DOCUMENTATION, &association.documentation);
        }
        self.xml.push_str("</rim:Association>");
    }
}
