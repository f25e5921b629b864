//! What the workspace is built from: licences that may be shipped, one source, and the crates that
//! must not come back.

use crate::tidy::source::root;
use serde_json::Value;
use std::process::Command;

/// Licences that anyone may ship under, with notices at most. An exception is named with its
/// licence.
const LICENCES: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The packages that are here as folders.
const OWN: [&str; 8] =
    ["schemas", "node", "registry", "repository", "gateway", "hub", "tests", "schemas-fuzz"];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A crate that is not to be used at all, or not below a version, and why.
struct Ban {
    name: &'static str,
    below: Option<[u64; 3]>,
    reason: &'static str,
}

const fn never(name: &'static str, reason: &'static str) -> Ban {
    Ban { name, below: None, reason }
}

const fn below(name: &'static str, version: [u64; 3], reason: &'static str) -> Ban {
    Ban { name, below: Some(version), reason }
}

const BANS: [Ban; 8] = [
    below("h2", [0, 4, 16], "RUSTSEC-2026-0258, without a fix in 0.3"),
    below("quick-xml", [0, 41, 0], "RUSTSEC-2026-0194, quadratic time on attributes"),
    below("tokio-postgres", [0, 7, 18], "RUSTSEC-2026-0178, a panic on a short DataRow"),
    below("openssl", [0, 10, 72], "RUSTSEC-2025-0022, use after free"),
    never("actix-governor", "GPL-3.0-or-later"),
    never("backoff", "unmaintained (RUSTSEC-2025-0012)"),
    never("rsa", "timing side channel (RUSTSEC-2023-0071)"),
    never("serde_yaml", "unmaintained"),
];

fn cargo(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output();
    let output = output.map_err(|error| format!("cargo does not start: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// `cargo metadata` of every platform; of this one only where the others' crates were never
/// downloaded (`cargo fetch --locked` does that).
fn metadata() -> Value {
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1"];
    let found = cargo(&arguments).or_else(|_| {
        let version = cargo(&["-vV"])?;
        let version = String::from_utf8_lossy(&version);
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or("cargo does not say what host it is for")?;
        cargo(&[arguments.as_slice(), &["--filter-platform", host]].concat())
    });
    let found = found.unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    serde_json::from_slice(&found).expect("cargo metadata writes JSON")
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The packages that the resolver chose.
fn resolved(metadata: &Value) -> Vec<&Value> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a resolve graph");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let node = |node: &Value| {
        let id = text(node, "id");
        let package = packages.iter().find(|package| text(package, "id") == id);
        package.unwrap_or_else(|| panic!("no package {id}"))
    };
    nodes.iter().map(node).collect()
}

/// A licence expression (SPDX, or the older `A/B` for a choice), read from its words.
struct Expression<'w> {
    words: &'w [&'w str],
}

impl Expression<'_> {
    /// `None` for what is not an expression.
    fn satisfied(licence: &str) -> Option<bool> {
        let spaced = licence.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut expression = Expression { words: &words };
        let satisfied = expression.any()?;
        expression.words.is_empty().then_some(satisfied)
    }

    fn word(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn next_is(&mut self, word: &str) -> bool {
        let is = self.words.first() == Some(&word);
        if is {
            self.words = &self.words[1..];
        }
        is
    }

    fn any(&mut self) -> Option<bool> {
        let mut satisfied = self.all()?;
        while self.next_is("OR") {
            satisfied |= self.all()?;
        }
        Some(satisfied)
    }

    fn all(&mut self) -> Option<bool> {
        let mut satisfied = self.one()?;
        while self.next_is("AND") {
            satisfied &= self.one()?;
        }
        Some(satisfied)
    }

    fn one(&mut self) -> Option<bool> {
        if self.next_is("(") {
            let satisfied = self.any()?;
            return self.next_is(")").then_some(satisfied);
        }
        let mut name =
            self.word().filter(|word| !["OR", "AND", "WITH", ")"].contains(word))?.to_owned();
        if self.next_is("WITH") {
            name = format!("{name} WITH {}", self.word()?);
        }
        Some(LICENCES.contains(&name.as_str()))
    }
}

#[test]
fn every_licence_may_be_shipped() {
    let metadata = metadata();
    let packages = resolved(&metadata);
    assert!(packages.len() > 100, "only {} packages: is this the workspace?", packages.len());
    let refused = packages
        .iter()
        .filter(|package| Expression::satisfied(text(package, "license")) != Some(true));
    let refused: Vec<String> = refused
        .map(|p| format!("{} {}: {:?}", text(p, "name"), text(p, "version"), text(p, "license")))
        .collect();
    assert!(refused.is_empty(), "licences not on the list:\n  {}", refused.join("\n  "));
}

#[test]
fn licence_expressions_are_understood() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "Apache-2.0 / MIT",
        "GPL-2.0-only OR MIT",
        "(MIT OR GPL-3.0-or-later) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR LGPL-2.1-or-later",
        "ISC AND (Apache-2.0 OR ISC) AND BSD-3-Clause",
    ] {
        assert_eq!(Expression::satisfied(good), Some(true), "{good}");
    }
    for bad in [
        "GPL-3.0-or-later",
        "AGPL-3.0-only",
        "MIT AND LGPL-2.1-or-later",
        "GPL-2.0-only OR AGPL-3.0-only",
        "Apache-2.0 WITH Something-else",
        "(MIT OR Apache-2.0) AND GPL-3.0-only",
    ] {
        assert_eq!(Expression::satisfied(bad), Some(false), "{bad}");
    }
    for broken in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND MIT"] {
        assert_eq!(Expression::satisfied(broken), None, "{broken}");
    }
}

/// The committed lock files: the workspace's, and that of the fuzz targets.
const LOCKS: [&str; 2] = ["Cargo.lock", "schemas/fuzz/Cargo.lock"];

/// Every package of a lock file, of whatever platform.
fn locked(path: &str) -> Vec<toml::Table> {
    let text = std::fs::read_to_string(root().join(path));
    let text = text.unwrap_or_else(|error| panic!("{path} must be committed: {error}"));
    let mut lock: toml::Table = toml::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
    let packages = lock.remove("package").and_then(|packages| packages.try_into().ok());
    packages.unwrap_or_else(|| panic!("{path} lists no packages"))
}

fn field<'p>(package: &'p toml::Table, key: &str) -> &'p str {
    package.get(key).and_then(|value| value.as_str()).unwrap_or_default()
}

/// `1.2.3-rc.1+build` as three numbers.
fn version(text: &str) -> [u64; 3] {
    let release = text.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

#[test]
fn every_crate_comes_from_the_registry_or_the_workspace() {
    let foreign = |package: &&toml::Table| match field(package, "source") {
        "" => !OWN.contains(&field(package, "name")),
        source => source != CRATES_IO || !package.contains_key("checksum"),
    };
    for path in LOCKS {
        let packages = locked(path);
        let found: Vec<&str> = packages.iter().filter(foreign).map(|p| field(p, "name")).collect();
        assert!(found.is_empty(), "{path}: not from crates.io: {found:?}");
    }
    let ignored = std::fs::read_to_string(root().join(".gitignore")).unwrap_or_default();
    assert!(!ignored.contains("Cargo.lock"), "Cargo.lock is committed, not ignored");
}

#[test]
fn banned_crates_stay_out() {
    let mut found = Vec::new();
    for path in LOCKS {
        for package in locked(path) {
            let (name, given) = (field(&package, "name"), field(&package, "version"));
            let broken = |ban: &&Ban| {
                ban.name == name && ban.below.is_none_or(|below| version(given) < below)
            };
            let broken = BANS.iter().filter(broken);
            found.extend(broken.map(|ban| format!("{path}: {name} {given}: {}", ban.reason)));
        }
    }
    assert!(found.is_empty(), "banned crates:\n  {}", found.join("\n  "));
    assert!(version("0.4.9") < version("0.4.16-rc.1"));
}
