//! What a file would make of the region, object by object and attribute by attribute.

use crate::region::{Region, RegionFile, Versioned};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    Add,
    Remove,
    Change,
}

impl Sign {
    pub fn mark(self) -> char {
        match self {
            Self::Add => '+',
            Self::Remove => '-',
            Self::Change => '~',
        }
    }
}

/// One attribute that is different: a value that comes or goes, or one that replaces another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttributeChange {
    pub sign: Sign,
    /// `membership.evidence.dspt_until`.
    pub attribute: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectChange {
    pub sign: Sign,
    pub kind: &'static str,
    /// `LSC-GP-2026`, `RXN`.
    pub id: String,
    /// Of an agreement: the version that it would become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    pub attributes: Vec<AttributeChange>,
}

/// What differs, and the region with the file in it.
#[derive(Clone, Debug)]
pub struct Plan {
    pub objects: Vec<ObjectChange>,
    pub after: Region,
}

/// Compares a file with the region; what the file does not name stays.
pub fn plan(region: &Region, file: &RegionFile) -> Plan {
    let mut plan = Plan { objects: Vec::new(), after: region.clone() };
    let (objects, after) = (&mut plan.objects, &mut plan.after);
    if let Some(policy) = &file.policy {
        let changes = attributes(&region.policy, policy);
        if !changes.is_empty() {
            objects.push(object(Sign::Change, "policy", "region", changes));
        }
        after.policy = policy.clone();
    }
    put(objects, "organisation", &mut after.organisations, &file.organisation, |of| {
        of.ods.to_string()
    });
    put(objects, "group", &mut after.groups, &file.group, |of| of.name.clone());
    put(objects, "system", &mut after.systems, &file.system, |of| {
        format!("{} of {}", of.name, of.organisation)
    });
    put(objects, "role", &mut after.roles, &file.role, |of| of.name.clone());
    put(objects, "tier", &mut after.tiers, &file.tier, |of| of.name.clone());
    for agreement in &file.agreement {
        let known = after.agreements.iter().position(|v| v.agreement.id == agreement.id);
        let version = known.map_or(0, |at| after.agreements[at].version) + 1;
        let changes = match known {
            Some(at) => attributes(&after.agreements[at].agreement, agreement),
            None => whole(agreement),
        };
        if changes.is_empty() {
            continue;
        }
        let sign = if known.is_some() { Sign::Change } else { Sign::Add };
        let change = object(sign, "agreement", &agreement.id, changes);
        objects.push(ObjectChange { version: Some(version), ..change });
        let versioned = Versioned { version, agreement: agreement.clone() };
        match known {
            Some(at) => after.agreements[at] = versioned,
            None => after.agreements.push(versioned),
        }
    }
    plan
}

fn object(
    sign: Sign,
    kind: &'static str,
    id: &str,
    attributes: Vec<AttributeChange>,
) -> ObjectChange {
    ObjectChange { sign, kind, id: id.to_owned(), version: None, attributes }
}

fn put<T: Serialize + Clone>(
    objects: &mut Vec<ObjectChange>,
    kind: &'static str,
    known: &mut Vec<T>,
    wanted: &[T],
    key: impl Fn(&T) -> String,
) {
    for item in wanted {
        let id = key(item);
        match known.iter_mut().find(|known| key(known) == id) {
            Some(known) => {
                let changes = attributes(known, item);
                if !changes.is_empty() {
                    objects.push(object(Sign::Change, kind, &id, changes));
                }
                *known = item.clone();
            }
            None => {
                objects.push(object(Sign::Add, kind, &id, whole(item)));
                known.push(item.clone());
            }
        }
    }
}

/// What is different between two of a kind.
pub fn attributes(before: &impl Serialize, after: &impl Serialize) -> Vec<AttributeChange> {
    let value = |of: Result<Value, serde_json::Error>| of.unwrap_or(Value::Null);
    let mut changes = Vec::new();
    let (before, after) = (value(serde_json::to_value(before)), value(serde_json::to_value(after)));
    compare("", &before, &after, &mut changes);
    changes
}

fn whole(item: &impl Serialize) -> Vec<AttributeChange> {
    attributes(&Value::Object(Map::new()), item)
}

fn compare(path: &str, before: &Value, after: &Value, changes: &mut Vec<AttributeChange>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Value::Object(was), Value::Object(is)) => {
            let gone = was.keys().filter(|key| !is.contains_key(*key));
            for key in is.keys().chain(gone) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let of = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&path, &of(was), &of(is), changes);
            }
        }
        (Value::Null, Value::Object(_)) => {
            compare(path, &Value::Object(Map::new()), after, changes)
        }
        (Value::Object(_), Value::Null) => {
            compare(path, before, &Value::Object(Map::new()), changes);
        }
        (Value::Array(_) | Value::Null, Value::Array(_)) | (Value::Array(_), Value::Null) => {
            let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
            let (was, is) = (list(before), list(after));
            for value in was.iter().filter(|value| !is.contains(value)) {
                changes.push(change(Sign::Remove, path, Some(value), None));
            }
            for value in is.iter().filter(|value| !was.contains(value)) {
                changes.push(change(Sign::Add, path, None, Some(value)));
            }
            let same = |a: &[Value], b: &[Value]| a.iter().all(|value| b.contains(value));
            if same(&was, &is) && same(&is, &was) && !was.is_empty() {
                changes.push(change(Sign::Change, path, Some(before), Some(after)));
            }
        }
        (was, is) if is_blank(was) && is_blank(is) => {}
        (was, is) if is_blank(was) => changes.push(change(Sign::Add, path, None, Some(is))),
        (was, is) if is_blank(is) => changes.push(change(Sign::Remove, path, Some(was), None)),
        (was, is) => changes.push(change(Sign::Change, path, Some(was), Some(is))),
    }
}

/// What says no more than an absent attribute.
fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_str() == Some("")
}

fn change(
    sign: Sign,
    attribute: &str,
    before: Option<&Value>,
    after: Option<&Value>,
) -> AttributeChange {
    AttributeChange {
        sign,
        attribute: attribute.to_owned(),
        before: before.map(shown),
        after: after.map(shown),
    }
}

/// Text as it stands, anything else on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => Vec::from_iter(items.iter().map(shown)).join(", "),
        Value::Object(map) => {
            let pairs = map.iter().map(|(key, value)| format!("{key} {}", shown(value)));
            Vec::from_iter(pairs).join(", ")
        }
        other => other.to_string(),
    }
}
