//! `watling retention due`.

use super::Records;
use crate::cli::{Ended, print_json};
use registry::destruction::Due;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Publisher, document type, rule.
type Group = (String, String, String);

pub(super) async fn say(records: &Records, as_json: bool) -> Result<Ended, String> {
    let due = records.of_the_index().due().await.map_err(|error| error.to_string())?;
    let mut groups: BTreeMap<Group, Vec<&Due>> = BTreeMap::new();
    for one in &due {
        groups.entry(group(records, one)).or_default().push(one);
    }
    if as_json {
        let groups: Vec<Value> = groups.iter().map(|(group, due)| json_of(group, due)).collect();
        print_json(&groups)?;
        return Ok(Ended::Done);
    }
    if groups.is_empty() {
        say!("nothing has passed its retention period");
    }
    for ((publisher, document_type, rule), due) in &groups {
        let held = due.iter().filter(|one| one.hold.is_some()).count();
        let held = if held > 0 { format!(", {held} of them on hold") } else { String::new() };
        say!("{publisher:<6} {document_type:<28} {rule:<14} {} document(s){held}", due.len());
    }
    Ok(Ended::Done)
}

fn group(records: &Records, due: &Due) -> Group {
    let subject = &due.subject;
    let publisher = subject.publisher_ods.as_ref().map_or("-".to_owned(), ToString::to_string);
    let known = records.code_sets.document_type(&subject.type_code, &subject.practice_setting);
    let document_type = known.map_or(subject.type_code.clone(), |known| known.name.clone());
    (publisher, document_type, due.retention.rule.clone())
}

fn json_of((publisher, document_type, rule): &Group, due: &[&Due]) -> Value {
    let document = |one: &&Due| {
        json!({
            "uniqueId": one.subject.unique_id,
            "entryUUID": one.subject.entry_uuid.to_string(),
            "lastContact": one.subject.last_contact.to_string(),
            "until": one.retention.until.map(|until| until.to_string()),
            "hold": one.hold,
        })
    };
    json!({
        "publisher": publisher,
        "documentType": document_type,
        "rule": rule,
        "table": due.first().map(|one| one.retention.version.clone()),
        "documents": due.iter().map(document).collect::<Vec<_>>(),
    })
}
