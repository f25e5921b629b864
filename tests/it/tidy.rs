//! The workspace keeps its own rules: who may import whom, where databases, clocks and wire names
//! may appear, how long files and functions may be. Each rule is a test over the files themselves.

pub(super) mod source;

use source::{Source, files, is_word, root, text_of};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Each crate, and the crates of the workspace that it may depend on.
const CRATES: [(&str, &[&str]); 7] = [
    ("schemas", &[]),
    ("node", &["schemas"]),
    ("registry", &["schemas", "node"]),
    ("repository", &["schemas", "node"]),
    ("gateway", &["schemas", "node"]),
    ("hub", &["schemas", "node", "registry", "repository", "gateway"]),
    ("tests", &["schemas", "node", "registry", "repository", "gateway", "hub"]),
];

/// Folders at the top that are no crates.
const OTHER_FOLDERS: [&str; 2] = ["deploy", "fixtures"];

/// What could do IO, read a clock or draw a random number; `*` stands for any ending.
const IMPURE: [&str; 10] = [
    "actix*", "hyper*", "openssl", "rand", "reqwest", "rusqlite", "rustls*", "tempfile", "tokio*",
    "tracing*",
];

/// The same in crates that the vocabulary has for other reasons.
const IMPURE_CALLS: [&str; 8] =
    ["std::fs", "std::net", "std::process", "std::env", "new_v4(", "now_v6(", "now_v7(", "::now("];

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

/// Longer than the rule, for now: path and lines. Entries leave this list; none comes in.
const LONG_FILES: [(&str, usize); 0] = [];

/// Longer than the rule, for now: path, name and lines. Entries leave this list; none comes in.
const LONG_FUNCTIONS: [(&str, &str, usize); 1] =
    [("schemas/src/metadata/document_entry.rs", "read_attributes", 82)];

const WALL_CLOCKS: [&str; 3] = ["Timestamp::now(", "SystemTime::now(", "Zoned::now("];

/// Who reads the wall clock, and why `node`'s clock does not serve there.
const READS_THE_CLOCK: [(&str, &str); 8] = [
    ("node/src/clock.rs", "the Clock itself"),
    ("repository/src/objects/filesystem.rs", "sets a file's date, which the system sets elsewhere"),
    ("repository/src/recovery.rs", "compares with the dates of files"),
    ("hub/src/pki.rs", "certificates and revocations are dated for everyone, not for one node"),
    ("hub/src/data.rs", "dates a new data folder before there is a node"),
    ("hub/src/client/find.rs", "a client shows how old an entry is; it is no node"),
    ("hub/src/client/publish.rs", "a client dates what it sends; it is no node"),
    ("hub/src/demo/generate.rs", "invented documents lie in the months before today"),
];

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    files().iter().filter(|path| path.ends_with(".rs")).map(|path| Source::read(path)).collect()
});

#[track_caller]
fn none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// `a/b.rs` is itself, `a/b/*` whatever lies in that folder, `a*` any ending.
fn is_one_of(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

/// The packages that a manifest asks for, of whatever kind and for whatever target.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            for (name, given) in table {
                let renamed = given.get("package").and_then(|package| package.as_str());
                found.insert(renamed.unwrap_or(name).to_owned());
            }
        } else if key == "target" {
            let targets = table.values().filter_map(|target| target.as_table());
            found.extend(targets.flat_map(dependencies));
        }
    }
    found
}

fn dependencies_of(krate: &str) -> BTreeSet<String> {
    let path = format!("{krate}/Cargo.toml");
    let manifest = toml::from_str::<toml::Table>(&text_of(&path));
    dependencies(&manifest.unwrap_or_else(|error| panic!("{path}: {error}")))
}

#[test]
fn crates_import_one_way_only() {
    let crates: Vec<&str> = CRATES.iter().map(|(name, _)| *name).collect();
    let mut found = Vec::new();
    for (krate, allowed) in CRATES {
        for dependency in dependencies_of(krate) {
            let name = dependency.as_str();
            if crates.contains(&name) && !allowed.contains(&name) {
                found.push(format!("{krate} depends on {name}"));
            }
        }
    }
    none("schemas <- node <- {registry, repository, gateway} <- hub <- tests", &found);
}

#[test]
fn the_vocabulary_cannot_do_io() {
    let impure = dependencies_of("schemas").into_iter().filter(|name| is_one_of(name, &IMPURE));
    let vocabulary = SOURCES.iter().filter(|source| source.path.starts_with("schemas/src/"));
    let called = vocabulary.flat_map(|source| {
        let uses = IMPURE_CALLS.iter().flat_map(|call| source.shipped_uses(call));
        uses.map(|at| format!("{}:{}", source.path, source.line(at)))
    });
    none(
        "schemas does no IO, reads no clock and draws nothing at random",
        &Vec::from_iter(impure.chain(called)),
    );
}

#[test]
fn the_hub_has_no_sql_and_only_it_has_openssl() {
    let mut found = Vec::new();
    for (krate, _) in CRATES {
        let dependencies = dependencies_of(krate);
        if krate == "hub" && dependencies.contains("rusqlite") {
            found.push("hub depends on rusqlite".to_owned());
        }
        // The suite signs with another library than the one that verifies.
        let may = ["hub", "tests"].contains(&krate);
        if !may && is_one_of_any(&dependencies, &["openssl*", "native-tls"]) {
            found.push(format!("{krate} depends on openssl: rustls carries every connection"));
        }
    }
    none("each foreign library has one home", &found);
}

fn is_one_of_any(names: &BTreeSet<String>, patterns: &[&str]) -> bool {
    names.iter().any(|name| is_one_of(name, patterns))
}

#[test]
fn the_top_level_has_the_agreed_folders() {
    let mut expected: Vec<&str> = CRATES.iter().map(|(name, _)| *name).collect();
    expected.extend(OTHER_FOLDERS);
    expected.sort_unstable();
    let tree = files();
    let folders: BTreeSet<&str> =
        tree.iter().filter_map(|path| path.split_once('/')).map(|(folder, _)| folder).collect();
    let optional = |name: &str| OTHER_FOLDERS.contains(&name);
    let unexpected = folders.iter().filter(|name| !expected.contains(name));
    let missing = expected.iter().filter(|name| !folders.contains(*name) && !optional(name));
    let found: Vec<String> = unexpected.chain(missing).map(|name| (*name).to_owned()).collect();
    none("folders at the top that are missing or not agreed", &found);
    let code = tree.iter().filter(|path| path.ends_with(".rs"));
    let stray = code.filter(|path| path.split('/').next().is_none_or(optional));
    none("fixtures and deploy hold no code", &Vec::from_iter(stray.cloned()));
}

#[test]
fn names_refuse_something() {
    let vague = ["utils", "util", "common", "helpers", "helper", "misc"];
    let is_vague = |path: &&String| {
        path.split('/').any(|part| vague.contains(&part.split('.').next().unwrap_or_default()))
    };
    let tree = files();
    let found: Vec<String> = tree.iter().filter(is_vague).cloned().collect();
    none("a name that refuses nothing collects everything", &found);
    let mods = tree.iter().filter(|path| path.ends_with("/mod.rs")).cloned();
    none("`foo.rs` beside `foo/`, never `mod.rs`", &Vec::from_iter(mods));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |source: &&Source| !source.is_test() && !source.text.starts_with("//! ");
    let found = SOURCES.iter().filter(silent).map(|source| source.path.clone());
    none("the first line of a file is its `//!`", &Vec::from_iter(found));
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for source in SOURCES.iter() {
        for unfinished in ["todo!(", "unimplemented!("] {
            let uses = source.code.match_indices(unfinished);
            found.extend(uses.map(|(at, _)| format!("{}:{}", source.path, source.line(at))));
        }
        let marks = source.text.match_indices(concat!("FIX", "ME"));
        found.extend(marks.map(|(at, _)| format!("{}:{}", source.path, source.line(at))));
    }
    none("unfinished code", &found);
}

/// Where shipped code outside `homes` holds one of the needles as a word's beginning.
fn strays(needles: &[&str], homes: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in SOURCES.iter().filter(|source| !is_one_of(&source.path, homes)) {
        for needle in needles {
            for at in source.shipped_uses(needle) {
                if !source.code[..at].chars().next_back().is_some_and(is_word) {
                    found.push(format!("{}:{}: {needle}", source.path, source.line(at)));
                }
            }
        }
    }
    found
}

#[test]
fn databases_are_reached_in_the_stores_only() {
    let homes = [
        "node/src/sqlite.rs",
        "node/src/audit/*",
        "node/src/asynchronous/store.rs",
        "node/src/outbox/store.rs",
        "node/src/outbox/store/*",
        "node/src/xua/replay.rs",
        "registry/src/store/*",
        "repository/src/index.rs",
        "repository/src/index/*",
        "repository/src/completeness/store.rs",
        "repository/src/quality/store.rs",
        "repository/src/front_door/*",
        "gateway/src/store.rs",
        "gateway/src/store/*",
    ];
    none("rusqlite outside the stores", &strays(&["rusqlite::", "use rusqlite"], &homes));
}

#[test]
fn openssl_is_used_for_key_files_only() {
    let homes = ["hub/src/pki/*", "tests/src/saml.rs", "tests/src/saml/*"];
    none("openssl outside hub/src/pki", &strays(&["openssl::", "use openssl"], &homes));
}

#[test]
fn the_wall_clock_is_read_where_it_must_be() {
    let homes: Vec<&str> = READS_THE_CLOCK.iter().map(|(path, _)| *path).collect();
    none("take the time from node's Clock, or say why not", &strays(&WALL_CLOCKS, &homes));
    let reads = |path: &str| {
        let mut named = SOURCES.iter().filter(|source| source.path == path);
        named.any(|source| WALL_CLOCKS.iter().any(|c| source.shipped_uses(c).next().is_some()))
    };
    let idle = homes.iter().filter(|path| !reads(path)).map(|path| (*path).to_owned());
    none("no longer reads the clock: take it off the list", &Vec::from_iter(idle));
}

/// Where shipped literals outside `homes` are as `wanted`.
fn stray_literals(homes: &[&str], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for source in SOURCES.iter().filter(|source| !is_one_of(&source.path, homes)) {
        let stray = source.shipped_literals().filter(|literal| wanted(&literal.text));
        found.extend(stray.map(|s| format!("{}:{}: {}", source.path, source.line(s.at), s.text)));
    }
    found
}

#[test]
fn query_parameters_are_spelled_in_one_file() {
    let found =
        stray_literals(&["schemas/src/query/parameter.rs"], |text| text.starts_with("$XDS"));
    none("names of stored query parameters", &found);
}

#[test]
fn scheme_uuids_are_spelled_in_two_files() {
    let homes = ["schemas/src/metadata/ids.rs", "schemas/src/query.rs"];
    none("UUIDs of schemes and queries", &stray_literals(&homes, holds_a_uuid_urn));
}

/// `urn:uuid:` followed by 36 characters of a UUID.
fn holds_a_uuid_urn(text: &str) -> bool {
    text.split("urn:uuid:").skip(1).any(|rest| {
        rest.len() >= 36 && rest.bytes().take(36).all(|b| b.is_ascii_hexdigit() || b == b'-')
    })
}

#[test]
fn files_stay_short() {
    let long = SOURCES.iter().map(|source| (source.path.as_str(), source.text.lines().count()));
    let long: Vec<_> = long.filter(|(_, lines)| *lines > FILE_LINES).collect();
    let new = long.iter().filter(|(path, lines)| {
        !LONG_FILES.iter().any(|(known, most)| known == path && lines <= most)
    });
    none("files over the limit", &Vec::from_iter(new.map(|(path, n)| format!("{path}: {n}"))));
    let known = LONG_FILES.iter().map(|(path, _)| *path);
    let shorter = known.filter(|path| !long.iter().any(|(long, _)| long == path));
    none("no longer long: take it off the list", &Vec::from_iter(shorter.map(str::to_owned)));
}

#[test]
fn functions_stay_short() {
    let mut new = Vec::new();
    let mut long = Vec::new();
    for source in SOURCES.iter() {
        for function in source.functions().into_iter().filter(|f| f.lines > FUNCTION_LINES) {
            let known = LONG_FUNCTIONS.iter().any(|(path, name, most)| {
                *path == source.path && *name == function.name && function.lines <= *most
            });
            let (line, lines) = (function.line, function.lines);
            if !known {
                new.push(format!("{}:{line}: {} has {lines} lines", source.path, function.name));
            }
            long.push((source.path.as_str(), function.name));
        }
    }
    none("functions over the limit", &new);
    let known = LONG_FUNCTIONS.iter().map(|(path, name, _)| (*path, (*name).to_owned()));
    let shorter = known.filter(|known| !long.contains(known));
    let shorter = shorter.map(|(path, name)| format!("{path}: {name}"));
    none("no longer long: take it off the list", &Vec::from_iter(shorter));
}

/// The numbers of `$n` in the order of their first appearance.
fn placeholders(sql: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for rest in sql.split('$').skip(1) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let number = digits.parse().ok().filter(|number| !found.contains(number));
        found.extend(number);
    }
    found
}

/// SQLite numbers `$n` by first appearance and PostgreSQL by n: both agree only on 1, 2, 3 ...
/// A text with holes for format! may have its gaps filled from elsewhere.
fn agrees_on_placeholders(sql: &str) -> bool {
    let numbers = placeholders(sql);
    let gaps = sql.contains('{');
    numbers.is_sorted() && (gaps || numbers.iter().enumerate().all(|(n, number)| *number == n + 1))
}

#[test]
fn placeholders_appear_in_ascending_order() {
    let verbs = ["INSERT", "SELECT", "UPDATE", "DELETE"];
    let is_sql = |text: &str| text.contains("$1") && verbs.iter().any(|verb| text.contains(verb));
    let wrong = |text: &str| text.split(';').any(|sql| !agrees_on_placeholders(sql));
    let mut found = Vec::new();
    for source in SOURCES.iter().filter(|source| !source.is_test()) {
        let literals = source.literals.iter().filter(|l| is_sql(&l.text) && wrong(&l.text));
        found.extend(literals.map(|l| format!("{}:{}", source.path, source.line(l.at))));
    }
    let scripts = files().into_iter().filter(|path| path.ends_with(".sql"));
    found.extend(scripts.filter(|path| wrong(&text_of(path))));
    none("placeholders that SQLite would number differently", &found);
    assert!(agrees_on_placeholders("SELECT $1, $2, $1"));
    assert!(!agrees_on_placeholders("SELECT $2, $1"));
    assert!(!agrees_on_placeholders("SELECT $1, $3"));
}

/// The invariants of a text: each from its `**Invariant**` to the next one or an empty line.
fn invariants(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim();
        let starts = line.strip_prefix("- ").unwrap_or(line).starts_with("**Invariant");
        open = starts || (open && !line.is_empty());
        match found.last_mut() {
            _ if starts => found.push(line.to_owned()),
            Some(last) if open => *last = format!("{last} {line}"),
            _ => {}
        }
    }
    found
}

/// The spans in backticks after "held by".
fn holders(invariant: &str) -> Vec<&str> {
    let after = invariant.split_once("held by").map_or("", |(_, after)| after);
    after.split('`').skip(1).step_by(2).collect()
}

fn is_function(name: &str) -> bool {
    let name = name.trim_end_matches("()");
    let start = format!("fn {}", name.rsplit("::").next().unwrap_or(name));
    let ends = |rest: &str| !rest.chars().next().is_some_and(is_word);
    SOURCES.iter().any(|source| source.code.split(&start).skip(1).any(ends))
}

#[test]
fn every_invariant_names_the_test_that_holds_it() {
    let text = text_of("ARCHITECTURE.md");
    let invariants = invariants(&text);
    assert!(invariants.len() >= 8, "ARCHITECTURE.md names {} invariants", invariants.len());
    let mut found = Vec::new();
    for invariant in &invariants {
        let (paths, names): (Vec<&str>, Vec<&str>) =
            holders(invariant).into_iter().partition(|span| span.contains(['/', '.']));
        if names.is_empty() {
            found.push(format!("names no test after \"held by\": {invariant}"));
        }
        let gone = names.into_iter().filter(|name| !is_function(name));
        found.extend(gone.map(|name| format!("no function {name}: {invariant}")));
        let gone = paths.into_iter().filter(|path| !root().join(path).exists());
        found.extend(gone.map(|path| format!("no file {path}: {invariant}")));
    }
    none("an invariant without a test is a wish", &found);
}
