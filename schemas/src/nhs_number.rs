//! NHS number: ten digits, the last of which is a modulus-11 check.

use std::fmt;

/// A ten-digit NHS number whose check digit is right. It exists only if it is valid.
///
/// `Debug` is redacted and there is no `Display`: an NHS number reaches the wire, the store and
/// the audit record through [`NhsNumber::digits`], never a log line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(u64);

/// Why a string is not an NHS number. The value itself is never echoed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NhsNumberError {
    #[error("an NHS number has ten digits (spaces and hyphens between them are allowed)")]
    NotTenDigits,
    #[error("the NHS number's check digit is wrong (modulus 11)")]
    CheckDigit,
    #[error("an NHS number of one repeated digit is never issued")]
    RepeatedDigit,
}

impl NhsNumber {
    /// Reads ten digits; spaces and hyphens are dropped, anything else is refused.
    pub fn parse(text: &str) -> Result<Self, NhsNumberError> {
        let mut digits = [0u8; 10];
        let mut count = 0;
        for byte in text.bytes() {
            match byte {
                b' ' | b'-' => continue,
                b'0'..=b'9' if count < 10 => digits[count] = byte - b'0',
                _ => return Err(NhsNumberError::NotTenDigits),
            }
            count += 1;
        }
        if count != 10 {
            return Err(NhsNumberError::NotTenDigits);
        }
        if digits.iter().all(|digit| *digit == digits[0]) {
            return Err(NhsNumberError::RepeatedDigit);
        }
        if check_digit(&digits) != Some(digits[9]) {
            return Err(NhsNumberError::CheckDigit);
        }
        Ok(Self(digits.iter().fold(0, |value, digit| value * 10 + u64::from(*digit))))
    }

    /// Completes nine digits with their check digit; `None` where no valid tenth digit exists.
    pub fn from_first_nine(first_nine: u64) -> Option<Self> {
        let text = format!("{first_nine:09}");
        let mut digits = [0u8; 10];
        for (slot, byte) in digits.iter_mut().zip(text.bytes()) {
            *slot = byte - b'0';
        }
        let check = check_digit(&digits)?;
        Self::parse(&format!("{text}{check}")).ok()
    }

    /// The ten digits, without spaces.
    pub fn digits(self) -> String {
        format!("{:010}", self.0)
    }

    /// The number as an integer key (it is at most 9,999,999,999).
    pub fn key(self) -> i64 {
        self.0 as i64
    }

    /// The printed form, `999 000 0018` (national client requirement).
    pub fn spaced(self) -> String {
        let digits = self.digits();
        format!("{} {} {}", &digits[..3], &digits[3..6], &digits[6..])
    }

    /// Whether the number lies in the 999 range, which is never issued to a person.
    pub fn is_synthetic(self) -> bool {
        self.0 / 10_000_000 == 999
    }
}

/// Weights 10..2 over the first nine digits; 11 minus the remainder; 11 becomes 0, 10 is invalid.
fn check_digit(digits: &[u8; 10]) -> Option<u8> {
    let sum: u32 = (0..9).map(|i| u32::from(digits[i]) * (10 - i as u32)).sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        digit => Some(digit as u8),
    }
}

impl fmt::Debug for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NhsNumber(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_numbers_are_accepted_in_any_spacing() {
        for text in ["9000000009", "999 000 0018", "999-000-0026", "9434765919"] {
            assert!(NhsNumber::parse(text).is_ok(), "{text}");
        }
        assert_eq!(NhsNumber::parse("9990000018").unwrap().spaced(), "999 000 0018");
    }

    #[test]
    fn each_way_of_being_wrong_has_its_own_reason() {
        assert_eq!(NhsNumber::parse("999345201"), Err(NhsNumberError::NotTenDigits));
        assert_eq!(NhsNumber::parse("99993452O1"), Err(NhsNumberError::NotTenDigits));
        assert_eq!(NhsNumber::parse("9999345201"), Err(NhsNumberError::CheckDigit));
        assert_eq!(NhsNumber::parse("1111111111"), Err(NhsNumberError::RepeatedDigit));
    }

    #[test]
    fn debug_never_shows_the_digits() {
        let number = NhsNumber::parse("9990000018").unwrap();
        assert_eq!(format!("{number:?}"), "NhsNumber(***)");
    }

    proptest! {
        #[test]
        fn changing_any_one_digit_is_always_noticed(nine in 0u64..1_000_000_000, at in 0usize..10, by in 1u8..10) {
            if let Some(number) = NhsNumber::from_first_nine(nine) {
                let mut digits = number.digits().into_bytes();
                digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
                let changed = String::from_utf8(digits).unwrap();
                prop_assert!(NhsNumber::parse(&changed).is_err());
            }
        }

        #[test]
        fn digits_and_parse_are_inverse(nine in 0u64..1_000_000_000) {
            if let Some(number) = NhsNumber::from_first_nine(nine) {
                prop_assert_eq!(NhsNumber::parse(&number.digits()), Ok(number));
            }
        }

        #[test]
        fn parsing_anything_never_panics(text in ".{0,40}") {
            let _ = NhsNumber::parse(&text);
        }
    }
}
