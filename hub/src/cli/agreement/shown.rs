//! How changes, agreements and histories look on a terminal.

use crate::cli::{Ended, moment, print_json};
use gateway::agreement::Change;
use gateway::agreement::plan::{AttributeChange, ObjectChange, Sign};
use gateway::region::{Agreement, Versioned};
use gateway::store::agreement::Recorded;
use jiff::civil::Date;
use schemas::ods_code::OdsCode;
use serde_json::{Value, json};

/// Who may see more or less: one line for consumers that it touches alike.
pub(super) fn changes(changes: &[Change]) {
    for change in changes {
        let (mark, verb) = if change.more { ('+', "more") } else { ('-', "no longer") };
        let may = if change.consumers.len() == 1 { "sees" } else { "see" };
        say!(
            "  {mark} {} {may} {verb}: {} of {} ({}, {})",
            codes(&change.consumers),
            change.document_types.join(", "),
            codes(&change.publishers),
            change.purpose,
            change.role
        );
    }
    if changes.is_empty() {
        say!("  nobody sees more or less today");
    }
}

fn codes(codes: &[OdsCode]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = codes.iter().take(SHOWN).map(OdsCode::as_str).collect();
    match codes.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A plan's objects with their attributes.
pub(super) fn objects(objects: &[ObjectChange]) {
    for object in objects {
        let version = object.version.map_or(String::new(), |version| format!(" (#{version})"));
        say!("{} {} {}{version}", object.sign.mark(), object.kind, object.id);
        attributes(&object.attributes);
    }
}

pub(super) fn attributes(attributes: &[AttributeChange]) {
    let width = attributes.iter().map(|change| change.attribute.len()).max().unwrap_or(0);
    for change in attributes {
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        let value = match (before, after) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (before, after) => before.or(after).unwrap_or_default().to_owned(),
        };
        say!("    {} {:<width$}  {value}", change.sign.mark(), change.attribute);
    }
}

/// `2 to add, 1 to change`.
pub(super) fn counted(objects: &[ObjectChange]) -> String {
    let count = |sign| objects.iter().filter(|object| object.sign == sign).count();
    format!("{} to add, {} to change", count(Sign::Add), count(Sign::Change))
}

/// An agreement with its number and how it stands on a day.
pub(super) fn agreement_json(versioned: &Versioned, on: Date) -> Result<Value, String> {
    let mut value =
        serde_json::to_value(&versioned.agreement).map_err(|error| error.to_string())?;
    if let Some(object) = value.as_object_mut() {
        object.insert("version".to_owned(), versioned.version.into());
        object.insert("standing".to_owned(), versioned.agreement.standing(on).name().into());
    }
    Ok(value)
}

/// A table of agreements, with what is open about each; `since` says until when a version stood.
pub(super) fn agreement(versioned: &Versioned, on: Date, when: &str) {
    let agreement = &versioned.agreement;
    let standing = agreement.standing(on).name();
    say!("{:<26} {standing:<12} {}{when}", versioned.reference(), agreement.title);
    say!("    {} -> {}", none_of(&agreement.publishers), none_of(&agreement.consumers));
    for note in notes(agreement, on) {
        say!("    {note}");
    }
}

fn none_of(parties: &[String]) -> String {
    if parties.is_empty() { "(nobody yet)".to_owned() } else { parties.join(", ") }
}

fn notes(agreement: &Agreement, on: Date) -> Vec<String> {
    let mut notes = Vec::new();
    if !agreement.awaiting.is_empty() {
        notes.push(format!("waits for {}", agreement.awaiting.join(", ")));
    }
    if let Some(amendment) = &agreement.amendment {
        notes.push(format!("an amendment waits for {}", amendment.needs.join(", ")));
    }
    for exception in &agreement.exceptions {
        let is = serde_json::to_value(exception.is).unwrap_or_default();
        let is = is.as_str().unwrap_or_default();
        notes.push(format!("{} is out ({is} on {})", exception.ods, exception.signed.on));
    }
    if let Some(suspension) = &agreement.suspension {
        let by = &suspension.signed;
        notes.push(format!(
            "suspended on {} by {} ({}): {}",
            by.on, by.by, by.organisation, suspension.reason
        ));
    }
    if agreement.review_by.is_some_and(|review| review < on) {
        notes.push("its review is overdue".to_owned());
    }
    notes
}

pub(super) fn history(recorded: &[Recorded], as_json: bool) -> Result<Ended, String> {
    if as_json {
        let row = |recorded: &Recorded| {
            let Recorded { at, kind, id, version, deed } = recorded;
            json!({
                "at": at, "kind": kind, "id": id, "version": version, "action": deed.action,
                "by": deed.person, "for": deed.organisation, "reason": deed.reason,
                "what": deed.what,
            })
        };
        print_json(&recorded.iter().map(row).collect::<Vec<_>>())?;
        return Ok(Ended::Done);
    }
    if recorded.is_empty() {
        say!("nothing was done to it since the record begins");
    }
    for Recorded { at, id, version, deed, .. } in recorded {
        let organisation = deed.organisation.as_deref().unwrap_or("-");
        let reference = format!("{id}#{version}");
        let when = moment::moment_of_dtm(at);
        say!("{when:<21} {reference:<26} {:<9} {} ({organisation})", deed.action, deed.person);
        let reason = match deed.reason.as_str() {
            "" => String::new(),
            reason => format!("; because {reason}"),
        };
        say!("    {}{reason}", deed.what);
    }
    Ok(Ended::Done)
}
