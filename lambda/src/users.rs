//! The table's rows: what each statement does, and what is answered. Whether the caller may is
//! decided in the statement that changes the row, so that nothing can happen in between.

use crate::{
    answer::{Done, Refusal},
    caller::{Caller, USER_ROLE},
    database::{Database, Failure},
    input::{self, Changes, NewUser, Page},
};
use serde::Serialize;
use serde_json::json;
use tokio_postgres::{
    Client, Row,
    types::{ToSql, Type},
};

/// A row, in the order of its columns.
#[derive(Clone, Debug, Serialize)]
struct User {
    id: i32,
    cognito_sub: String,
    username: String,
    email: String,
    role: String,
    phone_number: Option<String>,
}

/// What a changing statement came to.
enum Outcome {
    Changed(User),
    /// The statement's condition kept it from this row.
    Kept(User),
    NoRow,
}

type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

const BY_ID: &str =
    "SELECT id, cognito_sub, username, email, role, phone_number FROM users WHERE id = $1";
const PAGE: &str = "
SELECT id, cognito_sub, username, email, role, phone_number FROM users
WHERE id > $1 ORDER BY id LIMIT $2";
const INSERT: &str = "
INSERT INTO users (cognito_sub, username, email, role, phone_number) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id, cognito_sub, username, email, role, phone_number";
/// The row that kept `INSERT` from adding one: the caller's own first.
const IN_THE_WAY: &str = "
SELECT id, cognito_sub, username, email, role, phone_number FROM users
WHERE cognito_sub = $1 OR email = $2 ORDER BY cognito_sub = $1 DESC LIMIT 1";
const UPDATE: &str = "
UPDATE users SET username = COALESCE($2, username), email = COALESCE($3, email),
    role = COALESCE($4, role), phone_number = CASE WHEN $5 THEN $6 ELSE phone_number END
WHERE id = $1 AND ($7 OR (cognito_sub = $8 AND ($4 IS NULL OR $4 = $9 OR $4 = role)))
RETURNING id, cognito_sub, username, email, role, phone_number";
const DELETE: &str = "
DELETE FROM users WHERE id = $1 AND ($2 OR cognito_sub = $3)
RETURNING id, cognito_sub, username, email, role, phone_number";

/// GET /users: the rows after `page.after`, and where the next ones begin. The columns' sizes bound an
/// answer: 500 rows of 835 characters, each of 7 bytes at most within JSON in JSON, are 3 MB of Lambda's 6.
pub(crate) async fn list(database: &Database, page: &Page) -> Result<Done, Refusal> {
    // One row more tells whether there are any.
    let (after, most) = (page.after, i64::from(page.limit) + 1);
    let parameters: Parameters<'_> = &[(&after, Type::INT8), (&most, Type::INT8)];
    let rows = database
        .run(async |client| Ok(client.query_typed(PAGE, parameters).await?))
        .await?;
    let users = rows
        .iter()
        .take(page.limit.into())
        .map(user)
        .collect::<Result<Vec<_>, _>>();
    let users = users.map_err(Failure::refusal)?;
    let next = users
        .last()
        .filter(|_| rows.len() > users.len())
        .map(|last| last.id);
    Ok(Done {
        next,
        ..Done::new(200, json!(users))
    })
}

/// GET /users/{id}
pub(crate) async fn get(database: &Database, id: i32) -> Result<Done, Refusal> {
    let found = database.run(async |client| find(client, id).await).await?;
    found
        .map(|user| Done::new(200, json!(user)))
        .ok_or_else(not_found)
}

/// POST /users: the caller's own row, out of the claims.
pub(crate) async fn create(
    database: &Database,
    caller: &Caller<'_>,
    new: NewUser,
) -> Result<Done, Refusal> {
    let (user, is_new) = database
        .run(async |client| insert(client, caller, &new).await)
        .await?;
    if is_new {
        return Ok(Done::new(201, json!(user)));
    }
    Ok(Done {
        note: Some("User already exists"),
        ..Done::new(200, json!(user))
    })
}

/// PUT /users/{id}
pub(crate) async fn update(
    database: &Database,
    caller: &Caller<'_>,
    id: i32,
    changes: &Changes,
) -> Result<Done, Refusal> {
    let Changes {
        username,
        email,
        role,
        phone_number,
    } = changes;
    let parameters: Parameters<'_> = &[
        (&id, Type::INT4),
        (username, Type::VARCHAR),
        (email, Type::VARCHAR),
        (role, Type::VARCHAR),
        (&phone_number.is_some(), Type::BOOL),
        (
            &phone_number.as_ref().and_then(Option::as_ref),
            Type::VARCHAR,
        ),
        (&caller.is_admin, Type::BOOL),
        (&caller.sub, Type::VARCHAR),
        (&USER_ROLE, Type::VARCHAR),
    ];
    let outcome = database
        .run(async |client| change(client, UPDATE, id, parameters).await)
        .await?;
    outcome.answer(caller, |user| json!(user))
}

/// DELETE /users/{id}
pub(crate) async fn delete(
    database: &Database,
    caller: &Caller<'_>,
    id: i32,
) -> Result<Done, Refusal> {
    let parameters: Parameters<'_> = &[
        (&id, Type::INT4),
        (&caller.is_admin, Type::BOOL),
        (&caller.sub, Type::VARCHAR),
    ];
    let outcome = database
        .run(async |client| change(client, DELETE, id, parameters).await)
        .await?;
    outcome.answer(
        caller,
        |user| json!({ "message": "User deleted", "user": user }),
    )
}

impl Outcome {
    fn answer(
        self,
        caller: &Caller<'_>,
        data: impl Fn(User) -> serde_json::Value,
    ) -> Result<Done, Refusal> {
        match self {
            Self::Changed(user) => Ok(Done::new(200, data(user))),
            Self::NoRow => Err(not_found()),
            Self::Kept(user) if caller.may_change(&user.cognito_sub) => Err(role_refused()),
            Self::Kept(_) => Err(Refusal::new(
                403,
                "Only the user itself or a member of the group admin may do this",
            )),
        }
    }
}

pub(crate) fn not_found() -> Refusal {
    Refusal::new(404, "User not found")
}

/// 403 for a role that this caller may not give.
pub(crate) fn role_refused() -> Refusal {
    Refusal::new(
        403,
        "Only members of the group admin may set a role other than user",
    )
}

async fn find(client: &Client, id: i32) -> Result<Option<User>, Failure> {
    let row = client.query_typed_opt(BY_ID, &[(&id, Type::INT4)]).await?;
    row.as_ref().map(user).transpose()
}

/// Runs a statement that changes at most the row `id`, and looks why where it changed none.
async fn change(
    client: &Client,
    statement: &str,
    id: i32,
    parameters: Parameters<'_>,
) -> Result<Outcome, Failure> {
    if let Some(row) = client.query_typed_opt(statement, parameters).await? {
        return user(&row).map(Outcome::Changed);
    }
    Ok(find(client, id)
        .await?
        .map_or(Outcome::NoRow, Outcome::Kept))
}

/// Adds the caller's row, or finds it. Whoever comes second waits for the first one's commit.
async fn insert(
    client: &Client,
    caller: &Caller<'_>,
    new: &NewUser,
) -> Result<(User, bool), Failure> {
    let of = |name| caller.optional_claim(name);
    let (username, email, phone_number) = (of("cognito:username"), of("email"), of("phone_number"));
    let role = new.role.as_deref().unwrap_or(USER_ROLE);
    let values: Parameters<'_> = &[
        (&caller.sub, Type::VARCHAR),
        (&username, Type::VARCHAR),
        (&email, Type::VARCHAR),
        (&role, Type::VARCHAR),
        (&phone_number, Type::VARCHAR),
    ];
    let keys: Parameters<'_> = &[(&caller.sub, Type::VARCHAR), (&email, Type::VARCHAR)];
    for _ in 0..3 {
        if let Some(row) = client.query_typed_opt(INSERT, values).await? {
            return Ok((user(&row)?, true));
        }
        // No row is in the way any more where it was deleted just now: then it is tried again.
        if let Some(row) = client.query_typed_opt(IN_THE_WAY, keys).await? {
            let user = user(&row)?;
            let is_own = user.cognito_sub == caller.sub;
            return if is_own {
                Ok((user, false))
            } else {
                Err(Failure::Taken("email".to_owned()))
            };
        }
    }
    Err(Failure::Unavailable(
        "the row came and went three times".to_owned(),
    ))
}

fn user(row: &Row) -> Result<User, Failure> {
    Ok(User {
        id: row.try_get(0)?,
        cognito_sub: row.try_get(1)?,
        username: row.try_get(2)?,
        email: row.try_get(3)?,
        role: row.try_get(4)?,
        phone_number: row.try_get(5)?,
    })
}

/// Checks what POST takes from the claims, before any of it reaches the database.
pub(crate) fn check_claims(caller: &Caller<'_>) -> Result<(), Refusal> {
    input::check("sub", caller.sub, input::SUB)?;
    input::check(
        "cognito:username",
        caller.claim("cognito:username")?,
        input::USERNAME,
    )?;
    input::check("email", caller.claim("email")?, input::EMAIL)?;
    let phone_number = caller.optional_claim("phone_number").unwrap_or_default();
    input::check("phone_number", phone_number, input::PHONE_NUMBER)
}
