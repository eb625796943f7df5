// The workshop's front end: signs in at Cognito's hosted login and works with the users API.
// What it has to know comes from `wsctl outputs --format oidc`, served as /config.json.

const { UserManager } = globalThis.oidc;
const element = (id) => document.getElementById(id);

// Set at the start, before anything else can be done.
let config;
let session;

async function load() {
  const answer = await fetch("/config.json");
  if (!answer.ok) {
    throw new Error("config.json is missing: wsctl outputs --format oidc > config.json, beside this page");
  }
  config = await answer.json();
  // Authorization code with PKCE. Tokens live in this tab's session storage.
  session = new UserManager({
    authority: config.authority,
    client_id: config.client_id,
    redirect_uri: config.redirect_uri,
    scope: config.scope,
  });
}

async function start() {
  if (!(await attempt(load))) return;
  element("sign-in").onclick = () => attempt(() => session.signinRedirect());
  element("sign-out").onclick = () => attempt(signOut);
  element("register").onclick = () => attempt(() => change("POST", "/users", {}));
  const comesBack = location.href.startsWith(config.redirect_uri) && location.search;
  // Why a sign-in failed stays on the page, which is shown all the same.
  if (!comesBack || (await attempt(finishSignIn))) await attempt(show);
  else await show();
}

async function finishSignIn() {
  try {
    await session.signinRedirectCallback();
  } finally {
    // The code is spent: it has no business in the address bar or the history.
    history.replaceState(null, "", "/");
  }
}

// Forgets the tokens here, then ends Cognito's own session: else the next sign-in would not ask.
async function signOut() {
  await session.removeUser();
  const logout = new URL(config.logout_url);
  logout.searchParams.set("client_id", config.client_id);
  logout.searchParams.set("logout_uri", config.post_logout_redirect_uri);
  location.assign(logout);
}

async function signedInUser() {
  const user = await session.getUser();
  return user && !user.expired ? user : null;
}

async function show() {
  const user = await signedInUser();
  element("sign-in").hidden = Boolean(user);
  element("sign-out").hidden = !user;
  element("who").textContent = user ? (user.profile.name ?? user.profile.email) : "";
  element("signed-in").hidden = !user;
  if (user) {
    showClaims(user.profile);
    showUsers(await allUsers(), user.profile);
  }
}

function showClaims(claims) {
  const rows = Object.entries(claims).map(([name, value]) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.textContent = name;
    row.append(head, cell(TIMES.includes(name) ? time(value) : text(value)));
    return row;
  });
  element("claims").tBodies[0].replaceChildren(...rows);
}

// Claims that are moments, in seconds since 1970.
const TIMES = ["auth_time", "exp", "iat"];

const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function time(seconds) {
  const moment = new Date(seconds * 1000);
  const time = document.createElement("time");
  time.dateTime = moment.toISOString();
  time.textContent = moment.toLocaleString();
  return time;
}

// Cognito makes up the user names of people who sign in with an e-mail address: nobody knows them by those.
const MADE_UP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const named = (user) => (MADE_UP.test(user.username) ? user.email?.split("@")[0] : user.username);

function showUsers(users, claims) {
  const isAdmin = claims["cognito:groups"]?.includes("admin");
  const isMine = (user) => user.cognito_sub === claims.sub;
  const rows = users.map((user) => {
    const row = document.createElement("tr");
    const texts = [user.id, named(user), user.email, user.phone_number, user.role];
    const actions = isMine(user) || isAdmin ? [editButton(user), deleteButton(user)] : [];
    row.append(...texts.map((text) => cell(text)), cell(...actions));
    return row;
  });
  element("users").tBodies[0].replaceChildren(...rows);
  element("register").hidden = users.some(isMine);
}

function cell(...content) {
  const cell = document.createElement("td");
  cell.append(...content.map((it) => it ?? ""));
  return cell;
}

function button(text, action) {
  const button = document.createElement("button");
  button.textContent = text;
  button.onclick = () => attempt(action);
  return button;
}

function deleteButton(user) {
  return button("Delete", async () => {
    if (confirm(`Delete ${user.email}?`)) {
      await change("DELETE", `/users/${user.id}`);
    }
  });
}

function editButton(user) {
  return button("Edit", async () => {
    const editor = element("editor");
    const fields = editor.querySelector("form").elements;
    fields.username.value = user.username;
    fields.phoneNumber.value = user.phone_number ?? "";
    editor.returnValue = "";
    editor.showModal();
    await new Promise((closed) => editor.addEventListener("close", closed, { once: true }));
    if (editor.returnValue === "save") {
      const phoneNumber = fields.phoneNumber.value || null;
      await change("PUT", `/users/${user.id}`, { username: fields.username.value, phoneNumber });
    }
  });
}

async function change(method, path, body) {
  await call(method, path, body);
  await show();
}

// Every row: the API answers in pages, each of which says where the next one begins.
async function allUsers() {
  const users = [];
  let query = "";
  do {
    const { data, next } = await ask("GET", `/users${query}`);
    users.push(...data);
    query = next === undefined ? "" : `?after=${encodeURIComponent(next)}`;
  } while (query);
  return users;
}

async function call(method, path, body) {
  return (await ask(method, path, body)).data;
}

// One request to the API; what it answers, or an error that says what the API said.
async function ask(method, path, body) {
  const user = await signedInUser();
  if (!user) throw new Error("The session is over: sign in again.");
  const answer = await busy(fetch(config.api_url + path, {
    method,
    // API Gateway takes the ID token: it is the one that says who the user is.
    headers: { Authorization: `Bearer ${user.id_token}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  }));
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${content.error ?? content.message ?? ""}`);
  }
  return content;
}

// While an answer is waited for, the page says so, and its buttons do nothing.
let waiting = 0;

async function busy(answer) {
  const show = (more) => {
    waiting += more;
    document.body.ariaBusy = String(waiting > 0);
  };
  show(1);
  try {
    return await answer;
  } finally {
    show(-1);
  }
}

// Does it, and shows what went wrong; whether all is well.
async function attempt(action) {
  element("problem").hidden = true;
  try {
    await action();
    return true;
  } catch (error) {
    element("problem").textContent = error.message;
    element("problem").hidden = false;
    return false;
  }
}

await start();
