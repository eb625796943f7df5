//! One sign-in that serves until it is over: what `--save` kept is used, renewed, and told from other people's.

use crate::support::sandbox::Sandbox;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const PASSWORD: &str = "Correct-horse-1";

struct Place(Sandbox);

impl Place {
    /// With both people in it.
    fn new(rotation: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.edit(
            "refresh_token_validity = \"5d\"",
            &format!("refresh_token_validity = \"5d\"\n{rotation}"),
        );
        if !rotation.is_empty() {
            sandbox.edit("    \"ALLOW_REFRESH_TOKEN_AUTH\",\n", "");
        }
        sandbox.apply();
        for user in [ANN, BOB] {
            sandbox.answer(
                0,
                &[
                    "user",
                    "create",
                    user,
                    "--name",
                    "A",
                    "--phone",
                    "+15555550100",
                    "--permanent",
                    "--no-invitation",
                    "--password-stdin",
                ],
                &[PASSWORD],
            );
        }
        Self(sandbox)
    }

    fn sign_in(&self, user: &str) {
        self.0.answer(
            0,
            &["token", user, "--save", "--password-stdin"],
            &[PASSWORD],
        );
    }

    /// The files of who is signed in, by user.
    fn files(&self) -> Vec<(PathBuf, Value)> {
        let all = fs::read_dir(self.0.folder().join(".wsctl/tokens")).unwrap();
        let read = |path: PathBuf| {
            let value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (path, value)
        };
        let paths = all.map(|it| it.unwrap().path());
        let tokens = paths.filter(|it| it.extension().is_some_and(|it| it == "json"));
        tokens.map(read).collect()
    }

    fn change(&self, user: &str, field: &str, value: Value) {
        let all = self.files();
        let (path, mut kept) = all.into_iter().find(|it| it.1["user"] == user).unwrap();
        kept[field] = value;
        fs::write(path, kept.to_string()).unwrap();
    }

    fn kept(&self, user: &str) -> Value {
        let all = self.files();
        all.into_iter().find(|it| it.1["user"] == user).unwrap().1
    }

    /// A call without a password gets past the authorizer, as this user.
    #[track_caller]
    fn calls_as(&self, user: &str, arguments: &[&str]) {
        let said = self
            .0
            .run(&[&["call", "GET", "/users", "--sandbox"], arguments].concat());
        assert!(!said.err.contains("HTTP 401"), "{}", said.err);
        assert!(said.err.contains("GET /users: HTTP "), "{}", said.err);
        let told = said.err.contains(&format!("as {user}, who is signed in"));
        assert_eq!(told, arguments.is_empty(), "{}", said.err);
    }
}

#[test]
fn who_signed_in_with_save_needs_no_password_again() {
    let place = Place::new("");
    let asked = place.0.answer(10, &["call", "GET", "/users"], &[]);
    assert!(asked.err.contains("wsctl login --save"), "{}", asked.err);
    let asked = place.0.answer(10, &["authorizer", "test"], &[]);
    assert!(asked.err.contains("wsctl login --save"), "{}", asked.err);
    place.sign_in(ANN);
    place.calls_as(ANN, &[]);
    place.0.answer(0, &["authorizer", "test"], &[]);
    place.sign_in(BOB);
    assert_eq!(place.files().len(), 2, "a file for each user");
    // The last one, and whoever is named.
    place.change(ANN, "kept_at", 1.into());
    place.calls_as(BOB, &[]);
    place.calls_as(ANN, &["--as", ANN]);
    // Over: it is renewed, and kept.
    place.change(BOB, "expires_at", 1.into());
    let before = place.kept(BOB);
    place.calls_as(BOB, &[]);
    let after = place.kept(BOB);
    assert_ne!(before["id_token"], after["id_token"]);
    assert_eq!(before["refresh_token"], after["refresh_token"]);
    assert!(after["expires_at"].as_i64() > Some(1));
    // Over for good.
    place.change(BOB, "expires_at", 1.into());
    place.change(BOB, "refresh_token", "none".into());
    let over = place.0.answer(14, &["call", "GET", "/users"], &[]);
    assert!(
        over.err.contains("is over") && over.err.contains(&format!("{BOB} --save")),
        "{}",
        over.err
    );
    // Of another pool: nobody is signed in.
    for user in [ANN, BOB] {
        place.change(user, "user_pool_id", "eu-west-1_other".into());
    }
    place.0.answer(10, &["call", "GET", "/users"], &[]);
}

#[test]
fn where_refresh_tokens_rotate_the_new_one_is_kept() {
    let place = Place::new("refresh_token_rotation = { enabled = true }\n");
    place.sign_in(ANN);
    for _ in 0..3 {
        let before = place.kept(ANN);
        place.change(ANN, "expires_at", 1.into());
        place.calls_as(ANN, &[]);
        assert_ne!(before["refresh_token"], place.kept(ANN)["refresh_token"]);
    }
}

#[test]
fn who_finds_it_over_while_another_renews_it_waits_for_what_that_keeps() {
    let place = Place::new("refresh_token_rotation = { enabled = true }\n");
    place.sign_in(ANN);
    let good = place.kept(ANN)["expires_at"].clone();
    place.change(ANN, "expires_at", 1.into());
    let turn = fs::File::create(place.0.folder().join(".wsctl/tokens/turn")).unwrap();
    turn.lock().unwrap();
    let mut command = place
        .0
        .command(&["call", "GET", "/users", "--sandbox", "-v"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    let waits = told.any(|it| it.unwrap().contains("waiting for another wsctl"));
    assert!(waits, "it did not wait");
    place.change(ANN, "expires_at", good);
    drop(turn);
    let rest: Vec<_> = told.map(|it| it.unwrap()).collect();
    let status = child.wait().unwrap();
    assert!(status.success(), "{rest:#?}");
    let renews = |it: &String| it.contains("GetTokensFromRefreshToken");
    assert!(!rest.iter().any(renews), "{rest:#?}");
}
