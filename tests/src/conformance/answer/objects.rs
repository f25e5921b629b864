//! Objects of a RegistryObjectList, read to attributes by the names of the short form.

use super::Found;
use crate::conformance::metadata;
use crate::conformance::vocabulary::{self, Kind};
use schemas::xml::Element;

/// Reads an object of a RegistryObjectList.
pub fn found(element: Element<'_>) -> Found {
    let mut found = Found { element: element.local().to_owned(), ..Found::default() };
    for name in ["id", "lid", "home", "mimeType", "objectType", "status", "associationType"] {
        if let Some(value) = element.attr(name) {
            let short = if name == "status" || name == "associationType" {
                value.rsplit(':').next().unwrap_or_default()
            } else {
                value
            };
            found.put(name, short);
        }
    }
    for name in ["sourceObject", "targetObject"] {
        if let Some(value) = element.attr(name) {
            found.put(name, value);
        }
    }
    let kind = kind_of(element);
    found.kind = kind.map_or(element.local(), |kind| kind.name).to_owned();
    for child in element.children() {
        part(&mut found, child, kind);
    }
    found
}

fn kind_of(element: Element<'_>) -> Option<&'static Kind> {
    match element.local() {
        "ExtrinsicObject" => Some(&metadata::DOCUMENT_ENTRY.0),
        "RegistryPackage" => {
            let node = |element: Element<'_>| element.attr("classificationNode").map(str::to_owned);
            let nodes: Vec<String> = element.children().filter_map(node).collect();
            let kinds = [&metadata::SUBMISSION_SET.0, &metadata::FOLDER.0];
            kinds.into_iter().find(|kind| nodes.iter().any(|n| Some(n.as_str()) == kind.marker))
        }
        _ => None,
    }
}

fn values(slot: Element<'_>) -> Vec<&str> {
    slot.descendants().filter(|e| e.local() == "Value").map(|e| e.text()).collect()
}

fn part(found: &mut Found, child: Element<'_>, kind: Option<&Kind>) {
    match child.local() {
        "Slot" => {
            let name = child.attr("name").unwrap_or_default();
            let name = if name == vocabulary::REFERENCE_ID_LIST { "referenceIdList" } else { name };
            for value in values(child) {
                found.put(name, value);
            }
        }
        "Name" | "Description" => {
            let name = if child.local() == "Name" { "title" } else { "comments" };
            for value in child.children().filter_map(|localized| localized.attr("value")) {
                found.put(name, value);
            }
        }
        "VersionInfo" => found.put("version", child.attr("versionName").unwrap_or_default()),
        "Classification" => {
            complete(found, child);
            classification(found, child, kind);
        }
        "ExternalIdentifier" => {
            complete(found, child);
            let scheme = child.attr("identificationScheme").unwrap_or_default();
            let known = kind.and_then(|k| k.identifiers.iter().find(|(_, s, _)| *s == scheme));
            let name = known.map_or(scheme, |(name, ..)| name).to_owned();
            found.put(&name, child.attr("value").unwrap_or_default());
        }
        _ => {}
    }
}

fn complete(found: &mut Found, child: Element<'_>) {
    for name in ["id", "objectType"] {
        if child.attr(name).is_none_or(str::is_empty) {
            found.incomplete.push(format!("{} without {name}", child.local()));
        }
    }
}

fn classification(found: &mut Found, child: Element<'_>, kind: Option<&Kind>) {
    let scheme = child.attr("classificationScheme").unwrap_or_default();
    if scheme.is_empty() {
        return;
    }
    let slot = |name: &str| {
        let slot = child.children().find(|e| e.local() == "Slot" && e.attr("name") == Some(name));
        slot.map(values).unwrap_or_default()
    };
    if kind.and_then(|kind| kind.author) == Some(scheme) {
        for part in ["Person", "Institution", "Role", "Specialty", "Telecommunication"] {
            let name = format!("author{part}");
            for value in slot(&name) {
                found.put(&name, value);
            }
        }
        return;
    }
    let known = kind.and_then(|kind| kind.codes.iter().find(|(_, s)| *s == scheme));
    let name = match known {
        Some((name, _)) => *name,
        None if scheme == vocabulary::DOCUMENTATION => "documentation",
        None => scheme,
    };
    let code = child.attr("nodeRepresentation").unwrap_or_default();
    let coding = slot("codingScheme").first().copied().unwrap_or_default().to_owned();
    found.put(name, &format!("{code}^^{coding}"));
    for display in child.descendants().filter(|e| e.local() == "LocalizedString") {
        found.put(&format!("{name}Display"), display.attr("value").unwrap_or_default());
    }
}
