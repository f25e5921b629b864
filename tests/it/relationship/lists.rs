//! Registration lists of practices.

use super::{OTHER, PATIENT, done, finds, kept, of, published, text, watling};
use hub::serve::Role;
use node::audit::AuditKind;
use serde_json::Value;
use std::process::Output;
use tests::TestHub;

fn import(hub: &TestHub, practice: &str, rows: &str, more: &[&str]) -> Output {
    let file = hub.data().join("list.csv");
    std::fs::write(&file, rows).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let what = ["relationship", "import", "--list", &file, "--practice", practice, "--by", "desk"];
    watling(hub, &[&what[..], more].concat())
}

#[track_caller]
fn report(output: &Output) -> Value {
    done(output);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_list_says_who_is_registered_and_who_is_missing_has_left() {
    let hub = published();
    assert!(!finds(&hub, "ZZP02", PATIENT, 1));
    let rows = format!("nhs_number,start\n{PATIENT},2026-07-01\n{OTHER},2026-07-01\n");
    let first = report(&import(&hub, "ZZP02", &rows, &["--leavers-max", "100", "--json"]));
    assert_eq!((first["listed"].as_u64(), first["joined"].as_u64()), (Some(2), Some(2)), "{first}");
    assert_eq!(first["movedFromOthers"], 2, "they have left the practices before");
    assert!(finds(&hub, "ZZP02", PATIENT, 1) && finds(&hub, "ZZP02", OTHER, 2));
    let again = report(&import(&hub, "ZZP02", &rows, &["--json"]));
    assert_eq!(again["unchanged"], 2, "{again}");
    let rows = format!("{PATIENT},2026-07-01\n");
    let refused = import(&hub, "ZZP02", &rows, &[]);
    assert!(text(&refused).contains("1 of 2 patients") && !refused.status.success());
    let less = report(&import(&hub, "ZZP02", &rows, &["--leavers-max", "50", "--json"]));
    assert_eq!((less["left"].as_u64(), less["unchanged"].as_u64()), (Some(1), Some(1)), "{less}");
    let left = of(&kept(&hub, OTHER), "ZZP02", "registration");
    assert_eq!(
        (left["state"].as_str(), left["overBecause"].as_str()),
        (Some("tail"), Some("left"))
    );
    let day = |name: &str| left[name].as_str().unwrap().parse::<jiff::civil::Date>().unwrap();
    assert_eq!((day("ends") - day("overOn")).get_days(), 28);
}

#[test]
fn a_bad_line_is_named_by_its_place_and_takes_nobody_off() {
    let hub = published();
    let whole = format!("{PATIENT},2026-07-01\n{OTHER},2026-07-01\n");
    report(&import(&hub, "ZZP02", &whole, &["--leavers-max", "100", "--json"]));
    let rows = format!("{PATIENT},2026-07-01\n9990000027,2026-07-01\n9990000034,soon\n");
    let output = import(&hub, "ZZP02", &rows, &[]);
    let said = text(&output);
    assert!(!output.status.success());
    assert!(said.contains("line 2:") && said.contains("line 3:"), "{said}");
    assert!(!said.contains("99900"), "no number is repeated: {said}");
    assert!(said.contains("nobody was taken off"), "{said}");
    assert_eq!(of(&kept(&hub, OTHER), "ZZP02", "registration")["overOn"], Value::Null);
}

#[test]
fn an_import_is_on_record_and_names_no_patient() {
    let hub = published();
    let rows = format!("{PATIENT},2026-07-01\n");
    let said = done(&import(&hub, "ZZP02", &rows, &["--leavers-max", "100"]));
    assert!(said.contains("1 patients on the list of ZZP02"), "{said}");
    let record = hub.last_audit(Role::Gateway).event;
    assert_eq!(record.kind, AuditKind::SecurityConfiguration);
    assert!(record.reasons[0].contains("registration list of ZZP02 imported by desk: 1 listed"));
    assert!(!record.reasons[0].contains("99900"));
    let refused = text(&import(&hub, "RXN", &format!("{PATIENT},2026-07-01\n"), &[]));
    assert!(refused.contains("RXN is no practice"), "{refused}");
}
