//! RFC 5424 messages in RFC 5425 frames, as ATNA wants them (ITI TF-2 3.20.4.1.2).

use std::fmt::Write;

/// Facility 10 (security), severity 5 (notice).
const PRIORITY: u8 = 10 * 8 + 5;
const APP_NAME: &str = "watling";
const MSGID: &str = "IHE+RFC-3881";
/// RFC 5424 7.3.1: it begins anew behind this number.
const SEQUENCE_MAX: i64 = 2_147_483_647;

/// What stands around one message.
#[derive(Clone, Copy, Debug)]
pub struct Header<'h> {
    /// RFC 3339 with at most six digits of a second.
    pub at: &'h str,
    pub hostname: &'h str,
    pub process: Option<u32>,
    /// Place of the record in the sender's log: what is sent twice has the same.
    pub sequence: i64,
}

/// One message with its length in front, as it goes over TLS.
pub fn framed(header: &Header<'_>, message: &str) -> Vec<u8> {
    let mut text = String::with_capacity(message.len() + 128);
    let process = header.process.map_or("-".to_owned(), |id| id.to_string());
    let sequence = header.sequence.rem_euclid(SEQUENCE_MAX + 1).max(1);
    let hostname = printable(header.hostname, 255);
    let _ = write!(
        text,
        "<{PRIORITY}>1 {} {hostname} {APP_NAME} {process} {MSGID} [meta sequenceId=\"{sequence}\"] {message}",
        printable(header.at, 64)
    );
    let mut frame = format!("{} ", text.len()).into_bytes();
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// PRINTUSASCII up to a length, `-` where nothing is left.
fn printable(text: &str, length_max: usize) -> String {
    let printable = text.chars().filter(char::is_ascii_graphic).take(length_max);
    let found: String = printable.collect();
    if found.is_empty() { "-".to_owned() } else { found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed_by_its_octets() {
        let header = Header {
            at: "2026-07-15T12:00:00.000Z",
            hostname: "hub 1",
            process: Some(4711),
            sequence: 12,
        };
        let frame = String::from_utf8(framed(&header, "<AuditMessage é/>")).unwrap();
        let (length, text) = frame.split_once(' ').unwrap();
        assert_eq!(length.parse::<usize>().unwrap(), text.len(), "octets, not characters");
        let expected = "<85>1 2026-07-15T12:00:00.000Z hub1 watling 4711 IHE+RFC-3881 [meta sequenceId=\"12\"] <AuditMessage é/>";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_not_known_is_nil() {
        let header = Header { at: "", hostname: "", process: None, sequence: 1 };
        let frame = String::from_utf8(framed(&header, "x")).unwrap();
        assert!(frame.contains("1 - - watling - IHE+RFC-3881"), "{frame}");
    }
}
