// Every page that is not the room: axe finds nothing, the keyboard reaches everything, nobody else is asked for
// anything, titles name nobody; phone and desktop, light and dark, three languages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { Server } from '../lib/server.mjs';

const LANGUAGES = ['nb', 'nn', 'en'];
const PATHS = ['/', '/lock', '/help', '/unsupported', '/goodbye', '/not-now', '/nothing-here'];

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('pages', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  async function look(person, path, name) {
    await person.open(new URL(path, server.links.young).href);
    await owes(person, name);
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
      assert.deepEqual(person.strangers(), [], 'nobody else was asked for anything (SEC-011)');
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
        await owes(person, `check ${name}`);
        await person.picture(`page-check-${name}`);
        await person.close();
      }
    });
  }

  test('who wants less motion gets none', async () => {
    const person = await Person.at('chromium');
    await person.open(server.links.young);
    await person.until('phase', 'checking');
    const moving = () => person.page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
      return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration) || scrollBehavior !== 'auto';
    }).map(({ tagName, className }) => `${tagName}.${className}`));
    assert.ok((await moving()).length > 0, 'the check scrolls gently for everybody else');
    await person.page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    assert.deepEqual(await moving(), []);
    await person.close();
  });

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
