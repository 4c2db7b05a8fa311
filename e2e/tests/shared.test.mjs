// A device that staff lend for one hour: by keyboard at phone width, in both browsers, with the back button, a reload, a
// second tab and a closed one; then a code on the clinician's screen, and every page looked at.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { everySize } from '../lib/looks.mjs';
import { arrive, hears, host, letIn, members, sees, walkToMeeting } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const at = (server, path) => new URL(path, server.links.clinician).href;

/** Presses a key on this and stands on the page that it leads to. */
async function go(person, selector, name = 'Enter') {
  await tabTo(person, selector);
  await Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.page.keyboard.press(name)]);
}

/** Somebody of the demo, fully signed in at a browser, at the page where their day begins. */
async function signedIn(kind, server, who, options) {
  const person = await Person.at(kind, options);
  await person.open(at(server, '/'));
  const links = await person.page.$$eval('a[href*="/demo/"]', (all) => all.map(({ href, innerText }) => [innerText, href]));
  const [, link] = links.find(([words]) => words === who) ?? [];
  assert.ok(link, `the demo has ${who}: ${links.map(([words]) => words)}`);
  await person.open(link);
  return person;
}

/** A device on which Amir has pressed *I have left the room*, all by keyboard. */
async function lent(kind, server, options = { viewport: PHONE }) {
  const device = await signedIn(kind, server, 'Ansatt der den unge bor', options);
  await walkToMeeting(device);
  await go(device, 'a[href^="/lend/"]');
  await key(device, 'input[name="known"]', 'Space');
  await go(device, 'form[action^="/lend/"] button');
  assert.equal(new URL(device.page.url()).pathname, '/here');
  return device;
}

/** A path on the host that this browser stands on; each of the demo's people has one of their own. */
const on = (person, path) => new URL(path, person.page.url()).href;
const pathOf = (person) => new URL(person.page.url()).pathname;
const status = (person, path) => person.page.evaluate(async (where) => (await fetch(where, { redirect: 'manual' })).status, path);

/** What a browser keeps beyond its tabs: the device key of whoever used it before, stores and cookies. */
async function kept(person) {
  const { key: publicKey, stores } = await person.page.evaluate(async () => {
    const settled = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const names = (await indexedDB.databases()).map(({ name }) => name);
    let key;
    if (names.includes('samrom')) {
      const database = await settled(indexedDB.open('samrom'));
      const pair = await settled(database.transaction('device').objectStore('device').get('key'));
      key = pair && [...new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))].join(' ');
      database.close();
    }
    return { key, stores: [...names, ...Object.entries(localStorage).flat()] };
  });
  const cookies = (await person.context.cookies()).filter(({ value }) => value).map(({ name }) => name);
  return { publicKey, stores, cookies };
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const [kind, hostKind] of [['chromium', 'firefox'], ['firefox', 'chromium']]) {
  describe(`a lent device in ${kind}`, () => {
    let server;
    let clinician;
    let device;
    before(async () => {
      server = await Server.start();
      clinician = await host(hostKind, server.links.clinician);
    });
    after(() => closeAll([clinician, device], server));

    test('staff go out and cannot come back, she starts, is let in and leaves without a trace (SEC-085, SEC-087, SEC-088)', async () => {
      device = await lent(kind, server);
      assert.match(await device.text('main'), /Du har time med Kari\.[^]*logget ut her[^]*Vent til de har gått/);
      const here = device.page.url();
      await device.page.goBack({ waitUntil: 'domcontentloaded' });
      await device.page.reload({ waitUntil: 'domcontentloaded' });
      assert.match(await device.text('main'), /Denne enheten er lånt bort til en time/, 'the way back is shut');
      await device.open(on(device, '/sign-in'));
      assert.match(await device.text('main'), /Denne enheten er lånt bort til en time/, 'nobody signs in beside her');
      await device.open(here);
      const before = await kept(device);
      await go(device, 'form[action="/here/start"] button');
      await device.until('phase', 'checking');
      await arrive(device);
      await device.until('phase', 'waiting');
      await clinician.when(() => document.querySelector('#lobby-list')?.innerText.includes('bekreftet av en ansatt'));
      await letIn(clinician);
      await members([clinician, device]);
      await Promise.all([sees(clinician), sees(device), hears(clinician), hears(device)]);

      // A reload is her own, and the key of before is gone with the page: the clinician looks again.
      await device.reload();
      await device.until('phase', ['checking', 'waiting']);
      if (await device.data('phase') === 'checking') await arrive(device);
      await letIn(clinician);
      await members([clinician, device]);

      await device.press('#leave');
      await device.until('phase', 'ended');
      const meeting = pathOf(device);
      await device.when(async (where) => (await fetch(where, { redirect: 'manual' })).status === 403, { polling: 250 }, meeting);
      await Promise.all([device.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), device.press('#view-ended a')]);
      assert.match(await device.text('main'), /Ferdig for i dag/);
      const front = on(device, '/');
      await device.page.close();
      await device.newPage();
      await device.open(front);
      assert.deepEqual(await kept(device), { ...before, cookies: [] }, 'SEC-088: as it was, and nobody signed in');
    });

    test('a second tab beside hers changes nothing; when hers is gone the next finds it closed (SEC-088)', async () => {
      await device?.close();
      device = await lent(kind, server);
      await go(device, 'form[action="/here/start"] button');
      await device.until('phase', 'checking');
      const meeting = device.page.url();
      const hers = device.page;
      await device.newPage();
      await device.open(meeting);
      await device.until('phase', 'checking');
      await device.when(() => sessionStorage.getItem('samrom-here') === 'yes');
      assert.equal(await status(device, meeting), 200, 'it is open still');
      await device.page.close();
      await hers.close();

      await device.newPage();
      await device.open(meeting).catch(() => {});
      await device.when(() => location.pathname === '/goodbye');
      assert.equal(await status(device, meeting), 403);
    });

    test('not now closes it at once, without a word to anybody', async () => {
      await device?.close();
      device = await lent(kind, server);
      await go(device, 'form[action="/here/close"] button');
      assert.equal(pathOf(device), '/goodbye');
      await device.open(on(device, '/here')).catch(() => {});
      assert.match(await device.text('main'), /Du er ikke logget inn/);
      assert.deepEqual((await kept(device)).cookies, []);
    });
  });
}

describe('pages of lending, looked at', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const dark of [false, true]) {
    test(`axe, keyboard and width, ${dark ? 'dark' : 'light'}`, async () => {
      const look = (person, what) => everySize(person, what, { dark, picture: 'shared' });
      const press = (person, selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
      const clinician = await signedIn('chromium', server, 'Behandler', { viewport: PHONE, dark });
      await press(clinician, 'a[href^="/appointment/"]');
      await press(clinician, 'a[href^="/lend/"]');
      await look(clinician, 'lend');
      const lend = clinician.page.url();
      await clinician.page.evaluate(() => document.querySelectorAll('[required]').forEach((field) => { field.required = false; }));
      await press(clinician, 'form[action^="/lend/"] button[data-size="lg"]');
      await look(clinician, 'lend-refused');
      await clinician.press('details > summary');
      await clinician.press('details input[name="invitation"]');
      await clinician.press('details input[name="known"]');
      await press(clinician, 'details button');
      await look(clinician, 'code');
      await clinician.open(lend);
      await clinician.press('form[action^="/lend/"] input[name="invitation"]');
      await clinician.press('form[action^="/lend/"] input[name="known"]');
      await press(clinician, 'form[action^="/lend/"] button[data-size="lg"]');
      await look(clinician, 'here');
      await clinician.open(on(clinician, '/day')).catch(() => {});
      await look(clinician, 'lent');
      await press(clinician, 'form[action="/here/close"] button');
      const worker = await Person.at('chromium', { viewport: PHONE, dark });
      await worker.open(server.links.careWorker);
      await walkToMeeting(worker);
      await press(worker, 'a[href^="/lend/"]');
      await look(worker, 'lend-by-link');
      await Promise.all([clinician.close(), worker.close()]);
    });
  }
});
