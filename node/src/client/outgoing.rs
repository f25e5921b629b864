//! Messages on their way out.

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use schemas::soap::SoapVersion;
use schemas::soap::mtom::MtomWriter;
use std::path::PathBuf;
use tokio::io::AsyncReadExt;

type Body = BoxBody<Bytes, std::io::Error>;

/// A document to send: from memory, or streamed from a file.
#[derive(Clone, Debug)]
pub enum OutgoingDocument {
    Memory { mime_type: String, bytes: Bytes },
    File { mime_type: String, path: PathBuf },
}

impl OutgoingDocument {
    fn mime_type(&self) -> &str {
        match self {
            Self::Memory { mime_type, .. } | Self::File { mime_type, .. } => mime_type,
        }
    }
}

/// A message with its packing.
pub enum Outgoing {
    Simple {
        version: SoapVersion,
        action: String,
        envelope: String,
    },
    /// `writer` made the references inside the envelope.
    Mtom {
        writer: MtomWriter,
        action: String,
        envelope: String,
        documents: Vec<OutgoingDocument>,
    },
}

impl Outgoing {
    pub(super) fn into_body(self) -> (String, Body) {
        match self {
            Self::Simple { version: SoapVersion::V12, action, envelope } => {
                let content_type =
                    format!("application/soap+xml; charset=UTF-8; action=\"{action}\"");
                (content_type, whole(envelope.into()))
            }
            Self::Simple { version: SoapVersion::V11, envelope, .. } => {
                ("text/xml; charset=UTF-8".to_owned(), whole(envelope.into()))
            }
            Self::Mtom { writer, action, envelope, documents } => {
                let content_type = writer.content_type(&action);
                (content_type, package(writer, &envelope, documents))
            }
        }
    }
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

enum Piece {
    Bytes(Bytes),
    File(PathBuf),
}

fn package(writer: MtomWriter, envelope: &str, documents: Vec<OutgoingDocument>) -> Body {
    let mut pieces = vec![Piece::Bytes(writer.root(envelope).into())];
    for (n, document) in documents.into_iter().enumerate() {
        pieces.push(Piece::Bytes(writer.part(n, document.mime_type()).into()));
        pieces.push(match document {
            OutgoingDocument::Memory { bytes, .. } => Piece::Bytes(bytes),
            OutgoingDocument::File { path, .. } => Piece::File(path),
        });
    }
    pieces.push(Piece::Bytes(writer.end().into()));
    let in_memory = pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_)));
    if in_memory {
        let parts = pieces.iter().filter_map(|piece| match piece {
            Piece::Bytes(bytes) => Some(bytes.as_ref()),
            Piece::File(_) => None,
        });
        return whole(parts.collect::<Vec<_>>().concat().into());
    }
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        for piece in pieces {
            if send(piece, &sender).await.is_err() {
                return;
            }
        }
    });
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    });
    BodyExt::boxed(StreamBody::new(
        stream.map(|chunk: std::io::Result<Bytes>| chunk.map(Frame::data)),
    ))
}

type Sender = tokio::sync::mpsc::Sender<std::io::Result<Bytes>>;

async fn send(piece: Piece, sender: &Sender) -> Result<(), ()> {
    let path = match piece {
        Piece::Bytes(bytes) => return sender.send(Ok(bytes)).await.map_err(|_| ()),
        Piece::File(path) => path,
    };
    let result = async {
        let mut file = tokio::fs::File::open(path).await?;
        loop {
            let mut chunk = vec![0; 128 * 1024];
            let count = file.read(&mut chunk).await?;
            if count == 0 {
                return Ok(());
            }
            chunk.truncate(count);
            if sender.send(Ok(chunk.into())).await.is_err() {
                return Ok(());
            }
        }
    };
    let result: std::io::Result<()> = result.await;
    match result {
        Ok(()) => Ok(()),
        Err(error) => {
            let _ = sender.send(Err(error)).await;
            Err(())
        }
    }
}
