//! Messages as bytes: the SOAP 1.2 envelope (ITI TF-2 Appendix V), the MTOM package, ITI-44.

use super::case::{Envelope, Http};
use super::metadata::escaped;
use base64::Engine;
use std::fmt::Write;

const BOUNDARY: &str = "conformance-7f3a";

/// A document that goes with an envelope.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub cid: String,
    pub bytes: Vec<u8>,
}

/// A message ready to be sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    pub url: String,
    pub content_type: String,
    pub headers: Vec<(String, String)>,
    pub chunked: bool,
    pub body: Vec<u8>,
    /// The envelope with its documents inline, as schemas know it.
    pub resolved: String,
    pub message_id: String,
    pub transaction: String,
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// An envelope with what a case says differently.
pub fn envelope(action: &str, to: &str, id: &str, reply: &str, body: &str, e: &Envelope) -> String {
    if let Some(text) = &e.text {
        return text.clone();
    }
    let mut headers = String::new();
    let action = e.action.as_deref().unwrap_or(action);
    if !e.no_action {
        let action = escaped(action);
        let _ = write!(headers, "<wsa:Action s:mustUnderstand=\"1\">{action}</wsa:Action>");
    }
    if !e.no_message_id {
        let _ = write!(headers, "<wsa:MessageID>{}</wsa:MessageID>", escaped(id));
    }
    if !e.no_reply_to {
        let reply = escaped(e.reply_to.as_deref().unwrap_or(reply));
        let _ = write!(headers, "<wsa:ReplyTo><wsa:Address>{reply}</wsa:Address></wsa:ReplyTo>");
    }
    let _ = write!(headers, "<wsa:To>{}</wsa:To>{}", escaped(to), e.headers);
    let body = e.body.as_deref().unwrap_or(body);
    format!(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:wsa=\"http://www.w3.org/2005/08/addressing\"><s:Header>{headers}</s:Header><s:Body>{body}{}</s:Body></s:Envelope>",
        e.more_body
    )
}

/// The first occurrence of each text gives way to another; a text that is not there is a mistake.
pub fn replaced(text: String, replace: &[(String, String)]) -> Result<String, String> {
    replace.iter().try_fold(text, |text, (from, to)| {
        if text.contains(from.as_str()) {
            Ok(text.replacen(from.as_str(), to, 1))
        } else {
            Err(format!("nothing to replace: {from:?} is not in the message"))
        }
    })
}

/// Content-Type and bytes of a package.
pub fn package(
    envelope: &str,
    parts: &[Attachment],
    http: &Http,
) -> Result<(String, Vec<u8>), String> {
    let content_type = format!(
        "multipart/related; boundary=\"{BOUNDARY}\"; type=\"application/xop+xml\"; start=\"<root@conformance>\"; start-info=\"application/soap+xml\""
    );
    let root = format!(
        "{}--{BOUNDARY}\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@conformance>\r\n\r\n{envelope}",
        http.preamble
    );
    let mut bytes = replaced(root, &http.replace)?.into_bytes();
    let encoding = if http.encoding.is_empty() { "binary" } else { &http.encoding };
    for part in parts {
        let head = format!(
            "\r\n--{BOUNDARY}\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: {encoding}\r\nContent-ID: <{}>\r\n\r\n",
            part.cid
        );
        bytes.extend(head.into_bytes());
        if encoding == "base64" {
            bytes.extend(base64(&part.bytes).into_bytes());
        } else {
            bytes.extend(&part.bytes);
        }
    }
    bytes.extend(format!("\r\n--{BOUNDARY}--\r\n{}", http.epilogue).into_bytes());
    Ok((content_type, bytes))
}

/// An ITI-44 message: what happens, to whom, and its id.
pub struct Hl7Message<'m> {
    /// `add`, `revise` or `merge`.
    pub kind: &'m str,
    /// CX values; the first is the patient's in the domain.
    pub ids: &'m [String],
    pub subsumed: Option<&'m str>,
    pub message_id: &'m str,
    pub now: &'m str,
}

impl Hl7Message<'_> {
    pub fn interaction(&self) -> &'static str {
        match self.kind {
            "add" => "PRPA_IN201301UV02",
            "revise" => "PRPA_IN201302UV02",
            _ => "PRPA_IN201304UV02",
        }
    }

    /// The body (ITI TF-2 3.44.4): only what a registry may look at is more than required.
    pub fn xml(&self) -> String {
        let interaction = self.interaction();
        let trigger = interaction.replace("IN", "TE");
        let ids: String = self.ids.iter().map(|cx| instance("id", cx)).collect();
        let device = |element: &str, kind: &str, root: &str| {
            format!(
                "<{element} typeCode=\"{kind}\"><device classCode=\"DEV\" determinerCode=\"INSTANCE\"><id root=\"{root}\"/></device></{element}>"
            )
        };
        let custodian = "<custodian typeCode=\"CST\"><assignedEntity classCode=\"ASSIGNED\"><id root=\"1.2.826.0.1.99999.80.3\"/></assignedEntity></custodian>";
        let replaced = self.subsumed.map_or(String::new(), |cx| {
            format!(
                "<replacementOf typeCode=\"RPLC\"><priorRegistration classCode=\"REG\" moodCode=\"EVN\"><statusCode code=\"obsolete\"/><subject1 typeCode=\"SBJ\"><priorRegisteredRole classCode=\"PAT\">{}</priorRegisteredRole></subject1></priorRegistration></replacementOf>",
                instance("id", cx)
            )
        });
        format!(
            "<{interaction} xmlns=\"urn:hl7-org:v3\" ITSVersion=\"XML_1.0\"><id root=\"{}\"/><creationTime value=\"{}\"/><interactionId root=\"2.16.840.1.113883.1.6\" extension=\"{interaction}\"/><processingCode code=\"P\"/><processingModeCode code=\"T\"/><acceptAckCode code=\"AL\"/>{}{}<controlActProcess classCode=\"CACT\" moodCode=\"EVN\"><code code=\"{trigger}\" codeSystem=\"2.16.840.1.113883.1.18\"/><subject typeCode=\"SUBJ\"><registrationEvent classCode=\"REG\" moodCode=\"EVN\"><statusCode code=\"active\"/><subject1 typeCode=\"SBJ\"><patient classCode=\"PAT\">{ids}<statusCode code=\"active\"/><patientPerson classCode=\"PSN\" determinerCode=\"INSTANCE\"><name><family>SYNTHETIC</family><given>Testina</given></name></patientPerson><providerOrganization classCode=\"ORG\" determinerCode=\"INSTANCE\"><id root=\"1.2.826.0.1.99999.80.3\"/><contactParty classCode=\"CON\"/></providerOrganization></patient></subject1>{custodian}{replaced}</registrationEvent></subject></controlActProcess></{interaction}>",
            self.message_id,
            self.now,
            device("receiver", "RCV", "1.2.826.0.1.99999.80.2"),
            device("sender", "SND", "1.2.826.0.1.99999.80.1"),
        )
    }
}

/// An II from a CX `extension^^^&root&ISO`.
fn instance(element: &str, cx: &str) -> String {
    let (extension, rest) = cx.split_once("^^^").unwrap_or((cx, ""));
    let root = rest.split('&').nth(1).unwrap_or_default();
    format!("<{element} root=\"{}\" extension=\"{}\"/>", escaped(root), escaped(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_crlf_before_each_boundary() {
        let part = Attachment { cid: "d@c".to_owned(), bytes: b"x\r\n".to_vec() };
        let (_, bytes) = package("<e/>", &[part], &Http::default()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("<e/>\r\n--"));
        assert!(text.ends_with("x\r\n\r\n--conformance-7f3a--\r\n"));
    }

    #[test]
    fn replacing_what_is_not_there_is_a_mistake_of_the_case() {
        let pair = ("a".to_owned(), "b".to_owned());
        assert_eq!(replaced("aa".to_owned(), std::slice::from_ref(&pair)).unwrap(), "ba");
        assert!(replaced("c".to_owned(), &[pair]).is_err());
    }
}
