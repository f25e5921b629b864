//! The matrix as a grid of letters: rows ask, columns publish. Whoever is alike shares a row or a
//! column, so that a region of many practices stays a page.

use gateway::decision::Cell;
use schemas::ods_code::OdsCode;
use std::collections::{BTreeMap, BTreeSet};

const WIDTH: usize = 100;
/// Of the first column.
const NAMES: usize = 22;

/// A capital for a whole group of types, a small letter for some of them.
type Letters = BTreeMap<char, bool>;

/// By who asks and who publishes.
type Table<'c> = BTreeMap<(&'c OdsCode, &'c OdsCode), Letters>;

pub(super) fn say(cells: &[Cell]) {
    let groups: BTreeSet<&str> = cells.iter().map(|cell| cell.group.as_str()).collect();
    let letters: BTreeMap<&str, char> = groups.into_iter().zip('A'..='Z').collect();
    let mut tables: BTreeMap<(&str, &str), Table<'_>> = BTreeMap::new();
    for cell in cells {
        let letter = letters.get(cell.group.as_str()).copied().unwrap_or('?');
        for grant in &cell.grants {
            let table = tables.entry((&grant.purpose, &grant.role)).or_default();
            let letters = table.entry((&cell.consumer, &cell.publisher)).or_default();
            *letters.entry(letter).or_default() |= grant.document_types.is_empty();
        }
    }
    for ((purpose, role), table) in &tables {
        say!("For {purpose}, as {role}");
        one(table);
        say!();
    }
    let legend: Vec<String> =
        letters.iter().map(|(g, letter)| format!("{letter}\u{a0}{g}")).collect();
    super::super::lines::wrapped(&legend.join(", "), WIDTH).iter().for_each(|line| say!("{line}"));
    say!(
        "A capital is every type of the group, a small letter some: --consumer or --publisher names them."
    );
}

fn one(table: &Table<'_>) {
    let consumers: BTreeSet<&OdsCode> = table.keys().map(|(consumer, _)| *consumer).collect();
    let publishers: BTreeSet<&OdsCode> = table.keys().map(|(_, publisher)| *publisher).collect();
    let word = |consumer: &OdsCode, publisher: &OdsCode| {
        if consumer == publisher {
            return "own".to_owned();
        }
        table.get(&(consumer, publisher)).map_or_else(String::new, spelled)
    };
    let columns = alike(&publishers, &consumers, |publisher, consumer| word(consumer, publisher));
    let rows = alike(&consumers, &publishers, word);
    let width = |column: &Vec<&OdsCode>| {
        let cells = consumers.iter().map(|consumer| word(consumer, column[0]).len());
        cells.chain([names(column).len()]).max().unwrap_or_default() + 2
    };
    let mut rest = columns.as_slice();
    while !rest.is_empty() {
        let mut taken = 0;
        let mut used = NAMES;
        while taken < rest.len() && (taken == 0 || used + width(&rest[taken]) <= WIDTH) {
            used += width(&rest[taken]);
            taken += 1;
        }
        let (block, more) = rest.split_at(taken);
        rest = more;
        let head: Vec<String> = block
            .iter()
            .map(|column| format!("{:<w$}", names(column), w = width(column)))
            .collect();
        say!("  {:<w$}{}", "", head.concat().trim_end(), w = NAMES - 2);
        for row in &rows {
            let cells = block.iter().map(|column| {
                let text = word(row[0], column[0]);
                let text = if text.is_empty() { "·".to_owned() } else { text };
                format!("{text:<w$}", w = width(column))
            });
            let cells: Vec<String> = cells.collect();
            say!("  {:<w$}{}", names(row), cells.concat().trim_end(), w = NAMES - 2);
        }
    }
}

fn spelled(letters: &Letters) -> String {
    let spell = |(letter, whole): (&char, &bool)| {
        if *whole { *letter } else { letter.to_ascii_lowercase() }
    };
    letters.iter().map(spell).collect()
}

/// Those who have the same word with everybody else.
fn alike<'o>(
    these: &BTreeSet<&'o OdsCode>,
    others: &BTreeSet<&'o OdsCode>,
    word: impl Fn(&OdsCode, &OdsCode) -> String,
) -> Vec<Vec<&'o OdsCode>> {
    let mut found: Vec<(Vec<String>, Vec<&OdsCode>)> = Vec::new();
    for one in these {
        let words: Vec<String> = others.iter().map(|other| word(one, other)).collect();
        match found.iter_mut().find(|(known, _)| *known == words) {
            Some((_, members)) => members.push(one),
            None => found.push((words, vec![one])),
        }
    }
    found.into_iter().map(|(_, members)| members).collect()
}

/// `ZZP01 +4` for five.
fn names(of: &[&OdsCode]) -> String {
    match of {
        [] => String::new(),
        [one] => one.to_string(),
        [first, second] => format!("{first} {second}"),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ods(code: &str) -> OdsCode {
        OdsCode::parse(code).unwrap()
    }

    #[test]
    fn whoever_is_alike_shares_a_line() {
        let codes = [ods("AAA"), ods("BBB"), ods("CCC"), ods("DDD")];
        let these: BTreeSet<&OdsCode> = codes.iter().collect();
        let others: BTreeSet<&OdsCode> = codes[..1].iter().collect();
        let word = |one: &OdsCode, _: &OdsCode| {
            if *one == codes[3] { "A".to_owned() } else { "B".to_owned() }
        };
        let found = alike(&these, &others, word);
        assert_eq!(found.iter().map(|of| names(of)).collect::<Vec<_>>(), ["AAA +2", "DDD"]);
    }

    #[test]
    fn a_capital_is_the_whole_group() {
        assert_eq!(spelled(&BTreeMap::from([('A', true), ('C', false)])), "Ac");
    }
}
