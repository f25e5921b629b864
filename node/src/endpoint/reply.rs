//! Answers: an XML body, or documents that may be larger than memory.

mod leave;
mod sending;

pub(crate) use leave::Going;
pub use leave::{Leave, TakenBack};
pub(super) use sending::Sending;

use crate::actors::{DocumentBytes, RetrievedDocument};
use crate::spool::Encoding;
use base64::Engine;
use bytes::Bytes;
use schemas::error::XdsError;
use schemas::registry_response::ResponseStatus;
use schemas::retrieve::ResponseFrame;
use schemas::soap::mtom::MtomWriter;
use schemas::soap::{Headers, SoapVersion};
use tokio::sync::mpsc;

/// What a service answers with.
pub enum Reply {
    /// The body element of the answer.
    Body(String),
    /// ITI-43: documents beside the body.
    Documents(DocumentsReply),
}

pub struct DocumentsReply {
    pub documents: Vec<RetrievedDocument>,
    pub errors: Vec<XdsError>,
    pub status: ResponseStatus,
    /// Whether the answer may go on, asked while it goes; without one it goes to its end.
    pub leave: Option<Box<dyn Leave>>,
}

/// An HTTP answer, whole or as a stream.
pub(crate) struct HttpReply {
    pub status: u16,
    pub content_type: String,
    pub body: HttpBody,
    /// The body of the request is not read: the connection cannot be used again.
    pub close: bool,
}

impl HttpReply {
    /// XDS errors travel in an answer with 200; every other status carries a fault.
    pub fn is_fault(&self) -> bool {
        self.status != 200
    }
}

pub(crate) enum HttpBody {
    Whole(Bytes),
    Stream(Going),
}

/// Packs an answer as its request was packed.
pub(super) fn pack(
    reply: Reply,
    encoding: Encoding,
    version: SoapVersion,
    headers: &Headers<'_>,
    sending: Sending,
) -> HttpReply {
    let body = match reply {
        Reply::Body(body) => body,
        Reply::Documents(reply) => return documents(reply, encoding, version, headers, sending),
    };
    let envelope = schemas::soap::write(version, headers, &body);
    match encoding {
        Encoding::Simple => simple(version, headers.action, envelope.into()),
        Encoding::Mtom => {
            let writer = MtomWriter::new(&crate::ids::uuid().to_string());
            let mut bytes = writer.root(&envelope);
            bytes.extend(writer.end());
            HttpReply {
                status: 200,
                content_type: writer.content_type(headers.action),
                body: HttpBody::Whole(bytes.into()),
                close: false,
            }
        }
    }
}

fn simple(version: SoapVersion, action: &str, body: Bytes) -> HttpReply {
    let content_type = match version {
        SoapVersion::V12 => format!("application/soap+xml; charset=UTF-8; action=\"{action}\""),
        SoapVersion::V11 => "text/xml; charset=UTF-8".to_owned(),
    };
    HttpReply { status: 200, content_type, body: HttpBody::Whole(body), close: false }
}

/// A piece of a documents answer, in the order it goes out.
enum Piece {
    Bytes(Vec<u8>),
    Document(DocumentBytes),
    /// The document as base64 text.
    Inline(DocumentBytes),
}

fn documents(
    reply: DocumentsReply,
    encoding: Encoding,
    version: SoapVersion,
    headers: &Headers<'_>,
    sending: Sending,
) -> HttpReply {
    let writer = MtomWriter::new(&crate::ids::uuid().to_string());
    let mtom = encoding == Encoding::Mtom;
    // The body is written around a mark, so that inline documents can stream in its place.
    const MARK: char = '\u{1f}';
    let mut body = ResponseFrame::open(&reply.errors, reply.status);
    for (n, document) in reply.documents.iter().enumerate() {
        ResponseFrame::document_open(&mut body, &document.request, &document.mime_type);
        if mtom {
            ResponseFrame::include(&mut body, &writer.href(n))
        } else {
            body.push(MARK)
        }
        body.push_str(ResponseFrame::document_close());
    }
    body.push_str(ResponseFrame::close());
    let envelope = schemas::soap::write(version, headers, &body);
    let mut pieces = Vec::new();
    let content_type = if mtom {
        pieces.push(Piece::Bytes(writer.root(&envelope)));
        for (n, document) in reply.documents.into_iter().enumerate() {
            pieces.push(Piece::Bytes(writer.part(n, &document.mime_type)));
            pieces.push(Piece::Document(document.bytes));
        }
        pieces.push(Piece::Bytes(writer.end()));
        writer.content_type(headers.action)
    } else {
        let mut documents = reply.documents.into_iter();
        for text in envelope.split(MARK) {
            pieces.push(Piece::Bytes(text.as_bytes().to_vec()));
            pieces.extend(documents.next().map(|document| Piece::Inline(document.bytes)));
        }
        simple(version, headers.action, Bytes::new()).content_type
    };
    let body = body_of(pieces, sending, reply.leave);
    HttpReply { status: 200, content_type, body, close: false }
}

/// Documents that leave at once, in one buffer: nothing of them can be taken back.
const AT_ONCE_BYTES: usize = 256 * 1024;

/// Whether pieces are sent one by one: where not all of them is in memory, and where leave for a
/// long answer may be taken back while it goes.
fn goes_by_pieces(pieces: &[Piece], watched: bool) -> bool {
    let mut held = 0;
    for piece in pieces {
        match piece {
            Piece::Bytes(_) => {}
            Piece::Document(DocumentBytes::Whole(bytes))
            | Piece::Inline(DocumentBytes::Whole(bytes)) => held += bytes.len(),
            Piece::Document(DocumentBytes::Stream(_)) | Piece::Inline(DocumentBytes::Stream(_)) => {
                return true;
            }
        }
    }
    watched && held > AT_ONCE_BYTES
}

/// One buffer where everything is in memory already, else a task that sends piece by piece.
fn body_of(pieces: Vec<Piece>, sending: Sending, leave: Option<Box<dyn Leave>>) -> HttpBody {
    if !goes_by_pieces(&pieces, leave.is_some()) {
        let mut whole = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => whole.extend(bytes),
                Piece::Document(DocumentBytes::Whole(bytes)) => whole.extend(bytes),
                Piece::Inline(DocumentBytes::Whole(bytes)) => {
                    whole.extend(
                        base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes(),
                    );
                }
                Piece::Document(DocumentBytes::Stream(_))
                | Piece::Inline(DocumentBytes::Stream(_)) => {}
            }
        }
        return HttpBody::Whole(whole.into());
    }
    let (sender, chunks) = mpsc::channel(4);
    let going = Going::new(chunks);
    let flow = going.flow();
    let runtime = sending.runtime.clone();
    runtime.spawn(sending::send_all(pieces, sending::Way { sender, flow, leave }, sending));
    HttpBody::Stream(going)
}
