//! ITI-57, ITI-92, ITI-61 and ITI-62 at the registry: publishers change and take back what they
//! have published, and nothing else. The transactions' own rules are the conformance suite's.

use hub::serve::Role;
use node::audit::Outcome;
use tests::message::{self, Provide};
use tests::{Answer, TestHub};

pub(crate) const UPDATE: &str = "urn:ihe:iti:2010:UpdateDocumentSet";
const RESTRICTED: &str = "urn:ihe:iti:2018:RestrictedUpdateDocumentSet";
const ON_DEMAND: &str = "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248";
const STABLE: &str = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1";

/// Publishes letter 1 as RXN and gives its entryUUID.
fn published(hub: &TestHub) -> String {
    let letter = Provide::letter(1).inline();
    let answer = hub.request("RXN", hub.url(Role::Repository)).soap(&letter);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let found = entries(hub, "");
    found.text().split("<rim:ExtrinsicObject id=\"").nth(1).unwrap()[..45].to_owned()
}

/// What the patient's practice finds, with more parameters.
fn entries(hub: &TestHub, more: &str) -> Answer {
    let query = message::find_documents("9000000009", "LeafClass", more);
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    assert_eq!(found.xds_status(), "Success", "{}", found.text());
    found
}

/// A new version of letter 1 with a title of its own.
pub(crate) fn new_version(lid: &str, set: u32, previous: u32, title: &str) -> String {
    let letter = Provide::letter(1);
    let (hash, size) = (letter.sha1(), letter.document.len().to_string());
    let letter = Provide { set_unique_id: format!("1.2.826.0.1.99999.31.{set}"), ..letter }
        .slot("hash", &[&hash])
        .slot("size", &[&size])
        .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.1"]);
    let version = message::slot("PreviousVersion", &previous.to_string());
    letter
        .metadata()
        .replace("id=\"Document01\" mimeType", &format!("id=\"Document01\" lid=\"{lid}\" mimeType"))
        .replace("value=\"A letter\"", &format!("value=\"{title}\""))
        .replace(
            "</rim:Slot></rim:Association>",
            &format!("</rim:Slot>{version}</rim:Association>"),
        )
}

pub(crate) fn send(hub: &TestHub, ods: &str, action: &str, body: &str) -> Answer {
    hub.request(ods, hub.url(Role::Registry)).soap(&message::envelope(action, body))
}

fn removal(ids: &[&str]) -> String {
    let references: String = ids.iter().map(|id| format!("<rim:ObjectRef id=\"{id}\"/>")).collect();
    format!(
        "<lcm:RemoveObjectsRequest xmlns:lcm=\"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><rim:ObjectRefList>{references}</rim:ObjectRefList></lcm:RemoveObjectsRequest>"
    )
}

fn remove(hub: &TestHub, ods: &str, ids: &[&str]) -> Answer {
    send(hub, ods, "urn:ihe:iti:2010:DeleteDocumentSet", &removal(ids))
}

/// entryUUIDs of everything that letter 1's submission has registered.
fn submission_of(hub: &TestHub, entry: &str) -> Vec<String> {
    let body = format!(
        "<query:AdhocQueryRequest xmlns:query=\"urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0\" xmlns:rim=\"urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0\"><query:ResponseOption returnComposedObjects=\"true\" returnType=\"ObjectRef\"/><rim:AdhocQuery id=\"urn:uuid:51224314-5390-4169-9b91-b1980040715a\">{}</rim:AdhocQuery></query:AdhocQueryRequest>",
        message::slot(concat!("$", "uuid"), &format!("('{entry}')"))
    );
    let query = message::envelope("urn:ihe:iti:2007:RegistryStoredQuery", &body);
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&query);
    let text = found.text();
    let ids = text.split("<rim:ObjectRef id=\"").skip(1).map(|rest| rest[..45].to_owned());
    ids.chain([entry.to_owned()]).collect()
}

#[test]
fn a_publisher_updates_the_metadata_of_its_own_document() {
    let hub = TestHub::start();
    let lid = published(&hub);
    for (action, previous, title) in
        [(UPDATE, 1, "Corrected by ITI-57"), (RESTRICTED, 2, "Corrected by ITI-92")]
    {
        let answer = send(&hub, "RXN", action, &new_version(&lid, previous, previous, title));
        assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
        let event = hub.last_audit(Role::Registry).event;
        assert_eq!((event.outcome, event.organisation.as_deref()), (Outcome::Success, Some("RXN")));
        let found = entries(&hub, "");
        assert_eq!(found.text().matches("<rim:ExtrinsicObject").count(), 1, "the latest only");
        assert!(found.contains(title) && found.contains(&format!("lid=\"{lid}\"")));
        let version = format!("versionName=\"{}\"", previous + 1);
        assert!(found.contains(&version), "{}", found.text());
        assert!(found.contains("<rim:Value>RXN</rim:Value>"), "the publisher stays who it was");
    }
    let retrieved = hub
        .request("ZZP01", hub.url(Role::Gateway))
        .soap(&message::retrieve(&["1.2.826.0.1.99999.20.1"]));
    assert_eq!(retrieved.xds_status(), "Success", "its bytes are where they were");
}

#[test]
fn an_update_raises_confidentiality_and_never_lowers_what_restricted_content_has() {
    let hub = TestHub::start();
    let lid = published(&hub);
    let raised = new_version(&lid, 1, 1, "Raised");
    assert!(raised.contains("nodeRepresentation=\"N\""));
    let raised = raised.replace("nodeRepresentation=\"N\"", "nodeRepresentation=\"R\"");
    assert_eq!(send(&hub, "RXN", UPDATE, &raised).xds_status(), "Success");
    for (action, set, code) in
        [(UPDATE, 2, "XDSMetadataUpdateError"), (RESTRICTED, 3, "UnmodifiableMetadataError")]
    {
        let lowered = send(&hub, "RXN", action, &new_version(&lid, set, 2, "Lowered"));
        assert_eq!(lowered.xds_status(), "Failure", "{}", lowered.text());
        assert_eq!(lowered.error_codes(), [code], "{}", lowered.text());
        assert!(lowered.contains("the confidentialityCode is lower"), "{}", lowered.text());
    }
}

#[test]
fn nobody_updates_or_removes_what_another_organisation_has_published() {
    let hub = TestHub::start();
    let lid = published(&hub);
    let update = new_version(&lid, 1, 1, "Not mine");
    for (action, code) in
        [(UPDATE, "XDSMetadataUpdateError"), (RESTRICTED, "LocalPolicyRestrictionError")]
    {
        let words = [code, "published by another organisation"];
        hub.refuses(Role::Registry, &words, || send(&hub, "RXL", action, &update));
    }
    let ids = submission_of(&hub, &lid);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let words = ["XDSRegistryError", "published by another organisation"];
    hub.refuses(Role::Registry, &words, || remove(&hub, "RXL", &ids));
    let words = ["ZZP01", "may not use the registry"];
    hub.refuses(Role::Registry, &words, || send(&hub, "ZZP01", UPDATE, &update));
    hub.refuses(Role::Registry, &words, || remove(&hub, "ZZP01", &ids));
    assert!(entries(&hub, "").contains("value=\"A letter\""));
}

#[test]
fn co_authors_update_each_others_documents_and_the_publisher_stays() {
    let group = ["RXN", "RXL"].map(|ods| schemas::ods_code::OdsCode::parse(ods).unwrap()).to_vec();
    let hub = TestHub::with(|o| o.config.registry.co_authors = vec![group]);
    let lid = published(&hub);
    let answer = send(&hub, "RXL", UPDATE, &new_version(&lid, 1, 1, "Ours"));
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    let found = entries(&hub, "");
    assert!(found.contains("value=\"Ours\"") && found.contains("<rim:Value>RXN</rim:Value>"));
}

#[test]
fn a_removed_document_is_gone_from_every_answer_and_stays_on_record() {
    let hub = TestHub::start();
    let entry = published(&hub);
    let ids = submission_of(&hub, &entry);
    assert_eq!(ids.len(), 3, "the SubmissionSet, its HasMember, the entry");
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let answer = remove(&hub, "RXN", &ids);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    for table in ["document_entry", "submission_set", "association", "content", "entry_code"] {
        assert_eq!(hub.count_indexed(table), 0, "{table}");
    }
    assert_eq!(hub.count_indexed("locator"), 0);
    assert!(!entries(&hub, "").contains("ExtrinsicObject"));
    let event = hub.last_audit(Role::Registry).event;
    assert_eq!(event.document_unique_ids, ["1.2.826.0.1.99999.20.1"]);
    assert_eq!(event.removed_objects.len(), 3);
    assert!(event.patient_id.is_some_and(|patient| patient.starts_with("9000000009")));
}

#[test]
fn an_on_demand_document_is_registered_by_its_publisher_and_found_by_who_asks_for_its_kind() {
    let hub = TestHub::start();
    let on_demand = Provide::letter(7)
        .slot("creationTime", &[])
        .slot("repositoryUniqueId", &["1.2.826.0.1.99999.40.7"])
        .metadata()
        .replace(STABLE, ON_DEMAND);
    let answer = send(&hub, "RXN", "urn:ihe:iti:2010:RegisterOnDemandDocumentEntry", &on_demand);
    assert_eq!(answer.xds_status(), "Success", "{}", answer.text());
    assert!(answer.contains("urn:ihe:iti:2010:RegisterOnDemandDocumentResponse"));
    assert!(!entries(&hub, "").contains("ExtrinsicObject"), "stable ones are the default");
    let both =
        message::slot(concat!("$", "XDSDocumentEntryType"), &format!("('{STABLE}','{ON_DEMAND}')"));
    assert!(entries(&hub, &both).contains(ON_DEMAND));
}
