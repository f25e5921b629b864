//! Elements into wire objects; limits are checked here, by name.

use super::*;
use crate::error::{XdsError, XdsErrorCode};
use crate::xml::Element;

fn over(what: &str, limit: usize) -> XdsError {
    let context = format!("the metadata has more {what} than this hub's limit of {limit}");
    XdsError::new(XdsErrorCode::RegistryMetadata, context)
}

/// Reads every object of a `rim:RegistryObjectList`; child order is not enforced.
pub fn read_objects(
    list: Element<'_>,
    limits: &MetadataLimits,
) -> Result<Vec<RegistryObject>, XdsError> {
    let mut objects = Vec::new();
    for element in list.children().filter(|element| element.namespace() == RIM) {
        if objects.len() >= limits.objects {
            return Err(over("objects", limits.objects));
        }
        objects.extend(read_object(element, limits)?);
    }
    Ok(objects)
}

/// Reads one object; `None` for an ebRIM element that XDS does not use.
pub fn read_object(
    element: Element<'_>,
    limits: &MetadataLimits,
) -> Result<Option<RegistryObject>, XdsError> {
    let kind = match element.local() {
        "ExtrinsicObject" => ObjectKind::ExtrinsicObject,
        "RegistryPackage" => ObjectKind::RegistryPackage,
        "Association" => ObjectKind::Association,
        "Classification" => ObjectKind::Classification,
        "ObjectRef" => ObjectKind::ObjectRef,
        _ => return Ok(None),
    };
    let owned = |name: &str| element.attr(name).map(str::to_owned);
    let text = |name: &str| element.attr(name).unwrap_or_default().to_owned();
    let mut object = RegistryObject {
        kind,
        id: text("id"),
        lid: owned("lid"),
        home: owned("home"),
        status: owned("status"),
        object_type: owned("objectType"),
        mime_type: owned("mimeType"),
        version_name: None,
        association_type: text("associationType"),
        source_object: text("sourceObject"),
        target_object: text("targetObject"),
        slots: Vec::new(),
        name: Vec::new(),
        description: Vec::new(),
        classifications: Vec::new(),
        external_identifiers: Vec::new(),
        classification: None,
    };
    if kind == ObjectKind::Classification {
        object.classification = Some(classification(element, limits)?);
        return Ok(Some(object));
    }
    for child in element.children().filter(|child| child.namespace() == RIM) {
        match child.local() {
            "Slot" => push_slot(&mut object.slots, child, limits)?,
            "Name" => object.name = localized(child),
            "Description" => object.description = localized(child),
            "VersionInfo" => object.version_name = child.attr("versionName").map(str::to_owned),
            "Classification" => {
                if object.classifications.len() >= limits.classifications_per_object {
                    return Err(over("classifications", limits.classifications_per_object));
                }
                object.classifications.push(classification(child, limits)?);
            }
            "ExternalIdentifier" => object.external_identifiers.push(ExternalIdentifier {
                registry_object: child.attr("registryObject").unwrap_or_default().to_owned(),
                scheme: child.attr("identificationScheme").unwrap_or_default().to_owned(),
                value: child.attr("value").unwrap_or_default().to_owned(),
            }),
            _ => {}
        }
    }
    Ok(Some(object))
}

fn classification(
    element: Element<'_>,
    limits: &MetadataLimits,
) -> Result<Classification, XdsError> {
    let owned = |name: &str| element.attr(name).map(str::to_owned);
    let mut slots = Vec::new();
    for slot in element.children_named(RIM, "Slot") {
        push_slot(&mut slots, slot, limits)?;
    }
    Ok(Classification {
        scheme: owned("classificationScheme"),
        node: owned("classificationNode"),
        classified_object: owned("classifiedObject").unwrap_or_default(),
        node_representation: owned("nodeRepresentation"),
        slots,
        name: element.child(RIM, "Name").map(localized).unwrap_or_default(),
    })
}

/// Reads a slot and refuses a second one of the same name: one of the two would be lost in silence.
fn push_slot(
    slots: &mut Vec<Slot>,
    element: Element<'_>,
    limits: &MetadataLimits,
) -> Result<(), XdsError> {
    let slot = slot(element, limits)?;
    if slots.len() >= limits.slots_per_object {
        return Err(over("slots on one object", limits.slots_per_object));
    }
    if slots.iter().any(|other| other.name == slot.name) {
        let context = format!("the Slot {:?} occurs twice on one object", slot.name);
        return Err(XdsError::new(XdsErrorCode::RegistryMetadata, context));
    }
    slots.push(slot);
    Ok(())
}

pub fn slot(element: Element<'_>, limits: &MetadataLimits) -> Result<Slot, XdsError> {
    let name = element.attr("name").unwrap_or_default().to_owned();
    let mut values = Vec::new();
    for list in element.children_named(RIM, "ValueList") {
        for value in list.children_named(RIM, "Value") {
            if values.len() >= limits.values_per_slot {
                return Err(over("values in one slot", limits.values_per_slot));
            }
            if value.text().len() > limits.value_chars {
                return Err(over(
                    &format!("characters in a value of Slot {name:?}"),
                    limits.value_chars,
                ));
            }
            values.push(value.trimmed().to_owned());
        }
    }
    Ok(Slot { name, values })
}

fn localized(element: Element<'_>) -> Vec<LocalizedString> {
    let strings = element.children_named(RIM, "LocalizedString");
    let read = |string: Element<'_>| LocalizedString {
        lang: string.attr_ns("http://www.w3.org/XML/1998/namespace", "lang").map(str::to_owned),
        value: string.attr("value").unwrap_or_default().to_owned(),
    };
    strings.map(read).filter(|string| !string.value.trim().is_empty()).collect()
}
