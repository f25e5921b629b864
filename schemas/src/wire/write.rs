//! Wire fragments of one object, in the child order of the schema.

use super::{LocalizedString, Slot};
use crate::xml::{attribute, escape_into};
use uuid::Uuid;

const OBJECT_TYPE: &str = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:";

/// Appends the children of one registry object. Classifications and identifiers need ids of their
/// own on retrieval; they are derived from the object's id, so that writing twice gives one text.
pub struct ObjectWriter<'a> {
    out: &'a mut String,
    id: &'a str,
    part: u32,
}

impl<'a> ObjectWriter<'a> {
    pub fn new(out: &'a mut String, id: &'a str, first_part: u32) -> Self {
        Self { out, id, part: first_part }
    }

    fn part_id(&mut self) -> String {
        self.part += 1;
        let name = format!("{}#{}", self.id, self.part);
        format!("urn:uuid:{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()))
    }

    pub fn slot(&mut self, name: &str, values: &[String]) {
        if values.is_empty() {
            return;
        }
        self.out.push_str("<rim:Slot");
        attribute(self.out, "name", name);
        self.out.push_str("><rim:ValueList>");
        for value in values {
            self.out.push_str("<rim:Value>");
            escape_into(self.out, value);
            self.out.push_str("</rim:Value>");
        }
        self.out.push_str("</rim:ValueList></rim:Slot>");
    }

    pub fn slot_one(&mut self, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.slot(name, &[value.to_string()]);
        }
    }

    pub fn slots(&mut self, slots: &[Slot]) {
        for slot in slots {
            self.slot(&slot.name, &slot.values);
        }
    }

    /// `Name` or `Description`.
    pub fn localized(&mut self, element: &str, strings: &[LocalizedString]) {
        if strings.is_empty() {
            return;
        }
        self.out.push_str(&format!("<rim:{element}>"));
        for string in strings {
            self.out.push_str("<rim:LocalizedString");
            if let Some(lang) = &string.lang {
                attribute(self.out, "xml:lang", lang);
            }
            attribute(self.out, "value", &string.value);
            self.out.push_str("/>");
        }
        self.out.push_str(&format!("</rim:{element}>"));
    }

    pub fn version_info(&mut self, version: u32) {
        self.out.push_str(&format!("<rim:VersionInfo versionName=\"{version}\"/>"));
    }

    /// A coded attribute or an author.
    pub fn classification(
        &mut self,
        scheme: &str,
        node_representation: &str,
        slots: &[Slot],
        name: &[LocalizedString],
    ) {
        let part = self.part_id();
        self.out.push_str("<rim:Classification");
        attribute(self.out, "id", &part);
        attribute(self.out, "objectType", &format!("{OBJECT_TYPE}Classification"));
        attribute(self.out, "classificationScheme", scheme);
        attribute(self.out, "classifiedObject", self.id);
        attribute(self.out, "nodeRepresentation", node_representation);
        self.out.push('>');
        self.slots(slots);
        self.localized("Name", name);
        self.out.push_str("</rim:Classification>");
    }

    /// The marker that makes a package a SubmissionSet or a Folder.
    pub fn marker(&mut self, node: &str) {
        let part = self.part_id();
        self.out.push_str("<rim:Classification");
        attribute(self.out, "id", &part);
        attribute(self.out, "objectType", &format!("{OBJECT_TYPE}Classification"));
        attribute(self.out, "classifiedObject", self.id);
        attribute(self.out, "classificationNode", node);
        self.out.push_str("/>");
    }

    pub fn external_identifier(&mut self, scheme: &str, name: &str, value: &str) {
        let part = self.part_id();
        self.out.push_str("<rim:ExternalIdentifier");
        attribute(self.out, "id", &part);
        attribute(self.out, "objectType", &format!("{OBJECT_TYPE}ExternalIdentifier"));
        attribute(self.out, "registryObject", self.id);
        attribute(self.out, "identificationScheme", scheme);
        attribute(self.out, "value", value);
        self.out.push_str("><rim:Name><rim:LocalizedString");
        attribute(self.out, "value", name);
        self.out.push_str("/></rim:Name></rim:ExternalIdentifier>");
    }
}
