//! `wsctl user`: the people in the pool.

mod attributes;
mod export;
mod import;
mod list;
mod migrate;
pub(crate) mod show;

use super::{
    ask::SecretSource,
    confirm::confirm as confirmed,
    given::{self, quoted},
    print, print_json,
    session::{Session, load},
    tell,
};
use crate::{
    cli::{
        Global,
        user::{
            ConfirmArgs, CreateArgs, DeleteArgs, GroupCommand, ListArgs, ResendArgs,
            SetPasswordArgs, SignUpArgs, UserCommand,
        },
    },
    error::{Error, Result},
    identity::{self, Delivery, NewUser, Part, Pool, SignInTarget, User, Users},
    plain::plain,
    spec::user_pool::UserPool,
};
use serde_json::{Value, json};

pub(super) async fn run(global: &Global, command: &UserCommand) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let place = session.find(&[Part::Pool]).await?;
    let desk = Desk {
        global,
        session: &session,
        pool: place.pool()?,
    };
    let code = match command {
        UserCommand::SignUp(args) => desk.sign_up(args).await,
        UserCommand::Confirm(args) => desk.confirm(args).await,
        UserCommand::Resend(args) => desk.resend(args).await,
        UserCommand::Create(args) => desk.create(args).await,
        UserCommand::List(args) => desk.list(args).await,
        UserCommand::Export(args) => desk.export(args).await,
        UserCommand::Import(args) => desk.import(args).await,
        UserCommand::Migrate(args) => desk.migrate(args).await,
        UserCommand::Show { user } => desk.show(user).await,
        UserCommand::Delete(args) => desk.delete(args).await,
        UserCommand::SetPassword(args) => desk.set_password(args).await,
        UserCommand::Group { command } => desk.group(command).await,
    };
    session.tell_calls();
    code
}

/// What the first of the pool's users type to sign in.
pub(super) async fn names_of_users(session: &Session) -> Result<Vec<String>> {
    let place = session.find(&[Part::Pool]).await?;
    let users = Users {
        aws: &session.aws,
        pool_id: &place.pool()?.id,
    };
    let first = users.list(None, 60).await?;
    Ok(first.iter().map(typed_name).collect())
}

/// Where the name is Cognito's own, what stands for it.
fn typed_name(user: &User) -> String {
    let attribute = |name: &str| user.attributes.get(name);
    let is_cognitos = attribute("sub") == Some(&user.username);
    let other = attribute("email").or_else(|| attribute("phone_number"));
    other
        .filter(|_| is_cognitos)
        .unwrap_or(&user.username)
        .clone()
}

/// Where the pool's users are dealt with.
struct Desk<'a> {
    global: &'a Global,
    session: &'a Session,
    pool: &'a Pool,
}

impl Desk<'_> {
    fn users(&self) -> Users<'_> {
        Users {
            aws: &self.session.aws,
            pool_id: &self.pool.id,
        }
    }

    async fn target(&self, client: Option<&str>) -> Result<SignInTarget> {
        SignInTarget::of(&self.session.aws, self.pool, self.pool.client(client)?).await
    }

    /// The pool as stack.toml has it.
    fn declared(&self) -> Result<&UserPool> {
        let table = self.session.stack.file.user_pool.as_ref();
        table
            .map(|it| &it.settings)
            .ok_or_else(|| Error::input("stack.toml has no [user_pool]"))
    }

    fn done(&self, what: &str, value: &Value) -> Result<u8> {
        if self.global.json {
            return print_json(value);
        }
        print(&format!("{what}\n"))?;
        Ok(0)
    }

    async fn sign_up(&self, args: &SignUpArgs) -> Result<u8> {
        let attributes = attributes::attributes(&args.user, &args.attributes, self.declared()?)?;
        attributes::check_required(&attributes, self.declared()?)?;
        let target = self.target(args.client.as_deref()).await?;
        let password = SecretSource::from(&args.password).ask_new("password")?;
        let sent = identity::sign_up(
            &self.session.aws,
            &target,
            &args.user,
            &password,
            &attributes,
        )
        .await?;
        let value = json!({ "user": args.user, "status": "UNCONFIRMED", "code_sent_to": sent });
        let told = self.done(
            &format!("{} is signed up{}", args.user, sent_to(&sent)),
            &value,
        )?;
        self.tell_code();
        tell_next(&format!("user confirm {}", quoted(&args.user)));
        Ok(told)
    }

    async fn confirm(&self, args: &ConfirmArgs) -> Result<u8> {
        if args.admin {
            self.users().confirm(&args.user).await?;
        } else {
            let target = self.target(args.client.as_deref()).await?;
            let code = SecretSource::from(&args.code).ask("code")?;
            identity::confirm(&self.session.aws, &target, &args.user, &code).await?;
        }
        let value = json!({ "user": args.user, "status": "CONFIRMED" });
        let told = self.done(&format!("{} is confirmed", args.user), &value)?;
        tell_next(&format!("token {}", quoted(&args.user)));
        Ok(told)
    }

    async fn resend(&self, args: &ResendArgs) -> Result<u8> {
        let target = self.target(args.client.as_deref()).await?;
        let sent = identity::resend(&self.session.aws, &target, &args.user).await?;
        let value = json!({ "user": args.user, "code_sent_to": sent });
        let told = self.done(
            &format!("{}: another code{}", args.user, sent_to(&sent)),
            &value,
        )?;
        self.tell_code();
        tell_next(&format!("user confirm {}", quoted(&args.user)));
        Ok(told)
    }

    /// The sandbox sends nothing, and its code is always the same.
    fn tell_code(&self) {
        if self.session.sandbox.is_some() {
            tell(&format!("in the sandbox the code is {CODE}"));
        }
    }

    /// Without a source for the password, Cognito makes one up, unless it is to stay.
    async fn create(&self, args: &CreateArgs) -> Result<u8> {
        let mut attributes =
            attributes::attributes(&args.user, &args.attributes, self.declared()?)?;
        if args.email_verified && attributes.contains_key("email") {
            attributes.insert("email_verified".into(), "true".into());
        }
        let source = SecretSource::from(&args.password);
        let password = match source {
            SecretSource::Terminal if !args.permanent => None,
            _ => Some(source.ask_new("password")?),
        };
        let is_known = password.is_some();
        let new = NewUser {
            username: args.user.clone(),
            attributes,
            temporary_password: password.clone(),
            invites: !args.no_invitation,
        };
        let user = self.users().create(&new).await?;
        if let Some(password) = password.filter(|_| args.permanent) {
            self.users()
                .set_password(&user.username, &password, true)
                .await?;
        }
        let user = self.users().required(&user.username).await?;
        if self.global.json {
            return print_json(&user);
        }
        print(&show::one(&user))?;
        if !args.permanent && !is_known {
            tell(match (self.session.sandbox.is_some(), args.no_invitation) {
                (true, _) => {
                    "the sandbox sends no message: wsctl user set-password gives a password of your own"
                }
                (false, true) => {
                    "no invitation is sent: wsctl user set-password gives a password of your own"
                }
                (false, false) => {
                    "the temporary password is in the invitation, and is replaced at the first sign-in"
                }
            });
        }
        tell_next(&format!("token {}", quoted(&args.user)));
        Ok(0)
    }

    async fn list(&self, args: &ListArgs) -> Result<u8> {
        let limit = if args.limit == 0 {
            usize::MAX - 1
        } else {
            args.limit
        };
        let mut users = self.users().list(args.filter.as_deref(), limit + 1).await?;
        if users.len() > limit {
            users.truncate(limit);
            tell(&format!("there are more than {limit}; --limit 0 lists all"));
        }
        if self.global.json {
            return print_json(&json!({ "users": users }));
        }
        print(&show::table(&users))?;
        Ok(0)
    }

    async fn show(&self, user: &str) -> Result<u8> {
        let mut found = self.users().required(user).await?;
        found.groups = self.users().groups(user).await?;
        if self.global.json {
            return print_json(&found);
        }
        print(&show::one(&found))?;
        Ok(0)
    }

    async fn delete(&self, args: &DeleteArgs) -> Result<u8> {
        let found = self.users().required(&args.user).await?;
        if !args.yes {
            confirmed(&format!("{} will be deleted for good.", args.user), "yes")?;
        }
        self.users().delete(&found.username).await?;
        let value = json!({ "user": args.user, "deleted": true });
        self.done(&format!("{} is deleted", args.user), &value)
    }

    async fn set_password(&self, args: &SetPasswordArgs) -> Result<u8> {
        let password = SecretSource::from(&args.password).ask_new("new password")?;
        self.users()
            .set_password(&args.user, &password, !args.temporary)
            .await?;
        let which = if args.temporary {
            "a temporary password"
        } else {
            "a new password"
        };
        let value = json!({ "user": args.user, "temporary": args.temporary });
        self.done(&format!("{} has {which}", args.user), &value)
    }

    async fn group(&self, command: &GroupCommand) -> Result<u8> {
        let (user, group, is_member) = match command {
            GroupCommand::Add { user, group } => (user, group, true),
            GroupCommand::Remove { user, group } => (user, group, false),
        };
        match is_member {
            true => self.users().add_to_group(user, group).await?,
            false => self.users().remove_from_group(user, group).await?,
        }
        let value = json!({ "user": user, "group": group, "member": is_member });
        let word = if is_member { "is in" } else { "is not in" };
        self.done(
            &format!("{user} {word} {group}; tokens say so from the next sign-in on"),
            &value,
        )
    }
}

/// What another pool that was named gave back.
fn named<T>(pool: &str, answer: Result<T>) -> Result<T> {
    answer.map_err(|error| match error.has_code("ResourceNotFoundException") {
        true => error.hint(format!(
            "name a pool of this account and region by its id, such as eu-west-1_AbCdEf123: {pool} is none"
        )),
        false => error,
    })
}

/// What a sign-up in the sandbox is confirmed with (`amend.py`).
const CODE: &str = "123456";

/// The command that comes next, with what was given.
fn tell_next(words: &str) {
    tell(&format!(
        "next: {}",
        given::command(&format!("wsctl {words}"))
    ));
}

fn sent_to(sent: &Delivery) -> String {
    match sent {
        Some(place) => format!("; a code was sent to {}", plain(place)),
        None => String::new(),
    }
}
