//! What reading messages of the toolkit costs, beside a bare scan of the same bytes.

use quick_xml::events::Event;
use schemas::itk::{
    AcknowledgementType, BusinessResponse, DistributionEnvelope, Handling, ItkAddress, ItkMessage,
    OutgoingPayload, PayloadContent, ReadContext, RequestHeaders, SEND, SERVICE_PREFIX, payload_id,
    upper,
};
use schemas::ods_code::OdsCode;
use schemas::soap::{Envelope, SoapVersion};
use schemas::xml::{Document, Limits};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// One measurement over all messages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parsed {
    pub messages: usize,
    pub bytes: usize,
    /// The medians of the rounds.
    pub scan: Duration,
    pub read: Duration,
    /// The median of the rounds' ratios.
    pub ratio: f64,
}

/// Reads `messages` mixed messages and scans the same bytes, in turn, `rounds` times.
pub fn measure(messages: usize, rounds: usize) -> Result<Parsed, String> {
    let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let kinds: Vec<String> = (0..KINDS).map(|n| message(n, now)).collect::<Result<_, _>>()?;
    let bytes = (0..messages).map(|n| kinds[n % KINDS].len()).sum();
    let mut taken = Vec::new();
    for _ in 0..rounds.max(1) {
        let start = Instant::now();
        let mut events = 0;
        for n in 0..messages {
            events += scan(&kinds[n % KINDS])?;
        }
        let scanned = start.elapsed();
        let start = Instant::now();
        let mut payloads = 0;
        for n in 0..messages {
            payloads += read(&kinds[n % KINDS], now)?;
        }
        let read = start.elapsed();
        std::hint::black_box((events, payloads));
        taken.push((scanned, read, read.as_secs_f64() / scanned.as_secs_f64()));
    }
    let median = |value: &dyn Fn(&(Duration, Duration, f64)) -> f64| {
        let mut values: Vec<f64> = taken.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Ok(Parsed {
        messages,
        bytes,
        scan: Duration::from_secs_f64(median(&|taken| taken.0.as_secs_f64())),
        read: Duration::from_secs_f64(median(&|taken| taken.1.as_secs_f64())),
        ratio: median(&|taken| taken.2),
    })
}

/// Every event of the text, and nothing done with it.
fn scan(text: &str) -> Result<usize, String> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut events = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(events),
            _ => events += 1,
        }
    }
}

/// As the endpoint does: the tree, the envelope, every check, the payloads' bytes.
fn read(text: &str, now: jiff::Timestamp) -> Result<usize, String> {
    let document = Document::parse_bytes(text.as_bytes(), &Limits::default());
    let document = document.map_err(|error| error.to_string())?;
    let envelope = Envelope::read_any(&document).map_err(|fault| fault.reason)?;
    let message = ItkMessage::read(&envelope, &ReadContext::new(now));
    message.map(|message| message.payloads.len()).map_err(|fault| fault.diagnostic)
}

const KINDS: usize = 12;

/// The kinds take turns: letters of three sizes, inline, as base64 and compressed; six in one
/// message; a PDF; HL7 v2; business acknowledgements; both versions of SOAP and both styles.
fn message(kind: usize, now: jiff::Timestamp) -> Result<String, String> {
    let id = |n: u128| Uuid::from_u128((kind as u128 + 1) << 64 | n);
    let ods = |code: &str| OdsCode::parse(code).map_err(|error| error.to_string());
    let (hub, sender) = (ods("QE1")?, ods("RXN")?);
    let profile = Some("urn:nhs-en:profile:dischargeReport-v6-1");
    let payload = |n, mime_type: &str, content| OutgoingPayload {
        mime_type: mime_type.to_owned(),
        content,
        ..OutgoingPayload::xml(id(n), profile, String::new())
    };
    let xml = |n, sections| payload(n, "text/xml", PayloadContent::Xml(letter(sections)));
    let bytes = |sections| letter(sections).into_bytes();
    let payloads = match kind {
        0..=2 => vec![xml(10, 4)],
        3 | 4 => vec![xml(10, 40)],
        5 => vec![xml(10, 150)],
        6 => vec![payload(10, "text/xml", PayloadContent::Base64(bytes(40)))],
        7 => vec![payload(10, "text/xml", PayloadContent::Gzip(bytes(40)))],
        8 => (10..16).map(|n| xml(n, 10)).collect(),
        9 => vec![payload(10, "application/pdf", PayloadContent::Base64(vec![0x5a; 60_000]))],
        10 => vec![payload(10, "text/plain", PayloadContent::Text("OBX|1|TX|\r".repeat(500)))],
        _ => Vec::new(),
    };
    let address = ItkAddress::address(&sender, "TIE");
    let identity = ItkAddress::identity(&sender, "TIE");
    let envelope = if payloads.is_empty() {
        let original = upper(id(1));
        let business = BusinessResponse {
            items: vec![(payload_id(id(2)), AcknowledgementType::Accept)],
            ..BusinessResponse::new(id(3), now, AcknowledgementType::Accept, &original)
        };
        let to = ItkAddress::address(&hub, "DOCHUB");
        business.envelope(id(4), id(5), to, address, identity)
    } else {
        DistributionEnvelope {
            service: format!("{SERVICE_PREFIX}SendCDADocument-v2-0"),
            tracking_id: id(4),
            addresses: vec![ItkAddress::address(&hub, "DOCHUB")],
            audit_identities: vec![identity],
            sender_address: Some(address),
            handling: Handling {
                business_ack: Some(true),
                ..Handling::interaction("primaryRecipientDischargeReport-v1-0")
            },
            payloads,
        }
    };
    let generic = format!("{SERVICE_PREFIX}{SEND}");
    let headers = RequestHeaders {
        version: if kind % 3 == 2 { SoapVersion::V12 } else { SoapVersion::V11 },
        action: if kind % 4 == 3 { &generic } else { &envelope.service },
        message_id: id(6),
        to: "https://hub.example.nhs.uk/itk",
        from: None,
        created: now,
        expires: now + jiff::SignedDuration::from_mins(10),
        timestamp_id: id(7),
        username: "tie",
    };
    Ok(headers.write(&envelope.write()))
}

/// A CDA of so many sections, indented as engines write them.
fn letter(sections: usize) -> String {
    let whole = crate::message::cda("9990000026", "3F2504E0-4F89-41D3-9A0C-0305E82C3301");
    let section = "\n    <component typeCode=\"COMP\" contextConductionInd=\"true\">\n      <section classCode=\"DOCSECT\" moodCode=\"EVN\">\n        <id root=\"0A2B5E34-6D15-4C8B-9E2F-6B1D3C5A7F90\"/>\n        <code code=\"887181000000106\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.15\" displayName=\"Clinical summary\"/>\n        <title>Clinical summary</title>\n        <text>\n          <table width=\"100%\">\n            <tbody>\n              <tr align=\"left\" valign=\"top\"><td>Reason for admission</td><td><content ID=\"a1\">Synthetic text of a usual length, as it stands in a discharge summary &amp; elsewhere.</content></td></tr>\n            </tbody>\n          </table>\n        </text>\n      </section>\n    </component>";
    let body = format!("<structuredBody>{}\n  </structuredBody>", section.repeat(sections));
    whole.replace("<structuredBody/>", &body)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_of_message_is_read() {
        let parsed = super::measure(super::KINDS, 1).unwrap();
        assert_eq!(parsed.messages, super::KINDS);
        assert!(parsed.bytes > 100_000 && parsed.ratio > 0.0);
    }
}
