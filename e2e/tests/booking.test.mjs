// Booking to closed record as a clinician does it: by keyboard alone at phone width, in both browsers; then every page
// looked at by axe and by the keyboard, at both sizes, light and dark.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { NAMES } from '../lib/demo.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { overflowing, owes } from '../lib/looks.mjs';
import { guest } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const kind of ['chromium', 'firefox']) {
  describe(`booking to closed record by keyboard in ${kind}`, () => {
    let server;
    let clinician;
    before(async () => {
      server = await Server.start();
      clinician = await Person.at(kind, { viewport: PHONE });
      await clinician.open(server.links.clinician);
      await clinician.open(new URL('/day', server.links.clinician).href);
    });
    after(() => closeAll([clinician], server));

    /** Presses a key on this and stands on the page that it leads to. */
    async function go(selector, name = 'Enter') {
      await tabTo(clinician, selector);
      await Promise.all([
        clinician.page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
        clinician.page.keyboard.press(name),
      ]);
    }

    /** The field's year, one later: whatever the browser calls the parts of a date, the year comes last. */
    async function nextYear() {
      await tabTo(clinician, '#date');
      for (const name of ['Tab', 'Tab', 'ArrowUp']) await clinician.page.keyboard.press(name);
    }

    test('a time that is taken is said, and nothing that was written is lost', async () => {
      await go('a[href="/book"]');
      await go('a[href^="/book/"]');
      await key(clinician, 'input[name="minutes"]', 'ArrowRight');
      await go('form[action^="/book/"] button');
      assert.match(await clinician.text('[role="alert"]'), /du har en annen time da/i);
      assert.equal(await clinician.page.$eval('input[name="minutes"]:checked', ({ value }) => value), '45');
    });

    test('another time is free: the hour is booked', async () => {
      await nextYear();
      await go('form[action^="/book/"] button');
      assert.match(new URL(clinician.page.url()).pathname, /^\/appointment\//);
      assert.match(await clinician.text('main'), /video/i);
      assert.match(await clinician.text('main'), /beskjed (på vei|sendt)/i, 'she is told with it (SEC-065)');
      assert.doesNotMatch(await clinician.page.title(), NAMES);
    });

    test('it is moved, held by telephone, and called off, each in a few keys', async () => {
      await key(clinician, 'details:nth-of-type(1) > summary', 'Enter');
      await tabTo(clinician, 'input[name="minutes"]');
      await clinician.page.keyboard.press('ArrowUp');
      await go('form[action$="/move"] button');
      assert.equal(await clinician.page.$eval('input[name="seen"]', ({ value }) => value), '1');
      await key(clinician, 'details:nth-of-type(2) > summary', 'Enter');
      await go('button[name="mode"][value="phone"]');
      assert.match(await clinician.text('main'), /telefon/i);
      await key(clinician, 'details:nth-of-type(3) > summary', 'Enter');
      await key(clinician, 'input[name="by"]', 'Space');
      await key(clinician, 'input[name="cause"]', 'Space');
      await go('form[action$="/cancel"] button');
      assert.match(await clinician.text('main'), /timen er avlyst/i);
      assert.equal(await clinician.page.$('form[action$="/move"]'), null, 'nothing more to change');
    });

    test('yesterday\'s call is closed as proposed: three keys from the day', async () => {
      await go('.back a');
      await go('a[href$="/close"]');
      await key(clinician, 'input[name="usefulness"]', 'Space');
      await go('form[action$="/close"] button');
      assert.match(await clinician.text('h1'), /timen er lukket/i);
      assert.match(await clinician.page.$eval('textarea', ({ value }) => value), /Holdt: Telefon\./);
      await go('.back a');
      assert.equal(await clinician.page.$('a[href$="/close"]'), null, 'nothing is left to close');
      // A form that comes back says so by its status, which Chromium writes down.
      assert.deepEqual(clinician.console.filter((line) => /^(error|pageerror)/.test(line) && !line.includes('422')), []);
      assert.doesNotMatch(server.log(), /Nora|Kari|panicked|ERROR/);
    });
  });
}

for (const [guestKind, hostKind] of [['chromium', 'firefox'], ['firefox', 'chromium']]) describe(`the clinician is late, she waits in ${guestKind}`, () => {
  let server;
  let clinician;
  let young;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([young, clinician], server));

  test('five minutes late: who waits is told at once, and that it is not their fault (CARE-09)', async () => {
    young = await guest(guestKind, server.links.young, { viewport: PHONE });
    clinician = await Person.at(hostKind);
    await clinician.open(server.links.clinician);
    await clinician.open(new URL('/day', server.links.clinician).href);
    await clinician.press('form.late button');
    await young.when(() => document.documentElement.dataset.why === 'host-late', { timeout: 10_000 });
    assert.match(await young.text('#waiting-why'), /litt forsinket\. Det er ikke din feil\. Dere begynner omtrent klokka \d\d\.\d\d\./);
    if (guestKind === 'chromium') await owes(young, 'waiting for somebody late');
    await young.picture(`plan-late-${guestKind}`);
  });
});

describe('the pages of planning', () => {
  let server;
  let closed;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const dark of [false, true]) {
    test(`axe, keyboard and width, ${dark ? 'dark' : 'light'}`, async () => {
      for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
        const person = await Person.at('chromium', { viewport, dark });
        const name = `${size}-${dark ? 'dark' : 'light'}`;
        const look = async (what) => {
          await owes(person, `${what}, ${name}`);
          await person.picture(`plan-${what}-${name}`);
          await person.resize({ ...viewport, width: 320 });
          assert.deepEqual(await overflowing(person), [], `${what} at 320`);
          await person.resize(viewport);
          assert.doesNotMatch(await person.page.title(), NAMES, 'SEC-012');
        };
        const press = (selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
        const open = (path) => person.open(new URL(path, server.links.clinician).href);
        await person.open(server.links.clinician);
        await open('/day');
        await look('day');
        await press('a[href="/book"]');
        await look('who');
        await press('a[href^="/book/"]');
        await look('form');
        for (const fold of await person.page.$$('details > summary')) await fold.click();
        await look('form-open');
        await press('form[action^="/book/"] button');
        await look('form-refused');
        await open('/day');
        await press('a[href^="/appointment/"]:not([href$="/close"])');
        await look('appointment');
        for (const fold of await person.page.$$('details > summary')) await fold.click();
        await look('appointment-open');
        await press('a[href$="/messages"]');
        for (const fold of await person.page.$$('main .fold > summary')) await fold.click();
        await look('messages');
        await open('/day');
        // The first of these visits closes the one hour that is not closed; what comes after looks at what it wrote.
        if (!closed) {
          await press('a[href$="/close"]');
          await look('close');
          await press('form[action$="/close"] button');
          closed = new URL(person.page.url()).pathname;
        }
        await open(closed);
        await look('closed');
        await person.close();
      }
    });
  }

  test('an hour called off or held by telephone: who waits for it is told so in words', async () => {
    const clinician = await Person.at('chromium');
    await clinician.open(server.links.clinician);
    await clinician.open(new URL('/day', server.links.clinician).href);
    await Promise.all([
      clinician.page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
      clinician.press('a[href^="/appointment/"]:not([href$="/close"])'),
    ]);
    const hour = clinician.page.url();
    const young = await guest('chromium', server.links.young, { viewport: PHONE });
    const press = async (fold, button) => {
      await clinician.press(`details:nth-of-type(${fold}) > summary`);
      if (fold === 3) for (const name of ['by', 'cause']) await clinician.press(`input[name="${name}"]`);
      await Promise.all([clinician.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), clinician.press(button)]);
    };
    await press(2, 'button[name="mode"][value="phone"]');
    await young.until('phase', 'refused');
    assert.match(await young.text('#refused-text'), /ikke på skjerm/);
    await owes(young, 'an hour by telephone');
    await clinician.open(hour);
    await press(3, 'form[action$="/cancel"] button');
    await young.reload();
    await young.until('phase', 'refused');
    assert.match(await young.text('#refused-text'), /avlyst/);
    await young.picture('plan-called-off');
    await Promise.all([young.close(), clinician.close()]);
  });
});
