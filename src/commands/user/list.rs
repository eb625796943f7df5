//! A list of users as a file: CSV for spreadsheets, or JSON. Pure.

use crate::{
    cli::user::ListFormat,
    error::{Context, Error, ErrorKind, Result},
    identity::{Attributes, User},
};
use csv::{ReaderBuilder, StringRecord, Trim, Writer};
use std::{collections::BTreeSet, path::Path};

/// What every list has, before the attributes.
const COLUMNS: [&str; 4] = ["username", "status", "enabled", "groups"];

/// What Cognito's own import calls the user name (developer guide, "Importing users with a CSV file").
const USERNAME: &str = "cognito:username";

/// A user of a list, and where the list has it: `users.csv:7`, `users.json: user 7`.
#[derive(Debug, PartialEq)]
pub(super) struct Listed {
    pub(super) place: String,
    pub(super) user: User,
}

/// How a file is written, from what was said or its ending.
pub(super) fn format(said: Option<ListFormat>, file: Option<&Path>) -> ListFormat {
    let is_json = file
        .and_then(Path::extension)
        .is_some_and(|it| it == "json");
    let of_ending = if is_json {
        ListFormat::Json
    } else {
        ListFormat::Csv
    };
    said.unwrap_or(of_ending)
}

/// The list as text.
pub(super) fn write(users: &[User], format: ListFormat) -> Result<String> {
    match format {
        ListFormat::Json => serde_json::to_string_pretty(users)
            .map(|text| text + "\n")
            .context(ErrorKind::Internal, "users are no JSON"),
        ListFormat::Csv => csv(users),
    }
}

fn csv(users: &[User]) -> Result<String> {
    let names: BTreeSet<_> = users.iter().flat_map(|it| it.attributes.keys()).collect();
    let mut writer = Writer::from_writer(vec![]);
    let head = COLUMNS.iter().copied();
    let head: Vec<_> = head.chain(names.iter().map(|it| it.as_str())).collect();
    let unwritten = "the list cannot be put together";
    writer
        .write_record(head)
        .context(ErrorKind::Internal, unwritten)?;
    for user in users {
        let enabled = user.enabled.to_string();
        // No group has a blank in its name.
        let groups = user.groups.join(" ");
        let row = [&user.username, &user.status, &enabled, &groups].into_iter();
        let empty = String::new();
        let values = names
            .iter()
            .map(|name| user.attributes.get(*name).unwrap_or(&empty));
        let row = row.chain(values).map(|it| as_text(it));
        writer
            .write_record(row)
            .context(ErrorKind::Internal, unwritten)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|_| Error::internal(unwritten))?;
    String::from_utf8(bytes).context(ErrorKind::Internal, unwritten)
}

/// What makes a spreadsheet take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that a spreadsheet shows and never calculates: people choose their own names.
fn as_text(value: &str) -> String {
    match value.starts_with(FORMULA) || value.starts_with('\'') {
        true => format!("'{value}"),
        false => value.to_owned(),
    }
}

/// What a cell says; a list that somebody else wrote may have phone numbers without the quote.
fn plain_cell(cell: &str) -> &str {
    let quoted = cell.strip_prefix('\'');
    let is_ours = |it: &&str| it.starts_with(FORMULA) || it.starts_with('\'');
    quoted.filter(is_ours).unwrap_or(cell)
}

/// The users in a list. `name` is the file's, for messages.
///
/// # Errors
/// Every place at which the list cannot be read.
pub(super) fn read(text: &str, format: ListFormat, name: &str) -> Result<Vec<Listed>> {
    match format {
        ListFormat::Json => {
            let users: Vec<User> = serde_json::from_str(text)
                .context(ErrorKind::Input, format!("{name} is no list of users"))
                .map_err(|it| it.hint(AS_EXPORTED))?;
            let listed = |(at, user): (usize, User)| Listed {
                place: format!("{name}: user {}", at + 1),
                user,
            };
            Ok(users.into_iter().enumerate().map(listed).collect())
        }
        ListFormat::Csv => read_csv(text, name),
    }
}

const AS_EXPORTED: &str = "write it as `wsctl user export` does: username, groups, and a column for each attribute; only what there is need be there";

fn read_csv(text: &str, name: &str) -> Result<Vec<Listed>> {
    // A spreadsheet's mark of its encoding is no part of the first name, and lines are counted by what ends
    // them here.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| {
        let line = error.position().map(csv::Position::line);
        let place = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
        Error::input("not a row of the list")
            .at(place)
            .source(error)
            .hint("give every row as many cells as the first one has")
    };
    let head = reader.headers().map_err(unreadable)?.clone();
    check_head(&head, name)?;
    let mut found = vec![];
    for row in reader.records() {
        let row = row.map_err(unreadable)?;
        let line = row.position().map_or(0, csv::Position::line);
        let place = format!("{name}:{line}");
        let user = user(&head, &row).map_err(|error| error.at(&place))?;
        found.push(Listed { place, user });
    }
    Ok(found)
}

/// What stands between cells: spreadsheets write the one that their language has no other use for.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let others = [';', '\t'].into_iter();
    let other = others.filter(|it| !head.contains(',') && head.contains(*it));
    other.map(|it| it as u8).next().unwrap_or(b',')
}

fn check_head(head: &StringRecord, name: &str) -> Result<()> {
    let place = format!("{name}:1");
    let mut seen = BTreeSet::new();
    if let Some(twice) = head.iter().find(|it| !seen.insert(*it)) {
        return Err(Error::input(format!("the column {twice:?} stands there twice")).at(place));
    }
    if seen.contains("password") {
        return Err(Error::input("a list with passwords is not read")
            .at(place)
            .hint(
                "take the column out: give one password for all by --password-env, or --invite",
            ));
    }
    let has_name = ["username", USERNAME, "email", "phone_number"]
        .iter()
        .any(|it| seen.contains(it));
    match has_name {
        true => Ok(()),
        false => Err(Error::input("no column says who somebody is")
            .at(place)
            .hint(AS_EXPORTED)),
    }
}

fn user(head: &StringRecord, row: &StringRecord) -> Result<User> {
    let mut user = User::default();
    let mut attributes = Attributes::new();
    for (column, cell) in head.iter().zip(row.iter().map(plain_cell)) {
        match column {
            "username" | USERNAME => cell.clone_into(&mut user.username),
            "status" => cell.clone_into(&mut user.status),
            "enabled" => user.enabled = enabled(cell)?,
            "groups" => user.groups = cell.split_whitespace().map(ToOwned::to_owned).collect(),
            // No attribute of a user's.
            "cognito:mfa_enabled" => {}
            _ if cell.is_empty() => {}
            name => {
                attributes.insert(name.to_owned(), value(name, cell).to_owned());
            }
        }
    }
    user.attributes = attributes;
    Ok(user)
}

fn enabled(cell: &str) -> Result<bool> {
    match cell.to_ascii_lowercase().as_str() {
        "" | "true" => Ok(true),
        "false" => Ok(false),
        other => Err(Error::input(format!("enabled is {other:?}")).hint("write true or false")),
    }
}

/// Spreadsheets write truth in capitals.
fn value<'a>(name: &str, cell: &'a str) -> &'a str {
    let is_truth = name.ends_with("_verified");
    match cell {
        "TRUE" if is_truth => "true",
        "FALSE" if is_truth => "false",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn users() -> impl Strategy<Value = Vec<User>> {
        let name = prop::sample::select(vec!["email", "name", "phone_number", "custom:team"]);
        let value = r#"['=+@,;"\n\t a-zÄ-]{0,8}[a-z"=']"#;
        let attributes = prop::collection::btree_map(name.prop_map(ToOwned::to_owned), value, 0..4);
        let groups = prop::collection::vec("[a-z=+'-]{1,6}", 0..3);
        let user = ("[a-z=+@.'-]{1,12}", attributes, groups, any::<bool>());
        let user = user.prop_map(|(username, mut attributes, groups, enabled)| {
            // A cell's blanks at its ends are a spreadsheet's.
            for value in attributes.values_mut() {
                *value = value.trim().to_owned();
            }
            attributes.retain(|_, value| !value.is_empty());
            User {
                username,
                attributes,
                groups,
                enabled,
                ..User::default()
            }
        });
        prop::collection::vec(user, 0..5)
    }

    proptest! {
        #[test]
        fn a_list_reads_as_it_was_written(users in users()) {
            for format in [ListFormat::Csv, ListFormat::Json] {
                let text = write(&users, format).unwrap();
                let read = read(&text, format, "users").unwrap();
                let read: Vec<_> = read.into_iter().map(|it| it.user).collect();
                prop_assert_eq!(&read, &users, "{}", text);
            }
        }

        #[test]
        fn no_cell_is_a_formula(users in users()) {
            let text = write(&users, ListFormat::Csv).unwrap();
            let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
            for row in reader.records() {
                for cell in &row.unwrap() {
                    prop_assert!(!cell.starts_with(FORMULA), "{}", cell);
                }
            }
        }
    }

    #[test]
    fn lists_of_others_are_read() {
        let text = "\u{feff}cognito:username,name,email,email_verified,cognito:mfa_enabled,phone_number\r\n\
                    ann,Ann,ann@example.com,TRUE,FALSE,+15555550100\r\n";
        let read = read(text, ListFormat::Csv, "u.csv").unwrap();
        assert_eq!(read[0].place, "u.csv:2");
        let user = &read[0].user;
        assert_eq!((user.username.as_str(), user.enabled), ("ann", true));
        let attributes: Vec<_> = user
            .attributes
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            attributes.join(" "),
            "email=ann@example.com email_verified=true name=Ann phone_number=+15555550100"
        );
    }

    #[test]
    fn cells_are_parted_as_the_spreadsheet_parts_them() {
        for between in [",", ";", "\t"] {
            let text = format!("email{between}name\nann@example.com{between}Ann\n");
            let read = read(&text, ListFormat::Csv, "u.csv").unwrap();
            assert_eq!(read[0].user.attributes["name"], "Ann", "{between:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_list_is_told_at_its_line() {
        for (text, said) in [
            ("name\nAnn\n", "u.csv:1: no column says who somebody is"),
            (
                "email,email\n",
                "u.csv:1: the column \"email\" stands there twice",
            ),
            (
                "email,password\na@example.com,x\n",
                "u.csv:1: a list with passwords is not read",
            ),
            (
                "email,enabled\na@example.com,yes\n",
                "u.csv:2: enabled is \"yes\"",
            ),
            (
                "email,name\na@example.com\n",
                "u.csv:2: not a row of the list",
            ),
        ] {
            let error = read(text, ListFormat::Csv, "u.csv").unwrap_err();
            assert_eq!(error.message, said);
            assert!(!error.message.contains("example.com"));
        }
        assert!(read("{}", ListFormat::Json, "u.json").is_err());
    }

    #[test]
    fn the_files_ending_says_how_it_is_written() {
        let of = |file: &str| format(None, Some(Path::new(file)));
        assert_eq!(of("a.json"), ListFormat::Json);
        assert_eq!(of("a.csv"), ListFormat::Csv);
        assert_eq!(format(None, None), ListFormat::Csv);
        let said = Some(ListFormat::Csv);
        assert_eq!(format(said, Some(Path::new("a.json"))), ListFormat::Csv);
    }
}
