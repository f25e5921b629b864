//! One repositoryUniqueId for all, or a publisher's own; and what a mixed request gets.

use super::{SHARED, assert_provided, provide, retrieve};
use hub::config::Config;
use hub::serve::Role;
use tests::TestHub;
use tests::message::{self, Provide};

const OWN: &str = "1.2.826.0.1.99999.40.2";

fn configuration() -> Config {
    toml::from_str(&format!("[repository.repository_unique_id_of]\nRXR = \"{OWN}\"\n")).unwrap()
}

#[test]
fn a_publishers_documents_are_kept_under_its_own_repository_unique_id() {
    let hub = TestHub::with(|options| options.config = configuration());
    assert_provided(&provide(&hub, "RXN", &Provide::letter(1)));
    assert_provided(&provide(&hub, "RXR", &Provide::letter(2)));
    let find = message::find_documents("9000000009", "LeafClass", "");
    let found = hub.request("ZZP01", hub.url(Role::Gateway)).soap(&find);
    for id in [SHARED, OWN] {
        assert!(found.contains(&format!("<rim:Value>{id}</rim:Value>")), "{}", found.text());
    }
    let first = message::retrieve(&[&Provide::letter(1).unique_id]);
    let second = message::retrieve(&[&Provide::letter(2).unique_id]);
    assert_eq!(retrieve(&hub, &first).xds_status(), "Success");
    assert_eq!(retrieve(&hub, &second.replace(SHARED, OWN)).xds_status(), "Success");
    for swapped in [first.replace(SHARED, OWN), second] {
        let answer = retrieve(&hub, &swapped);
        assert_eq!(answer.error_codes(), ["XDSDocumentUniqueIdError"]);
    }
    let through_the_gateway = message::retrieve(&[&Provide::letter(2).unique_id]);
    let gateway = hub.request("ZZP01", hub.url(Role::Gateway));
    let fetched = gateway.soap(&through_the_gateway.replace(SHARED, OWN));
    assert_eq!(fetched.xds_status(), "Success", "{}", fetched.text());
}

#[test]
fn a_repository_answers_for_what_it_keeps_under_a_name_it_no_longer_gives() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let own = TestHub::with(|options| {
        options.data = data.clone();
        options.config = configuration();
    });
    assert_provided(&provide(&own, "RXR", &Provide::letter(1)));
    drop(own);
    let hub = TestHub::with(|options| options.data = data);
    let request = message::retrieve(&[&Provide::letter(1).unique_id]).replace(SHARED, OWN);
    assert_eq!(retrieve(&hub, &request).xds_status(), "Success");
    let unknown = message::retrieve(&["1.2.3"]).replace(SHARED, OWN);
    assert_eq!(retrieve(&hub, &unknown).error_codes(), ["XDSUnknownRepositoryId"]);
}

#[test]
fn what_is_there_is_answered_and_each_of_the_rest_has_its_error() {
    let hub = TestHub::start();
    let letter = Provide::letter(1);
    assert_provided(&provide(&hub, "RXN", &letter));
    let document = |repository: &str, id: &str| {
        format!(
            "<xds:DocumentRequest><xds:RepositoryUniqueId>{repository}</xds:RepositoryUniqueId><xds:DocumentUniqueId>{id}</xds:DocumentUniqueId></xds:DocumentRequest>"
        )
    };
    let body = format!(
        "<xds:RetrieveDocumentSetRequest xmlns:xds=\"urn:ihe:iti:xds-b:2007\">{}{}{}</xds:RetrieveDocumentSetRequest>",
        document(SHARED, "1.2.3"),
        document(SHARED, &letter.unique_id),
        document("1.2.4", &letter.unique_id)
    );
    let envelope = message::envelope("urn:ihe:iti:2007:RetrieveDocumentSet", &body);
    let (content_type, body) = message::package(&envelope, &[]);
    let answer = hub
        .anonymous(hub.url(Role::Repository))
        .certificate(hub.service_certificate("watling-gateway"))
        .content_type(&content_type)
        .post(body);
    assert_eq!(answer.xds_status(), "PartialSuccess");
    assert_eq!(answer.error_codes(), ["XDSDocumentUniqueIdError", "XDSUnknownRepositoryId"]);
    assert!(answer.text().contains("<letter>1</letter>"), "packed as it was asked for");
    assert!(answer.contains("<xds:mimeType>text/xml</xds:mimeType>"));
}
