//! A row's whole life, with `--write`: registered, changed, deleted. Only the run's own row.

use super::{
    api::DeployedApi,
    checks::WRITES,
    report::{CheckOutcome, Trouble, failed, look, skipped},
    routes::NO_DATABASE,
};
use crate::identity::{Request, Response, SecretString, api_key};
use serde_json::{Value, json};

const ROUTES: [&str; 3] = ["POST /users", "PUT /users/{id}", "DELETE /users/{id}"];

impl DeployedApi<'_> {
    pub(super) async fn life_of_a_row(&self, token: &SecretString) -> Vec<CheckOutcome> {
        let routes = &self.table.routes;
        if !ROUTES.iter().all(|route| routes.contains_key(*route)) {
            return vec![];
        }
        let subject = format!(
            "a row{} is registered once, changed and deleted",
            self.told()
        );
        let url = self.url;
        vec![
            look(&WRITES, subject, async {
                if !self.writes {
                    return skipped("it writes to the database: add --write");
                }
                if self.lacks_database {
                    return skipped(NO_DATABASE);
                }
                let row = self
                    .call("POST", format!("{url}/users"), token, &json!({}))
                    .await?;
                let id = body(&row)["data"]["id"].clone();
                let row_url = format!("{url}/users/{id}");
                let rest = self.changes(&row_url, row.status, token).await;
                // Whatever came of it, the row goes.
                let deleted = self.call("DELETE", row_url, token, &Value::Null).await?;
                rest?;
                match deleted.status {
                    200 => Ok("POST 201, POST again 200, PUT 200, DELETE 200".into()),
                    status => failed(format!("DELETE answered {status}")),
                }
            })
            .await,
        ]
    }

    async fn changes(&self, row_url: &str, made: u16, token: &SecretString) -> Result<(), Trouble> {
        let again = self
            .call("POST", format!("{}/users", self.url), token, &json!({}))
            .await?
            .status;
        let name = json!({ "username": "wsctl verify" });
        let changed = self.call("PUT", row_url.to_owned(), token, &name).await?;
        let kept = body(&changed)["data"]["username"] == name["username"];
        match (made, again, changed.status) {
            (201, 200, 200) if kept => Ok(()),
            (201, 200, 200) => failed("PUT answered 200 and did not change the name"),
            statuses => failed(format!(
                "POST, POST and PUT answered {statuses:?}, not (201, 200, 200)"
            )),
        }
    }

    async fn call(
        &self,
        method: &str,
        url: String,
        token: &SecretString,
        body: &Value,
    ) -> Result<Response, Trouble> {
        let request = Request::new(method, url).token("Authorization", token);
        let request = match &self.api_key {
            Some(key) => request.header(api_key::HEADER, key.expose()),
            None => request,
        };
        let request = if body.is_null() {
            request
        } else {
            request.body("application/json", body.to_string())
        };
        Ok(self.http.send(request).await?)
    }
}

fn body(answer: &Response) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}
