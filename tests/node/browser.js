// Drives examples/spa in a browser as a person would. Standard input: what it has to know, as JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { browser: executablePath, app, email, other, password, screenshots } = JSON.parse(readFileSync(0));
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const browser = await chromium.launch({ executablePath, args: quiet, headless: true });
const context = await browser.newContext({ viewport: { width: 900, height: 600 }, deviceScaleFactor: 2 });
context.setDefaultTimeout(20_000);

const problems = [];
let shots = 0;

function watch(page) {
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // The emulator's own pages have no icon.
    const { url } = message.location();
    if (message.type() === "error" && !url.endsWith("/favicon.ico")) problems.push(`${message.text()} (${url})`);
  });
  return page;
}

function keep(page, name) {
  shots += 1;
  return page.screenshot({ path: `${screenshots}/${shots}-${name}.png` });
}

// The hosted login: first who, then the password.
async function signInAtCognito(page) {
  await page.fill("#username", email);
  await page.click("button[type=submit]");
  await page.fill("#password", password);
  await keep(page, "hosted-login");
  await page.click("button[type=submit]");
}

// What axe finds, which looks for what keeps people from using a page.
async function accessible(page, when) {
  await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(", ")}`);
  assert.deepEqual(found, [], when);
}

// On a phone too, nothing leads out of the page sideways.
async function fits(page, when) {
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert(wide <= 390, `${when}: ${wide} pixels`);
  await keep(page, `phone-${when}`);
  await page.setViewportSize({ width: 900, height: 600 });
}

// What goes wrong at the start is said, and stays.
async function failures(context) {
  const page = await context.newPage();
  await page.goto(`${app}callback?error=access_denied&error_description=Nobody%20came&state=x`);
  await page.locator("#sign-in").waitFor();
  assert(await page.locator("#problem").isVisible(), "why the sign-in failed is shown");
  assert.notEqual(await page.textContent("#problem"), "");
  await page.route("**/config.json", (route) => route.fulfill({ status: 404, body: "" }));
  await page.goto(app);
  await page.getByText("config.json is missing: wsctl outputs").waitFor();
  await page.close();
}

const rowOf = (page, text) => page.locator("#users tbody tr").filter({ hasText: text });

async function drive(page) {
  await page.goto(app);
  await page.locator("#sign-in").waitFor();
  assert(await page.locator("#signed-in").isHidden(), "nothing is shown to who is not signed in");
  await accessible(page, "signed out");
  await fits(page, "signed-out");
  await page.click("#sign-in");
  await signInAtCognito(page);

  await page.locator("#sign-out").waitFor();
  assert.notEqual(await page.textContent("#who"), "", "who is signed in is named");
  assert.equal(page.url(), app, "the code is not left in the address");
  assert.match(await page.textContent("#claims"), /token_use|cognito:username/);

  await rowOf(page, other).waitFor();
  const cells = await rowOf(page, other).locator("td").allTextContents();
  assert.equal(cells[1], other.split("@")[0], "a made-up user name is nobody's");
  assert.deepEqual(cells.slice(2), [other, "+15555550100", "user", ""]);
  assert.equal(await rowOf(page, other).getByRole("button").count(), 0, "another's row has no buttons");
  await page.click("#register");
  await rowOf(page, email).waitFor();
  assert(await page.locator("#register").isHidden(), "who is registered is not asked to");

  await rowOf(page, email).getByRole("button", { name: "Edit" }).click();
  await page.fill("[name=username]", "Ann of the browser");
  await page.fill("[name=phoneNumber]", "+15555550199");
  await page.getByRole("button", { name: "Save" }).click();
  await rowOf(page, "Ann of the browser").waitFor();
  const edited = await rowOf(page, email).locator("td").allTextContents();
  assert.deepEqual(edited.slice(1, 5), ["Ann of the browser", email, "+15555550199", "user"]);
  await keep(page, "users");
  await accessible(page, "signed in");
  await fits(page, "signed-in");

  const tab = watch(await context.newPage());
  await tab.goto(app);
  await tab.click("#sign-in");
  await tab.locator("#sign-out").waitFor();
  await rowOf(tab, "Ann of the browser").waitFor();
  await tab.close();

  page.once("dialog", (dialog) => dialog.accept());
  await rowOf(page, email).getByRole("button", { name: "Delete" }).click();
  await page.locator("#register").waitFor();
  assert.equal(await rowOf(page, email).count(), 0);
  assert.equal(await rowOf(page, other).count(), 1, "the other's row is still there");

  await page.click("#sign-out");
  await page.locator("#sign-in").waitFor();
  assert.equal(page.url(), app);
  await keep(page, "signed-out");
  await page.click("#sign-in");
  await page.locator("#username").waitFor();
  await keep(page, "asked-again");
}

const page = watch(await context.newPage());
try {
  await failures(context);
  await drive(page);
  assert.deepEqual(problems, []);
} catch (error) {
  await keep(page, "failure");
  console.error(page.url(), await page.textContent("body"), problems);
  throw error;
} finally {
  await browser.close();
}
