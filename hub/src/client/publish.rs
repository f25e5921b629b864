//! Publishing files: a CDA or a described file by ITI-41, an ITK message by ITK.

use super::connection::{Target, with_body};
use super::document::cda;
use node::client::{Outgoing, OutgoingDocument};
use schemas::code_set::CodeSets;
use schemas::described::{Description, Kind, entry, kind, mime_type};
use schemas::dtm::Dtm;
use schemas::error::{XdsError, XdsErrorCode};
use schemas::itk;
use schemas::metadata::DocumentEntry;
use schemas::ods_code::OdsCode;
use schemas::oid::Oid;
use schemas::registry_response;
use schemas::retrieve::ResponseFrame;
use schemas::soap::mtom::MtomWriter;
use schemas::soap::{SoapVersion, WATLING, WSSE, WSU};
use schemas::submission::assemble::{Part, SOURCE_BRANCH, SetParts, assemble};
use schemas::transaction::Transaction;
use schemas::wire::XDSB;
use schemas::xml::{Document, Limits};
use serde::Serialize;
use uuid::Uuid;

const PUBLISHED_BEFORE: &str = "this document is in the hub already, described otherwise (title, type \
    or the time of the file): nothing was changed, and it need not be published again";

/// What became of one file.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    pub file: String,
    /// `published` or `refused`.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unique_id: Option<String>,
    /// Errors and warnings of the hub.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
}

/// When a file was written, so that publishing it again says the same; now, where it is no file.
fn written(name: &str) -> Dtm {
    let modified = std::fs::metadata(name).and_then(|data| data.modified()).ok();
    let at = modified.and_then(|time| jiff::Timestamp::try_from(time).ok());
    Dtm::from_timestamp(at.unwrap_or_else(jiff::Timestamp::now))
}

/// Publishes for one organisation, over connections that are kept.
pub struct Publisher {
    pub ods: OdsCode,
    xds: super::Connection,
    itk: Option<super::Connection>,
    acting_for: Option<OdsCode>,
    pub code_sets: CodeSets,
    oid_root: Oid,
}

impl Publisher {
    pub fn new(target: &Target) -> Result<Self, String> {
        let ods = target.for_ods.clone().or(target.as_ods.clone());
        let ods = ods.ok_or("say who publishes: --as ODS")?;
        let oid_root = crate::config::HubSection::default().oid_root;
        Ok(Self {
            ods,
            xds: target.connect("repository")?,
            // With a URL of one's own there is one endpoint only.
            itk: target.connect("itk").ok(),
            acting_for: target.for_ods.clone(),
            code_sets: crate::fixtures::code_sets()?,
            oid_root,
        })
    }

    /// Publishes one file.
    pub async fn publish(
        &self,
        name: &str,
        bytes: Vec<u8>,
        described: Option<&Description>,
    ) -> Published {
        let result = match kind(&bytes) {
            Kind::Itk => self.send_itk(&bytes).await.map(|()| (None, Vec::new())),
            Kind::Cda => match cda(&bytes, &self.ods, &self.code_sets, &self.oid_root) {
                Ok(mapped) => self.provide(mapped.entry, mapped.intended_recipient, bytes).await,
                Err(error) => Err(vec![error]),
            },
            Kind::Other => match self.described(name, &bytes, described) {
                Ok(entry) => self.provide(entry, Vec::new(), bytes).await,
                Err(error) => Err(vec![error]),
            },
        };
        match result {
            Ok((unique_id, errors)) => {
                Published { file: name.to_owned(), status: "published", unique_id, errors }
            }
            Err(errors) => {
                Published { file: name.to_owned(), status: "refused", unique_id: None, errors }
            }
        }
    }

    fn described(
        &self,
        name: &str,
        bytes: &[u8],
        described: Option<&Description>,
    ) -> Result<DocumentEntry, String> {
        let described = described.ok_or_else(|| {
            format!("{name} is no CDA and no ITK message: say what it is with --type TYPE --patient NHS_NUMBER")
        })?;
        let made = mime_type(bytes, name).and_then(|mime_type| {
            entry(bytes, mime_type, described, &self.ods, &self.code_sets, written(name))
        });
        made.map_err(|error| format!("{name}: {error}"))
    }

    /// ITI-41 with one document.
    pub async fn provide(
        &self,
        entry: DocumentEntry,
        intended_recipient: Vec<String>,
        bytes: Vec<u8>,
    ) -> Result<(Option<String>, Vec<String>), Vec<String>> {
        let unique_id = entry.unique_id.to_string();
        let mime_type = entry.mime_type.clone();
        let writer = MtomWriter::new(&Uuid::new_v4().to_string());
        let body = self.request(entry, intended_recipient, &writer);
        let outgoing = Outgoing::Mtom {
            action: Transaction::Iti41.action().to_owned(),
            envelope: self.xds.envelope(Transaction::Iti41, &body),
            documents: vec![OutgoingDocument::Memory { mime_type, bytes: bytes.into() }],
            writer,
        };
        let received = self.xds.call(outgoing).await.map_err(|error| vec![error])?;
        let answer = with_body(&received, registry_response::read).map_err(|error| vec![error])?;
        let mut errors: Vec<String> = answer.1.iter().map(ToString::to_string).collect();
        if answer.1.iter().any(|error| error.code == XdsErrorCode::DuplicateUniqueIdInRegistry) {
            errors.push(PUBLISHED_BEFORE.to_owned());
        }
        if answer.1.iter().any(XdsError::is_error) {
            Err(errors)
        } else {
            Ok((Some(unique_id), errors))
        }
    }

    fn request(
        &self,
        entry: DocumentEntry,
        intended_recipient: Vec<String>,
        writer: &MtomWriter,
    ) -> String {
        let set_name = format!("{}|{}", self.ods, entry.unique_id);
        let set = SetParts {
            unique_id: Oid::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, set_name.as_bytes())),
            source_id: self.ods.oid_under(&self.oid_root, SOURCE_BRANCH),
            submission_time: Dtm::from_timestamp(jiff::Timestamp::now()),
            author: entry.author.clone(),
            intended_recipient,
            title: None,
            content_type_code: entry.class_code.clone(),
            patient_id: entry.patient_id.clone(),
        };
        let submission = assemble(set, vec![Part::New(Box::new(entry))]);
        let mut body = format!("<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"{XDSB}\">");
        body.push_str(&submission.write());
        for (n, entry) in submission.document_entries.iter().enumerate() {
            body.push_str(&format!("<xds:Document id=\"{}\">", entry.id));
            ResponseFrame::include(&mut body, &writer.href(n));
            body.push_str("</xds:Document>");
        }
        body.push_str("</xds:ProvideAndRegisterDocumentSetRequest>");
        body
    }

    /// Sends a Distribution Envelope with fresh SOAP headers around it.
    pub async fn send_itk(&self, bytes: &[u8]) -> Result<(), Vec<String>> {
        let one = |text: String| vec![text];
        let connection = self.itk.as_ref().ok_or_else(|| {
            one("ITK messages go to the repository's /itk address: use --data, or --url with that address".to_owned())
        })?;
        let document =
            Document::parse_bytes(bytes, &Limits::default()).map_err(|e| one(e.to_string()))?;
        let root = document.root();
        let mut all = root.descendants();
        let found = all.find(|element| element.is(itk::NAMESPACE, "DistributionEnvelope"));
        let envelope =
            found.ok_or_else(|| one("the message holds no itk:DistributionEnvelope".to_owned()))?;
        let header = envelope.child(itk::NAMESPACE, "header");
        let service = header.and_then(|header| header.attr("service")).unwrap_or_default();
        let soap = self.itk_envelope(service, &connection.url, &itk::standalone(envelope));
        let outgoing = Outgoing::Simple {
            version: SoapVersion::V11,
            action: service.to_owned(),
            envelope: soap,
        };
        connection.call(outgoing).await.map(|_| ()).map_err(one)
    }

    /// SOAP 1.1 around a Distribution Envelope, stamped now.
    fn itk_envelope(&self, service: &str, url: &str, body: &str) -> String {
        let ods = &self.ods;
        let acting_for = self.acting_for.as_ref().map_or(String::new(), |ods| {
            format!("<w:ActingFor xmlns:w=\"{WATLING}\">{ods}</w:ActingFor>")
        });
        let now = jiff::Timestamp::now();
        let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let expires = now + jiff::SignedDuration::from_mins(10);
        let id = || Uuid::new_v4().to_string().to_uppercase();
        let escaped = |text: &str| {
            let mut out = String::new();
            schemas::xml::escape_into(&mut out, text);
            out
        };
        format!(
            "<soap:Envelope xmlns:soap=\"{}\" xmlns:wsa=\"{}\"><soap:Header><wsa:MessageID>{}</wsa:MessageID>\
         <wsa:Action>{}</wsa:Action><wsa:To>{}</wsa:To><wsse:Security xmlns:wsse=\"{WSSE}\">\
         <wsu:Timestamp xmlns:wsu=\"{WSU}\" wsu:Id=\"{}\"><wsu:Created>{}</wsu:Created>\
         <wsu:Expires>{}</wsu:Expires></wsu:Timestamp><wsse:UsernameToken><wsse:Username>{ods}</wsse:Username>\
         </wsse:UsernameToken></wsse:Security>{acting_for}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>",
            schemas::soap::SOAP11,
            schemas::soap::WSA,
            id(),
            escaped(service),
            escaped(url),
            id(),
            time(now),
            time(expires)
        )
    }
}
