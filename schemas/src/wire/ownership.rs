//! Classifications and ExternalIdentifiers name the object they belong to; it must be the one.

use super::{ObjectKind, RegistryObject};
use crate::error::{XdsError, XdsErrorCode};
use std::collections::HashSet;

/// Refuses a part that names another object than the one it stands in, and a Classification beside
/// the objects that names none of them or is more than a marker, since it would be lost (ITI TF-3
/// 4.2.3.1.2 and 4.2.3.1.3). The position of a part says whose it is, so one that does not say is
/// accepted.
pub fn check_ownership(objects: &[RegistryObject], errors: &mut Vec<XdsError>) {
    let own = objects.iter().filter(|object| object.kind != ObjectKind::Classification);
    let ids: HashSet<&str> = own.map(|object| object.id.as_str()).collect();
    for object in objects {
        let classified = object.classifications.iter();
        let classified = classified.map(|c| ("Classification", c.classified_object.as_str()));
        let identified = object.external_identifiers.iter();
        let identified = identified.map(|i| ("ExternalIdentifier", i.registry_object.as_str()));
        let parts = classified.chain(identified).filter(|(_, named)| !named.is_empty());
        errors.extend(parts.filter(|(_, named)| *named != object.id).map(|(part, named)| {
            let attribute =
                if part == "Classification" { "classifiedObject" } else { "registryObject" };
            let what = format!(
                "a {part} of the object {} has the {attribute} {named:?}: it must be the id of the object that it stands in",
                object.id
            );
            XdsError::new(XdsErrorCode::RegistryMetadata, what).at(object.id.clone())
        }));
        if object.classification.as_ref().is_some_and(|c| c.scheme.is_some()) {
            let what = format!(
                "the Classification {} stands beside the objects: only the marker of a SubmissionSet or Folder may, a code or an author stands in its object",
                object.id
            );
            errors.push(XdsError::new(XdsErrorCode::RegistryMetadata, what).at(object.id.clone()));
        }
        let beside = object.classification.as_ref().map(|c| c.classified_object.as_str());
        errors.extend(beside.filter(|named| !named.is_empty() && !ids.contains(named)).map(|named| {
            let what = format!(
                "the Classification {} has the classifiedObject {named:?}: it must be the id of an object of the message",
                object.id
            );
            XdsError::new(XdsErrorCode::RegistryMetadata, what).at(object.id.clone())
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{MetadataLimits, RIM, read_objects};
    use crate::xml::{Document, Limits};

    const PACKAGE: &str = "<r:RegistryPackage id='p'><r:Classification classifiedObject='p'/>\
        <r:ExternalIdentifier registryObject='p'/></r:RegistryPackage>\
        <r:Classification id='beside' classifiedObject='p'/>";

    fn refused(objects: &str) -> Vec<String> {
        let text =
            format!("<r:RegistryObjectList xmlns:r='{RIM}'>{objects}</r:RegistryObjectList>");
        let document = Document::parse(&text, &Limits::default()).unwrap();
        let objects = read_objects(document.root(), &MetadataLimits::default()).unwrap();
        let mut errors = Vec::new();
        check_ownership(&objects, &mut errors);
        errors.iter().map(|error| error.context.clone()).collect()
    }

    #[test]
    fn parts_that_name_their_object_or_none_are_accepted() {
        assert!(refused(PACKAGE).is_empty());
        let silent = PACKAGE.replace("classifiedObject='p'", "").replace("registryObject='p'", "");
        assert!(refused(&silent).is_empty());
    }

    #[test]
    fn a_part_that_names_another_object_is_refused_with_its_object() {
        let other = "<r:ExtrinsicObject id='other'/>";
        for (right, wrong) in [
            (
                "'p'><r:Classification classifiedObject='p'",
                "'p'><r:Classification classifiedObject='other'",
            ),
            ("registryObject='p'", "registryObject='other'"),
        ] {
            let errors = refused(&format!("{other}{}", PACKAGE.replace(right, wrong)));
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].contains("of the object p"), "{errors:?}");
            assert!(errors[0].contains("Object \"other\""), "{errors:?}");
        }
    }

    #[test]
    fn a_classification_beside_the_objects_names_one_of_them() {
        let wrong = PACKAGE
            .replace("id='beside' classifiedObject='p'", "id='beside' classifiedObject='beside'");
        let errors = refused(&wrong);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("the Classification beside"), "{errors:?}");
    }

    #[test]
    fn only_a_marker_stands_beside_the_objects() {
        let code = PACKAGE.replace("id='beside'", "id='beside' classificationScheme='urn:uuid:1'");
        let errors = refused(&code);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("the Classification beside"), "{errors:?}");
    }
}
