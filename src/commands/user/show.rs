//! Users as a person reads them.

use crate::{commands::clock::local, identity::User, plain::plain, view};
use std::fmt::Write;

/// A table, a line a user.
pub(crate) fn table(users: &[User]) -> String {
    let rows: Vec<_> = users.iter().map(row).collect();
    view::table(&["USERNAME", "EMAIL", "PHONE", "STATUS", "CREATED"], &rows)
}

fn row(user: &User) -> Vec<String> {
    let attribute = |name: &str| {
        user.attributes
            .get(name)
            .cloned()
            .unwrap_or_else(|| "-".into())
    };
    let created = user.created.map_or_else(|| "-".into(), local);
    vec![
        user.username.clone(),
        attribute("email"),
        attribute("phone_number"),
        status(user),
        created,
    ]
}

fn status(user: &User) -> String {
    if user.enabled {
        user.status.clone()
    } else {
        format!("{} (disabled)", user.status)
    }
}

/// All of one user.
pub(crate) fn one(user: &User) -> String {
    let mut lines = vec![
        ("username".to_owned(), user.username.clone()),
        ("status".into(), status(user)),
    ];
    lines.extend(
        user.attributes
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    lines.push(("groups".into(), listed(&user.groups)));
    lines.push(("second factors".into(), listed(&user.second_factors)));
    let times = [("created", user.created), ("modified", user.modified)];
    lines.extend(
        times
            .into_iter()
            .filter_map(|(name, time)| Some((name.to_owned(), local(time?)))),
    );
    let width = lines.iter().map(|it| it.0.len()).max().unwrap_or_default();
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = writeln!(text, "{:width$}  {}", plain(name), plain(value));
        text
    })
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        "none".into()
    } else {
        words.join(", ")
    }
}
