//! Evidence that runs out: warned of early, with what hangs on it; nothing stops by itself.

use super::by_hand::{done, refused};
use super::{find, published, sees};
use crate::executable;
use serde_json::Value;
use std::process::Command;
use tests::TestHub;
use tests::message::{Provide, scheme};

const OFFICE: [&str; 4] = ["--by", "C Officer, SIRO", "--for", "RXN"];
const OPERATOR: [&str; 4] = ["--by", "D Operator", "--for", "QE1"];
const SNOMED: &str = "2.16.840.1.113883.6.96";
const DNACPR: &str = "1.2.826.0.1.99999.20.2";

/// Letter 2 as a decision not to attempt resuscitation.
fn publish_dnacpr(hub: &TestHub) {
    let dnacpr = Provide::letter(2)
        .code(scheme::TYPE_CODE, "823881000000104", SNOMED)
        .code(scheme::CLASS_CODE, "734163000", SNOMED)
        .inline();
    let answer = hub.request("RXN", hub.url(hub::serve::Role::Repository)).soap(&dnacpr);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
}

fn expiring(hub: &TestHub, on: &str) -> Vec<Value> {
    let said = done(hub, &["expiring", "--on", on, "--json"]);
    serde_json::from_str(&said).unwrap()
}

#[test]
fn no_dnacpr_disappears_at_midnight_because_a_form_is_late() {
    let hub = published();
    publish_dnacpr(&hub);
    let evidence = ["evidence", "RXN", "dspt", "Standards Met", "--until", "2026-07-15"];
    done(&hub, &[&evidence[..], &OFFICE].concat());
    assert!(find(&hub, "ZZP01").contains(DNACPR));
    hub.clock().advance_seconds(86_400);
    assert!(find(&hub, "ZZP01").contains(DNACPR), "the form is late");
    hub.clock().advance_seconds(120 * 86_400);
    assert!(find(&hub, "ZZP01").contains(DNACPR), "and lapsed");
    let stages: Vec<_> = ["2026-07-10", "2026-07-16", "2026-12-01"]
        .iter()
        .map(|on| expiring(&hub, on)[0]["stage"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(stages, ["within 7 days", "late", "lapsed"]);

    let suspend = ["suspend", "RXN", "--membership", "--reason", "toolkit lapsed"];
    let by_operator = [&suspend[..], &OPERATOR].concat();
    refused(&hub, &by_operator, "this needs a clinical-safety approval");
    refused(&hub, &by_operator, "would lose");
    assert!(find(&hub, "ZZP01").contains(DNACPR), "nothing was changed");
    let approval = ["--clinical-safety-approval", "E Doctor, Clinical Safety Officer, CSO-14"];
    done(&hub, &[&by_operator[..], &approval].concat());
    assert_eq!(sees(&find(&hub, "ZZP01")), (false, false), "a person has decided");
    let said = done(&hub, &["history", "RXN"]);
    assert!(said.contains("clinical safety: E Doctor, Clinical Safety Officer, CSO-14"), "{said}");
    let resume = ["resume", "RXN", "--membership", "--reason", "met again"];
    refused(&hub, &[&resume[..], &OFFICE].concat(), "who has suspended a membership resumes it");
    done(&hub, &[&resume[..], &OPERATOR].concat());
    assert!(find(&hub, "ZZP01").contains(DNACPR));
}

#[test]
fn what_falls_due_for_everyone_on_one_day_is_one_event_with_its_whole_impact() {
    let hub = TestHub::start();
    assert!(expiring(&hub, "2027-03-31").is_empty(), "91 days before");
    for (on, stage, left) in [
        ("2027-04-01", "within 90 days", 90),
        ("2027-05-31", "within 30 days", 30),
        ("2027-06-23", "within 7 days", 7),
        ("2027-07-01", "late", -1),
        ("2027-09-29", "lapsed", -91),
    ] {
        let due = expiring(&hub, on);
        let toolkit: Vec<&Value> = due.iter().filter(|due| due["evidence"] == "dspt").collect();
        assert_eq!(toolkit.len(), 1, "{on}: one event");
        assert_eq!(
            (toolkit[0]["stage"].as_str(), toolkit[0]["daysLeft"].as_i64()),
            (Some(stage), Some(left))
        );
        assert!(toolkit[0]["organisations"].as_array().unwrap().len() >= 18);
        let impact = &toolkit[0]["impact"];
        assert_eq!(
            impact["consumers"].as_array().unwrap().len() as u64,
            impact["ofConsumers"].as_u64().unwrap()
        );
        assert!(!toolkit[0]["agreements"].as_array().unwrap().is_empty());
    }
    let said = done(&hub, &["expiring", "--on", "2027-06-23"]);
    assert!(
        said.contains("nothing is suspended by itself") && said.contains("LSC-GP-2026#1"),
        "{said}"
    );
}

#[test]
fn check_warns_of_evidence_that_has_lapsed() {
    let hub = TestHub::start();
    let evidence = ["evidence", "RXN", "ico", "Z1234567", "--until", "2020-01-31"];
    done(&hub, &[&evidence[..], &OFFICE].concat());
    let output =
        Command::new(executable()).args(["check", "--data"]).arg(hub.data()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("warning: evidence ico of 1 organisation(s) ran out on 2020-01-31, lapsed"),
        "{said}"
    );
}
