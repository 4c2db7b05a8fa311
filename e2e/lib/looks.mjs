// What every page and every state of the room owes the eye and the hand: axe finds nothing, the keyboard reaches
// everything and the focus is seen, nothing overflows, every control is large enough, the title names nobody.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { DESKTOP, PHONE } from './browsers.mjs';
import { NAMES } from './demo.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const CONTROLS = 'a[href], button:not([disabled]), input:not([type="hidden"]):not([disabled]), select, summary';

/** What axe finds, as one line each. */
export async function faults(person) {
  if (!await person.page.evaluate(() => 'axe' in window)) await person.page.evaluate(axe);
  const { violations } = await person.page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** Tabs through the page; returns the controls that can be used but were not reached, in words for an error. */
export async function unreached(person) {
  const wanted = await person.page.evaluate((selector) => {
    // A group of radio buttons is one stop: the chosen one, or the first.
    const isStop = (e) => {
      if (e.type !== 'radio') return true;
      const group = [...document.getElementsByName(e.name)];
      return e === (group.find((one) => one.checked) ?? group[0]);
    };
    const modal = document.querySelector('dialog:modal');
    const controls = [...(modal ?? document).querySelectorAll(selector)];
    return controls.filter((e) => e.checkVisibility({ visibilityProperty: true }) && isStop(e)).map((e, i) => {
      e.dataset.walk = String(i);
      return [String(i), e.outerHTML.slice(0, 120)];
    });
  }, CONTROLS);
  await person.page.bringToFront();
  const reached = new Set();
  // A date or a time is several stops.
  for (let step = 0; step < 2 * wanted.length + 20 && reached.size < wanted.length; step += 1) {
    await person.page.keyboard.press('Tab');
    const { mark, visible, covered, what } = await person.page.evaluate(() => {
      const { activeElement: at } = document;
      const box = at.getBoundingClientRect();
      const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return {
        mark: at.dataset.walk,
        // The parts of a date have the focus within their field, which shows it by an outline of its own.
        visible: at.matches(':focus-visible') || (at.matches(':focus-within') && getComputedStyle(at).outlineStyle !== 'none'),
        // WCAG 2.2, 2.4.11: what has the focus is not hidden by what somebody else put there.
        covered: hit !== null && !at.contains(hit) && hit.closest('label')?.control !== at && !hit.contains(at),
        what: at.outerHTML.slice(0, 160),
      };
    });
    if (mark === undefined) continue;
    assert.ok(visible, `the focus can be seen on ${what}`);
    assert.ok(!covered, `nothing lies over ${what}`);
    reached.add(mark);
  }
  await person.page.evaluate(() => document.querySelectorAll('[data-walk]').forEach((e) => e.removeAttribute('data-walk')));
  return wanted.filter(([mark]) => !reached.has(mark)).map(([, what]) => what);
}

/** The controls under 24 by 24 pixels (WCAG 2.2, 2.5.8), links within a text excepted. */
export async function tooSmall(person) {
  return person.page.evaluate((selector) => [...document.querySelectorAll(selector)].filter((e) => {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.classList.contains('ds-skip-link')) return false;
    if (e.matches('a') && getComputedStyle(e).display === 'inline' && e.closest('p, li')) return false;
    const box = (e.closest('label') ?? e).getBoundingClientRect();
    return box.width < 24 || box.height < 24;
  }).map((e) => e.outerHTML.slice(0, 120)), CONTROLS);
}

/** The controls that a thumb may miss: under 44 pixels high, links within a text excepted. */
export async function narrow(person) {
  return person.page.evaluate((selector) => [...document.querySelectorAll(selector)].filter((e) => {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.classList.contains('ds-skip-link')) return false;
    if (e.matches('a') && getComputedStyle(e).display === 'inline' && e.closest('p, li')) return false;
    const box = (e.closest('label') ?? e).getBoundingClientRect();
    return box.height < 43.5 || box.width < 24;
  }).map((e) => `${Math.round((e.closest('label') ?? e).getBoundingClientRect().height)} px: ${e.outerHTML.replace(/\s+/g, ' ').slice(0, 140)}`), CONTROLS);
}

/** Texts wider than what holds them, and anything wider than the window. */
export async function overflowing(person) {
  return person.page.evaluate(() => {
    const found = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
    for (const e of document.querySelectorAll('button, a, summary, h1, h2, h3, p, li, label, dialog, aside')) {
      if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('.visually-hidden, .ds-skip-link') || !e.textContent.trim()) continue;
      const box = e.getBoundingClientRect();
      const clipped = getComputedStyle(e).overflowX === 'visible' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0;
      if (clipped || box.right > innerWidth + 1 || box.left < -1) found.push(`${e.outerHTML.slice(0, 120)} (${e.scrollWidth} in ${e.clientWidth}, ${Math.round(box.left)} to ${Math.round(box.right)})`);
    }
    return found;
  });
}

/** All of it at once. */
export async function owes(person, name) {
  assert.deepEqual(await faults(person), [], `${name}: axe`);
  assert.deepEqual(await unreached(person), [], `${name}: keyboard`);
  assert.deepEqual(await tooSmall(person), [], `${name}: large enough to hit`);
  assert.deepEqual(await overflowing(person), [], `${name}: nothing overflows`);
  assert.doesNotMatch(await person.page.title(), NAMES, `${name}: the title names nobody (SEC-012)`);
}

/**
 * What a page owes at every size: phone, desk and 320 pixels, with a picture of the first two; the title names nobody
 * (SEC-012).
 */
export async function everySize(person, what, { dark, picture }) {
  // A page without a script is there before its styles are.
  await person.when(() => document.readyState === 'complete');
  for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
    const name = `${size}-${dark ? 'dark' : 'light'}`;
    await person.resize(viewport);
    await person.page.evaluate(() => scrollTo(0, 0));
    await person.picture(`${picture}-${what}-${name}`);
    await owes(person, `${what}, ${name}`);
  }
  await person.resize({ ...PHONE, width: 320 });
  assert.deepEqual(await overflowing(person), [], `${what} at 320`);
  await person.resize(PHONE);
  assert.doesNotMatch(await person.page.title(), NAMES, 'SEC-012');
}
