// Serves the example on this machine: `node serve.js`, or PORT=… CONFIG=… node serve.js.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const folder = new URL("./", import.meta.url);
const files = {
  "/": ["index.html", "text/html"],
  "/callback": ["index.html", "text/html"],
  "/app.js": ["app.js", "text/javascript"],
  "/style.css": ["style.css", "text/css"],
  "/config.json": [process.env.CONFIG ?? "config.json", "application/json"],
  "/oidc-client-ts.min.js": [
    "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js",
    "text/javascript",
  ],
};

const server = createServer(async (request, response) => {
  const file = files[new URL(request.url, "http://localhost").pathname];
  if (!file) return response.writeHead(404).end();
  try {
    const content = await readFile(new URL(file[0], folder));
    // Of the address that a sign-in comes back to, with its code, nobody else learns.
    const headers = { "Content-Type": `${file[1]}; charset=utf-8`, "Referrer-Policy": "no-referrer" };
    response.writeHead(200, headers).end(content);
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
});

server.listen(Number(process.env.PORT ?? 3000), "localhost", () => {
  console.log(`http://localhost:${server.address().port}/`);
});
