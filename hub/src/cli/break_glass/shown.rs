//! Uses and digests as people and machines read them.

use crate::cli::moment::moment_of_millis;
use gateway::break_glass::digest::Digest;
use gateway::break_glass::review::{Counts, Use};
use gateway::region::BreakGlassPolicy;
use serde_json::{Value, json};

fn standing(one: &Use, now: i64, policy: &BreakGlassPolicy) -> String {
    let age = one.age_days(now);
    match one.outcome() {
        Some(outcome) if !one.is_open() => outcome.name().to_owned(),
        outcome => {
            let word = outcome.map_or("open", |outcome| outcome.name());
            let overdue = if one.is_overdue(now, policy.review_days) { ", overdue" } else { "" };
            format!("{word} {age} d{overdue}")
        }
    }
}

fn who(one: &Use) -> &str {
    one.said.user.as_deref().unwrap_or(&one.said.system)
}

/// A use on two lines; neither patient nor reason.
pub(super) fn line(one: &Use, now: i64, policy: &BreakGlassPolicy) {
    let followed = one.followed.map_or("nothing followed", |kind| kind.name());
    let standing = standing(one, now, policy);
    say!("{:>5}  {:<22}  {:<16}  {}", one.id, standing, followed, moment_of_millis(one.at));
    let retrieved = one.entries.iter().filter(|entry| entry.retrieved).count();
    let entries = one.entries.len();
    say!(
        "       {} of {}, as {}: {entries} entries, {retrieved} documents",
        who(one),
        one.organisation,
        one.said.role
    );
}

pub(super) fn whole(one: &Use, now: i64, policy: &BreakGlassPolicy) {
    line(one, now, policy);
    say!("       patient {}, until {}", one.patient.digits(), moment_of_millis(one.until));
    let factor = if one.second_factor { "with" } else { "without" };
    say!("       {factor} a second factor, by {}", one.actor);
    say!("       reason: {}", one.said.reason);
    for entry in &one.entries {
        let how = if entry.retrieved { "opened" } else { "listed" };
        let over = if entry.over_preference { ", against the citizen's wish" } else { "" };
        say!("       {how} {} of {}{over}", entry.unique_id, entry.publisher);
    }
    for review in &one.reviews {
        let at = moment_of_millis(review.at);
        say!("       {} by {} on {at}: {}", review.outcome.name(), review.reviewer, review.note);
    }
}

/// What machines read; patient and reason where one use was asked for.
pub(super) fn json(one: &Use, now: i64, policy: &BreakGlassPolicy, whole: bool) -> Value {
    let entries: Vec<Value> = one.entries.iter().map(entry).collect();
    let reviews: Vec<Value> = one
        .reviews
        .iter()
        .map(|review| {
            json!({ "at": moment_of_millis(review.at), "by": review.reviewer,
                "outcome": review.outcome, "note": review.note })
        })
        .collect();
    let mut value = json!({
        "id": one.id, "organisation": one.organisation.as_str(), "actor": one.actor,
        "user": one.said.user, "system": one.said.system, "role": one.said.role,
        "at": moment_of_millis(one.at), "until": moment_of_millis(one.until),
        "secondFactor": one.second_factor, "followed": one.followed.map(|kind| kind.name()),
        "open": one.is_open(), "ageDays": one.age_days(now),
        "overdue": one.is_overdue(now, policy.review_days), "outcome": one.outcome(),
        "entries": entries, "reviews": reviews,
    });
    if let Some(object) = value.as_object_mut().filter(|_| whole) {
        object.insert("patient".to_owned(), one.patient.digits().into());
        object.insert("reason".to_owned(), one.said.reason.clone().into());
    }
    value
}

fn entry(entry: &gateway::break_glass::OpenedEntry) -> Value {
    json!({ "uniqueId": entry.unique_id, "publisher": entry.publisher,
        "typeCode": entry.type_code, "retrieved": entry.retrieved,
        "overPreference": entry.over_preference })
}

pub(super) fn digest(digest: &Digest) {
    let at = moment_of_millis(digest.at);
    let sent = match digest.sent_at {
        Some(sent) => format!("in the outbox since {}", moment_of_millis(sent)),
        None => "not sent: it has no endpoint, or its turn comes".to_owned(),
    };
    say!("digest {} for {}, {at}; {sent}", digest.id, digest.publisher);
    for told in &digest.told {
        let user = told.said.user.as_deref().unwrap_or(&told.said.system);
        let at = moment_of_millis(told.at);
        say!("  use {}: {user} of {}, as {}, {at}", told.id, told.organisation, told.said.role);
        for entry in &told.entries {
            let how = if entry.retrieved { "opened" } else { "listed" };
            let over = if entry.over_preference { ", against the citizen's wish" } else { "" };
            say!("    {how} {}{over}", entry.unique_id);
        }
    }
}

pub(super) fn digest_json(digest: &Digest) -> Value {
    let told = digest.told.iter().map(|told| {
        json!({ "use": told.id, "organisation": told.organisation.as_str(),
            "user": told.said.user, "system": told.said.system, "role": told.said.role,
            "at": moment_of_millis(told.at), "secondFactor": told.second_factor,
            "entries": told.entries.iter().map(entry).collect::<Vec<_>>() })
    });
    json!({ "id": digest.id, "publisher": digest.publisher.as_str(),
        "at": moment_of_millis(digest.at), "sentAt": digest.sent_at.map(moment_of_millis),
        "uses": told.collect::<Vec<_>>() })
}

pub(super) fn counts(organisation: &str, counts: &Counts) {
    let oldest = counts.oldest_days.map_or(String::new(), |days| format!(", oldest {days} d"));
    say!(
        "{organisation:<8} {:>5} uses  {:>4} open ({} overdue, {} with nothing that followed, {} escalated{oldest})  {} justified  {} not justified",
        counts.uses,
        counts.open,
        counts.overdue,
        counts.unfollowed,
        counts.escalated,
        counts.justified,
        counts.not_justified
    );
}
