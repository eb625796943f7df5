//! `wsctl user migrate`: how far the people of another pool have come, and the end of the move. Who brings them
//! is a function behind the trigger `user_migration` (docs/moving-users.md).

use super::{
    Desk,
    import::{Way, attribute, newcomers},
    list::Listed,
    named,
};
use crate::{
    cli::user::MigrateArgs,
    commands::{confirm::confirm, print, print_json},
    error::{Error, Result},
    identity::{User, Users},
    view,
};
use serde_json::json;
use std::collections::BTreeSet;

/// Where each user of the old pool is.
#[derive(Debug, Default, PartialEq)]
struct Move {
    /// In the new pool too.
    come: Vec<User>,
    left: Vec<User>,
    /// Whoever has never confirmed, or comes along from an identity provider: nothing is lost with them.
    of_themselves: Vec<User>,
}

impl Desk<'_> {
    pub(super) async fn migrate(&self, args: &MigrateArgs) -> Result<u8> {
        if args.from == self.pool.id {
            return Err(
                Error::usage(format!("{} is the stack's own pool", args.from))
                    .hint("name with --from the pool that is left"),
            );
        }
        let old = Users {
            aws: &self.session.aws,
            pool_id: &args.from,
        };
        let new = self.users();
        let (old_users, new_users) = tokio::try_join!(
            async { named(&args.from, old.everybody().await) },
            new.list(None, usize::MAX)
        )?;
        let moved = progress(old_users, &new_users);
        if args.rest && !moved.left.is_empty() {
            return self.bring_rest(moved.left, args).await;
        }
        if args.delete_old {
            return self.delete_old(&moved, args).await;
        }
        self.tell_move(&moved, args)
    }

    fn tell_move(&self, moved: &Move, args: &MigrateArgs) -> Result<u8> {
        let (come, left) = (moved.come.len(), moved.left.len());
        let of_themselves = moved.of_themselves.len();
        if self.global.json {
            let names: Vec<_> = moved.left.iter().map(|it| &it.username).collect();
            return print_json(&json!({
                "from": args.from, "to": self.pool.id, "come": come, "left": names,
                "not_brought": of_themselves,
            }));
        }
        let row = |what: &str, count: usize| vec![what.to_owned(), count.to_string()];
        let rows = [
            row("have come", come),
            row("still to come", left),
            row("not to be brought", of_themselves),
        ];
        let title = format!("{} → {}", args.from, self.pool.id);
        let next = match left {
            0 => "nobody is left: wsctl user migrate --from POOL --delete-old deletes the old pool",
            _ => {
                "they come with their next sign-in; --rest brings them now, each to set a new password"
            }
        };
        print(&format!(
            "{}{next}\n",
            view::table(&[&title, "USERS"], &rows)
        ))?;
        Ok(0)
    }

    async fn bring_rest(&self, left: Vec<User>, args: &MigrateArgs) -> Result<u8> {
        let pool = self.declared()?;
        let listed = left.into_iter().map(|mut user| {
            user.attributes
                .retain(|name, _| attribute(name, pool).is_ok());
            Listed {
                place: format!("{} {}", args.from, user.username),
                user,
            }
        });
        let mut rest = newcomers(listed.collect(), pool, false)?;
        let there: BTreeSet<_> = self.users().all_groups().await?.into_iter().collect();
        for newcomer in &mut rest {
            newcomer.groups.retain(|it| there.contains(it));
        }
        if !args.yes {
            let question = format!(
                "{} users will be made, each without a password.",
                rest.len()
            );
            confirm(&question, "yes")?;
        }
        self.bring(&rest, &Way::NewPassword).await
    }

    async fn delete_old(&self, moved: &Move, args: &MigrateArgs) -> Result<u8> {
        let left = moved.left.len();
        if left > 0 {
            return Err(Error::refused(format!(
                "nothing was deleted: {left} users are in {} and not in {}",
                args.from, self.pool.id
            ))
            .hint("wait for their next sign-in, or bring them first: --rest"));
        }
        if !args.yes {
            let question = format!(
                "{} will be deleted for good, with all that is in it.",
                args.from
            );
            confirm(&question, &args.from)?;
        }
        let old = Users {
            aws: &self.session.aws,
            pool_id: &args.from,
        };
        old.delete_pool().await.map_err(|error| {
            match error.has_code("InvalidParameterException") {
                true => error
                    .hint("where deletion protection is on, switch it off in the console first"),
                false => error,
            }
        })?;
        let value = json!({ "pool": args.from, "deleted": true });
        self.done(&format!("{} is deleted", args.from), &value)
    }
}

/// Somebody of the old pool is in the new one under the same address, or the same name. Whoever has never
/// confirmed may be anybody.
fn progress(old: Vec<User>, new: &[User]) -> Move {
    let new = new.iter().filter(|it| it.status != "UNCONFIRMED");
    let known: BTreeSet<_> = new.flat_map(identities).collect();
    let mut moved = Move::default();
    for user in old {
        let place = match user.status.as_str() {
            _ if identities(&user).iter().any(|it| known.contains(it)) => &mut moved.come,
            "UNCONFIRMED" | "EXTERNAL_PROVIDER" => &mut moved.of_themselves,
            _ => &mut moved.left,
        };
        place.push(user);
    }
    moved
}

/// By what somebody is known in another pool, the same in any case.
fn identities(user: &User) -> Vec<(&'static str, String)> {
    let attribute = |name: &'static str| {
        let value = user.attributes.get(name)?;
        Some((name, value.to_lowercase()))
    };
    let addresses = ["email", "phone_number"].into_iter().filter_map(attribute);
    let name = ("username", user.username.to_lowercase());
    addresses.chain([name]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(username: &str, status: &str, attributes: &[(&str, &str)]) -> User {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        User {
            username: username.to_owned(),
            status: status.to_owned(),
            attributes: attributes.iter().map(owned).collect(),
            ..User::default()
        }
    }

    #[test]
    fn somebody_has_come_who_is_there_by_address_or_name() {
        let old = vec![
            user("1", "CONFIRMED", &[("email", "Ann@example.com")]),
            user("bob", "CONFIRMED", &[]),
            user("3", "CONFIRMED", &[("email", "cleo@example.com")]),
            user("4", "UNCONFIRMED", &[("email", "dan@example.com")]),
            user(
                "google_5",
                "EXTERNAL_PROVIDER",
                &[("email", "eve@example.com")],
            ),
        ];
        let new = [
            user("8", "UNCONFIRMED", &[("email", "cleo@example.com")]),
            user("9", "CONFIRMED", &[("email", "ann@example.com")]),
            user("bob", "RESET_REQUIRED", &[]),
        ];
        let moved = progress(old, &new);
        let names = |users: &[User]| {
            users
                .iter()
                .map(|it| it.username.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&moved.come), ["1", "bob"]);
        assert_eq!(names(&moved.left), ["3"]);
        assert_eq!(names(&moved.of_themselves), ["4", "google_5"]);
    }
}
