// What a host notes in the crisis panel: what was done, and when (CARE-14); and that the rest is by telephone. It stands apart from the stage, so that it
// works when that has stopped and when there is no line. Codes, ids and times only, never a name (SEC-012): they wait in
// the tab until the server has them, and leave from whichever of a host's pages the tab shows then.
export {};

type Step = { id: string; seat: string; kind: string; at: number; undone: boolean; own: boolean; state: "waits" | "stands" | "refused"; isLate?: boolean };

const KEY = "samrom-crisis-";
/** The one kind that is no step of the crisis panel: it has a part of the page and an address of its own. */
const TELEPHONE = "telephone";
/** Until when nothing suggests ringing, by session. */
const QUIET = "samrom-quiet-";
/** How long until what was not heard is told again, and how long an answer is waited for. */
const AGAIN_MS = 10_000;
const ANSWER_MS = 8_000;
/** A second press within this time is a shaking hand; a panel that is unfolded anew within that one was never left. */
const TWICE_MS = 2_000;
const OPENED_AGAIN_MS = 10 * 60_000;
/** Answers after which telling again would change nothing: not a step, not theirs, too many or too late. Whoever else is
    signed in here meanwhile (409) is not who noted it: that waits. */
const FINAL = [400, 404, 422];

/** By session: what this page knows of. Only what the server has not taken is kept in the tab. */
const hours = new Map<string, Step[]>();
for (const key of Object.keys(sessionStorage)) {
  if (key.startsWith(KEY)) hours.set(key.slice(KEY.length), JSON.parse(sessionStorage.getItem(key)!));
}

function keep(session: string) {
  const left = hours.get(session)!.filter(({ state }) => state !== "stands");
  try {
    if (left.length > 0) sessionStorage.setItem(KEY + session, JSON.stringify(left));
    else sessionStorage.removeItem(KEY + session);
  } catch {
    // No room in the tab: it stands in the page until it is told.
  }
}

let isTelling = false;
let again: ReturnType<typeof setTimeout> | undefined;

function nextToTell(): [string, Step] | undefined {
  for (const [session, steps] of hours) {
    const step = steps.find(({ state }) => state === "waits");
    if (step) return [session, step];
  }
}

/** Tells whatever waits, one after the other; tries again later when nobody answers. */
async function tellAll() {
  if (isTelling) return;
  isTelling = true;
  clearTimeout(again);
  let told = 0;
  for (let next = nextToTell(); next && (await tell(...next)); next = nextToTell()) told += 1;
  isTelling = false;
  if (nextToTell()) {
    again = setTimeout(tellAll, AGAIN_MS);
    for (const steps of hours.values()) for (const step of steps) step.isLate = step.state === "waits";
  } else if (told > 0) {
    arrived();
  }
  draw();
}

/** Both moments by this page's own clock: what counts is the time between them. */
async function tell(session: string, step: Step): Promise<boolean> {
  const { undone } = step;
  const said = { id: step.id, seat: step.seat, kind: step.kind, done: String(step.at), said: String(Date.now()), undone: undone ? "yes" : "" };
  const way = { method: "POST", body: new URLSearchParams(said), keepalive: true, signal: AbortSignal.timeout(ANSWER_MS) };
  const answer = await fetch(`/meeting/${session}/${partOf(step)}`, way).catch(() => undefined);
  const isRefused = FINAL.includes(answer?.status ?? 0);
  if (!answer?.ok && !isRefused) return false;
  // Undone while it was under way: that is still to be told.
  if (step.undone === undone) step.state = isRefused ? "refused" : "stands";
  keep(session);
  draw();
  return true;
}

/** The closing page that was asked for before all of it was there is asked for anew, unless something was written on it. */
let isTouched = false;
addEventListener("input", () => { isTouched = true; });
function arrived() {
  if (document.querySelector("[data-crisis-shown]") && !isTouched) location.reload();
}

const panel = document.getElementById("crisis");
const { session = "", seat = "" } = panel?.dataset ?? {};
const steps = panel ? begin() : [];
const partOf = ({ kind }: Step) => (kind === TELEPHONE ? TELEPHONE : "crisis");
const part = (line: Element, name: string) => line.querySelector<HTMLElement>(`[data-part="${name}"]`)!;
const folds = [...document.querySelectorAll<HTMLDetailsElement>(".crisis > details")];
const byId = (id: string) => document.getElementById(id)!;

/** What the server wrote into the page, and what the tab still keeps of this hour. */
function begin(): Step[] {
  const stands = [...document.querySelectorAll<HTMLElement>(".crisis-noted > li")].map(({ dataset }): Step => {
    const { id, kind, at, own } = dataset as Record<string, string>;
    return { id, seat, kind, at: Number(at), undone: false, own: own !== undefined, state: "stands" };
  });
  const kept = hours.get(session) ?? [];
  const all = [...stands.filter(({ id }) => !kept.some((one) => one.id === id)), ...kept];
  hours.set(session, all.sort((one, other) => one.at - other.at));
  for (const list of document.querySelectorAll(".crisis-noted")) list.replaceChildren();
  return all;
}

/** As the server's own pages write it: in the clinic's zone, wherever this device believes that it is. */
function clock(at: number) {
  const { clock: pattern, zone: timeZone } = byId("crisis-noted").dataset;
  const parts = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).formatToParts(at);
  const one = (type: string) => parts.find((part) => part.type === type)!.value;
  return pattern!.replace("{hour}", one("hour")).replace("{minute}", one("minute").padStart(2, "0"));
}

const words = (kind: string) => document.querySelector(`[data-step="${kind}"]`)?.textContent ?? byId("crisis-noted").dataset.opened!;

function say(how: "noted" | "undone", step: Step) {
  const said = byId(`${partOf(step)}-said`);
  said.textContent = said.dataset[how]!.replace("{what}", words(step.kind)).replace("{time}", clock(step.at));
}

function note(kind: string) {
  const at = Date.now();
  const last = steps.filter((one) => one.kind === kind && one.own && !one.undone).at(-1);
  if (last && at - last.at < (kind === "opened" ? OPENED_AGAIN_MS : TWICE_MS)) return;
  const step: Step = { id: crypto.randomUUID(), seat, kind, at, undone: false, own: true, state: "waits" };
  steps.push(step);
  if (kind !== "opened") say("noted", step);
  changed();
  // The button goes, and the focus does not go with it.
  if (kind === TELEPHONE) byId("telephone-noted").querySelector<HTMLElement>("li:last-child button")!.focus();
}

function undo(step: Step) {
  // Told even when nothing of it was told before: what was pressed and taken back is part of the log.
  step.undone = true;
  if (step.state !== "refused") step.state = "waits";
  say("undone", step);
  changed();
  document.querySelector<HTMLElement>(`[data-step="${step.kind}"]`)?.focus();
}

function changed() {
  keep(session);
  draw();
  tellAll();
}

/** Lines stay where they are, so that whoever is about to press one presses that one. */
function draw() {
  if (!panel) return;
  const { dataset } = byId("crisis-noted");
  byId("telephone-now").hidden = steps.some(({ kind, undone }) => kind === TELEPHONE && !undone);
  for (const step of steps) {
    const list = byId(`${partOf(step)}-noted`);
    let line = list.querySelector<HTMLElement>(`[data-id="${step.id}"]`);
    if (step.undone) {
      line?.remove();
      continue;
    }
    if (!line) list.append((line = made(step)));
    const state = part(line, "state");
    state.textContent = step.state === "stands" ? "" : dataset[step.state]!;
    state.hidden = !(step.state === "refused" || (step.state === "waits" && step.isLate));
  }
}

function made(step: Step): HTMLElement {
  const line = (byId("crisis-line") as HTMLTemplateElement).content.firstElementChild!.cloneNode(true) as HTMLElement;
  line.dataset.id = step.id;
  part(line, "time").textContent = clock(step.at);
  part(line, "what").textContent = words(step.kind);
  const button = part(line, "undo");
  button.hidden = step.kind === "opened" || !step.own;
  button.setAttribute("aria-label", `${button.textContent}: ${words(step.kind)}, ${clock(step.at)}`);
  button.addEventListener("click", () => undo(step));
  return line;
}

/** The stage's own control is pressed, and where there is none there is nothing to mute. */
function watchTheRoom() {
  const { documentElement: root } = document;
  const mute = byId("crisis-mute");
  const control = () => document.getElementById("microphone");
  const look = () => {
    const isPaused = document.getElementById("pause")?.dataset.on === "true";
    mute.hidden = root.dataset.phase !== "inside" || !control() || isPaused;
    mute.textContent = control()?.dataset.on === "true" ? mute.dataset.mute! : mute.dataset.unmute!;
    // A screen that turns neutral shows nothing of this either (CARE-03).
    if (byId("main").dataset.view === "view-neutral") for (const one of folds) one.open = false;
  };
  mute.addEventListener("click", () => control()?.click());
  new MutationObserver(look).observe(document, { subtree: true, attributeFilter: ["data-phase", "data-view", "data-on"] });
  look();
}

/** How she is gone where a ringing telephone can betray her, and what was agreed for it. */
const BETRAYS: Record<string, string> = { "someone-came-in": "came-in", "closed-fast": "fast" };

/** Until when nothing suggests ringing (CARE-03): the agreed time, or for ever where no call was agreed on; 0 when she is there
    again. What cannot be seen, because there is no room to see, is as it was. */
function quietUntil(of: string, before: number): number {
  const gone = document.querySelector<HTMLElement>(`#gone > [data-id^="${of}@"]`)?.dataset;
  const tile = document.querySelector<HTMLElement>(`#tiles > [data-id="${of}"]`)?.dataset.status;
  const way = BETRAYS[gone?.reason ?? tile ?? ""];
  if (!way) return tile && !["line-lost", "asleep", "stepped-out"].includes(tile) ? 0 : before;
  return agreedUntil(way, Number(gone?.id?.split("@")[1] ?? NaN), of);
}

/** The agreed time, if they agreed on a call to the number that is shown; else for ever. */
function agreedUntil(way: string, since: number, of: string): number {
  const agreed = byIdOf(`agreed-${way}`, of);
  const until = since + Number(agreed?.wait) * 60_000;
  return agreed?.rings === undefined || Number.isNaN(until) ? Infinity : until;
}

function byIdOf(id: string, of: string) {
  const dataset = document.getElementById(id)?.dataset;
  return dataset?.of === of ? dataset : undefined;
}

function keepQuiet(until: number) {
  try {
    sessionStorage.setItem(QUIET + session, String(until));
  } catch {
    // It holds as long as the page.
  }
}

function watchTheTelephone() {
  const { of, gone, goneAt, now } = byId("telephone").dataset;
  const quiet = byId("telephone-quiet");
  // The server's clock counts, by which she was gone; a page that came late waits a little longer.
  const ahead = Date.now() - Number(now);
  let kept = Number(sessionStorage.getItem(QUIET + session) ?? 0);
  // What the records know holds in every tab and on every device, whoever has been in the room from there.
  let until = gone && of ? agreedUntil(gone, Number(goneAt), of) : kept;
  let later: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (of && document.documentElement.dataset.phase === "inside") until = quietUntil(of, until);
    if (until !== kept) keepQuiet((kept = until));
    clearTimeout(later);
    const left = until + ahead - Date.now();
    if (left > 0 && left < Infinity) later = setTimeout(look, left + 1_000);
    byId("telephone-ring").hidden = left > 0;
    quiet.hidden = left <= 0;
    quiet.textContent = until === Infinity ? quiet.dataset.never! : quiet.dataset.until!.replace("{time}", clock(until));
  };
  new MutationObserver(look).observe(byId("main"), { subtree: true, childList: true, attributeFilter: ["data-status", "data-reason", "data-id"] });
  look();
}

/** A number that is rung leaves no page, whatever a browser asks before it hands the call over. */
let isDialling = false;
addEventListener("beforeunload", (event) => {
  if (isDialling) event.stopImmediatePropagation();
  else if (nextToTell()) event.preventDefault();
}, { capture: true });

/** One tap opens either, and the one that stood open makes room. */
function unfold(fold: HTMLDetailsElement, section: HTMLElement) {
  fold.addEventListener("toggle", () => {
    if (!fold.open) return;
    fold.scrollTop = 0;
    for (const other of folds) if (other !== fold) other.open = false;
  });
  section.addEventListener("click", ({ target }) => {
    const pressed = (target as Element).closest<HTMLElement>("[data-step], a[href^='tel:']");
    if (pressed?.dataset.step) note(pressed.dataset.step);
    else if (pressed) {
      isDialling = true;
      setTimeout(() => { isDialling = false; }, 1_000);
    }
  });
  section.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !fold.open) return;
    event.stopPropagation();
    fold.open = false;
    fold.querySelector("summary")!.focus();
  });
}

if (panel) {
  for (const name of ["crisis", TELEPHONE]) {
    byId(`${name}-steps`).hidden = false;
    unfold(byId(`${name}-panel`) as HTMLDetailsElement, byId(name));
  }
  const [fold] = folds;
  fold!.addEventListener("toggle", () => fold!.open && note("opened"));
  watchTheRoom();
  watchTheTelephone();
  draw();
}
addEventListener("online", () => tellAll());
tellAll();
