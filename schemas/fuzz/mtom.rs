//! Any bytes as an MTOM package with the boundary `b`: the parts are the same however the network
//! cuts them. The first byte says where it cuts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use schemas::soap::mime::ContentType;
use schemas::soap::mtom::{Event, MtomError, MtomLimits, MtomReader, PartHeaders};

type Parts = Vec<(PartHeaders, Vec<u8>)>;

fn read(package: &[u8], chunk: usize) -> Result<Parts, MtomError> {
    let content_type = ContentType::parse("multipart/related; boundary=b");
    let mut reader = MtomReader::new(&content_type, MtomLimits::default())?;
    let mut events = Vec::new();
    for piece in package.chunks(chunk) {
        reader.feed(piece, &mut events)?;
    }
    reader.finish()?;
    let mut parts = Parts::new();
    for event in events {
        match event {
            Event::Part(headers) => parts.push((headers, Vec::new())),
            Event::Data(data) => {
                let (_, bytes) = parts.last_mut().expect("data belongs to a part");
                bytes.extend(data);
            }
            Event::PartEnd | Event::End => {}
        }
    }
    Ok(parts)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, package)) = bytes.split_first() else { return };
    let chunk = usize::from(*first) % 64 + 1;
    assert_eq!(read(package, chunk), read(package, package.len().max(1)), "in pieces of {chunk}");
});
