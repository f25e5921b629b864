//! `watling audit verify`: which record, what was done to it, and up to where the log is good.

use crate::executable;
use hub::serve::Role;
use std::process::Command;
use tests::TestHub;
use tests::message;

/// A hub that signs every four records, with a dozen questions on record.
fn signing_hub() -> TestHub {
    let mut hub = TestHub::with(|options| options.config.audit.checkpoint_records = 4);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    for _ in 0..12 {
        gateway.soap(&message::find_documents("9000000009", "LeafClass", ""));
    }
    hub.restart();
    hub
}

fn verified(hub: &TestHub) -> (bool, String) {
    let mut command = Command::new(executable());
    let output = command.args(["audit", "verify", "--service", "gateway", "--data"]);
    let output = output.arg(hub.data()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

fn edit(hub: &TestHub, sql: &str) {
    let database = hub.data().join("gateway").join("audit.db");
    rusqlite::Connection::open(database).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_log_that_nobody_touched_is_whole_and_signed() {
    let hub = signing_hub();
    let (whole, said) = verified(&hub);
    assert!(whole, "{said}");
    assert!(said.contains("whole: 15 records, 4 signed checkpoints"), "{said}");
}

#[test]
fn the_command_says_which_record_what_was_done_and_up_to_where_the_log_is_good() {
    let hub = signing_hub();
    edit(&hub, "UPDATE record SET event = replace(event, 'ZZP01', 'ZZP02') WHERE seq = 10");
    let (whole, said) = verified(&hub);
    assert!(!whole);
    assert!(said.contains("DAMAGED: 15 records, 1 damages"), "{said}");
    let place = "record 10 was altered (good up to the signed checkpoint at 8)";
    assert!(said.contains(place), "{said}");
    edit(&hub, "DELETE FROM record WHERE seq IN (5, 6)");
    let (_, said) = verified(&hub);
    let dropped = "records 5 to 6 were dropped (good up to the signed checkpoint at 4)";
    assert!(said.contains(dropped) && said.contains(place), "{said}");
}

#[test]
fn a_checkpoint_that_the_service_did_not_sign_is_forged() {
    let hub = signing_hub();
    edit(&hub, "UPDATE checkpoint SET digest = zeroblob(32) WHERE seq = 8");
    let (whole, said) = verified(&hub);
    assert!(!whole && said.contains("the checkpoint at 8 is not signed by the service"), "{said}");
}
