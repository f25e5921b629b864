//! The WSDL of each endpoint, self-contained, written for the messages that the hub serves.

/// The WSDL with the endpoint's own address in it.
pub fn with_address(wsdl: &str, address: &str) -> String {
    let mut escaped = String::new();
    crate::xml::escape_into(&mut escaped, address);
    wsdl.replace("ADDRESS", &escaped)
}

pub const REGISTRY: &str = include_str!("wsdl/registry.wsdl");
pub const REPOSITORY: &str = include_str!("wsdl/repository.wsdl");
pub const GATEWAY: &str = include_str!("wsdl/gateway.wsdl");
pub const ITK: &str = include_str!("wsdl/itk.wsdl");
pub const PIX: &str = include_str!("wsdl/pix.wsdl");
pub const RECALL: &str = include_str!("wsdl/recall.wsdl");
pub const RELATIONSHIP: &str = include_str!("wsdl/relationship.wsdl");
pub const COMPLETENESS: &str = include_str!("wsdl/completeness.wsdl");

#[cfg(test)]
mod tests {
    use crate::transaction::Transaction as T;

    #[test]
    fn every_transaction_of_an_endpoint_stands_in_its_wsdl_with_its_actions() {
        let registry: &[T] = &[T::Iti18, T::Iti42, T::Iti57, T::Iti61, T::Iti62, T::Iti92];
        for (wsdl, transactions) in [
            (super::REGISTRY, registry),
            (super::REPOSITORY, &[T::Iti41, T::Iti43, T::Iti86]),
            (super::GATEWAY, &[T::Iti18, T::Iti43]),
            (super::PIX, &[T::Iti44]),
            (super::RECALL, &[T::Recall]),
            (super::RELATIONSHIP, &[T::Relationship]),
            (super::COMPLETENESS, &[T::Completeness]),
        ] {
            for transaction in transactions {
                let name = transaction.name();
                let answer = format!("wsam:Action=\"{}\"", transaction.response_action());
                assert!(wsdl.contains(&answer), "{name}: {answer}");
                for form in transaction.requests() {
                    for shown in ["wsam:Action", "soapAction"] {
                        let shown = format!("{shown}=\"{}\"", form.action);
                        assert!(wsdl.contains(&shown), "{name}: {shown}");
                    }
                }
            }
        }
    }

    #[test]
    fn both_styles_and_both_versions_of_the_toolkit_stand_in_its_wsdl_with_the_queue() {
        use crate::itk::{COLLECT, CONFIRM, SEND, SEND_AND_RECEIVE, SERVICE_PREFIX};
        let generic = [SEND, SEND_AND_RECEIVE].map(|name| format!("{SERVICE_PREFIX}{name}"));
        for action in generic.iter().map(String::as_str).chain([COLLECT, CONFIRM]) {
            let wsdl = super::ITK;
            let answer = format!("wsam:Action=\"{action}Response\"");
            assert!(wsdl.contains(&answer), "{answer}");
            let bound = wsdl.matches(&format!("soapAction=\"{action}\"")).count();
            assert_eq!(bound, 2, "{action}: SOAP 1.1 and 1.2");
        }
        let document = crate::xml::Document::parse(super::ITK, &Default::default()).unwrap();
        let wsdl = "http://schemas.xmlsoap.org/wsdl/";
        let root = document.root();
        let bindings: Vec<_> = root.children_named(wsdl, "binding").collect();
        let ports = root.child(wsdl, "service").unwrap().children_named(wsdl, "port").count();
        assert_eq!((bindings.len(), ports), (6, 6));
        for binding in bindings {
            let name = binding.attr("type").unwrap().trim_start_matches("itk:");
            let mut types = root.children_named(wsdl, "portType");
            assert!(types.any(|port| port.attr("name") == Some(name)), "{name}");
        }
    }
}
