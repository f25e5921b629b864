//! Between a patient's identifier and the keys of its rows.

use crate::store::sql::Sql;
use crate::store::{PatientKey, StoreError};
use schemas::hl7::{Cx, PatientId};
use schemas::nhs_number::NhsNumber;
use schemas::oid::Oid;
use schemas::sensitivity::Sensitivity;
use std::collections::HashMap;

/// The key of an identifier: of an NHS number always, of another once it is known.
pub(super) fn key(
    sql: &mut dyn Sql,
    patient: &PatientId,
) -> Result<Option<PatientKey>, StoreError> {
    let cx = match patient {
        PatientId::Nhs(number) => return Ok(Some(number.key())),
        PatientId::Other(cx) => cx,
    };
    let rows = sql.rows(
        "SELECT patient_key FROM patient_identifier WHERE authority = $1 AND id = $2",
        &[cx.authority.as_str().into(), cx.id.as_str().into()],
    )?;
    rows.first().map(|row| row.integer(0)).transpose()
}

/// The keys under which a patient's rows lie: its own first, then those of everyone it has subsumed;
/// none for one that was subsumed. One look-up.
pub(in crate::store) fn patient_keys(
    sql: &mut dyn Sql,
    patient: &PatientId,
) -> Result<Vec<PatientKey>, StoreError> {
    let Some(own) = key(sql, patient)? else { return Ok(Vec::new()) };
    let rows = sql.rows(
        "SELECT patient_key, survivor FROM patient WHERE patient_key = $1 OR survivor = $1 \
         ORDER BY patient_key",
        &[own.into()],
    )?;
    let mut keys = vec![own];
    for row in &rows {
        match (row.integer(0)?, row.optional_integer(1)?) {
            (patient, Some(_)) if patient == own => return Ok(Vec::new()),
            (patient, _) if patient == own => {}
            (patient, _) => keys.push(patient),
        }
    }
    Ok(keys)
}

/// The key under which a patient's new rows go; an identifier of another authority gets one when it
/// first comes.
pub(in crate::store) fn key_for_writing(
    sql: &mut dyn Sql,
    patient: &PatientId,
) -> Result<PatientKey, StoreError> {
    if let Some(known) = key(sql, patient)? {
        return Ok(known);
    }
    let PatientId::Other(cx) = patient else {
        return Err(StoreError::Failed("an NHS number has no key".to_owned()));
    };
    // Two at once ask for the same one: the second finds it taken and comes again.
    let rows =
        sql.rows("SELECT patient_key FROM patient_identifier ORDER BY patient_key LIMIT 1", &[])?;
    let lowest = rows.first().map_or(Ok(0), |row| row.integer(0))?;
    let key = lowest.min(0) - 1;
    sql.execute(
        "INSERT INTO patient_identifier (authority, id, patient_key) VALUES ($1, $2, $3)",
        &[cx.authority.as_str().into(), cx.id.as_str().into(), key.into()],
    )?;
    Ok(key)
}

/// Whose a row is shown as.
#[derive(Clone, Debug)]
pub(in crate::store) struct ShownAs {
    /// That of the survivor after merges.
    pub id: PatientId,
    /// PDS or an operator says of this identifier, or of one merged with it, that address, practice
    /// and location are not told.
    pub sensitive: bool,
}

/// Whose keys are, each read once.
#[derive(Default)]
pub(in crate::store) struct Identifiers(HashMap<PatientKey, ShownAs>);

impl Identifiers {
    /// As whose a key's rows are shown.
    pub(in crate::store) fn shown(
        &mut self,
        sql: &mut dyn Sql,
        key: PatientKey,
    ) -> Result<ShownAs, StoreError> {
        if let Some(known) = self.0.get(&key) {
            return Ok(known.clone());
        }
        let rows =
            sql.rows("SELECT survivor FROM patient WHERE patient_key = $1", &[key.into()])?;
        let survivor = rows.first().map(|row| row.optional_integer(0)).transpose()?.flatten();
        let top = survivor.unwrap_or(key);
        let flagged = sql.rows(
            "SELECT patient_key, sensitivity, withheld FROM patient \
             WHERE patient_key = $1 OR survivor = $1",
            &[top.into()],
        )?;
        let mut sensitive = false;
        for row in &flagged {
            let class = Sensitivity::parse(row.text(1)?);
            sensitive |= class.is_none_or(Sensitivity::masks) || row.integer(2)? != 0;
        }
        let shown = ShownAs { id: own_identifier(sql, top)?, sensitive };
        self.0.insert(key, shown.clone());
        Ok(shown)
    }
}

/// Whether nothing may tell where the patient is.
pub(super) fn is_sensitive(sql: &mut dyn Sql, patient: &PatientId) -> Result<bool, StoreError> {
    match key(sql, patient)? {
        Some(key) => Ok(Identifiers::default().shown(sql, key)?.sensitive),
        None => Ok(false),
    }
}

/// A key's own identifier, merged or not.
pub(super) fn own_identifier(sql: &mut dyn Sql, key: PatientKey) -> Result<PatientId, StoreError> {
    let broken = |what: &str| StoreError::Failed(format!("a stored patient_key is broken: {what}"));
    if key >= 0 {
        let number = NhsNumber::parse(&format!("{key:010}"));
        return number.map(PatientId::Nhs).map_err(|error| broken(&error.to_string()));
    }
    let rows = sql.rows(
        "SELECT authority, id FROM patient_identifier WHERE patient_key = $1",
        &[key.into()],
    )?;
    let row = rows.first().ok_or_else(|| broken("no identifier has it"))?;
    let authority = Oid::parse(row.text(0)?).map_err(|error| broken(&error.to_string()))?;
    Ok(PatientId::Other(Cx { id: row.text(1)?.to_owned(), authority }))
}
