//! MTOM/XOP packages (multipart/related), sans-IO: feed bytes, take events; and the writer.
//!
//! The reader holds at most one boundary's worth of bytes back, so a 1 GB attachment passes in
//! constant memory. The CRLF before a boundary belongs to the boundary, not to the document.

use super::mime::{ContentType, content_id};
use memchr::memmem;

/// Limits of one package.
#[derive(Clone, Copy, Debug)]
pub struct MtomLimits {
    pub parts: usize,
    pub part_header_bytes: usize,
}

impl Default for MtomLimits {
    fn default() -> Self {
        Self { parts: 256, part_header_bytes: 8 * 1024 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MtomError {
    #[error("the Content-Type has no boundary parameter")]
    NoBoundary,
    #[error("the boundary is empty or longer than 200 characters")]
    Boundary,
    #[error("the multipart package ends before its closing boundary")]
    Truncated,
    #[error("a part's headers are longer than {0} bytes")]
    HeaderTooLong(usize),
    #[error("the package has more than {0} parts")]
    TooManyParts(usize),
    #[error("a part header is not a line of the form Name: value")]
    Header,
    #[error(
        "the part's Content-Transfer-Encoding {0:?} is not supported (binary, 8bit, 7bit, base64)"
    )]
    TransferEncoding(String),
}

/// How a part's bytes are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferEncoding {
    Identity,
    Base64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartHeaders {
    pub content_id: Option<String>,
    pub content_type: Option<String>,
    pub transfer_encoding: TransferEncoding,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Part(PartHeaders),
    /// Bytes of the current part, as they stand on the wire.
    Data(Vec<u8>),
    /// The current part is complete.
    PartEnd,
    /// The closing boundary was seen; whatever follows is epilogue.
    End,
}

enum State {
    Preamble,
    Headers,
    Body,
    Done,
}

/// A push parser for one package.
pub struct MtomReader {
    /// `\r\n--boundary`.
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    state: State,
    parts: usize,
    /// How much of the empty line after a part's headers is still in the buffer: a boundary may
    /// follow at once and take it for its own line break, otherwise it is no part of the body.
    blank_line: usize,
    limits: MtomLimits,
    start: Option<String>,
}

impl MtomReader {
    pub fn new(content_type: &ContentType, limits: MtomLimits) -> Result<Self, MtomError> {
        let boundary = content_type.parameter("boundary").ok_or(MtomError::NoBoundary)?;
        if boundary.is_empty() || boundary.len() > 200 {
            return Err(MtomError::Boundary);
        }
        let start = content_type.parameter("start").map(|start| content_id(start).to_owned());
        Ok(Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            // The first boundary has no line break of its own where there is no preamble.
            buffer: b"\r\n".to_vec(),
            state: State::Preamble,
            parts: 0,
            blank_line: 0,
            limits,
            start: start.filter(|start| !start.is_empty()),
        })
    }

    /// The Content-ID that the `start` parameter names; without one the first part is the root.
    pub fn start(&self) -> Option<&str> {
        self.start.as_deref()
    }

    /// Takes the next bytes and appends what they complete to `events`.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), MtomError> {
        if !matches!(self.state, State::Done) {
            self.buffer.extend_from_slice(bytes);
        }
        while self.step(events)? {}
        Ok(())
    }

    /// Says that no more bytes come.
    pub fn finish(&self) -> Result<(), MtomError> {
        if matches!(self.state, State::Done) { Ok(()) } else { Err(MtomError::Truncated) }
    }

    /// One transition; `false` when more bytes are needed.
    fn step(&mut self, events: &mut Vec<Event>) -> Result<bool, MtomError> {
        match self.state {
            State::Preamble | State::Body => self.scan(events),
            State::Headers => self.headers(events),
            State::Done => {
                self.buffer.clear();
                Ok(false)
            }
        }
    }

    /// Looks for the next delimiter, passing on what certainly is not part of one.
    fn scan(&mut self, events: &mut Vec<Event>) -> Result<bool, MtomError> {
        let in_body = matches!(self.state, State::Body);
        let mut from = 0;
        while let Some(found) = memmem::find(&self.buffer[from..], &self.delimiter) {
            let at = from + found;
            let after = at + self.delimiter.len();
            match line_end(&self.buffer[after..]) {
                LineEnd::NeedMore => return Ok(self.pass_on(at, in_body, events)),
                LineEnd::NotABoundary => from = at + 1,
                LineEnd::Next(skip) => {
                    self.pass_on(at, in_body, events);
                    self.buffer.drain(..self.delimiter.len() + skip);
                    self.open_part(in_body, events)?;
                    return Ok(true);
                }
                LineEnd::Close => {
                    self.pass_on(at, in_body, events);
                    if in_body {
                        events.push(Event::PartEnd);
                    }
                    events.push(Event::End);
                    self.state = State::Done;
                    return Ok(true);
                }
            }
        }
        let keep = self.delimiter.len() - 1;
        let safe = self.buffer.len().saturating_sub(keep).max(from.min(self.buffer.len()));
        self.pass_on(safe, in_body, events);
        Ok(false)
    }

    fn pass_on(&mut self, count: usize, in_body: bool, events: &mut Vec<Event>) -> bool {
        let blank = self.blank_line.min(count);
        self.blank_line -= blank;
        self.buffer.drain(..blank);
        let data: Vec<u8> = self.buffer.drain(..count - blank).collect();
        if in_body && !data.is_empty() {
            events.push(Event::Data(data));
        }
        false
    }

    fn open_part(&mut self, in_body: bool, events: &mut Vec<Event>) -> Result<(), MtomError> {
        if in_body {
            events.push(Event::PartEnd);
        }
        self.parts += 1;
        if self.parts > self.limits.parts {
            return Err(MtomError::TooManyParts(self.limits.parts));
        }
        self.state = State::Headers;
        Ok(())
    }

    fn headers(&mut self, events: &mut Vec<Event>) -> Result<bool, MtomError> {
        // A part without headers begins with the empty line at once.
        let end = if self.buffer.starts_with(b"\r\n") {
            Some((0, 2))
        } else {
            memmem::find(&self.buffer, b"\r\n\r\n").map(|at| (at, at + 4))
        };
        let limit = self.limits.part_header_bytes;
        let Some((end, body)) = end.filter(|(end, _)| *end <= limit) else {
            // The line breaks of an end that is just within the limit may still be on their way.
            if self.buffer.len() > limit + 3 {
                return Err(MtomError::HeaderTooLong(limit));
            }
            return Ok(false);
        };
        let headers = part_headers(&self.buffer[..end])?;
        self.buffer.drain(..body - 2);
        self.blank_line = 2;
        events.push(Event::Part(headers));
        self.state = State::Body;
        Ok(true)
    }
}

enum LineEnd {
    NeedMore,
    NotABoundary,
    Next(usize),
    Close,
}

/// What follows `--boundary`: `--` closes, a line break (after optional blanks) opens a part.
fn line_end(rest: &[u8]) -> LineEnd {
    if rest.starts_with(b"--") {
        return LineEnd::Close;
    }
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match &rest[blanks..] {
        _ if blanks > 64 => LineEnd::NotABoundary,
        [b'\r', b'\n', ..] => LineEnd::Next(blanks + 2),
        [] | [b'\r'] | [b'-'] => LineEnd::NeedMore,
        _ => LineEnd::NotABoundary,
    }
}

fn part_headers(bytes: &[u8]) -> Result<PartHeaders, MtomError> {
    let text = std::str::from_utf8(bytes).map_err(|_| MtomError::Header)?;
    let text = text.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut headers = PartHeaders {
        content_id: None,
        content_type: None,
        transfer_encoding: TransferEncoding::Identity,
    };
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or(MtomError::Header)?;
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "content-id" => headers.content_id = Some(content_id(value).to_owned()),
            "content-type" => headers.content_type = Some(value.to_owned()),
            "content-transfer-encoding" => {
                headers.transfer_encoding = match value.to_ascii_lowercase().as_str() {
                    "binary" | "8bit" | "7bit" => TransferEncoding::Identity,
                    "base64" => TransferEncoding::Base64,
                    _ => return Err(MtomError::TransferEncoding(value.to_owned())),
                }
            }
            _ => {}
        }
    }
    Ok(headers)
}

/// Writes the frame of a package; documents are sent between the pieces.
pub struct MtomWriter {
    boundary: String,
    host: String,
}

impl MtomWriter {
    /// `token` must not occur in any document: callers pass a fresh UUID.
    pub fn new(token: &str) -> Self {
        Self { boundary: format!("MIMEBoundary_{token}"), host: format!("{token}.watling") }
    }

    /// The HTTP Content-Type of the whole package.
    pub fn content_type(&self, action: &str) -> String {
        format!(
            "multipart/related; boundary=\"{}\"; type=\"application/xop+xml\"; start=\"<root@{}>\"; start-info=\"application/soap+xml\"; action=\"{action}\"",
            self.boundary, self.host
        )
    }

    /// The `cid:` reference of the n-th document.
    pub fn href(&self, n: usize) -> String {
        format!("cid:doc{n}@{}", self.host)
    }

    /// The root part.
    pub fn root(&self, envelope: &str) -> Vec<u8> {
        let mut out = format!(
            "--{}\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@{}>\r\n\r\n",
            self.boundary, self.host
        )
        .into_bytes();
        out.extend_from_slice(envelope.as_bytes());
        out
    }

    /// The head of the n-th document's part; its bytes follow.
    pub fn part(&self, n: usize, mime_type: &str) -> Vec<u8> {
        let mime_type: String = mime_type.chars().filter(|c| !c.is_control()).collect();
        format!(
            "\r\n--{}\r\nContent-Type: {mime_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <doc{n}@{}>\r\n\r\n",
            self.boundary, self.host
        )
        .into_bytes()
    }

    /// The closing boundary.
    pub fn end(&self) -> Vec<u8> {
        format!("\r\n--{}--\r\n", self.boundary).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(content_type: &str, bytes: &[u8], chunk: usize) -> Result<Vec<Vec<u8>>, MtomError> {
        let mut reader = MtomReader::new(&ContentType::parse(content_type), MtomLimits::default())?;
        let mut events = Vec::new();
        for piece in bytes.chunks(chunk.max(1)) {
            reader.feed(piece, &mut events)?;
        }
        reader.finish()?;
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for event in events {
            match event {
                Event::Part(_) => parts.push(Vec::new()),
                Event::Data(data) => parts.last_mut().unwrap().extend(data),
                Event::PartEnd | Event::End => {}
            }
        }
        Ok(parts)
    }

    #[test]
    fn an_empty_part_and_a_preamble_are_understood() {
        let text =
            b"preamble\r\n--b\r\nContent-ID: <a>\r\n\r\n\r\n--b\r\n\r\nx\r\n--b--\r\nepilogue";
        for chunk in 1..20 {
            assert_eq!(
                read("multipart/related; boundary=b", text, chunk).unwrap(),
                [b"".to_vec(), b"x".to_vec()]
            );
        }
    }

    #[test]
    fn a_document_may_contain_the_boundary_text() {
        let text = b"--b\r\n\r\nx --b y\r\n--bc\r\n--b--";
        assert_eq!(
            read("multipart/related; boundary=b", text, 3).unwrap(),
            [b"x --b y\r\n--bc".to_vec()]
        );
    }

    #[test]
    fn a_boundary_may_follow_the_headers_at_once() {
        let text = b"--b\r\nX: y\r\n\r\n--b\r\n\r\n--bc\r\n--b--";
        for chunk in 1..20 {
            let parts = read("multipart/related; boundary=b", text, chunk).unwrap();
            assert_eq!(parts, [b"".to_vec(), b"--bc".to_vec()], "in pieces of {chunk}");
        }
    }

    #[test]
    fn a_package_that_stops_early_is_an_error() {
        for text in ["", "--b\r\n\r\nx", "--b\r\n\r\nx\r\n--b", "--b\r\nContent-ID: <a>"] {
            let read = read("multipart/related; boundary=b", text.as_bytes(), 5);
            assert_eq!(read, Err(MtomError::Truncated), "{text:?}");
        }
    }

    #[test]
    fn long_headers_and_many_parts_are_refused() {
        let long = format!("--b\r\nX: {}\r\n\r\n\r\n--b--", "y".repeat(10_000));
        assert_eq!(
            read("a/b; boundary=b", long.as_bytes(), 999),
            Err(MtomError::HeaderTooLong(8192))
        );
        let many = "--b\r\n\r\n\r\n".repeat(300);
        assert_eq!(read("a/b; boundary=b", many.as_bytes(), 99), Err(MtomError::TooManyParts(256)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_whatever_the_chunks(
            documents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4),
            chunk in 1usize..64,
        ) {
            let writer = MtomWriter::new("0a1b2c3d-ffff-4fff-8fff-0123456789ab");
            let mut bytes = writer.root("<e/>");
            for (n, document) in documents.iter().enumerate() {
                bytes.extend(writer.part(n, "text/xml"));
                bytes.extend(document);
            }
            bytes.extend(writer.end());
            let parts = read(&writer.content_type("urn:x"), &bytes, chunk).unwrap();
            prop_assert_eq!(&parts[0], b"<e/>");
            prop_assert_eq!(&parts[1..], &documents[..]);
        }

        #[test]
        fn anything_can_be_fed(bytes in prop::collection::vec(prop::sample::select(b"-b\r\nX: <>".to_vec()), 0..120), chunk in 1usize..9) {
            let _ = read("multipart/related; boundary=b", &bytes, chunk);
        }
    }
}
