//! The users of a pool: signing up, and what an administrator can do with them.

use super::{Pool, PoolClient, SecretString, SignInTarget};
use crate::{
    aws::{Aws, absent, pages},
    error::{Error, Result},
    kind::Kind,
    kinds::user::calls,
    owner::StackOutputs,
    spec::{
        domain::{Domain, DomainOutputs},
        user_pool::{UserPool, UserPoolOutputs},
    },
};
use aws_sdk_cognitoidentityprovider::{
    primitives::DateTime,
    types::{DeliveryMediumType, MessageActionType, UserType},
};
use cognito_sign_in::secret_hash;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Attributes by name: `email`, `custom:team`.
pub type Attributes = BTreeMap<String, String>;

/// A user as Cognito has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    pub username: String,
    /// As Cognito names it, or empty.
    pub status: String,
    pub enabled: bool,
    pub attributes: Attributes,
    /// Seconds since 1970.
    #[serde(with = "crate::timestamp")]
    pub created: Option<i64>,
    #[serde(with = "crate::timestamp")]
    pub modified: Option<i64>,
    /// Which second factors are set up; only of one user that is looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub second_factors: Vec<String>,
    /// Not of a user in a plain list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            username: String::new(),
            status: String::new(),
            enabled: true,
            attributes: Attributes::new(),
            created: None,
            modified: None,
            second_factors: vec![],
            groups: vec![],
        }
    }
}

/// A pool whose users are dealt with.
pub struct Users<'a> {
    pub aws: &'a Aws,
    pub pool_id: &'a str,
}

/// Where Cognito sent a code, half of it hidden: `a***@e***`.
pub type Delivery = Option<String>;

/// How an administrator makes a user.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    pub attributes: Attributes,
    /// Without one, Cognito makes one up and sends it.
    pub temporary_password: Option<SecretString>,
    /// Whether Cognito sends the invitation.
    pub invites: bool,
}

/// Signs a new user up, as an application does.
pub async fn sign_up(
    aws: &Aws,
    target: &SignInTarget,
    username: &str,
    password: &SecretString,
    attributes: &Attributes,
) -> Result<Delivery> {
    aws.hide(password.expose());
    let send = || {
        let request = aws
            .cognito
            .sign_up()
            .client_id(&target.client_id)
            .username(username);
        let request = request
            .password(password.expose())
            .set_secret_hash(hash(target, username));
        request
            .set_user_attributes(Some(calls::listed(attributes)))
            .send()
    };
    let answer = aws.create("cognito-idp:SignUp", send).await?;
    Ok(answer.code_delivery_details.and_then(|it| it.destination))
}

/// Confirms a user with the code that was sent.
pub async fn confirm(
    aws: &Aws,
    target: &SignInTarget,
    username: &str,
    code: &SecretString,
) -> Result<()> {
    aws.hide(code.expose());
    let send = || {
        let request = aws
            .cognito
            .confirm_sign_up()
            .client_id(&target.client_id)
            .username(username);
        request
            .confirmation_code(code.expose())
            .set_secret_hash(hash(target, username))
            .send()
    };
    aws.create("cognito-idp:ConfirmSignUp", send)
        .await
        .map(|_| ())
}

/// Has the code sent again.
pub async fn resend(aws: &Aws, target: &SignInTarget, username: &str) -> Result<Delivery> {
    let send = || {
        let request = aws
            .cognito
            .resend_confirmation_code()
            .client_id(&target.client_id);
        request
            .username(username)
            .set_secret_hash(hash(target, username))
            .send()
    };
    let answer = aws
        .create("cognito-idp:ResendConfirmationCode", send)
        .await?;
    Ok(answer.code_delivery_details.and_then(|it| it.destination))
}

fn hash(target: &SignInTarget, username: &str) -> Option<String> {
    target
        .client_secret
        .as_ref()
        .map(|secret| secret_hash(secret, &target.client_id, username))
}

impl Users<'_> {
    /// Confirms a user without a code, and marks the e-mail address as verified, as the console
    /// does. A user who is confirmed already only has the address marked.
    pub async fn confirm(&self, username: &str) -> Result<()> {
        let send = || {
            let request = self
                .aws
                .cognito
                .admin_confirm_sign_up()
                .user_pool_id(self.pool_id);
            request.username(username).send()
        };
        let user = self.required(username).await?;
        if user.status == "UNCONFIRMED" {
            self.aws
                .write("cognito-idp:AdminConfirmSignUp", send)
                .await?;
        }
        if !user.attributes.contains_key("email") {
            return Ok(());
        }
        self.set_attributes(
            username,
            &Attributes::from([("email_verified".into(), "true".into())]),
        )
        .await
    }

    /// Sets attributes, and leaves the others as they are.
    pub async fn set_attributes(&self, username: &str, attributes: &Attributes) -> Result<()> {
        let send = || {
            let request = self
                .aws
                .cognito
                .admin_update_user_attributes()
                .user_pool_id(self.pool_id);
            request
                .username(username)
                .set_user_attributes(Some(calls::listed(attributes)))
                .send()
        };
        self.aws
            .write("cognito-idp:AdminUpdateUserAttributes", send)
            .await
            .map(|_| ())
    }

    /// Makes a user, who has to set a password at the first sign-in.
    pub async fn create(&self, new: &NewUser) -> Result<User> {
        let password = new.temporary_password.as_ref().map(SecretString::expose);
        password.iter().for_each(|it| self.aws.hide(it));
        let (pool, name) = (self.pool_id, new.username.as_str());
        let made = calls::create(self.aws, pool, name, &new.attributes, |request| {
            let request = request.set_temporary_password(password.map(ToOwned::to_owned));
            match new.invites {
                true if new.attributes.contains_key("email") => {
                    request.desired_delivery_mediums(DeliveryMediumType::Email)
                }
                true => request,
                false => request.message_action(MessageActionType::Suppress),
            }
        });
        let user = made.await?.user;
        Ok(user.map(from_list).unwrap_or_else(|| named(name)))
    }

    /// Sets a password; a permanent one confirms the user too.
    pub async fn set_password(
        &self,
        username: &str,
        password: &SecretString,
        permanent: bool,
    ) -> Result<()> {
        calls::set_password(
            self.aws,
            self.pool_id,
            username,
            password.expose(),
            permanent,
        )
        .await
    }

    /// Deletes a user; that there is none is success, and `false`.
    pub async fn delete(&self, username: &str) -> Result<bool> {
        calls::delete(self.aws, self.pool_id, username).await
    }

    /// A user, by name or alias, with groups.
    pub async fn get(&self, username: &str) -> Result<Option<User>> {
        calls::if_there(self.required(username).await)
    }

    /// A user that has to be there.
    pub async fn required(&self, username: &str) -> Result<User> {
        let found = calls::get(self.aws, self.pool_id, username).await?;
        Ok(User {
            username: found.username,
            status: found
                .user_status
                .map(|it| it.to_string())
                .unwrap_or_default(),
            enabled: found.enabled,
            attributes: calls::mapped(found.user_attributes),
            created: seconds(found.user_create_date),
            modified: seconds(found.user_last_modified_date),
            second_factors: found.user_mfa_setting_list.unwrap_or_default(),
            groups: vec![],
        })
    }

    /// The groups that a user is in.
    pub async fn groups(&self, username: &str) -> Result<Vec<String>> {
        calls::groups(self.aws, self.pool_id, username).await
    }

    /// Up to `limit` users, in Cognito's order. `filter` is Cognito's own: `email ^= "ann"`.
    pub async fn list(&self, filter: Option<&str>, limit: usize) -> Result<Vec<User>> {
        let (mut users, mut next) = (vec![], None);
        loop {
            let send = || {
                let request = self
                    .aws
                    .cognito
                    .list_users()
                    .user_pool_id(self.pool_id)
                    .limit(60);
                request
                    .set_filter(filter.map(Into::into))
                    .set_pagination_token(next.clone())
                    .send()
            };
            let page = self.aws.read("cognito-idp:ListUsers", send).await?;
            users.extend(page.users.unwrap_or_default().into_iter().map(from_list));
            // A page of a filtered list may be empty while there are more.
            next = page.pagination_token;
            if next.is_none() || users.len() >= limit {
                users.truncate(limit);
                return Ok(users);
            }
        }
    }

    pub async fn add_to_group(&self, username: &str, group: &str) -> Result<()> {
        calls::add_to_group(self.aws, self.pool_id, username, group).await
    }

    /// Keeps a user from signing in, until somebody enables it again.
    pub async fn disable(&self, username: &str) -> Result<()> {
        let send = || {
            let request = self
                .aws
                .cognito
                .admin_disable_user()
                .user_pool_id(self.pool_id);
            request.username(username).send()
        };
        self.aws
            .write("cognito-idp:AdminDisableUser", send)
            .await
            .map(|_| ())
    }

    /// The names of the pool's groups.
    pub async fn all_groups(&self) -> Result<Vec<String>> {
        pages(|next| async move {
            let request = self.aws.cognito.list_groups().user_pool_id(self.pool_id);
            let request = request.limit(60).set_next_token(next);
            let page = self
                .aws
                .read("cognito-idp:ListGroups", || request.clone().send())
                .await?;
            let groups = page.groups.unwrap_or_default();
            let names = groups.into_iter().filter_map(|it| it.group_name);
            Ok((names.collect(), page.next_token))
        })
        .await
    }

    /// Every user, each with its groups.
    pub async fn everybody(&self) -> Result<Vec<User>> {
        let groups = async {
            let names = self.all_groups().await?;
            try_join_all(names.into_iter().map(|group| async {
                let members = self.members(&group).await?;
                Ok::<_, Error>((group, members))
            }))
            .await
        };
        let (mut users, groups) = tokio::try_join!(self.list(None, usize::MAX), groups)?;
        let mut of_user: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (group, members) in groups {
            for member in members {
                of_user.entry(member).or_default().push(group.clone());
            }
        }
        for user in &mut users {
            user.groups = of_user.remove(&user.username).unwrap_or_default();
        }
        Ok(users)
    }

    /// The names of who is in a group.
    async fn members(&self, group: &str) -> Result<Vec<String>> {
        pages(|next| async move {
            let request = self
                .aws
                .cognito
                .list_users_in_group()
                .user_pool_id(self.pool_id);
            let request = request.group_name(group).limit(60).set_next_token(next);
            let page = self
                .aws
                .read("cognito-idp:ListUsersInGroup", || request.clone().send())
                .await?;
            let users = page.users.unwrap_or_default();
            let names = users.into_iter().filter_map(|it| it.username);
            Ok((names.collect(), page.next_token))
        })
        .await
    }

    /// Deletes the pool itself with all who are in it, and its domains, with which AWS would keep it. That it is
    /// protected is for its owner to change.
    pub async fn delete_pool(&self) -> Result<()> {
        let send = || {
            let request = self.aws.cognito.describe_user_pool();
            request.user_pool_id(self.pool_id).send()
        };
        let found = absent(self.aws.read("cognito-idp:DescribeUserPool", send).await)?;
        let pool = found.and_then(|it| it.user_pool);
        let domains = pool.iter().flat_map(|it| [it.domain(), it.custom_domain()]);
        let outputs = UserPoolOutputs {
            id: self.pool_id.to_owned(),
            ..UserPoolOutputs::default()
        };
        for prefix in domains.flatten() {
            let domain = DomainOutputs {
                prefix: prefix.to_owned(),
                pool_id: self.pool_id.to_owned(),
                ..DomainOutputs::default()
            };
            Domain::delete(self.aws, &outputs, &domain).await?;
        }
        UserPool::delete(self.aws, &StackOutputs::default(), &outputs).await
    }

    pub async fn remove_from_group(&self, username: &str, group: &str) -> Result<()> {
        let send = || {
            let request = self
                .aws
                .cognito
                .admin_remove_user_from_group()
                .user_pool_id(self.pool_id);
            request.username(username).group_name(group).send()
        };
        self.aws
            .write("cognito-idp:AdminRemoveUserFromGroup", send)
            .await
            .map(|_| ())
    }
}

impl SignInTarget {
    /// The target that a client of a pool is.
    pub async fn of(aws: &Aws, pool: &Pool, client: &PoolClient) -> Result<Self> {
        let client_secret = match client.live.secret {
            Some(true) => client_secret(aws, &pool.id, &client.id).await?,
            _ => None,
        };
        Ok(Self {
            pool_id: pool.id.clone(),
            client_id: client.id.clone(),
            client_secret,
        })
    }
}

/// The secret of a client that has one, for the proof that Cognito wants along with each request.
async fn client_secret(aws: &Aws, pool_id: &str, client_id: &str) -> Result<Option<SecretString>> {
    let send = || {
        aws.cognito
            .describe_user_pool_client()
            .user_pool_id(pool_id)
            .client_id(client_id)
            .send()
    };
    let found = absent(aws.read("cognito-idp:DescribeUserPoolClient", send).await)?;
    let secret = found
        .and_then(|it| it.user_pool_client)
        .and_then(|it| it.client_secret);
    Ok(secret.filter(|it| !it.is_empty()).map(SecretString::new))
}

fn seconds(time: Option<DateTime>) -> Option<i64> {
    time.map(|it| it.secs())
}

fn from_list(user: UserType) -> User {
    User {
        username: user.username.unwrap_or_default(),
        status: user
            .user_status
            .map(|it| it.to_string())
            .unwrap_or_default(),
        enabled: user.enabled,
        attributes: calls::mapped(user.attributes),
        created: seconds(user.user_create_date),
        modified: seconds(user.user_last_modified_date),
        ..User::default()
    }
}

fn named(username: &str) -> User {
    User {
        username: username.to_owned(),
        ..User::default()
    }
}
