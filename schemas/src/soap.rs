//! SOAP envelopes with WS-Addressing, read leniently where real stacks differ, written strictly.

pub mod fault;
pub mod mime;
pub mod mtom;

use crate::transactional;
use crate::xml::{Document, Element, text_element};
use fault::Fault;

pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
pub const WSA: &str = "http://www.w3.org/2005/08/addressing";
pub const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
pub const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
pub const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
/// The address to which nothing is sent.
pub const NONE: &str = "http://www.w3.org/2005/08/addressing/none";
/// The hub's own header: which organisation a system acts for in this request.
pub const WATLING: &str = "urn:watling:2026";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoapVersion {
    V11,
    V12,
}

impl SoapVersion {
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V11 => SOAP11,
            Self::V12 => SOAP12,
        }
    }

    /// The media type of a plain envelope.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml",
            Self::V12 => "application/soap+xml",
        }
    }
}

/// WS-Addressing headers of a request; all may be missing on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addressing {
    pub action: Option<String>,
    pub message_id: Option<String>,
    pub to: Option<String>,
    pub reply_to: Option<String>,
    pub fault_to: Option<String>,
}

/// An envelope's parts, borrowed from its document.
#[derive(Debug)]
pub struct Envelope<'d> {
    pub version: SoapVersion,
    pub addressing: Addressing,
    /// The whole `Header`, for what a profile reads itself (ITK's security timestamp).
    pub header: Option<Element<'d>>,
    /// Whether a `wsse:Security` header carries a SAML assertion.
    pub has_assertion: bool,
    /// The organisation that the request says it acts for.
    pub acting_for: Option<&'d str>,
    /// Namespace and name of the first foreign header that must be understood.
    pub not_understood: Option<(&'d str, &'d str)>,
    /// Whether a byte order mark stood before it.
    pub byte_order_mark: bool,
    /// HTTP's SOAPAction or action parameter, where whoever received the message knows it.
    pub http_action: Option<String>,
    /// The single child of `Body`.
    pub body: Element<'d>,
}

impl<'d> Envelope<'d> {
    /// Reads an envelope. The `Header` may be absent; two of it, two addressing headers of one kind,
    /// an unknown mustUnderstand header and a body without exactly one element are refused.
    pub fn read(document: &'d Document<'d>) -> Result<Self, Fault> {
        let envelope = Self::read_any(document)?;
        envelope.understood()?;
        Ok(envelope)
    }

    /// Whether every header that must be understood is known here.
    pub fn understood(&self) -> Result<(), Fault> {
        match self.not_understood {
            None => Ok(()),
            Some((uri, local)) => Err(Fault::must_understand(uri, local)),
        }
    }

    /// The same for who asks [`Envelope::understood`] later, in an order of its own.
    pub fn read_any(document: &'d Document<'d>) -> Result<Self, Fault> {
        let root = document.root();
        let version = match root.namespace() {
            SOAP12 => SoapVersion::V12,
            SOAP11 => SoapVersion::V11,
            _ => return Err(Fault::version_mismatch()),
        };
        let soap = version.namespace();
        if root.local() != "Envelope" {
            return Err(Fault::sender("the root element is not a SOAP Envelope"));
        }
        let body = at_most_one(root, soap, "Body")?;
        let body = body.ok_or_else(|| Fault::sender("the SOAP Envelope has no Body"))?;
        let mut elements = body.children();
        let (Some(element), None) = (elements.next(), elements.next()) else {
            return Err(Fault::sender("the SOAP Body must hold exactly one element"));
        };
        let header = at_most_one(root, soap, "Header")?;
        let addressing = header.map_or(Ok(Addressing::default()), addressing)?;
        let mut acting_for = None;
        let mut has_assertion = false;
        let mut not_understood = None;
        for block in header.iter().flat_map(Element::children) {
            match (block.namespace(), block.local()) {
                (WSA, _) => {}
                (WSSE, "Security") => has_assertion |= holds_assertion(block),
                (WATLING, "ActingFor") => acting_for = Some(block.trimmed()),
                (transactional::NAMESPACE, transactional::HEADER) => {}
                _ if must_understand(block, soap) => {
                    not_understood = not_understood.or(Some((block.namespace(), block.local())));
                }
                _ => {}
            }
        }
        Ok(Self {
            version,
            addressing,
            header,
            has_assertion,
            acting_for,
            not_understood,
            byte_order_mark: document.byte_order_mark(),
            http_action: None,
            body: element,
        })
    }
}

/// A second Header or Body would be passed over in silence, whatever it demands.
fn at_most_one<'d>(
    root: Element<'d>,
    soap: &str,
    name: &str,
) -> Result<Option<Element<'d>>, Fault> {
    let mut found = root.children_named(soap, name);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(_) => Err(Fault::sender(format!("the SOAP Envelope has more than one {name}"))),
    }
}

fn holds_assertion(security: Element<'_>) -> bool {
    security.descendants().any(|element| {
        element.namespace().starts_with("urn:oasis:names:tc:SAML")
            && element.local().contains("Assertion")
    })
}

fn must_understand(block: Element<'_>, soap: &str) -> bool {
    matches!(block.attr_ns(soap, "mustUnderstand").map(str::trim), Some("1" | "true"))
}

fn addressing(header: Element<'_>) -> Result<Addressing, Fault> {
    let one = |name: &'static str| -> Result<Option<Element<'_>>, Fault> {
        let mut found = header.children_named(WSA, name);
        let first = found.next();
        if found.next().is_some() {
            return Err(Fault::addressing(
                "InvalidAddressingHeader",
                format!("wsa:{name} occurs more than once"),
            ));
        }
        Ok(first)
    };
    let text = |element: Option<Element<'_>>| element.map(|element| element.trimmed().to_owned());
    let action = one("Action")?;
    if action.is_some_and(|action| action.trimmed().chars().any(char::is_whitespace)) {
        let what = "wsa:Action contains white space".to_owned();
        return Err(Fault::addressing("InvalidAddressingHeader", what));
    }
    let address = |endpoint: Option<Element<'_>>| {
        text(endpoint.and_then(|endpoint| endpoint.child(WSA, "Address")))
    };
    Ok(Addressing {
        action: text(action),
        message_id: text(one("MessageID")?),
        to: text(one("To")?),
        reply_to: address(one("ReplyTo")?),
        fault_to: address(one("FaultTo")?),
    })
}

/// Headers of an envelope that the hub writes.
#[derive(Clone, Debug, Default)]
pub struct Headers<'a> {
    pub action: &'a str,
    pub message_id: &'a str,
    /// Requests, and answers that go to an address of their own.
    pub to: Option<&'a str>,
    pub relates_to: Option<&'a str>,
    /// Requests only: the organisation the sending system acts for.
    pub acting_for: Option<&'a str>,
    /// Between the hub's own services: one journey, one id.
    pub correlation_id: Option<&'a str>,
}

/// Writes an envelope around a body.
pub fn write(version: SoapVersion, headers: &Headers<'_>, body: &str) -> String {
    let mut out = String::with_capacity(body.len() + 800);
    out.push_str("<s:Envelope xmlns:s=\"");
    out.push_str(version.namespace());
    out.push_str("\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><s:Header>");
    let mandatory = if version == SoapVersion::V12 { " s:mustUnderstand=\"true\"" } else { "" };
    out.push_str("<wsa:Action");
    out.push_str(mandatory);
    out.push('>');
    crate::xml::escape_into(&mut out, headers.action);
    out.push_str("</wsa:Action>");
    text_element(&mut out, "wsa:MessageID", headers.message_id);
    if let Some(to) = headers.to {
        if headers.relates_to.is_none() {
            out.push_str("<wsa:ReplyTo><wsa:Address>");
            out.push_str(ANONYMOUS);
            out.push_str("</wsa:Address></wsa:ReplyTo>");
        }
        // Who takes an answer on a connection of its own must look at its address.
        let mandatory = if headers.relates_to.is_some() { mandatory } else { "" };
        out.push_str(&format!("<wsa:To{mandatory}>"));
        crate::xml::escape_into(&mut out, to);
        out.push_str("</wsa:To>");
    }
    if let Some(relates_to) = headers.relates_to {
        text_element(&mut out, "wsa:RelatesTo", relates_to);
    }
    for (name, value) in
        [("ActingFor", headers.acting_for), ("CorrelationId", headers.correlation_id)]
    {
        if let Some(value) = value {
            out.push_str(&format!("<w:{name} xmlns:w=\"{WATLING}\">"));
            crate::xml::escape_into(&mut out, value);
            out.push_str(&format!("</w:{name}>"));
        }
    }
    out.push_str("</s:Header><s:Body>");
    out.push_str(body);
    out.push_str("</s:Body></s:Envelope>");
    out
}

/// The correlation id that another service of the hub put on a request.
pub fn correlation_id<'d>(envelope: &Envelope<'d>) -> Option<&'d str> {
    envelope.header?.child(WATLING, "CorrelationId").map(|element| element.trimmed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Limits;

    fn read(text: &str) -> Result<Addressing, Fault> {
        let document = Document::parse(text, &Limits::default()).unwrap();
        Envelope::read(&document).map(|envelope| envelope.addressing)
    }

    #[test]
    fn what_is_written_can_be_read() {
        let headers = Headers {
            action: "urn:a",
            message_id: "urn:uuid:1",
            to: Some("https://x/"),
            ..Headers::default()
        };
        let text = write(SoapVersion::V12, &headers, "<b xmlns='u'/>");
        let addressing = read(&text).unwrap();
        assert_eq!(addressing.action.as_deref(), Some("urn:a"));
        assert_eq!(addressing.reply_to.as_deref(), Some(ANONYMOUS));
    }

    #[test]
    fn an_answer_to_an_address_names_it_and_asks_for_no_answer() {
        let headers = Headers {
            action: "urn:a",
            message_id: "urn:uuid:2",
            to: Some("https://x/?a=1&b=2"),
            relates_to: Some("urn:uuid:1"),
            ..Headers::default()
        };
        let text = write(SoapVersion::V12, &headers, "<b xmlns='u'/>");
        assert!(text.contains("<wsa:To s:mustUnderstand=\"true\">"), "{text}");
        let addressing = read(&text).unwrap();
        assert_eq!(addressing.to.as_deref(), headers.to);
        assert_eq!(addressing.reply_to, None);
    }

    #[test]
    fn addressing_may_be_absent_but_not_doubled() {
        let bare = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><a/></s:Body></s:Envelope>";
        assert_eq!(read(bare).unwrap(), Addressing::default());
        let double = bare.replace(
            "<s:Body>",
            "<s:Header xmlns:w='http://www.w3.org/2005/08/addressing'><w:Action>a</w:Action><w:Action>a</w:Action></s:Header><s:Body>",
        );
        assert!(read(&double).is_err());
    }

    #[test]
    fn an_unknown_header_that_must_be_understood_is_refused() {
        let text = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header><x:y xmlns:x='u' s:mustUnderstand='1'/></s:Header><s:Body><a/></s:Body></s:Envelope>";
        let fault = read(text).unwrap_err();
        assert_eq!(fault.code, fault::FaultCode::MustUnderstand);
    }

    #[test]
    fn a_second_header_or_body_is_refused() {
        let bare = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body><a/></s:Body></s:Envelope>";
        assert!(read(bare).is_ok());
        for (once, twice) in [
            ("<s:Header/>", "<s:Header/><s:Header/>"),
            ("</s:Body>", "</s:Body><s:Body><b/></s:Body>"),
        ] {
            let fault = read(&bare.replace(once, twice)).unwrap_err();
            assert_eq!(fault.code, fault::FaultCode::Sender);
            assert!(fault.reason.contains("more than one"), "{}", fault.reason);
        }
    }

    #[test]
    fn a_body_of_two_elements_is_refused() {
        let text = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body><a/><b/></s:Body></s:Envelope>";
        assert_eq!(read(text).unwrap_err().code, fault::FaultCode::Sender);
    }
}
