//! MLLP, the minimal lower layer protocol: 0x0B, message, 0x1C 0x0D (ITI TF-2 3.8, HL7 v2 Appendix C).

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const RETURN: u8 = 0x0d;

/// A message is larger than its receiver takes; the rest of the connection cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is larger than {0} bytes")]
pub struct TooLarge(pub usize);

/// Takes bytes as they come and gives whole messages. Bytes outside a frame are skipped.
#[derive(Debug)]
pub struct Deframer {
    message: Vec<u8>,
    inside: bool,
    bytes_max: usize,
}

impl Deframer {
    pub fn new(bytes_max: usize) -> Self {
        Self { message: Vec::new(), inside: false, bytes_max }
    }

    /// Whether a message has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.inside
    }

    /// Reads bytes until a message ends; returns it and how many bytes were read. A frame that
    /// begins inside another one starts over: its sender gave the first one up.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(usize, Option<Vec<u8>>), TooLarge> {
        for (at, byte) in bytes.iter().enumerate() {
            match *byte {
                START => {
                    self.message.clear();
                    self.inside = true;
                }
                END if self.inside => {
                    self.inside = false;
                    return Ok((at + 1, Some(std::mem::take(&mut self.message))));
                }
                byte if self.inside => {
                    if self.message.len() == self.bytes_max {
                        return Err(TooLarge(self.bytes_max));
                    }
                    self.message.push(byte);
                }
                _ => {}
            }
        }
        Ok((bytes.len(), None))
    }
}

/// A message in its frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len() + 3);
    framed.push(START);
    framed.extend_from_slice(message);
    framed.extend([END, RETURN]);
    framed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(deframer: &mut Deframer, mut bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLarge> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let (read, message) = deframer.read(bytes)?;
            messages.extend(message);
            bytes = &bytes[read..];
        }
        Ok(messages)
    }

    #[test]
    fn bytes_outside_a_frame_are_skipped() {
        let bytes = b"\r\nnoise\x0bMSH|a\x1c\r\n\x0bMSH|b\x1c\r";
        let messages = all(&mut Deframer::new(100), bytes).unwrap();
        assert_eq!(messages, [b"MSH|a".to_vec(), b"MSH|b".to_vec()]);
    }

    #[test]
    fn a_message_over_the_limit_is_refused() {
        let mut deframer = Deframer::new(4);
        assert_eq!(all(&mut deframer, &frame(b"1234")).unwrap().len(), 1);
        assert_eq!(all(&mut deframer, &frame(b"12345")), Err(TooLarge(4)));
    }

    #[test]
    fn a_frame_that_begins_again_starts_over() {
        let messages = all(&mut Deframer::new(100), b"\x0bhalf\x0bwhole\x1c\r").unwrap();
        assert_eq!(messages, [b"whole".to_vec()]);
    }

    proptest! {
        #[test]
        fn messages_arrive_however_the_network_cuts_them(
            messages in proptest::collection::vec("[A-Z|^~&\\r]{0,40}", 0..6),
            cut in 1usize..50,
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|m| frame(m.as_bytes())).collect();
            let mut deframer = Deframer::new(100);
            let mut found = Vec::new();
            for chunk in bytes.chunks(cut) {
                found.extend(all(&mut deframer, chunk).unwrap());
            }
            let sent: Vec<Vec<u8>> = messages.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(found, sent);
        }
    }
}
