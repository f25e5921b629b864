//! Until when a document is kept. Where a fact is missing the longer period counts, and is said why.

use super::Subject;
use super::table::{ChildPeriod, Event, RetentionTable, Rule};
use jiff::ToSpan;
use jiff::civil::Date;

/// How long a document is kept, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The first day on which it may be destroyed; `None` while no end is known.
    pub until: Option<Date>,
    /// The rule of the table.
    pub rule: String,
    /// The table's version.
    pub version: String,
    /// What was missing, in words; empty where nothing was.
    pub because: &'static str,
}

impl Retention {
    pub fn has_passed(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until <= today)
    }
}

const NO_DEATH: &str = "no date of death is on record";
const NO_BIRTH: &str = "no birth date is on record, so it is kept as long as a newborn's";

/// The longest period of the rules that fit.
pub fn retained_until(subject: &Subject, table: &RetentionTable) -> Retention {
    let mut longest: Option<Retention> = None;
    for rule in table.rules_for(subject) {
        let (until, because) = period(subject, rule, &table.child);
        let longer = longest.as_ref().is_none_or(|known| is_longer(until, known.until));
        if longer {
            let (rule, version) = (rule.name.clone(), table.version.clone());
            longest = Some(Retention { until, rule, version, because });
        }
    }
    longest.unwrap_or_else(|| Retention {
        until: None,
        rule: "none".to_owned(),
        version: table.version.clone(),
        because: "no rule fits",
    })
}

/// A period without a known end is the longest.
fn is_longer(one: Option<Date>, other: Option<Date>) -> bool {
    match (one, other) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(one), Some(other)) => one > other,
    }
}

fn period(subject: &Subject, rule: &Rule, child: &ChildPeriod) -> (Option<Date>, &'static str) {
    let last = subject.last_contact;
    let after_death = |years| Some(plus_years(subject.death_date?.max(last), years));
    let base = match rule.from {
        Event::Death => after_death(rule.years),
        Event::LastContact => {
            let end = plus_years(last, rule.years);
            Some(
                rule.or_years_after_death
                    .and_then(after_death)
                    .map_or(end, |sooner| sooner.min(end)),
            )
        }
    };
    let Some(base) = base else { return (None, NO_DEATH) };
    if !rule.children {
        return (Some(base), "");
    }
    let grown = child.or_years_after_death.and_then(after_death);
    match grown_up(subject, child) {
        Grown::Adult => (Some(base), ""),
        Grown::Child(until) => {
            (Some(base.max(grown.map_or(until, |sooner| sooner.min(until)))), "")
        }
        Grown::Unknown(until) if until > base => {
            (Some(base.max(grown.map_or(until, |sooner| sooner.min(until)))), NO_BIRTH)
        }
        Grown::Unknown(_) => (Some(base), ""),
    }
}

enum Grown {
    /// At the last contact.
    Adult,
    Child(Date),
    Unknown(Date),
}

fn grown_up(subject: &Subject, child: &ChildPeriod) -> Grown {
    let last = subject.last_contact;
    let Some(birth) = subject.birth_date else {
        return Grown::Unknown(plus_years(last, child.until_birthday));
    };
    if plus_years(birth, 18) <= last {
        return Grown::Adult;
    }
    let seventeen = plus_years(birth, 17) <= last;
    let birthday = if seventeen { child.until_birthday_if_17 } else { child.until_birthday };
    Grown::Child(plus_years(birth, birthday))
}

/// The same day so many years on; the day after, where the calendar has no such day. The last day
/// of all, where the calendar ends before.
pub(super) fn plus_years(date: Date, years: i16) -> Date {
    let Ok(there) = date.checked_add(i32::from(years).years()) else { return Date::MAX };
    if there.day() == date.day() { there } else { there.tomorrow().unwrap_or(Date::MAX) }
}

/// The day before which the last date of a document must lie for any rule to let it go.
pub fn candidates_before(table: &RetentionTable, today: Date) -> Date {
    // A day more, for the 29th of February.
    let years = i32::from(table.shortest_years());
    today.checked_sub(years.years()).and_then(|date| date.tomorrow()).unwrap_or(Date::MIN)
}
