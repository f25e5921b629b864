//! Remove Documents (ITI-86, the RMD supplement): the request; its answer is rs:RegistryResponse.

use crate::error::XdsError;
use crate::retrieve::{self, DocumentRequest};
use crate::wire::XDSB;
use crate::xml::Element;

pub const NAMESPACE: &str = "urn:ihe:iti:rmd:2017";
pub const REQUEST: &str = "RemoveDocumentsRequest";

/// Reads `rmd:RemoveDocumentsRequest`. A HomeCommunityId is kept and means nothing here.
pub fn read_request(request: Element<'_>) -> Result<Vec<DocumentRequest>, XdsError> {
    retrieve::read_document_requests(request)
}

/// Writes `rmd:RemoveDocumentsRequest`.
pub fn write_request(requests: &[DocumentRequest]) -> String {
    let mut out = format!("<rmd:{REQUEST} xmlns:rmd=\"{NAMESPACE}\" xmlns:xds=\"{XDSB}\">");
    retrieve::write_document_requests(&mut out, requests);
    out.push_str(&format!("</rmd:{REQUEST}>"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Document, Limits};

    fn read(xml: &str) -> Result<Vec<DocumentRequest>, XdsError> {
        let document = Document::parse_bytes(xml.as_bytes(), &Limits::default()).unwrap();
        read_request(document.root())
    }

    #[test]
    fn what_is_written_is_read_back_and_each_document_is_named_once() {
        let request = |home: Option<&str>, id: &str| DocumentRequest {
            home_community_id: home.map(str::to_owned),
            repository_unique_id: "1.2.826.0.1.99999.40.1".to_owned(),
            document_unique_id: id.to_owned(),
        };
        let two = [request(None, "1.2.3"), request(Some("urn:oid:1.2"), "1.2.4")];
        assert_eq!(read(&write_request(&two)).unwrap(), two);
        let twice = [two[0].clone(), two[0].clone()];
        assert_eq!(read(&write_request(&twice)).unwrap(), two[..1]);
    }

    #[test]
    fn a_request_for_nothing_or_without_an_id_is_refused_by_name() {
        let empty = read(&write_request(&[])).unwrap_err();
        assert!(empty.context.contains("RemoveDocumentsRequest needs"), "{empty}");
        let xml = write_request(&[DocumentRequest {
            home_community_id: None,
            repository_unique_id: "1.2.3".to_owned(),
            document_unique_id: String::new(),
        }]);
        let without = read(&xml).unwrap_err();
        assert!(without.context.contains("DocumentUniqueId"), "{without}");
    }
}
