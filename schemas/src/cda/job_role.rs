//! Job roles of NHS staff: JobRoleName (`NR` and four digits) and SDSJobRoleName (`R` and the same
//! digits), two vocabularies with one table of names.

/// JobRoleName.
const JOB_ROLE: &str = "2.16.840.1.113883.2.1.3.2.4.17.124";
/// SDSJobRoleName, the CDA job role of the older documents.
const SDS_JOB_ROLE: &str = "2.16.840.1.113883.2.1.3.2.4.17.196";

/// Four digits, tab, name; sorted.
const TABLE: &str = include_str!("job_roles.txt");

/// What the vocabulary calls a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleName {
    Known(&'static str),
    /// The vocabulary does not hold the code.
    Unknown,
    /// Another vocabulary's code, of which nothing is known here.
    Foreign,
}

/// Looks a role up. Some senders write `R` codes under the system of `NR` codes and the other way
/// round; the digits mean the same.
pub fn role_name(code: &str, system: &str) -> RoleName {
    if !matches!(system, JOB_ROLE | SDS_JOB_ROLE) {
        return RoleName::Foreign;
    }
    let digits = code.strip_prefix("NR").or_else(|| code.strip_prefix('R'));
    let row = TABLE.lines().filter_map(|line| line.split_once('\t'));
    let mut found = row.filter(|(known, _)| Some(*known) == digits);
    found.next().map_or(RoleName::Unknown, |(_, name)| RoleName::Known(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_name_in_either_vocabulary() {
        assert_eq!(role_name("R0680", SDS_JOB_ROLE), RoleName::Known("Midwife"));
        assert_eq!(role_name("NR0680", JOB_ROLE), RoleName::Known("Midwife"));
        assert_eq!(role_name("R0050", SDS_JOB_ROLE), RoleName::Known("Consultant"));
        assert_eq!(role_name("R0050", JOB_ROLE), RoleName::Known("Consultant"));
    }

    #[test]
    fn codes_that_only_samples_carry_are_unknown() {
        assert_eq!(role_name("GP", SDS_JOB_ROLE), RoleName::Unknown);
        assert_eq!(role_name("T1", SDS_JOB_ROLE), RoleName::Unknown);
        assert_eq!(role_name("NR9999", JOB_ROLE), RoleName::Unknown);
        assert_eq!(role_name("R0050", "1.2.3"), RoleName::Foreign);
    }

    #[test]
    fn the_table_is_sorted_and_each_row_whole() {
        let rows: Vec<&str> = TABLE.lines().map(|line| &line[..4]).collect();
        assert!(rows.is_sorted() && rows.len() > 200);
        assert!(TABLE.lines().all(|line| line.split('\t').count() == 2));
    }
}
