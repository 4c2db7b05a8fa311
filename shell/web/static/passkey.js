// Carries a passkey ceremony between the server and the browser: asks the server what to ask, asks the browser, and
// brings its answer back. Every text stands in the page; this only chooses which of them is seen.
const box = document.querySelector("[data-passkey]");
const parts = (name) => box.querySelectorAll(`[data-part="${name}"]`);
const button = box.querySelector("button");

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// What the server or the browser says went wrong, by the name of the words for it.
class Failed extends Error {}
const NAMES = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "here", SecurityError: "address", NotSupportedError: "unsupported", ConstraintError: "unverified" };
const STATUS = { 403: "signed-out", 404: "link", 429: "often" };

function say(why) {
  for (const words of box.querySelectorAll("[data-why]")) words.hidden = words.dataset.why !== why;
  for (const words of parts("works")) words.hidden = why !== "works";
}

async function send(where, what) {
  let answer;
  try {
    answer = await fetch(where, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(what) });
  } catch {
    throw new Failed("line");
  }
  const json = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) throw new Failed(json.why ?? STATUS[answer.status] ?? "line");
  return json;
}

const named = (list) => list.map(({ type, id }) => ({ type, id: toBytes(id) }));

async function make({ challenge, user, excludeCredentials, ...rest }) {
  const publicKey = { ...rest, challenge: toBytes(challenge), user: { ...user, id: toBytes(user.id) }, excludeCredentials: named(excludeCredentials) };
  const made = await navigator.credentials.create({ publicKey });
  const { credProps } = made.getClientExtensionResults();
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: { clientDataJSON: toText(made.response.clientDataJSON), attestationObject: toText(made.response.attestationObject) },
    clientExtensionResults: credProps === undefined ? {} : { credProps: credProps.rk === undefined ? {} : { rk: credProps.rk } },
  };
}

async function find({ challenge, allowCredentials, ...rest }) {
  const found = await navigator.credentials.get({ publicKey: { ...rest, challenge: toBytes(challenge), allowCredentials: named(allowCredentials) } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: toText(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: toText(clientDataJSON), authenticatorData: toText(authenticatorData),
      signature: toText(signature), userHandle: userHandle ? toText(userHandle) : "",
    },
  };
}

async function go() {
  const label = box.querySelector("input")?.value;
  button.disabled = true;
  say("works");
  try {
    const { handle, options } = await send(box.dataset.begin, {});
    const answer = await (box.dataset.passkey === "register" ? make(options) : find(options));
    const { to } = await send(box.dataset.finish, { handle, answer, label });
    location.assign(to);
  } catch (error) {
    say(error instanceof Failed ? error.message : (NAMES[error?.name] ?? "cancelled"));
    button.disabled = false;
    button.focus();
  }
}

async function begin() {
  if (!window.isSecureContext || !window.PublicKeyCredential || !navigator.credentials) return say("unsupported");
  if (box.dataset.host === "") return say("no-address");
  if (box.dataset.host !== location.hostname) return say("address");
  say(undefined);
  for (const part of parts("press")) part.hidden = false;
  button.addEventListener("click", go);
  const own = await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.().catch(() => false);
  // A hint only: a security key or a phone may do, and what was said meanwhile matters more.
  if (!own && !button.disabled && !box.querySelector("[data-why]:not([hidden])")) say("device");
}

begin();
