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
    /// Extra metadata of its Classification, kept and returned.
    pub extra: Vec<Slot>,
}

const KNOWN_SLOTS: [&str; 5] = [
    slot::AUTHOR_PERSON,
    slot::AUTHOR_INSTITUTION,
    slot::AUTHOR_ROLE,
    slot::AUTHOR_SPECIALTY,
    slot::AUTHOR_TELECOMMUNICATION,
];

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
            extra: reading.extra_of(&classification.slots, &KNOWN_SLOTS, "author."),
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
        slots.extend(self.extra.iter().cloned());
        writer.classification(classification_scheme, "", &slots, &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::Code;
    use crate::wire::{MetadataLimits, RIM, read_objects};
    use crate::xml::{Document, Limits};

    /// Reads one Classification with a Slot of this name, and writes it again.
    fn rewritten(name: &str, as_author: bool) -> Result<String, String> {
        let slot = |name: &str, value: &str| {
            format!(
                "<r:Slot name='{name}'><r:ValueList><r:Value>{value}</r:Value></r:ValueList></r:Slot>"
            )
        };
        let slots = [slot("authorPerson", "1^Ash"), slot("codingScheme", "1.2"), slot(name, "7")];
        let own = if as_author { &slots[0] } else { &slots[1] };
        let text = format!(
            "<r:List xmlns:r='{RIM}'><r:ExtrinsicObject id='one'><r:Classification nodeRepresentation='c'>\
             {own}{}<r:Name><r:LocalizedString value='C'/></r:Name></r:Classification></r:ExtrinsicObject></r:List>",
            slots[2]
        );
        let document = Document::parse(&text, &Limits::default()).unwrap();
        let objects = read_objects(document.root(), &MetadataLimits::default()).unwrap();
        let (mut errors, mut out) = (Vec::new(), String::new());
        let mut reading = Reading::new(&objects[0], "DocumentEntry", &mut errors);
        let part = &objects[0].classifications[0];
        let mut writer = ObjectWriter::new(&mut out, "one", 1);
        if as_author {
            Author::read(part, &mut reading).unwrap().write(&mut writer, "s");
        } else {
            Code::read(part, "classCode", &mut reading).unwrap().write(&mut writer, "s");
        }
        errors.first().map_or(Ok(out), |error| Err(error.context.clone()))
    }

    #[test]
    fn extra_metadata_of_an_author_or_a_code_is_kept() {
        for as_author in [true, false] {
            let text = rewritten("urn:example:mood", as_author).unwrap();
            assert!(text.contains("<rim:Slot name=\"urn:example:mood\">"), "{text}");
        }
    }

    #[test]
    fn a_slot_that_nobody_knows_is_refused_with_its_attribute() {
        for (as_author, attribute) in [(true, "author.mood"), (false, "classCode.mood")] {
            let refused = rewritten("mood", as_author).unwrap_err();
            assert!(refused.starts_with(&format!("DocumentEntry.{attribute} is")), "{refused}");
        }
    }
}
