//! The report as one page without anything from elsewhere: it can be sent round and printed.

use super::Told;
use super::table::{asked, checked, draft, grouped, losses, name, spoken, unchanged};
use gateway::simulate::{Change, Consumer, Direction, Report};
use schemas::xml::escape_into;

const STYLE: &str = "
:root { color-scheme: light dark; --lost: #a3341b; --new: #005eb8; }
@media (prefers-color-scheme: dark) { :root { --lost: #f08a6f; --new: #6fb3f2; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .9em; min-width: 2px; vertical-align: middle; }
.lost { background: var(--lost); } .new { background: var(--new); }
.safety { border-left: .4rem solid var(--lost); padding: .2rem 1rem; }
pre { white-space: pre-wrap; font: inherit; }
";

pub(super) fn page(report: &Report, told: &Told<'_>) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>What a draft agreement would change</title>\n<style>",
    );
    out.push_str(STYLE);
    out.push_str(
        "</style>\n</head>\n<body>\n<main>\n<h1>What a draft agreement would change</h1>\n",
    );
    lines(&mut out, &[draft(told), asked(report, told)]);
    let lost = losses(report);
    if !lost.is_empty() {
        out.push_str("<section class=\"safety\">\n<h2>Clinical safety</h2>\n<p>Resuscitation decisions or plans for the end of life would be withheld. Have the region's clinical safety officer approve this before it is applied.</p>\n");
        lines(&mut out, &lost);
        out.push_str("</section>\n");
    }
    consumers(&mut out, report, told);
    changes(&mut out, report, Direction::NewlyWithheld, "Newly withheld");
    changes(&mut out, report, Direction::NewlyPermitted, "Newly permitted");
    if !report.aloud.is_empty() {
        out.push_str("<h2>Refused or answered as a whole</h2>\n");
        lines(&mut out, &report.aloud.iter().map(spoken).collect::<Vec<_>>());
    }
    out.push_str("<h2>Unchanged, and how far the past can be repeated</h2>\n");
    lines(&mut out, &[unchanged(report)]);
    lines(&mut out, &checked(&report.baseline));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn lines(out: &mut String, lines: &[String]) {
    out.push_str("<pre>");
    for (n, line) in lines.iter().enumerate() {
        if n > 0 {
            out.push('\n');
        }
        escape_into(out, line);
    }
    out.push_str("</pre>\n");
}

fn cell(out: &mut String, text: &str) {
    out.push_str("<td>");
    escape_into(out, text);
    out.push_str("</td>");
}

fn number(out: &mut String, count: u64) {
    out.push_str("<td class=\"n\">");
    out.push_str(&grouped(count));
    out.push_str("</td>");
}

fn head(out: &mut String, caption: &str, words: &[&str], numbers: &[&str]) {
    out.push_str("<table>\n<caption>");
    escape_into(out, caption);
    out.push_str("</caption>\n<thead><tr>");
    for word in words {
        out.push_str(&format!("<th scope=\"col\">{word}</th>"));
    }
    for word in numbers {
        out.push_str(&format!("<th scope=\"col\" class=\"n\">{word}</th>"));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

/// The bar says nothing that the number beside it does not.
fn bar(out: &mut String, class: &str, count: u64, longest: u64) {
    let width = count * 100 / longest.max(1);
    out.push_str("<td>");
    if count > 0 {
        out.push_str(&format!(
            "<span class=\"bar {class}\" style=\"width:{width}%\" aria-hidden=\"true\"></span>"
        ));
    }
    out.push_str("</td>");
}

fn consumers(out: &mut String, report: &Report, told: &Told<'_>) {
    if report.consumers.is_empty() {
        out.push_str("<p>No answer would change.</p>\n");
        return;
    }
    let most = |one: &Consumer| one.newly_withheld.patients.max(one.newly_permitted.patients);
    let longest = report.consumers.iter().map(most).max().unwrap_or_default();
    head(
        out,
        "Patients touched, by who asks",
        &["Who asks", "Name", "Newly withheld", "Newly permitted"],
        &["Patients withheld", "Patients permitted"],
    );
    for one in &report.consumers {
        out.push_str("<tr>");
        cell(out, &one.consumer);
        cell(out, &name(told.region, &one.consumer));
        bar(out, "lost", one.newly_withheld.patients, longest);
        bar(out, "new", one.newly_permitted.patients, longest);
        number(out, one.newly_withheld.patients);
        number(out, one.newly_permitted.patients);
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn changes(out: &mut String, report: &Report, direction: Direction, caption: &str) {
    let of_direction: Vec<&Change> =
        report.changes.iter().filter(|change| change.direction == direction).collect();
    if of_direction.is_empty() {
        return;
    }
    head(
        out,
        caption,
        &["For", "Of", "Document type", "Purpose, role", "Why", "Agreement"],
        &["Patients", "Documents", "Opened", "Questions"],
    );
    for change in of_direction {
        out.push_str("<tr>");
        cell(out, &change.consumer);
        cell(out, &change.publisher);
        cell(out, &change.label);
        cell(out, &format!("{}, {}", change.purpose, change.role));
        cell(out, &format!("{}: {}", change.control.name(), change.reason));
        cell(out, &change.agreement);
        for count in [
            change.counts.patients,
            change.counts.documents,
            change.counts.opened,
            change.counts.questions,
        ] {
            number(out, count);
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}
