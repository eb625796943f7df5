// The workshop's users API. Its rows are in this process's memory: each copy of the function that
// Lambda starts has its own, and they are gone with it. A real one keeps them in a database, as
// lambda/ does (see stack.toml at the root of this repository).

import { answer, refusal } from "./answer.mjs";

const rows = new Map();
let last = 0;

export async function handler(event) {
  const caller = event.requestContext?.authorizer?.claims;
  if (!caller?.sub) return answer(401, refusal("Unauthorized"));
  const id = event.pathParameters?.id;
  const act = routes[`${event.httpMethod} ${id === undefined ? "/users" : "/users/{id}"}`];
  if (!act) return answer(400, refusal("Unsupported method"));
  try {
    return act({ caller, id: Number(id), body: event.body });
  } catch (error) {
    if (error instanceof SyntaxError) return answer(400, refusal("The body is not JSON"));
    console.error(error);
    return answer(500, refusal("Internal error"));
  }
}

const routes = {
  "GET /users": () => answer(200, { success: true, data: [...rows.values()] }),
  "POST /users": ({ caller }) => {
    const there = [...rows.values()].find((row) => row.cognito_sub === caller.sub);
    if (there) return answer(200, { success: true, data: there, error: "User already exists" });
    const row = {
      id: ++last,
      cognito_sub: caller.sub,
      username: caller["cognito:username"],
      email: caller.email,
      // Who may do what is decided by the pool's groups, never by the caller.
      role: isAdmin(caller) ? "admin" : "user",
      phone_number: caller.phone_number ?? null,
    };
    rows.set(row.id, row);
    return answer(201, { success: true, data: row });
  },
  "GET /users/{id}": ({ id }) =>
    rows.has(id) ? answer(200, { success: true, data: rows.get(id) }) : missing(),
  "PUT /users/{id}": ({ caller, id, body }) => {
    const row = rows.get(id);
    if (!row) return missing();
    if (!mayChange(caller, row)) return answer(403, refusal("Not your row"));
    const { username, phoneNumber } = JSON.parse(body ?? "{}") ?? {};
    // What is left out stays.
    if (typeof username === "string") row.username = username;
    if (typeof phoneNumber === "string") row.phone_number = phoneNumber;
    return answer(200, { success: true, data: row });
  },
  "DELETE /users/{id}": ({ caller, id }) => {
    const row = rows.get(id);
    if (!row) return missing();
    if (!mayChange(caller, row)) return answer(403, refusal("Not your row"));
    rows.delete(id);
    return answer(200, { success: true, data: { message: "User deleted", user: row } });
  },
};

const missing = () => answer(404, refusal("User not found"));

const mayChange = (caller, row) => row.cognito_sub === caller.sub || isAdmin(caller);

// API Gateway gives the groups as one text with commas.
const isAdmin = (caller) => (caller["cognito:groups"] ?? "").split(",").includes("admin");
