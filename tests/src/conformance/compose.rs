//! A step becomes a message: defaults filled in, links added, packed as its transaction is packed.

use super::bed::{fresh_oid, now};
use super::case::{Association, Step, Wanted, WantedParts};
use super::message::{self, Attachment, Hl7Message, Outgoing, base64};
use super::metadata::{
    self, DOCUMENT_ENTRY, FOLDER, KindRef, Object, SUBMISSION_SET, Writer, escaped,
};
use super::scope::{Known, Scope};
use super::vocabulary::{self, Door};
use std::fmt::Write;
use toml::{Table, Value};

const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
const LCM: &str = "xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"";

/// The names of a step's objects with their kinds and what the case says of them.
fn named(step: &Step, set: &str) -> Vec<(String, &'static KindRef, Table)> {
    let mut all = Vec::new();
    if !step.no_set {
        all.push((set.to_owned(), &SUBMISSION_SET, step.set.clone()));
    }
    let groups =
        [(&step.more_sets, &SUBMISSION_SET), (&step.doc, &DOCUMENT_ENTRY), (&step.fol, &FOLDER)];
    for (tables, kind) in groups {
        for (name, value) in tables {
            all.push((name.clone(), kind, value.as_table().cloned().unwrap_or_default()));
        }
    }
    all
}

/// Gives a step's objects their uniqueIds and contents; the name of its submission set.
pub fn declare(scope: &mut Scope<'_>, step: &Step) -> Result<String, String> {
    let sets = scope.objects.values().filter(|o| o.kind.0.name == "SubmissionSet").count();
    let set = step.set.get("name").and_then(Value::as_str).map(str::to_owned);
    let set = set.unwrap_or_else(|| format!("set{}", sets + 1));
    for (name, kind, table) in named(step, &set) {
        let content = content(scope, &name, &table)?;
        let known = scope.objects.entry(name).or_insert_with(|| Known {
            kind,
            unique_id: fresh_oid(),
            uuid: None,
            attributes: Table::new(),
            content: Vec::new(),
        });
        if known.content.is_empty() {
            known.content = content;
        }
    }
    Ok(set)
}

/// What the case says, or a few bytes that no other document has.
fn content(scope: &Scope<'_>, name: &str, table: &Table) -> Result<Vec<u8>, String> {
    use base64::Engine;
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    if let Some(text) = text("content") {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(text) = text("contentBase64") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(text);
        return decoded.map_err(|error| format!("contentBase64 of {name}: {error}"));
    }
    if let Some(size) = table.get("contentSize").and_then(Value::as_integer) {
        let size = usize::try_from(size).unwrap_or_default();
        return Ok((0..size).map(|n| u8::try_from(n % 251).unwrap_or_default()).collect());
    }
    if let Some(other) = text("contentOf") {
        let other = scope.objects.get(other).ok_or_else(|| format!("no object {other}"))?;
        return Ok(other.content.clone());
    }
    Ok(format!("<letter name=\"{name}\" of=\"{}\"/>", fresh_oid()).into_bytes())
}

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

/// `lcm:SubmitObjectsRequest`; what was sent is remembered by name.
fn submission(scope: &mut Scope<'_>, step: &Step, transaction: &str) -> Result<String, String> {
    let set = step.set.get("name").and_then(Value::as_str).unwrap_or("set").to_owned();
    let mut objects = Vec::new();
    for (name, kind, table) in named(step, &set) {
        objects.push(object(scope, step, transaction, &name, kind, table)?);
    }
    let codes = scope.bed.options.codes.clone();
    let mut writer = Writer::new(&codes);
    objects.iter().for_each(|object| writer.object(object));
    let id_of = |name: &str| {
        let here = objects.iter().find(|object| object.name == name);
        let here = here.map(|object| object.id.clone());
        let there = || scope.objects.get(name).and_then(|known| known.uuid.clone());
        here.or_else(there).unwrap_or_else(|| name.to_owned())
    };
    for association in associations(step, &set) {
        let from = if association.from.is_empty() { &set } else { &association.from };
        let ends = (id_of(from), id_of(&association.to));
        let (from, to) = ends;
        writer.association(&Association { from, to, ..association });
    }
    Ok(format!(
        "<lcm:SubmitObjectsRequest {LCM}><rim:RegistryObjectList>{}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>",
        writer.xml
    ))
}

/// Defaults, then what an update starts from, then what the case says.
fn object(
    scope: &mut Scope<'_>,
    step: &Step,
    transaction: &str,
    name: &str,
    kind: &'static KindRef,
    table: Table,
) -> Result<Object, String> {
    let mut attributes = defaults(scope, step, transaction, name, kind);
    if let Some(base) = table.get("update").and_then(Value::as_str) {
        let known = scope.objects.get(base).ok_or_else(|| format!("no object {base}"))?;
        attributes.extend(known.attributes.clone());
        attributes.remove("id");
        let lid = known.attributes.get("lid").cloned();
        let lid = lid.or_else(|| known.uuid.clone().map(Value::String));
        attributes.extend(lid.map(|lid| ("lid".to_owned(), lid)));
    }
    attributes.extend(table);
    let id = attributes.get("id").and_then(Value::as_str).unwrap_or(name).to_owned();
    if let Some(known) = scope.objects.get_mut(name) {
        if let Some(unique_id) = attributes.get("uniqueId").and_then(Value::as_str) {
            unique_id.clone_into(&mut known.unique_id);
        }
        if id.starts_with("urn:uuid:") {
            known.uuid = Some(id.clone());
        }
        known.attributes = attributes.clone();
    }
    Ok(Object { name: name.to_owned(), kind, id, attributes })
}

fn defaults(
    scope: &Scope<'_>,
    step: &Step,
    transaction: &str,
    name: &str,
    kind: &KindRef,
) -> Table {
    let bed = scope.bed;
    let mut table = Table::new();
    let mut put = |name: &str, value: String| {
        table.insert(name.to_owned(), Value::String(value));
    };
    put("patientId", step.patient.clone());
    let known = &scope.objects[name];
    put("uniqueId", known.unique_id.clone());
    for (attribute, _) in kind.0.codes.iter().filter(|(name, _)| *name != "eventCodeList") {
        put(attribute, bed.code(attribute, 1).value());
    }
    match kind.0.name {
        "SubmissionSet" => {
            put("submissionTime", now());
            put("sourceId", "1.2.826.0.1.99999.50.1".to_owned());
        }
        "Folder" => put("title", "Conformance folder".to_owned()),
        _ => entry_defaults(scope, transaction, known, &mut put),
    }
    if kind.0.author.is_some() {
        table.insert("author".to_owned(), author());
    }
    if kind.0.name == "DocumentEntry" {
        let lines = ["PID-3|LOC-4711^^^&1.2.826.0.1.99999.10.1&ISO", "PID-5|Synthetic^Testina^^^"];
        let lines = lines.iter().map(|line| Value::String((*line).to_owned()));
        table.insert("sourcePatientInfo".to_owned(), Value::Array(lines.collect()));
    }
    table
}

fn entry_defaults(
    scope: &Scope<'_>,
    transaction: &str,
    known: &Known,
    put: &mut impl FnMut(&str, String),
) {
    use sha1::Digest;
    let on_demand = transaction == "ITI-61";
    put("mimeType", scope.bed.mime_type(1));
    let object_type = if on_demand { vocabulary::ON_DEMAND } else { vocabulary::STABLE };
    put("objectType", object_type.to_owned());
    put("languageCode", "en-GB".to_owned());
    put("sourcePatientId", "LOC-4711^^^&1.2.826.0.1.99999.10.1&ISO".to_owned());
    put("title", "Outpatient letter".to_owned());
    put("serviceStartTime", "20260115090000".to_owned());
    put("serviceStopTime", "20260115092000".to_owned());
    if !on_demand {
        put("creationTime", "20260115093000".to_owned());
    }
    if transaction != "ITI-41" {
        put("repositoryUniqueId", scope.bed.repository_unique_id.clone());
        if !on_demand {
            let digest = sha1::Sha1::digest(&known.content);
            put("hash", digest.iter().map(|byte| format!("{byte:02x}")).collect());
            put("size", known.content.len().to_string());
        }
    }
}

fn author() -> Value {
    let author = [
        ("person", "123456789012^Smith^Jane^^^Dr^^^&1.2.826.0.1285.0.2.0.65&ISO"),
        ("institution", "Example NHS Trust^^^^^&2.16.840.1.113883.2.1.3.2.4.19.1&ISO^^^^RX123"),
        ("role", "Consultant"),
    ];
    let author = author.map(|(name, value)| (name.to_owned(), Value::String(value.to_owned())));
    Value::Array(vec![Value::Table(author.into_iter().collect())])
}

/// The set's HasMembers, then the case's own associations with theirs.
fn associations(step: &Step, set: &str) -> Vec<Association> {
    let mut all = Vec::new();
    if !step.no_set {
        for (name, kind, table) in named(step, set) {
            let linked = table.get("member").and_then(Value::as_bool) != Some(false);
            if linked && kind.0.name != "SubmissionSet" {
                all.push(member(&name, kind, &table, set));
            }
        }
    }
    for (n, association) in step.assoc.iter().enumerate() {
        let mut association = association.clone();
        if association.id.is_empty() {
            association.id = format!("as{}", n + 1);
        }
        let of_set = association.from.is_empty() || association.from == set;
        let linked = association.kind == "HasMember" && !of_set && association.member;
        let link = Association {
            id: format!("hm-{}", association.id),
            from: set.to_owned(),
            kind: "HasMember".to_owned(),
            to: association.id.clone(),
            ..blank()
        };
        all.push(association);
        all.extend(linked.then_some(link));
    }
    all
}

fn blank() -> Association {
    Association {
        id: String::new(),
        from: String::new(),
        kind: String::new(),
        to: String::new(),
        slots: std::collections::BTreeMap::new(),
        documentation: String::new(),
        lid: String::new(),
        member: true,
    }
}

fn member(name: &str, kind: &KindRef, table: &Table, set: &str) -> Association {
    let mut association = Association {
        id: format!("hm-{name}"),
        from: set.to_owned(),
        kind: "HasMember".to_owned(),
        to: name.to_owned(),
        ..blank()
    };
    let mut put = |name: &str, value: &str| {
        association.slots.insert(name.to_owned(), value.to_owned());
    };
    let status = table.get("memberStatus");
    if kind.0.name == "DocumentEntry" || status.is_some() {
        match status {
            Some(Value::Boolean(false)) => {}
            status => {
                put("SubmissionSetStatus", status.and_then(Value::as_str).unwrap_or("Original"));
            }
        }
    }
    let previous = table.get("previousVersion");
    if table.contains_key("update") || previous.is_some() {
        match previous {
            Some(Value::Boolean(false)) => {}
            previous => put("PreviousVersion", previous.and_then(Value::as_str).unwrap_or("1")),
        }
    }
    if let Some(propagation) = table.get("propagation").and_then(Value::as_str) {
        put("AssociationPropagation", propagation);
    }
    for (slot, value) in table.get("memberSlots").and_then(Value::as_table).into_iter().flatten() {
        put(slot, value.as_str().unwrap_or_default());
    }
    association
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
