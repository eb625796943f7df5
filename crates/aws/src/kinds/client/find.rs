//! Which clients a pool has, and which of the declared ones each of them is.

use crate::{
    aws::{Reads, absent},
    error::{Error, Result},
    kind::Declared,
    spec::client::{Client, ClientOutputs},
};
use std::collections::BTreeMap;

/// Every client of the pool; none when the pool is gone.
pub(super) async fn list(reads: &Reads, pool: &str) -> Result<Vec<ClientOutputs>> {
    let (mut found, mut next) = (vec![], None);
    loop {
        let send = || {
            let request = reads
                .aws
                .cognito
                .list_user_pool_clients()
                .user_pool_id(pool)
                .max_results(60);
            request.set_next_token(next.clone()).send()
        };
        let answer = absent(
            reads
                .aws
                .read("cognito-idp:ListUserPoolClients", send)
                .await,
        )?;
        let Some(page) = answer else {
            return Ok(vec![]);
        };
        let clients = page.user_pool_clients.unwrap_or_default().into_iter();
        found.extend(clients.filter_map(|it| {
            let (id, name) = (it.client_id?, it.client_name?);
            Some(ClientOutputs {
                id,
                name,
                pool_id: pool.to_owned(),
            })
        }));
        next = page.next_token;
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Gives each client its name in stack.toml: the key of the declared client with its AWS name, or
/// else that AWS name. The id goes behind a name that is given away already.
///
/// # Errors
///
/// [`crate::error::ErrorKind::Refused`] when two clients have one declared name: names are no identity
/// to Cognito, so it is not clear which one is meant (docs/aws.md §1.1).
pub(super) fn name(
    mut there: Vec<ClientOutputs>,
    wanted: &Declared<Client>,
) -> Result<BTreeMap<String, ClientOutputs>> {
    there.sort_by(|one, other| one.id.cmp(&other.id));
    let mut named = BTreeMap::new();
    for (key, spec) in wanted {
        let (mut same, rest): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|it| it.name == spec.name);
        there = rest;
        if same.len() > 1 {
            return Err(ambiguous(key, &same));
        }
        named.extend(same.pop().map(|client| (key.clone(), client)));
    }
    for client in there {
        let is_taken = client.name.is_empty() || named.contains_key(&client.name);
        let name = if is_taken {
            format!("{}-{}", client.name, client.id)
        } else {
            client.name.clone()
        };
        named.insert(name, client);
    }
    Ok(named)
}

fn ambiguous(key: &str, same: &[ClientOutputs]) -> Error {
    let ids: Vec<_> = same.iter().map(|it| it.id.as_str()).collect();
    let name = same.first().map_or("", |it| it.name.as_str());
    let message = format!(
        "{} clients are named `{name}` (ids {})",
        same.len(),
        ids.join(", ")
    );
    Error::refused(message)
        .at(format!("clients.{key}"))
        .hint("delete or rename those that are not in use, in the console, then run again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str, name: &str) -> ClientOutputs {
        ClientOutputs {
            id: id.into(),
            name: name.into(),
            pool_id: "p_1".into(),
        }
    }

    fn wanted(entries: &[(&str, &str)]) -> Declared<Client> {
        let entries = entries.iter();
        entries
            .map(|(key, name)| ((*key).to_owned(), Client::named(name)))
            .collect()
    }

    fn names(there: Vec<ClientOutputs>, wanted: &Declared<Client>) -> Vec<(String, String)> {
        name(there, wanted)
            .unwrap()
            .into_iter()
            .map(|(name, it)| (name, it.id))
            .collect()
    }

    #[test]
    fn a_client_is_known_by_its_aws_name() {
        let there = vec![client("1", "workshop-SPA"), client("2", "other")];
        let named = names(there, &wanted(&[("spa", "workshop-SPA")]));
        assert_eq!(
            named,
            [("other".into(), "2".into()), ("spa".into(), "1".into())]
        );
    }

    #[test]
    fn no_two_clients_get_one_name() {
        let there = vec![
            client("1", "b"),
            client("2", "spa"),
            client("3", "x"),
            client("4", "x"),
        ];
        let named = names(there, &wanted(&[("spa", "b")]));
        let expected = [("spa", "1"), ("spa-2", "2"), ("x", "3"), ("x-4", "4")];
        assert_eq!(named, expected.map(|(name, id)| (name.into(), id.into())));
    }

    #[test]
    fn two_clients_of_one_declared_name_are_refused_with_their_ids() {
        let there = vec![client("2", "a"), client("1", "a")];
        let error = name(there, &wanted(&[("spa", "a")])).unwrap_err();
        assert_eq!(
            error.message,
            "clients.spa: 2 clients are named `a` (ids 1, 2)"
        );
    }
}
