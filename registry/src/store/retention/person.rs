//! What the documents of one person say together: how long one is kept depends on the others.

use super::reading::optional_day;
use crate::retention::Subject;
use crate::retention::facts::day;
use crate::store::sql::Sql;
use crate::store::told::died_on;
use crate::store::{PatientKey, StoreError};
use jiff::civil::Date;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Each person read once, under every key.
#[derive(Default)]
pub(super) struct Persons(HashMap<PatientKey, Person>);

#[derive(Clone, Default)]
struct Person {
    /// The key itself, and those that merges have joined with it.
    keys: Vec<PatientKey>,
    /// By publisher, the last day that any of its documents is about.
    last: HashMap<String, Date>,
    birth: Option<Date>,
    death: Option<Date>,
}

impl Persons {
    /// Adds what the person's other documents say: the latest days, since those keep longest.
    pub(super) fn complete(
        &mut self,
        sql: &mut dyn Sql,
        mut subject: Subject,
    ) -> Result<Subject, StoreError> {
        let Some(key) = subject.patients.first().copied() else { return Ok(subject) };
        let person = match self.0.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(person(sql, key)?),
        };
        let publisher = subject.publisher_ods.as_ref();
        let last = publisher.and_then(|ods| person.last.get(ods.as_str()).copied());
        subject.last_contact =
            last.map_or(subject.last_contact, |day| day.max(subject.last_contact));
        subject.birth_date = subject.birth_date.max(person.birth);
        subject.death_date = subject.death_date.max(person.death);
        subject.patients.clone_from(&person.keys);
        Ok(subject)
    }
}

fn person(sql: &mut dyn Sql, key: PatientKey) -> Result<Person, StoreError> {
    let rows = sql.rows("SELECT survivor FROM patient WHERE patient_key = $1", &[key.into()])?;
    let survivor = rows.first().map(|row| row.optional_integer(0)).transpose()?.flatten();
    let survivor = survivor.unwrap_or(key);
    let subsumed =
        sql.rows("SELECT patient_key FROM patient WHERE survivor = $1", &[survivor.into()])?;
    // Its own key first: a trace is kept under it.
    let mut keys = vec![key, survivor];
    for row in &subsumed {
        keys.push(row.integer(0)?);
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(*key));
    let mut person = Person { keys: keys.clone(), ..Person::default() };
    for key in keys {
        person.read(sql, key)?;
    }
    Ok(person)
}

impl Person {
    fn read(&mut self, sql: &mut dyn Sql, key: PatientKey) -> Result<(), StoreError> {
        let rows = sql.rows(
            "SELECT publisher_ods, max(last_service), max(birth_date), max(death_date) \
             FROM document_entry WHERE patient_key = $1 GROUP BY publisher_ods",
            &[key.into()],
        )?;
        for row in &rows {
            let publisher = row.optional_text(0)?;
            if let (Some(publisher), Some(day)) = (publisher, optional_day(row, 1)?) {
                let last = self.last.entry(publisher.to_owned()).or_insert(day);
                *last = day.max(*last);
            }
            self.birth = self.birth.max(optional_day(row, 2)?);
            self.death = self.death.max(optional_day(row, 3)?);
        }
        let fed = died_on(sql, key)?;
        self.death = self.death.max(fed.as_deref().and_then(day));
        Ok(())
    }
}
