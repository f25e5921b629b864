//! The report as a person reads it in a terminal of 100 columns.

use super::Told;
use crate::cli::agreement::lines::wrapped;
use gateway::region::Region;
use gateway::simulate::{Aloud, Baseline, Change, Consumer, Counts, Direction, Pair, Report};
use schemas::ods_code::OdsCode;

/// Longest bar, in characters.
const BAR: u64 = 30;
/// Characters of the list of types.
const TYPES: usize = 160;
/// Pairs in the table; the page and JSON have all.
const PAIRS_MAX: usize = 20;

pub(super) fn say(report: &Report, told: &Told<'_>, by_consumer: bool) {
    say!("{}", asked(report, told));
    indented(0, &draft(told));
    check(&report.baseline);
    safety(report);
    if report.changes.is_empty() && report.aloud.is_empty() {
        say!("\nNo answer would change.");
    } else {
        chart(&report.consumers, told.region);
        if !by_consumer {
            pairs(report, Direction::NewlyWithheld);
            pairs(report, Direction::NewlyPermitted);
        }
        aloud(&report.aloud, told);
    }
    say!("\n{}", unchanged(report));
}

pub(super) fn asked(report: &Report, told: &Told<'_>) -> String {
    let day = |at: jiff::Timestamp| {
        let zone = node::clock::region_zone();
        at.to_zoned(zone).strftime("%-d %b %Y %H:%M").to_string()
    };
    format!(
        "Asked again: {} of {} to {}\n  {} on {} of {}, as on {}",
        many(report.questions, "question"),
        day(told.from),
        day(told.until),
        many(report.decisions, "decision"),
        many(report.documents, "document"),
        many(report.patients, "patient"),
        report.on.strftime("%-d %b %Y"),
    )
}

pub(super) fn draft(told: &Told<'_>) -> String {
    let applied = &told.draft.applied;
    let mut parts: Vec<String> =
        applied.agreements.iter().map(|reference| format!("agreement {reference}")).collect();
    let counts = [
        (applied.organisations, "organisation"),
        (applied.systems, "system"),
        (applied.groups, "group"),
        (applied.roles, "role"),
        (applied.tiers, "tier"),
        (applied.policy, "policy"),
        (applied.relationships, "relationship"),
        (applied.preferences, "preference"),
    ];
    let changed = counts.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(changed.map(|(count, what)| many(count as u64, what)));
    if parts.is_empty() {
        return "The draft changes nothing: everything is as in the file".to_owned();
    }
    format!("The draft would change {}", parts.join(", "))
}

/// On lines of the terminal's width, behind some spaces.
fn indented(spaces: usize, text: &str) {
    for line in wrapped(text, 100 - spaces) {
        say!("{:spaces$}{line}", "");
    }
}

/// How far the past can be repeated at all.
pub(super) fn checked(baseline: &Baseline) -> Vec<String> {
    let mut lines = vec![format!(
        "Check: {} of {} come out as recorded ({})",
        grouped(baseline.reproduced),
        many(baseline.decisions, "recorded decision"),
        percent(baseline.reproduced, baseline.decisions),
    )];
    let mut note = |count: u64, text: String| {
        if count > 0 {
            lines.push(format!("  {:>9}  {text}", grouped(count)));
        }
    };
    for not in &baseline.not_reproduced {
        let (then, now) =
            if not.was_permitted { ("permitted", "withheld") } else { ("withheld", "permitted") };
        let text = format!("were {then} and would be {now} today: {}", cause(&not.cause));
        note(not.decisions, text);
    }
    let version = "permitted as recorded, by a later version or another agreement".to_owned();
    note(baseline.under_another_version, version);
    note(baseline.for_another_reason, "withheld as recorded, for another reason".to_owned());
    let assumed = "without their confidentiality on record or in the registry: N was assumed";
    note(baseline.assumed, assumed.to_owned());
    note(baseline.expired, "records whose content has expired: not asked again".to_owned());
    note(baseline.unreadable, "records that cannot be read: not asked again".to_owned());
    lines
}

fn check(baseline: &Baseline) {
    say!();
    checked(baseline).iter().for_each(|line| say!("{line}"));
}

fn cause(control: &str) -> &str {
    match control {
        "agreement" => "agreements or groups have changed since",
        "relationship" => "relationships have been entered or taken out since",
        "preference" => "preferences have changed since",
        "identity-and-role" => "membership, systems or roles have changed since",
        other => other,
    }
}

/// What is lost of resuscitation decisions and plans for the end of life, urgent care first.
pub(super) fn losses(report: &Report) -> Vec<String> {
    let line = |change: &Change| {
        let Counts { patients, documents, opened, .. } = change.counts;
        format!(
            "{} for {} loses {} of {}: {} of {}, {} opened",
            change.consumer,
            change.purpose,
            change.label,
            publisher(&change.publisher),
            many(documents, "document"),
            many(patients, "patient"),
            grouped(opened),
        )
    };
    report.changes.iter().filter(|change| change.is_loss()).map(line).collect()
}

fn safety(report: &Report) {
    let lines = losses(report);
    if lines.is_empty() {
        return;
    }
    say!(
        "\nCLINICAL SAFETY: resuscitation decisions or plans for the end of life would be withheld"
    );
    lines.iter().for_each(|line| indented(2, line));
    say!("  Have the region's clinical safety officer approve this before it is applied.");
}

fn chart(consumers: &[Consumer], region: &Region) {
    let longest = consumers
        .iter()
        .map(|one| one.newly_withheld.patients.max(one.newly_permitted.patients))
        .max()
        .unwrap_or_default();
    if longest == 0 {
        return;
    }
    say!("\nPatients touched, by who asks");
    for one in consumers {
        let name = name(region, &one.consumer);
        let rows = [("-", one.newly_withheld, "withheld"), ("+", one.newly_permitted, "permitted")];
        let mut first = true;
        for (sign, counts, what) in rows.into_iter().filter(|(_, counts, _)| counts.patients > 0) {
            let who = if first { format!("{:<6} {name:<24}", one.consumer) } else { String::new() };
            first = false;
            let bar = bar(sign, counts.patients, longest);
            say!("  {who:<31} {bar:<30} {} newly {what}", grouped(counts.patients));
        }
    }
}

/// Its length is that of the count; no count is nothing.
fn bar(sign: &str, count: u64, longest: u64) -> String {
    let length = (count * BAR).div_ceil(longest.max(1));
    let drawn = if sign == "-" { "▒" } else { "█" };
    drawn.repeat(usize::try_from(length).unwrap_or_default())
}

/// An organisation's name, cut to the width of the chart.
pub(super) fn name(region: &Region, ods: &str) -> String {
    let known = OdsCode::parse(ods).ok();
    let name = known.and_then(|ods| region.organisation(&ods)).map(|o| o.name.as_str());
    name.unwrap_or_default().chars().take(24).collect()
}

fn pairs(report: &Report, direction: Direction) {
    let (what, counts) = match direction {
        Direction::NewlyWithheld => ("withheld", report.newly_withheld),
        Direction::NewlyPermitted => ("permitted", report.newly_permitted),
    };
    let of_direction: Vec<&Pair> =
        report.pairs.iter().filter(|pair| pair.direction == direction).collect();
    if of_direction.is_empty() {
        return;
    }
    say!(
        "\nNewly {what}: {} of {}, in {}",
        many(counts.documents, "document"),
        many(counts.patients, "patient"),
        many(counts.questions, "question")
    );
    say!(
        "  {:<7}{:<9}{:>9}{:>11}{:>8}{:>11}  why",
        "for",
        "of",
        "patients",
        "documents",
        "opened",
        "questions"
    );
    for pair in of_direction.iter().take(PAIRS_MAX) {
        let Counts { questions, documents, patients, opened } = pair.counts;
        say!(
            "  {:<7}{:<9}{:>9}{:>11}{:>8}{:>11}",
            pair.consumer,
            pair.publisher,
            grouped(patients),
            grouped(documents),
            grouped(opened),
            grouped(questions)
        );
        indented(9, &why(pair));
        indented(9, &types(&pair.types));
    }
    if of_direction.len() > PAIRS_MAX {
        let left = of_direction.len() - PAIRS_MAX;
        say!("  and {left} more pairs of organisations: --json, --html or --by-consumer");
    }
}

pub(super) fn why(pair: &Pair) -> String {
    match pair.direction {
        Direction::NewlyWithheld => format!("{}, until now {}", pair.reason, pair.agreement),
        Direction::NewlyPermitted => format!("{}, until now {}", pair.agreement, pair.reason),
    }
}

/// As many labels as fit on two lines.
fn types(labels: &[String]) -> String {
    let mut line = String::new();
    for (n, label) in labels.iter().enumerate() {
        if n > 0 && line.chars().count() + label.chars().count() > TYPES {
            return format!("{line} and {} more", labels.len() - n);
        }
        if n > 0 {
            line.push_str(", ");
        }
        line.push_str(label);
    }
    line
}

fn publisher(ods: &str) -> &str {
    if ods.is_empty() { "an unknown publisher" } else { ods }
}

pub(super) fn spoken(one: &Aloud) -> String {
    let asked =
        format!("{} about {}", many(one.questions, "question"), many(one.patients, "patient"));
    match (one.direction, one.documents) {
        (Direction::NewlyWithheld, _) => {
            format!("{} would be refused aloud ({}): {asked}", one.consumer, one.reason)
        }
        (Direction::NewlyPermitted, None) => {
            format!("{} would be answered, until now {}: {asked}", one.consumer, one.reason)
        }
        (Direction::NewlyPermitted, Some(documents)) => format!(
            "{} would be answered, until now {}: {asked}; as the registry is now it would see {}",
            one.consumer,
            one.reason,
            many(documents, "document")
        ),
    }
}

fn aloud(spoken_of: &[Aloud], told: &Told<'_>) {
    if spoken_of.is_empty() {
        return;
    }
    say!("\nRefused or answered as a whole");
    spoken_of.iter().for_each(|one| indented(2, &spoken(one)));
    if told.not_looked_up > 0 {
        say!(
            "  the documents of {} were not looked up",
            many(told.not_looked_up as u64, "patient")
        );
    }
    if !told.registry {
        say!("  what they would see is not known here: the registry is on another machine");
    }
}

pub(super) fn unchanged(report: &Report) -> String {
    let stays = &report.unchanged;
    let mut text = format!(
        "Unchanged: {} permitted ({} by another agreement or version), {} withheld",
        grouped(stays.permitted),
        grouped(stays.under_another_agreement),
        grouped(stays.withheld)
    );
    if stays.for_another_reason > 0 {
        text.push_str(&format!(" ({} for another reason)", grouped(stays.for_another_reason)));
    }
    if stays.outdated > 0 {
        let outdated = many(stays.outdated, "older version");
        text.push_str(&format!("\n  {outdated}: what becomes of the newest becomes of them"));
    }
    text
}

/// `1,204 documents`, `1 document`.
pub(super) fn many(count: u64, what: &str) -> String {
    match (count, what) {
        (1, _) => format!("1 {what}"),
        (_, "policy") => format!("{} policies", grouped(count)),
        _ => format!("{} {what}s", grouped(count)),
    }
}

/// `1,204`
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Never rounded up to all.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "there are none".to_owned();
    }
    let thousandths = part * 1_000 / whole;
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_shares_never_rounded_up() {
        assert_eq!((grouped(7), grouped(1_204)), ("7".to_owned(), "1,204".to_owned()));
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(percent(9_999, 10_000), "99.9%");
        assert_eq!(percent(3, 3), "100.0%");
    }

    #[test]
    fn a_list_of_types_stays_short() {
        let labels: Vec<String> = (0..20).map(|n| format!("Document type {n}")).collect();
        let line = types(&labels);
        assert!(line.chars().count() <= TYPES + 16 && line.ends_with("more"), "{line}");
    }
}
