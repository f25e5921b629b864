//! `watling relationship add, end, list, history`.

use super::{PATIENT, done, finds, kept, of, published, text, watling};
use hub::serve::Role;
use node::audit::AuditKind;

#[test]
fn what_no_system_tells_is_entered_ended_and_on_record() {
    let hub = published();
    let who = ["--ods", "RTX", "--kind", "encounter", "--source", "paper", "--by", "A Clerk"];
    let add = ["relationship", "add", PATIENT, "--starts", "2026-07-01"];
    assert!(done(&watling(&hub, &[&add[..], &who].concat())).contains("entered"));
    assert!(finds(&hub, "RTX", PATIENT, 1), "effective at once");
    let record = hub.audit(Role::Gateway).into_iter().rev();
    let record = record.map(|r| r.event).find(|e| e.kind == AuditKind::SecurityConfiguration);
    let record = record.unwrap();
    assert!(record.reasons[0].contains("encounter of RTX entered by A Clerk: paper"));
    assert!(record.patient_id.unwrap().starts_with(PATIENT));
    let end = ["relationship", "end", PATIENT, "--ods", "RTX", "--on", "2026-07-14"];
    let why = ["--reason", "entered in error", "--by", "A Clerk"];
    assert!(done(&watling(&hub, &[&end[..], &why].concat())).contains("1 ended"));
    assert!(!finds(&hub, "RTX", PATIENT, 1));
    assert_eq!(of(&kept(&hub, PATIENT), "RTX", "encounter")["overBecause"], "by-hand");
    let said = done(&watling(&hub, &["relationship", "history", PATIENT]));
    assert!(said.contains("(entered in error; A Clerk)") && !said.contains(PATIENT), "{said}");
    let again = watling(&hub, &[&end[..], &why].concat());
    assert!(!again.status.success() && text(&again).contains("no such relationship"));
}

#[test]
fn of_a_protected_patient_no_organisation_is_named() {
    let hub = published();
    let told = |what: &[&str]| done(&watling(&hub, &[&["relationship"][..], what].concat()));
    assert!(told(&["list", PATIENT]).contains("ZZP03"));
    let why = ["--on", "--reason", "safeguarding lead"];
    done(&watling(&hub, &[&["patient", "sensitive", PATIENT][..], &why].concat()));
    let who = ["--ods", "RTX", "--kind", "encounter", "--source", "RTX desk", "--by", "RTX clerk"];
    done(&watling(&hub, &[&["relationship", "add", PATIENT][..], &who].concat()));
    for what in [&["list", PATIENT][..], &["list", PATIENT, "--json"], &["history", PATIENT]] {
        let said = told(what);
        assert!(said.contains("withheld") && said.contains("encounter"), "{said}");
        assert!(!said.contains("ZZP03") && !said.contains("RTX"), "{said}");
    }
}
