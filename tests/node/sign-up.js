// What the desktop's opener does in the test: opens the address in a browser, and signs up there as a new person
// would. Argument: the address. PERSON in the environment: { browser, email, password, picture } as JSON.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const { browser: executablePath, email, password, picture } = JSON.parse(process.env.PERSON);
const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--no-first-run"], headless: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(process.argv[2]);
  await page.click("text=Sign up");
  await page.fill("#email", email);
  await page.fill("#name", 'Ann <script>alert("a")</script>');
  await page.fill("#phone_number", "+15555550100");
  await page.fill("#password", "short");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=alert]"), /password/i);
  assert.equal(await page.inputValue("#email"), email, "what was typed stays");
  await page.fill("#password", password);
  if (picture) await page.screenshot({ path: picture });
  await page.click("button[type=submit]");
  await page.fill("#code", "000000");
  await page.click("button[type=submit]");
  assert.match(await page.textContent("[role=alert]"), /code/i);
  await page.fill("#code", "123456");
  await page.click("button[type=submit]");
  await page.waitForURL("http://localhost:*/callback?**");
  assert.match(await page.textContent("body"), /You are signed in/);
} finally {
  await browser.close();
}
