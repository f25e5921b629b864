//! A request's files between its 202 and its answer, and the answer's until it may be forgotten.
//! Each request has a folder: `envelope`, `0`, `1` and so on for its parts, `answer`.

use crate::endpoint::HttpBody;
use crate::spool::{Attachment, Content, Encoding, Received};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Error, Result, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What the files do not say of themselves.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Packing {
    mtom: bool,
    content_ids: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub path: PathBuf,
}

impl Folder {
    fn of(&self, id: Uuid) -> PathBuf {
        self.path.join(id.to_string())
    }

    pub fn answer(&self, id: Uuid) -> PathBuf {
        self.of(id).join("answer")
    }

    /// Writes a request, durable. Large parts are moved, not copied.
    pub fn keep(&self, id: Uuid, received: Received) -> Result<Packing> {
        let folder = self.of(id);
        std::fs::create_dir(&folder)?;
        write(&folder.join("envelope"), &received.envelope)?;
        let mut content_ids = Vec::new();
        for (number, attachment) in received.attachments.into_iter().enumerate() {
            let path = folder.join(number.to_string());
            match attachment.content {
                Content::Memory(bytes) => write(&path, &bytes)?,
                Content::File { path: spooled, .. } => {
                    spooled.persist(&path).map_err(|error| error.error)?;
                    File::open(&path)?.sync_all()?;
                }
            }
            content_ids.push(attachment.content_id);
        }
        File::open(&folder)?.sync_all()?;
        File::open(&self.path)?.sync_all()?;
        Ok(Packing { mtom: received.encoding == Encoding::Mtom, content_ids })
    }

    /// The request as it was received. Parts that were moved here are linked into the spool folder,
    /// where serving them may remove them.
    pub fn load(
        &self,
        id: Uuid,
        packing: &Packing,
        memory_max: u64,
        spool: &Path,
    ) -> Result<Received> {
        let folder = self.of(id);
        let mut attachments = Vec::new();
        for (number, content_id) in packing.content_ids.iter().enumerate() {
            let path = folder.join(number.to_string());
            let size = path.metadata()?.len();
            let content = if size <= memory_max {
                Content::Memory(std::fs::read(&path)?.into())
            } else {
                let link = spool.join(format!("{id}-{number}"));
                let _ = std::fs::remove_file(&link);
                std::fs::hard_link(&path, &link)?;
                Content::File { path: tempfile::TempPath::try_from_path(link)?, size }
            };
            attachments.push(Attachment { content_id: content_id.clone(), content });
        }
        let encoding = if packing.mtom { Encoding::Mtom } else { Encoding::Simple };
        let envelope = std::fs::read(folder.join("envelope"))?;
        Ok(Received { encoding, envelope, attachments, http_action: None })
    }

    /// Writes an answer, durable and whole or not at all. A stream that breaks off is an error.
    pub async fn keep_answer(&self, id: Uuid, body: HttpBody) -> Result<()> {
        let (path, part) = (self.answer(id), self.of(id).join("answer.part"));
        let mut file = in_background({
            let part = part.clone();
            move || File::create(part)
        })
        .await?;
        match body {
            HttpBody::Whole(bytes) => {
                file = in_background(move || file.write_all(&bytes).map(|()| file)).await?;
            }
            HttpBody::Stream(mut chunks) => {
                while let Some(chunk) = chunks.next().await {
                    let chunk = chunk?;
                    file = in_background(move || file.write_all(&chunk).map(|()| file)).await?;
                }
            }
        }
        in_background(move || {
            file.sync_all()?;
            std::fs::rename(&part, &path)?;
            path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        })
        .await
    }

    /// Removes the request's own files, once its answer is kept.
    pub fn forget_request(&self, id: Uuid) -> Result<()> {
        for item in std::fs::read_dir(self.of(id))? {
            let item = item?;
            if item.file_name() != "answer" {
                std::fs::remove_file(item.path())?;
            }
        }
        Ok(())
    }

    pub fn remove(&self, id: Uuid) -> Result<()> {
        match std::fs::remove_dir_all(self.of(id)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes what has no row: a process stopped between the files and the row.
    pub fn sweep(&self, known: &[Uuid]) -> Result<()> {
        for item in std::fs::read_dir(&self.path)? {
            let item = item?;
            let name = item.file_name();
            let id = name.to_str().and_then(|name| Uuid::try_parse(name).ok());
            if id.is_some_and(|id| !known.contains(&id)) {
                std::fs::remove_dir_all(item.path())?;
            }
        }
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Runs what waits for the disk off the async threads.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Error::other(error)))
}
