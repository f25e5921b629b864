//! ADT messages of the patient identity feed: A01, A04, A05, A08, A31 and A40 (ITI TF-2 3.8.4.1,
//! 3.8.4.2), and those of a visit that say nothing new of who the patient is: A02, A03, A11, A13
//! (ITI TF-2 3.31).

use super::acknowledgement::{Condition, Nack};
use super::message::{Charset, Delimiters, Limits, Message, Segment, part};
use super::particulars;
use crate::hl7::CxError;
use crate::pix::{AffinityDomain, IdentifierError, Kept, Particulars, PatientFeed, Spelled};

/// MSH-9.2, as far as a registry takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdtEvent {
    /// A01.
    Admit,
    /// A02: of a visit, as A03, A11 and A13.
    Transfer,
    /// A03.
    Discharge,
    /// A04.
    Register,
    /// A05.
    PreAdmit,
    /// A08: a registry ignores it (ITI TF-2 3.8.4.1.3).
    Update,
    /// A11.
    CancelAdmit,
    /// A13.
    CancelDischarge,
    /// A31: of a person, not of a visit; as A08.
    UpdatePerson,
    /// A40.
    Merge,
}

impl AdtEvent {
    pub const ALL: [Self; 10] = [
        Self::Admit,
        Self::Transfer,
        Self::Discharge,
        Self::Register,
        Self::PreAdmit,
        Self::Update,
        Self::CancelAdmit,
        Self::CancelDischarge,
        Self::UpdatePerson,
        Self::Merge,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Admit => "A01",
            Self::Transfer => "A02",
            Self::Discharge => "A03",
            Self::Register => "A04",
            Self::PreAdmit => "A05",
            Self::Update => "A08",
            Self::CancelAdmit => "A11",
            Self::CancelDischarge => "A13",
            Self::UpdatePerson => "A31",
            Self::Merge => "A40",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }
}

/// What reading needs to know of the receiver.
#[derive(Clone, Debug)]
pub struct AdtContext<'a> {
    pub domain: &'a AffinityDomain,
    /// Whether training and debugging messages (MSH-11 `T` and `D`) are taken like real ones.
    pub training: bool,
}

/// MSH, as sent: names are echoed in the acknowledgement and stand in the audit record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub delimiters: Delimiters,
    pub charset: Charset,
    pub sending_application: String,
    pub sending_facility: String,
    pub receiving_application: String,
    pub receiving_facility: String,
    /// MSH-9.2, known or not.
    pub trigger: String,
    /// MSH-10.
    pub control_id: String,
    pub processing_id: String,
    pub version: String,
}

/// A message that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdtMessage {
    pub header: Header,
    pub event: AdtEvent,
    pub feed: PatientFeed,
    pub particulars: Particulars,
}

/// A message that is not; the header is there if it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdtRefusal {
    pub header: Option<Box<Header>>,
    pub nack: Nack,
}

const VERSIONS: [&str; 4] = ["2.3.1", "2.4", "2.5", "2.5.1"];

impl AdtMessage {
    /// Reads a message. What is wrong first is the answer: the header, its kind, the segments, the
    /// identifiers.
    pub fn read(bytes: &[u8], context: &AdtContext<'_>) -> Result<Self, Box<AdtRefusal>> {
        let message = Message::read(bytes, &Limits::default())
            .map_err(|error| Box::new(AdtRefusal { header: None, nack: error.into() }))?;
        let header = Header::of(&message);
        let understood = header
            .check(&message, context)
            .and_then(|event| Ok((event, feed(&message, event, context.domain)?)));
        match understood {
            Ok((event, feed)) => {
                let particulars = particulars::read(&message, event);
                Ok(Self { header, event, feed, particulars })
            }
            Err(nack) => Err(Box::new(AdtRefusal { header: Some(Box::new(header)), nack })),
        }
    }
}

impl Header {
    fn of(message: &Message) -> Self {
        let absent = Segment { name: String::new(), fields: Vec::new() };
        let msh = message.segments("MSH").next().unwrap_or(&absent);
        let text = |n: usize| msh.field(n).chars().take(227).collect::<String>();
        let delimiters = message.delimiters;
        let first = |n: usize| part(msh.field(n), delimiters.component, 1).to_owned();
        let trigger = part(msh.field(9), delimiters.component, 2);
        Self {
            delimiters,
            charset: message.charset,
            sending_application: text(3),
            sending_facility: text(4),
            receiving_application: text(5),
            receiving_facility: text(6),
            trigger: trigger.chars().filter(char::is_ascii_alphanumeric).take(3).collect(),
            control_id: msh.field(10).chars().take(199).collect(),
            processing_id: first(11),
            version: first(12),
        }
    }

    fn check(&self, message: &Message, context: &AdtContext<'_>) -> Result<AdtEvent, Nack> {
        let msh = message.segments("MSH").next();
        let kind = msh.map_or("", |msh| part(msh.field(9), self.delimiters.component, 1));
        if kind != "ADT" {
            let reason = "MSH-9: this registry takes ADT messages";
            return Err(Nack::reject(Condition::UnsupportedMessageType, "MSH^1^9^1^1", reason));
        }
        let event = AdtEvent::parse(&self.trigger).ok_or_else(|| {
            let known = AdtEvent::ALL.map(AdtEvent::code).join(", ");
            let reason = format!("MSH-9: this registry takes the events {known}");
            Nack::reject(Condition::UnsupportedEvent, "MSH^1^9^1^2", reason)
        })?;
        if !VERSIONS.contains(&self.version.as_str()) {
            let reason =
                format!("MSH-12: this registry takes the versions {}", VERSIONS.join(", "));
            return Err(Nack::reject(Condition::UnsupportedVersion, "MSH^1^12", reason));
        }
        let training = context.training && matches!(self.processing_id.as_str(), "T" | "D");
        if self.processing_id != "P" && !training {
            let reason = "MSH-11: only messages of production (P) are taken";
            return Err(Nack::reject(Condition::UnsupportedProcessingId, "MSH^1^11", reason));
        }
        let required = [
            (self.sending_application.is_empty(), "MSH^1^3", "MSH-3, the sending application,"),
            (self.sending_facility.is_empty(), "MSH^1^4", "MSH-4, the sending facility,"),
            (self.control_id.is_empty(), "MSH^1^10", "MSH-10, the message control id,"),
        ];
        match required.into_iter().find(|(missing, ..)| *missing) {
            None => Ok(event),
            Some((_, location, what)) => {
                let reason = format!("{what} is required");
                Err(Nack::error(Condition::RequiredFieldMissing, location, reason))
            }
        }
    }
}

/// The one segment of a name, among those that may stand once only.
fn one<'m>(
    message: &'m Message,
    name: &'m str,
    location: &'static str,
) -> Result<&'m Segment, Nack> {
    let mut found = message.segments(name);
    match (found.next(), found.next()) {
        (Some(segment), None) => Ok(segment),
        (first, _) => {
            let what = if first.is_none() { "is missing" } else { "stands more than once" };
            let reason = format!("the {name} segment {what}: a message is about one patient");
            Err(Nack::error(Condition::SegmentSequence, location, reason))
        }
    }
}

fn feed(message: &Message, event: AdtEvent, domain: &AffinityDomain) -> Result<PatientFeed, Nack> {
    one(message, "EVN", "EVN^1")?;
    let pid = one(message, "PID", "PID^1")?;
    let kept = identifiers(message, pid.field(3), domain);
    let kept = kept.map_err(|error| identifier_nack(error, "PID-3", "PID^1^3"))?;
    let nack = |error| identifier_nack(error, "PID-3", "PID^1^3");
    match event {
        AdtEvent::Admit | AdtEvent::Register | AdtEvent::PreAdmit => {
            kept.patient().map(PatientFeed::Add).map_err(nack)
        }
        AdtEvent::Transfer
        | AdtEvent::Discharge
        | AdtEvent::Update
        | AdtEvent::CancelAdmit
        | AdtEvent::CancelDischarge
        | AdtEvent::UpdatePerson => kept.patient().map(PatientFeed::Update).map_err(nack),
        AdtEvent::Merge => {
            let mrg = one(message, "MRG", "MRG^1")?;
            let subsumed = identifiers(message, mrg.field(1), domain);
            let nack = |error| identifier_nack(error, "MRG-1", "MRG^1^1");
            let subsumed = subsumed.map_err(nack)?;
            kept.clone().patient().map_err(|e| identifier_nack(e, "PID-3", "PID^1^3"))?;
            kept.merge(subsumed).map_err(nack)
        }
    }
}

/// A repeating CX: `ID^^^NS&OID&ISO^type~...`.
fn identifiers(
    message: &Message,
    field: &str,
    domain: &AffinityDomain,
) -> Result<Kept, IdentifierError> {
    let subcomponent = message.delimiters.subcomponent;
    let spelled: Vec<[String; 3]> = message
        .repetitions(field)
        .map(|cx| {
            let authority = part(cx, message.delimiters.component, 4);
            let sub = |n| message.delimiters.unescape(part(authority, subcomponent, n));
            [message.component(cx, 1), sub(1), sub(2)]
        })
        .filter(|[id, ..]| !id.is_empty() && id != "\"\"")
        .collect();
    domain.keep(spelled.iter().map(|[id, namespace, oid]| Spelled { id, namespace, oid }))
}

fn identifier_nack(error: IdentifierError, field: &str, location: &'static str) -> Nack {
    let condition = match error {
        IdentifierError::Missing => Condition::RequiredFieldMissing,
        IdentifierError::Several => Condition::DataType,
        IdentifierError::Value(CxError::Shape | CxError::NhsNumber(_)) => Condition::DataType,
        IdentifierError::AuthorityDisagrees | IdentifierError::AuthoritiesDiffer => {
            Condition::UnknownKey
        }
    };
    Nack::error(condition, location, format!("{field}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::acknowledgement::{self, Acknowledgement, AcknowledgementCode};
    use super::*;
    use crate::dtm::Dtm;
    use crate::oid::{self, Oid};
    use proptest::prelude::*;

    fn domain() -> AffinityDomain {
        AffinityDomain {
            namespace: "NHS".to_owned(),
            authority: Oid::parse(oid::NHS_NUMBER).unwrap(),
            local: Vec::new(),
        }
    }

    fn read(text: &str) -> Result<AdtMessage, Box<AdtRefusal>> {
        AdtMessage::read(text.as_bytes(), &AdtContext { domain: &domain(), training: false })
    }

    const NUMBER: &str = "9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO";

    fn adt(event: &str, rest: &str) -> String {
        format!(
            "MSH|^~\\&|PAS|RX1|HUB|REGION|20260115100000||ADT^{event}|MSG0001|P|2.3.1\rEVN|{event}\r{rest}"
        )
    }

    fn nack(text: &str) -> (AcknowledgementCode, &'static str, &'static str) {
        let nack = read(text).unwrap_err().nack;
        assert!(!nack.reason.contains("999000"), "a reason repeats no identifier: {}", nack.reason);
        (nack.code, nack.condition.code(), nack.location.unwrap())
    }

    #[test]
    fn each_event_has_its_meaning() {
        let pid = format!("PID|||LOC7^^^RX1~{NUMBER}^NH||Doe^John\rPV1||I\r");
        for event in ["A01", "A04", "A05", "A08", "A31"] {
            let message = read(&adt(event, &pid)).unwrap();
            assert_eq!(message.event.code(), event);
            match (event, message.feed) {
                ("A01" | "A04" | "A05", PatientFeed::Add(patient))
                | ("A08" | "A31", PatientFeed::Update(patient)) => {
                    assert_eq!(patient.text(), NUMBER);
                }
                (event, feed) => panic!("{event}: {feed:?}"),
            }
        }
        let merge = format!("PID|||{NUMBER}\rMRG|9990000026^^^NHS\r");
        let PatientFeed::Merge { surviving, subsumed } =
            read(&adt("A40^ADT_A39", &merge)).unwrap().feed
        else {
            panic!("a merge")
        };
        assert_eq!(surviving.text(), NUMBER);
        assert_eq!(subsumed.nhs_number().unwrap().digits(), "9990000026");
    }

    #[test]
    fn each_mistake_has_its_code_and_place() {
        use AcknowledgementCode::{Error, Reject};
        let pid = format!("PID|||{NUMBER}\r");
        assert_eq!(nack(&adt("A99", &pid)), (Reject, "201", "MSH^1^9^1^2"));
        assert_eq!(nack(&adt("A01", &pid).replace("ADT^", "ORU^")), (Reject, "200", "MSH^1^9^1^1"));
        assert_eq!(nack(&adt("A01", &pid).replace("2.3.1", "2.9")), (Reject, "203", "MSH^1^12"));
        assert_eq!(nack(&adt("A01", &pid).replace("|P|", "|T|")), (Reject, "202", "MSH^1^11"));
        assert_eq!(nack(&adt("A01", &pid).replace("MSG0001", "")), (Error, "101", "MSH^1^10"));
        assert_eq!(nack(&adt("A01", "PID|||\r")), (Error, "101", "PID^1^3"));
        assert_eq!(nack(&adt("A01", "PID|||X^^^RX1\r")), (Error, "101", "PID^1^3"));
        assert_eq!(nack(&adt("A01", "PID|||9990000019^^^NHS\r")), (Error, "102", "PID^1^3"));
        assert_eq!(nack(&adt("A01", "PV1||I\r")), (Error, "100", "PID^1"));
        assert_eq!(nack(&adt("A40", &pid)), (Error, "100", "MRG^1"));
        assert_eq!(nack(&adt("A40", &format!("{pid}MRG|\r"))), (Error, "101", "MRG^1^1"));
        assert_eq!(nack(&adt("A40", &format!("{pid}MRG|1^^^RX1\r"))), (Error, "101", "MRG^1^1"));
        let two = format!("{pid}MRG|9990000026^^^NHS\rMRG|9990000034^^^NHS\r");
        assert_eq!(nack(&adt("A40", &two)), (Error, "100", "MRG^1"));
        assert_eq!(nack("nothing"), (Error, "100", "MSH^1"));
    }

    #[test]
    fn training_messages_are_for_development() {
        let text = adt("A01", &format!("PID|||{NUMBER}\r")).replace("|P|", "|T|");
        let context = AdtContext { domain: &domain(), training: true };
        assert!(AdtMessage::read(text.as_bytes(), &context).is_ok());
    }

    #[test]
    fn an_acknowledgement_answers_its_message_in_its_own_separators() {
        let message = adt("A40", &format!("PID|||{NUMBER}\rMRG|x^^^RX1|"));
        let message: String = message.chars().map(|c| if c == '|' { '#' } else { c }).collect();
        let refusal = read(&message).unwrap_err();
        let now = Dtm::parse("20260115100001").unwrap();
        let written =
            |result| acknowledgement::write(refusal.header.as_deref(), result, &now, "ACK1");
        let accepted = written(Ok(()));
        let text = String::from_utf8(accepted.clone()).unwrap();
        assert_eq!(
            text,
            "MSH#^~\\&#HUB#REGION#PAS#RX1#20260115100001##ACK^A40#ACK1#P#2.3.1\rMSA#AA#MSG0001\r"
        );
        assert_eq!(Acknowledgement::read(&accepted).unwrap().code, "AA");
        let refused = Acknowledgement::read(&written(Err(&refusal.nack))).unwrap();
        assert_eq!((refused.code.as_str(), refused.control_id.as_str()), ("AE", "MSG0001"));
        assert_eq!(refused.location.as_deref(), Some("MRG^1^1"));
        assert_eq!(refused.reason.as_deref(), Some(refusal.nack.reason.as_str()));
    }

    #[test]
    fn what_cannot_be_read_is_answered_too() {
        let now = Dtm::parse("20260115100001").unwrap();
        let nack = read("noise").unwrap_err().nack;
        let answer = acknowledgement::write(None, Err(&nack), &now, "ACK1");
        let answer = Acknowledgement::read(&answer).unwrap();
        assert_eq!((answer.code.as_str(), answer.control_id.as_str()), ("AE", ""));
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(text in "[ -~\r]{0,120}", pid in "[ -~]{0,60}") {
            let now = Dtm::parse("20260115100001").unwrap();
            for message in [text.clone(), adt("A40", &format!("PID|||{pid}\rMRG|{text}\r"))] {
                if let Err(refusal) = read(&message) {
                    let header = refusal.header.as_deref();
                    let answer = acknowledgement::write(header, Err(&refusal.nack), &now, "1");
                    prop_assert!(Acknowledgement::read(&answer).is_ok());
                }
            }
        }
    }
}
