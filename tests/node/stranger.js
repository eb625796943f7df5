// A page on another origin tries what any page can: to make and run a function in the sandbox, to
// empty it, and to read what it answers. Standard input: { browser, sandbox }. Prints what it read.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { browser: executablePath, sandbox } = JSON.parse(readFileSync(0));
const page = createServer((_, answer) => {
  answer.setHeader("content-type", "text/html");
  answer.end("<!doctype html><title>a page</title>");
});
await new Promise((ready) => page.listen(0, "127.0.0.1", ready));
const quiet = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--no-first-run", "--no-sandbox"];
const browser = await chromium.launch({ executablePath, args: quiet, headless: true });

async function attack(sandbox) {
  const body = JSON.stringify({
    FunctionName: "stranger",
    Runtime: "provided.al2023",
    Handler: "bootstrap",
    Role: "arn:aws:iam::000000000000:role/any",
    Code: { ZipFile: "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" },
  });
  const read = [];
  for (const [method, path, headers] of [
    ["POST", "/2015-03-31/functions", { "content-type": "text/plain" }],
    ["POST", "/2015-03-31/functions", { "content-type": "application/json" }],
    ["GET", "/2015-03-31/functions", {}],
    ["POST", "/", { "x-amz-target": "secretsmanager.ListSecrets" }],
    ["POST", "/_ministack/reset", {}],
    ["GET", "/restapis", {}],
  ]) {
    for (const mode of ["cors", "no-cors"]) {
      try {
        const options = { method, mode, headers, body: method === "POST" ? body : undefined };
        const answer = await fetch(sandbox + path, options);
        if (answer.type !== "opaque") read.push(`${method} ${path} ${mode}: ${answer.status}`);
      } catch {
        // What a browser keeps from the page.
      }
    }
  }
  return read;
}

const tab = await browser.newPage();
const read = [];
for (const name of ["127.0.0.1", "localhost"]) {
  await tab.goto(`http://${name}:${page.address().port}/`);
  read.push(...(await tab.evaluate(attack, sandbox)));
}
console.log(JSON.stringify(read));
await browser.close();
page.close();
