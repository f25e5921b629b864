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
