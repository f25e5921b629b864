use super::*;
use crate::audit::{Audit, AuditEvent, AuditKind, Outcome};
use crate::clock::Clock;
use rusqlite::Connection;

mod signed;

const RECORDS: i64 = 200;

async fn chain(folder: &Path) {
    let audit = Audit::open(folder, "registry", Clock::System).unwrap();
    for number in 0..RECORDS {
        let event = AuditEvent::new("registry", AuditKind::Start, Outcome::Success);
        audit.record(event.because(format!("number {number}"))).await.unwrap();
    }
    audit.anchor().await.unwrap();
}

fn tamper(folder: &Path, sql: &str) {
    let connection = Connection::open(super::super::store::database(folder)).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// What a walk finds after somebody has been at the database.
async fn after(sql: &str) -> Vec<(i64, DamageKind)> {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path()).await;
    tamper(folder.path(), sql);
    let found = verify(folder.path()).unwrap();
    found.damage.into_iter().map(|damage| (damage.seq, damage.kind)).collect()
}

/// Moves the numbers of all records behind a place.
fn shifted(from: i64, by: i64) -> String {
    format!(
        "UPDATE record SET seq = -(seq + {by}) WHERE seq >= {from};
         UPDATE record SET seq = -seq WHERE seq < 0;"
    )
}

const FOREIGN: &str = "INSERT INTO record (seq, at, event, content_digest, digest)
    SELECT 50, at, event, content_digest, zeroblob(32) FROM record WHERE seq = 7;";

#[tokio::test]
async fn an_untouched_chain_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path()).await;
    let found = verify(folder.path()).unwrap();
    assert_eq!((found.records, found.damage), (RECORDS, vec![]));
}

#[tokio::test]
async fn an_altered_record_shows_where_it_is() {
    let altered = [(3, DamageKind::Altered)];
    for sql in [
        "UPDATE record SET event = replace(event, 'success', 'other') WHERE seq = 3",
        "UPDATE record SET digest = zeroblob(32) WHERE seq = 3",
        "UPDATE record SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 3",
    ] {
        assert_eq!(after(sql).await, altered, "{sql}");
    }
    let both = "UPDATE record SET content_digest = zeroblob(32), event = NULL WHERE seq = 3";
    assert_eq!(after(both).await, [(3, DamageKind::Rewritten), (3, DamageKind::Emptied)]);
}

#[tokio::test]
async fn a_dropped_record_shows_with_and_without_its_number() {
    for (sql, until) in [
        ("DELETE FROM record WHERE seq = 20".to_owned(), 20),
        (format!("DELETE FROM record WHERE seq = 20; {}", shifted(21, -1)), 20),
        ("DELETE FROM record WHERE seq BETWEEN 20 AND 150".to_owned(), 150),
        (format!("DELETE FROM record WHERE seq BETWEEN 20 AND 150; {}", shifted(151, -131)), 150),
        ("DELETE FROM record WHERE seq BETWEEN 20 AND 199".to_owned(), 199),
    ] {
        assert_eq!(after(&sql).await, [(20, DamageKind::Dropped { until })], "{sql}");
    }
    assert_eq!(
        after("DELETE FROM record WHERE seq = 1").await,
        [(1, DamageKind::Dropped { until: 1 })]
    );
}

#[tokio::test]
async fn records_that_changed_places_show() {
    let exchanged = "UPDATE record SET seq = -40 WHERE seq = 40;
        UPDATE record SET seq = 40 WHERE seq = 45; UPDATE record SET seq = 45 WHERE seq = -40;";
    let found = after(exchanged).await;
    let moved = |seq, stands_at| (seq, DamageKind::Reordered { stands_at });
    assert_eq!(found, [moved(40, 45), moved(45, 40)]);
    let words =
        "UPDATE record SET event = (SELECT event FROM record WHERE seq = 41) WHERE seq = 40";
    assert_eq!(after(words).await, [(40, DamageKind::Altered)], "copied, not exchanged");
}

#[tokio::test]
async fn an_inserted_record_shows_however_well_it_is_linked() {
    let foreign = format!("{} {FOREIGN}", shifted(50, 1));
    assert_eq!(after(&foreign).await, [(50, DamageKind::Inserted)]);
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path()).await;
    insert_linked(folder.path(), 50);
    let found = verify(folder.path()).unwrap().damage;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].seq, &found[0].kind), (50, &DamageKind::Inserted));
}

/// A record with right digests of its own, and the rest numbered behind it.
fn insert_linked(folder: &Path, at: i64) {
    use crate::audit::store::{content_digest, link};
    tamper(folder, &shifted(at, 1));
    let connection = Connection::open(super::super::store::database(folder)).unwrap();
    let previous: Vec<u8> = connection
        .query_row("SELECT digest FROM record WHERE seq = ?1", [at - 1], |row| row.get(0))
        .unwrap();
    let event = "{\"at\":\"2026-07-15T12:00:00.000Z\"}";
    let content = content_digest(event);
    let digest = link(&previous, at, &content);
    let values = (at, "2026-07-15T12:00:00.000Z", event, content, digest);
    connection.execute("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5)", values).unwrap();
}

#[tokio::test]
async fn a_cut_end_shows_by_what_is_known_outside() {
    let cut = "DELETE FROM record WHERE seq > 180";
    assert_eq!(after(cut).await, [(181, DamageKind::Cut { known: RECORDS })]);
}

#[tokio::test]
async fn several_damages_are_each_found() {
    let sql = "UPDATE record SET event = replace(event, 'success', 'other') WHERE seq IN (3, 90);
        DELETE FROM record WHERE seq IN (30, 31, 120);";
    let expected = [
        (3, DamageKind::Altered),
        (30, DamageKind::Dropped { until: 31 }),
        (90, DamageKind::Altered),
        (120, DamageKind::Dropped { until: 120 }),
    ];
    assert_eq!(after(sql).await, expected);
}
