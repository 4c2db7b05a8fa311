// Makes the day's list live: looks every few seconds whether somebody waits, asks or answers who did not before, and then
// puts the new list in the old one's place, says so to those who listen, and rings softly when somebody has come to wait.
// The page works without this; then "look again" does the same by hand.
const EVERY_MS = 4000;
const list = () => document.querySelector("[data-live]");
const count = () => JSON.parse(list().dataset.live).waiting;
let sound;

// Browsers let a page ring only after somebody has touched it.
addEventListener("pointerdown", () => (sound ??= new AudioContext()), { once: true });
addEventListener("keydown", () => (sound ??= new AudioContext()), { once: true });

function ring() {
  if (sound?.state !== "running") return;
  [523.25, 659.25].forEach((frequency, number) => {
    const [tone, volume, start] = [sound.createOscillator(), sound.createGain(), sound.currentTime + number * 0.22];
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.12, start + 0.04);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.7);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.8);
  });
}

// What tells one control of the list from another, in the old list and the new.
const name = (control) => control?.getAttribute("href") ?? control?.form?.elements.invitation?.value ?? control?.closest("details")?.id;

async function show() {
  const answer = await fetch("/day", { cache: "no-store" });
  if (!answer.ok) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = count();
  const held = list().contains(document.activeElement) ? name(document.activeElement) : undefined;
  const unfolded = [...list().querySelectorAll("details[open]")].map((fold) => fold.id);
  list().replaceWith(document.importNode(fresh.querySelector("[data-live]"), true));
  for (const fold of list().querySelectorAll("details")) fold.open = unfolded.includes(fold.id);
  document.title = fresh.title;
  document.getElementById("announcer").textContent = list().dataset.says;
  if (held) [...list().querySelectorAll("a, button, summary")].find((control) => name(control) === held)?.focus();
  if (count() > before) ring();
}

async function look() {
  try {
    const answer = await fetch("/day/waiting", { cache: "no-store" });
    if (answer.status === 403) return location.reload();
    if (answer.ok && (await answer.text()) !== list().dataset.live) await show();
  } catch {
    // The line is down; the next look may find it up again.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
