//! What really happened to the rows, as a trigger wrote it down.

use super::requests::Hostile;
use crate::support::postgres::{Database, Session};
use serde_json::Value;

const WATCH: &str = "
CREATE TABLE audit (n serial, before jsonb, after jsonb);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO public.audit (before, after) VALUES (to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
CREATE TRIGGER watch AFTER INSERT OR UPDATE OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION watch();";

pub(super) struct Audit {
    session: Session,
}

/// A row before and after; null where there was none.
#[derive(Debug)]
pub(super) struct Change {
    before: Value,
    after: Value,
}

impl Audit {
    pub(super) fn start(database: &Database) -> Self {
        let session = database.session();
        session.query(WATCH);
        Self { session }
    }

    /// The ids of all rows.
    pub(super) fn ids(&self) -> Vec<i32> {
        let rows = self.session.query("SELECT id FROM users");
        rows.iter()
            .map(|row| row[0].as_ref().unwrap().parse().unwrap())
            .collect()
    }

    /// What happened since this was last asked.
    pub(super) fn changes(&self) -> Vec<Change> {
        let rows = self
            .session
            .query("DELETE FROM audit RETURNING before, after");
        let value = |text: &Option<String>| {
            text.as_ref()
                .map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
        };
        rows.iter()
            .map(|row| Change {
                before: value(&row[0]),
                after: value(&row[1]),
            })
            .collect()
    }
}

impl Change {
    /// Whether the request's sender may have done this, with this method.
    pub(super) fn is_allowed(&self, by: &Hostile) -> bool {
        let Self { before, after } = self;
        let Some(sub) = by.claims["sub"].as_str().filter(|sub| !sub.is_empty()) else {
            return false;
        };
        let may_have = |role: &Value| by.is_admin || role == "user" || *role == before["role"];
        match (by.method.as_str(), before.is_null(), after.is_null()) {
            ("POST", true, false) => {
                after["cognito_sub"] == sub
                    && after["email"] == by.claims["email"]
                    && after["username"] == by.claims["cognito:username"]
                    && may_have(&after["role"])
            }
            ("PUT", false, false) => {
                (by.is_admin || before["cognito_sub"] == sub)
                    && (&before["id"], &before["cognito_sub"])
                        == (&after["id"], &after["cognito_sub"])
                    && may_have(&after["role"])
            }
            ("DELETE", false, true) => by.is_admin || before["cognito_sub"] == sub,
            _ => false,
        }
    }
}
