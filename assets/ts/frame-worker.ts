// The frame worker's browser half: takes encoded frames out of the connection, has Rust (browser/frame-worker) seal or
// open each, and puts back only what came out. What it cannot transform it drops: nothing passes as it was.
import init, { FrameWorker } from "frame-worker-wasm";

type Frame = { data: ArrayBuffer };
type Transformer = {
  readable: ReadableStream<Frame>;
  writable: WritableStream<Frame>;
  options: { line: number };
};

const now = () => performance.timeOrigin + performance.now();
let worker: FrameWorker | undefined;
let memory: WebAssembly.Memory;
let dead = false;
const early: (() => void)[] = [];

// The handlers stand before anything is awaited, so that neither the port nor a transform is missed.
self.onmessage = ({ data }: MessageEvent) => {
  if (data instanceof Uint8Array) whenReady(() => worker!.handle_command(data));
  else data.port.onmessage = ({ data: keys }: MessageEvent) => whenReady(() => worker!.handle_keys(keys, now()));
};
(self as unknown as { onrtctransform: unknown }).onrtctransform = (event: { transformer: Transformer }) => {
  const { readable, writable, options } = event.transformer;
  const transform = (frame: Frame, out: TransformStreamDefaultController<Frame>) => {
    if (guard(() => sealOrOpen(options.line, frame))) out.enqueue(frame);
  };
  readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable).catch(() => {});
};

try {
  ({ memory } = await init({ module_or_path: new URL("frame-worker.wasm", import.meta.url) }));
  worker = new FrameWorker();
  self.postMessage("ready");
  for (const action of early) whenReady(action);
} catch {
  dead = true;
  self.postMessage("lost");
}

function whenReady(action: () => void) {
  if (!worker) {
    if (!dead) early.push(action);
    return;
  }
  guard(() => {
    action();
    tell();
    return true;
  });
}

function sealOrOpen(line: number, frame: Frame): boolean {
  if (!worker) return false;
  const { byteLength } = frame.data;
  const input = worker.input(byteLength);
  if (input === 0) return false;
  new Uint8Array(memory.buffer, input, byteLength).set(new Uint8Array(frame.data));
  const length = worker.transform(line, now());
  tell();
  if (length < 0) return false;
  const output = worker.output();
  frame.data = memory.buffer.slice(output, output + length);
  return true;
}

function tell() {
  for (let event = worker!.poll_event(); event; event = worker!.poll_event()) self.postMessage(event);
}

// After a trap the module's memory means nothing any more: every frame is dropped from then on, and the page is told.
function guard(action: () => boolean): boolean {
  try {
    return action();
  } catch {
    worker = undefined;
    dead = true;
    self.postMessage("lost");
    return false;
  }
}
