//! Familiar forms of given names: whoever is registered as the one is called the other.
//!
//! A pair is listed where the short form is used for that name and hardly for others. What is not
//! listed differs: twins share family name and birth date, and only the given name tells them apart.

/// Each line is one name: the forms in it are one another's.
const FAMILIAR: [&[&str]; 40] = [
    &["alan", "allan", "allen", "al"],
    &["alexander", "alex", "alec", "sandy"],
    &["alexandra", "alex", "sandra"],
    &["andrew", "andy", "drew"],
    &["anthony", "antony", "tony"],
    &["barbara", "barb", "babs"],
    &["benjamin", "ben"],
    &[
        "catherine",
        "katherine",
        "kathryn",
        "cathryn",
        "cath",
        "kath",
        "kate",
        "katie",
        "cathy",
        "kathy",
    ],
    &["charles", "charlie", "chas"],
    &["christine", "christina", "chris", "tina"],
    &["christopher", "chris"],
    &["daniel", "dan", "danny"],
    &["david", "dave", "dai"],
    &["deborah", "debra", "debbie", "deb"],
    &["donald", "don"],
    &["edward", "ted", "eddie", "ed", "ned"],
    &["elizabeth", "elisabeth", "liz", "lizzie", "beth", "betty", "betsy", "libby"],
    &["frederick", "fred", "freddie"],
    &["geoffrey", "jeffrey", "geoff", "jeff"],
    &["gerald", "gerry", "jerry"],
    &["gregory", "greg"],
    &["james", "jim", "jimmy", "jamie"],
    &["jennifer", "jenny", "jen"],
    &["john", "johnny", "jack"],
    &["jonathan", "jonathon", "jon"],
    &["joseph", "joe"],
    &["kenneth", "ken"],
    &["margaret", "maggie", "peggy", "meg", "marge"],
    &["marjorie", "marge", "margery"],
    &["matthew", "matt"],
    &["michael", "mike", "mick", "micky"],
    &["mohammed", "muhammad", "mohamed", "mohammad", "muhammed", "md"],
    &["nicholas", "nick"],
    &["patricia", "pat", "patsy", "trish"],
    &["peter", "pete"],
    &["richard", "dick", "rich", "rick"],
    &["robert", "bob", "bobby", "rob", "robbie"],
    &["stephen", "steven", "steve"],
    &["susan", "sue", "susie"],
    &["thomas", "tom", "tommy"],
];

/// Further names, of which there is one short form.
const SHORTENED: [(&str, &str); 12] = [
    ("dorothy", "dot"),
    ("josephine", "jo"),
    ("joanne", "jo"),
    ("pamela", "pam"),
    ("philip", "phil"),
    ("raymond", "ray"),
    ("rebecca", "becky"),
    ("ronald", "ron"),
    ("samantha", "sam"),
    ("samuel", "sam"),
    ("timothy", "tim"),
    ("william", "bill"),
];

pub(super) fn are_familiar(one: &str, other: &str) -> bool {
    let listed = |names: &&[&str]| names.contains(&one) && names.contains(&other);
    let pair = |(long, short): &(&str, &str)| {
        (*long == one && *short == other) || (*long == other && *short == one)
    };
    FAMILIAR.iter().any(listed) || SHORTENED.iter().any(pair)
}
