//! Every statement of the registry's store finds its rows by an index. The statements are those that
//! a hub runs while it takes the conformance suite, as its log names them, and those that stand as a
//! whole in the code; what is neither run nor whole fails.

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

/// Partial indexes of what is rare: what they leave out is the condition. And the index of what an
/// operator lists as a whole.
const PARTIAL: [&str; 3] =
    ["patient_frozen", "patient_merge_standing", "retention_approval_document_by_approval"];

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
        if step.starts_with("SCAN") && !listed && !PARTIAL.iter().any(|index| step.contains(index))
        {
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
            unconditional =
                unconditional.filter(|l| !PARTIAL.iter().any(|index| l.contains(index)));
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

/// A literal of the store that is SQL or a part of it: where it stands, and its text.
fn literals() -> Vec<(String, String)> {
    let home = "registry/src/store/";
    let store = files().into_iter().filter(|path| path.starts_with(home) && path.ends_with(".rs"));
    let store = store.filter(|path| !path.starts_with("registry/src/store/engine/"));
    let mut found = Vec::new();
    for path in store {
        let source = Source::read(&path);
        let sql = source.shipped_literals().filter(|literal| is_sql(&literal.text));
        found.extend(sql.map(|l| (format!("{path}:{}", source.line(l.at)), on_one_line(&l.text))));
    }
    found
}

const VERBS: [&str; 4] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];

fn is_sql(text: &str) -> bool {
    VERBS.iter().chain(&[" AND ", " OR ", " ORDER BY "]).any(|word| text.contains(word))
}

fn on_one_line(text: &str) -> String {
    let mut lines = text.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |joined, line| joined + line.trim_start())
}

/// Tables of objects: what stands for `{table}` in a text for format!.
const TABLES: [&str; 6] =
    ["document_entry", "submission_set", "folder", "association", "content", "entry_code"];

/// The statements that a literal stands for by itself: whole ones that the suite does not run.
fn filled(literal: &str) -> Vec<String> {
    if !VERBS.iter().any(|verb| literal.starts_with(verb)) {
        return Vec::new();
    }
    let literal = all_columns(literal).replace("{limit}", "1");
    let named = |table: &&str| literal.replace("{table}", table);
    let mut statements: Vec<String> = TABLES.iter().map(named).collect();
    statements.dedup();
    statements.retain(|statement| !statement.contains('{'));
    statements
}

/// `*` for every hole that columns stand in.
fn all_columns(literal: &str) -> String {
    let mut rest = literal;
    let mut out = String::new();
    while let Some((before, hole)) = rest.split_once('{') {
        let Some((name, after)) = hole.split_once('}') else { break };
        let columns = name.is_empty() || name.ends_with("COLUMNS");
        let filled = if columns { "*".to_owned() } else { format!("{{{name}}}") };
        out.push_str(before);
        out.push_str(&filled);
        rest = after;
    }
    out + rest
}

/// What stands between the holes of a text for format!.
fn pieces(text: &str) -> Vec<&str> {
    text.split(['{', '}']).step_by(2).collect()
}

/// Whether a text for format! could have become this statement, or a part of it.
fn holds(statement: &str, pieces: &[&str]) -> bool {
    let mut rest = statement;
    pieces.iter().all(|piece| match rest.find(piece) {
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

/// What `watling retention` asks the index for: a letter of 2010 is held, approved and destroyed.
fn of_retention(data: &Path, filter: &str) -> BTreeSet<String> {
    let pki = data.join("pki");
    let client = Certificate::in_folder(&pki.join("clients"), "conformance");
    let letter = message::Provide::letter(990)
        .slot("creationTime", &["20100615"])
        .slot("sourcePatientInfo", &["PID-7|19500309"]);
    let repository = Request::new(url(data, "repository"), &pki.join("ca.pem")).certificate(client);
    assert_eq!(repository.soap(&letter.inline()).xds_status(), "Success");
    let (by, why) = (["--by", "A Clerk"], ["--reason", "review"]);
    let (review, until) = (["--review", "2099-01-01"], ["--valid-until", "2099-01-01"]);
    let what = ["--document", &letter.unique_id, "--destruction"];
    let who = ["--controller", "ZZT99", "--approved-by", "B Guardian"];
    let commands: [Vec<&str>; 5] = [
        [&["hold", "place", "H-1", "--everything"], &by[..], &why, &review].concat(),
        [&["hold", "lift", "H-1"], &by[..], &why].concat(),
        vec!["due"],
        [&["approve"], &what[..], &who, &why, &until].concat(),
        [&["destroy", "--approval", "1"], &by[..]].concat(),
    ];
    let mut found = BTreeSet::new();
    for arguments in commands {
        let mut command = std::process::Command::new(executable());
        command.arg("retention").args(&arguments).arg("--data").arg(data);
        command.env("RUST_LOG", filter).env("NO_COLOR", "1");
        if let Some(schema) = Schema::of(data) {
            command.env("WATLING_REGISTRY__STORE__URL", schema.url());
        }
        let output = command.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        found.extend(statements(&said));
    }
    found
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
    let by_hand = of_retention(data, filter);
    drop(hub);
    let mut all = statements(&std::fs::read_to_string(log).expect("the log"));
    all.extend(by_hand);
    all
}

/// What reads a few rows of the beginning or the end of a table, whichever they are.
fn is_bounded(statement: &str) -> bool {
    statement.contains(" LIMIT ") && !statement.contains(" WHERE ")
}

#[test]
fn every_statement_of_the_index_finds_its_rows_by_an_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut statements = of_the_suite(&data, &folder.path().join("log"));
    assert!(statements.len() > 100, "{} statements", statements.len());
    let mut found = Vec::new();
    for (place, literal) in literals() {
        let pieces = pieces(&literal);
        if !statements.iter().any(|statement| holds(statement, &pieces)) {
            let filled = filled(&literal);
            if filled.is_empty() {
                found.push(format!("{place}: not run by the suite: {literal}"));
            }
            statements.extend(filled);
        }
    }
    let schema = Schema::of(&data);
    let database = data.join("registry").join("index.db");
    if schema.is_none() {
        skipped("PostgreSQL's plans: WATLING_TEST_POSTGRES names no server");
    }
    let scans = |statement: &str| match &schema {
        Some(schema) => scans_of_postgres(&schema.plan(statement, values(statement))),
        None => scans_of_sqlite(&database, statement),
    };
    let without_an_index = "SELECT entry_uuid FROM document_entry WHERE mime_type = $1";
    assert_eq!(scans(without_an_index).len(), 1, "a scan is seen");
    for statement in statements.iter().filter(|statement| !is_bounded(statement)) {
        found.extend(scans(statement).iter().map(|scan| format!("{scan}: {statement}")));
    }
    assert!(found.is_empty(), "found by no index:\n  {}", found.join("\n  "));
}
