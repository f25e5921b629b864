//! A patient with two numbers keeps what was said under both.

use super::{PATIENT, published, run, sees};
use tests::TestHub;

const SUBSUMED: &str = "9990000026";

/// As the registry's news of a merge leaves it.
fn merge(hub: &TestHub) {
    let path = hub.data().join("gateway").join("region.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = "INSERT INTO merged (subsumed, surviving) VALUES (9990000026, 9000000009)";
    connection.execute(sql, []).unwrap();
}

fn record(hub: &TestHub, number: &str, wish: &[&str]) {
    let ground = ["--starts", "2026-07-01", "--as", "ZZP01", "--by", "GP", "--evidence", "letter"];
    run(hub.data(), &[&["preference", "record", number], wish, &ground[..]].concat()).unwrap();
}

#[test]
fn a_wish_under_a_merged_number_holds_for_the_survivor() {
    let hub = published();
    record(&hub, SUBSUMED, &["--do-not-share", "--consumer", "RX7"]);
    assert_eq!(sees(&hub, "RX7"), (false, true), "another patient's wish");
    merge(&hub);
    assert_eq!(sees(&hub, "RX7"), (false, false));
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
}

#[test]
fn an_exception_under_another_number_is_none() {
    let hub = published();
    record(&hub, SUBSUMED, &["--do-not-share"]);
    record(&hub, PATIENT, &["--share", "--consumer", "ZZP01"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
    merge(&hub);
    assert_eq!(sees(&hub, "ZZP01"), (false, false));
    record(&hub, SUBSUMED, &["--share", "--consumer", "ZZP01"]);
    assert_eq!(sees(&hub, "ZZP01"), (true, true));
}
