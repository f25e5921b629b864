//! Receiving a SOAP message: the envelope in memory, documents in memory or in the spool folder,
//! under limits, from any source of chunks. Server and client share it.

use crate::config::Limits;
use base64::Engine;
use bytes::Bytes;
use schemas::soap::mime::ContentType;
use schemas::soap::mtom::{
    Event, MtomError, MtomLimits, MtomReader, PartHeaders, TransferEncoding,
};
use std::io::Write;
use std::path::Path;

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("{0} is larger than the limit of {1} bytes")]
    TooLarge(&'static str, u64),
    #[error(transparent)]
    Mtom(#[from] MtomError),
    #[error("a part's base64 is broken")]
    Base64,
    #[error("two parts have the Content-ID {0:?}")]
    DuplicatePart(String),
    #[error("the package has no root part")]
    NoRoot,
    #[error("the spool folder failed: {0}")]
    Io(#[from] std::io::Error),
}

/// How a message was packed; its answer is packed alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Mtom,
    Simple,
}

/// A received document.
#[derive(Debug)]
pub enum Content {
    Memory(Bytes),
    /// Deleted when dropped.
    File {
        path: tempfile::TempPath,
        size: u64,
    },
}

impl Content {
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }

    /// Reads from the beginning.
    pub fn reader(&self) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(std::io::Cursor::new(bytes.clone())),
            Self::File { path, .. } => Box::new(std::fs::File::open(path)?),
        })
    }
}

#[derive(Debug)]
pub struct Attachment {
    pub content_id: String,
    pub content: Content,
}

/// A message that has arrived whole.
#[derive(Debug)]
pub struct Received {
    pub encoding: Encoding,
    pub envelope: Vec<u8>,
    pub attachments: Vec<Attachment>,
    /// SOAPAction (SOAP 1.1) or the media type's action (SOAP 1.2), as received.
    pub http_action: Option<String>,
}

impl Received {
    pub fn attachment(&self, content_id: &str) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.content_id == content_id)
    }
}

enum Sink {
    Memory(Vec<u8>),
    File(tempfile::NamedTempFile, u64),
}

struct OpenPart {
    headers: PartHeaders,
    is_root: bool,
    sink: Sink,
}

/// Takes chunks until the message is complete.
pub struct Spool<'a> {
    folder: &'a Path,
    limits: Limits,
    mtom: Option<MtomReader>,
    envelope: Option<Vec<u8>>,
    attachments: Vec<Attachment>,
    part: Option<OpenPart>,
    seen: u64,
    /// Bytes of base64 parts, which stay in memory until they are decoded.
    encoded: u64,
    events: Vec<Event>,
}

impl<'a> Spool<'a> {
    pub fn new(
        content_type: &ContentType,
        limits: Limits,
        folder: &'a Path,
    ) -> Result<Self, SpoolError> {
        let mtom_limits = MtomLimits { parts: limits.parts_max, ..MtomLimits::default() };
        let mtom = content_type.is_multipart().then(|| MtomReader::new(content_type, mtom_limits));
        let mtom = mtom.transpose()?;
        let envelope = if mtom.is_some() { None } else { Some(Vec::new()) };
        Ok(Self {
            folder,
            limits,
            mtom,
            envelope,
            attachments: Vec::new(),
            part: None,
            seen: 0,
            encoded: 0,
            events: Vec::new(),
        })
    }

    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), SpoolError> {
        self.seen += chunk.len() as u64;
        if self.seen > self.limits.request_bytes_max {
            return Err(SpoolError::TooLarge("the request", self.limits.request_bytes_max));
        }
        let Some(mtom) = &mut self.mtom else {
            let envelope = self.envelope.get_or_insert_default();
            if (envelope.len() + chunk.len()) as u64 > self.limits.envelope_bytes_max {
                return Err(SpoolError::TooLarge(
                    "the SOAP envelope",
                    self.limits.envelope_bytes_max,
                ));
            }
            envelope.extend_from_slice(chunk);
            return Ok(());
        };
        let mut events = std::mem::take(&mut self.events);
        mtom.feed(chunk, &mut events)?;
        for event in events.drain(..) {
            self.event(event)?;
        }
        self.events = events;
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), SpoolError> {
        match event {
            Event::Part(headers) => {
                let start = self.mtom.as_ref().and_then(MtomReader::start);
                let is_root = self.envelope.is_none()
                    && start.is_none_or(|start| headers.content_id.as_deref() == Some(start));
                self.part = Some(OpenPart { headers, is_root, sink: Sink::Memory(Vec::new()) });
                Ok(())
            }
            Event::Data(data) => self.data(&data),
            Event::PartEnd => self.close_part(),
            Event::End => Ok(()),
        }
    }

    fn data(&mut self, data: &[u8]) -> Result<(), SpoolError> {
        let Some(part) = &mut self.part else { return Ok(()) };
        let size = match &part.sink {
            Sink::Memory(bytes) => bytes.len() as u64,
            Sink::File(_, size) => *size,
        };
        let size = size + data.len() as u64;
        let encoded = part.headers.transfer_encoding == TransferEncoding::Base64;
        self.encoded += if encoded { data.len() as u64 } else { 0 };
        let in_memory = self.limits.envelope_bytes_max;
        let (what, counted, limit) = if part.is_root {
            ("the SOAP envelope", size, in_memory)
        } else if encoded {
            ("what the package's base64 parts hold together", self.encoded, in_memory)
        } else {
            ("a document", size, self.limits.document_bytes_max)
        };
        if counted > limit {
            return Err(SpoolError::TooLarge(what, limit));
        }
        let may_spill = !part.is_root && !encoded && size > self.limits.memory_bytes_max;
        if let (Sink::Memory(bytes), true) = (&part.sink, may_spill) {
            let mut file = tempfile::NamedTempFile::new_in(self.folder)?;
            file.write_all(bytes)?;
            part.sink = Sink::File(file, bytes.len() as u64);
        }
        match &mut part.sink {
            Sink::Memory(bytes) => bytes.extend_from_slice(data),
            Sink::File(file, written) => {
                file.write_all(data)?;
                *written = size;
            }
        }
        Ok(())
    }

    fn close_part(&mut self) -> Result<(), SpoolError> {
        let Some(part) = self.part.take() else { return Ok(()) };
        let content = match part.sink {
            Sink::File(file, size) => Content::File { path: file.into_temp_path(), size },
            Sink::Memory(bytes) if part.headers.transfer_encoding == TransferEncoding::Base64 => {
                let text: Vec<u8> =
                    bytes.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
                let decoded = base64::engine::general_purpose::STANDARD.decode(text);
                Content::Memory(decoded.map_err(|_| SpoolError::Base64)?.into())
            }
            Sink::Memory(bytes) => Content::Memory(bytes.into()),
        };
        if part.is_root {
            if let Content::Memory(bytes) = content {
                self.envelope = Some(bytes.to_vec());
            }
            return Ok(());
        }
        let content_id = part.headers.content_id.unwrap_or_default();
        if self.attachments.iter().any(|other| other.content_id == content_id) {
            return Err(SpoolError::DuplicatePart(content_id));
        }
        self.attachments.push(Attachment { content_id, content });
        Ok(())
    }

    pub fn finish(self) -> Result<Received, SpoolError> {
        let encoding = match &self.mtom {
            Some(mtom) => {
                mtom.finish()?;
                Encoding::Mtom
            }
            None => Encoding::Simple,
        };
        let envelope = self.envelope.ok_or(SpoolError::NoRoot)?;
        Ok(Received { encoding, envelope, attachments: self.attachments, http_action: None })
    }
}
