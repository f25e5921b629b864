//! Files that are planned and applied, what they export to, and what stood on a day.

use super::by_hand::{done, refused};
use super::{find, published, sees};
use gateway::store::agreement::Deed;
use gateway::store::{GatewayError, GatewayStore};
use hub::serve::Role;
use std::path::PathBuf;
use tests::TestHub;

fn file(hub: &TestHub, text: &str) -> PathBuf {
    let path = hub.data().join("proposed.toml");
    std::fs::write(&path, text).unwrap();
    path
}

const OPERATOR: [&str; 4] = ["--by", "D Operator", "--for", "QE1"];

#[test]
fn applying_what_was_exported_changes_nothing() {
    let hub = TestHub::start();
    let path = hub.data().join("export.toml");
    let path = path.to_str().unwrap();
    done(&hub, &["export", "-o", path]);
    let said = done(&hub, &["plan", path]);
    assert!(said.contains("nothing would change"), "{said}");
    let said = done(&hub, &["apply", path]);
    assert!(said.contains("nothing changed"), "{said}");
    let one = done(&hub, &["export", "LSC-GP-2026"]);
    let one = file(&hub, &one);
    assert!(done(&hub, &["diff", one.to_str().unwrap()]).contains("nothing would change"));
}

#[test]
fn a_plan_says_what_changes_object_by_object_and_for_whom() {
    let hub = published();
    let path = file(
        &hub,
        "[[organisation]]\nods = \"ZZP09\"\nname = \"New\"\nkind = \"practice\"\n\n[[agreement]]\nid = \"LSC-SOCIAL-2026\"\ntitle = \"Discharge and notices to Lancashire County Council\"\npublishers = [\"group:acute-trusts\"]\nconsumers = [\"323\", \"325\"]\ndocument_types = [\"group:social-care\"]\npurposes = [\"direct-care\"]\nroles = [\"social-worker\"]\nstarts = \"2026-01-01\"\nlegal_basis = \"UK GDPR 6(1)(e), 9(2)(h); HSCA 2012 s.251B\"\n",
    );
    let path = path.to_str().unwrap();
    let said = done(&hub, &["plan", path]);
    for line in [
        "+ organisation ZZP09",
        "~ agreement LSC-SOCIAL-2026 (#2)",
        "    - document_types  group:discharge",
        "    + consumers       325",
        "Plan: 1 to add, 1 to change.",
        "- 323 sees no longer: group:discharge",
        "+ 325 sees more: group:social-care",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(
        done(&hub, &["show", "LSC-SOCIAL-2026"]).contains("version 1"),
        "a plan changes nothing"
    );
    refused(&hub, &["apply", path], "nobody is there to be asked");
    let said = done(&hub, &[&["apply", path, "--yes"][..], &OPERATOR].concat());
    assert!(said.contains("changed agreement LSC-SOCIAL-2026#2"), "{said}");
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.organisation.as_deref(), Some("QE1"));
    assert!(
        record.reasons[0].contains("by D Operator")
            && record.reasons[0].contains("LSC-SOCIAL-2026#2")
    );
    assert!(done(&hub, &["history", "ZZP09"]).contains("D Operator (QE1)"));
}

#[test]
fn a_file_that_takes_direct_care_from_many_needs_a_clinical_safety_approval_and_applies_whole_or_not()
 {
    let hub = published();
    let text = done(&hub, &["export", "LSC-GP-2026"]);
    let text = text.replace("state = \"agreed\"", "state = \"suspended\"");
    let text =
        format!("[[organisation]]\nods = \"ZZP09\"\nname = \"New\"\nkind = \"practice\"\n\n{text}");
    let path = file(&hub, &text);
    let apply = ["apply", path.to_str().unwrap(), "--yes"];
    refused(&hub, &apply, "this needs a clinical-safety approval");
    assert!(!done(&hub, &["export"]).contains("ZZP09"), "nothing of the file was applied");
    assert_eq!(sees(&find(&hub, "ZZP01")), (true, true));
    let approval = ["--clinical-safety-approval", "E Doctor, Clinical Safety Officer"];
    refused(&hub, &[&apply[..], &approval].concat(), "a name, an office and a reference");
    let approval = ["--clinical-safety-approval", "E Doctor, Clinical Safety Officer, CSO-14"];
    done(&hub, &[&apply[..], &approval].concat());
    assert!(find(&hub, "ZZP01").contains("no agreement in force"));
}

#[test]
fn where_approving_takes_two_a_file_that_opens_something_takes_two() {
    let hub = TestHub::start();
    hub.apply("[policy]\ntwo_person_approval = true\n");
    let path = file(
        &hub,
        "[[agreement]]\nid = \"NEW\"\ntitle = \"New\"\npublishers = [\"RXN\"]\nconsumers = [\"ZZH01\"]\ndocument_types = [\"group:letter\"]\npurposes = [\"direct-care\"]\nroles = [\"clinician\"]\nstarts = \"2020-01-01\"\n",
    );
    let apply = [&["apply", path.to_str().unwrap(), "--yes"][..], &OPERATOR].concat();
    refused(&hub, &apply, "approving takes two persons here");
    refused(&hub, &[&apply[..], &["--second", "d operator, SIRO"]].concat(), "ANOTHER NAME");
    done(&hub, &[&apply[..], &["--second", "F Second"]].concat());
}

#[test]
fn what_stood_on_a_day_is_answered_from_the_record() {
    let hub = TestHub::start();
    let suspend =
        ["suspend", "LSC-MH-2026", "--reason", "incident", "--by", "D Operator", "--for", "QE1"];
    done(&hub, &suspend);
    let history = done(&hub, &["history", "LSC-MH-2026", "--json"]);
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let at = history[0]["at"].as_str().unwrap();
    let day = jiff::civil::Date::strptime("%Y%m%d", &at[..8]).unwrap();
    let after = day.checked_add(jiff::Span::new().days(2)).unwrap();
    assert!(done(&hub, &["list", "--on", "2020-01-01"]).contains("nothing was recorded by then"));
    let of = |on: &str| {
        let said = done(&hub, &["list", "--on", on, "--json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&said).unwrap();
        let rows = rows.into_iter().filter(|row| row["id"] == "LSC-MH-2026");
        rows.map(|row| {
            (row["version"].as_u64().unwrap(), row["state"].as_str().unwrap().to_owned())
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(of(&after.to_string()), [(2, "suspended".to_owned())]);
    let shown = done(&hub, &["show", "LSC-MH-2026", "--on", &after.to_string()]);
    assert!(shown.contains("version 2, suspended"), "{shown}");
    refused(&hub, &["show", "LSC-MH-2026", "--on", "2020-01-01"], "was not recorded by 2020-01-01");
}

#[test]
fn nobody_changes_or_deletes_what_was_decided() {
    let hub = TestHub::start();
    let evidence = ["evidence", "RXN", "siro", "A Director", "--by", "A Director", "--for", "RXN"];
    done(&hub, &evidence);
    let path = hub.data().join("gateway").join("region.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    for table in ["agreement", "region_version", "deed"] {
        for sql in
            [format!("DELETE FROM {table}"), format!("UPDATE {table} SET version = version + 10")]
        {
            let refused = connection.execute(&sql, []).unwrap_err().to_string();
            assert!(refused.contains("is never"), "{sql}: {refused}");
        }
    }
}

#[test]
fn a_change_that_was_decided_before_another_came_between_is_refused() {
    let hub = TestHub::start();
    let path = hub.data().join("gateway").join("region.db");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let deed = || Deed {
        action: "amend".to_owned(),
        person: "D Operator".to_owned(),
        organisation: Some("QE1".to_owned()),
        reason: String::new(),
        what: "retitled".to_owned(),
    };
    runtime.block_on(async {
        let store = GatewayStore::open(&path).await.unwrap();
        let known = store.known().await.unwrap();
        let mut agreement = known.region.agreements[0].agreement.clone();
        agreement.title = "By one".to_owned();
        let at = "20260715120000".to_owned();
        let one = store.record_agreement(known.revision, agreement.clone(), deed(), at.clone());
        assert_eq!(one.await.unwrap(), 2);
        agreement.title = "By another".to_owned();
        let other = store.record_agreement(known.revision, agreement, deed(), at).await;
        assert!(matches!(other, Err(GatewayError::Moved)));
        assert_eq!(store.known().await.unwrap().region.agreements[0].agreement.title, "By one");
    });
}
