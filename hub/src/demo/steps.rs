//! What is shown, in the order of the journey.

use super::generate::{Document, Generator, Route};
use crate::cli::{audit_line, audit_records, print_found, runtime};
use crate::client::find::{Found, Search, find};
use crate::client::get::get;
use crate::client::publish::Publisher;
use crate::client::{Connection, Target};
use indicatif::{ProgressBar, ProgressStyle};
use schemas::code_set::CodeSets;
use schemas::nhs_number::NhsNumber;
use schemas::ods_code::OdsCode;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

struct Steps<'a> {
    data: &'a Path,
    code_sets: CodeSets,
    patient: NhsNumber,
    missed: Vec<String>,
}

/// Runs every step; returns those that did not come out as expected.
pub(super) fn all(data: &Path, documents: usize, seed: u64) -> Result<Vec<String>, String> {
    let generator = Generator::new(seed)?;
    // The patient of the sample messages, who is on the list of practice ZZP01.
    let patient = NhsNumber::parse("9000000009").map_err(|error| error.to_string())?;
    let steps =
        Steps { data, code_sets: crate::fixtures::code_sets()?, patient, missed: Vec::new() };
    runtime()?.block_on(steps.run(generator, documents))
}

fn target(data: &Path, ods: &str) -> Result<Target, String> {
    let ods = OdsCode::parse(ods).map_err(|error| error.to_string())?;
    Ok(Target::in_folder(data, ods))
}

impl Steps<'_> {
    async fn run(mut self, generator: Generator, count: usize) -> Result<Vec<String>, String> {
        self.publish(generator, count).await?;
        let crew =
            self.show("RX7", "The ambulance crew at the roadside (RX7, urgent care) sees").await?;
        let groups = ["discharge", "ambulance", "care-plan", "end-of-life"];
        let within = crew.entries.iter().all(|entry| {
            let name = entry.document_type.as_deref().and_then(|name| self.code_sets.by_name(name));
            entry.publisher_ods == "RX7" || name.is_some_and(|t| groups.contains(&t.group.as_str()))
        });
        let what = "the crew sees discharges, ambulance reports, care and end-of-life plans, its own documents, and nothing else";
        self.expect(!crew.entries.is_empty() && within, what);
        self.fetch(&crew).await?;
        let practice =
            self.show("ZZP01", "The patient's practice (ZZP01, direct care) sees").await?;
        self.expect(
            practice.entries.len() > crew.entries.len(),
            "the practice sees more than the crew",
        );
        let other = self
            .show("ZZP02", "Another practice (ZZP02: the patient is not on its list) sees")
            .await?;
        self.expect(
            other.entries.is_empty() && !other.is_refused(),
            "another practice sees an empty list, not a refusal",
        );
        let unsigned = self
            .show("ZZP06", "A practice that is connected but has not signed (ZZP06) sees")
            .await?;
        self.expect(
            unsigned.is_refused() && unsigned.entries.is_empty(),
            "the unsigned practice is refused aloud",
        );
        let council =
            self.show("325", "A council without an agreement in force (325) sees").await?;
        self.expect(
            council.is_refused() && council.entries.is_empty(),
            "an organisation with no agreement is refused aloud",
        );
        self.audit()?;
        Ok(self.missed)
    }

    fn expect(&mut self, came_out: bool, what: &str) {
        say!("  [{}] {what}", if came_out { "as expected" } else { "NOT AS EXPECTED" });
        if !came_out {
            self.missed.push(what.to_owned());
        }
    }

    /// Publishes generated documents, by ITI-41 and by ITK, over the network.
    async fn publish(&mut self, mut generator: Generator, count: usize) -> Result<(), String> {
        say!("\nPublishing {count} synthetic documents, by ITI-41 (MTOM) and by ITK");
        let mut publishers: HashMap<OdsCode, Arc<Publisher>> = HashMap::new();
        let mut waiting = tokio::task::JoinSet::new();
        let style = ProgressStyle::with_template("  {wide_bar} {pos}/{len}");
        let bar = ProgressBar::new(count as u64);
        let bar = style.map_or(bar.clone(), |style| bar.with_style(style));
        let (mut published, mut refused) = (0, Vec::new());
        for n in 0..count {
            let document = generator.document(n);
            let ods = document.publisher.clone();
            if !publishers.contains_key(&ods) {
                let publisher = Publisher::new(&target(self.data, ods.as_str())?)?;
                publishers.insert(ods.clone(), Arc::new(publisher));
            }
            let publisher = publishers.get(&ods).cloned().ok_or("no publisher")?;
            if waiting.len() >= 16 {
                settle(waiting.join_next().await, &mut published, &mut refused, &bar);
            }
            waiting.spawn(async move { send(&publisher, document).await });
        }
        while let Some(done) = waiting.join_next().await {
            settle(Some(done), &mut published, &mut refused, &bar);
        }
        bar.finish_and_clear();
        refused.iter().take(5).for_each(|error| say!("  {error}"));
        say!("  {published} published, {} refused", refused.len());
        self.expect(published == count, "every document was acknowledged");
        Ok(())
    }

    async fn find(&self, ods: &str) -> Result<(Connection, Found), String> {
        let connection = target(self.data, ods)?.connect("gateway")?;
        let search = Search { patient: self.patient, document_type: None, since: None };
        let found = find(&connection, &self.code_sets, &search).await?;
        Ok((connection, found))
    }

    async fn show(&self, ods: &str, heading: &str) -> Result<Found, String> {
        let (_, found) = self.find(ods).await?;
        say!("\n{heading} {} document(s) of the sample patient", found.entries.len());
        let shown = Found {
            entries: found.entries.iter().take(5).cloned().collect(),
            errors: found.errors.clone(),
        };
        print_found(&shown);
        if found.entries.len() > shown.entries.len() {
            say!("    ... and {} more", found.entries.len() - shown.entries.len());
        }
        Ok(found)
    }

    async fn fetch(&mut self, crew: &Found) -> Result<(), String> {
        let Some(first) = crew.entries.first() else { return Ok(()) };
        say!("\nThe crew opens the newest");
        let connection = target(self.data, "RX7")?.connect("gateway")?;
        match get(&connection, &first.unique_id).await {
            Ok(fetched) => {
                say!("  {} bytes, {}, SHA-1 {}", fetched.size, fetched.mime_type, fetched.hash);
                self.expect(
                    fetched.hash.as_str() == first.hash,
                    "its hash is the one in the metadata",
                );
            }
            Err(error) => self.expect(false, &format!("the crew gets the document ({error})")),
        }
        Ok(())
    }

    fn audit(&mut self) -> Result<(), String> {
        say!("\nThe audit of it (the newest records)");
        let records = audit_records(self.data, None, 14)?;
        records.iter().for_each(|record| say!("  {}", audit_line(record)));
        let gateway = audit_records(self.data, Some(crate::serve::Role::Gateway), 100)?;
        let of = |ods: &str| {
            gateway.iter().filter(|r| r.event.acting_for.as_deref() == Some(ods)).count()
        };
        let all = ["RX7", "ZZP01", "ZZP02", "ZZP06", "325"].iter().all(|ods| of(ods) > 0);
        self.expect(all, "every question is on record, the refused ones too");
        let whole = crate::serve::Role::ALL.iter().all(|role| {
            let verified = node::audit::verify(&self.data.join(role.name()));
            verified.is_ok_and(|verified| verified.is_whole())
        });
        self.expect(whole, "the audit chains are whole");
        Ok(())
    }
}

async fn send(publisher: &Publisher, document: Document) -> Result<(), Vec<String>> {
    match document.route {
        Route::Itk => publisher.send_itk(document.bytes.as_bytes()).await,
        Route::Iti41 => {
            let published = publisher.publish("document", document.bytes.into_bytes(), None).await;
            if published.status == "published" { Ok(()) } else { Err(published.errors) }
        }
    }
}

type Sent = Result<Result<(), Vec<String>>, tokio::task::JoinError>;

fn settle(done: Option<Sent>, published: &mut usize, refused: &mut Vec<String>, bar: &ProgressBar) {
    match done {
        Some(Ok(Ok(()))) => *published += 1,
        Some(Ok(Err(errors))) => refused.push(errors.join("; ")),
        Some(Err(error)) => refused.push(error.to_string()),
        None => {}
    }
    bar.inc(1);
}
