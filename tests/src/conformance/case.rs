//! A case as it lies in a file: what is asserted, where it comes from, and its steps.
//!
//! `{placeholders}` stand in any text; see [`super::scope`]. A step names only what differs from a
//! right message: everything else is filled in.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The folder of the steps that several cases begin with.
const GIVEN: &str = "given";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The file's name without `.toml`.
    pub id: String,
    /// What is asserted, as a sentence.
    pub title: String,
    /// The standard's volume and section, or the number of a NIST test.
    pub source: String,
    /// Options that the registry must have: `mu`, `rmu`, `rmd`, `ondemand`, `feed`, `async`, ...
    #[serde(default)]
    pub needs: Vec<String>,
    /// Files of `given/` whose steps come first.
    #[serde(default)]
    pub given: Vec<String>,
    /// Its messages break the schemas on purpose.
    #[serde(default)]
    pub invalid: bool,
    #[serde(rename = "step")]
    pub steps: Vec<Table>,
    /// The folder it lies in.
    #[serde(skip)]
    pub area: String,
    #[serde(skip)]
    pub path: PathBuf,
}

/// One exchange, or a pause. Attributes of objects are free-form here; `metadata` knows their names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Step {
    /// What this step is for, when that is not plain.
    pub say: String,
    /// A transaction by number: `ITI-42`. Implied by `query`, `retrieve`, `remove`, `feed`.
    pub send: String,
    /// A stored query by name.
    pub query: String,
    pub retrieve: Vec<Wanted>,
    /// Ids for ITI-62; names of known objects stand for their entryUUID.
    pub remove: Option<Vec<String>>,
    pub remove_documents: Vec<Wanted>,
    pub feed: Option<Feed>,
    /// Seconds to wait before this step, for times that have whole seconds.
    pub wait: f64,
    /// This message breaks the schemas on purpose.
    pub invalid: bool,

    /// DocumentEntries by name, each with what differs from the default.
    pub doc: Table,
    pub fol: Table,
    pub set: Table,
    /// SubmissionSets beside the one.
    pub more_sets: Table,
    pub no_set: bool,
    pub assoc: Vec<Association>,
    /// The patient of everything in this step; `patient1`.
    pub patient: String,
    /// `xds:Document` elements without an entry: id and content.
    pub more_documents: BTreeMap<String, String>,

    /// `LeafClass` or whatever is to be sent.
    pub returns: String,
    /// Slot name to Value; a list is several Values, a list of lists several Slots, false is none.
    pub params: Table,
    pub query_id: String,
    pub home: String,

    pub envelope: Envelope,
    pub http: Http,
    /// Texts of the finished envelope and what stands there instead, first occurrence.
    pub replace: Vec<(String, String)>,
    /// Ask for the answer on a connection of its own.
    pub asynchronous: bool,
    pub expect: Table,
}

/// A document to retrieve or to remove: a name, or its parts.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    Name(String),
    Parts(WantedParts),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct WantedParts {
    pub doc: String,
    pub repository: String,
    pub unique_id: String,
    pub home: String,
}

/// An association; `from` and `to` are names or ids. A HasMember of a folder gets the submission
/// set's HasMember unless `member = false`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Association {
    #[serde(default)]
    pub id: String,
    /// The submission set when absent.
    #[serde(default)]
    pub from: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub to: String,
    #[serde(default)]
    pub slots: BTreeMap<String, String>,
    #[serde(default)]
    pub documentation: String,
    #[serde(default)]
    pub lid: String,
    #[serde(default = "yes")]
    pub member: bool,
}

fn yes() -> bool {
    true
}

/// ITI-44.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// `add`, `revise` or `merge`.
    pub message: String,
    pub patient: String,
    /// The patient that a merge makes part of the other.
    #[serde(default)]
    pub subsumed: String,
    /// Further ids of the patient, `extension^^^&root&ISO`.
    #[serde(default)]
    pub more_ids: Vec<String>,
}

/// What differs from a right envelope.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Envelope {
    pub action: Option<String>,
    pub no_action: bool,
    pub message_id: Option<String>,
    pub no_message_id: bool,
    pub reply_to: Option<String>,
    pub no_reply_to: bool,
    /// XML of further header blocks.
    pub headers: String,
    /// XML instead of the body's content.
    pub body: Option<String>,
    /// XML beside the body's content.
    pub more_body: String,
    /// The whole text of the message, without an envelope.
    pub text: Option<String>,
}

/// What differs from a right HTTP request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Http {
    /// `mtom` or `simple`, instead of the transaction's own.
    pub packaging: String,
    pub content_type: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub chunked: bool,
    /// Texts of the finished package, as in `Step::replace`; only outside of documents.
    pub replace: Vec<(String, String)>,
    /// Bytes before the first boundary and after the last.
    pub preamble: String,
    pub epilogue: String,
    /// Content-Transfer-Encoding of documents: `binary` or `base64`.
    pub encoding: String,
    /// `registry` or `repository`, instead of the transaction's own.
    pub to: String,
}

/// One value or several of which any will do.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOf {
    One(String),
    Any(Vec<String>),
}

impl OneOf {
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Any(any) => any,
        }
    }

    pub fn accepts(&self, found: &str) -> bool {
        self.all().iter().any(|value| value == found)
    }
}

/// What must be true of the answer. Without a word on status, fault or HTTP, it is Success.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Expect {
    pub status: Option<OneOf>,
    /// One error has one of these codes.
    pub error: Option<OneOf>,
    /// Each of these is the code of some error.
    pub errors: Vec<String>,
    /// Success comes with a warning of one of these codes.
    pub warning: Option<OneOf>,
    /// Every one of these stands in some codeContext.
    pub context: Vec<String>,
    /// Every one of these stands in some location.
    pub location: Vec<String>,
    /// A SOAP fault: `Sender`, `Sender/ActionNotSupported`, or `any`.
    pub fault: Option<OneOf>,
    /// The HTTP status is one of these.
    pub http: Vec<u16>,
    /// Exactly these DocumentEntries, SubmissionSets, Folders, by name.
    pub docs: Option<Vec<String>>,
    pub sets: Option<Vec<String>>,
    pub folders: Option<Vec<String>>,
    /// Exactly these associations, `set1>HasMember>doc1`.
    pub assocs: Option<Vec<String>>,
    /// Exactly these ObjectRefs, by name or association.
    pub refs: Option<Vec<String>>,
    /// Among others, and not at all: names or associations.
    pub has: Vec<String>,
    pub lacks: Vec<String>,
    /// How many objects of a kind: `ExtrinsicObject`, `RegistryPackage`, `Association`, `ObjectRef`.
    pub count: BTreeMap<String, usize>,
    /// Attributes by object name: a value, a list, `false` for absent, `*` for any, `!x` for
    /// another than x, `>x` for later than x.
    pub object: BTreeMap<String, BTreeMap<String, Value>>,
    /// Exactly these documents, each byte for byte as it was provided.
    pub documents: Option<Vec<String>>,
    /// Attributes to remember: name to `object.attribute`.
    pub capture: BTreeMap<String, String>,
    /// The acknowledgement's code in ITI-44.
    pub ack: Option<OneOf>,
    /// How the answer is packed: `mtom` or `simple`.
    pub packaging: Option<String>,
    /// Texts in the answer's envelope.
    pub text: Vec<String>,
}

impl Step {
    pub fn read(table: &Table) -> Result<Self, String> {
        Value::Table(table.clone()).try_into().map_err(|error: toml::de::Error| error.to_string())
    }

    /// The transaction that this step speaks; empty for a mere wait.
    pub fn transaction(&self) -> &str {
        match self {
            step if !step.send.is_empty() => &step.send,
            step if !step.query.is_empty() || !step.query_id.is_empty() => "ITI-18",
            step if !step.retrieve.is_empty() => "ITI-43",
            step if step.remove.is_some() => "ITI-62",
            step if !step.remove_documents.is_empty() => "ITI-86",
            step if step.feed.is_some() => "ITI-44",
            _ => "",
        }
    }
}

/// Every case of a folder, by area and id. A file that cannot be read is an error that names it.
pub fn load(folder: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for area in entries(folder)? {
        let name = area.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !area.is_dir() || name == GIVEN {
            continue;
        }
        for path in entries(&area)? {
            if path.extension().is_some_and(|extension| extension == "toml") {
                cases.push(read(folder, &path, &name)?);
            }
        }
    }
    Ok(cases)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let read = std::fs::read_dir(folder);
    let read = read.map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn read(folder: &Path, path: &Path, area: &str) -> Result<Case, String> {
    let named = |error: String| format!("{}: {error}", path.display());
    let mut case: Case = toml::from_str(&text(path)?).map_err(|error| named(error.to_string()))?;
    if path.file_stem().is_none_or(|stem| stem.to_string_lossy() != case.id) {
        return Err(named(format!("its id is {:?}, not the file's name", case.id)));
    }
    let mut steps = Vec::new();
    for given in &case.given {
        let file = folder.join(GIVEN).join(format!("{given}.toml"));
        let table: Table = toml::from_str(&text(&file)?)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let given = table.get("step").and_then(Value::as_array).cloned().unwrap_or_default();
        steps.extend(given.into_iter().filter_map(|step| step.as_table().cloned()));
    }
    steps.append(&mut case.steps);
    for (n, step) in steps.iter().enumerate() {
        let step = Step::read(step).map_err(|error| named(format!("step {}: {error}", n + 1)))?;
        super::metadata::check_names(&step).map_err(|e| named(format!("step {}: {e}", n + 1)))?;
        let expect: Result<Expect, _> = Value::Table(step.expect).try_into();
        expect.map_err(|error| named(format!("step {}, expect: {error}", n + 1)))?;
    }
    case.steps = steps;
    area.clone_into(&mut case.area);
    path.clone_into(&mut case.path);
    Ok(case)
}
