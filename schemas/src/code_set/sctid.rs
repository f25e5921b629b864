//! SNOMED CT identifiers: their shape and check digit (Verhoeff).

/// Products in the dihedral group of order ten.
const TIMES: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// The permutation that is applied once more at each place.
const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Whether a text is a SNOMED CT identifier: six to eighteen digits that do not begin with zero, the
/// last of them the check digit.
pub fn is_sctid(text: &str) -> bool {
    let shape = (6..=18).contains(&text.len()) && !text.starts_with('0');
    if !shape || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut check = 0u8;
    for (place, byte) in text.bytes().rev().enumerate() {
        let turned = (0..place % 8).fold(byte - b'0', |digit, _| TURN[usize::from(digit)]);
        check = TIMES[usize::from(check)][usize::from(turned)];
    }
    check == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_identifiers_pass_and_near_ones_do_not() {
        for id in ["373942005", "163391000000107", "11424001", "4241000179101", "1078011000000107"]
        {
            assert!(is_sctid(id), "{id}");
        }
        for id in ["373942006", "379342005", "", "12345", "0373942005", "37394200x", "１２３４５６"]
        {
            assert!(!is_sctid(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_and_one_swap_are_noticed(id in "[1-9][0-9]{5,15}", at in 0usize..5, by in 1u8..10) {
            let digits = |check: u8| format!("{id}{check}");
            let good = (0..10).map(digits).find(|id| is_sctid(id)).unwrap();
            let mut wrong = good.clone().into_bytes();
            wrong[at + 1] = b'0' + (wrong[at + 1] - b'0' + by) % 10;
            prop_assert!(!is_sctid(std::str::from_utf8(&wrong).unwrap()));
            let mut swapped = good.clone().into_bytes();
            swapped.swap(at + 1, at + 2);
            if swapped != good.as_bytes() {
                prop_assert!(!is_sctid(std::str::from_utf8(&swapped).unwrap()));
            }
        }

        #[test]
        fn reading_anything_never_panics(text in ".{0,30}") {
            let _ = is_sctid(&text);
        }
    }
}
