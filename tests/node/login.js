// What the desktop's opener does in the test: opens the address in a browser, and signs in there as a
// person would. Argument: the address. PERSON in the environment: { browser, email, password } as JSON.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { browser: executablePath, email, password } = JSON.parse(process.env.PERSON);
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"], headless: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(process.argv[2]);
  await page.fill("#username", email);
  await page.click("button[type=submit]");
  await page.fill("#password", password);
  await page.click("button[type=submit]");
  await page.waitForURL("http://localhost:*/callback?**");
  assert.match(await page.textContent("body"), /You are signed in/);
} finally {
  await browser.close();
}
