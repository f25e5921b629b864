//! One use, over restarts and between processes, remembered no longer than needed.

use super::bed::{Bed, RSA, presented};
use tests::saml::{Claims, Signing, envelope};

fn rows(bed: &Bed) -> i64 {
    let connection = rusqlite::Connection::open(bed.folder.path().join("xua.db")).unwrap();
    connection.query_row("SELECT count(*) FROM used", [], |row| row.get(0)).unwrap()
}

#[test]
fn an_assertion_is_used_once_over_a_restart_and_by_every_process_on_the_file() {
    let bed = Bed::new();
    let text = envelope(&Signing::by(&bed.rsa).sign(&Claims::new("_r1", RSA).text()));
    let beside = bed.again();
    assert_eq!(bed.says(&text), "accepted");
    assert_eq!(bed.says(&text), "replayed");
    assert_eq!(bed.says_to(&beside, &text, &presented()), "replayed");
    assert_eq!(bed.says_to(&bed.again(), &text, &presented()), "replayed");
}

#[test]
fn what_was_refused_is_not_used_up() {
    let bed = Bed::new();
    let text = envelope(&Signing::by(&bed.rsa).sign(&Claims::new("_r2", RSA).text()));
    let early = text.replace("_r2", "_r3");
    assert_eq!(bed.says(&early), "signature");
    assert_eq!(rows(&bed), 0);
    assert_eq!(bed.says(&text), "accepted");
}

#[test]
fn uses_are_forgotten_when_their_assertions_are_too_old_to_be_shown_again() {
    let bed = Bed::new();
    let text = |id: &str| envelope(&Signing::by(&bed.rsa).sign(&Claims::new(id, RSA).text()));
    for id in ["_e1", "_e2", "_e3"] {
        assert_eq!(bed.says(&text(id)), "accepted");
    }
    assert_eq!(rows(&bed), 3);
    bed.clock.advance_seconds(360);
    assert_eq!(bed.says(&text("_e1")), "expired");
    let later = Claims::new("_e4", RSA).text().replace("T12:0", "T12:1");
    bed.clock.advance_seconds(240);
    assert_eq!(bed.says(&envelope(&Signing::by(&bed.rsa).sign(&later))), "accepted");
    assert_eq!(rows(&bed), 1);
}
