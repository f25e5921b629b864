//! Reading attributes of one wire object; every refusal names object, attribute and rule.

use super::code::Code;
use super::object_id::ObjectId;
use crate::dtm::Dtm;
use crate::error::{XdsError, XdsErrorCode};
use crate::hl7::PatientId;
use crate::oid::Oid;
use crate::unique_id::UniqueId;
use crate::wire::{LocalizedString, RegistryObject, Slot};

/// Collects what is wrong with an object while it is being read, so that a sender learns of all
/// its mistakes at once.
pub struct Reading<'o> {
    pub(super) object: &'o RegistryObject,
    class: &'static str,
    errors: &'o mut Vec<XdsError>,
}

impl<'o> Reading<'o> {
    pub(super) fn new(
        object: &'o RegistryObject,
        class: &'static str,
        errors: &'o mut Vec<XdsError>,
    ) -> Self {
        Self { object, class, errors }
    }

    pub fn refuse(&mut self, attribute: &str, rule: &str) {
        let context = format!("{}.{attribute} {rule} (object {})", self.class, self.object.id);
        let error = XdsError::new(XdsErrorCode::RegistryMetadata, context);
        self.errors.push(error.at(format!("{}/{}.{attribute}", self.object.id, self.class)));
    }

    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        attribute: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.refuse(attribute, &format!("is not valid: {error}"))).ok()
    }

    /// homeCommunityId; empty is as good as absent.
    pub(super) fn home(&mut self) -> Option<String> {
        let home = self.object.home.clone().filter(|home| !home.is_empty())?;
        if Oid::parse_urn(&home).is_err() {
            self.refuse("homeCommunityId", "is urn:oid: and an OID");
        }
        Some(home)
    }

    /// Name, of as many characters as the attribute may have in any one language.
    pub(super) fn title(&mut self, longest: usize) -> Vec<LocalizedString> {
        if self.object.name.iter().any(|title| title.value.chars().count() > longest) {
            self.refuse("title", &format!("has at most {longest} characters"));
        }
        self.object.name.clone()
    }

    pub(super) fn id(&mut self) -> Option<ObjectId> {
        self.parsed("entryUUID", ObjectId::parse(&self.object.id))
    }

    /// A slot that takes at most one value.
    pub(super) fn one(&mut self, name: &str) -> Option<String> {
        match self.object.slot(name).map(|slot| slot.values.as_slice()) {
            None => None,
            Some([value]) if !value.is_empty() => Some(value.clone()),
            Some([]) | Some([_]) => {
                self.refuse(name, "has a Slot without a value");
                None
            }
            Some(_) => {
                self.refuse(name, "takes one value");
                None
            }
        }
    }

    pub(super) fn required(&mut self, name: &str) -> Option<String> {
        if self.object.slot(name).is_none() {
            self.refuse(name, "is required");
        }
        self.one(name)
    }

    pub(super) fn time(&mut self, name: &str) -> Option<Dtm> {
        let text = self.one(name)?;
        self.parsed(name, Dtm::parse(&text))
    }

    pub(super) fn values(&self, name: &str) -> Vec<String> {
        self.object.slot(name).map(|slot| slot.values.clone()).unwrap_or_default()
    }

    fn identifier(&mut self, scheme: &str, attribute: &str) -> Option<String> {
        let ids = self.object.external_identifiers.iter();
        let mut found = ids.filter(|id| id.scheme == scheme).map(|id| id.value.clone());
        let first = found.next();
        let second = found.next();
        match (&first, second) {
            (None, _) => self.refuse(attribute, "is required (ExternalIdentifier)"),
            (_, Some(_)) => self.refuse(attribute, "takes one ExternalIdentifier"),
            _ => {}
        }
        first
    }

    pub(super) fn patient_id(&mut self, scheme: &str) -> Option<PatientId> {
        let text = self.identifier(scheme, "patientId")?;
        self.parsed("patientId", PatientId::parse(&text))
    }

    pub(super) fn unique_id(&mut self, scheme: &str) -> Option<UniqueId> {
        let text = self.identifier(scheme, "uniqueId")?;
        self.parsed("uniqueId", UniqueId::parse(&text))
    }

    /// An ExternalIdentifier that can be nothing but an OID.
    pub(super) fn oid(&mut self, scheme: &str, attribute: &str) -> Option<Oid> {
        let text = self.identifier(scheme, attribute)?;
        self.parsed(attribute, Oid::parse(&text))
    }

    pub(super) fn codes(&mut self, scheme: &str, attribute: &str) -> Vec<Code> {
        let object = self.object;
        let mine = |c: &&crate::wire::Classification| c.scheme.as_deref() == Some(scheme);
        let found = object.classifications.iter().filter(mine);
        found.filter_map(|c| Code::read(c, attribute, self)).collect()
    }

    /// Exactly one code. A present but unreadable code has already been refused.
    pub(super) fn code(&mut self, scheme: &str, attribute: &str) -> Option<Code> {
        let object = self.object;
        let mine = |c: &&crate::wire::Classification| c.scheme.as_deref() == Some(scheme);
        match object.classifications.iter().filter(mine).count() {
            0 => self.refuse(attribute, "is required (one Classification)"),
            1 => {}
            _ => self.refuse(attribute, "takes one Classification"),
        }
        self.codes(scheme, attribute).into_iter().next()
    }

    pub(super) fn refuse_limited(&mut self, node: &str) {
        let limited = |c: &crate::wire::Classification| c.node.as_deref() == Some(node);
        if self.object.classifications.iter().any(limited) {
            self.refuse("limitedMetadata", "is not accepted: an XDS registry needs full metadata");
        }
    }

    /// Slots beyond the profile's own: a URN outside `urn:ihe:` is kept, another name is refused
    /// (ITI TF-3 4.2.3.1.6).
    pub(super) fn extra(&mut self, known: &[&str]) -> Vec<Slot> {
        let object = self.object;
        self.extra_of(&object.slots, known, "")
    }

    /// The same for the Slots of a part of the object; `within` is the part with a dot.
    pub(super) fn extra_of(&mut self, slots: &[Slot], known: &[&str], within: &str) -> Vec<Slot> {
        let mut extra = Vec::new();
        for slot in slots {
            if known.contains(&slot.name.as_str()) {
                continue;
            }
            if slot.name.starts_with("urn:") && !slot.name.starts_with("urn:ihe:") {
                // A Slot without values says nothing, and could not be written again.
                extra.extend((!slot.values.is_empty()).then(|| slot.clone()));
            } else {
                self.refuse(
                    &format!("{within}{}", slot.name),
                    "is neither a Slot of the profile nor a URN of extra metadata",
                );
            }
        }
        extra
    }
}
