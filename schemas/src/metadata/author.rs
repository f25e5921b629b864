//! author: a person, device or institution, with roles and specialties.

use super::attributes::Reading;
use super::ids::slot;
use crate::hl7::{Xcn, Xon};
use crate::wire::{Classification, ObjectWriter, Slot};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    pub person: Option<Xcn>,
    pub institution: Vec<Xon>,
    pub role: Vec<String>,
    pub specialty: Vec<String>,
    pub telecommunication: Vec<String>,
}

impl Author {
    pub(super) fn read(classification: &Classification, reading: &mut Reading<'_>) -> Option<Self> {
        let values = |name: &str| -> &[String] {
            let found = classification.slots.iter().find(|slot| slot.name == name);
            found.map_or(&[], |slot| slot.values.as_slice())
        };
        let mut author = Self {
            role: values(slot::AUTHOR_ROLE).to_vec(),
            specialty: values(slot::AUTHOR_SPECIALTY).to_vec(),
            telecommunication: values(slot::AUTHOR_TELECOMMUNICATION).to_vec(),
            ..Self::default()
        };
        match values(slot::AUTHOR_PERSON) {
            [] => {}
            [person] => author.person = reading.parsed("author.authorPerson", Xcn::parse(person)),
            _ => reading.refuse("author.authorPerson", "takes one value"),
        }
        for institution in values(slot::AUTHOR_INSTITUTION) {
            let parsed = reading.parsed("author.authorInstitution", Xon::parse(institution));
            author.institution.extend(parsed);
        }
        let named = !values(slot::AUTHOR_PERSON).is_empty()
            || !values(slot::AUTHOR_INSTITUTION).is_empty()
            || !author.telecommunication.is_empty();
        if !named {
            let rule = "needs authorPerson, authorInstitution or authorTelecommunication";
            reading.refuse("author", rule);
            return None;
        }
        Some(author)
    }

    pub(super) fn write(&self, writer: &mut ObjectWriter<'_>, classification_scheme: &str) {
        let mut slots = Vec::new();
        let mut push = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                slots.push(Slot { name: name.to_owned(), values });
            }
        };
        push(slot::AUTHOR_PERSON, self.person.iter().map(|x| x.as_str().to_owned()).collect());
        let institutions = self.institution.iter().map(|x| x.as_str().to_owned());
        push(slot::AUTHOR_INSTITUTION, institutions.collect());
        push(slot::AUTHOR_ROLE, self.role.clone());
        push(slot::AUTHOR_SPECIALTY, self.specialty.clone());
        push(slot::AUTHOR_TELECOMMUNICATION, self.telecommunication.clone());
        writer.classification(classification_scheme, "", &slots, &[]);
    }
}
