// What Lambda's own Node.js runtime does around a handler: asks the Runtime API for an event, hands it over, sends the
// answer back.

import http from "node:http";
import { handler, start } from "./handler.mjs";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host, port, method, path: `/2018-06-01/runtime/${path}` }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function main() {
  await start();
  for (;;) {
    const { headers, body } = await ask("GET", "invocation/next");
    const awsRequestId = headers["lambda-runtime-aws-request-id"];
    const answer = await handler(JSON.parse(body), { awsRequestId });
    await ask("POST", `invocation/${awsRequestId}/response`, JSON.stringify(answer));
  }
}

main();
