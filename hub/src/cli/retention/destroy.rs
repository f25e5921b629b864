//! `watling retention destroy`: metadata first, then bytes, then the certificate. Cut off anywhere, it
//! goes on when it is run again: what went is in the index, with the approval that it went under.

use super::Records;
use super::args::DestroyArgs;
use super::certificate::{self, Certificate};
use crate::cli::Ended;
use registry::destruction::Metadata;
use registry::retention::{Approval, Purpose, Retained, Subject};
use registry::store::retention::{Destroyed, RetentionStore};
use repository::destruction::Shelves;
use repository::index::{DocumentKey, Removal};
use schemas::unique_id::UniqueId;
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn destroy(records: &Records, args: DestroyArgs) -> Result<Ended, String> {
    let approval = approval(records, args.approval).await?;
    let shelves = Shelves::open(&records.data.join("repository"))?;
    let work = Work { records, shelves, approval, by: args.by };
    if args.plan {
        return work.plan().await;
    }
    let kept = work.all().await?;
    let certificate = work.certify(&kept).await?;
    for (document, why) in &kept {
        say!("kept       {document}: the document {why}");
    }
    match certificate {
        Some((count, path)) => say!("destroyed {count} document(s), kept {}: {path}", kept.len()),
        None => say!("destroyed nothing, kept {}", kept.len()),
    }
    Ok(if kept.is_empty() { Ended::Done } else { Ended::Failed })
}

async fn approval(records: &Records, id: i64) -> Result<Approval, String> {
    let known = records.index.approvals().await.map_err(|error| error.to_string())?;
    let found = known.into_iter().find(|approval| approval.id == id);
    let found =
        found.ok_or_else(|| format!("there is no approval {id} (watling retention approvals)"))?;
    if found.purpose != Purpose::Destruction {
        return Err(format!(
            "approval {id} is for removal before the period ends, not for destruction"
        ));
    }
    Ok(found)
}

struct Work<'r> {
    records: &'r Records,
    shelves: Shelves,
    approval: Approval,
    by: String,
}

/// Why documents stay.
type Kept = BTreeMap<String, String>;

impl Work<'_> {
    async fn plan(&self) -> Result<Ended, String> {
        let (mut go, mut stay) = (0, 0);
        for document in &self.approval.documents {
            let retained = self.retained(document).await?;
            match self.refuses(document, &retained).await? {
                None => {
                    go += 1;
                    say!("would go   {document}");
                }
                Some(why) => {
                    stay += 1;
                    say!("would stay {document}: the document {why}");
                }
            }
        }
        say!("{go} would be destroyed, {stay} kept");
        Ok(Ended::Done)
    }

    /// Destroys what may go. What others hang on goes after them, so what stays is tried again as
    /// long as something went.
    async fn all(&self) -> Result<Kept, String> {
        let mut waiting = self.approval.documents.clone();
        loop {
            let mut kept = Kept::new();
            for document in &waiting {
                if let Some(why) = self.one(document).await? {
                    kept.insert(document.clone(), why);
                }
            }
            if kept.is_empty() || kept.len() == waiting.len() {
                return Ok(kept);
            }
            waiting = kept.into_keys().collect();
        }
    }

    async fn retained(&self, document: &str) -> Result<Retained, String> {
        let retained = self.records.index.retained(vec![document.to_owned()]).await;
        let mut retained = retained.map_err(|error| error.to_string())?;
        retained.approvals.retain(|known| known.id == self.approval.id);
        Ok(retained)
    }

    /// Why a document has to stay, by the decision and by what the repository knows.
    async fn refuses(&self, document: &str, retained: &Retained) -> Result<Option<String>, String> {
        let today = self.records.clock.today();
        let keeping = &self.records.keeping;
        if retained.subjects.is_empty() {
            return Ok(Some("is not known to the registry".to_owned()));
        }
        for subject in &retained.subjects {
            if let Err(kept) = keeping.decide(subject, retained, Purpose::Destruction, today) {
                return Ok(Some(kept.reason()));
            }
        }
        for key in keys(document, &retained.subjects) {
            if let Some(kept) = self.shelves.keeps(&key, &self.approval.controller).await? {
                return Ok(Some(kept.reason().to_owned()));
            }
        }
        Ok(None)
    }

    /// One document, whole: why it stays, if it does.
    async fn one(&self, document: &str) -> Result<Option<String>, String> {
        let retained = self.retained(document).await?;
        if let Some(why) = self.refuses(document, &retained).await? {
            return Ok(Some(why));
        }
        let id = UniqueId::parse(document).map_err(|error| error.to_string())?;
        let index = self.records.of_the_index();
        let metadata = index.destroy(&self.approval, &id, &self.by).await;
        match metadata.map_err(|error| error.to_string())? {
            Metadata::Kept(why) => return Ok(Some(format!("stays: {}", why.join("; ")))),
            Metadata::Destroyed | Metadata::None => {}
        }
        for key in keys(document, &retained.subjects) {
            let removal = Removal {
                system: format!("retention, approval {}", self.approval.id),
                at: self.records.clock.dtm().to_string(),
                withdrawn: Vec::new(),
            };
            let stays = self.shelves.destroy(&key, &self.approval.controller, removal).await?;
            if let Some(kept) = stays {
                let why = kept.reason();
                return Ok(Some(format!("has no metadata any more, but its bytes stay: it {why}")));
            }
        }
        Ok(None)
    }

    /// Certifies what went and was not certified yet; how much, and where the certificate lies.
    async fn certify(&self, kept: &Kept) -> Result<Option<(usize, String)>, String> {
        let id = self.approval.id;
        let gone = self.records.index.destroyed(id).await.map_err(|error| error.to_string())?;
        let is_new = |one: &Destroyed| {
            one.certificate.is_none() && !kept.contains_key(&one.going.subject.unique_id)
        };
        let gone: Vec<Destroyed> = gone.into_iter().filter(is_new).collect();
        if gone.is_empty() {
            return Ok(None);
        }
        let mut hashes = BTreeMap::new();
        for one in &gone {
            let subject = &one.going.subject;
            for key in keys(&subject.unique_id, std::slice::from_ref(subject)) {
                if let Some(sha256) = self.shelves.sha256(&key).await? {
                    hashes.insert(subject.unique_id.clone(), sha256.to_string());
                }
            }
        }
        let certificate =
            Certificate::of(self.records, &self.approval, &self.by, &gone, &hashes, kept);
        let path = certificate.write(self.records)?;
        self.records.record(certificate::event(&certificate, &gone)?).await?;
        let documents = gone.iter().map(|one| one.going.subject.unique_id.clone());
        let documents: BTreeSet<String> = documents.collect();
        let count = documents.len();
        let documents = documents.into_iter().collect();
        let noted = self.records.index.certify(id, documents, certificate.name).await;
        noted.map_err(|error| error.to_string())?;
        Ok(Some((count, path.display().to_string())))
    }
}

/// Where the bytes of a document lie, under whichever of the repository's ids.
fn keys(document: &str, subjects: &[Subject]) -> Vec<DocumentKey> {
    let repositories: BTreeSet<&str> =
        subjects.iter().map(|subject| subject.repository_unique_id.as_str()).collect();
    repositories.into_iter().filter_map(|id| DocumentKey::parse(id, document)).collect()
}
