// <aurevoir-flow>: the way out, as one element; no imports, no cookies, no storage. See docs/embed.md.

// ---- Words

// Said until the server has sent its phrases.
const PHRASES = {
  close: "Close",
  loading: "One moment…",
  retry: "No answer yet. Trying again…",
  problem: "There is a problem",
  offline: "We could not reach the service. What you saved is safe. Please check your connection.",
  expired: "This page was open for too long. Copy what you just wrote, then reload it. What you saved is safe.",
  again: "Try again",
  elsewhere: "Continue on a separate page",
};

// ---- Styles

const STYLES = `
:host { display: block }
:host([hidden]), [hidden] { display: none !important }
* { box-sizing: border-box; margin: 0 }

[part=frame] {
  all: initial; box-sizing: border-box; display: flex; flex-direction: column; color-scheme: inherit;
  --accent: var(--aurevoir-accent, light-dark(#0b5563, #82cad6));
  --accent-text: var(--aurevoir-accent-text, light-dark(#fff, #04262d));
  --surface: var(--aurevoir-surface, light-dark(#fff, #171e23));
  --text: var(--aurevoir-text, light-dark(#14212a, #edf2f4));
  --muted: var(--aurevoir-muted, light-dark(#51626c, #a7b6be));
  --line: var(--aurevoir-line, light-dark(#e2e8eb, #303b43));
  --field: var(--aurevoir-field, light-dark(#748590, #7c8d97));
  --danger: var(--aurevoir-danger, light-dark(#b3261e, #ffaaa1));
  --radius: var(--aurevoir-radius, 10px);
  --tint: color-mix(in srgb, var(--accent) 8%, var(--surface));
  --hair: 1px solid var(--line); --gutter: 2em;
  background: var(--surface); color: var(--text); accent-color: var(--accent); overflow-wrap: anywhere;
  font: var(--aurevoir-size, medium)/1.5 var(--aurevoir-font, system-ui, sans-serif);
}
[part=frame].auto { color-scheme: light dark }
dialog[part=frame] {
  position: fixed; inset: 0; margin: auto; overflow: clip; border: 1px solid transparent;
  width: min(var(--aurevoir-width, 36em), 100% - 2em); height: fit-content;
  max-height: min(100dvh - 2em, 48em); border-radius: calc(var(--radius) * 1.6);
  box-shadow: 0 1.5em 4em rgb(0 0 0 / .3);
}
section[part=frame] { --gutter: 1em }
::backdrop { background: rgb(10 18 24 / .55) }
fieldset { display: grid; gap: .75em; min-width: 0; padding: 0; border: 0 }
:is(div, dl):empty { display: none }
legend { margin-block-end: .75em; padding: 0 }
legend, [part=field] > label, dd { font-weight: 600 }
button, input, textarea { color: inherit; font: inherit }
button { border: 1px solid transparent; background: none; cursor: pointer }
a { display: inline-flex; align-items: center; min-height: 44px; color: var(--accent) }
dt, small, [part=header], [part=note], [part=ends] { color: var(--muted); font-size: .875em; font-weight: 400 }

[part=header] { display: flex; align-items: center; gap: 1em; padding: 1em calc(var(--gutter) / .875) 0 }
[part=status] { flex: 1; text-align: end }
[part=close] { min-width: 44px; min-height: 44px; margin-inline-end: -13px; border-radius: 50%; font: 2em/1 system-ui }
dialog form { overflow: auto }
[part=body] { display: grid; gap: 1.5em; padding: .5em var(--gutter) var(--gutter) }
h2 { font-size: 1.4375em; font-weight: 650; line-height: 1.25; text-wrap: balance }
[part=text] { white-space: pre-line } [part=intro] { display: grid; gap: .75em }

[part=options] { margin-inline: -1em; border-block-end: var(--hair) }
[part=option] { border-block-start: var(--hair); border-inline-start: 3px solid transparent }
[part=option]:has(> label > :checked) { border-inline-start-color: var(--accent); background: var(--tint) }
[part=option] > label { display: flex; gap: .75em; padding: .7em 1em .7em .8em }
[part=option] > [part=field] { margin-inline: 2.8em 1em; padding-block-end: 1em }
input { flex: none; width: 1.25em; height: 1.25em; margin: .125em 0 }
[part=field] { display: grid; gap: .5em }
textarea { min-height: 5em; padding: .625em .75em; resize: vertical; background: var(--surface) }
textarea, [part=point] { border: 1px solid var(--field); border-radius: var(--radius) }
[part=points] { display: grid; grid: auto / repeat(auto-fit, minmax(44px, 1fr)); gap: 2px }
[part=point] { position: relative; display: grid; place-items: center; min-height: 48px }
[part=point]:has(:checked) { border-color: var(--accent); background: var(--accent); color: var(--accent-text) }
[part=point] input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0 }
[part=ends] { display: flex; justify-content: space-between; gap: 1.5em }

[part=facts] { border-block-end: var(--hair) }
[part=facts] > div { display: grid; grid: auto / 2fr 3fr; gap: 1em; padding: .75em 0; border-block-start: var(--hair) }
[part=offer] { display: grid; gap: 1em; padding-inline-start: 1.25em; border-inline-start: 3px solid var(--accent) }
[part=headline] { font-size: 1.1875em; font-weight: 650; line-height: 1.3 }
[part=price], [part=links], [part=asides] { display: flex; flex-wrap: wrap; gap: 0 1em }
ul { padding-inline-start: 1.1em }

[part=problems] { display: grid; gap: .75em; padding: 1em; border-radius: var(--radius) }
[part=problems], [aria-invalid] { border: 2px solid var(--danger) }
[part=problems] h2 { font-size: 1em }
[part=problems] ul, [part=error] { padding: 0; list-style: none; color: var(--danger); font-weight: 600 }
[part=jump] { min-height: 44px; padding: 0; text-align: start; text-decoration: underline }

[part=buttons] { display: grid; grid: auto-flow 1fr / repeat(auto-fit, minmax(min(100%, 13em), 1fr)); gap: .5em }
[part=buttons]:has(> :nth-child(3)) { grid-template-columns: 1fr }
@media (max-height: 30em) and (min-width: 36em) {
  [part=buttons]:has(> :nth-child(3)) { grid-template-columns: repeat(3, 1fr) }
}
[part=actions] { display: contents }
[part=actions] > [part=buttons] {
  position: sticky; bottom: 0; padding: 1em var(--gutter); border-block-start: var(--hair); background: var(--surface);
}
[part=body] * { scroll-margin-block: 1em 16em }
[part=shortcut]:not(:focus-within) { position: absolute; clip-path: inset(50%) }
[part=asides] { justify-content: center; padding: 0 1em .5em }
[part~=action] { min-height: 48px; padding: .5em 1em; border-radius: var(--radius); font-weight: 600; line-height: 1.3 }
[part~=action] { min-width: 44px; background: var(--accent); color: var(--accent-text) }
[part~=secondary] { border-color: var(--field); background: none; color: var(--text) }
[part~=quiet] { min-height: 44px; background: none; color: var(--muted); font-weight: 500; text-decoration: underline }
label:has(input) { cursor: pointer }
label:has(input:not(:checked)):hover { background: var(--tint) }
button:hover { opacity: .88 }
:focus-visible, label:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px }
label > :focus-visible, h2:focus { outline: none }

:is([data-kind=receipt], [data-kind=kept], [data-kind=loading], [data-kind=working]) [part=title]::before {
  content: "✓"; display: grid; place-items: center; width: 1.75em; height: 1.75em; margin-block-end: .5em;
  border: 2px solid var(--line); border-radius: 50%; color: var(--accent);
}
:is([data-kind=loading], [data-kind=working]) [part=title]::before {
  content: ""; border-block-start-color: var(--accent);
  @media (prefers-reduced-motion: no-preference) { animation: turn 1s linear infinite }
}
@media (max-width: 36em) {
  [part=points]:has(> :nth-child(8)) { grid-template-columns: repeat(6, 1fr) }
  [part=frame] { --gutter: 1.25em }
  [part=facts] > div { display: block }
  dialog[part=frame] { margin-bottom: 0; width: 100%; max-height: calc(100dvh - 1.5em); border-radius: 16px 16px 0 0 }
}
/* At 400 % zoom everything scrolls along. */
@media (max-height: 20em), (max-height: 30em) and (max-width: 36em) {
  dialog[part=frame] { overflow: auto }
  dialog form { overflow: visible }
  [part=actions] > [part=buttons] { position: static }
}
@keyframes turn { to { rotate: 1turn } }
@media (forced-colors: active) {
  [part~=action] { border-color: ButtonText }
  [part=option]:not(:has(:checked)) { border-inline-start-color: Canvas }
  [part=point]:has(:checked) { forced-color-adjust: none; background: Highlight; color: HighlightText }
}
`;

// Unlike <style>, a strict policy allows this.
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLES);

// ---- Drawing a screen

/** An element: functions become properties, all else attributes and text. A `lang` has its own direction. */
function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") node[name] = value;
    else if (value || value === 0) node.setAttribute(name, value === true ? "" : value);
  }
  if (props.lang) node.dir = "auto";
  node.append(...children.flat().filter((child) => child || child === 0));
  return node;
}

let count = 0;
const newId = () => `a${++count}`;
const heading = (words, lang) => h("h2", { id: "title", part: "title", tabindex: -1, lang }, words);
const paragraph = (words, id, lang) => words && h("p", { part: "text", id, lang }, words);
const list = (part, items, lang) => h("ul", { part, lang }, items.map((item) => h("li", {}, item)));
const away = (href, words, download) => h("a", { href, target: "_blank", rel: "noopener", download }, words);
const pair = (t, label, value, lang) =>
  value && h("div", { lang: t.lang }, h("dt", {}, label), h("dd", { lang }, value));

// A field's name is the path of its problems: `answers.comment` for `$.answers.comment`.
function textField({ name, label, help, value, main }, t) {
  const [id, helpId] = [newId(), help && newId()];
  const caption = h("label", { for: id }, label, " ", h("small", { lang: t.lang }, `(${t.optional})`));
  const area = h("textarea", { id, name, rows: 3, "aria-describedby": helpId }, value);
  return h("div", { part: "field" }, main ? heading(caption) : caption, paragraph(help, helpId), area);
}

function scaleField({ name, label, help, low, high, low_label, high_label, value, main }) {
  const [id, points] = [newId(), []];
  for (let point = low; point <= high; point++) {
    const radio = h("input", { type: "radio", name, value: point, checked: point === value });
    points.push(h("label", { part: "point" }, radio, h("span", {}, point)));
  }
  const ends = [low_label && `${low}: ${low_label}`, high_label && `${high}: ${high_label}`];
  return h("fieldset", { part: "scale", "aria-describedby": id },
    h("legend", {}, main ? heading(label) : label), paragraph(help),
    h("div", { part: "points" }, points), h("div", { part: "ends", id }, ends.map((end) => h("span", {}, end))));
}

const anyField = (props, t) => (props.kind === "scale" ? scaleField(props) : textField(props, t));

// The first option ticked comes first.
function ticked(scope) {
  const boxes = [...scope.querySelectorAll("[name=choices]:checked")];
  return boxes.sort((a, b) => a.dataset.at - b.dataset.at).map((box) => box.value);
}

function choiceField({ title, body, options = [], several, given }, t) {
  const type = several ? "checkbox" : "radio";
  const rows = options.map(({ code, label, follow_up }) => {
    const at = (given?.choices ?? []).indexOf(code);
    const box = h("input", { type, name: "choices", value: code, checked: at >= 0, "data-at": at - 99 });
    const more = follow_up && textField({ ...follow_up, name: "text", value: at === 0 && given.text }, t);
    return h("div", { part: "option" }, h("label", {}, box, h("span", {}, label)), more);
  });
  const unfold = () => {
    const [first] = ticked(fieldset);
    for (const { children: [label, more] } of rows) if (more) more.hidden = label.control.value !== first;
  };
  const onchange = ({ target }) => {
    if (target.name === "choices") target.dataset.at = ++count;
    unfold();
  };
  const fieldset = h("fieldset", { "aria-describedby": body && "help", onchange },
    h("legend", {}, heading(title)), paragraph(body, "help"), h("div", { part: "options" }, rows));
  unfold();
  return fieldset;
}

function offerCard({ headline, body, terms = [], price_now, price_after, link, link_label }, t) {
  return h("section", { part: "offer" },
    h("h3", { part: "headline" }, headline), paragraph(body),
    h("dl", { part: "price" }, pair(t, t.price_now, price_now), pair(t, t.price_after, price_after)),
    list("terms", terms, t.lang), link && away(link, link_label ?? link));
}

function drawMain(screen, t) {
  const { kind, title, body, given } = screen;
  const name = { text: "text", scale: "value" }[kind];
  if (kind === "choice") return choiceField(screen, t);
  if (name) return anyField({ ...screen, name, label: title, help: body, value: given?.[name], main: true }, t);
  return h("div", { part: "intro" }, heading(title, screen.title_lang), paragraph(body, "", screen.body_lang));
}

function drawBody(screen, t, href) {
  const { offer, receipt, facts = [], also = [], given } = screen;
  const { id, url, declared_at } = receipt ?? {};
  const proof = [pair(t, t.receipt_id, id && away(href(url), id)), pair(t, t.declared_at, declared_at)];
  const save = (url, words) => away(href(url), words, true);
  const links = receipt && [save(receipt.html_url, t.receipt_html), save(receipt.text_url, t.receipt_text)];
  const beside = also.map((it) => anyField({ ...it, name: `answers.${it.step}`, value: given?.answers?.[it.step] }, t));
  return h("div", { part: "body" }, drawMain(screen, t), offer && offerCard(offer, t),
    h("div", { part: "links", lang: t.lang }, links),
    h("dl", { part: "facts" }, proof, facts.map(({ label, value, lang }) => pair(t, label, value, lang))), beside);
}

// `primary`, `leave` and `stay` look the same: that is a promise.
function buttons(part, actions, act) {
  const button = (action) => {
    const props = { type: action.move === "answer" ? "submit" : "button", onclick: () => act(action) };
    return h("button", { part: `action ${action.role}`, ...props, lang: action.lang }, action.label);
  };
  return h("div", { part }, actions.map(button));
}

function drawScreen(screen, t, actions, act, href) {
  const plain = actions.filter(({ role }) => role !== "quiet");
  const quiet = actions.filter(({ role }) => role === "quiet");
  const bar = h("div", { part: "actions" }, buttons("buttons", plain, act), buttons("asides", quiet, act));
  const onsubmit = (event) => event.preventDefault();
  const props = { part: "screen", "data-kind": screen.kind, novalidate: true, onsubmit };
  const form = h("form", props, drawBody(screen, t, href), bar);
  const beside = [screen.notice && h("p", { part: "notice", lang: t.lang }, screen.notice)];
  // With much to answer, the keyboard finds the way out first.
  const leave = actions.find(({ role }) => role === "leave");
  const stops = form.querySelectorAll("[type=checkbox], [part=points], :not([hidden]) > textarea");
  if (leave && stops.length > 5) beside.push(buttons("shortcut", [leave], act));
  form.querySelector("h2").parentNode.after(...beside.filter(Boolean));
  // Not behind the bar of buttons.
  form.addEventListener("focusin", ({ target }) => target.scrollIntoView({ block: "nearest" }));
  return form;
}

function answerIn(form, longest) {
  const answer = { choices: ticked(form), answers: {} };
  for (const field of form.querySelectorAll("textarea, [type=radio]:checked:not([name=choices])")) {
    const [name, step] = field.name.split(".");
    const value = field.type === "radio" ? Number(field.value) : field.value.slice(0, longest);
    // Sent empty only if it was saved before.
    if (field.parentNode.hidden || (value === "" && !field.defaultValue)) continue;
    if (step) answer.answers[step] = value;
    else answer[name] = value;
  }
  return answer;
}

function showProblems(form, t, problems, ways) {
  const items = problems.map(({ path = "", message }) => {
    const name = path.replace("$.", "").replace(/\[.*/, "");
    const field = name && [...form.elements].find((one) => one.name === name && !one.parentNode.hidden);
    if (!field) return message;
    const id = newId();
    const place = field.closest("textarea, [part=options], [part=points]");
    place.before(h("p", { part: "error", id }, message));
    field.ariaInvalid = "true";
    field.setAttribute("aria-describedby", `${id} ${field.getAttribute("aria-describedby") ?? ""}`);
    return h("button", { type: "button", part: "jump", onclick: () => field.focus() }, message);
  });
  const props = { part: "problems", role: "alert", tabindex: -1, lang: t.lang };
  const box = h("div", props, ways ? "" : h("h2", {}, t.problem), list("", items), ways);
  form.firstChild[ways ? "append" : "prepend"](box);
  box.focus();
}

// ---- Talking to the server

const PAUSES = [300, 900]; // ms, before a call whose reply was lost is made again
const START_LIMIT = 2500; // ms, after which the fallback takes over
const MOVE_LIMIT = 10_000;
const POLLS = 30; // looks at a screen that says "working", one a second

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A call whose reply is lost is made again: the server makes one effect of them. Status 0: no answer. */
async function call(url, options, retrying, [wait, ...later] = PAUSES) {
  const { token, body, signal } = options;
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const sent = body && { method: "POST", body: JSON.stringify(body), keepalive: body.kind === "cancel" };
  const response = await fetch(url, { headers, signal, cache: "no-store", ...sent }).catch(() => null);
  const reply = await response?.json().catch(() => null);
  if (response?.ok && reply) return reply;
  const status = response && !response.ok ? response.status : 0;
  const retryable = [0, 502, 503, 504].includes(status);
  if (retryable && wait && !signal.aborted) {
    retrying?.();
    await pause(wait);
    return call(url, options, retrying, later);
  }
  const { code = "network", message, problems = [] } = reply?.error ?? {};
  throw Object.assign(new Error(message), { status, code, problems, retryable });
}

// ---- The element

const OUTCOMES = { leaving: "cancelled", left: "cancelled", kept: "kept", undone: "kept" };
for (const state of ["saving", "saved", "needs_help"]) OUTCOMES[state] = "saved";
const FINAL = ["receipt", "kept", "working", "unavailable"]; // screens that get a button to close them
const REFUSALS = [401, 409, 410, 422]; // which the fallback would meet as well

export class AurevoirFlow extends HTMLElement {
  handlers = this.handlers ?? {};

  #phrases = PHRASES;
  #screen = { locale: "en", direction: "ltr" };
  #session;
  #token; // the customer's, which began the session
  #visit; // from open to close
  #frame; // the dialog or section
  #form;
  #status;
  #flight; // the call under way: one at a time
  #slot;

  constructor() {
    super();
    const onclick = (event) => this.#triggered(event);
    this.#slot = h("slot", { onclick, onsubmit: onclick, onslotchange: () => this.connectedCallback() });
    this.attachShadow({ mode: "open" }).append(this.#slot);
    this.shadowRoot.adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    if (this.#inline && !this.#session && this.#tokenAtHand()) this.open({ calm: true });
  }

  disconnectedCallback() {
    this.#closed();
  }

  /** Takes {token, flow, locale}, resolves with {outcome, session} once it is closed. */
  async open(request = {}) {
    if (this.#visit) return Object.assign(this.#visit, request).promise; // with a fresh token, it may be
    const visit = { flow: this.getAttribute("flow"), locale: this.getAttribute("locale"), ...request };
    if (!this.#tell("open", { flow: visit.flow }, true)) return { outcome: "closed", session: null };
    visit.promise = new Promise((resolve) => (visit.resolve = resolve));
    this.#visit = visit;
    // Where the page declares none, the customer's preference holds.
    const scheme = getComputedStyle(this).colorScheme === "normal" && "auto";
    const onclose = () => visit === this.#visit && this.#closed();
    const props = { part: "frame", class: scheme, "aria-labelledby": "title", onclose };
    this.#frame = h(this.#inline ? "section" : "dialog", props);
    this.shadowRoot.append(this.#frame);
    this.#frame.showModal?.();
    this.#draw({ kind: "loading", title: this.#phrases.loading });
    this.#busy(() => this.#begin());
    return visit.promise;
  }

  /** As the close button does: nothing is recorded. */
  close() {
    this.#frame?.close?.();
    this.#closed();
  }

  get #inline() {
    return this.getAttribute("mode") === "inline";
  }

  get #outcome() {
    return this.#screen.receipt ? "cancelled" : (OUTCOMES[this.#session?.state] ?? "closed");
  }

  get #fallback() {
    return this.querySelector("form, a[href]");
  }

  #tokenAtHand() {
    const slotted = this.querySelector("form")?.elements.namedItem("token")?.value;
    return this.getAttribute("token-url") || this.getAttribute("token") || slotted;
  }

  #triggered(event) {
    const opener = event.submitter ?? event.target.closest("a, button");
    const aside = event.ctrlKey || event.metaKey || event.shiftKey;
    const pressed = event.type === "submit" || (opener && !opener.form && !aside);
    if (event.defaultPrevented || !pressed || !this.#tokenAtHand()) return;
    event.preventDefault();
    this.open({ opener });
  }

  /** `action`: what is to be done once the session goes on. */
  async #begin(action) {
    const visit = this.#visit;
    try {
      const reply = await this.#enter(visit);
      if (/answer|cancel/.test(action?.move) && reply.screen.step === this.#screen.step) {
        this.#session = reply.session;
        return await this.#move(action, true);
      }
      this.#take(reply);
    } catch (error) {
      if (visit !== this.#visit) return;
      const leaves = !action && this.#fallback && (visit.calm || !REFUSALS.includes(error.status));
      this.#stumble(error, leaves ? null : () => this.#begin(action));
      if (leaves && visit.calm) this.close();
      else if (leaves) this.#handOver();
    }
  }

  async #enter({ token: given, flow, locale }) {
    const signal = AbortSignal.timeout(START_LIMIT);
    const url = !given && this.getAttribute("token-url");
    const asked = url && (await call(url, { signal }));
    const token = given ?? asked?.token ?? this.#tokenAtHand();
    const ways = [() => this.#call("sessions", { body: { token, flow, locale }, signal })];
    if (this.#session && token === this.#token) ways.unshift(() => this.#call("session", { signal }));
    if (["kept", "saved"].includes(this.#outcome)) ways.reverse(); // a new visit begins anew
    this.#token = token;
    return ways[0]().catch((error) => {
      if (error.retryable || !ways[1]) throw error;
      return ways[1]();
    });
  }

  #url(path) {
    return new URL(path, new URL(this.getAttribute("api") ?? "/", import.meta.url));
  }

  #call(path, options) {
    const url = this.#url(`widget/v1/${path}`);
    const usual = { token: this.#session?.token, signal: AbortSignal.timeout(MOVE_LIMIT) };
    return call(url, { ...usual, ...options }, () => this.#say("retry"));
  }

  #busy(job) {
    this.#form.ariaBusy = "true";
    const slow = setTimeout(() => this.#say("loading"), 600);
    this.#flight = job().finally(() => {
      clearTimeout(slow);
      this.#flight = null;
    });
  }

  #act(action) {
    if (this.#flight) return;
    if (action.run) action.run();
    else this.#busy(() => this.#move(action));
  }

  async #move(action, again) {
    const visit = this.#visit;
    const { move: kind, step = this.#screen.step } = action;
    const body = { kind, revision: this.#session.revision, step };
    // A cancel brings along what is ticked, cut to what is surely taken: nothing may refuse it.
    if (/answer|cancel/.test(kind)) Object.assign(body, answerIn(this.#form, kind === "cancel" ? 5000 : Infinity));
    if (kind === "accept") body.offer = this.#screen.offer.key;
    try {
      this.#take(await this.#call("session/moves", { body }), body);
    } catch (error) {
      if (visit !== this.#visit) return;
      if (error.status === 409) return this.#begin();
      if (error.status === 401 && !again) return this.#begin(action);
      this.#stumble(error, () => this.#move(action));
    }
  }

  /** The one place where what is known and shown changes. */
  #take({ session, screen, phrases }, move) {
    const [{ offer }, was] = [this.#screen, this.#outcome];
    this.#session = { ...this.#session, ...session };
    this.#phrases = { ...this.#phrases, ...phrases, lang: screen.phrases_lang };
    this.#screen = screen;
    if (move) this.#report(move, offer, was);
    if (!this.#visit) return;
    if (move) this.#visit.calm = false;
    this.#draw(screen);
    this.#tell("screen", { kind: screen.kind, step: screen.step });
    if (screen.kind === "working") this.#watch(screen);
  }

  /** Tells the host what was done, never what was written. */
  #report({ kind, step, choices, value }, offer, was) {
    const detail = { session: this.#session.id };
    if (kind === "answer") this.#tell("answer", { ...detail, step, choices, value });
    if (kind === "cancel" && was !== "cancelled" && this.#outcome === "cancelled") this.#tell("cancel", detail);
    if (kind !== "accept") return;
    detail.offer = offer.key;
    this.#tell("accept", detail);
    // What the host's handler throws stays the host's.
    if (offer.kind === "custom") queueMicrotask(() => this.handlers.accept?.(detail));
  }

  async #watch(screen) {
    for (let left = POLLS; left > 0; left--) {
      await pause(1000);
      const reply = await this.#call("session").catch(() => null);
      if (!this.#visit || this.#flight || this.#screen !== screen) return;
      if (reply && reply.screen.kind !== "working") this.#take(reply);
    }
  }

  #draw(screen) {
    const [t, modal, close] = [this.#phrases, !this.#inline, () => this.close()];
    const actions = [...(screen.actions ?? [])];
    const undecided = modal && this.#outcome === "closed" && actions.some(({ move }) => move === "cancel");
    const done = { run: close, label: t.close, role: "secondary", lang: t.lang };
    if (modal && FINAL.includes(screen.kind)) actions.push(done);
    const form = drawScreen(screen, t, actions, (action) => this.#act(action), (url) => this.#url(url));
    if (undecided) form.firstChild.append(h("p", { part: "note", lang: t.lang }, t.not_cancelled));
    const step = screen.progress && t.progress.replace(/{(\w+)}/g, (_, name) => screen.progress[name]);
    const progress = h("p", { part: "progress" }, step);
    const cross = modal && h("button", { part: "close", type: "button", "aria-label": t.close, onclick: close }, "×");
    this.#status = h("p", { part: "status", role: "status" });
    this.#form = form;
    this.#frame.replaceChildren(h("div", { part: "header", lang: t.lang }, progress, this.#status, cross), form);
    Object.assign(this.#frame, { lang: this.#screen.locale, dir: this.#screen.direction });
    this.#slot.hidden = !modal && screen.kind !== "loading";
    if (!this.#visit.calm) form.querySelector("h2").focus();
    if (screen.problems?.length) showProblems(form, t, screen.problems);
  }

  #stumble({ code = "error", message, retryable = false, status, problems }, again) {
    this.#tell("error", { code, message, retryable });
    if (!this.#visit || !again) return;
    const t = this.#phrases;
    const started = this.#form.dataset.kind !== "loading";
    this.#draw(started ? { ...this.#screen, given: answerIn(this.#form) } : { kind: "trouble", title: t.problem });
    if (status === 422 && problems.length) return showProblems(this.#form, t, problems);
    const ways = [{ run: () => this.#busy(again), label: t.again, role: "primary" }];
    if (this.#fallback) ways.push({ run: () => this.#handOver(), label: t.elsewhere, role: "stay" });
    const text = /expired/.test(code) ? t.expired : t.offline;
    showProblems(this.#form, t, [{ message: text }], buttons("buttons", ways, (action) => this.#act(action)));
  }

  /** On to the hosted pages, as if this script had never come. */
  #handOver() {
    const fallback = this.#fallback;
    this.#closed("hosted");
    if (fallback instanceof HTMLFormElement) HTMLFormElement.prototype.submit.call(fallback);
    else location.assign(fallback.href);
  }

  async #closed(outcome) {
    const visit = this.#visit;
    if (!visit) return;
    this.#frame.remove();
    this.#visit = null;
    this.#slot.hidden = false;
    visit.opener?.focus();
    await this.#flight?.catch(() => {}); // a move under way still decides
    const detail = { outcome: outcome ?? this.#outcome, session: this.#session?.id ?? null };
    this.#tell("close", detail);
    visit.resolve(detail);
  }

  #say(phrase) {
    this.#status.textContent = this.#phrases[phrase];
  }

  #tell(name, detail, cancelable) {
    const init = { detail, cancelable, bubbles: true, composed: true };
    return this.dispatchEvent(new CustomEvent(`aurevoir:${name}`, init));
  }
}

// A browser too old for the styles keeps the plain form.
if (CSS.supports("color", "light-dark(#000, #fff)") && !customElements.get("aurevoir-flow")) {
  customElements.define("aurevoir-flow", AurevoirFlow);
}
