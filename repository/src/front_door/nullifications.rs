//! Nullifications, applied or waiting for the document that they name, with the document that said
//! so; and the incidents that they are.

use super::FrontDoor;
use crate::arrival::Envelope;
use node::sqlite::SqliteError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::dtm::Dtm;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::unique_id::UniqueId;
use serde::{Deserialize, Serialize};

/// Where a nullification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its document has not come yet.
    Waiting,
    /// Its documents are being taken out of the index.
    Applying,
    Applied,
    /// The document is another organisation's.
    Refused,
    /// Its document never came.
    Expired,
}

impl Stage {
    const ALL: [Self; 5] =
        [Self::Waiting, Self::Applying, Self::Applied, Self::Refused, Self::Expired];

    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == text)
    }
}

/// A document that is taken back, as the index had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawnEntry {
    /// entryUUID; absent where the document came after its nullification.
    pub entry_uuid: Option<String>,
    pub unique_id: String,
    pub repository_unique_id: String,
    /// CX form.
    pub patient_id: String,
    pub type_code: String,
    pub practice_setting: String,
    pub publisher_ods: Option<OdsCode>,
    pub creation_time: Option<String>,
    pub recipients: Vec<OdsCode>,
}

/// What a nullification says.
#[derive(Clone, Debug)]
pub struct Said {
    pub envelope: Envelope,
    /// SHA-256 of the document, in hexadecimal.
    pub digest: String,
    pub unique_id: Option<UniqueId>,
    pub set_id: Option<String>,
    /// The nullification's own; it covers lower ones of the set.
    pub version: u32,
    /// 02: the document was about another patient.
    pub wrong_patient: bool,
}

#[derive(Clone, Debug)]
pub struct Nullified {
    pub id: i64,
    pub said: Said,
    pub stage: Stage,
    pub received_at: String,
    pub until: String,
    pub entries: Vec<WithdrawnEntry>,
}

const COLUMNS: &str = "id, envelope, digest, unique_id, set_id, version, wrong_patient, stage, \
    received_at, until, entries";

impl FrontDoor {
    /// Keeps a nullification with its document; the one that is kept where it came before.
    pub async fn nullification(
        &self,
        said: Said,
        document: Vec<u8>,
        now: Dtm,
        until: Dtm,
    ) -> Result<Nullified, SqliteError> {
        let envelope = json(&said.envelope)?;
        self.writer
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO nullification (publisher, digest, unique_id, set_id, \
                         version, wrong_patient, received_at, until, envelope, document, stage) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting')",
                    )?
                    .execute(params![
                        said.envelope.publisher.as_str(),
                        said.digest,
                        said.unique_id.as_ref().map(UniqueId::as_str),
                        said.set_id,
                        said.version,
                        said.wrong_patient,
                        now.as_str(),
                        until.as_str(),
                        envelope,
                        document
                    ])?;
                let condition = "publisher = $1 AND digest = $2";
                let values = params![said.envelope.publisher.as_str(), said.digest];
                let found = select(connection, condition, values)?.pop();
                found.ok_or_else(|| SqliteError::Failed("a nullification is lost".to_owned()))
            })
            .await
    }

    /// Those of a publisher that name a document, or an earlier version of its set.
    pub async fn nullifies(
        &self,
        publisher: OdsCode,
        unique_id: UniqueId,
        set: Option<(String, u32)>,
    ) -> Result<Vec<Nullified>, SqliteError> {
        self.readers
            .run(move |connection| {
                let (set, version) = set.unzip();
                let condition = "publisher = $1 AND stage IN ('waiting', 'applying', 'applied') \
                    AND (unique_id = $2 OR (set_id = $3 AND version > $4))";
                let values = params![publisher.as_str(), unique_id.as_str(), set, version];
                select(connection, condition, values)
            })
            .await
    }

    /// In one stage; all where none is named, the newest first.
    pub async fn nullifications(
        &self,
        stage: Option<Stage>,
    ) -> Result<Vec<Nullified>, SqliteError> {
        self.readers
            .run(move |connection| match stage {
                Some(stage) => select(connection, "stage = $1", params![stage.name()]),
                None => select(connection, "stage <> ''", params![]),
            })
            .await
    }

    /// Moves a nullification on. One of a wrong patient is an incident once it is applied.
    pub async fn advance(
        &self,
        id: i64,
        stage: Stage,
        entries: Vec<WithdrawnEntry>,
        now: Dtm,
    ) -> Result<(), SqliteError> {
        let text = json(&entries)?;
        self.writer
            .run(move |connection| {
                let sql = "UPDATE nullification SET stage = $1, entries = $2 WHERE id = $3";
                connection.prepare_cached(sql)?.execute(params![stage.name(), text, id])?;
                if stage == Stage::Applied {
                    connection
                        .prepare_cached(
                            "INSERT OR IGNORE INTO incident (nullification_id, at) \
                             SELECT id, $1 FROM nullification WHERE id = $2 AND wrong_patient = 1",
                        )?
                        .execute(params![now.as_str(), id])?;
                }
                Ok(())
            })
            .await
    }
}

fn json(value: &impl Serialize) -> Result<String, SqliteError> {
    serde_json::to_string(value).map_err(|error| SqliteError::Failed(error.to_string()))
}

fn select(
    connection: &Connection,
    condition: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Nullified>, SqliteError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM nullification WHERE {condition} ORDER BY id DESC LIMIT 10000"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<Nullified, SqliteError> {
    let broken = || SqliteError::Failed("a stored nullification is broken".to_owned());
    let text = |column| row.get::<_, String>(column);
    let unique_id: Option<String> = row.get(3)?;
    Ok(Nullified {
        id: row.get(0)?,
        said: Said {
            envelope: serde_json::from_str(&text(1)?).map_err(|_| broken())?,
            digest: text(2)?,
            unique_id: unique_id.and_then(|text| UniqueId::parse(&text).ok()),
            set_id: row.get::<_, Option<String>>(4).optional()?.flatten(),
            version: row.get(5)?,
            wrong_patient: row.get(6)?,
        },
        stage: Stage::parse(&text(7)?).ok_or_else(broken)?,
        received_at: text(8)?,
        until: text(9)?,
        entries: serde_json::from_str(&text(10)?).map_err(|_| broken())?,
    })
}

impl WithdrawnEntry {
    /// Its document in the repository.
    pub fn key(&self) -> Option<crate::index::DocumentKey> {
        Some(crate::index::DocumentKey {
            repository_unique_id: Oid::parse(&self.repository_unique_id).ok()?,
            unique_id: UniqueId::parse(&self.unique_id).ok()?,
        })
    }
}
