//! Reading the documents of encounters, in the order of the index of reference ids.

use super::sql::{Row, Sql};
use super::{Index, PatientKey, StoreError};
use crate::duplicates::{Duplicates, Filed, group, is_encounter};

/// Rows of one statement.
const PAGE: usize = 2_000;

/// Where the reading goes on: reference id, patient, entryUUID.
type Place = (String, PatientKey, String);

impl Index {
    /// Groups of documents that are likely one, of a publisher or of all; with `since`
    /// (`YYYYMMDDhhmmss`) those to which a document was added at that time or later. It walks the
    /// reference ids of every patient, in pages.
    pub async fn duplicates(
        &self,
        publisher: Option<String>,
        since: Option<String>,
    ) -> Result<Vec<Duplicates>, StoreError> {
        let mut walk = Walk::default();
        let mut place: Place = (String::new(), PatientKey::MIN, String::new());
        loop {
            let from = place.clone();
            let rows = self.engine().read(move |sql| page(sql, &from)).await?;
            let last = rows.len() < PAGE;
            for row in rows {
                place = (row.text(0)?.to_owned(), row.integer(1)?, row.text(2)?.to_owned());
                walk.take(&place, &row)?;
            }
            if last {
                break;
            }
        }
        walk.close();
        let wanted = |found: &Duplicates| {
            let by = publisher.as_ref().is_none_or(|ods| found.publisher_ods == *ods);
            let recent = |one: &Filed| since.as_ref().is_none_or(|at| one.registered_at >= *at);
            by && found.documents.iter().any(recent)
        };
        walk.found.retain(wanted);
        Ok(walk.found)
    }
}

/// The encounter that is being read, and what was found before it.
#[derive(Default)]
struct Walk {
    encounter: Option<(String, PatientKey)>,
    filed: Vec<Filed>,
    found: Vec<Duplicates>,
}

impl Walk {
    fn take(
        &mut self,
        (reference, patient, entry_uuid): &Place,
        row: &Row,
    ) -> Result<(), StoreError> {
        if !is_encounter(reference) {
            return Ok(());
        }
        let same = |known: &(String, PatientKey)| known.0 == *reference && known.1 == *patient;
        if !self.encounter.as_ref().is_some_and(same) {
            self.close();
            self.encounter = Some((reference.clone(), *patient));
        }
        self.filed.push(Filed {
            unique_id: row.text(3)?.to_owned(),
            entry_uuid: entry_uuid.clone(),
            publisher_ods: row.optional_text(4)?.unwrap_or_default().to_owned(),
            type_code: row.text(5)?.to_owned(),
            practice_setting: row.text(6)?.to_owned(),
            hash: row.text(7)?.to_owned(),
            creation_time: row.optional_text(8)?.map(str::to_owned),
            registered_at: row.text(9)?.to_owned(),
        });
        Ok(())
    }

    fn close(&mut self) {
        let filed = std::mem::take(&mut self.filed);
        if let Some((reference, _)) = self.encounter.take() {
            self.found.extend(group(&reference, filed));
        }
    }
}

/// Current documents with a reference id, from a place on.
fn page(sql: &mut dyn Sql, from: &Place) -> Result<Vec<Row>, StoreError> {
    let (reference, patient, entry_uuid) = from;
    let text = "SELECT c.code, c.patient_key, c.entry_uuid, e.unique_id, e.publisher_ods, \
         e.type_index, e.practice_setting, e.hash, e.creation_time, e.registered_at \
         FROM entry_code c JOIN document_entry e \
         ON e.patient_key = c.patient_key AND e.entry_uuid = c.entry_uuid \
         WHERE c.attribute = 8 AND (c.code, c.patient_key, c.entry_uuid) > ($1, $2, $3) \
         AND e.availability_status = 1 AND e.latest = 1 \
         ORDER BY c.code, c.patient_key, c.entry_uuid LIMIT 2000";
    sql.rows(text, &[reference.as_str().into(), (*patient).into(), entry_uuid.as_str().into()])
}
