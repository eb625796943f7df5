// The users API as somebody would write it for Lambda's Node.js runtime: the same routes, answers, table and checks
// as the handler in Rust, with the AWS SDK and node-postgres.

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { readFileSync } from "node:fs";
import pg from "pg";

const COLUMNS = "id, cognito_sub, username, email, role, phone_number";
const STATEMENT = 3_000;
const MOST_ROWS = 500;
const TABLE = `
DO $$ BEGIN
    IF to_regclass('users') IS NULL THEN
        PERFORM pg_advisory_xact_lock(7310579416234118);
        CREATE TABLE IF NOT EXISTS users (
            id SERIAL PRIMARY KEY,
            cognito_sub VARCHAR(255) UNIQUE NOT NULL,
            username VARCHAR(255) NOT NULL,
            email VARCHAR(255) UNIQUE NOT NULL,
            role VARCHAR(50) NOT NULL,
            phone_number VARCHAR(20)
        );
    END IF;
END $$;`;

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const { env } = process;
const origins = (env.ALLOWED_ORIGINS ?? "").split(",").filter(Boolean);
let connection;

async function connect() {
  if (!env.DB_HOST) throw new Refusal(503, "The database is unavailable");
  const secrets = new SecretsManagerClient({});
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: env.SECRET_NAME }));
  const login = JSON.parse(secret.SecretString);
  const client = new pg.Client({
    host: env.DB_HOST,
    port: Number(env.DB_PORT),
    database: env.DB_NAME,
    user: login.username,
    password: login.password,
    ssl: { ca: readFileSync(env.DB_CA_FILE), rejectUnauthorized: true },
  });
  client.on("error", () => (connection = undefined));
  await client.connect();
  await client.query(`SET statement_timeout = ${STATEMENT};${TABLE}`);
  return client;
}

/** Lambda gives the most time to what is done before the first request. */
export async function start() {
  connection = connect().catch(() => undefined);
  await connection;
}

async function query(text, values) {
  const client = (await connection) ?? (await (connection = connect()));
  return (await client.query({ text, values })).rows;
}

function callerOf(event) {
  const claims = event.requestContext?.authorizer?.claims;
  if (!claims?.sub) throw new Refusal(401, "Unauthorized: the request carries no claims");
  const groups = [claims["cognito:groups"] ?? []].flat().flatMap((it) => it.split(","));
  return { sub: claims.sub, claims, isAdmin: groups.map((it) => it.trim()).includes("admin") };
}

function idOf(event) {
  const id = Number(event.pathParameters?.id);
  if (!Number.isInteger(id) || id < 0 || id > 2_147_483_647) throw new Refusal(400, "id must be a whole number");
  return id;
}

function bodyOf(event) {
  try {
    const body = JSON.parse(event.body || "{}");
    if (body && typeof body === "object" && !Array.isArray(body)) return body;
  } catch {
    throw new Refusal(400, "the body is not valid JSON");
  }
  throw new Refusal(400, "the body must be a JSON object");
}

async function list(event) {
  const { after = "-9223372036854775808", limit = MOST_ROWS } = event.queryStringParameters ?? {};
  const rows = await query(`SELECT ${COLUMNS} FROM users WHERE id > $1::bigint ORDER BY id LIMIT $2`, [after, +limit + 1]);
  const data = rows.slice(0, +limit);
  return { data, ...(rows.length > data.length ? { next: data.at(-1).id } : {}) };
}

async function get(event) {
  const [data] = await query(`SELECT ${COLUMNS} FROM users WHERE id = $1`, [idOf(event)]);
  if (!data) throw new Refusal(404, "User not found");
  return { data };
}

async function create(event, caller) {
  bodyOf(event);
  const { claims } = caller;
  const row = [caller.sub, claims["cognito:username"], claims.email, "user", claims.phone_number];
  const [made] = await query(
    `INSERT INTO users (cognito_sub, username, email, role, phone_number) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    row,
  );
  if (made) return { status: 201, data: made };
  const [data] = await query(`SELECT ${COLUMNS} FROM users WHERE cognito_sub = $1 OR email = $2`, [row[0], row[2]]);
  return { data, error: "User already exists" };
}

async function change(event, caller) {
  const { username = null, email = null, role = null, phone_number } = bodyOf(event);
  const [data] = await query(
    `UPDATE users SET username = COALESCE($2, username), email = COALESCE($3, email), role = COALESCE($4::text, role),
        phone_number = CASE WHEN $5 THEN $6 ELSE phone_number END
     WHERE id = $1 AND ($7 OR (cognito_sub = $8 AND ($4::text IS NULL OR $4 = 'user' OR $4 = role)))
     RETURNING ${COLUMNS}`,
    [idOf(event), username, email, role, phone_number !== undefined, phone_number ?? null, caller.isAdmin, caller.sub],
  );
  if (data) return { data };
  await get(event);
  throw new Refusal(403, "Forbidden");
}

async function remove(event, caller) {
  const [user] = await query(
    `DELETE FROM users WHERE id = $1 AND ($2 OR cognito_sub = $3) RETURNING ${COLUMNS}`,
    [idOf(event), caller.isAdmin, caller.sub],
  );
  if (user) return { data: { message: "User deleted", user } };
  await get(event);
  throw new Refusal(403, "Forbidden");
}

const ROUTES = {
  "GET /users": list,
  "POST /users": create,
  "GET /users/{id}": get,
  "PUT /users/{id}": change,
  "DELETE /users/{id}": remove,
};

function reply(event, status, body) {
  const asked = event.headers?.origin;
  const origin = origins.includes(asked) ? asked : origins[0];
  const headers = {
    "Access-Control-Allow-Headers": "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token",
    "Access-Control-Allow-Methods": "GET,POST,PUT,DELETE,OPTIONS",
    "Content-Type": "application/json",
    ...(origin ? { "Access-Control-Allow-Origin": origin, Vary: "Origin" } : {}),
  };
  return { statusCode: status, headers, body: JSON.stringify(body), isBase64Encoded: false };
}

export async function handler(event, context) {
  const started = performance.now();
  let answer;
  try {
    const caller = callerOf(event);
    const route = ROUTES[`${event.httpMethod} ${event.resource}`];
    if (!route) throw new Refusal(404, "No such route");
    const { status = 200, ...done } = await route(event, caller);
    answer = reply(event, status, { success: true, ...done });
  } catch (error) {
    const status = error.status ?? 503;
    const message = error.status ? error.message : "The database is unavailable";
    if (!error.status) console.error(error.message);
    answer = reply(event, status, { success: false, error: message });
  }
  const took = Math.round((performance.now() - started) * 100) / 100;
  console.log(JSON.stringify({ request_id: context.awsRequestId, status: answer.statusCode, duration_ms: took }));
  return answer;
}
