// From an empty installation to a signed-in member of staff: `samrom admin`, a one-time link, a passkey, signing in by
// one button, ending sign-ins, a lost passkey. Chromium has a device of its own for it (a virtual authenticator).

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { owes } from '../lib/looks.mjs';
import { Server } from '../lib/server.mjs';

const PRESS = '[data-passkey] button';
const DEVICE = {
  protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
  isUserVerified: true, automaticPresenceSimulation: true,
};

/** A person's device: it makes passkeys, keeps them, and says yes. */
class Device {
  static async of(person) {
    const device = new Device();
    device.cdp = await person.page.createCDPSession();
    await device.cdp.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await device.cdp.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE });
    device.of = { authenticatorId };
    return device;
  }

  async credentials() {
    return (await this.cdp.send('WebAuthn.getCredentials', this.of)).credentials;
  }

  async take(credential) {
    await this.cdp.send('WebAuthn.addCredential', { ...this.of, credential });
  }

  /** Whether it finds that it is the right person. */
  async verifies(isUserVerified) {
    await this.cdp.send('WebAuthn.setUserVerified', { ...this.of, isUserVerified });
  }
}

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('passkeys', () => {
  let server;
  let kari;
  let device;
  let clinic;
  let id;
  let link;
  const others = [];
  before(async () => { server = await Server.start({ demo: false }); });
  after(() => closeAll([kari, ...others], server));

  async function someone(kind = 'chromium', options = {}) {
    const person = await Person.at(kind, { viewport: DESKTOP, ...options });
    others.push(person);
    return person;
  }

  const isAt = (person, wanted) => person.when((where) => location.pathname === where, {}, wanted);
  const says = (person, why) => person.see(`[data-why="${why}"]`);
  const signIns = (person) => person.page.$$eval('#sign-ins > li', (rows) => rows.length);

  /** All that a page owes, on phone and desk, in light and dark, with a picture of each. */
  async function look(person, name) {
    for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
      await person.resize(viewport);
      for (const scheme of ['light', 'dark']) {
        await person.inScheme(scheme);
        await owes(person, `${name}, ${size}, ${scheme}`);
        await person.picture(`page-${name}-${size}-${scheme}`);
      }
    }
    await person.inScheme('light');
    await person.resize(DESKTOP);
  }

  test('an empty installation: the front page leads to signing in, and nobody can', async () => {
    kari = await Person.at('chromium', { viewport: DESKTOP });
    device = undefined;
    await kari.open(server.url('/'));
    device = await Device.of(kari);
    await kari.press('a[href="/sign-in"]');
    await kari.see(PRESS);
    await look(kari, 'sign-in');
    await kari.press(PRESS);
    await says(kari, 'cancelled');
    assert.match(await kari.text('[data-why="cancelled"]'), /fant ikke nettleseren noen passnøkkel/);
    assert.equal(await kari.page.evaluate((press) => document.activeElement === document.querySelector(press), PRESS), true, 'the focus is where one tries again');
    await look(kari, 'sign-in-without-a-passkey');
    await kari.open(server.url('/day'));
    assert.match(await kari.text('main'), /Du er ikke logget inn/);
    await kari.see('main a[href="/sign-in"]');
  });

  test('the operator enters a clinic, a person and her roles, and makes a link', () => {
    clinic = server.admin('organization', '--name', 'Klinikken', '--kind', 'clinic');
    id = server.admin('person', '--organization', clinic, '--kind', 'practitioner', '--given', 'Kari', '--family', 'Prøve');
    for (const role of ['administrator', 'clinician']) server.admin('role', 'grant', '--person', id, '--organization', clinic, '--role', role);
    link = server.admin('staff-link', '--person', id);
    assert.match(link, new RegExp(`^http://localhost:${server.port}/first/[\\w-]{32}$`));
  });

  test('fetching the link changes nothing; the page says whose it is and what happens', async () => {
    for (let fetched = 0; fetched < 3; fetched += 1) assert.equal((await fetch(link)).status, 200);
    await kari.open(link);
    await kari.see(PRESS);
    assert.match(await kari.text('main'), /initialene KP/);
    assert.doesNotMatch(await kari.text('main'), /Kari|Klinikken/);
    await look(kari, 'first');
  });

  test('a device that does not know her makes no passkey; it says so, and she tries again', async () => {
    await device.verifies(false);
    await kari.press(PRESS);
    await kari.when(() => [...document.querySelectorAll('[data-why]')].some((words) => !words.hidden));
    assert.equal((await device.credentials()).length, 0);
    await device.verifies(true);
  });

  test('her press makes the passkey, signs her in and lands on the day', async () => {
    await kari.page.$eval('#label', (field) => { field.value = 'Kontor-PC'; });
    await kari.press(PRESS);
    await isAt(kari, '/day');
    const [credential, ...more] = await device.credentials();
    assert.equal(more.length, 0);
    assert.equal(credential.isResidentCredential, true, 'found again without a name');
    assert.equal(credential.rpId, 'localhost');
    assert.deepEqual(kari.strangers(), [], 'nobody else was asked for anything (SEC-011)');
  });

  test('a used link says so, also to a finished page in another tab', async () => {
    const late = await someone();
    await late.open(link);
    assert.match(await late.text('main'), /Lenken er allerede brukt/);
    await look(late, 'link-used');
    await late.open(server.url('/first/abcdefghijklmnop'));
    assert.match(await late.text('main'), /Lenken virker ikke/);
    await late.close();
  });

  test('she signs out and in again by one button', async () => {
    await kari.press('form[action="/sign-out"] button');
    await isAt(kari, '/');
    await kari.press('a[href="/sign-in"]');
    await kari.press(PRESS);
    await isAt(kari, '/day');
    await kari.press('main a[href="/account"], a[href="/account"]');
    await isAt(kari, '/account');
    assert.match(await kari.text('main'), /Administrator, Klinikken[\s\S]*Behandler, Klinikken[\s\S]*Kontor-PC/);
    assert.equal(await signIns(kari), 1);
  });

  test('she adds a passkey on another device, is asked for none twice, and removes it again', async () => {
    await kari.press(PRESS);
    await says(kari, 'here');
    const { authenticatorId } = await device.cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...DEVICE, transport: 'usb' } });
    await device.cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await kari.page.$eval('#label', (field) => { field.value = 'Sikkerhetsnøkkel'; });
    await kari.press(PRESS);
    await kari.when(() => document.querySelectorAll('#passkeys > li').length === 2);
    assert.match(await kari.text('#passkeys'), /Kontor-PC[\s\S]*Sikkerhetsnøkkel/);
    await kari.press('#passkeys > li:nth-child(2) summary');
    await look(kari, 'account');
    await kari.press('#passkeys > li:nth-child(2) form button');
    await kari.when(() => document.querySelectorAll('#passkeys > li').length === 1);
    await device.cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  });

  test('a second place is listed and ended from the first', async () => {
    const [credential] = await device.credentials();
    const there = await someone('chromium', { viewport: PHONE });
    await there.open(server.url('/sign-in'));
    const copy = await Device.of(there);
    await copy.take(credential);
    await there.press(PRESS);
    await isAt(there, '/day');
    await kari.reload();
    assert.equal(await signIns(kari), 2);
    await look(kari, 'account-two-places');
    await kari.press('#sign-ins form[action="/account/end"] button');
    await kari.when(() => document.querySelectorAll('#sign-ins > li').length === 1);
    await there.open(server.url('/day'));
    assert.match(await there.text('main'), /Du er ikke logget inn/);

    // That was a copy of her key; the counter tells them apart now.
    await there.open(server.url('/sign-in'));
    await there.press(PRESS);
    await isAt(there, '/day');
    await kari.reload();
    await kari.press('form[action="/account/end-others"] button');
    await kari.when(() => document.querySelectorAll('#sign-ins > li').length === 1);
    const early = await someone();
    await early.open(server.url('/sign-in'));
    const older = await Device.of(early);
    await older.take(credential);
    await early.press(PRESS);
    await says(early, 'counter');
    await early.close();
    await there.close();
  });

  test('a lost passkey: a new link makes another, the lost one and where it was signed in end', async () => {
    const second = server.admin('staff-link', '--person', id);
    const again = await someone();
    await again.open(second);
    await Device.of(again);
    assert.match(await again.text('main'), /slutter å virke/);
    await again.press(PRESS);
    await isAt(again, '/day');
    await kari.open(server.url('/account'));
    assert.match(await kari.text('main'), /Du er ikke logget inn/);
    await kari.press('main a[href="/sign-in"]');
    await kari.press(PRESS);
    await says(kari, 'unknown');
    await again.open(second);
    assert.match(await again.text('main'), /Lenken er allerede brukt/);
    await again.open(server.url('/account'));
    assert.equal(await signIns(again), 1);
    await again.close();
  });

  test('a browser without passkeys says so in words, and so does one without scripts', async () => {
    const old = await someone('chromium', { script: () => { delete window.PublicKeyCredential; } });
    await old.open(server.url('/sign-in'));
    await says(old, 'unsupported');
    assert.equal(await old.page.$eval(PRESS, ({ hidden }) => hidden), true);
    await owes(old, 'sign-in without passkeys');
    const plain = await someone();
    await plain.page.setJavaScriptEnabled(false);
    await plain.open(server.url('/sign-in'));
    assert.equal(await plain.page.$eval('[data-why="script"]', ({ hidden }) => hidden), false);
    assert.equal(await plain.page.$eval(PRESS, ({ hidden }) => hidden), true);
    const astray = await someone();
    await astray.open(server.url('/sign-in').replace('localhost', 'rom.localhost'));
    await says(astray, 'address');
    assert.match(await astray.text('[data-why="address"]'), new RegExp(`http://localhost:${server.port}`));
  });

  test('Firefox shows the pages and says what is missing', async () => {
    const fox = await someone('firefox');
    await fox.open(server.url('/sign-in'));
    await fox.see(PRESS);
    await says(fox, 'device');
    assert.match(await fox.text('[data-why="device"]'), /sikkerhetsnøkkel/);
    await fox.picture('page-sign-in-firefox');
    await fox.open(server.admin('staff-link', '--person', id));
    await fox.see(PRESS);
    await says(fox, 'device');
    await fox.picture('page-first-firefox');
  });

  test('every step is in the chain, and nothing of it in the log', () => {
    server.verifyAudit();
    for (const secret of [link.split('/').at(-1), 'Kari', 'Prøve', 'Kontor-PC', 'Klinikken']) {
      assert.ok(!server.log().includes(secret), `${secret} is in the log (SEC-012)`);
    }
  });
});
