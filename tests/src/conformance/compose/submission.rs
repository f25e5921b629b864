//! The metadata of a step: which objects, what they are by default, and what links them.

use super::LCM;
use crate::conformance::bed::{fresh_oid, now};
use crate::conformance::case::{Association, Step};
use crate::conformance::metadata::{
    DOCUMENT_ENTRY, FOLDER, KindRef, Object, SUBMISSION_SET, Writer,
};
use crate::conformance::scope::{Known, Scope};
use crate::conformance::vocabulary;
use toml::{Table, Value};

/// The names of a step's objects with their kinds and what the case says of them.
fn named(step: &Step, set: &str) -> Vec<(String, &'static KindRef, Table)> {
    let mut all = Vec::new();
    if !step.no_set {
        all.push((set.to_owned(), &SUBMISSION_SET, step.set.clone()));
    }
    let groups =
        [(&step.more_sets, &SUBMISSION_SET), (&step.doc, &DOCUMENT_ENTRY), (&step.fol, &FOLDER)];
    for (tables, kind) in groups {
        for (name, value) in tables {
            all.push((name.clone(), kind, value.as_table().cloned().unwrap_or_default()));
        }
    }
    all
}

/// Gives a step's objects their uniqueIds and contents; the name of its submission set.
pub fn declare(scope: &mut Scope<'_>, step: &Step) -> Result<String, String> {
    let sets = scope.objects.values().filter(|o| o.kind.0.name == "SubmissionSet").count();
    let set = step.set.get("name").and_then(Value::as_str).map(str::to_owned);
    let set = set.unwrap_or_else(|| format!("set{}", sets + 1));
    for (name, kind, table) in named(step, &set) {
        let content = content(scope, &name, &table)?;
        let known = scope.objects.entry(name).or_insert_with(|| Known {
            kind,
            unique_id: fresh_oid(),
            uuid: None,
            attributes: Table::new(),
            content: Vec::new(),
        });
        if known.content.is_empty() {
            known.content = content;
        }
    }
    Ok(set)
}

/// What the case says, or a few bytes that no other document has.
fn content(scope: &Scope<'_>, name: &str, table: &Table) -> Result<Vec<u8>, String> {
    use base64::Engine;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    if let Some(text) = text("content") {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(text) = text("contentBase64") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(text);
        return decoded.map_err(|error| format!("contentBase64 of {name}: {error}"));
    }
    if let Some(size) = table.get("contentSize").and_then(Value::as_integer) {
        let size = usize::try_from(size).unwrap_or_default();
        return Ok((0..size).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect());
    }
    if let Some(other) = text("contentOf") {
        let other = scope.objects.get(other).ok_or_else(|| format!("no object {other}"))?;
        return Ok(other.content.clone());
    }
    Ok(format!("<letter name=\"{name}\" of=\"{}\"/>", fresh_oid()).into_bytes())
}

/// `lcm:SubmitObjectsRequest`; what was sent is remembered by name.
pub fn submission(scope: &mut Scope<'_>, step: &Step, transaction: &str) -> Result<String, String> {
    let set = step.set.get("name").and_then(Value::as_str).unwrap_or("set").to_owned();
    let mut objects = Vec::new();
    for (name, kind, table) in named(step, &set) {
        objects.push(object(scope, step, transaction, &name, kind, table)?);
    }
    let codes = scope.bed.options.codes.clone();
    let mut writer = Writer::new(&codes);
    objects.iter().for_each(|object| writer.object(object));
    let id_of = |name: &str| {
        let here = objects.iter().find(|object| object.name == name);
        let here = here.map(|object| object.id.clone());
        let there = || scope.objects.get(name).and_then(|known| known.uuid.clone());
        here.or_else(there).unwrap_or_else(|| name.to_owned())
    };
    for association in associations(step, &set) {
        let from = if association.from.is_empty() { &set } else { &association.from };
        let ends = (id_of(from), id_of(&association.to));
        let (from, to) = ends;
        writer.association(&Association { from, to, ..association });
    }
    Ok(format!(
        "<lcm:SubmitObjectsRequest {LCM}><rim:RegistryObjectList>{}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>",
        writer.xml
    ))
}

/// Defaults, then what an update starts from, then what the case says.
fn object(
    scope: &mut Scope<'_>,
    step: &Step,
    transaction: &str,
    name: &str,
    kind: &'static KindRef,
    table: Table,
) -> Result<Object, String> {
    let mut attributes = defaults(scope, step, transaction, name, kind);
    if let Some(base) = table.get("update").and_then(Value::as_str) {
        let known = scope.objects.get(base).ok_or_else(|| format!("no object {base}"))?;
        attributes.extend(known.attributes.clone());
        attributes.remove("id");
        let lid = known.attributes.get("lid").cloned();
        let lid = lid.or_else(|| known.uuid.clone().map(Value::String));
        attributes.extend(lid.map(|lid| ("lid".to_owned(), lid)));
    }
    attributes.extend(table);
    let id = attributes.get("id").and_then(Value::as_str).unwrap_or(name).to_owned();
    if let Some(known) = scope.objects.get_mut(name) {
        if let Some(unique_id) = attributes.get("uniqueId").and_then(Value::as_str) {
            unique_id.clone_into(&mut known.unique_id);
        }
        if id.starts_with("urn:uuid:") {
            known.uuid = Some(id.clone());
        }
        known.attributes = attributes.clone();
    }
    Ok(Object { name: name.to_owned(), kind, id, attributes })
}

fn defaults(
    scope: &Scope<'_>,
    step: &Step,
    transaction: &str,
    name: &str,
    kind: &KindRef,
) -> Table {
    let bed = scope.bed;
    let mut table = Table::new();
    let mut put = |name: &str, value: String| {
        table.insert(name.to_owned(), Value::String(value));
    };
    put("patientId", step.patient.clone());
    let known = &scope.objects[name];
    put("uniqueId", known.unique_id.clone());
    for (attribute, _) in kind.0.codes.iter().filter(|(name, _)| *name != "eventCodeList") {
        put(attribute, bed.code(attribute, 1).value());
    }
    match kind.0.name {
        "SubmissionSet" => {
            put("submissionTime", now());
            put("sourceId", "1.2.826.0.1.99999.50.1".to_owned());
        }
        "Folder" => put("title", "Conformance folder".to_owned()),
        _ => entry_defaults(scope, transaction, known, &mut put),
    }
    if kind.0.author.is_some() {
        table.insert("author".to_owned(), author());
    }
    if kind.0.name == "DocumentEntry" {
        let lines = ["PID-3|LOC-4711^^^&1.2.826.0.1.99999.10.1&ISO", "PID-5|Synthetic^Testina^^^"];
        let lines = lines.iter().map(|line| Value::String((*line).to_owned()));
        table.insert("sourcePatientInfo".to_owned(), Value::Array(lines.collect()));
    }
    table
}

fn entry_defaults(
    scope: &Scope<'_>,
    transaction: &str,
    known: &Known,
    put: &mut impl FnMut(&str, String),
) {
    use sha1::Digest;
    let on_demand = transaction == "ITI-61";
    put("mimeType", scope.bed.mime_type(1));
    let object_type = if on_demand { vocabulary::ON_DEMAND } else { vocabulary::STABLE };
    put("objectType", object_type.to_owned());
    put("languageCode", "en-GB".to_owned());
    put("sourcePatientId", "LOC-4711^^^&1.2.826.0.1.99999.10.1&ISO".to_owned());
    put("title", "Outpatient letter".to_owned());
    put("serviceStartTime", "20260115090000".to_owned());
    put("serviceStopTime", "20260115092000".to_owned());
    if !on_demand {
        put("creationTime", "20260115093000".to_owned());
    }
    if transaction != "ITI-41" {
        put("repositoryUniqueId", scope.bed.repository_unique_id.clone());
        if !on_demand {
            let digest = sha1::Sha1::digest(&known.content);
            put("hash", digest.iter().map(|byte| format!("{byte:02x}")).collect());
            put("size", known.content.len().to_string());
        }
    }
}

fn author() -> Value {
    let author = [
        ("person", "123456789012^Smith^Jane^^^Dr^^^&1.2.826.0.1285.0.2.0.65&ISO"),
        ("institution", "Example NHS Trust^^^^^&2.16.840.1.113883.2.1.3.2.4.19.1&ISO^^^^RX123"),
        ("role", "Consultant"),
    ];
    let author = author.map(|(name, value)| (name.to_owned(), Value::String(value.to_owned())));
    Value::Array(vec![Value::Table(author.into_iter().collect())])
}

/// The set's HasMembers, then the case's own associations with theirs.
fn associations(step: &Step, set: &str) -> Vec<Association> {
    let mut all = Vec::new();
    if !step.no_set {
        for (name, kind, table) in named(step, set) {
            let linked = table.get("member").and_then(Value::as_bool) != Some(false);
            if linked && kind.0.name != "SubmissionSet" {
                all.push(member(&name, kind, &table, set));
            }
        }
    }
    for (n, association) in step.assoc.iter().enumerate() {
        let mut association = association.clone();
        if association.id.is_empty() {
            association.id = format!("as{}", n + 1);
        }
        let of_set = association.from.is_empty() || association.from == set;
        let linked = association.kind == "HasMember" && !of_set && association.member;
        let link = Association {
            id: format!("hm-{}", association.id),
            from: set.to_owned(),
            kind: "HasMember".to_owned(),
            to: association.id.clone(),
            ..blank()
        };
        all.push(association);
        all.extend(linked.then_some(link));
    }
    all
}

fn blank() -> Association {
    Association {
        id: String::new(),
        from: String::new(),
        kind: String::new(),
        to: String::new(),
        slots: std::collections::BTreeMap::new(),
        documentation: String::new(),
        lid: String::new(),
        member: true,
    }
}

fn member(name: &str, kind: &KindRef, table: &Table, set: &str) -> Association {
    let mut association = Association {
        id: format!("hm-{name}"),
        from: set.to_owned(),
        kind: "HasMember".to_owned(),
        to: name.to_owned(),
        ..blank()
    };
    let mut put = |name: &str, value: &str| {
        association.slots.insert(name.to_owned(), value.to_owned());
    };
    let status = table.get("memberStatus");
    if kind.0.name == "DocumentEntry" || status.is_some() {
        match status {
            Some(Value::Boolean(false)) => {}
            status => {
                put("SubmissionSetStatus", status.and_then(Value::as_str).unwrap_or("Original"));
            }
        }
    }
    let previous = table.get("previousVersion");
    if table.contains_key("update") || previous.is_some() {
        match previous {
            Some(Value::Boolean(false)) => {}
            previous => put("PreviousVersion", previous.and_then(Value::as_str).unwrap_or("1")),
        }
    }
    if let Some(propagation) = table.get("propagation").and_then(Value::as_str) {
        put("AssociationPropagation", propagation);
    }
    for (slot, value) in table.get("memberSlots").and_then(Value::as_table).into_iter().flatten() {
        put(slot, value.as_str().unwrap_or_default());
    }
    association
}
