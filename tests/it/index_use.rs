//! Every statement of the registry's store finds its rows by an index. The statements are those that
//! a hub runs while it takes the conformance suite, as its log names them.

use crate::conformance_suite::{cases, options, url};
use crate::tidy::source::{Source, files};
use crate::{executable, skipped};
use std::collections::BTreeSet;
use std::path::Path;
use tests::conformance::run;
use tests::postgres::Schema;
use tests::{Certificate, HubProcess, Request, message};

/// The statements of a log, each once.
fn statements(log: &str) -> BTreeSet<String> {
    let told = log.lines().filter_map(|line| line.split_once(" registry::sql: "));
    told.map(|(_, statement)| statement.trim().to_owned()).collect()
}

/// How many values a statement takes.
fn values(statement: &str) -> usize {
    let numbers = statement.split('$').skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    numbers.max().unwrap_or(0)
}

/// Steps of SQLite's plan that go through a table or an index from end to end.
fn scans_of_sqlite(database: &Path, statement: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(database).expect("the index");
    let mut explained = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
        .unwrap_or_else(|error| panic!("{error}: {statement}"));
    let mut rows = explained.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().expect("a step of the plan") {
        let step: String = row.get(3).expect("its description");
        let listed = step.ends_with("CONSTANT ROW") || step.contains("VALUES CLAUSE");
        if step.starts_with("SCAN") && !listed {
            found.push(step);
        }
    }
    found
}

/// Nodes of PostgreSQL's plan that read a table, or an index without a condition on it.
fn scans_of_postgres(plan: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut unconditional: Option<&String> = None;
    for line in plan {
        let node = line.contains("->") || !line.starts_with(' ');
        if node {
            found.extend(unconditional.take().cloned());
            unconditional = line.contains("Index").then_some(line).filter(|l| l.contains("Scan"));
        }
        if line.contains("Seq Scan") {
            found.push(line.clone());
        }
        if line.trim_start().starts_with("Index Cond") {
            unconditional = None;
        }
    }
    found.extend(unconditional.cloned());
    found
}

/// Literals of the store that are SQL and occur in no statement, however its holes were filled.
fn never_run(statements: &BTreeSet<String>) -> Vec<String> {
    let home = "registry/src/store/";
    let store = files().into_iter().filter(|path| path.starts_with(home) && path.ends_with(".rs"));
    let store = store.filter(|path| !path.starts_with("registry/src/store/engine/"));
    let mut found = Vec::new();
    for path in store {
        let source = Source::read(&path);
        for literal in source.shipped_literals() {
            let pieces = pieces(&literal.text);
            if is_sql(&literal.text) && !statements.iter().any(|s| holds(s, &pieces)) {
                found.push(format!("{path}:{}: {}", source.line(literal.at), literal.text));
            }
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    let words =
        ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", " AND ", " OR ", " ORDER BY "];
    words.iter().any(|word| text.contains(word))
}

/// What stands between the holes of a text for format!, its continued lines joined.
fn pieces(text: &str) -> Vec<String> {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let joined = lines.fold(first, |joined, line| joined + line.trim_start());
    let parts = joined.split(['{', '}']).enumerate();
    parts.filter(|(n, _)| n % 2 == 0).map(|(_, part)| part.to_owned()).collect()
}

fn holds(statement: &str, pieces: &[String]) -> bool {
    let mut rest = statement;
    pieces.iter().all(|piece| match rest.find(piece.as_str()) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

/// What the suite does not ask for.
fn ask_more(data: &Path) {
    let registry = url(data, "registry");
    let pki = data.join("pki");
    let request = |url: &str| {
        Request::new(url, &pki.join("ca.pem"))
            .certificate(Certificate::in_folder(&pki.join("clients"), "conformance"))
    };
    let ready = registry.rsplit_once('/').expect("an address").0.to_owned() + "/health/ready";
    assert_eq!(request(&ready).get().expect("an answer").status, 200);
    let types = message::slot(
        concat!("$", "XDSDocumentEntryTypeCode"),
        "('823681000000100^^2.16.840.1.113883.6.96','1^^2.16.840.1.113883.6.96')",
    );
    let availability = message::slot(
        concat!("$", "XDSDocumentEntryDocumentAvailability"),
        "('urn:ihe:iti:2010:DocumentAvailability:Online')",
    );
    let query = message::find_documents("9000000009", "LeafClass", &(types + &availability));
    assert_eq!(request(&registry).soap(&query).xds_status(), "Success");
}

/// Everything a hub in conformance mode asks its index for, while the suite runs.
fn of_the_suite(data: &Path, log: &Path) -> BTreeSet<String> {
    let arguments = ["--conformance"];
    let filter = "off,registry::sql=trace";
    let hub = HubProcess::serve_logging(executable(), data, &arguments, filter, log);
    let hub = hub.expect("the hub starts");
    let options = options(data, url(data, "registry"), url(data, "repository"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outcomes = runtime.block_on(run::all(options, cases(), |_| {})).expect("the suite runs");
    assert!(outcomes.len() > 200);
    ask_more(data);
    drop(hub);
    statements(&std::fs::read_to_string(log).expect("the log"))
}

#[test]
fn every_statement_of_the_index_finds_its_rows_by_an_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let statements = of_the_suite(&data, &folder.path().join("log"));
    assert!(statements.len() > 100, "{} statements", statements.len());
    let schema = Schema::of(&data);
    let database = data.join("registry").join("index.db");
    let mut found = never_run(&statements);
    if schema.is_none() {
        skipped("PostgreSQL's plans: WATLING_TEST_POSTGRES names no server");
    }
    let scans = |statement: &str| match &schema {
        Some(schema) => scans_of_postgres(&schema.plan(statement, values(statement))),
        None => scans_of_sqlite(&database, statement),
    };
    let without_an_index = "SELECT entry_uuid FROM document_entry WHERE mime_type = $1";
    assert_eq!(scans(without_an_index).len(), 1, "a scan is seen");
    for statement in &statements {
        found.extend(scans(statement).iter().map(|scan| format!("{scan}: {statement}")));
    }
    assert!(found.is_empty(), "no index, or not run by the suite:\n  {}", found.join("\n  "));
}
