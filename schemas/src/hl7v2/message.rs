//! Segments, fields and escapes. Separators are what MSH-1 and MSH-2 say, never assumed.

/// What one message may cost. Counts, not bytes: the frame bounds the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub segments: usize,
    pub fields_per_segment: usize,
    pub repetitions_per_field: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { segments: 1_000, fields_per_segment: 256, repetitions_per_field: 256 }
    }
}

/// Why bytes are not an HL7 v2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hl7Error {
    #[error("the message does not begin with an MSH segment")]
    NoHeader,
    #[error(
        "MSH-1 and MSH-2 must be five or six different punctuation characters, |^~\\& by custom"
    )]
    Delimiters,
    #[error("a segment's name is three capital letters or digits, followed by the field separator")]
    SegmentName,
    #[error("MSH-18: the character set is none of ASCII, UNICODE UTF-8 and 8859/1")]
    CharacterSet,
    #[error("the message is not in the character set of MSH-18")]
    Encoding,
    #[error("the message has more {0} than the limit of {1}")]
    Limit(&'static str, usize),
}

/// The separators of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiters {
    pub field: char,
    pub component: char,
    pub repetition: char,
    pub escape: char,
    pub subcomponent: char,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' }
    }
}

/// MSH-18, as far as it is understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Empty or ASCII; a sender that does not say so may still send UTF-8 or Latin-1.
    #[default]
    Unsaid,
    Utf8,
    Latin1,
}

impl Charset {
    fn of(declared: &str) -> Result<Self, Hl7Error> {
        match declared {
            "" | "ASCII" => Ok(Self::Unsaid),
            "UNICODE UTF-8" | "UTF-8" => Ok(Self::Utf8),
            "8859/1" => Ok(Self::Latin1),
            _ => Err(Hl7Error::CharacterSet),
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<String, Hl7Error> {
        let latin1 = || bytes.iter().map(|byte| char::from(*byte)).collect();
        match (self, std::str::from_utf8(bytes)) {
            (Self::Latin1, _) | (Self::Unsaid, Err(_)) => Ok(latin1()),
            (_, Ok(text)) => Ok(text.to_owned()),
            (Self::Utf8, Err(_)) => Err(Hl7Error::Encoding),
        }
    }

    /// The bytes of a text; what Latin-1 cannot carry becomes a question mark.
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
            Self::Utf8 | Self::Unsaid => text.as_bytes().to_vec(),
        }
    }
}

impl Delimiters {
    fn read(header: &str) -> Result<Self, Hl7Error> {
        let rest = header.strip_prefix("MSH").ok_or(Hl7Error::NoHeader)?;
        let mut chars = rest.chars();
        let field = chars.next().ok_or(Hl7Error::Delimiters)?;
        let encoding: Vec<char> = chars.take_while(|c| *c != field && *c != '\r').collect();
        // A sixth character is version 2.7's truncation mark.
        let ([component, repetition, escape, subcomponent]
        | [component, repetition, escape, subcomponent, _]) = encoding[..]
        else {
            return Err(Hl7Error::Delimiters);
        };
        let found = Self { field, component, repetition, escape, subcomponent };
        let mut all = encoding.clone();
        all.push(field);
        all.sort_unstable();
        let distinct = all.windows(2).all(|pair| pair[0] != pair[1]);
        if distinct && all.iter().all(char::is_ascii_punctuation) {
            Ok(found)
        } else {
            Err(Hl7Error::Delimiters)
        }
    }

    /// Resolves escapes; a sequence that is not known, or not closed, stays as it is.
    pub fn unescape(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(self.escape) {
            out.push_str(&rest[..at]);
            let after = &rest[at + self.escape.len_utf8()..];
            let known = after.find(self.escape).and_then(|end| {
                let left = &after[end + self.escape.len_utf8()..];
                Some((self.resolve(&after[..end])?, left))
            });
            match known {
                Some((resolved, left)) => {
                    out.push_str(&resolved);
                    rest = left;
                }
                None => {
                    out.push(self.escape);
                    rest = after;
                }
            }
        }
        out + rest
    }

    fn resolve(&self, sequence: &str) -> Option<String> {
        let one = |c: char| Some(c.to_string());
        match sequence {
            "F" => one(self.field),
            "S" => one(self.component),
            "R" => one(self.repetition),
            "E" => one(self.escape),
            "T" => one(self.subcomponent),
            ".br" => one('\n'),
            _ => {
                let digits = sequence.strip_prefix('X')?;
                let hex = digits.len() % 2 == 0 && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let pairs = digits.as_bytes().chunks(2).filter(|_| hex && !digits.is_empty());
                let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
                let bytes: Vec<u8> = pairs.map(byte).collect::<Option<_>>()?;
                String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
            }
        }
    }

    /// Makes a text safe as one subcomponent; line ends become the escape for them.
    pub fn escape(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let sequence = match c {
                c if c == self.field => "F",
                c if c == self.component => "S",
                c if c == self.repetition => "R",
                c if c == self.escape => "E",
                c if c == self.subcomponent => "T",
                '\r' | '\n' => ".br",
                c => {
                    out.push(c);
                    continue;
                }
            };
            out.push(self.escape);
            out.push_str(sequence);
            out.push(self.escape);
        }
        out
    }
}

/// One segment: its name and its fields, as sent (escapes unresolved). Field 1 of MSH is the field
/// separator itself, as the standard counts.
#[derive(Clone, PartialEq, Eq)]
pub struct Segment {
    pub name: String,
    pub fields: Vec<String>,
}

impl Segment {
    fn read(line: &str, delimiters: &Delimiters, limits: &Limits) -> Result<Self, Hl7Error> {
        let mut parts = line.split(delimiters.field);
        let name = parts.next().unwrap_or_default();
        let letters = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if name.len() != 3 || !letters {
            return Err(Hl7Error::SegmentName);
        }
        let mut fields = Vec::new();
        if name == "MSH" {
            fields.push(delimiters.field.to_string());
        }
        for field in parts {
            if fields.len() == limits.fields_per_segment {
                return Err(Hl7Error::Limit("fields in a segment", limits.fields_per_segment));
            }
            if field.matches(delimiters.repetition).count() >= limits.repetitions_per_field {
                let limit = limits.repetitions_per_field;
                return Err(Hl7Error::Limit("repetitions of a field", limit));
            }
            fields.push(field.to_owned());
        }
        Ok(Self { name: name.to_owned(), fields })
    }

    /// Field n, counted from 1; empty where it is absent.
    pub fn field(&self, n: usize) -> &str {
        self.fields.get(n.wrapping_sub(1)).map(String::as_str).unwrap_or_default()
    }

    fn write(&self, delimiters: &Delimiters) -> String {
        let skip = usize::from(self.name == "MSH");
        let fields = self.fields.iter().skip(skip);
        fields.fold(self.name.clone(), |line, field| format!("{line}{}{field}", delimiters.field))
    }
}

/// Names of a patient may stand in any field.
impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({} fields)", self.name, self.fields.len())
    }
}

/// A message: MSH first, then segments in the order sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub delimiters: Delimiters,
    pub charset: Charset,
    pub segments: Vec<Segment>,
}

impl Message {
    /// Reads a message; segments may end with CR, LF or both.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, Hl7Error> {
        // The header's own place for the character set is ASCII whatever the set is.
        let head = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let head = Charset::Latin1.decode(head)?;
        let delimiters = Delimiters::read(&head)?;
        let declared = head.split(delimiters.field).nth(17).unwrap_or_default();
        let declared = declared.split(delimiters.repetition).next().unwrap_or_default();
        let charset = Charset::of(declared.trim_matches(' '))?;
        let text = charset.decode(bytes)?;
        let mut segments = Vec::new();
        for line in text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
            if segments.len() == limits.segments {
                return Err(Hl7Error::Limit("segments", limits.segments));
            }
            segments.push(Segment::read(line, &delimiters, limits)?);
        }
        Ok(Self { delimiters, charset, segments })
    }

    /// The wire form; every segment ends with CR.
    pub fn write(&self) -> Vec<u8> {
        let lines = self.segments.iter().map(|segment| segment.write(&self.delimiters));
        let text: String = lines.flat_map(|line| [line, "\r".to_owned()]).collect();
        self.charset.encode(&text)
    }

    /// Segments of one name, in order.
    pub fn segments<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Segment> {
        self.segments.iter().filter(move |segment| segment.name == name)
    }

    /// Component n of a text with components, counted from 1, its escapes resolved.
    pub fn component(&self, text: &str, n: usize) -> String {
        self.delimiters.unescape(part(text, self.delimiters.component, n))
    }

    /// Repetitions of a field as sent.
    pub fn repetitions<'m>(&self, field: &'m str) -> impl Iterator<Item = &'m str> + use<'m> {
        field.split(self.delimiters.repetition)
    }
}

/// Part n of a text, counted from 1, as sent.
pub(super) fn part(text: &str, separator: char, n: usize) -> &str {
    text.split(separator).nth(n.wrapping_sub(1)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Message, Hl7Error> {
        Message::read(bytes, &Limits::default())
    }

    #[test]
    fn separators_are_those_of_the_header() {
        let message = read(b"MSH#*!/@#APP\rPID###A*B@C!D\r").unwrap();
        let field = message.segments("PID").next().unwrap().field(3);
        let repetitions: Vec<&str> = message.repetitions(field).collect();
        assert_eq!(repetitions, ["A*B@C", "D"]);
        assert_eq!(message.component(repetitions[0], 2), "B@C");
        assert_eq!(message.segments[0].field(3), "APP");
    }

    #[test]
    fn segments_end_as_their_sender_ends_them() {
        for end in ["\r", "\n", "\r\n"] {
            let text = format!("MSH|^~\\&|A{end}EVN|A01{end}{end}PID|1{end}");
            let message = read(text.as_bytes()).unwrap();
            assert_eq!(message.segments.len(), 3, "{end:?}");
        }
    }

    #[test]
    fn escapes_are_resolved_and_unknown_ones_kept() {
        let delimiters = Delimiters::default();
        let plain = |text: &str| delimiters.unescape(text);
        assert_eq!(plain("A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F"), "A|B^C&D~E\\F");
        assert_eq!(plain("\\X41C3A9\\!"), "A\u{e9}!");
        assert_eq!(plain("\\H\\loud\\N\\ \\X4\\ \\"), "\\H\\loud\\N\\ \\X4\\ \\");
    }

    #[test]
    fn the_character_set_is_the_headers() {
        let message = |set: &str, name: &[u8]| {
            let head = format!("MSH|^~\\&|A|||||||||||||||{set}\rPID|");
            read(&[head.as_bytes(), name, b"\r"].concat())
        };
        let name =
            |message: Result<Message, Hl7Error>| message.unwrap().segments[1].field(1).to_owned();
        assert_eq!(name(message("8859/1", b"Zo\xeb")), "Zo\u{eb}");
        assert_eq!(name(message("UNICODE UTF-8", "Zo\u{eb}".as_bytes())), "Zo\u{eb}");
        assert_eq!(name(message("", b"Zo\xeb")), "Zo\u{eb}", "said nothing, sent Latin-1");
        assert_eq!(message("UNICODE UTF-8", b"Zo\xeb").unwrap_err(), Hl7Error::Encoding);
        assert_eq!(message("UNICODE UTF-16", b"").unwrap_err(), Hl7Error::CharacterSet);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let refused = |text: &str| read(text.as_bytes()).unwrap_err();
        assert_eq!(refused(""), Hl7Error::NoHeader);
        assert_eq!(refused("PID|1"), Hl7Error::NoHeader);
        for text in ["MSH", "MSH|", "MSH|^~\\", "MSH|^~^&|A", "MSHA^~\\&A", "MSH|^~ &|A"] {
            assert_eq!(refused(text), Hl7Error::Delimiters, "{text}");
        }
        assert_eq!(refused("MSH|^~\\&|A\rpid|1"), Hl7Error::SegmentName);
    }

    #[test]
    fn each_count_has_a_limit() {
        let head = "MSH|^~\\&|A\r";
        let many = |text: String| read(format!("{head}{text}").as_bytes()).unwrap_err();
        assert_eq!(many("NTE|\r".repeat(1_000)), Hl7Error::Limit("segments", 1_000));
        assert_eq!(
            many("|".repeat(300).replacen('|', "PID|", 1)),
            Hl7Error::Limit("fields in a segment", 256)
        );
        assert_eq!(
            many(format!("PID|{}", "~".repeat(256))),
            Hl7Error::Limit("repetitions of a field", 256)
        );
    }

    #[test]
    fn debug_shows_no_field() {
        let message = read(b"MSH|^~\\&|A\rPID|||9990000018^^^NHS||Sample^Ada").unwrap();
        let shown = format!("{message:?}");
        assert!(!shown.contains("9990000018") && !shown.contains("Sample"), "{shown}");
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut message = b"MSH|^~\\&|".to_vec();
            message.extend(&bytes);
            let _ = (read(&bytes), read(&message));
        }

        #[test]
        fn writing_and_reading_are_inverse(text in "[A-Z0-9|^~&\\\\]{0,40}", rest in "(PID\\|[a-z^~&]{0,9}\r){0,3}") {
            let message = format!("MSH|^~\\&|{text}\r{rest}");
            if let Ok(message) = read(message.as_bytes()) {
                prop_assert_eq!(read(&message.write()).unwrap(), message);
            }
        }

        #[test]
        fn what_is_escaped_comes_back(text in "[ -~\u{e9}]{0,40}") {
            let delimiters = Delimiters::default();
            prop_assert_eq!(delimiters.unescape(&delimiters.escape(&text)), text);
        }
    }
}
