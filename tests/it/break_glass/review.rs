//! The privacy officer's review, and the report.

use super::{LETTER, PATIENT, REASON, ask, hub, message, run, said, uses};
use hub::serve::Role;
use tests::TestHub;
use tests::message::Provide;

const OTHER: &str = "9990000018";

/// Two uses by RXL: of the patient, then of another one whose encounter follows.
fn two() -> TestHub {
    let hub = hub("");
    let letter = Provide::letter(2).patient(OTHER);
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter.inline());
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    hub.apply("[[relationship]]\npatient = \"9990000018\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-01-01\"\nends = \"2026-02-01\"\nsource = \"ADT\"\n");
    let of = |number: &str, reason: &str| {
        let query = message::find_documents(number, "LeafClass", "");
        ask(&hub, "RXL", &query, &format!("<g:Reason>{reason}</g:Reason>"))
    };
    of(OTHER, "the first");
    hub.clock().advance_seconds(60);
    of(PATIENT, "the second");
    hub.apply("[[relationship]]\npatient = \"9990000018\"\nods = \"RXL\"\nkind = \"encounter\"\nstarts = \"2026-07-16\"\nsource = \"ADT\"\n");
    hub
}

#[test]
fn what_nothing_followed_is_looked_at_first() {
    let hub = two();
    let all = uses(&hub);
    let ids: Vec<i64> =
        all.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [2, 1], "the newer one first, since nothing followed it: {all}");
    assert_eq!((&all[0]["followed"], &all[1]["followed"]), (&().into(), &"encounter".into()));
    assert_eq!(all[0]["overdue"], true, "the hub's clock is behind that of the command");
    let list = said(&hub, &["break-glass", "list", "--organisation", "RXL", "--open"]);
    assert!(list.contains("nothing followed") && list.contains("overdue"), "{list}");
    assert!(!list.contains(PATIENT) && !list.contains("the second"), "{list}");
    assert!(said(&hub, &["break-glass", "list", "--organisation", "RX7"]).contains("nothing to"));
}

fn review(hub: &TestHub, id: &str, outcome: &str) -> Result<String, String> {
    let by = ["--by", "Privacy officer", "--note", "attended that night"];
    run(hub, &[&["break-glass", "review", id, "--outcome", outcome], &by[..]].concat())
}

#[test]
fn a_review_is_kept_on_record_and_decides_unless_it_escalates() {
    let hub = two();
    review(&hub, "2", "escalated").unwrap();
    assert_eq!(uses(&hub)[0]["open"], true);
    review(&hub, "2", "not-justified").unwrap();
    let record = hub.last_audit(Role::Gateway).event;
    assert!(record.reasons.join(" ").contains("use 2 of a broken glass reviewed: not-justified"));
    assert_eq!(record.organisation.as_deref(), Some("RXL"));
    let shown = said(&hub, &["break-glass", "show", "2"]);
    assert!(shown.contains("escalated by Privacy officer") && shown.contains("not-justified by"));
    let again = review(&hub, "2", "justified").unwrap_err();
    assert!(again.contains("was decided: not-justified"), "{again}");
    assert!(review(&hub, "3", "justified").unwrap_err().contains("no use 3"));
    assert!(review(&hub, "1", "fine").unwrap_err().contains("justified, not-justified"));
}

#[test]
fn the_report_counts_by_organisation_what_waits_and_for_how_long() {
    let hub = two();
    review(&hub, "1", "justified").unwrap();
    let report = said(&hub, &["report", "break-glass"]);
    for words in ["RXL", "2 uses", "1 open", "1 overdue", "1 justified"] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let report = said(&hub, &["report", "break-glass", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["RXL"]["open"], &report["RXL"]["unfollowed"]), (&1.into(), &1.into()));
    assert!(!report.to_string().contains(LETTER) && !report.to_string().contains(REASON));
}
