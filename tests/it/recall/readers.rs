//! Who has read a document is on record with the answer that showed it.

use super::{find, json, open, publish, report};
use hub::serve::Role;
use node::audit::AuditKind;
use tests::TestHub;
use tests::message::{self, Provide};

#[test]
fn every_answer_that_named_a_document_or_handed_it_out_is_on_record() {
    let hub = TestHub::start();
    let (letter, other) = (Provide::letter(1), Provide::letter(2));
    publish(&hub, "RXN", &letter);
    publish(&hub, "RXN", &other);
    assert_eq!(find(&hub, "ZZP01").xds_status(), "Success");
    assert_eq!(find(&hub, "ZZP02").xds_status(), "Success", "it is shown nothing");
    assert_eq!(open(&hub, "ZZP01", &letter).xds_status(), "Success");
    assert_eq!(open(&hub, "ZZP02", &letter).xds_status(), "Failure");
    let readers = json(&report(&hub, &["readers", &letter.unique_id, "--json"]));
    let readers = readers.as_array().unwrap();
    let facts: Vec<_> = readers.iter().map(|r| (&r["organisation"], &r["kind"])).collect();
    assert_eq!(
        facts,
        [("ZZP01", "listed"), ("ZZP01", "retrieved")]
            .map(|(o, k)| { (o.into(), k.into()) })
            .iter()
            .map(|(o, k)| (o, k))
            .collect::<Vec<_>>()
    );
    let records = hub.audit(Role::Gateway);
    for reader in readers {
        assert_eq!(reader["uniqueId"], letter.unique_id.as_str());
        assert!(reader["entryUUID"].as_str().unwrap().starts_with("urn:uuid:"), "{reader}");
        assert_eq!(reader["purpose"], "direct-care");
        let record = records.iter().find(|r| Some(r.seq) == reader["seq"].as_i64()).unwrap();
        assert_eq!(record.event.system.as_deref(), reader["system"].as_str());
        assert_eq!(record.event.correlation_id.as_deref(), reader["correlationId"].as_str());
        assert_eq!(record.event.at, reader["at"].as_str().unwrap());
    }
    let listed = json(&report(&hub, &["readers", &other.unique_id, "--json"]));
    assert_eq!(listed.as_array().unwrap().len(), 1, "it was not opened");
}

#[test]
fn the_report_is_for_people_spreadsheets_and_programs_and_is_itself_on_record() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    let nobody = report(&hub, &["readers", &letter.unique_id]);
    assert!(nobody.contains("nobody has been shown this document"), "{nobody}");
    open(&hub, "ZZP01", &letter);
    let said = report(&hub, &["readers", &letter.unique_id]);
    assert!(said.contains("retrieved ZZP01") && said.contains("1 answer"), "{said}");
    let csv = report(&hub, &["readers", &letter.unique_id, "--csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("at,what,organisation,system"), "{csv}");
    assert!(lines[1].contains(",retrieved,ZZP01,") && lines.len() == 2, "{csv}");
    let mut records = hub.audit(Role::Gateway);
    records.retain(|record| record.event.kind == AuditKind::Report);
    assert_eq!(records.len(), 3);
    assert_eq!(records[0].event.document_unique_ids, [letter.unique_id.as_str()]);
    assert!(records[2].message().contains("csd-code=\"110101\""), "{}", records[2].message());
}

#[test]
fn an_answer_by_reference_and_one_of_many_are_read_as_much() {
    let hub = TestHub::start();
    let letters: Vec<Provide> = (1..=30).map(Provide::letter).collect();
    letters.iter().for_each(|letter| publish(&hub, "RXN", letter));
    let query = message::find_documents("9000000009", "ObjectRef", "");
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(answer.xds_status(), "Success");
    let ids: Vec<&str> = letters.iter().map(|letter| letter.unique_id.as_str()).collect();
    let answer = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&message::retrieve(&ids));
    assert_eq!(answer.xds_status(), "Success");
    for database in [("reading_act", 2), ("read_document", 30), ("reading", 60)] {
        let (table, count) = database;
        assert_eq!(hub.count(Role::Gateway, "audit.db", table), count, "{table}");
    }
}

#[test]
fn an_answer_whose_readings_cannot_be_kept_is_not_given() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    publish(&hub, "RXN", &letter);
    let database = hub.data().join("gateway").join("audit.db");
    rusqlite::Connection::open(database).unwrap().execute_batch("DROP TABLE reading").unwrap();
    for answer in [find(&hub, "ZZP01"), open(&hub, "ZZP01", &letter)] {
        assert!(answer.contains("could not be audited"), "{}", answer.text());
        assert!(!answer.contains(&letter.unique_id), "{}", answer.text());
    }
    let nothing = find(&hub, "ZZP02");
    assert_eq!(nothing.xds_status(), "Success", "who is shown nothing reads nothing");
}
