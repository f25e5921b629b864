//! Objects, documents and texts of an answer, compared by the names that a case has for them.

use crate::conformance::answer::{Answer, Found};
use crate::conformance::case::Expect;
use crate::conformance::scope::{Scope, association};
use crate::conformance::vocabulary::association_type;
use std::collections::BTreeMap;
use toml::Value;

/// Objects, documents and texts, by name.
pub async fn content(
    scope: &mut Scope<'_>,
    expect: &Expect,
    answer: &Answer,
) -> Result<Vec<String>, String> {
    let mut failures = Vec::new();
    let kinds = [
        ("DocumentEntry", &expect.docs),
        ("SubmissionSet", &expect.sets),
        ("Folder", &expect.folders),
    ];
    for (kind, names) in kinds {
        if let Some(names) = names {
            failures.extend(exactly(scope, answer, kind, names));
        }
    }
    if let Some(names) = &expect.assocs {
        failures.extend(exact_associations(scope, answer, names).await?);
    }
    if let Some(names) = &expect.refs {
        failures.extend(exact_references(scope, answer, names).await?);
    }
    for name in &expect.has {
        if !present(scope, answer, name).await? {
            failures.push(format!("expected {name} among the objects"));
        }
    }
    for name in &expect.lacks {
        if present(scope, answer, name).await? {
            failures.push(format!("expected no {name} among the objects"));
        }
    }
    for (kind, wanted) in &expect.count {
        let found = answer.objects.iter().filter(|o| o.element == *kind || o.kind == *kind).count();
        if found != *wanted {
            failures.push(format!("expected {wanted} {kind}, received {found}"));
        }
    }
    for (name, attributes) in &expect.object {
        failures.extend(object(scope, answer, name, attributes));
    }
    if let Some(names) = &expect.documents {
        failures.extend(documents(scope, answer, names));
    }
    failures.extend(texts(expect, answer));
    Ok(failures)
}

fn texts(expect: &Expect, answer: &Answer) -> Vec<String> {
    let mut failures = Vec::new();
    for text in &expect.context {
        if !answer.errors.iter().any(|error| error.context.contains(text.as_str())) {
            failures.push(format!("expected {text:?} in a codeContext"));
        }
    }
    for text in &expect.location {
        if !answer.errors.iter().any(|error| error.location.contains(text.as_str())) {
            failures.push(format!("expected {text:?} in a location"));
        }
    }
    for text in &expect.text {
        if !answer.envelope.contains(text.as_str()) {
            failures.push(format!("expected the text {text:?}"));
        }
    }
    failures
}

/// Whether an object of an answer is the one that goes by this name.
fn is(scope: &Scope<'_>, object: &Found, name: &str) -> bool {
    let Some(known) = scope.objects.get(name) else { return object.one("id") == name };
    match &known.uuid {
        Some(uuid) => object.one("id") == uuid,
        None => object.one("uniqueId") == known.unique_id,
    }
}

fn exactly(scope: &Scope<'_>, answer: &Answer, kind: &str, names: &[String]) -> Vec<String> {
    let mut failures = Vec::new();
    let mut rest: Vec<&Found> = answer.objects.iter().filter(|o| o.kind == kind).collect();
    for name in names {
        match rest.iter().position(|object| is(scope, object, name)) {
            Some(at) => {
                rest.remove(at);
            }
            None => failures.push(format!("expected the {kind} {name}")),
        }
    }
    for object in rest {
        let id = object.one("uniqueId");
        let known = scope.objects.iter().find(|(_, known)| known.unique_id == id);
        let name = known.map_or(id, |(name, _)| name.as_str());
        failures.push(format!("did not expect the {kind} {name}"));
    }
    failures
}

/// Source, short type and target of `a>type>b`.
async fn triple(scope: &mut Scope<'_>, name: &str) -> Result<[String; 3], String> {
    let (from, kind, to) = association(name).ok_or_else(|| format!("{name} is no association"))?;
    let kind = association_type(kind);
    let short = kind.rsplit(':').next().unwrap_or_default().to_owned();
    Ok([scope.identify(from).await?, short, scope.identify(to).await?])
}

fn triple_of(object: &Found) -> [String; 3] {
    ["sourceObject", "associationType", "targetObject"].map(|name| object.one(name).to_owned())
}

async fn exact_associations(
    scope: &mut Scope<'_>,
    answer: &Answer,
    names: &[String],
) -> Result<Vec<String>, String> {
    let mut failures = Vec::new();
    let mut rest: Vec<[String; 3]> =
        answer.objects.iter().filter(|o| o.kind == "Association").map(triple_of).collect();
    for name in names {
        let wanted = triple(scope, name).await?;
        match rest.iter().position(|found| *found == wanted) {
            Some(at) => {
                rest.remove(at);
            }
            None => failures.push(format!("expected the association {name}")),
        }
    }
    for [_, kind, _] in rest {
        failures.push(format!("did not expect another association of type {kind}"));
    }
    Ok(failures)
}

async fn exact_references(
    scope: &mut Scope<'_>,
    answer: &Answer,
    names: &[String],
) -> Result<Vec<String>, String> {
    let mut failures = Vec::new();
    let references = answer.objects.iter().filter(|object| object.kind == "ObjectRef");
    let mut rest: Vec<&str> = references.map(|object| object.one("id")).collect();
    for name in names {
        let wanted = scope.identify(name).await?;
        match rest.iter().position(|found| *found == wanted) {
            Some(at) => {
                rest.remove(at);
            }
            None => failures.push(format!("expected a reference to {name}")),
        }
    }
    if !rest.is_empty() {
        failures.push(format!("did not expect {} more references", rest.len()));
    }
    Ok(failures)
}

async fn present(scope: &mut Scope<'_>, answer: &Answer, name: &str) -> Result<bool, String> {
    let references = answer.objects.iter().any(|object| object.kind == "ObjectRef");
    if references {
        let Ok(id) = scope.identify(name).await else { return Ok(false) };
        return Ok(answer.objects.iter().any(|object| object.one("id") == id));
    }
    if name.contains('>') {
        let wanted = triple(scope, name).await?;
        return Ok(answer.objects.iter().any(|object| triple_of(object) == wanted));
    }
    Ok(answer.objects.iter().any(|object| is(scope, object, name)))
}

/// The first value of an object's attribute in an answer.
pub fn attribute(
    scope: &Scope<'_>,
    answer: &Answer,
    name: &str,
    attribute: &str,
) -> Result<String, String> {
    let found = answer.objects.iter().find(|object| is(scope, object, name));
    let found = found.ok_or_else(|| format!("no {name} in the answer"))?;
    Ok(found.one(attribute).to_owned())
}

fn object(
    scope: &Scope<'_>,
    answer: &Answer,
    name: &str,
    attributes: &BTreeMap<String, Value>,
) -> Vec<String> {
    let found = answer.objects.iter().find(|object| is(scope, object, name));
    let Some(found) = found else { return vec![format!("expected {name} in the answer")] };
    let mut failures = Vec::new();
    for (attribute, wanted) in attributes {
        let values = found.attributes.get(attribute).cloned().unwrap_or_default();
        if !fits(wanted, &values) {
            failures.push(format!(
                "expected {attribute} of {name} to be {wanted}, received {values:?}"
            ));
        }
    }
    failures
}

/// `*` any, `!x` another, `>x` later, `~x` containing x; a list in any order.
fn fits(wanted: &Value, values: &[String]) -> bool {
    match wanted {
        Value::Boolean(present) => *present != values.is_empty(),
        Value::Array(wanted) => {
            let mut wanted: Vec<&str> = wanted.iter().filter_map(Value::as_str).collect();
            let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
            wanted.sort_unstable();
            values.sort_unstable();
            wanted == values
        }
        Value::String(wanted) => match (wanted.chars().next(), values) {
            (Some('*'), values) if wanted == "*" => values.iter().any(|value| !value.is_empty()),
            (Some('!'), values) => !values.is_empty() && !values.iter().any(|v| *v == wanted[1..]),
            (Some('>'), [value]) => value.as_str() > &wanted[1..],
            (Some('~'), values) => values.iter().any(|value| value.contains(&wanted[1..])),
            (_, [value]) => value == wanted,
            _ => false,
        },
        other => values == [other.to_string()],
    }
}

/// Exactly these, byte for byte as they were provided, with the mimeType of their metadata.
fn documents(scope: &Scope<'_>, answer: &Answer, names: &[String]) -> Vec<String> {
    let mut failures = Vec::new();
    let mut rest: Vec<_> = answer.documents.iter().collect();
    for name in names {
        let Some(known) = scope.objects.get(name) else {
            failures.push(format!("no document {name}"));
            continue;
        };
        let Some(at) = rest.iter().position(|found| found.unique_id == known.unique_id) else {
            failures.push(format!("expected the document {name}"));
            continue;
        };
        let found = rest.remove(at);
        if found.bytes != known.content {
            let (sent, got) = (known.content.len(), found.bytes.len());
            failures.push(format!("{name} differs: {sent} bytes provided, {got} retrieved"));
        }
        let mime = known.attributes.get("mimeType").and_then(Value::as_str).unwrap_or_default();
        if found.mime_type != mime {
            failures.push(format!("{name} is {:?}, provided as {mime:?}", found.mime_type));
        }
    }
    if !rest.is_empty() {
        failures.push(format!("did not expect {} more documents", rest.len()));
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn an_attribute_fits_what_is_asked_of_it() {
        let one = ["b".to_owned()];
        assert!(fits(&text("b"), &one) && !fits(&text("a"), &one));
        assert!(fits(&text("*"), &one) && !fits(&text("*"), &[]));
        assert!(fits(&text("!a"), &one) && !fits(&text("!b"), &one));
        assert!(fits(&text(">a"), &one) && !fits(&text(">b"), &one));
        assert!(fits(&Value::Boolean(false), &[]) && !fits(&Value::Boolean(false), &one));
        let two = ["b".to_owned(), "a".to_owned()];
        assert!(fits(&Value::Array(vec![text("a"), text("b")]), &two));
    }
}
