//! One page that needs nothing else: the sum on top, a table for each area, evidence that unfolds.
//! Colours keep a contrast of 4.5:1 or more (WCAG 2.2 1.4.3), and no colour stands alone for a
//! verdict (1.4.1).

use super::{Counts, by_area, word};
use crate::conformance::metadata::escaped;
use crate::conformance::run::{Outcome, Verdict};
use std::fmt::Write;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--page:#fff;--line:#6b7280;--soft:#f3f4f6;--good:#0b6b2e;--bad:#a3121f;--mild:#6b4e00}\
@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--page:#15181c;--line:#8b929c;--soft:#22262c;--good:#6fdc8c;--bad:#ff9aa2;--mild:#f2c94c}}\
body{font:1rem/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);margin:0 auto;max-width:76rem;padding:1rem}\
table{border-collapse:collapse;width:100%;margin:0 0 2rem}\
caption{text-align:left;font-weight:600;font-size:1.25rem;padding:.5rem 0}\
th,td{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.4rem .6rem;overflow-wrap:anywhere}\
thead th{background:var(--soft)}\
.pass{color:var(--good)}.FAIL{color:var(--bad);font-weight:700}.skip{color:var(--mild)}\
code,pre{font:.875rem/1.4 ui-monospace,monospace;white-space:pre-wrap}\
a{color:inherit}a:focus-visible,summary:focus-visible{outline:3px solid currentColor;outline-offset:2px}\
.about{font-size:.875rem}";

/// The page. `about` says what was tested, by name and value.
pub fn html(outcomes: &[Outcome], about: &[(&str, String)]) -> String {
    let counts = Counts::of(outcomes);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en-GB\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>XDS.b conformance: {counts}</title><style>{STYLE}</style></head><body><main><h1>XDS.b conformance</h1><p><strong>{counts}</strong> of {} cases</p><dl>",
        outcomes.len()
    );
    for (name, value) in about {
        let _ =
            write!(out, "<dt><strong>{}</strong></dt><dd>{}</dd>", escaped(name), escaped(value));
    }
    out.push_str("</dl>");
    summary(&mut out, outcomes);
    failures(&mut out, outcomes);
    for (area, of) in by_area(outcomes) {
        table(&mut out, area, &of);
    }
    out.push_str("</main></body></html>\n");
    out
}

fn summary(out: &mut String, outcomes: &[Outcome]) {
    out.push_str("<table><caption>By area</caption><thead><tr><th scope=\"col\">Area</th><th scope=\"col\">Passed</th><th scope=\"col\">Failed</th><th scope=\"col\">Skipped</th></tr></thead><tbody>");
    for (area, of) in by_area(outcomes) {
        let Counts { passed, failed, skipped } = Counts::of(of);
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#{area}\">{area}</a></th><td>{passed}</td><td>{failed}</td><td>{skipped}</td></tr>"
        );
    }
    out.push_str("</tbody></table>");
}

fn failures(out: &mut String, outcomes: &[Outcome]) {
    let failed: Vec<&Outcome> =
        outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Failed).collect();
    if failed.is_empty() {
        return;
    }
    out.push_str("<h2>Failed</h2><ul>");
    for outcome in failed {
        let (id, title) = (escaped(&outcome.case.id), escaped(&outcome.case.title));
        let _ = write!(out, "<li><a href=\"#case-{id}\">{id}</a>: {title}</li>");
    }
    out.push_str("</ul>");
}

fn table(out: &mut String, area: &str, of: &[&Outcome]) {
    let _ = write!(
        out,
        "<table id=\"{area}\"><caption>{area}: {}</caption><thead><tr><th scope=\"col\">Case</th><th scope=\"col\">What is asserted</th><th scope=\"col\">Result</th><th scope=\"col\">Evidence</th></tr></thead><tbody>",
        Counts::of(of.iter().copied())
    );
    for outcome in of {
        row(out, outcome);
    }
    out.push_str("</tbody></table>");
}

fn row(out: &mut String, outcome: &Outcome) {
    let case = &outcome.case;
    let verdict = word(&outcome.verdict);
    let evidence = escaped(&outcome.evidence.join("\n"));
    let evidence = if outcome.verdict == Verdict::Failed {
        format!("<pre>{evidence}\n{}</pre>", escaped(&case.path.display().to_string()))
    } else {
        format!("<details><summary>received</summary><pre>{evidence}</pre></details>")
    };
    let id = escaped(&case.id);
    let _ = write!(
        out,
        "<tr id=\"case-{id}\"><th scope=\"row\"><code>{id}</code></th><td>{}<br><span class=\"about\">{}</span></td><td class=\"{verdict}\">{verdict}</td><td>{evidence}</td></tr>",
        escaped(&case.title),
        escaped(&case.source)
    );
}
