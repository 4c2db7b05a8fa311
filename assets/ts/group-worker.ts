// The MLS worker's browser half: the device key in WebCrypto, what is remembered in IndexedDB, and the two channels.
// Everything that is decided is decided in Rust (browser/group-worker).
import init, { GroupWorker, WorkKind } from "group-worker-wasm";

type Device = { pair: CryptoKeyPair; publicKey: Uint8Array };

const DATABASE = "samrom";
const STORE = "device";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

const now = () => performance.timeOrigin + performance.now();
const started: Uint8Array[] = [];
let keys: MessagePort | undefined;
let worker: GroupWorker | undefined;
let device: Device;
let database: IDBDatabase | undefined;

// The handler stands before anything is awaited, so that the port is not missed.
self.onmessage = ({ data }: MessageEvent) => {
  if (data instanceof Uint8Array) {
    if (worker) guard(() => command(data));
    else started.push(data);
  } else {
    keys = data.port;
  }
};

try {
  const module = init({ module_or_path: new URL("group-worker.wasm", import.meta.url) });
  [, device] = await Promise.all([module, openDevice()]);
  worker = new GroupWorker(device.publicKey, (await stored<Uint8Array>("memory")) ?? new Uint8Array());
  self.postMessage("ready");
  for (const message of started) guard(() => command(message));
} catch {
  self.postMessage("lost");
}

function command(bytes: Uint8Array) {
  worker!.handle_command(bytes, now());
  work();
}

function work() {
  for (let next = worker!.poll(); next; next = worker!.poll()) {
    const { kind, ticket, drawing } = next;
    const bytes = next.into_bytes();
    if (drawing) self.postMessage({ drawing: drawing.path, frame: `0 0 ${drawing.side} ${drawing.side}` });
    if (kind === WorkKind.Event) self.postMessage(bytes);
    else if (kind === WorkKind.Keys) keys?.postMessage(bytes);
    else if (kind === WorkKind.Remember) write("memory", bytes);
    else sign(ticket, bytes);
  }
}

async function sign(ticket: number, bytes: Uint8Array) {
  try {
    const signature = await crypto.subtle.sign(SIGNATURE, device.pair.privateKey, bytes as BufferSource);
    guard(() => {
      worker!.handle_signature(ticket, new Uint8Array(signature), now());
      work();
    });
  } catch {
    lost();
  }
}

// After a trap the module's memory means nothing any more: no further call, no key stays in use, and the page is told.
function guard(action: () => void) {
  try {
    action();
  } catch {
    lost();
  }
}

function lost() {
  keys?.close();
  self.postMessage("lost");
  self.close();
}

// A device key is made once for each browser and origin and can never be read out. Where the store is closed to us (some
// private windows), the key lives as long as this page.
async function openDevice(): Promise<Device> {
  try {
    // On a device that was lent for one hour nothing is stored, and whose key lies there is not looked at (SEC-088).
    if (self.name !== "shared") database = await open();
  } catch {
    database = undefined;
  }
  let pair = await stored<CryptoKeyPair>("key");
  if (!pair) {
    const fresh = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
    await add("key", fresh);
    // Another tab may have been first; then its key is ours.
    pair = (await stored<CryptoKeyPair>("key")) ?? fresh;
  }
  return { pair, publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

async function stored<T>(name: string): Promise<T | undefined> {
  try {
    return await settled(database!.transaction(STORE).objectStore(STORE).get(name));
  } catch {
    return undefined;
  }
}

async function add(name: string, value: unknown) {
  try {
    await settled(database!.transaction(STORE, "readwrite").objectStore(STORE).add(value, name));
  } catch {
    // It is there already, or nothing can be stored.
  }
}

function write(name: string, value: unknown) {
  try {
    database?.transaction(STORE, "readwrite").objectStore(STORE).put(value, name);
  } catch {
    // Nothing can be stored: pins last as long as this page.
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
