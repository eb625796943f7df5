//! `wsctl user import`: users from a list. Whoever is there already stays as they are, so that the same list
//! may be imported again after a fault.

use super::{
    Desk, attributes,
    list::{self, Listed},
};
use crate::{
    bounded,
    cli::user::ImportArgs,
    commands::{ask::SecretSource, confirm::confirm, print, print_json},
    error::{Context, Error, ErrorKind, Result},
    identity::{Attributes, NewUser, SecretString, User, Users, contact},
    plain::plain,
    spec::{
        user::{is_the_same, verified},
        user_pool::{STANDARD, SignIn, UserPool},
    },
};
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use rand::{RngExt, distr::Alphanumeric};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::Path,
};

/// Bytes of a list: some hundred thousand users.
const LARGEST: u64 = 64 << 20;

/// Who is made at once: so few that people who sign in meanwhile are not throttled for it.
const AT_ONCE: usize = 5;

/// A user to be made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Newcomer {
    pub(super) place: String,
    pub(super) username: String,
    pub(super) attributes: Attributes,
    pub(super) groups: Vec<String>,
    pub(super) enabled: bool,
    /// Why nobody is made.
    pub(super) left_out: Option<&'static str>,
}

impl Newcomer {
    /// Whether a code can be sent to set a new password with.
    fn has_verified_address(&self) -> bool {
        verified(&self.attributes).next().is_some()
    }

    /// Whether a user who is there has shown to be at an address of this one's.
    fn is_surely(&self, there: &User) -> bool {
        is_the_same(&self.attributes, &there.attributes)
    }
}

/// How newcomers get in.
pub(super) enum Way {
    /// With an invitation of Cognito's, which has a temporary password.
    Invitation,
    /// With this one, which stays or not.
    Password {
        password: SecretString,
        is_permanent: bool,
    },
    /// By setting one where they say that they have forgotten it.
    NewPassword,
}

/// What became of a newcomer.
enum Outcome {
    Made,
    /// Was there.
    There {
        /// With a temporary password still, which nobody may know.
        is_temporary: bool,
        /// Nothing says that it is the same person, so that nobody was put into a group.
        is_stranger: bool,
    },
    LeftOut(&'static str),
    Failed(Error),
}

impl Desk<'_> {
    pub(super) async fn import(&self, args: &ImportArgs) -> Result<u8> {
        let listed = read(args)?;
        let newcomers = newcomers(listed, self.declared()?, args.email_verified)?;
        self.check_groups(&newcomers).await?;
        let count = newcomers.iter().filter(|it| it.left_out.is_none()).count();
        if args.dry_run {
            return self.tell_newcomers(&newcomers);
        }
        let source = SecretSource::from(&args.password);
        if args.temporary && source == SecretSource::Terminal {
            return Err(Error::input("--temporary says nothing without a password")
                .hint("add --password-env NAME or --password-stdin, or --invite in its place"));
        }
        let way = match source {
            _ if args.invite => Way::Invitation,
            SecretSource::Terminal => Way::NewPassword,
            _ => Way::Password {
                password: source.ask_new("password")?,
                is_permanent: !args.temporary,
            },
        };
        if args.invite && !args.yes {
            confirm(&format!("Up to {count} invitations will be sent."), "yes")?;
        }
        self.bring(&newcomers, &way).await
    }

    /// The groups of a list have to be there.
    async fn check_groups(&self, newcomers: &[Newcomer]) -> Result<()> {
        if newcomers.iter().all(|it| it.groups.is_empty()) {
            return Ok(());
        }
        let there: BTreeSet<_> = self.users().all_groups().await?.into_iter().collect();
        let named = |it: &Newcomer| {
            let missing = it.groups.iter().find(|group| !there.contains(*group))?;
            Some(format!("{}: the pool has no group {missing:?}", it.place))
        };
        told(newcomers.iter().filter_map(named).collect()).map_err(|error| {
            error.hint("declare the group as [user_pool.groups.NAME], apply, and import again")
        })
    }

    fn tell_newcomers(&self, newcomers: &[Newcomer]) -> Result<u8> {
        if self.global.json {
            let row = |it: &Newcomer| {
                json!({
                    "user": it.username, "place": it.place, "attributes": it.attributes,
                    "groups": it.groups, "left_out": it.left_out,
                })
            };
            return print_json(&json!({ "users": newcomers.iter().map(row).collect::<Vec<_>>() }));
        }
        let line = |it: &Newcomer| match it.left_out {
            None => {
                let words = [&it.username].into_iter().chain(&it.groups);
                let words: Vec<_> = words.map(|it| plain(it)).collect();
                format!("+ {}\n", words.join(" "))
            }
            Some(why) => format!("  {}: left out, {why}\n", plain(&it.username)),
        };
        print(&newcomers.iter().map(line).collect::<String>())?;
        Ok(0)
    }

    /// Makes them, and says what became of each.
    pub(super) async fn bring(&self, newcomers: &[Newcomer], way: &Way) -> Result<u8> {
        let users = self.users();
        let bar = ProgressBar::new(newcomers.len() as u64);
        let bring = |newcomer| {
            let (users, bar) = (&users, &bar);
            async move {
                let outcome = one(users, newcomer, way).await;
                bar.inc(1);
                outcome.unwrap_or_else(Outcome::Failed)
            }
        };
        let outcomes: Vec<_> = stream::iter(newcomers)
            .map(bring)
            .buffered(AT_ONCE)
            .collect()
            .await;
        bar.finish_and_clear();
        let all: Vec<_> = newcomers.iter().zip(&outcomes).collect();
        let code = u8::from(outcomes.iter().any(|it| matches!(it, Outcome::Failed(_))));
        if self.global.json {
            print_json(&json!({ "users": as_json(&all) }))?;
            return Ok(code);
        }
        print(&summary(&all, way))?;
        Ok(code)
    }
}

/// Makes one. Whoever is there is only put into groups, and that only where both addresses are verified and the
/// same: by a name alone, whoever signed up under it would get an administrator's groups (decision 0031).
async fn one(users: &Users<'_>, newcomer: &Newcomer, way: &Way) -> Result<Outcome> {
    if let Some(why) = newcomer.left_out {
        return Ok(Outcome::LeftOut(why));
    }
    let password = match way {
        Way::Invitation => None,
        Way::Password { password, .. } => Some(password.clone()),
        Way::NewPassword => Some(nobodys()),
    };
    let new = NewUser {
        username: newcomer.username.clone(),
        attributes: newcomer.attributes.clone(),
        temporary_password: password.clone(),
        invites: matches!(way, Way::Invitation),
    };
    let made = match users.create(&new).await {
        Err(error) if error.has_code("UsernameExistsException") => None,
        other => Some(other?.username),
    };
    let name = made.as_deref().unwrap_or(&newcomer.username);
    let there = match made {
        Some(_) => None,
        None => Some(users.required(name).await?),
    };
    let is_stranger = there.as_ref().is_some_and(|it| !newcomer.is_surely(it));
    if made.is_some() {
        // First, so that an import that is cut off here lets nobody in.
        if !newcomer.enabled {
            users.disable(name).await?;
        }
        let stays = match way {
            Way::Invitation => false,
            Way::Password { is_permanent, .. } => *is_permanent,
            Way::NewPassword => true,
        };
        if let Some(password) = password.filter(|_| stays) {
            users.set_password(name, &password, true).await?;
        }
    }
    for group in newcomer.groups.iter().filter(|_| !is_stranger) {
        users.add_to_group(name, group).await?;
    }
    Ok(there.map_or(Outcome::Made, |user| Outcome::There {
        is_temporary: user.status == "FORCE_CHANGE_PASSWORD",
        is_stranger: is_stranger && !newcomer.groups.is_empty(),
    }))
}

/// A password that nobody is told, as long as Cognito takes one, with a letter of every sort.
fn nobodys() -> SecretString {
    let random = rand::rng().sample_iter(Alphanumeric).take(95);
    SecretString::new(
        "aA1-"
            .chars()
            .chain(random.map(char::from))
            .collect::<String>(),
    )
}

fn read(args: &ImportArgs) -> Result<Vec<Listed>> {
    let format = list::format(args.format, Some(&args.list));
    let name = args.list.display().to_string();
    if args.list == Path::new("-") {
        if args.password.password_stdin {
            return Err(
                Error::input("stdin cannot have both the list and the password")
                    .hint("give the password by --password-env, or the list as a file"),
            );
        }
        let mut text = String::new();
        let mut stdin = std::io::stdin().lock().take(LARGEST);
        stdin
            .read_to_string(&mut text)
            .context(ErrorKind::Input, "stdin cannot be read")?;
        return list::read(&text, format, "stdin");
    }
    list::read(&bounded::text(&args.list, LARGEST)?, format, &name)
}

/// Those of a list, as this pool takes them.
///
/// # Errors
/// Every place at which it would not.
pub(super) fn newcomers(
    listed: Vec<Listed>,
    pool: &UserPool,
    email_verified: bool,
) -> Result<Vec<Newcomer>> {
    let (mut all, mut wrong) = (vec![], vec![]);
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for Listed { place, user } in listed {
        match newcomer(&place, user, pool, email_verified) {
            Err(error) => wrong.push(format!("{place}: {}", error.message)),
            Ok(newcomer) => {
                // Cognito takes names that differ in case for the same, unless told otherwise.
                let name = newcomer.username.to_lowercase();
                match places.insert(name, place.clone()) {
                    Some(first) => wrong.push(format!("{place}: the same user as {first}")),
                    None => all.push(newcomer),
                }
            }
        }
    }
    told(wrong).map_err(|error| error.hint("correct the list and import it again"))?;
    Ok(all)
}

/// Messages that are told at once.
const MOST_TOLD: usize = 20;

fn told(mut wrong: Vec<String>) -> Result<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(MOST_TOLD);
    wrong.truncate(MOST_TOLD);
    wrong.extend((more > 0).then(|| format!("and {more} more")));
    wrong.push("nobody was made".to_owned());
    Err(Error::of_lines(ErrorKind::Input, wrong))
}

fn newcomer(place: &str, user: User, pool: &UserPool, email_verified: bool) -> Result<Newcomer> {
    let mut attributes: Attributes = user.attributes;
    // Each pool has its own, and what other providers know of somebody cannot be brought.
    attributes.retain(|name, value| {
        !["sub", "identities"].contains(&name.as_str())
            && !name.starts_with("cognito:")
            && !value.is_empty()
    });
    let mut known = Attributes::new();
    for (name, value) in attributes {
        known.insert(attribute(&name, pool)?, value);
    }
    let mut attributes = known;
    let username = username(&user.username, &mut attributes, pool)?;
    if let Some(email) = attributes.get("email") {
        contact::email(email)?;
        if email_verified {
            attributes.insert("email_verified".into(), "true".into());
        }
    }
    if let Some(phone) = attributes.get("phone_number") {
        contact::phone(phone)?;
    }
    let left_out = match user.status.as_str() {
        "EXTERNAL_PROVIDER" => {
            Some("since an identity provider knows them: they come along with their next sign-in")
        }
        "UNCONFIRMED" => Some("since they have never confirmed: they sign up again"),
        _ => None,
    };
    Ok(Newcomer {
        place: place.to_owned(),
        username,
        attributes,
        groups: user.groups,
        enabled: user.enabled,
        left_out,
    })
}

/// Cognito's name of an attribute that the pool has.
pub(super) fn attribute(name: &str, pool: &UserPool) -> Result<String> {
    let full = attributes::full(name, pool);
    let own = full
        .strip_prefix("custom:")
        .or(full.strip_prefix("dev:custom:"));
    let is_known = match own {
        Some(own) => pool
            .custom_attributes
            .iter()
            .flatten()
            .any(|it| it.0 == own),
        None => {
            let standard = full.strip_suffix("_verified").unwrap_or(&full);
            STANDARD.contains(&full.as_str()) || ["email", "phone_number"].contains(&standard)
        }
    };
    match is_known {
        true => Ok(full),
        false => Err(Error::input(format!("the pool has no attribute {name:?}"))),
    }
}

/// In a pool where addresses are the names, Cognito makes up the others: a list from there has those.
fn username(listed: &str, attributes: &mut Attributes, pool: &UserPool) -> Result<String> {
    let has = |way: SignIn| pool.sign_in.iter().flatten().any(|it| *it == way);
    let kinds = [
        (SignIn::Email, "email", '@'),
        (SignIn::PhoneNumber, "phone_number", '+'),
    ];
    let kinds: Vec<_> = kinds.into_iter().filter(|it| has(it.0)).collect();
    if kinds.is_empty() {
        let name = Some(listed).filter(|it| !it.is_empty());
        return name
            .map(ToOwned::to_owned)
            .ok_or_else(|| Error::input("the user has no name"));
    }
    for (_, name, sign) in &kinds {
        if !attributes.contains_key(*name) && listed.contains(*sign) {
            attributes.insert((*name).to_owned(), listed.to_owned());
        }
    }
    let addresses = kinds.iter().filter_map(|it| attributes.get(it.1));
    let first = addresses.into_iter().next().cloned();
    first.ok_or_else(|| {
        let names: Vec<_> = kinds.iter().map(|it| it.1).collect();
        Error::input(format!("the user has no {}", names.join(" or ")))
    })
}

fn as_json(all: &[(&Newcomer, &Outcome)]) -> Value {
    let mut value = json!({ "made": [], "there": [], "left_out": [], "failed": [] });
    for (newcomer, outcome) in all {
        let (user, place) = (&newcomer.username, &newcomer.place);
        let (key, row) = match outcome {
            Outcome::Made => ("made", json!({ "user": user })),
            Outcome::There {
                is_temporary,
                is_stranger,
            } => (
                "there",
                json!({ "user": user, "temporary_password": is_temporary, "groups_left": is_stranger }),
            ),
            Outcome::LeftOut(why) => ("left_out", json!({ "user": user, "why": why })),
            Outcome::Failed(error) => (
                "failed",
                json!({ "user": user, "place": place, "error": error.message }),
            ),
        };
        if let Some(rows) = value[key].as_array_mut() {
            rows.push(row);
        }
    }
    value
}

/// Counts, and what is still to be done.
fn summary(all: &[(&Newcomer, &Outcome)], way: &Way) -> String {
    let named = |it: &Newcomer| plain(&it.username).into_owned();
    let made: Vec<_> = all
        .iter()
        .filter(|it| matches!(it.1, Outcome::Made))
        .collect();
    let mut lines = vec![format!("{} made", users(made.len()))];
    let there = all
        .iter()
        .filter(|it| matches!(it.1, Outcome::There { .. }))
        .count();
    if there > 0 {
        lines.push(format!(
            "{} there already: groups apart, they stay as they are",
            users(there)
        ));
    }
    for (newcomer, outcome) in all {
        match outcome {
            Outcome::LeftOut(why) => lines.push(format!("  {}: left out {why}", named(newcomer))),
            Outcome::There {
                is_stranger: true, ..
            } => lines.push(format!(
                "  {}: put into no group, since no verified address says that it is the same person: wsctl user group add",
                named(newcomer)
            )),
            Outcome::There {
                is_temporary: true, ..
            } => lines.push(format!(
                "  {}: has a temporary password; where nobody knows it: wsctl user set-password",
                named(newcomer)
            )),
            Outcome::Failed(error) => {
                let place = plain(&newcomer.place);
                lines.push(format!("  {place}: {}: {error}", named(newcomer)));
            }
            Outcome::Made | Outcome::There { .. } => {}
        }
    }
    if all.iter().any(|it| matches!(it.1, Outcome::Failed(_))) {
        lines.push("import the same list again to make the others".into());
    }
    if matches!(way, Way::NewPassword) && !made.is_empty() {
        lines.push("nobody knows their passwords: each sets one with \"forgot password\"".into());
        let stuck: Vec<_> = made
            .iter()
            .filter(|it| !it.0.has_verified_address())
            .collect();
        if !stuck.is_empty() {
            lines.push(format!(
                "{} no verified address to send a code to; where it is right: wsctl user confirm NAME --admin",
                match stuck.as_slice() {
                    [one] => format!("{} has", named(one.0)),
                    several => format!("{} have", several.len()),
                }
            ));
        }
    }
    lines.join("\n") + "\n"
}

fn users(count: usize) -> String {
    match count {
        1 => "1 user was".to_owned(),
        other => format!("{other} users were"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(text: &str) -> UserPool {
        toml::from_str(&format!("name = \"x\"\n{text}")).unwrap()
    }

    fn listed(pool: &UserPool, text: &str) -> Result<Vec<Newcomer>> {
        let rows = list::read(text, crate::cli::user::ListFormat::Csv, "u.csv")?;
        newcomers(rows, pool, false)
    }

    #[test]
    fn where_addresses_are_names_a_made_up_name_is_left_behind() {
        let by_email = pool("sign_in = [\"email\"]");
        let text = "username,sub,email,email_verified\n1-2-3,1-2-3,ann@example.com,true\n";
        let found = listed(&by_email, text).unwrap().remove(0);
        assert_eq!(found.username, "ann@example.com");
        assert!(found.has_verified_address() && !found.attributes.contains_key("sub"));
        let by_name = listed(&pool("sign_in = [\"username\"]"), text)
            .unwrap()
            .remove(0);
        assert_eq!(by_name.username, "1-2-3");
        let short = listed(&by_email, "username\nann@example.com\n")
            .unwrap()
            .remove(0);
        assert_eq!(short.attributes["email"], "ann@example.com");
    }

    #[test]
    fn who_cannot_be_brought_is_left_out_and_not_refused() {
        let text = "email,status\na@example.com,UNCONFIRMED\nb@example.com,EXTERNAL_PROVIDER\nc@example.com,CONFIRMED\n";
        let found = listed(&pool("sign_in = [\"email\"]"), text).unwrap();
        let left: Vec<_> = found.iter().map(|it| it.left_out.is_some()).collect();
        assert_eq!(left, [true, true, false]);
    }

    #[test]
    fn every_mistake_of_a_list_is_told_and_nobody_is_made() {
        let text = "email,custom:team,phone_number\nann,,\na@example.com,,12\n,,\nb@example.com,,\nB@example.com,,\nc@example.com,x,\n";
        let error = listed(&pool("sign_in = [\"email\"]"), text).unwrap_err();
        let lines: Vec<_> = error.message.lines().collect();
        assert_eq!(
            lines,
            [
                "u.csv:2: \"ann\" is not an e-mail address",
                "u.csv:3: \"12\" is not a phone number in E.164 form",
                "u.csv:4: the user has no email",
                "u.csv:6: the same user as u.csv:5",
                "u.csv:7: the pool has no attribute \"custom:team\"",
                "nobody was made",
            ]
        );
        let with_team = pool("sign_in = [\"email\"]\n[custom_attributes.team]\ntype = \"string\"");
        assert!(listed(&with_team, "email,team\nc@example.com,x\n").is_ok());
    }

    #[test]
    fn only_a_verified_address_makes_somebody_the_same() {
        let newcomer = |text: &str| {
            listed(&pool("sign_in = [\"email\"]"), text)
                .unwrap()
                .remove(0)
        };
        let sure = newcomer("email,email_verified\nann@example.com,true\n");
        let there = |verified: &str, email: &str| {
            let pairs = [("email", email), ("email_verified", verified)];
            User {
                attributes: pairs
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
                ..User::default()
            }
        };
        assert!(sure.is_surely(&there("true", "ann@example.com")));
        assert!(!sure.is_surely(&there("false", "ann@example.com")));
        assert!(!sure.is_surely(&there("true", "bob@example.com")));
        let unsure = newcomer("email\nann@example.com\n");
        assert!(!unsure.is_surely(&there("true", "ann@example.com")));
    }

    #[test]
    fn nobodys_password_suits_every_policy_and_is_another_each_time() {
        let (one, other) = (nobodys(), nobodys());
        assert_eq!(one.expose().len(), 99);
        assert_ne!(one.expose(), other.expose());
    }
}
