/**
 * The demo's page: swaps its live parts when something happened, keeps the customer token fresh, closes its menus.
 * The server draws everything; nothing here knows what a reason or a receipt is.
 */

const query = document.body.dataset.query;
const PAUSE = 700; // ms between two looks
const LONGEST_PAUSE = 8000; // ms, while the service does not answer
const TOKEN_AGE = 480_000; // ms; the token holds for ten minutes

// ---- What is live ---------------------------------------------------------------------------------------------------

let tag = "";
let pause = PAUSE;
let timer;
let looking = false;
let askedAgain = false;
const drawn = new Map(); // each live part as the server last drew it

/** The feed as a document. `XMLHttpRequest` parses HTML without running it, so Trusted Types need no policy for it. */
function look() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", `/demo/feed?${query}`);
    request.responseType = "document";
    request.timeout = 5000;
    if (tag) request.setRequestHeader("If-None-Match", tag);
    request.onload = () => ([200, 304].includes(request.status) ? resolve(request) : reject());
    request.onerror = request.ontimeout = reject;
    request.send();
  });
}

/** One look at a time; who asks meanwhile gets another one straight after. */
async function refresh() {
  askedAgain = looking;
  if (looking || document.hidden) return;
  clearTimeout(timer);
  looking = true;
  try {
    show(await look());
    pause = PAUSE;
  } catch {
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
  looking = false;
  document.querySelector(".trouble").hidden = pause === PAUSE;
  timer = setTimeout(refresh, askedAgain ? 0 : pause);
}

function show(reply) {
  if (reply.status === 304) return;
  tag = reply.getResponseHeader("ETag") ?? "";
  for (const next of reply.responseXML.querySelectorAll("[data-live]")) {
    const [name, source] = [next.dataset.live, next.outerHTML];
    const present = document.querySelector(`[data-live="${name}"]`);
    if (present && source !== (drawn.get(name) ?? present.outerHTML)) {
      swap(present, document.adoptNode(next));
      if (name === "card") sign(); // what the token says has changed as well
    }
    drawn.set(name, source);
  }
}

function swap(present, next) {
  const named = (node) => node.getAttribute("href") ?? node.localName;
  const focused = present.contains(document.activeElement) && named(document.activeElement);
  present.replaceWith(next);
  if (focused) [...next.querySelectorAll("a, button")].find((node) => named(node) === focused)?.focus();
  const rows = new Map([...present.querySelectorAll("[data-row]")].map((row) => [row.dataset.row, row.textContent]));
  for (const row of next.querySelectorAll("[data-row]")) {
    if (rows.get(row.dataset.row) !== row.textContent) row.classList.add("fresh");
  }
  const told = [...next.querySelectorAll(".lines > li")]; // the newest first
  const fresh = told.length - present.querySelectorAll(".lines > li").length;
  for (const line of told.slice(0, Math.max(0, fresh))) line.classList.add("fresh");
  const before = new Map([...present.querySelectorAll("[data-count]")].map((row) => [row.dataset.code, row]));
  if (before.size) for (const row of next.querySelectorAll("[data-count]")) compare(row, before.get(row.dataset.code));
}

/** The row whose count changed says by how much, and comes into view where the pane scrolls by itself. */
function compare(row, before) {
  const [count, by] = [row.querySelector(".count b"), row.dataset.count - (before?.dataset.count ?? 0)];
  const said = before?.querySelector("[data-by]")?.dataset.by;
  if (by || said) count.dataset.by = by > 0 ? `+${by}` : by ? `−${-by}` : said;
  if (!by) return;
  row.classList.add("moved");
  if (getComputedStyle(row.closest(".backstage")).overflowY !== "auto") return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  row.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

// ---- The customer token ---------------------------------------------------------------------------------------------

let signedAt = Date.now();

/** What the product's own page would do as well: a token that has grown old is replaced before anybody needs it. */
async function sign() {
  const reply = await fetch(`/demo/token?${query}`, { method: "POST" }).catch(() => null);
  if (!reply?.ok) return;
  const { token } = await reply.json();
  document.querySelector("input[name=token]").value = token;
  const shown = document.querySelectorAll(".raw span");
  for (const [place, part] of token.split(".").entries()) shown[place].textContent = part;
  signedAt = Date.now();
}

setInterval(() => document.hidden || Date.now() - signedAt < TOKEN_AGE || sign(), 10_000);

// ---- What the visitor does ------------------------------------------------------------------------------------------

addEventListener("visibilitychange", refresh);
addEventListener("pageshow", ({ persisted }) => persisted && (refresh(), sign()));
for (const name of ["aurevoir:screen", "aurevoir:answer", "aurevoir:accept", "aurevoir:cancel"]) addEventListener(name, refresh);
addEventListener("aurevoir:close", () => (refresh(), sign()));

addEventListener("click", (event) => {
  // A link inside the element: only the composed path tells which.
  const saved = event.composedPath().some((node) => node.pathname?.startsWith?.("/exit/receipts/"));
  if (saved) fetch(`/demo/tried?${query}`, { method: "POST" }).then(refresh, () => {});
  for (const menu of document.querySelectorAll(".switch[open]")) menu.open = menu.contains(event.target);
});

// Days go by without leaving the page; with no script the form does the same.
addEventListener("submit", (event) => {
  if (!event.target.matches(".clock")) return;
  event.preventDefault();
  fetch(event.target.action, { method: "POST", redirect: "manual" }).then(refresh, refresh);
});

addEventListener("keydown", ({ key }) => {
  const menu = key === "Escape" && document.querySelector(".switch[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

refresh();
