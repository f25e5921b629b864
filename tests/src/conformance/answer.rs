//! What came back, read for meaning: packaging, SOAP, status and errors, objects, documents.

mod objects;
mod package;

use objects::found;
use package::{Package, content};

use super::http::Incoming;
use schemas::xml::{Document, Element, Limits};
use std::collections::BTreeMap;

const SOAP: &str = "http://www.w3.org/2003/05/soap-envelope";
/// A fault about the version may come in the older one.
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";

#[derive(Clone, Debug, Default)]
pub struct RegistryError {
    pub code: String,
    pub context: String,
    pub location: String,
    pub severity: String,
}

impl RegistryError {
    pub fn is_warning(&self) -> bool {
        self.severity.ends_with(":Warning")
    }
}

/// An object of an answer: its element, and its attributes by the names of the short form.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub element: String,
    /// `DocumentEntry`, `SubmissionSet`, `Folder`, `Association`, `ObjectRef`.
    pub kind: String,
    pub attributes: BTreeMap<String, Vec<String>>,
    /// Classifications and ExternalIdentifiers that lack id or objectType.
    pub incomplete: Vec<String>,
}

impl Found {
    pub fn one(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    fn put(&mut self, name: &str, value: &str) {
        self.attributes.entry(name.to_owned()).or_default().push(value.to_owned());
    }
}

#[derive(Clone, Debug, Default)]
pub struct FoundDocument {
    pub unique_id: String,
    pub repository: String,
    pub home: String,
    pub mime_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub http: u16,
    pub mtom: bool,
    pub envelope: String,
    pub action: String,
    pub relates_to: String,
    /// `Sender/ActionNotSupported`, without prefixes; empty when the answer is no fault.
    pub fault: String,
    pub reason: String,
    /// `Success`, `Failure`, `PartialSuccess`.
    pub status: String,
    pub errors: Vec<RegistryError>,
    pub objects: Vec<Found>,
    pub documents: Vec<FoundDocument>,
    /// `CA` or `CE` of an HL7 acknowledgement, and the id that it acknowledges.
    pub ack: String,
    pub acknowledged: String,
}

fn limits() -> Limits {
    Limits::default()
}

impl Answer {
    pub fn read(incoming: &Incoming) -> Result<Self, String> {
        let mut answer = Self { http: incoming.status, ..Self::default() };
        if incoming.body.is_empty() {
            return Ok(answer);
        }
        let package = Package::read(incoming)?;
        answer.mtom = package.mtom;
        answer.envelope = String::from_utf8(package.root.clone())
            .map_err(|error| format!("the answer is not UTF-8: {error}"))?;
        let document = match Document::parse(&answer.envelope, &limits()) {
            Ok(document) => document,
            // Refused before anyone looked for SOAP.
            Err(_) if answer.http >= 400 => {
                return Ok(Self { http: answer.http, ..answer.clone() });
            }
            Err(error) => return Err(format!("HTTP {}, but no XML: {error}", answer.http)),
        };
        let root = document.root();
        if root.is(SOAP_11, "Envelope") {
            let code = root.descendants().find(|element| element.local() == "faultcode");
            let code = code.map_or("", |code| code.text());
            let fault = code.trim().rsplit(':').next().unwrap_or_default().to_owned();
            return Ok(Self { fault, ..answer.clone() });
        }
        if !root.is(SOAP, "Envelope") {
            return Err(format!("the answer is no SOAP 1.2 envelope but {}", root.local()));
        }
        let mut parsed = Self::default();
        for header in root.child(SOAP, "Header").into_iter().flat_map(|h| h.children()) {
            match header.local() {
                "Action" => header.text().clone_into(&mut parsed.action),
                "RelatesTo" => header.text().clone_into(&mut parsed.relates_to),
                _ => {}
            }
        }
        let body = root.child(SOAP, "Body").ok_or("the answer has no Body")?;
        let mut children = body.children();
        let content = children.next().ok_or("the answer's Body is empty")?;
        if children.next().is_some() {
            return Err("the answer's Body has more than one child".to_owned());
        }
        parsed.body(content, &package)?;
        let Self { http, mtom, .. } = answer;
        Ok(Self { http, mtom, envelope: answer.envelope.clone(), ..parsed })
    }

    fn body(&mut self, content: Element<'_>, package: &Package) -> Result<(), String> {
        match content.local() {
            "Fault" => self.fault(content),
            "MCCI_IN000002UV01" => self.acknowledgement(content),
            "RegistryResponse" | "AdhocQueryResponse" => self.response(content),
            "RetrieveDocumentSetResponse" => {
                for child in content.children() {
                    match child.local() {
                        "RegistryResponse" => self.response(child),
                        "DocumentResponse" => self.documents.push(retrieved(child, package)?),
                        other => return Err(format!("{other} in a RetrieveDocumentSetResponse")),
                    }
                }
            }
            other => return Err(format!("the answer's body is {other}")),
        }
        Ok(())
    }

    fn fault(&mut self, fault: Element<'_>) {
        let local = |text: &str| text.trim().rsplit(':').next().unwrap_or_default().to_owned();
        let values: Vec<String> = fault
            .descendants()
            .filter(|element| element.is(SOAP, "Value"))
            .map(|element| local(element.text()))
            .collect();
        self.fault = values.join("/");
        let text = fault.descendants().find(|element| element.is(SOAP, "Text"));
        self.reason = text.map_or(String::new(), |text| text.text().to_owned());
    }

    fn acknowledgement(&mut self, content: Element<'_>) {
        let mut all = content.descendants();
        let found = all.find(|element| element.local() == "acknowledgement");
        let Some(found) = found else { return };
        let code = found.children().find(|e| e.local() == "typeCode");
        let code = code.and_then(|e| e.attr("code")).or_else(|| found.attr("typeCode"));
        code.unwrap_or_default().clone_into(&mut self.ack);
        let target = found.descendants().find(|e| e.local() == "id");
        let target = target.and_then(|id| id.attr("root")).unwrap_or_default();
        target.clone_into(&mut self.acknowledged);
    }

    fn response(&mut self, response: Element<'_>) {
        let status = response.attr("status").unwrap_or_default();
        status.rsplit(':').next().unwrap_or_default().clone_into(&mut self.status);
        for element in response.descendants().filter(|e| e.local() == "RegistryError") {
            let text = |name: &str| element.attr(name).unwrap_or_default().to_owned();
            self.errors.push(RegistryError {
                code: text("errorCode"),
                context: text("codeContext"),
                location: text("location"),
                severity: text("severity"),
            });
        }
        let list = response.children().find(|e| e.local() == "RegistryObjectList");
        for element in list.into_iter().flat_map(|list| list.children()) {
            self.objects.push(found(element));
        }
    }

    /// The codes of errors, with warnings marked.
    pub fn codes(&self) -> Vec<String> {
        let code = |error: &RegistryError| {
            if error.is_warning() {
                format!("{} (Warning)", error.code)
            } else {
                error.code.clone()
            }
        };
        self.errors.iter().map(code).collect()
    }

    /// What came back, in a line.
    pub fn summary(&self) -> String {
        if !self.fault.is_empty() {
            return format!("HTTP {}, fault {}: {}", self.http, self.fault, self.reason);
        }
        if !self.ack.is_empty() {
            return format!("acknowledgement {}", self.ack);
        }
        if self.status.is_empty() {
            return format!("HTTP {}", self.http);
        }
        let mut said = self.status.clone();
        for error in &self.errors {
            said.push_str(&format!("; {} {:?}", error.code, error.context));
        }
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for object in &self.objects {
            *kinds.entry(object.kind.as_str()).or_default() += 1;
        }
        for (kind, count) in kinds {
            said.push_str(&format!("; {count} {kind}"));
        }
        if !self.documents.is_empty() {
            said.push_str(&format!("; {} documents", self.documents.len()));
        }
        said
    }
}

fn retrieved(response: Element<'_>, package: &Package) -> Result<FoundDocument, String> {
    let mut document = FoundDocument::default();
    for child in response.children() {
        let text = child.trimmed().to_owned();
        match child.local() {
            "HomeCommunityId" => document.home = text,
            "RepositoryUniqueId" => document.repository = text,
            "DocumentUniqueId" => document.unique_id = text,
            "mimeType" => document.mime_type = text,
            "Document" => document.bytes = content(child, package)?,
            _ => {}
        }
    }
    Ok(document)
}
