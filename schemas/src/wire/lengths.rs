//! How long texts of ebRIM may be: what is longer could be stored, but no consumer that validates
//! could read it in an answer.

use super::{Classification, RegistryObject, Slot};
use crate::error::{XdsError, XdsErrorCode};

/// `LongName` of the schema of ebRIM 3.0, in characters.
const LONG_NAME: usize = 256;

/// Refuses Slot names and values, codes, identifiers and mimeTypes that are too long.
pub fn check_lengths(objects: &[RegistryObject], errors: &mut Vec<XdsError>) {
    for object in objects {
        let mut refuse = |what: String| {
            let context =
                format!("{what} of the object {} is longer than {LONG_NAME} characters", object.id);
            let error = XdsError::new(XdsErrorCode::RegistryMetadata, context);
            errors.push(error.at(object.id.clone()));
        };
        slots(&object.slots, &mut refuse);
        object.classifications.iter().for_each(|part| classification(part, &mut refuse));
        for identifier in object.external_identifiers.iter().filter(|id| is_long(&id.value)) {
            refuse(format!("the ExternalIdentifier of scheme {:?}", identifier.scheme));
        }
        if object.mime_type.as_deref().is_some_and(is_long) {
            refuse("the mimeType".to_owned());
        }
    }
}

fn is_long(text: &str) -> bool {
    text.chars().nth(LONG_NAME).is_some()
}

fn classification(part: &Classification, refuse: &mut impl FnMut(String)) {
    slots(&part.slots, refuse);
    if part.node_representation.as_deref().is_some_and(is_long) {
        let scheme = part.scheme.as_deref().unwrap_or_default();
        refuse(format!("the nodeRepresentation of scheme {scheme:?}"));
    }
}

fn slots(slots: &[Slot], refuse: &mut impl FnMut(String)) {
    for slot in slots {
        if is_long(&slot.name) {
            refuse("the name of a Slot".to_owned());
        } else if slot.values.iter().any(|value| is_long(value)) {
            refuse(format!("a value of the Slot {:?}", slot.name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{MetadataLimits, RIM, read_objects};
    use crate::xml::{Document, Limits};

    fn refused(length: usize) -> Vec<String> {
        let long = "é".repeat(length);
        let slot = |name: &str, value: &str| {
            format!(
                "<r:Slot name='{name}'><r:ValueList><r:Value>{value}</r:Value></r:ValueList></r:Slot>"
            )
        };
        let text = format!(
            "<r:RegistryObjectList xmlns:r='{RIM}'><r:ExtrinsicObject id='one' mimeType='{long}'>{}{}\
             <r:Classification nodeRepresentation='{long}'>{}</r:Classification>\
             <r:ExternalIdentifier value='{long}'/></r:ExtrinsicObject></r:RegistryObjectList>",
            slot("size", &long),
            slot(&long, "1"),
            slot("codingScheme", &long),
        );
        let document = Document::parse(&text, &Limits::default()).unwrap();
        let objects = read_objects(document.root(), &MetadataLimits::default()).unwrap();
        let mut errors = Vec::new();
        check_lengths(&objects, &mut errors);
        errors.iter().map(|error| error.context.clone()).collect()
    }

    #[test]
    fn what_the_schema_allows_is_not_too_long() {
        assert_eq!(refused(256), Vec::<String>::new());
    }

    #[test]
    fn one_character_more_is_refused_wherever_it_stands() {
        let errors = refused(257);
        assert_eq!(errors.len(), 6, "{errors:?}");
        assert!(errors.iter().all(|e| e.contains("of the object one is longer than 256")));
    }
}
