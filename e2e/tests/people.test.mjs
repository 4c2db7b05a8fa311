// From an administrator to a booked hour, by keyboard alone at phone width: she enters a clinician and hands over a link,
// the clinician makes a passkey, enters a young person and her guardian, and books. Firefox, whose driver has no device
// for passkeys, signs in by the demo. Then every page of people and places is looked at.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO, NAMES } from '../lib/demo.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { overflowing, owes } from '../lib/looks.mjs';
import { giveDevice } from '../lib/passkey.mjs';
import { Server } from '../lib/server.mjs';

/** Presses a key on this and stands on the page that it leads to. */
async function go(person, selector, name = 'Enter') {
  await tabTo(person, selector);
  await Promise.all([
    person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }),
    person.page.keyboard.press(name),
  ]);
}

/** Writes into a field. */
async function write(person, selector, text) {
  await tabTo(person, selector);
  await person.page.keyboard.type(text);
}

const path = (person) => new URL(person.page.url()).pathname;

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const kind of ['chromium', 'firefox']) {
  describe(`from administrator to booked hour by keyboard in ${kind}`, () => {
    const byPasskey = kind === 'chromium';
    let server;
    let administrator;
    let clinician;
    let link;
    before(async () => {
      server = await Server.start({ demo: !byPasskey });
      administrator = await Person.at(kind, { viewport: PHONE });
      clinician = await Person.at(kind, { viewport: PHONE });
    });
    after(() => closeAll([administrator, clinician], server));

    test('the administrator comes to the page of her clinic', async () => {
      if (byPasskey) {
        const clinic = server.admin('organization', '--name', 'Klinikken', '--kind', 'clinic');
        const id = server.admin('person', '--organization', clinic, '--kind', 'practitioner', '--given', 'Anne', '--family', 'Prøve');
        server.admin('role', 'grant', '--person', id, '--organization', clinic, '--role', 'administrator');
        await administrator.open(server.admin('staff-link', '--person', id));
        await giveDevice(administrator);
        await key(administrator, '[data-passkey] button', 'Enter');
        await administrator.when(() => location.pathname.startsWith('/admin/'));
      } else {
        await administrator.open(server.links.colleague);
        await administrator.open(new URL('/account', server.links.colleague).href);
        await go(administrator, 'a[href="/admin"]');
      }
      assert.match(path(administrator), /^\/admin\/[\w-]{36}$/);
      await administrator.picture(`people-office-${kind}`);
    });

    test('she enters a clinician; what is missing is said, and what was written stays', async () => {
      await go(administrator, 'a[href$="/new"]');
      await write(administrator, '#given', 'Per');
      await write(administrator, '#family', 'Demoås');
      await key(administrator, 'input[name="way"]', 'ArrowLeft');
      await go(administrator, 'form[action$="/new"] button');
      assert.match(await administrator.text('[role="alert"]'), /Skriv e-postadressen som meldinger skal sendes til/);
      assert.equal(await administrator.page.$eval('#given', ({ value }) => value), 'Per');
      await write(administrator, '#mail', 'per@example.org');
      await go(administrator, 'form[action$="/new"] button');
      assert.match(path(administrator), /\/staff\//);
      assert.equal(await administrator.page.$eval('input[value="clinician"]', ({ checked }) => checked), true);
    });

    test('the link is shown once, with how long it works', async () => {
      await go(administrator, 'form[action$="/link"] button');
      link = await administrator.page.$eval('#link', ({ value }) => value);
      assert.match(link, /\/first\/[\w-]{32}$/);
      assert.match(await administrator.text('main'), /virker til i morgen kl\. \d\d\.\d\d, og bare én gang/);
      await administrator.picture(`people-link-${kind}`);
      await go(administrator, 'main .actions a');
      assert.equal((await administrator.page.content()).includes(link), false);
    });

    test('the clinician signs in and has nobody yet', async () => {
      await clinician.open(link);
      if (byPasskey) {
        await giveDevice(clinician);
        await key(clinician, '[data-passkey] button', 'Enter');
        await clinician.when(() => location.pathname === '/day');
      } else {
        assert.match(await clinician.text('main'), /initialene PD/);
        await clinician.open(server.links.clinician);
        await clinician.open(new URL('/day', server.links.clinician).href);
      }
      await go(clinician, 'a[href="/people"]');
      await go(clinician, 'a[href="/people/new"]');
    });

    test('she enters a young person with a mail address', async () => {
      await write(clinician, '#given', 'Ida');
      await write(clinician, '#family', 'Demoli');
      await key(clinician, 'input[name="way"]', 'ArrowLeft');
      await write(clinician, '#mail', 'ida@example.org');
      await go(clinician, 'form[action="/people/new"] button');
      assert.match(path(clinician), /^\/people\/[\w-]{36}$/);
      assert.match(await clinician.text('main'), /E-post, ida@example\.org/);
      assert.doesNotMatch(await clinician.page.title(), /Ida|Demo/, 'SEC-012');
    });

    test('and her guardian, after saying which role', async () => {
      const around = 'form[action$="/around"]';
      await key(clinician, '#add-around > summary', 'Enter');
      await key(clinician, `${around} input[name="role"]`, 'Space');
      await write(clinician, '#new-given', 'Mor');
      await write(clinician, '#new-family', 'Demoli');
      await key(clinician, `${around} input[name="way"]`, 'ArrowLeft');
      await write(clinician, '#new-mail', 'mor@example.org');
      await go(clinician, `#add-around button`);
      assert.match(await clinician.text('#around'), /Mor Demoli\s+Foresatt/);
      await clinician.picture(`people-one-${kind}`);
    });

    test('and books an hour with them', async () => {
      await go(clinician, 'a[href^="/book/"]');
      await tabTo(clinician, '#date');
      for (const name of ['Tab', 'Tab', 'ArrowUp']) await clinician.page.keyboard.press(name);
      await go(clinician, 'form[action^="/book/"] button');
      assert.match(path(clinician), /^\/appointment\//, await clinician.text('main'));
      assert.match(await clinician.text('main'), /Ida Demoli/);
      assert.doesNotMatch(server.log(), /Ida|Demoli|example\.org|panicked|ERROR/);
      assert.match(server.verifyAudit(), /whole|entries/i);
    });
  });
}

describe('the pages of people and places', () => {
  let server;
  before(async () => { server = await Server.start(); });
  after(() => closeAll([], server));

  for (const dark of [false, true]) {
    test(`axe, keyboard and width, ${dark ? 'dark' : 'light'}`, async () => {
      for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
        const name = `${size}-${dark ? 'dark' : 'light'}`;
        const look = async (person, what) => {
          for (const fold of await person.page.$$('main details:not([open]) > summary')) await fold.click();
          await owes(person, `${what}, ${name}`);
          await person.picture(`people-${what}-${name}`);
          await person.resize({ ...viewport, width: 320 });
          assert.deepEqual(await overflowing(person), [], `${what} at 320`);
          await person.resize(viewport);
          assert.doesNotMatch(await person.page.title(), NAMES, 'SEC-012');
        };
        const press = (person, selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);
        const kari = await Person.at('chromium', { viewport, dark });
        await kari.open(server.links.clinician);
        const of = (where) => new URL(where, server.links.clinician).href;
        await kari.open(of('/people'));
        await look(kari, 'list');
        await kari.open(of('/people/new'));
        await look(kari, 'new');
        await kari.open(of(`/people/${DEMO.nora}`));
        await kari.press('main > div > details:last-of-type > summary');
        await press(kari, 'button[value="leave"]');
        await look(kari, 'one-refused');
        await kari.open(of(`/people/${DEMO.nora}`));
        await look(kari, 'one');
        await kari.close();

        const jonas = await Person.at('chromium', { viewport, dark });
        await jonas.open(server.links.colleague);
        const at = (where) => new URL(where, server.links.colleague).href;
        await jonas.open(at('/admin'));
        const office = path(jonas);
        await look(jonas, 'office');
        for (const [what, where] of [['staff-new', '/new'], ['member', `/staff/${DEMO.kari}`], ['helplines', '/helplines'], ['log', '/log']]) {
          await jonas.open(at(`${office}${where}`));
          await look(jonas, what);
        }
        await jonas.open(at(`${office}/staff/${DEMO.kari}`));
        await press(jonas, 'form[action$="/link"] button');
        await look(jonas, 'link');
        await jonas.open(at(office));
        await press(jonas, '#partners a');
        await look(jonas, 'partner');
        await jonas.close();
      }
    });
  }
});
