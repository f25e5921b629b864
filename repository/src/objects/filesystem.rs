//! Objects in a folder: write, fsync, rename, fsync the folder.

use super::{CHUNK_BYTES, ObjectError, ObjectStore, Sha256, Stored, WHOLE_MAX};
use async_trait::async_trait;
use bytes::Bytes;
use node::actors::{DocumentBytes, DocumentStream};
use node::spool::Content;
use schemas::metadata::Hash;
use sha2::Digest;
use std::fs::{File, FileTimes};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tokio::sync::mpsc::Sender;

#[derive(Clone)]
pub struct FilesystemObjects {
    folder: PathBuf,
}

impl FilesystemObjects {
    /// Opens (or makes) the folder with its 256 subfolders.
    /// For a command beside a repository that may be running: what that is writing stays.
    pub fn beside(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    pub fn open(folder: &Path) -> std::io::Result<Self> {
        for n in 0..256 {
            std::fs::create_dir_all(folder.join(format!("{n:02x}")))?;
        }
        let incoming = folder.join("incoming");
        std::fs::create_dir_all(&incoming)?;
        // What a killed process had begun to write; it was never acknowledged.
        for item in std::fs::read_dir(&incoming)? {
            std::fs::remove_file(item?.path())?;
        }
        File::open(folder)?.sync_all()?;
        Ok(Self { folder: folder.to_owned() })
    }

    fn path(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    /// Hashes of the chunks of an object too large to verify before it leaves.
    fn chunks_path(&self, sha256: Sha256) -> PathBuf {
        self.path(sha256).with_extension("chunks")
    }

    fn put_blocking(&self, content: &Content) -> Result<Stored, ObjectError> {
        let mut reader = content.reader()?;
        let mut file = tempfile::NamedTempFile::new_in(self.folder.join("incoming"))?;
        let mut sha256 = sha2::Sha256::new();
        let mut sha1 = sha1::Sha1::new();
        let mut chunk_hashes = Vec::new();
        let mut size = 0;
        let mut chunk = vec![0; CHUNK_BYTES.min(content.size() as usize + 1)];
        loop {
            let count = fill(&mut reader, &mut chunk)?;
            if count == 0 {
                break;
            }
            let bytes = &chunk[..count];
            sha256.update(bytes);
            sha1.update(bytes);
            if content.size() > WHOLE_MAX {
                chunk_hashes.extend_from_slice(&sha2::Sha256::digest(bytes));
            }
            file.write_all(bytes)?;
            size += count as u64;
        }
        let stored = Stored {
            sha256: Sha256(sha256.finalize().into()),
            sha1: Hash::from_bytes(&sha1.finalize()),
            size,
        };
        self.keep(file, &stored, &chunk_hashes)?;
        Ok(stored)
    }

    fn keep(
        &self,
        file: tempfile::NamedTempFile,
        stored: &Stored,
        chunks: &[u8],
    ) -> Result<(), ObjectError> {
        let path = self.path(stored.sha256);
        let parent = path.parent().unwrap_or(&self.folder).to_owned();
        if self.holds(&path, stored)? {
            // Stored before: a fresh date keeps it from being swept while this one is on its way.
            let existing = File::options().write(true).open(&path)?;
            existing.set_times(FileTimes::new().set_modified(SystemTime::now()))?;
            existing.sync_all()?;
            File::open(parent)?.sync_all()?;
            return Ok(());
        }
        if !chunks.is_empty() {
            let mut sidecar = tempfile::NamedTempFile::new_in(self.folder.join("incoming"))?;
            sidecar.write_all(chunks)?;
            sidecar.as_file().sync_all()?;
            sidecar.persist(self.chunks_path(stored.sha256)).map_err(|error| error.error)?;
        }
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        File::open(parent)?.sync_all()?;
        Ok(())
    }

    /// Whether an object of this size lies there with everything that reading it needs. The hashes
    /// of its chunks can be gone by themselves: a refused submission of the same bytes takes them
    /// away when it comes between their being written and the object's.
    fn complete(&self, sha256: Sha256, size: u64) -> bool {
        let length =
            |path| std::fs::metadata(path).ok().filter(|it| it.is_file()).map(|it| it.len());
        length(self.path(sha256)) == Some(size)
            && (size <= WHOLE_MAX
                || length(self.chunks_path(sha256)) == Some(chunk_hashes_bytes(size)))
    }

    /// Whether an object is there and sound; a rotten one is written anew.
    fn holds(&self, path: &Path, stored: &Stored) -> Result<bool, ObjectError> {
        if !self.complete(stored.sha256, stored.size) {
            return Ok(false);
        }
        let Ok(mut existing) = File::open(path) else { return Ok(false) };
        let mut sha256 = sha2::Sha256::new();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match fill(&mut existing, &mut chunk)? {
                0 => return Ok(sha256.finalize().as_slice() == stored.sha256.0),
                count => sha256.update(&chunk[..count]),
            }
        }
    }

    /// Sends an object chunk by chunk; a rotten one ends the stream with an error.
    fn send(&self, sha256: Sha256, size: u64, sender: &Sender<std::io::Result<Bytes>>) {
        let failed = |error: ObjectError| std::io::Error::other(error);
        if size <= WHOLE_MAX {
            let _ = sender.blocking_send(self.whole(sha256).map_err(failed));
            return;
        }
        let opened = File::open(self.path(sha256)).and_then(|file| {
            let hashes = std::fs::read(self.chunks_path(sha256))?;
            let complete = hashes.len() as u64 == chunk_hashes_bytes(size);
            if complete { Ok((file, hashes)) } else { Err(failed(ObjectError::Rotten)) }
        });
        match opened {
            Ok((file, hashes)) => send_chunks(file, &hashes, sender),
            Err(error) => drop(sender.blocking_send(Err(error))),
        }
    }

    fn whole(&self, sha256: Sha256) -> Result<Bytes, ObjectError> {
        let bytes = std::fs::read(self.path(sha256)).map_err(missing)?;
        if sha2::Sha256::digest(&bytes).as_slice() != sha256.0 {
            return Err(ObjectError::Rotten);
        }
        Ok(bytes.into())
    }
}

/// Length of the file that holds the hashes of a large object's chunks.
fn chunk_hashes_bytes(size: u64) -> u64 {
    size.div_ceil(CHUNK_BYTES as u64) * 32
}

/// Fills a buffer as far as the reader allows.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn missing(error: std::io::Error) -> ObjectError {
    if error.kind() == ErrorKind::NotFound { ObjectError::Missing } else { ObjectError::Io(error) }
}

fn stopped(error: tokio::task::JoinError) -> ObjectError {
    ObjectError::Io(std::io::Error::other(error))
}

#[async_trait]
impl ObjectStore for FilesystemObjects {
    async fn put(&self, content: Content) -> Result<(Stored, Content), ObjectError> {
        let store = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let stored = store.put_blocking(&content)?;
            Ok((stored, content))
        });
        task.await.map_err(stopped)?
    }

    async fn get(
        &self,
        sha256: Sha256,
        size: u64,
        whole: bool,
    ) -> Result<DocumentBytes, ObjectError> {
        let store = self.clone();
        if size <= WHOLE_MAX && whole {
            let task = tokio::task::spawn_blocking(move || store.whole(sha256));
            return Ok(DocumentBytes::Whole(task.await.map_err(stopped)??));
        }
        let checked = tokio::task::spawn_blocking(move || {
            let length = std::fs::metadata(store.path(sha256)).map_err(missing)?.len();
            if length == size { Ok(store) } else { Err(ObjectError::Rotten) }
        });
        let store = checked.await.map_err(stopped)??;
        Ok(DocumentBytes::Stream(DocumentStream::new(size, move || {
            let (sender, chunks) = tokio::sync::mpsc::channel(2);
            tokio::task::spawn_blocking(move || store.send(sha256, size, &sender));
            chunks
        })))
    }

    fn exists(&self, sha256: Sha256, size: u64) -> bool {
        self.complete(sha256, size)
    }

    async fn older_than(&self, time: SystemTime) -> Result<Vec<Sha256>, ObjectError> {
        let folder = self.folder.clone();
        let task = tokio::task::spawn_blocking(move || {
            let mut found = Vec::new();
            for n in 0..256 {
                for item in std::fs::read_dir(folder.join(format!("{n:02x}")))? {
                    let item = item?;
                    let name = item.file_name();
                    let Some(sha256) = name.to_str().and_then(Sha256::parse) else { continue };
                    if item.metadata()?.modified()? < time {
                        found.push(sha256);
                    }
                }
            }
            Ok(found)
        });
        task.await.map_err(stopped)?
    }

    fn remove(&self, sha256: Sha256, before: SystemTime) -> Result<(), ObjectError> {
        let written = std::fs::metadata(self.path(sha256)).and_then(|data| data.modified());
        if written.is_ok_and(|written| written >= before) {
            return Ok(());
        }
        for path in [self.chunks_path(sha256), self.path(sha256)] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Sends chunk by chunk, each verified first; a rotten one ends the stream with an error.
fn send_chunks(mut file: File, hashes: &[u8], sender: &Sender<std::io::Result<Bytes>>) {
    for hash in hashes.chunks(32) {
        let mut chunk = vec![0; CHUNK_BYTES];
        let verified = fill(&mut file, &mut chunk).and_then(|count| {
            chunk.truncate(count);
            if sha2::Sha256::digest(&chunk).as_slice() == hash {
                Ok(Bytes::from(std::mem::take(&mut chunk)))
            } else {
                Err(std::io::Error::other(ObjectError::Rotten))
            }
        });
        let failed = verified.is_err();
        if sender.blocking_send(verified).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory;
    use super::*;

    async fn collect(bytes: DocumentBytes) -> std::io::Result<Vec<u8>> {
        match bytes {
            DocumentBytes::Whole(bytes) => Ok(bytes.to_vec()),
            DocumentBytes::Stream(stream) => {
                let mut chunks = stream.open();
                let mut all = Vec::new();
                while let Some(chunk) = chunks.recv().await {
                    all.extend(chunk?);
                }
                Ok(all)
            }
        }
    }

    #[tokio::test]
    async fn what_is_put_is_got_small_and_large() {
        let folder = tempfile::tempdir().unwrap();
        let objects = FilesystemObjects::open(folder.path()).unwrap();
        for size in [0usize, 1, CHUNK_BYTES, WHOLE_MAX as usize + 12_345] {
            let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            let (stored, _) = objects.put(memory(bytes.clone())).await.unwrap();
            let got = collect(objects.get(stored.sha256, stored.size, true).await.unwrap())
                .await
                .unwrap();
            assert!(got == bytes, "{size} bytes come back as they were");
        }
    }

    #[tokio::test]
    async fn a_large_object_without_its_chunk_hashes_is_not_there_and_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let objects = FilesystemObjects::open(folder.path()).unwrap();
        let bytes = vec![7; WHOLE_MAX as usize + 1];
        let (stored, _) = objects.put(memory(bytes.clone())).await.unwrap();
        assert!(objects.exists(stored.sha256, stored.size));
        std::fs::remove_file(objects.chunks_path(stored.sha256)).unwrap();
        assert!(!objects.exists(stored.sha256, stored.size), "it could not be read");
        objects.put(memory(bytes.clone())).await.unwrap();
        assert!(objects.exists(stored.sha256, stored.size));
        let got = objects.get(stored.sha256, stored.size, true).await.unwrap();
        assert!(collect(got).await.unwrap() == bytes);
    }

    #[tokio::test]
    async fn a_rotten_object_is_an_error_never_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let objects = FilesystemObjects::open(folder.path()).unwrap();
        for size in [100usize, WHOLE_MAX as usize + CHUNK_BYTES] {
            let (stored, _) = objects.put(memory(vec![7; size])).await.unwrap();
            let path = objects.path(stored.sha256);
            let mut bytes = std::fs::read(&path).unwrap();
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            std::fs::write(&path, bytes).unwrap();
            let got = match objects.get(stored.sha256, stored.size, true).await {
                Ok(bytes) => collect(bytes).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            assert_eq!(got, Err("the object's bytes are not what was stored".to_owned()));
        }
    }
}
