// The practice room: the room's own buttons, and at the other end somebody who is only drawn. No socket, no connection,
// nothing is fetched and nothing remembered. Camera and microphone are asked for after a press and let go of when one
// leaves (SEC-105). What each press looks like at the other end is told in words. The page of a meeting loads nothing of
// this.

type Kind = "microphone" | "camera" | "screen";

const TITLE = document.title;
const LEVEL_MS = 120;
// As long as in a meeting (`call::REACTION_SHOWN_MS`).
const REACTION_MS = 6_000;
// With whom nobody is alone, and all that can be said about the room, in the order in which it is shown.
const COMPANY = ["parent", "staff", "friend", "other"];
const AROUND = ["alone", ...COMPANY, "outside"];
const PANELS = ["lock", "chat", "devices"];

const byId = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const part = (root: ParentNode, name: string) => root.querySelector<HTMLElement>(`[data-part=${name}]`)!;
const copy = (id: string) => byId<HTMLTemplateElement>(id).content.firstElementChild!.cloneNode(true) as HTMLElement;
const words: Record<string, string> = JSON.parse(byId("words").textContent!);
const text = (key: string) => words[key] ?? `practice-${key}`;
const main = byId("main");

function show(id: string, shown: boolean) {
  byId(id).hidden = !shown;
}

function write(id: string, words: string) {
  byId(id).textContent = words;
}

// What is on, as its owner wants it; what is held of it; and how often it was asked for, so that a late answer is let go.
const on: Record<Kind, boolean> = { microphone: false, camera: false, screen: false };
const held: Partial<Record<Kind, MediaStreamTrack>> = {};
const asked: Record<Kind, number> = { microphone: 0, camera: 0, screen: 0 };
const chosen: Partial<Record<Kind, string>> = {};
const blocked: Partial<Record<Kind, string>> = {};
let view = "view-start";
let panel = "";
let means = "";
let isPaused = false;
let seesSelf = false;
let isBack = false;
let closedFast = false;
let waitsSince = 0;
const around = new Set<string>();
let fading: ReturnType<typeof setTimeout> | undefined;

// ---- Camera, microphone and screen ---------------------------------------------------------------------------

function ofDevice(kind: Kind): MediaStreamConstraints {
  const device = chosen[kind] ? { deviceId: { exact: chosen[kind] } } : {};
  if (kind === "microphone") {
    const noiseSuppression = byId<HTMLInputElement>("noise").checked;
    return { audio: { echoCancellation: true, autoGainControl: true, noiseSuppression, ...device } };
  }
  return { video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...device } };
}

async function ask(kind: Kind) {
  if (held[kind]) return;
  asked[kind] += 1;
  const number = asked[kind];
  delete blocked[kind];
  try {
    const devices = navigator.mediaDevices;
    const stream = kind === "screen" ? await devices.getDisplayMedia({ video: true }) : await devices.getUserMedia(ofDevice(kind));
    const [track] = stream.getTracks();
    if (number !== asked[kind]) return track.stop();
    held[kind] = track;
    track.addEventListener("ended", () => held[kind] === track && isGone(kind));
    if (kind === "microphone") measure(track);
    if (kind === "screen") tell("other-share");
    await listDevices().catch(() => {});
  } catch (error) {
    if (number !== asked[kind]) return;
    blocked[kind] = reason(error as Error);
    isGone(kind);
    if (view === "view-room" && kind !== "screen") sayBlocked(kind);
  }
  draw();
}

function letGo(kind: Kind) {
  asked[kind] += 1;
  held[kind]?.stop();
  delete held[kind];
  if (kind === "microphone") measure(undefined);
}

// Unplugged, refused, or no longer shared.
function isGone(kind: Kind) {
  letGo(kind);
  on[kind] = false;
  draw();
  if (view === "view-room") tellState();
}

function letGoOfAll() {
  for (const kind of ["microphone", "camera", "screen"] as const) {
    letGo(kind);
    on[kind] = false;
  }
  isPaused = false;
  draw();
}

function reason({ name }: Error): string {
  if (name === "NotAllowedError" || name === "SecurityError") return "not-allowed";
  return name === "NotReadableError" || name === "AbortError" ? "in-use" : "not-found";
}

function steps(why: string): string {
  const systems = [["iPhone", "ios"], ["iPad", "ios"], ["Android", "android"], ["Mac OS", "mac"], ["Windows", "windows"]];
  const system = systems.find(([name]) => navigator.userAgent.includes(name))?.[1] ?? "other";
  return text(`blocked-steps-${why === "not-allowed" ? system : why}`);
}

function sayBlocked(kind: Kind) {
  const means = text(kind === "microphone" ? "notice-not-heard" : "notice-not-seen");
  write("notice-text", [text(`blocked-${kind}-${blocked[kind]}`), means, steps(blocked[kind]!)].join(" "));
  show("notice", true);
}

async function listDevices() {
  const found = await navigator.mediaDevices.enumerateDevices();
  for (const [name, kind] of [["microphone", "audioinput"], ["camera", "videoinput"], ["speaker", "audiooutput"]]) {
    const named = found.filter((device) => device.kind === kind && device.label);
    const current = held[name as Kind]?.getSettings().deviceId ?? chosen[name as Kind];
    for (const select of document.querySelectorAll<HTMLSelectElement>(`select[data-do=choose-${name}]`)) {
      select.replaceChildren(...named.map(({ label, deviceId }) => new Option(label, deviceId, deviceId === current, deviceId === current)));
      // One device is no choice.
      select.parentElement!.hidden = named.length < 2;
    }
  }
}

// ---- Sound ---------------------------------------------------------------------------------------------------

let context: AudioContext | undefined;
let source: MediaStreamAudioSourceNode | undefined;
let analyser: AnalyserNode | undefined;

function sound(): AudioContext {
  context ??= new AudioContext();
  void context.resume();
  return context;
}

function measure(track?: MediaStreamTrack) {
  source?.disconnect();
  source = undefined;
  if (!track) return;
  source = sound().createMediaStreamSource(new MediaStream([track]));
  analyser ??= new AnalyserNode(sound(), { fftSize: 512 });
  source.connect(analyser);
}

function drawLevel() {
  if (view !== "view-check" || !source) return;
  const samples = new Uint8Array(256);
  analyser!.getByteTimeDomainData(samples);
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0);
  byId<HTMLMeterElement>("level").value = Math.min(loudest / 96, 1);
}

// Three rising tones, as in a meeting.
function playTones() {
  const output = sound();
  [392, 494, 587].forEach((pitch, number) => {
    const start = output.currentTime + number * 0.3;
    const [tone, loudness] = [new OscillatorNode(output, { frequency: pitch }), new GainNode(output)];
    loudness.gain.setValueAtTime(0.0001, start);
    loudness.gain.exponentialRampToValueAtTime(0.15, start + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, start + 0.28);
    tone.connect(loudness).connect(output.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
}

// ---- What is seen --------------------------------------------------------------------------------------------

// The other end, in words; said once to those who listen instead of looking.
function tell(key: string, what = "") {
  const told = text(key).replace("{what}", what);
  write("told", told);
  write("announcer", `${text("other")} ${told}`);
  show("told-line", true);
}

function tellState() {
  if (isPaused) return tell("other-paused");
  if (on.camera) return tell(on.microphone ? "other-both" : "other-picture");
  tell(on.microphone ? "other-sound" : "other-off");
}

function go(to: string) {
  if (view === to) return;
  closePanel();
  show(view, false);
  show(to, true);
  view = to;
  main.dataset.view = to;
  byId(to).querySelector("[data-part=tell]")?.append(byId("tell"));
  // Neutral is neutral here too: somebody may really have come in.
  document.title = to === "view-neutral" ? text("neutral-title") : TITLE;
  if (to === "view-neutral") write("announcer", "");
  show("let-in", to === "view-waiting");
  show("adult-waits", to === "view-room");
  part(byId(to), "heading").focus();
  draw();
}

function play(id: string, track?: MediaStreamTrack) {
  const player = byId<HTMLVideoElement>(id);
  if (player.dataset.track !== track?.id) {
    player.srcObject = track ? new MediaStream([track]) : null;
    if (track) player.dataset.track = track.id;
    else delete player.dataset.track;
  }
  player.hidden = !track;
}

function button(id: string, isOn: boolean, onKey: string, offKey: string) {
  byId(id).dataset.on = String(isOn);
  part(byId(id), "label").textContent = text(isOn ? onKey : offKey);
}

function draw() {
  const isSeen = on.camera && !isPaused && held.camera !== undefined;
  play("check-picture", held.camera);
  play("own-picture", isSeen && seesSelf ? held.camera : undefined);
  byId("own").dataset.camera = String(isSeen);
  byId("own").dataset.shown = String(isSeen && seesSelf);
  write("own-mark", text(isPaused ? "own-paused" : isSeen ? "own-camera-on" : "own-camera-off"));
  show("self-view", isSeen);
  write("self-view", text(seesSelf ? "self-hide" : "self-show"));
  button("microphone", on.microphone && !isPaused, "microphone-on", "microphone-off");
  button("camera", on.camera && !isPaused, "camera-on", "camera-off");
  button("pause", isPaused, "resume", "pause");
  button("share", on.screen, "share-stop", "share");
  show("share", "getDisplayMedia" in (navigator.mediaDevices ?? {}));
  show("sharing-word", on.screen && held.screen !== undefined);
  show("paused-word", isPaused);
  isBack &&= !on.microphone && !on.camera;
  show("muted-word", isBack && !isPaused);
  drawCheck();
}

function drawCheck() {
  const [wantsSound, wantsPicture] = [isMeant("microphone"), isMeant("camera")];
  show("check-devices", wantsSound);
  show("check-preview", wantsPicture);
  show("check-level", wantsSound && held.microphone !== undefined);
  show("arrive", means !== "");
  const microphone = wantsSound ? blocked.microphone : undefined;
  const camera = wantsPicture ? blocked.camera : undefined;
  const why = microphone ?? camera;
  show("check-blocked", why !== undefined);
  if (!why) return;
  const what = microphone && microphone === camera ? "both" : microphone ? "microphone" : "camera";
  write("blocked-text", text(`blocked-${what}-${why}`));
  write("blocked-steps", steps(why));
}

const saidAround = () => AROUND.filter((one) => around.has(one)).map((one) => text(`around-${one}`)).join(", ");

function drawAround() {
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-do=around]")) box.checked = around.has(box.value);
  const what = saidAround();
  write("own-around", text("around-own").replace("{what}", what));
  show("own-around", what !== "");
  part(byId("members"), "around").textContent = what ? text("around-member").replace("{what}", what) : text("around-nothing");
}

// As in a meeting, whoever is with somebody is not alone, and the last word counts.
function sayAround(one: string) {
  if (!around.delete(one)) {
    for (const other of one === "alone" ? COMPANY : COMPANY.includes(one) ? ["alone"] : []) around.delete(other);
    around.add(one);
  }
  drawAround();
  if (around.size > 0) tell("other-around", saidAround());
  else tell("other-around-nothing");
}

function unsay() {
  around.clear();
  drawAround();
  for (const field of document.querySelectorAll<HTMLInputElement>("#tell textarea, #tell input")) field.value = "";
}

function drawClock() {
  const seconds = Math.floor((Date.now() - waitsSince) / 1_000);
  write("waiting-clock", `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
}

function openPanel(name: string) {
  const same = panel === name;
  closePanel();
  if (same || !PANELS.includes(name)) return;
  panel = name;
  show(`panel-${name}`, true);
  byId("view-room").dataset.panel = name;
  byId(`open-${name}`).setAttribute("aria-expanded", "true");
  part(byId(`panel-${name}`), "heading").focus();
  tell("other-panel");
}

function closePanel() {
  if (!panel) return;
  const name = panel;
  panel = "";
  show(`panel-${name}`, false);
  byId("view-room").dataset.panel = "";
  byId(`open-${name}`).setAttribute("aria-expanded", "false");
  byId(`open-${name}`).focus();
}

function say(who: string, line: string, isOwn: boolean) {
  const made = copy("chat-line");
  part(made, "name").textContent = who;
  part(made, "text").textContent = line;
  made.toggleAttribute("data-own", isOwn);
  byId("chat-list").append(made);
}

// The room as it is for two: oneself, and the friend, who is drawn once and does not move.
function furnish() {
  write("network", text("network"));
  write("waiting-why", text("waiting-not-yet"));
  write("waiting-seen", text("waiting-seen").replace("{names}", text("friend")));
  show("waiting-seen", true);
  const note = copy("note-line");
  part(note, "name").textContent = text("friend");
  part(note, "text").textContent = text("note");
  byId("notes").append(note);
  show("notes-box", true);
  const tile = copy("tile");
  tile.dataset.status = "flowing";
  part(tile, "initial").hidden = true;
  part(tile, "name").textContent = text("friend");
  tile.prepend(copy("friend"));
  byId("tiles").append(tile);
  byId("tiles").dataset.count = "1";
  show("alone", false);
  for (const [who, role, known] of [[text("you"), "role-young", "known-own"], [text("friend"), "role-host", "friend-known"]]) {
    const member = copy("member-line");
    part(member, "name").textContent = who;
    part(member, "role").textContent = text(role);
    part(member, "known").textContent = text(known);
    part(member, "pair").hidden = true;
    byId("members").append(member);
  }
  part(byId("open-lock"), "label").textContent = text("lock");
  write("paired", text("lock-none"));
  show("paired", true);
}

// ---- What is done --------------------------------------------------------------------------------------------

const isMeant = (kind: Kind) => means === "both" || (kind === "microphone" && means === "sound");

function tryDevices() {
  for (const kind of ["microphone", "camera"] as const) {
    delete blocked[kind];
    if (isMeant(kind)) void ask(kind);
    else letGo(kind);
  }
  tell("other-check");
  draw();
}

function arrive() {
  // What has not answered yet is on its way.
  for (const kind of ["microphone", "camera"] as const) on[kind] = isMeant(kind) && !blocked[kind];
  waitsSince = Date.now();
  drawClock();
  go("view-waiting");
  tell("other-waiting");
}

// As in a meeting, a press during a pause changes what comes after it.
function turn(kind: "microphone" | "camera") {
  on[kind] = !on[kind];
  if (on[kind] && !isPaused) void ask(kind);
  else letGo(kind);
  draw();
  tellState();
}

function pause() {
  isPaused = !isPaused;
  for (const kind of ["microphone", "camera"] as const) {
    if (isPaused) letGo(kind);
    else if (on[kind]) void ask(kind);
  }
  stopSharing();
  draw();
  tellState();
}

function stopSharing() {
  on.screen = false;
  letGo("screen");
}

function share() {
  if (on.screen) {
    stopSharing();
    tellState();
  } else {
    on.screen = true;
    void ask("screen");
  }
  draw();
}

function react(name: string) {
  clearTimeout(fading);
  document.querySelector("#own-reaction use")!.setAttribute("href", `#icon-${name}`);
  show("own-reaction", true);
  fading = setTimeout(() => show("own-reaction", false), REACTION_MS);
  tell("other-react", text(`reaction-${name}`));
}

function chat(line: string) {
  say(text("you"), line, true);
  say(text("friend"), text("answer"), false);
  show("chat-empty", false);
  byId("chat-list").scrollTop = byId("chat-list").scrollHeight;
  tell("other-chat");
}

// Away from the room, dark and silent before anything else.
function away(to: string, key?: string) {
  letGoOfAll();
  isBack = true;
  go(to);
  if (key) tell(key);
}

function carryOn() {
  if (closedFast) {
    closedFast = false;
    go("view-start");
    tell("other-fast");
  } else {
    go("view-room");
    tell("other-came-in");
  }
}

function leave() {
  write("ended-text", text("ended-you-left"));
  away("view-ended", "other-left");
}

// An adult waits, who is not there either; she is asked as in a meeting.
function question(said?: string) {
  const list = byId("asked-list");
  if (!list.firstElementChild) list.append(copy("asked-line"));
  const line = list.firstElementChild!;
  const named = (key: string) => text(key).replaceAll("{name}", text("adult"));
  part(line, "text").textContent = named(said ? `asked-said-${said}` : "asked-who");
  part(line, "after-all").textContent = named("asked-after-all");
  part(line, "after-all").hidden = said !== "not-today";
  part(line, "yes").hidden = part(line, "not-today").hidden = said === "not-today";
  part(line, "say-first").hidden = said !== undefined;
  for (const name of ["yes", "not-today", "say-first"]) part(line, name).ariaLabel = named(`asked-${name}`);
  show("asked", true);
}

function noQuestion() {
  show("asked", false);
  show("asked-without", false);
}

const PRESSES: Record<string, (id: string) => void> = {
  "begin": () => {
    means = "";
    unsay();
    for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=means]")) radio.checked = false;
    go("view-check");
    tell("other-check");
  },
  "try-again": tryDevices,
  "arrive": arrive,
  "let-in": () => {
    isBack = false;
    go("view-room");
    tellState();
  },
  "test-speaker": () => {
    playTones();
    tell("other-speaker");
  },
  "microphone": () => turn("microphone"),
  "camera": () => turn("camera"),
  "pause": pause,
  "share": share,
  "react": react,
  "say": chat,
  "open": openPanel,
  "close-panel": closePanel,
  "close-notice": () => show("notice", false),
  "self-view": () => {
    seesSelf = !seesSelf;
    draw();
    tell("other-self");
  },
  "pair-code": () => tell("other-code"),
  "adult-waits": () => {
    question();
    tell("other-asked");
  },
  "answer-yes": () => {
    byId("asked-list").replaceChildren();
    part(byId("asked-without"), "text").textContent = text("asked-without");
    show("asked-without", true);
    tell("other-asked-yes");
  },
  "answer-not-today": () => {
    question("not-today");
    tell("other-asked-not-today");
  },
  "answer-say-first": () => {
    question("say-first");
    tell("other-asked-say-first");
  },
  "without-me": () => {
    noQuestion();
    away("view-out", "other-without-me");
  },
  "stay": () => {
    noQuestion();
    tell("other-stay");
  },
  "step-out": () => away("view-out", "other-out"),
  "step-in": () => {
    go("view-room");
    tell("other-back");
  },
  "someone-came-in": () => {
    away("view-neutral");
    unsay();
  },
  "close-fast": () => {
    closedFast = true;
    away("view-neutral");
    unsay();
  },
  "carry-on": carryOn,
  "leave": leave,
  "leave-now": leave,
  "done-for-today": leave,
};

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  // The ways on of a meeting lead nowhere from here.
  const link = target.closest<HTMLAnchorElement>("#stage a[href]");
  if (link) {
    event.preventDefault();
    away("view-start", link.pathname === "/not-now" ? "other-not-now" : "other-left");
    return;
  }
  const control = target.closest<HTMLElement>("button[data-do]");
  if (!control) return;
  const press = PRESSES[control.dataset.do!];
  if (press) press(control.dataset.id ?? "");
  else tell("other-unknown");
});

document.addEventListener("change", ({ target }) => {
  const control = (target as Element).closest<HTMLInputElement | HTMLSelectElement>("[data-do]");
  if (control?.dataset.do === "means") {
    means = control.value;
    tryDevices();
  }
  if (control?.dataset.do === "around") sayAround(control.value);
  if ((target as Element).closest("#tell")) tell("other-tell");
  const isNoise = control?.dataset.do === "noise";
  if (isNoise) tell("other-noise");
  const kind = isNoise ? "microphone" : control?.dataset.do?.match(/^choose-(microphone|camera)$/)?.[1] as Kind | undefined;
  if (!kind) return;
  if (!isNoise) chosen[kind] = control!.value;
  if (!held[kind]) return;
  letGo(kind);
  void ask(kind);
});

document.addEventListener("input", ({ target }) => {
  const field = target as HTMLTextAreaElement;
  if (field.dataset.do === "tell") show("tell-full", field.value.length >= field.maxLength);
});

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (!form.closest("#stage")) return;
  event.preventDefault();
  const field = form.querySelector("input");
  const line = field?.value.trim();
  if (form.dataset.do !== "chat" || !field || !line) return;
  field.value = "";
  chat(line);
});

document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") closePanel();
});
addEventListener("pagehide", letGoOfAll);

furnish();
drawAround();
setInterval(drawLevel, LEVEL_MS);
setInterval(() => view === "view-waiting" && drawClock(), 1_000);
draw();
show("begin", true);
