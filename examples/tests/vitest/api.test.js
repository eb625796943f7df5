// The stack in the sandbox, once for all tests: no account, real tokens, a real authorizer.

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";

const ann = "ann@example.com";
const env = { ...process.env, WSCTL_SANDBOX: "1", PASSWORD: "Correct-horse-1" };

/** What a command prints; it finds stack.toml in the folder above. */
const wsctl = (...words) => execFileSync("wsctl", words, { env, encoding: "utf8" }).trim();

let url, token;

beforeAll(() => {
  wsctl("apply", "--yes", "--quiet");
  url = `${wsctl("outputs", "api_url")}/users`;
  wsctl("user", "create", ann, "--permanent", "--no-invitation", "--password-env", "PASSWORD");
  token = wsctl("token", ann, "--password-env", "PASSWORD");
}, 120_000);

afterAll(() => wsctl("sandbox", "reset", "--yes"));

test("who is signed in is known to the API", async () => {
  const answer = await fetch(url, { headers: { Authorization: token } });
  expect(await answer.json()).toMatchObject({ caller: ann });
});

test("nobody else is let in", async () => {
  expect((await fetch(url)).status).toBe(401);
});
