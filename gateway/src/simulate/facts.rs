//! What is known of a patient, put to a day.

use crate::decision::PatientFacts;
use jiff::civil::Date;

/// As it was on a day, as far as dates tell.
pub(super) fn then(facts: &PatientFacts, day: Date) -> PatientFacts {
    let mut then = facts.clone();
    then.preferences.retain(|preference| preference.recorded_on <= day);
    then.died_on = then.died_on.filter(|died| *died <= day);
    then
}

/// Relationships that were current on the day of the question, as if it were asked on another;
/// preferences as they are now.
pub(super) fn carried(facts: &PatientFacts, asked: Date, to: Date) -> PatientFacts {
    let mut carried = facts.clone();
    carried.relationships.retain(|relationship| relationship.is_current(asked));
    for relationship in &mut carried.relationships {
        relationship.starts = relationship.starts.min(to);
        relationship.ends = None;
    }
    carried.died_on = carried.died_on.filter(|died| *died <= asked);
    carried
}
