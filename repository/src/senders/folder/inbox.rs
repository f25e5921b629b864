//! What lies in a watched folder, and which of it is whole: decided from what successive looks saw,
//! without a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

/// What a name in the folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    File {
        size: u64,
        modified: SystemTime,
    },
    /// A symbolic link, or a file with a second name: what it names may be anybody's.
    Link,
    /// A pipe, a device or a socket.
    Special,
}

/// One entry of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub sort: Sort,
}

/// What is to be taken now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub document: String,
    pub description: Option<String>,
    /// Why it is put aside unread.
    pub refused: Option<Unread>,
}

/// Why a file is not read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("it is a symbolic link or has a second name: copy the document itself into the folder")]
    Link,
    #[error("it is no file (a pipe, a socket or a device): copy the document into the folder")]
    Special,
    #[error("it is larger than this folder takes: send it by ITI-41, or export it smaller")]
    TooLarge,
    #[error("it is empty: export it again")]
    Empty,
    #[error(
        "no description came with it: put a file of the same name that ends in .toml beside it"
    )]
    NoDescription,
    #[error(
        "a description came without its document: the two must have the same name, as letter.pdf and letter.toml"
    )]
    NoDocument,
    #[error(
        "two documents have the same description: name it after the whole document, as letter.pdf.toml"
    )]
    SharedDescription,
}

/// How patient the folder is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Looks for which a document waits for its description, or the reverse.
    pub looks_max: u32,
    pub document_bytes_max: u64,
}

#[derive(Clone, Copy)]
struct Seen {
    sort: Sort,
    /// Looks at which it was the same as before.
    same: u32,
}

/// What earlier looks saw.
#[derive(Default)]
pub struct Inbox {
    seen: BTreeMap<String, Seen>,
}

/// Names that are not meant yet, or not for the hub.
pub fn is_ignored(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let unfinished = [".part", ".tmp", ".filepart", ".crdownload", "~"];
    name.starts_with(['.', '~']) || unfinished.iter().any(|end| lower.ends_with(end))
}

fn is_description(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".toml") || lower.ends_with(".json")
}

/// The name without its last ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

impl Inbox {
    /// Takes a look, and says what is whole: unchanged since the look before. `speaks` tells whether a
    /// document needs no description.
    pub fn look(
        &mut self,
        found: Vec<Found>,
        patience: Patience,
        speaks: impl Fn(&str) -> bool,
    ) -> Vec<Taken> {
        self.remember(found);
        let descriptions: Vec<String> =
            self.seen.keys().filter(|name| is_description(name)).cloned().collect();
        let documents: Vec<String> =
            self.seen.keys().filter(|name| !is_description(name)).cloned().collect();
        let mut taken = Vec::new();
        let mut described = BTreeSet::new();
        for document in &documents {
            let own = self.description_of(document);
            described.extend(own.clone());
            taken.extend(self.take(document, own, &documents, patience, &speaks));
        }
        for description in descriptions.into_iter().filter(|name| !described.contains(name)) {
            let seen = self.seen[&description];
            if seen.same >= patience.looks_max.max(1) || !matches!(seen.sort, Sort::File { .. }) {
                let refused = Some(unread(seen.sort, u64::MAX).unwrap_or(Unread::NoDocument));
                taken.push(Taken { document: description, description: None, refused });
            }
        }
        taken
    }

    fn remember(&mut self, found: Vec<Found>) {
        let before = std::mem::take(&mut self.seen);
        for Found { name, sort } in found {
            let same = match before.get(&name) {
                Some(seen) if seen.sort == sort => seen.same.saturating_add(1),
                _ => 0,
            };
            self.seen.insert(name, Seen { sort, same });
        }
    }

    /// The description beside a document, if there is one: `letter.pdf.toml` before `letter.toml`.
    fn description_of(&self, document: &str) -> Option<String> {
        let names = [document, stem(document)].map(|base| [".toml", ".json"].map(|e| (base, e)));
        let wanted = names.iter().flatten().map(|(base, ending)| format!("{base}{ending}"));
        wanted.into_iter().find(|name| self.seen.contains_key(name))
    }

    fn take(
        &self,
        document: &str,
        description: Option<String>,
        documents: &[String],
        patience: Patience,
        speaks: &impl Fn(&str) -> bool,
    ) -> Option<Taken> {
        let seen = self.seen.get(document)?;
        let settled = |name: &String| self.seen.get(name).is_some_and(|seen| seen.same > 0);
        let is_settled = seen.same > 0 || !matches!(seen.sort, Sort::File { .. });
        if !is_settled || !description.as_ref().is_none_or(settled) {
            return None;
        }
        let mut refused = unread(seen.sort, patience.document_bytes_max);
        if refused.is_none() && description.is_none() && !speaks(document) {
            if seen.same < patience.looks_max.max(1) {
                return None;
            }
            refused = Some(Unread::NoDescription);
        }
        let by_stem = description.as_ref().filter(|name| stem(name) == stem(document));
        let siblings = documents.iter().filter(|other| stem(other) == stem(document)).count();
        if by_stem.is_some() && siblings > 1 {
            // It stays for whoever looks; each of the documents is put aside without it.
            return Some(Taken {
                document: document.to_owned(),
                description: None,
                refused: Some(Unread::SharedDescription),
            });
        }
        Some(Taken { document: document.to_owned(), description, refused })
    }

    /// Forgets a name that was taken.
    pub fn forget(&mut self, name: &str) {
        self.seen.remove(name);
    }
}

fn unread(sort: Sort, document_bytes_max: u64) -> Option<Unread> {
    match sort {
        Sort::Link => Some(Unread::Link),
        Sort::Special => Some(Unread::Special),
        Sort::File { size: 0, .. } => Some(Unread::Empty),
        Sort::File { size, .. } if size > document_bytes_max => Some(Unread::TooLarge),
        Sort::File { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { looks_max: 3, document_bytes_max: 100 };

    fn file(name: &str, size: u64) -> Found {
        Found { name: name.to_owned(), sort: Sort::File { size, modified: SystemTime::UNIX_EPOCH } }
    }

    fn look(inbox: &mut Inbox, found: &[Found]) -> Vec<(String, Option<String>, Option<Unread>)> {
        let taken = inbox.look(found.to_vec(), PATIENCE, |name| name.ends_with(".xml"));
        taken.into_iter().map(|t| (t.document, t.description, t.refused)).collect()
    }

    fn taken(
        document: &str,
        description: Option<&str>,
        refused: Option<Unread>,
    ) -> (String, Option<String>, Option<Unread>) {
        (document.to_owned(), description.map(str::to_owned), refused)
    }

    #[test]
    fn a_file_is_taken_when_it_is_the_same_at_two_looks() {
        let mut inbox = Inbox::default();
        assert_eq!(look(&mut inbox, &[file("a.xml", 1)]), []);
        assert_eq!(look(&mut inbox, &[file("a.xml", 2)]), [], "it grows");
        assert_eq!(look(&mut inbox, &[file("a.xml", 2)]), [taken("a.xml", None, None)]);
    }

    #[test]
    fn a_document_waits_for_its_description_and_not_for_ever() {
        let mut inbox = Inbox::default();
        let alone = [file("a.pdf", 1)];
        for _ in 0..3 {
            assert_eq!(look(&mut inbox, &alone), []);
        }
        let refused = [taken("a.pdf", None, Some(Unread::NoDescription))];
        assert_eq!(look(&mut inbox, &alone), refused);
        let mut inbox = Inbox::default();
        assert_eq!(look(&mut inbox, &alone), []);
        let both = [file("a.pdf", 1), file("a.toml", 1)];
        assert_eq!(look(&mut inbox, &both), [], "the description may still grow");
        assert_eq!(look(&mut inbox, &both), [taken("a.pdf", Some("a.toml"), None)]);
    }

    #[test]
    fn a_description_is_found_by_the_whole_name_first_and_never_shared() {
        let mut inbox = Inbox::default();
        let found = [file("a.pdf", 1), file("a.pdf.toml", 1), file("a.txt", 1), file("a.json", 1)];
        look(&mut inbox, &found);
        assert_eq!(
            look(&mut inbox, &found),
            [
                taken("a.pdf", Some("a.pdf.toml"), None),
                taken("a.txt", None, Some(Unread::SharedDescription)),
            ]
        );
    }

    #[test]
    fn what_may_not_be_read_is_put_aside() {
        let mut inbox = Inbox::default();
        let link = Found { name: "l.xml".to_owned(), sort: Sort::Link };
        let pipe = Found { name: "p.xml".to_owned(), sort: Sort::Special };
        let found = [file("e.xml", 0), file("h.xml", 101), link, pipe, file("x.toml", 1)];
        let at_once =
            [taken("l.xml", None, Some(Unread::Link)), taken("p.xml", None, Some(Unread::Special))];
        assert_eq!(look(&mut inbox, &found), at_once);
        let then = look(&mut inbox, &found);
        assert!(then.contains(&taken("e.xml", None, Some(Unread::Empty))));
        assert!(then.contains(&taken("h.xml", None, Some(Unread::TooLarge))));
        look(&mut inbox, &found);
        let last = look(&mut inbox, &found);
        assert!(last.contains(&taken("x.toml", None, Some(Unread::NoDocument))));
    }

    #[test]
    fn what_is_on_its_way_has_another_name() {
        for name in [".letter.xml", "letter.pdf.part", "letter.TMP", "letter.xml~", "~$letter.doc"]
        {
            assert!(is_ignored(name), "{name}");
        }
        assert!(!is_ignored("letter.pdf"));
    }
}
