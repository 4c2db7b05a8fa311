// Every page that is not the room: axe finds nothing, the keyboard reaches everything, nobody else is asked for
// anything, titles name nobody; phone and desktop, light and dark, three languages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeBrowsers } from '../lib/browsers.mjs';
import { Server } from '../lib/server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
const LANGUAGES = ['nb', 'nn', 'en'];
const PATHS = ['/', '/lock', '/help', '/unsupported', '/goodbye', '/nothing-here'];

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('pages', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(async () => { await server?.stop();
    await closeBrowsers(); });

  /** What axe finds, as one line each. */
  async function faults(person) {
    await person.page.evaluate(axe);
    const { violations } = await person.page.evaluate(() => window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  }

  /** Tabs through the page; returns the controls that can be used but were not reached. */
  async function unreached(person) {
    const controls = 'a[href], button:not([disabled]), input:not([type="hidden"]):not([disabled]), select, summary';
    const wanted = await person.page.evaluate((selector) => {
      // A group of radio buttons is one stop: the chosen one, or the first.
      const isStop = (e) => {
        if (e.type !== 'radio') return true;
        const group = [...document.getElementsByName(e.name)];
        return e === (group.find((one) => one.checked) ?? group[0]);
      };
      return [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility() && isStop(e)).map((e, i) => { e.dataset.walk = String(i); return String(i); });
    }, controls);
    await person.page.bringToFront();
    const reached = new Set();
    for (let step = 0; step < wanted.length + 10; step += 1) {
      await person.page.keyboard.press('Tab');
      const [mark, visible, what] = await person.page.evaluate(() => {
        const { activeElement: at } = document;
        return [at?.dataset.walk, at?.matches(':focus-visible'), at?.outerHTML.slice(0, 160)];
      });
      if (mark) {
        assert.ok(visible, `the focus can be seen on ${what}`);
        reached.add(mark);
      }
    }
    return wanted.filter((mark) => !reached.has(mark));
  }

  async function look(person, path, name) {
    await person.open(new URL(path, server.links.young).href);
    assert.deepEqual(await faults(person), [], `${name}: axe`);
    assert.deepEqual(await unreached(person), [], `${name}: keyboard`);
    assert.equal(await person.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${name}: nothing overflows`);
    assert.doesNotMatch(await person.page.title(), /Kari|Nora|BUP|barnevern/i, `${name}: the title names nobody (SEC-012)`);
    await person.picture(`page-${name}`);
  }

  for (const language of LANGUAGES) {
    test(`public pages in ${language}: axe, keyboard, width, title`, async () => {
      const person = await Person.at('chromium', { viewport: PHONE, language });
      for (const path of PATHS) {
        const name = `${path.slice(1) || 'front'}-${language}`;
        await look(person, path, name);
        assert.match(await person.page.$eval('html', (html) => html.lang), new RegExp(`^${language}`));
      }
      const strangers = person.requests.filter((url) => !new URL(url).hostname.endsWith('localhost'));
      assert.deepEqual(strangers, [], 'nobody else was asked for anything (SEC-011)');
      await person.close();
    });
  }

  for (const dark of [false, true]) {
    test(`the day and the device check, ${dark ? 'dark' : 'light'}, phone and desktop`, async () => {
      for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
        const person = await Person.at('chromium', { viewport, dark });
        const name = `${size}-${dark ? 'dark' : 'light'}`;
        await person.open(server.links.clinician);
        await look(person, new URL('/day', server.links.clinician).href, `day-${name}`);
        await person.open(server.links.young);
        await person.until('phase', 'checking');
        assert.deepEqual(await faults(person), [], `check ${name}: axe`);
        assert.deepEqual(await unreached(person), [], `check ${name}: keyboard`);
        await person.picture(`page-check-${name}`);
        await person.close();
      }
    });
  }

  test('a link that is not there and a meeting that is not yours look the same (SEC-028)', async () => {
    const person = await Person.at('chromium');
    await person.open(server.links.young);
    const texts = [];
    for (const path of ['/meeting/0199c0de-0000-7000-8000-000000000000', '/nothing-here']) {
      await person.open(new URL(path, server.links.young).href);
      texts.push(await person.text('main'));
    }
    assert.equal(texts[0], texts[1]);
    await person.close();
  });
});
