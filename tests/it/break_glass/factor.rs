//! The second factor: a one-time code of a registered authenticator.

use super::{LETTER, REASON, ask, find, find_query, get, hub, run, said, uses};
use gateway::break_glass::totp;
use hub::serve::Role;
use tests::{Answer, TestHub};

const FACTOR: [&str; 8] = [
    "break-glass",
    "factor",
    "add",
    "--organisation",
    "RXL",
    "--actor",
    "rxl-integration",
    "--by=Privacy officer",
];

fn secret(hub: &TestHub) -> Vec<u8> {
    let path = hub.data().join("gateway").join("region.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.query_row("SELECT secret FROM second_factor", [], |row| row.get(0)).unwrap()
}

fn code(hub: &TestHub) -> String {
    let step = hub.clock().now().as_second() / totp::STEP_SECONDS;
    totp::code(&secret(hub), step).unwrap()
}

fn with_code(hub: &TestHub, code: &str) -> Answer {
    let inside = format!("<g:Reason>{REASON}</g:Reason><g:SecondFactor>{code}</g:SecondFactor>");
    ask(hub, "RXL", &find_query(), &inside)
}

fn demanding() -> TestHub {
    let hub = hub("second_factor = true\nminutes = 60\n");
    let told = said(&hub, &FACTOR);
    let secret = totp::base32(&secret(&hub));
    assert!(told.contains(&format!("otpauth://totp/Watling:rxl-integration?secret={secret}")));
    hub
}

#[test]
fn where_it_is_demanded_nothing_opens_without_it_and_once_shown_it_holds_for_the_use() {
    let hub = demanding();
    let refused = find(&hub, "RXL");
    assert_eq!(refused.xds_status(), "Failure");
    assert!(refused.contains("a second factor"), "{}", refused.text());
    assert!(with_code(&hub, &code(&hub)).contains(LETTER));
    assert_eq!(get(&hub, "RXL").xds_status(), "Success", "the use lasts");
    assert_eq!(uses(&hub)[0]["secondFactor"], true);
    hub.clock().advance_seconds(61 * 60);
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(get(&hub, "RXL").xds_status(), "Failure", "the use is over");
}

#[test]
fn a_code_is_taken_once_and_after_five_wrong_ones_none_for_a_while() {
    let hub = demanding();
    let good = code(&hub);
    assert!(with_code(&hub, &good).contains(LETTER));
    hub.clock().advance_seconds(61 * 60);
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(with_code(&hub, &good).xds_status(), "Failure", "an old code");
    let wrong = if code(&hub) == "000000" { "111111" } else { "000000" };
    for _ in 0..4 {
        assert_eq!(with_code(&hub, wrong).xds_status(), "Failure");
    }
    assert_eq!(with_code(&hub, &code(&hub)).xds_status(), "Failure", "it pauses");
    hub.clock().advance_seconds(16 * 60);
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert!(with_code(&hub, &code(&hub)).contains(LETTER));
}

#[test]
fn an_authenticator_is_registered_and_taken_away_on_record_and_its_secret_is_not() {
    let hub = demanding();
    let secret = totp::base32(&secret(&hub));
    let record = hub.last_audit(Role::Gateway).event;
    let reasons = record.reasons.join(" ");
    assert!(reasons.contains("second factor of rxl-integration registered"), "{reasons}");
    assert!(!reasons.contains(&secret));
    let mut remove = FACTOR;
    remove[2] = "remove";
    said(&hub, &remove);
    assert!(run(&hub, &remove).unwrap_err().contains("has no second factor"));
}
