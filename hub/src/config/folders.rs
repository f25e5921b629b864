//! `[itk.folders]`: watched folders of organisations that have no integration engine.

use repository::senders::folder::{WatchedFolder, Watching};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct FoldersSection {
    /// Between two looks. A file is taken when it is the same at two of them.
    pub interval_milliseconds: u64,
    /// How long a document waits for its description.
    pub wait_seconds: u64,
    pub document_bytes_max: u64,
    /// Documents of one folder that are taken at one look.
    pub documents_max: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folder: Vec<WatchedFolder>,
}

impl Default for FoldersSection {
    fn default() -> Self {
        Self {
            interval_milliseconds: 5_000,
            wait_seconds: 60,
            document_bytes_max: 64 * 1024 * 1024,
            documents_max: 100,
            folder: Vec::new(),
        }
    }
}

impl FoldersSection {
    pub fn watching(&self) -> Watching {
        let interval = self.interval_milliseconds.max(1);
        let looks = (self.wait_seconds * 1_000).div_ceil(interval);
        Watching {
            every: Duration::from_millis(interval),
            looks_max: u32::try_from(looks).unwrap_or(u32::MAX),
            document_bytes_max: self.document_bytes_max,
            documents_max: self.documents_max,
        }
    }

    /// Folders that are there, each by itself: what lies in one is one organisation's.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut real: Vec<PathBuf> = Vec::new();
        for folder in &self.folder {
            let shown = folder.path.display();
            match folder.path.canonicalize() {
                Ok(path) if !path.is_dir() => {
                    problems.push(format!("itk.folders: {shown} is not a folder"));
                }
                Ok(path) => {
                    let within =
                        |other: &PathBuf| path.starts_with(other) || other.starts_with(&path);
                    if real.iter().any(within) {
                        problems.push(format!(
                            "itk.folders: {shown} lies in another watched folder, or is it: each organisation needs a folder of its own"
                        ));
                    }
                    real.push(path);
                }
                Err(error) => problems.push(format!("itk.folders: {shown}: {error}")),
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::ods_code::OdsCode;
    use std::path::Path;

    fn folder(path: &Path) -> WatchedFolder {
        let ods = OdsCode::parse("ZZH01").unwrap_or_else(|_| unreachable!("it is one"));
        WatchedFolder { path: path.to_owned(), ods, speaks_for: Vec::new() }
    }

    #[test]
    fn a_folder_is_one_organisations() {
        let root = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
        let paths = ["a", "b", "a/inner"].map(|name| root.path().join(name));
        paths.iter().for_each(|path| std::fs::create_dir_all(path).unwrap_or_default());
        let section = |paths: &[&Path]| FoldersSection {
            folder: paths.iter().map(|path| folder(path)).collect(),
            ..FoldersSection::default()
        };
        assert_eq!(section(&[&paths[0], &paths[1]]).problems(), Vec::<String>::new());
        assert_eq!(section(&[&paths[0], &paths[2]]).problems().len(), 1);
        assert_eq!(section(&[&paths[2], &paths[0]]).problems().len(), 1);
        assert_eq!(section(&[&paths[0], &paths[0]]).problems().len(), 1);
        assert_eq!(section(&[&paths[0].join("none")]).problems().len(), 1);
    }
}
