//! A step becomes a message: defaults filled in, links added, packed as its transaction is packed.

mod submission;

pub use submission::declare;
use submission::submission;

use super::bed::now;
use super::case::{Step, Wanted, WantedParts};
use super::message::{self, Attachment, Hl7Message, Outgoing, base64};
use super::metadata::{self, Writer, escaped};
use super::scope::Scope;
use super::vocabulary::{self, Door};
use std::fmt::Write;
use toml::{Table, Value};

const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
const LCM: &str = "xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"";

/// The message of a step whose placeholders are filled in.
pub fn compose(scope: &mut Scope<'_>, step: &Step, transaction: &str) -> Result<Outgoing, String> {
    if let Some(feed) = &step.feed {
        return hl7(scope, step, feed);
    }
    let spoken = vocabulary::transaction(transaction)
        .ok_or_else(|| format!("no transaction {transaction:?}"))?;
    let mut attachments = Vec::new();
    let mtom = match step.http.packaging.as_str() {
        "mtom" => true,
        "simple" => false,
        _ => spoken.mtom,
    };
    // The body as sent, and as schemas know it.
    let (body, resolved) = match transaction {
        "ITI-18" => same(query(step)?),
        "ITI-43" => same(retrieve(scope, &step.retrieve)?),
        "ITI-62" => same(remove(scope, step)),
        "ITI-86" => same(remove_documents(scope, &step.remove_documents)?),
        "ITI-41" => {
            let metadata = submission(scope, step, transaction)?;
            let sent = provide(scope, step, &metadata, mtom, &mut attachments);
            (sent, provide(scope, step, &metadata, false, &mut Vec::new()))
        }
        _ => same(submission(scope, step, transaction)?),
    };
    let options = &scope.bed.options;
    let url = match (step.http.to.as_str(), spoken.door) {
        ("registry", _) | ("", Door::Registry) => &options.registry,
        ("repository", _) | ("", Door::Repository) => &options.repository,
        _ => &options.feed_url,
    };
    let url = url.clone();
    pack(scope, step, spoken.action, &url, mtom, (&body, &resolved), &attachments, transaction)
}

fn same(body: String) -> (String, String) {
    (body.clone(), body)
}

#[allow(clippy::too_many_arguments, reason = "the parts of one message")]
fn pack(
    scope: &Scope<'_>,
    step: &Step,
    action: &str,
    url: &str,
    mtom: bool,
    (body, resolved): (&str, &str),
    attachments: &[Attachment],
    transaction: &str,
) -> Result<Outgoing, String> {
    let id = step.envelope.message_id.clone();
    let id = id.unwrap_or_else(super::bed::fresh_uuid);
    let replies = scope.bed.replies.as_ref().filter(|_| step.asynchronous);
    let reply = replies.map_or_else(|| ANONYMOUS.to_owned(), |replies| replies.url(&id));
    let whole = |body: &str| {
        let text = message::envelope(action, url, &id, &reply, body, &step.envelope);
        message::replaced(text, &step.replace)
    };
    let (envelope, resolved) = (whole(body)?, whole(resolved)?);
    let (content_type, bytes) = if mtom {
        message::package(&envelope, attachments, &step.http)?
    } else {
        ("application/soap+xml; charset=UTF-8".to_owned(), envelope.into_bytes())
    };
    let headers = step.http.headers.iter();
    Ok(Outgoing {
        url: url.to_owned(),
        content_type: step.http.content_type.clone().unwrap_or(content_type),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        chunked: step.http.chunked,
        body: bytes,
        resolved,
        message_id: if step.envelope.no_message_id { String::new() } else { id },
        transaction: transaction.to_owned(),
    })
}

fn hl7(scope: &Scope<'_>, step: &Step, feed: &super::case::Feed) -> Result<Outgoing, String> {
    let mut ids = vec![feed.patient.clone()];
    ids.extend(feed.more_ids.iter().cloned());
    let id = uuid::Uuid::new_v4().to_string();
    let subsumed = Some(feed.subsumed.as_str()).filter(|cx| !cx.is_empty());
    let now = now();
    let hl7 = Hl7Message { kind: &feed.message, ids: &ids, subsumed, message_id: &id, now: &now };
    let action = format!("urn:hl7-org:v3:{}", hl7.interaction());
    let (body, url) = (hl7.xml(), scope.bed.options.feed_url.clone());
    pack(scope, step, &action, &url, false, (&body, &body), &[], "ITI-44")
}

/// `query:AdhocQueryRequest` with the parameters that the query needs and the case does not name.
fn query(step: &Step) -> Result<String, String> {
    let known = vocabulary::query(&step.query);
    if known.is_none() && step.query_id.is_empty() {
        return Err(format!("no stored query {:?}", step.query));
    }
    let codes = super::codes::Codes::default();
    let mut writer = Writer::new(&codes);
    for (name, value) in &step.params {
        match value {
            Value::Array(values) if values.iter().all(Value::is_array) => {
                values.iter().for_each(|slot| writer.slot(name, &metadata::texts(Some(slot))));
            }
            Value::Boolean(_) => {}
            value => writer.slot(name, &metadata::texts(Some(value))),
        }
    }
    let id = match known {
        Some(query) if step.query_id.is_empty() => query.id,
        _ => &step.query_id,
    };
    let returns = if step.returns.is_empty() { "LeafClass" } else { &step.returns };
    let home = if step.home.is_empty() {
        String::new()
    } else {
        format!(" home=\"{}\"", escaped(&step.home))
    };
    Ok(format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"{}\"/><rim:AdhocQuery id=\"{}\"{home}>{}</rim:AdhocQuery></query:AdhocQueryRequest>",
        escaped(returns),
        escaped(id),
        writer.xml
    ))
}

/// Adds the parameters that a query needs to those of a step that does not name them.
pub fn with_defaults(step: &mut Table) {
    let query = step.get("query").and_then(Value::as_str).and_then(vocabulary::query);
    let Some(query) = query else { return };
    let entry = step.entry("params").or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(params) = entry {
        for (name, value) in query.defaults {
            params.entry(*name).or_insert_with(|| Value::String((*value).to_owned()));
        }
    }
}

/// `HomeCommunityId?, RepositoryUniqueId, DocumentUniqueId`.
fn document_requests(scope: &Scope<'_>, wanted: &[Wanted]) -> Result<String, String> {
    let mut xml = String::new();
    for wanted in wanted {
        let parts = match wanted {
            Wanted::Name(name) => WantedParts { doc: name.clone(), ..WantedParts::default() },
            Wanted::Parts(parts) => parts.clone(),
        };
        let known = scope.objects.get(&parts.doc);
        if known.is_none() && parts.unique_id.is_empty() {
            return Err(format!("no document {:?}", parts.doc));
        }
        let sent = known.and_then(|known| known.attributes.get("repositoryUniqueId"));
        let sent = sent.and_then(Value::as_str).unwrap_or(&scope.bed.repository_unique_id);
        let repository = if parts.repository.is_empty() { sent } else { &parts.repository };
        let unique_id = match known {
            Some(known) if parts.unique_id.is_empty() => &known.unique_id,
            _ => &parts.unique_id,
        };
        xml.push_str("<xds:DocumentRequest>");
        let elements = [
            ("HomeCommunityId", parts.home.as_str()),
            ("RepositoryUniqueId", repository),
            ("DocumentUniqueId", unique_id),
        ];
        for (name, value) in elements.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(xml, "<xds:{name}>{}</xds:{name}>", escaped(value));
        }
        xml.push_str("</xds:DocumentRequest>");
    }
    Ok(xml)
}

fn retrieve(scope: &Scope<'_>, wanted: &[Wanted]) -> Result<String, String> {
    Ok(format!(
        "<xds:RetrieveDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{}</xds:RetrieveDocumentSetRequest>",
        document_requests(scope, wanted)?
    ))
}

fn remove_documents(scope: &Scope<'_>, wanted: &[Wanted]) -> Result<String, String> {
    Ok(format!(
        "<rmd:RemoveDocumentsRequest xmlns:rmd=\"urn:ihe:iti:rmd:2017\" xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{}</rmd:RemoveDocumentsRequest>",
        document_requests(scope, wanted)?
    ))
}

fn remove(scope: &Scope<'_>, step: &Step) -> String {
    let mut refs = String::new();
    for id in step.remove.iter().flatten() {
        let known = scope.objects.get(id).and_then(|known| known.uuid.as_ref());
        let id = known.unwrap_or(id);
        let _ = write!(refs, "<rim:ObjectRef id=\"{}\"/>", escaped(id));
    }
    format!(
        "<lcm:RemoveObjectsRequest {LCM}><rim:ObjectRefList>{refs}</rim:ObjectRefList></lcm:RemoveObjectsRequest>"
    )
}

/// `xds:ProvideAndRegisterDocumentSetRequest`: documents by reference, or inline.
fn provide(
    scope: &Scope<'_>,
    step: &Step,
    metadata: &str,
    mtom: bool,
    attachments: &mut Vec<Attachment>,
) -> String {
    let mut documents = String::new();
    for (name, table) in &step.doc {
        let known = &scope.objects[name];
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let attach = text("attach").unwrap_or(if mtom { "xop" } else { "inline" });
        if attach == "none" {
            continue;
        }
        let id = text("documentId").or(text("id")).unwrap_or(name);
        let content = if attach == "xop" && mtom {
            let cid = format!("{name}@conformance");
            attachments.push(Attachment { cid: cid.clone(), bytes: known.content.clone() });
            format!(
                "<xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:{cid}\"/>"
            )
        } else {
            base64(&known.content)
        };
        let _ = write!(documents, "<xds:Document id=\"{}\">{content}</xds:Document>", escaped(id));
    }
    for (id, content) in &step.more_documents {
        let content = base64(content.as_bytes());
        let _ = write!(documents, "<xds:Document id=\"{}\">{content}</xds:Document>", escaped(id));
    }
    format!(
        "<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{metadata}{documents}</xds:ProvideAndRegisterDocumentSetRequest>"
    )
}
