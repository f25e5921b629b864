//! What came back, read for meaning: packaging, SOAP, status and errors, objects, documents.

use super::http::Incoming;
use super::metadata;
use super::vocabulary::{self, Kind};
use base64::Engine;
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

/// Reads an object of a RegistryObjectList.
fn found(element: Element<'_>) -> Found {
    let mut found = Found { element: element.local().to_owned(), ..Found::default() };
    for name in ["id", "lid", "home", "mimeType", "objectType", "status", "associationType"] {
        if let Some(value) = element.attr(name) {
            let short = if name == "status" || name == "associationType" {
                value.rsplit(':').next().unwrap_or_default()
            } else {
                value
            };
            found.put(name, short);
        }
    }
    for name in ["sourceObject", "targetObject"] {
        if let Some(value) = element.attr(name) {
            found.put(name, value);
        }
    }
    let kind = kind_of(element);
    found.kind = kind.map_or(element.local(), |kind| kind.name).to_owned();
    for child in element.children() {
        part(&mut found, child, kind);
    }
    found
}

fn kind_of(element: Element<'_>) -> Option<&'static Kind> {
    match element.local() {
        "ExtrinsicObject" => Some(&metadata::DOCUMENT_ENTRY.0),
        "RegistryPackage" => {
            let node = |element: Element<'_>| element.attr("classificationNode").map(str::to_owned);
            let nodes: Vec<String> = element.children().filter_map(node).collect();
            let kinds = [&metadata::SUBMISSION_SET.0, &metadata::FOLDER.0];
            kinds.into_iter().find(|kind| nodes.iter().any(|n| Some(n.as_str()) == kind.marker))
        }
        _ => None,
    }
}

fn values(slot: Element<'_>) -> Vec<&str> {
    slot.descendants().filter(|e| e.local() == "Value").map(|e| e.text()).collect()
}

fn part(found: &mut Found, child: Element<'_>, kind: Option<&Kind>) {
    match child.local() {
        "Slot" => {
            let name = child.attr("name").unwrap_or_default();
            let name = if name == vocabulary::REFERENCE_ID_LIST { "referenceIdList" } else { name };
            for value in values(child) {
                found.put(name, value);
            }
        }
        "Name" | "Description" => {
            let name = if child.local() == "Name" { "title" } else { "comments" };
            for value in child.children().filter_map(|localized| localized.attr("value")) {
                found.put(name, value);
            }
        }
        "VersionInfo" => found.put("version", child.attr("versionName").unwrap_or_default()),
        "Classification" => {
            complete(found, child);
            classification(found, child, kind);
        }
        "ExternalIdentifier" => {
            complete(found, child);
            let scheme = child.attr("identificationScheme").unwrap_or_default();
            let known = kind.and_then(|k| k.identifiers.iter().find(|(_, s, _)| *s == scheme));
            let name = known.map_or(scheme, |(name, ..)| name).to_owned();
            found.put(&name, child.attr("value").unwrap_or_default());
        }
        _ => {}
    }
}

fn complete(found: &mut Found, child: Element<'_>) {
    for name in ["id", "objectType"] {
        if child.attr(name).is_none_or(str::is_empty) {
            found.incomplete.push(format!("{} without {name}", child.local()));
        }
    }
}

fn classification(found: &mut Found, child: Element<'_>, kind: Option<&Kind>) {
    let scheme = child.attr("classificationScheme").unwrap_or_default();
    if scheme.is_empty() {
        return;
    }
    let slot = |name: &str| {
        let slot = child.children().find(|e| e.local() == "Slot" && e.attr("name") == Some(name));
        slot.map(values).unwrap_or_default()
    };
    if kind.and_then(|kind| kind.author) == Some(scheme) {
        for part in ["Person", "Institution", "Role", "Specialty", "Telecommunication"] {
            let name = format!("author{part}");
            for value in slot(&name) {
                found.put(&name, value);
            }
        }
        return;
    }
    let known = kind.and_then(|kind| kind.codes.iter().find(|(_, s)| *s == scheme));
    let name = match known {
        Some((name, _)) => *name,
        None if scheme == vocabulary::DOCUMENTATION => "documentation",
        None => scheme,
    };
    let code = child.attr("nodeRepresentation").unwrap_or_default();
    let coding = slot("codingScheme").first().copied().unwrap_or_default().to_owned();
    found.put(name, &format!("{code}^^{coding}"));
    for display in child.descendants().filter(|e| e.local() == "LocalizedString") {
        found.put(&format!("{name}Display"), display.attr("value").unwrap_or_default());
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

/// A document inline or by reference.
fn content(element: Element<'_>, package: &Package) -> Result<Vec<u8>, String> {
    if let Some(include) = element.children().find(|child| child.local() == "Include") {
        let href = include.attr("href").unwrap_or_default();
        let cid = href.strip_prefix("cid:").ok_or_else(|| format!("href {href:?}"))?;
        let cid = percent_decoded(cid);
        let part = package.parts.iter().find(|(id, _)| *id == cid);
        return part.map(|(_, bytes)| bytes.clone()).ok_or_else(|| format!("no part {cid}"));
    }
    let text: String = element.text().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| error.to_string())
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        if byte == b'%'
            && let (Some(high), Some(low)) = (hex(bytes.next()), hex(bytes.next()))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or_default());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// An envelope and the parts that came with it.
struct Package {
    mtom: bool,
    root: Vec<u8>,
    parts: Vec<(String, Vec<u8>)>,
}

impl Package {
    fn read(incoming: &Incoming) -> Result<Self, String> {
        let kind = incoming.content_type.to_lowercase();
        if !kind.starts_with("multipart/related") {
            return Ok(Self { mtom: false, root: incoming.body.clone(), parts: Vec::new() });
        }
        let boundary = parameter(&incoming.content_type, "boundary").ok_or("no boundary")?;
        let start = parameter(&incoming.content_type, "start");
        let start = start.map(|id| id.trim_matches(['<', '>']).to_owned());
        let mut parts = split(&incoming.body, &boundary)?;
        let at = start.and_then(|id| parts.iter().position(|(cid, _)| *cid == id)).unwrap_or(0);
        if parts.is_empty() {
            return Err("a package without parts".to_owned());
        }
        let (_, root) = parts.remove(at);
        Ok(Self { mtom: true, root, parts })
    }
}

fn parameter(content_type: &str, name: &str) -> Option<String> {
    let mut parameters = content_type.split(';').skip(1).filter_map(|p| p.split_once('='));
    let found = parameters.find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().trim_matches('"').to_owned())
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

/// Content-ID and bytes of each part.
fn split(body: &[u8], boundary: &str) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mark = format!("\r\n--{boundary}");
    // The first boundary has no line before it.
    let mut rest = [b"\r\n", body].concat();
    let mut parts = Vec::new();
    let first = find(&rest, mark.as_bytes()).ok_or("no boundary in the answer")?;
    rest.drain(..first + mark.len());
    while !rest.starts_with(b"--") {
        let end = find(&rest, mark.as_bytes()).ok_or("a part without its end")?;
        let head = find(&rest, b"\r\n\r\n").ok_or("a part without its head")?;
        let headers = String::from_utf8_lossy(&rest[..head]).into_owned();
        let mut lines = headers.lines().filter_map(|line| line.split_once(':'));
        let id = lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-id"));
        let id = id.map_or("", |(_, id)| id.trim()).trim_matches(['<', '>']).to_owned();
        parts.push((id, rest[(head + 4).min(end)..end].to_vec()));
        rest.drain(..end + mark.len());
    }
    Ok(parts)
}
