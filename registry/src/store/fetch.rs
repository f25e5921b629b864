//! Objects by their ids, many in one statement.

use super::identity::{Identifiers, ShownAs};
use super::rows::{
    ASSOCIATION_COLUMNS, ENTRY_COLUMNS, ENTRY_CONTENT, FOLDER_COLUMNS, FOLDER_CONTENT, SET_COLUMNS,
    SET_CONTENT, entry_facts, existing_association, folder_facts, is_nullified, set_facts, uuid,
};
use super::sql::{Row, Sql, Value};
use super::{ExistingAssociation, ObjectKind, PatientKey, Registered, StoreError};
use schemas::entry_uuid::EntryUuid;
use schemas::metadata::{FoundEntry, FoundPackage};
use std::collections::{BTreeMap, HashSet};

/// Ids in one statement at most. Lists are filled up to a power of two, so that there are few
/// different statements.
const AT_ONCE: usize = 256;

/// An id and an object that it names: as uniqueId, entryUUID or logicalID.
pub(super) struct Located {
    pub id: String,
    pub object: Registered,
}

/// Runs a statement for every chunk of ids; `{}` in it stands for the list, after `first` values.
pub(super) fn chunked(
    sql: &mut dyn Sql,
    text: &str,
    first: &[Value],
    ids: &[String],
) -> Result<Vec<Row>, StoreError> {
    let mut rows = Vec::new();
    for chunk in ids.chunks(AT_ONCE) {
        let places = chunk.len().next_power_of_two();
        let mut values = first.to_vec();
        values.extend(chunk.iter().map(|id| Value::from(id.as_str())));
        let last = chunk.last().map(|id| Value::from(id.as_str()));
        values.resize(first.len() + places, last.unwrap_or(Value::Null));
        let list: Vec<String> = (1..=places).map(|n| format!("${}", first.len() + n)).collect();
        rows.extend(sql.rows(&text.replace("{}", &list.join(", ")), &values)?);
    }
    Ok(rows)
}

/// What ids name, under every patient.
pub(super) fn located(sql: &mut dyn Sql, ids: &[String]) -> Result<Vec<Located>, StoreError> {
    let text =
        "SELECT id, kind, patient_key, entry_uuid FROM locator WHERE id IN ({}) AND kind < 5";
    let rows = chunked(sql, text, &[], ids)?;
    let read = |row: &Row| {
        let kind = match row.integer(1)? {
            1 => ObjectKind::DocumentEntry,
            2 => ObjectKind::SubmissionSet,
            3 => ObjectKind::Folder,
            _ => ObjectKind::Association,
        };
        let object = Registered { kind, patient: row.integer(2)?, entry_uuid: uuid(row.text(3)?)? };
        Ok(Located { id: row.text(0)?.to_owned(), object })
    };
    rows.iter().map(read).collect()
}

/// The objects with these entryUUIDs, each once.
pub(super) fn objects(sql: &mut dyn Sql, ids: &[EntryUuid]) -> Result<Vec<Registered>, StoreError> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut seen = HashSet::new();
    let found = located(sql, &texts)?.into_iter();
    let own = found.filter(|located| located.object.entry_uuid.to_string() == located.id);
    Ok(own.map(|located| located.object).filter(|object| seen.insert(*object)).collect())
}

/// entryUUIDs of one kind, by whose they are.
fn by_patient(objects: &[Registered], kind: ObjectKind) -> BTreeMap<PatientKey, Vec<String>> {
    let mut groups: BTreeMap<PatientKey, Vec<String>> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.kind == kind) {
        groups.entry(object.patient).or_default().push(object.entry_uuid.to_string());
    }
    groups
}

/// Rows of one table for the objects of its kind.
pub(super) fn rows(
    sql: &mut dyn Sql,
    objects: &[Registered],
    kind: ObjectKind,
    columns: &str,
) -> Result<Vec<Row>, StoreError> {
    let table = match kind {
        ObjectKind::DocumentEntry => "document_entry",
        ObjectKind::SubmissionSet => "submission_set",
        ObjectKind::Folder => "folder",
        ObjectKind::Association => "association",
    };
    let text = format!(
        "SELECT {columns} FROM {table} e WHERE e.patient_key = $1 AND e.entry_uuid IN ({{}})"
    );
    let mut found = Vec::new();
    for (patient, ids) in by_patient(objects, kind) {
        found.extend(chunked(sql, &text, &[patient.into()], &ids)?);
    }
    Ok(found)
}

/// Columns of an object with its content after them, or an empty text in its place.
pub(super) fn with_content(columns: &str, with_content: bool) -> String {
    if !with_content {
        return format!("{columns}, ''");
    }
    format!(
        "{columns}, (SELECT t.content FROM content t WHERE t.patient_key = e.patient_key \
         AND t.entry_uuid = e.entry_uuid)"
    )
}

/// Rows that lead with a patient's key, each read with the identifier under which it is shown.
pub(super) fn shown<T>(
    sql: &mut dyn Sql,
    rows: Vec<Row>,
    read: impl Fn(&mut Row, ShownAs) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut identifiers = Identifiers::default();
    let shown = rows.into_iter().map(|mut row| {
        let patient = identifiers.shown(sql, row.integer(0)?)?;
        read(&mut row, patient)
    });
    shown.collect()
}

pub(super) fn found_entry(row: &mut Row, patient: ShownAs) -> Result<FoundEntry, StoreError> {
    Ok(FoundEntry { facts: entry_facts(row, patient)?, content: row.take_text(ENTRY_CONTENT)? })
}

pub(super) fn found_set(row: &mut Row, patient: ShownAs) -> Result<FoundPackage, StoreError> {
    Ok(FoundPackage { facts: set_facts(row, patient)?, content: row.take_text(SET_CONTENT)? })
}

pub(super) fn found_folder(row: &mut Row, patient: ShownAs) -> Result<FoundPackage, StoreError> {
    Ok(FoundPackage { facts: folder_facts(row, patient)?, content: row.take_text(FOLDER_CONTENT)? })
}

/// The entries among these objects, without those that are nullified.
pub(super) fn entries(
    sql: &mut dyn Sql,
    objects: &[Registered],
    content: bool,
) -> Result<Vec<FoundEntry>, StoreError> {
    let columns = with_content(ENTRY_COLUMNS, content);
    let rows = rows(sql, objects, ObjectKind::DocumentEntry, &columns)?;
    let mut standing = Vec::with_capacity(rows.len());
    for row in rows {
        if !is_nullified(&row)? {
            standing.push(row);
        }
    }
    shown(sql, standing, found_entry)
}

pub(super) fn submission_sets(
    sql: &mut dyn Sql,
    objects: &[Registered],
    content: bool,
) -> Result<Vec<FoundPackage>, StoreError> {
    let columns = with_content(SET_COLUMNS, content);
    let rows = rows(sql, objects, ObjectKind::SubmissionSet, &columns)?;
    shown(sql, rows, found_set)
}

pub(super) fn folders(
    sql: &mut dyn Sql,
    objects: &[Registered],
    content: bool,
) -> Result<Vec<FoundPackage>, StoreError> {
    let columns = with_content(FOLDER_COLUMNS, content);
    let rows = rows(sql, objects, ObjectKind::Folder, &columns)?;
    shown(sql, rows, found_folder)
}

pub(super) fn associations(
    sql: &mut dyn Sql,
    objects: &[Registered],
) -> Result<Vec<ExistingAssociation>, StoreError> {
    let mut rows = rows(sql, objects, ObjectKind::Association, ASSOCIATION_COLUMNS)?;
    rows.iter_mut().map(existing_association).collect()
}

/// Associations with one of these objects at either end, whosever they are, each once.
pub(super) fn associations_of(
    sql: &mut dyn Sql,
    ids: &[EntryUuid],
) -> Result<Vec<ExistingAssociation>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let text = "SELECT DISTINCT patient_key FROM locator WHERE id IN ({})";
    let owners = chunked(sql, text, &[], &ids)?;
    let owners: HashSet<PatientKey> =
        owners.iter().map(|row| row.integer(0)).collect::<Result<_, _>>()?;
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for owner in owners {
        for end in ["source_object", "target_object"] {
            let text = format!(
                "SELECT {ASSOCIATION_COLUMNS} FROM association \
                 WHERE patient_key = $1 AND {end} IN ({{}})"
            );
            for mut row in chunked(sql, &text, &[owner.into()], &ids)? {
                let association = existing_association(&mut row)?;
                if seen.insert(association.entry_uuid) {
                    found.push(association);
                }
            }
        }
    }
    Ok(found)
}

/// At most so many associations with this object at the one end, and at the other.
pub(super) fn some_associations_of(
    sql: &mut dyn Sql,
    id: EntryUuid,
    at_most: usize,
) -> Result<Vec<ExistingAssociation>, StoreError> {
    let id = id.to_string();
    let text = "SELECT DISTINCT patient_key FROM locator WHERE id IN ({})";
    let mut found = Vec::new();
    for owner in chunked(sql, text, &[], std::slice::from_ref(&id))? {
        for end in ["source_object", "target_object"] {
            let text = format!(
                "SELECT {ASSOCIATION_COLUMNS} FROM association \
                 WHERE patient_key = $1 AND {end} = $2 LIMIT $3"
            );
            let values = [owner.integer(0)?.into(), id.as_str().into(), (at_most as i64).into()];
            let mut rows = sql.rows(&text, &values)?;
            found.extend(rows.iter_mut().map(existing_association).collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(found)
}
