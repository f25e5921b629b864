//! What a running case knows by name, and the `{placeholders}` that stand for it:
//!
//! `{patient2}` and `{patient2.nhs}`, `{unknownPatient}`, `{domain}`, `{now}`, `{repository}`,
//! `{uuid.any}` and `{oid.any}`, `{classCode.2}` with `.code` and `.scheme`, `{mimeType.2}`,
//! `{Approved}` and the other words of the vocabulary, `{doc1.uniqueId}`, `{doc1.sha1}`,
//! `{doc1.entryUUID}` and any other attribute as registered, `{fol1>HasMember>doc1}` for the
//! entryUUID of an association, and what an earlier step captured.

use super::answer::{Answer, Found};
use super::bed::{Bed, fresh_oid, fresh_uuid, now};
use super::codes::Codes;
use super::metadata::{self, KindRef};
use super::vocabulary::WORDS;
use sha1::Digest;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use toml::{Table, Value};

/// An object that the case has sent, or is about to.
#[derive(Clone, Debug)]
pub struct Known {
    pub kind: &'static KindRef,
    pub unique_id: String,
    /// As soon as it has been sent or asked for.
    pub uuid: Option<String>,
    pub attributes: Table,
    pub content: Vec<u8>,
}

pub struct Scope<'b> {
    pub bed: &'b Bed,
    pub objects: BTreeMap<String, Known>,
    pub values: BTreeMap<String, String>,
    patients: BTreeMap<String, String>,
    /// Each exchange: what was sent, resolved, and what came back.
    pub exchanges: Vec<Exchange>,
}

/// Kept for `--save` and for the schemas.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub transaction: String,
    pub sent: String,
    pub received: String,
    /// The answer's envelope, where it could be read.
    pub envelope: String,
    pub invalid: bool,
}

type Future<'f, T> = Pin<Box<dyn std::future::Future<Output = Result<T, String>> + Send + 'f>>;

/// The names between braces that look like placeholders.
pub fn placeholders(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in text.split('{').skip(1) {
        let Some((name, _)) = rest.split_once('}') else { continue };
        let is_name = |c: char| c.is_alphanumeric() || "._->()".contains(c);
        if !name.is_empty() && name.chars().all(is_name) {
            found.insert(name.to_owned());
        }
    }
    found
}

/// Every text of a value.
pub fn walk(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
        Value::Table(table) => table.values().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

fn substitute(value: &mut Value, known: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            for name in placeholders(text) {
                if let Some(stands) = known.get(&name) {
                    *text = text.replace(&format!("{{{name}}}"), stands);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| substitute(value, known)),
        Value::Table(table) => {
            table.iter_mut().for_each(|(_, value)| substitute(value, known));
        }
        _ => {}
    }
}

impl<'b> Scope<'b> {
    pub fn new(bed: &'b Bed) -> Self {
        let (objects, values, patients) = Default::default();
        Self { bed, objects, values, patients, exchanges: Vec::new() }
    }

    /// The same table with every placeholder filled in.
    pub async fn filled(&mut self, table: &Table) -> Result<Table, String> {
        let mut value = Value::Table(table.clone());
        let mut names = BTreeSet::new();
        walk(&value, &mut |text| names.extend(placeholders(text)));
        let mut known = BTreeMap::new();
        for name in names {
            let stands = self.resolve(&name).await?;
            known.insert(name, stands);
        }
        substitute(&mut value, &known);
        Ok(value.as_table().cloned().unwrap_or_default())
    }

    pub fn resolve<'s>(&'s mut self, name: &'s str) -> Future<'s, String> {
        Box::pin(async move {
            if let Some(value) = self.plain(name) {
                return Ok(value);
            }
            if name.starts_with("patient") {
                return self.patient(name).await;
            }
            if let Some((from, kind, to)) = association(name) {
                return self.association(from, kind, to).await;
            }
            match name.split_once('.') {
                Some((object, property)) if self.objects.contains_key(object) => {
                    self.property(object, property).await
                }
                _ => Err(format!("{{{name}}} stands for nothing")),
            }
        })
    }

    /// What needs no asking.
    fn plain(&mut self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(value.clone());
        }
        if let Some((_, urn)) = WORDS.iter().find(|(word, _)| *word == name) {
            return Some((*urn).to_owned());
        }
        let value = match name {
            "unknownPatient" => self.bed.cx(&self.bed.nhs_number()),
            "domain" => self.bed.options.patient_domain.clone(),
            "now" => now(),
            "repository" => self.bed.repository_unique_id.clone(),
            _ => self.supply(name)?,
        };
        if name != "now" {
            self.values.insert(name.to_owned(), value.clone());
        }
        Some(value)
    }

    fn supply(&self, name: &str) -> Option<String> {
        let (kind, rest) = name.split_once('.')?;
        if kind == "uuid" || kind == "oid" {
            return Some(if kind == "uuid" { fresh_uuid() } else { fresh_oid() });
        }
        let (number, part) = rest.split_once('.').unwrap_or((rest, ""));
        let number = number.parse().ok()?;
        if kind == "mimeType" {
            return Some(self.bed.mime_type(number));
        }
        if !Codes::has(kind) {
            return None;
        }
        let code = self.bed.code(kind, number);
        match part {
            "" => Some(code.value()),
            "code" => Some(code.code),
            "scheme" => Some(code.scheme),
            "display" => Some(code.display),
            _ => None,
        }
    }

    /// `patient1`, announced before its first use where the registry wants that.
    async fn patient(&mut self, name: &str) -> Result<String, String> {
        let (name, number_only) = match name.strip_suffix(".nhs") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let name = if name == "patient" { "patient1" } else { name };
        if !self.patients.contains_key(name) {
            let number = self.bed.nhs_number();
            self.patients.insert(name.to_owned(), number.clone());
            if self.bed.options.feed {
                self.announce(&self.bed.cx(&number)).await?;
            }
        }
        let number = &self.patients[name];
        Ok(if number_only { number.clone() } else { self.bed.cx(number) })
    }

    /// A property of an object: what was sent, or what the registry says.
    async fn property(&mut self, name: &str, property: &str) -> Result<String, String> {
        let known = &self.objects[name];
        let hex = |upper: bool| {
            let digest = sha1::Sha1::digest(&known.content);
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            if upper { hex.to_uppercase() } else { hex }
        };
        match property {
            "uniqueId" => return Ok(known.unique_id.clone()),
            "sha1" => return Ok(hex(false)),
            "SHA1" => return Ok(hex(true)),
            "length" => return Ok(known.content.len().to_string()),
            "entryUUID" => {
                if let Some(uuid) = &known.uuid {
                    return Ok(uuid.clone());
                }
                return Ok(self.registered(name).await?.one("id").to_owned());
            }
            "lid" if known.attributes.contains_key("lid") => {}
            _ => {}
        }
        let found = self.registered(name).await?;
        Ok(found.one(property).to_owned())
    }

    /// The object as the registry has it now; its entryUUID is kept.
    pub async fn registered(&mut self, name: &str) -> Result<Found, String> {
        let known = self.objects.get(name).ok_or_else(|| format!("no object {name}"))?.clone();
        if self.bed.client.is_none() {
            return Ok(self.invented(name));
        }
        let (query, by_uuid, by_unique_id) = match known.kind.0.name {
            "DocumentEntry" => {
                ("GetDocuments", "$XDSDocumentEntryEntryUUID", "$XDSDocumentEntryUniqueId")
            }
            "Folder" => ("GetFolders", "$XDSFolderEntryUUID", "$XDSFolderUniqueId"),
            _ => (
                "GetSubmissionSetAndContents",
                "$XDSSubmissionSetEntryUUID",
                "$XDSSubmissionSetUniqueId",
            ),
        };
        let (parameter, id) = match &known.uuid {
            Some(uuid) => (by_uuid, uuid),
            None => (by_unique_id, &known.unique_id),
        };
        let single = known.kind.0.name == "SubmissionSet";
        let value = if single { format!("'{id}'") } else { format!("('{id}')") };
        let answer = self.ask(query, "LeafClass", &[(parameter, value)]).await?;
        let taken: Vec<String> = self
            .objects
            .iter()
            .filter(|(other, _)| *other != name)
            .filter_map(|(_, known)| known.uuid.clone())
            .collect();
        let found = answer.objects.iter().find(|object| {
            object.kind == known.kind.0.name && !taken.contains(&object.one("id").to_owned())
        });
        let found = found.cloned().ok_or_else(|| {
            format!("{name} is not in the registry: {query} answers {}", answer.summary())
        })?;
        if let Some(known) = self.objects.get_mut(name) {
            known.uuid = Some(found.one("id").to_owned());
        }
        Ok(found)
    }

    /// Stands for a registered object where nothing is sent.
    fn invented(&mut self, name: &str) -> Found {
        let mut found = Found::default();
        if let Some(known) = self.objects.get_mut(name) {
            let uuid = known.uuid.get_or_insert_with(fresh_uuid).clone();
            for (name, value) in &known.attributes {
                found.attributes.insert(name.clone(), metadata::texts(Some(value)));
            }
            found.attributes.insert("id".to_owned(), vec![uuid.clone()]);
            found.attributes.entry("lid".to_owned()).or_insert_with(|| vec![uuid]);
        }
        found
    }

    /// The entryUUID of an object or of an association `a>type>b`.
    pub fn identify<'s>(&'s mut self, name: &'s str) -> Future<'s, String> {
        Box::pin(async move {
            if name.starts_with("urn:uuid:") {
                Ok(name.to_owned())
            } else if name.contains('>') {
                self.resolve(name).await
            } else {
                self.resolve(&format!("{name}.entryUUID")).await
            }
        })
    }

    async fn association(&mut self, from: &str, kind: &str, to: &str) -> Result<String, String> {
        let source = self.identify(from).await?;
        let target = self.identify(to).await?;
        if self.bed.client.is_none() {
            return Ok(fresh_uuid());
        }
        let answer =
            self.ask("GetAssociations", "LeafClass", &[("$uuid", format!("('{source}')"))]).await?;
        let wanted = super::vocabulary::association_type(kind);
        let short = wanted.rsplit(':').next().unwrap_or_default();
        let found = answer.objects.iter().find(|object| {
            object.one("associationType") == short
                && object.one("sourceObject") == source
                && object.one("targetObject") == target
        });
        let found = found.map(|object| object.one("id").to_owned());
        found.ok_or_else(|| {
            format!(
                "no association {from}>{kind}>{to}: GetAssociations answers {}",
                answer.summary()
            )
        })
    }

    /// A query of the runner's own.
    pub async fn ask(
        &mut self,
        query: &str,
        returns: &str,
        parameters: &[(&str, String)],
    ) -> Result<Answer, String> {
        let params = parameters.iter();
        let params: Table =
            params.map(|(n, v)| ((*n).to_owned(), Value::String(v.clone()))).collect();
        let (query, returns) = (query.to_owned(), returns.to_owned());
        let step = super::case::Step { query, returns, params, ..Default::default() };
        let outgoing = super::compose::compose(self, &step, "ITI-18")?;
        self.exchange(&outgoing, step.invalid).await
    }

    /// Tells the registry of a patient (ITI-44).
    async fn announce(&mut self, cx: &str) -> Result<(), String> {
        let feed = super::case::Feed {
            message: "add".to_owned(),
            patient: cx.to_owned(),
            subsumed: String::new(),
            more_ids: Vec::new(),
        };
        let step = super::case::Step { feed: Some(feed), ..Default::default() };
        let outgoing = super::compose::compose(self, &step, "ITI-44")?;
        let answer = self.exchange(&outgoing, false).await?;
        let accepted = self.bed.client.is_none() || ["CA", "AA"].contains(&answer.ack.as_str());
        if accepted { Ok(()) } else { Err(format!("the feed was refused: {}", answer.summary())) }
    }

    /// Sends a message and reads what comes back; nothing comes back where nothing is sent.
    pub async fn exchange(
        &mut self,
        outgoing: &super::message::Outgoing,
        invalid: bool,
    ) -> Result<Answer, String> {
        let mut exchange = Exchange {
            transaction: outgoing.transaction.clone(),
            sent: outgoing.resolved.clone(),
            received: String::new(),
            envelope: String::new(),
            invalid,
        };
        let Some(client) = &self.bed.client else {
            self.exchanges.push(exchange);
            return Ok(Answer::default());
        };
        let incoming = client.post(outgoing).await;
        let answer = incoming.and_then(|incoming| {
            exchange.received = String::from_utf8_lossy(&incoming.body).into_owned();
            Answer::read(&incoming)
        });
        if let Ok(answer) = &answer {
            answer.envelope.clone_into(&mut exchange.envelope);
        }
        self.exchanges.push(exchange);
        answer
    }
}

/// `fol1>HasMember>doc1`; an end in parentheses is an association itself.
pub fn association(name: &str) -> Option<(&str, &str, &str)> {
    let (from, rest) = end(name)?;
    let (kind, to) = rest.strip_prefix('>')?.split_once('>')?;
    let to = to.strip_prefix('(').and_then(|to| to.strip_suffix(')')).unwrap_or(to);
    Some((from, kind, to))
}

fn end(name: &str) -> Option<(&str, &str)> {
    if let Some(inside) = name.strip_prefix('(') {
        let (from, rest) = inside.split_once(')')?;
        return Some((from, rest));
    }
    let at = name.find('>')?;
    Some((&name[..at], &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_in_braces() {
        let found =
            placeholders("a {doc1.uniqueId} {set1>HasMember>(f>HasMember>d)} { no } {} {now}");
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["doc1.uniqueId", "now", "set1>HasMember>(f>HasMember>d)"]);
    }

    #[test]
    fn an_association_is_named_by_its_ends() {
        assert_eq!(association("a>RPLC>b"), Some(("a", "RPLC", "b")));
        assert_eq!(
            association("s>HasMember>(f>HasMember>d)"),
            Some(("s", "HasMember", "f>HasMember>d"))
        );
        assert_eq!(association("doc1.uniqueId"), None);
    }
}
