//! What grows with a patient's documents, and what does not: the same steps on a patient with few
//! documents and on one with very many, on the wire.

use crate::message::batch::{Kind, Numbered, association};
use hub::client::{Connection, Target};
use schemas::dtm::Dtm;
use schemas::entry_uuid::EntryUuid;
use schemas::hl7::PatientId;
use schemas::metadata::AvailabilityStatus;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use schemas::query::{
    CodeFilter, EntryFilter, FindDocuments, GetAll, GetContents, QueryKind, ReturnType, Selector,
    StoredQuery, TimeRange,
};
use schemas::transaction::Transaction;
use schemas::unique_id::UniqueId;
use std::path::Path;
use std::time::Instant;

/// Documents of one SubmissionSet: four objects each, within the limit on a submission's objects.
const AT_ONCE: u64 = 480;

/// A practice sees both.
const FEW: Numbered = Numbered { nhs_number: "9990000026" };
const MANY: Numbered = Numbered { nhs_number: "9000000009" };

/// One step: what, how many objects its answer has (none where it is refused: too many), milliseconds
/// with few documents and with many.
pub type Row = (&'static str, Option<usize>, f64, f64);

/// The registry as the hub's own services reach it, and the gateway as a practice does.
pub struct Doors {
    registry: Connection,
    /// As the publisher, who may remove metadata.
    publisher: Connection,
    gateway: Connection,
}

impl Doors {
    pub fn of(data: &Path) -> Result<Self, String> {
        let ods = |code: &str| OdsCode::parse(code).map_err(|error| error.to_string());
        let pki = data.join("pki");
        let service = Target {
            cert: Some(pki.join("watling-repository.pem")),
            key: Some(pki.join("watling-repository.key")),
            cacert: Some(pki.join("ca.pem")),
            ..Target::in_folder(data, ods("RXN")?)
        };
        Ok(Self {
            registry: service.connect("registry")?,
            publisher: Target::in_folder(data, ods("RXN")?).connect("registry")?,
            gateway: Target::in_folder(data, ods("ZZP01")?).connect("gateway")?,
        })
    }

    /// Registers; anything but Success is an error.
    pub async fn register(&self, body: &str) -> Result<Option<usize>, String> {
        success(&self.registry, Transaction::Iti42, body).await
    }
}

/// Anything but Success is an error.
async fn success(
    door: &Connection,
    transaction: Transaction,
    body: &str,
) -> Result<Option<usize>, String> {
    let answer = door.simple(transaction, body).await?.envelope;
    let text = String::from_utf8_lossy(&answer);
    if text.contains("ResponseStatusType:Success") { Ok(Some(0)) } else { Err(text.into_owned()) }
}

/// How many objects an answer holds; any other failure than too many is an error.
fn objects(answer: &[u8]) -> Result<Option<usize>, String> {
    let text = String::from_utf8_lossy(answer);
    if text.contains("\"XDSTooManyResults\"") {
        return Ok(None);
    }
    if !text.contains("ResponseStatusType:Success") {
        return Err(text.chars().take(2_000).collect());
    }
    let starts =
        ["<rim:ObjectRef ", "<rim:ExtrinsicObject ", "<rim:RegistryPackage ", "<rim:Association "];
    Ok(Some(starts.iter().map(|start| text.matches(start).count()).sum()))
}

/// Registers a patient's documents, all in one Folder.
async fn fill(doors: &Doors, patient: Numbered, documents: u64) -> Result<(), String> {
    for set in 0..documents.div_ceil(AT_ONCE) {
        let first = set * AT_ONCE;
        let range = first..documents.min(first + AT_ONCE);
        doors.register(&patient.batch(set, range)).await?;
        eprint!(".");
    }
    Ok(())
}

/// The steps of both patients, side by side.
pub async fn measure(data: &Path, few: u64, many: u64, rounds: usize) -> Result<Vec<Row>, String> {
    let doors = Doors::of(data)?;
    let began = Instant::now();
    fill(&doors, FEW, few).await?;
    fill(&doors, MANY, many).await?;
    eprintln!(" {} documents registered in {:.0} s", few + many, began.elapsed().as_secs_f64());
    let mut steps = steps(&doors, MANY, many, rounds).await?;
    for (row, few) in steps.iter_mut().zip(self::steps(&doors, FEW, few, rounds).await?) {
        row.2 = few.3;
    }
    Ok(steps)
}

/// The median of some rounds.
async fn timed<F: Future<Output = Result<Option<usize>, String>>>(
    what: &'static str,
    rounds: usize,
    mut step: impl FnMut(u64) -> F,
) -> Result<Row, String> {
    let mut took = Vec::new();
    let mut found = None;
    for round in 0..rounds as u64 {
        let began = Instant::now();
        found = step(round).await.map_err(|error| format!("{what}: {error}"))?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    took.sort_by(f64::total_cmp);
    Ok((what, found, 0.0, took.get(rounds / 2).copied().unwrap_or_default()))
}

async fn steps(
    doors: &Doors,
    patient: Numbered,
    documents: u64,
    rounds: usize,
) -> Result<Vec<Row>, String> {
    let mut rows = changes(doors, patient, documents, rounds).await?;
    for (what, return_type, kind) in queries(patient, documents)? {
        let body = StoredQuery { return_type, ..StoredQuery::leaf_class(kind) }.write();
        let ask = |connection| {
            let body = &body;
            let ask = async move |connection: &Connection| {
                objects(&connection.simple(Transaction::Iti18, body).await?.envelope)
            };
            async move { ask(connection).await }
        };
        rows.push(timed(what, rounds, |_| ask(&doors.registry)).await?);
        if what == REFERENCES {
            rows.push(timed("the same at the gateway", rounds, |_| ask(&doors.gateway)).await?);
        }
    }
    Ok(rows)
}

/// Submissions and a removal, about a patient who has documents already.
async fn changes(
    doors: &Doors,
    patient: Numbered,
    documents: u64,
    rounds: usize,
) -> Result<Vec<Row>, String> {
    // Numbers that no document has: new ones follow.
    let new = |step: u64, round: u64| documents + 1_000 * step + round;
    let set = |step: u64, round: u64| 1_000_000 + 1_000 * step + round;
    let one = async |step: u64, round: u64| {
        let body = patient.submission(set(step, round), &patient.brought(new(step, round)));
        doors.register(&body).await
    };
    let mut rows = vec![timed("ITI-42, one document", rounds, |round| one(1, round)).await?];
    let replace = async |round: u64| {
        let (n, old) = (new(2, round), patient.id(Kind::Entry, round));
        let replaces = association("rplc", "RPLC", &patient.id(Kind::Entry, n), &old, "");
        doors.register(&patient.submission(set(2, round), &(patient.brought(n) + &replaces))).await
    };
    rows.push(timed("ITI-42, a replacement of a document in the Folder", rounds, replace).await?);
    let file = async |round: u64| {
        doors.register(&patient.submission(set(3, round), &patient.filed(new(1, round)))).await
    };
    rows.push(timed("ITI-42, into the Folder that holds all", rounds, file).await?);
    let both = async |round: u64| {
        let n = new(4, round);
        let objects = patient.brought(n) + &patient.filed(n) + &patient.brought(n + 500);
        let body = patient.submission(set(4, round), &objects);
        doors.register(&body).await
    };
    rows.push(timed("ITI-42, two documents, one into that Folder", rounds, both).await?);
    let remove = async |round: u64| {
        let body = patient.removal(new(4, round));
        success(&doors.publisher, Transaction::Iti62, &body).await
    };
    rows.push(timed("ITI-62, that one", rounds, remove).await?);
    Ok(rows)
}

const REFERENCES: &str = "FindDocuments, all by reference";

type Asked = (&'static str, ReturnType, QueryKind);

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn queries(patient: Numbered, documents: u64) -> Result<Vec<Asked>, String> {
    let number = NhsNumber::parse(patient.nhs_number).map_err(said)?;
    let patient_id = PatientId::Nhs(number);
    let mut queries = finds(&patient_id, documents);
    queries.extend(gets(patient, patient_id, documents)?);
    Ok(queries)
}

fn finds(patient_id: &PatientId, documents: u64) -> Vec<Asked> {
    let find = || FindDocuments::approved(patient_id.clone());
    let code = |code: &str| {
        vec![CodeFilter { code: code.to_owned(), scheme: "2.16.840.1.113883.6.96".to_owned() }]
    };
    let time = |text: &str| Dtm::parse(text).ok();
    let month = TimeRange { from: time("20180301"), to: time("20180401") };
    let event_code_list = vec![code("792871000000101")];
    let author_person = vec!["9%^Smith7^%".to_owned()];
    let reference_id_list = vec![vec![format!("REF{}^%", documents / 2)]];
    let by = |what, find: FindDocuments| {
        (what, ReturnType::LeafClass, QueryKind::FindDocuments(Box::new(find)))
    };
    vec![
        (REFERENCES, ReturnType::ObjectRef, QueryKind::FindDocuments(Box::new(find()))),
        by("FindDocuments by typeCode", FindDocuments { type_code: code("373942005"), ..find() }),
        by("FindDocuments by classCode", FindDocuments { class_code: code("422735006"), ..find() }),
        by("FindDocuments by creationTime", FindDocuments { creation_time: month, ..find() }),
        by("FindDocuments by eventCodeList", FindDocuments { event_code_list, ..find() }),
        by("FindDocuments by authorPerson, LIKE", FindDocuments { author_person, ..find() }),
        by("FindDocumentsByReferenceId, LIKE", FindDocuments { reference_id_list, ..find() }),
    ]
}

fn gets(patient: Numbered, patient_id: PatientId, documents: u64) -> Result<Vec<Asked>, String> {
    let n = documents / 2;
    let folder = EntryUuid::parse(&patient.id(Kind::Folder, 0)).map_err(said)?;
    let entry = EntryUuid::parse(&patient.id(Kind::Entry, n)).map_err(said)?;
    let unique_ids = vec![UniqueId::parse(&patient.unique_id(n)).map_err(said)?];
    let both = vec![AvailabilityStatus::Approved, AvailabilityStatus::Deprecated];
    let all = GetAll {
        patient_id,
        entry_status: both.clone(),
        submission_set_status: both.clone(),
        folder_status: both,
        entries: EntryFilter::default(),
    };
    let package = Selector::EntryUuid(vec![folder]);
    let contents = GetContents { package, entries: EntryFilter::default() };
    let folders = QueryKind::GetFoldersForDocument(Selector::EntryUuid(vec![entry]));
    let (leaf, reference) = (ReturnType::LeafClass, ReturnType::ObjectRef);
    Ok(vec![
        ("GetDocuments by uniqueId", leaf, QueryKind::GetDocuments(Selector::UniqueId(unique_ids))),
        ("GetFoldersForDocument", leaf, folders),
        ("GetSubmissionSets of a document", leaf, QueryKind::GetSubmissionSets(vec![entry])),
        ("GetAll, all by reference", reference, QueryKind::GetAll(Box::new(all))),
        (
            "GetFolderAndContents, all by reference",
            reference,
            QueryKind::GetFolderAndContents(contents),
        ),
    ])
}
