//! Comma-separated values (RFC 4180), safe to open in a spreadsheet.

/// One line. A value that a spreadsheet would take for a formula gets an apostrophe before it.
pub(super) fn line(values: &[&str]) -> String {
    let quoted = values.iter().map(|value| {
        let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let value = if formula { format!("'{value}") } else { (*value).to_owned() };
        if value.contains([',', '"', '\n', '\r']) {
            return format!("\"{}\"", value.replace('"', "\"\""));
        }
        value
    });
    quoted.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_value_is_quoted_where_it_must_and_never_a_formula() {
        let values = ["a", "b,c", "say \"x\"", "=1+1", ""];
        assert_eq!(super::line(&values), "a,\"b,c\",\"say \"\"x\"\"\",'=1+1,");
    }
}
