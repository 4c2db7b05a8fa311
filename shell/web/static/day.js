// Looks every few seconds whether the number of people who wait has changed, and shows the page anew when it has.
// The page works without this; then "look again" does the same by hand.
const EVERY_MS = 4000;
const shown = Number(document.querySelector("[data-waiting]").dataset.waiting);

async function look() {
  try {
    const answer = await fetch("/day/waiting", { cache: "no-store" });
    if (answer.status === 403) return location.reload();
    if (answer.ok && (await answer.json()).waiting !== shown) return location.reload();
  } catch {
    // The line is down; the next look may find it up again.
  }
  setTimeout(look, EVERY_MS);
}

setTimeout(look, EVERY_MS);
