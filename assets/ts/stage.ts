// Loads the page's own module; it finds the rest of the page by itself. Should that module break, nobody is left to
// say so or to stop what it has started, while the workers would go on sealing camera and microphone. So whatever
// runs by itself is remembered here, outside the module, and ended when the module breaks (SEC-018).
import init from "stage-wasm";

type Running = { close?(): unknown; stop?(): unknown; terminate?(): unknown };
type Maker = new (...given: any[]) => Running & EventTarget;
type Ask = (wish?: MediaStreamConstraints) => Promise<MediaStream>;

const running: WeakRef<Running>[] = [];
let isOver = false;

function remember(one: Running) {
  if (isOver) end(one);
  else running.push(new WeakRef(one));
}

function end(one?: Running) {
  one?.close?.();
  one?.stop?.();
  one?.terminate?.();
}

function remembering(Real: Maker): Maker {
  return class extends Real {
    constructor(...given: any[]) {
      super(...given);
      // The first of its listeners: that we closed it is no news for the module.
      this.addEventListener("close", (event) => isOver && event.stopImmediatePropagation());
      remember(this);
    }
  };
}

const makers = window as unknown as Record<string, Maker>;
for (const name of ["Worker", "WebSocket", "RTCPeerConnection", "AudioContext"]) {
  if (makers[name]) makers[name] = remembering(makers[name]);
}
const devices = navigator.mediaDevices as unknown as Record<string, Ask> | undefined;
for (const name of ["getUserMedia", "getDisplayMedia"]) {
  const ask = devices?.[name]?.bind(devices);
  if (!ask) continue;
  devices![name] = async (wish) => {
    const stream = await ask(wish);
    stream.getTracks().forEach(remember);
    return stream;
  };
}
// A browser without tracks is sent elsewhere by the module.
const tracks = makers.MediaStreamTrack?.prototype as unknown as MediaStreamTrack | undefined;
if (tracks) {
  const { clone } = tracks;
  tracks.clone = function remembered(this: MediaStreamTrack) {
    const copy = clone.call(this);
    remember(copy);
    return copy;
  };
}

// What has gone through the module's code says so in its stack, whichever kind of error it is.
const isOurs = (why: unknown) => why instanceof WebAssembly.RuntimeError || /wasm-function|\.wasm:/.test(String((why as Error)?.stack));

// Everything ends first; then the words, and nothing else of what was on the screen.
function stopEverything() {
  if (isOver) return;
  isOver = true;
  for (const one of running) end(one.deref());
  for (const player of document.querySelectorAll<HTMLMediaElement>("audio, video")) player.srcObject = null;
  const words = JSON.parse(document.getElementById("words")!.textContent!);
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const text = Object.assign(document.createElement("h1"), { id: "stopped", className: "ds-heading narrow view", tabIndex: -1 });
  text.textContent = words["stopped"];
  icon?.setAttribute("href", document.getElementById("stage")!.dataset.plainIcon!);
  document.title = words["neutral-title"];
  document.documentElement.dataset.phase = "stopped";
  document.getElementById("main")!.replaceChildren(text);
  text.focus();
}

addEventListener("error", ({ error }) => isOurs(error) && stopEverything());
addEventListener("unhandledrejection", ({ reason }) => isOurs(reason) && stopEverything());

try {
  await init({ module_or_path: new URL("stage.wasm", import.meta.url) });
} catch (error) {
  stopEverything();
  throw error;
}
