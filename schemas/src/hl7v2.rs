//! HL7 v2 as the patient identity feed uses it (ITI TF-2 3.8): messages, ADT events, their
//! acknowledgement, and the frames of MLLP.

pub mod acknowledgement;
pub mod adt;
pub mod message;
pub mod mllp;
mod particulars;

pub use acknowledgement::{AcknowledgementCode, Condition, Nack};
pub use adt::{AdtContext, AdtEvent, AdtMessage, AdtRefusal, Header};
pub use message::{Charset, Delimiters, Hl7Error, Limits, Message, Segment};
