// Every page that is not the room: axe finds nothing, the keyboard reaches everything, nobody else is asked for
// anything, titles name nobody; phone and desktop, light and dark, three languages.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { overflowing, owes } from '../lib/looks.mjs';
import { Server } from '../lib/server.mjs';

const NARROW = { width: 320, height: 640, deviceScaleFactor: 1 };
const LANGUAGES = ['nb', 'nn', 'en'];
const PATHS = ['/', '/lock', '/lock/how', '/who-sees', '/practice', '/help', '/unsupported', '/goodbye', '/not-now', '/nothing-here'];

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
        const name = `${path.slice(1).replaceAll('/', '-') || 'front'}-${language}`;
        await look(person, path, name);
        for (const viewport of [DESKTOP, NARROW]) {
          await person.resize(viewport);
          assert.deepEqual(await overflowing(person), [], `${name} at ${viewport.width}`);
        }
        if (language === 'nb') {
          await person.resize(DESKTOP);
          await person.inScheme('dark');
          await owes(person, `${name} at a desk, dark`);
          await person.picture(`page-${name}-desktop-dark`);
          await person.inScheme('light');
        }
        await person.resize(PHONE);
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

  test('the way in by a personal link: a new one, its arrival, and one that is gone; phone and desktop', async () => {
    for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
      const clinician = await Person.at('chromium', { viewport });
      await clinician.open(server.links.clinician);
      await clinician.open(new URL('/day', server.links.clinician).href);
      await clinician.press('form[action="/day/link"] button');
      await clinician.see('#message');
      await owes(clinician, `a new link, ${size}`);
      await clinician.picture(`page-new-link-${size}`);
      const link = (await clinician.page.$eval('#message', ({ value }) => value)).match(/https?:\S+/)[0];
      assert.ok(!(await clinician.page.$eval('#plain', ({ value }) => value)).includes('http'), 'a text without a link is a choice');
      await clinician.close();
      const young = await Person.at('chromium', { viewport });
      await look(young, link, `arrive-${size}`);
      assert.match(await young.page.$eval('form', ({ method }) => method), /post/, 'opening a link does nothing yet (CARE-13)');
      await look(young, new URL('/j/abcdefghijklmnop', link).href, `gone-${size}`);
      await young.close();
    }
  });

  test('nothing moves by itself, whether one asks for less motion or not', async () => {
    const person = await Person.at('chromium');
    await person.open(server.links.young);
    await person.until('phase', 'checking');
    const moving = () => person.page.evaluate(() => [...document.querySelectorAll('*')].filter((element) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(element);
      return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration) || scrollBehavior !== 'auto';
    }).map(({ tagName, className }) => `${tagName}.${className}`));
    assert.deepEqual(await moving(), []);
    await person.page.evaluate(() => { document.querySelector('h1').style.transition = 'color 1s'; });
    assert.equal((await moving()).length, 1, 'what moves is seen');
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
