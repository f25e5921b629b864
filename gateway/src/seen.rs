//! What the caller sees beside the entries that it may see, and for how long it may go on seeing.
//!
//! [`withheld`] counts or stands in for entries that may not be seen, where their existence may be
//! told; `placeholder` words such an entry; [`incomplete`] warns of what a list may lack; [`leave`] decides again while an answer goes; [`veil`]
//! keeps an empty answer and a refusal about the patient alike.

pub(crate) mod incomplete;
pub(crate) mod leave;
mod placeholder;
pub(crate) mod veil;
pub(crate) mod withheld;
