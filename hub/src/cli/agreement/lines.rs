//! Text on lines of a width.

/// Words on as many lines as they take; a longer word has a line of its own. A no-break space keeps
/// two words on one line.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        let lines = wrapped("one two three fourteen five", 9);
        assert_eq!(lines, ["one two", "three", "fourteen", "five"]);
        assert!(wrapped("", 9).is_empty());
    }
}
