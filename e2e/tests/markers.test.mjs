// Names, addresses, services and what was written, planted in one whole day's work and looked for in everything that
// leaves the program or stays behind: logs, metrics, mails, texts, calendars, addresses, titles, notifications, other
// people's pages, what browsers keep, the database's bytes, the backup.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO } from '../lib/demo.mjs';
import { guest, host, leaveAsHost, letIn, members, write } from '../lib/meeting.mjs';
import { Server, freePort } from '../lib/server.mjs';

/** What is planted, each of its own kind. */
const GIVEN = ['Kari', 'Jonas', 'Nora', 'Mona', 'Amir', 'Siri'];
const FAMILY = ['Demodal', 'Demovik', 'Demolund', 'Demoli', 'Demoberg'];
const PLACES = ['Demoklinikken', 'Demohuset', 'Demo kommune', 'BUP', 'barnevern'];
const REACHED = ['99887766', 'mona@example.org', 'kari@example.org'];
const WRITTEN = ['Gjøkeredet', 'Tusenfryden'];
const NAMED = [...GIVEN, ...FAMILY];
const EVERYTHING = [...NAMED, ...PLACES, ...REACHED, ...WRITTEN];

/** Runs in the page: tells the console whatever may be seen from outside the page. */
function tell() {
  const say = (what, text) => console.info(`outside ${what}: ${text}`);
  new MutationObserver(() => say('title', document.title)).observe(document, { childList: true, subtree: true, characterData: true });
  addEventListener('load', () => say('title', document.title));
  window.Notification = class {
    static permission = 'granted';

    constructor(title, options) { say('notification', JSON.stringify({ title, ...options })); }
  };
}

/** Which of these stand in it. */
const found = (markers, text) => markers.filter((marker) => text.includes(marker));

/** Everything below a folder as bytes read one to one. */
function files(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path.slice(folder.length), readFileSync(path)]);
}

/** A mail's own parts, decoded: what a reader sees, whatever it was wrapped in. */
function unwrapped(mail) {
  const encoded = /Content-Transfer-Encoding: base64\r?\n(?:[^\r\n]+\r?\n)*\r?\n([A-Za-z0-9+/=\r\n]+)/g;
  const parts = [...mail.matchAll(encoded)].map(([, body]) => Buffer.from(body, 'base64').toString());
  const words = mail.replace(/=\?utf-8\?b\?([^?]+)\?=/gi, (_, text) => Buffer.from(text, 'base64').toString());
  const quoted = words.replace(/=\r?\n/g, '').replace(/((?:=[0-9A-F]{2})+)/g, (text) => Buffer.from(text.replaceAll('=', ''), 'hex').toString());
  return [quoted, ...parts].join('\n').replace(/\r?\n[ \t]/g, '');
}

describe('nothing is told that should not be (SEC-012, SEC-021, SEC-061, SEC-062, CARE-12)', () => {
  let server;
  let metrics;
  const people = {};
  const pages = { young: [], inside: [], guardian: [] };

  before(async () => {
    metrics = await freePort();
    server = await Server.start({ environment: { SAMROM_METRICS_PORT: String(metrics), SAMROM_MESSAGES_QUIET: '' } });
    server.admin('contact', '--person', DEMO.nora, '--phone', '99 88 77 66');
  });
  after(() => closeAll(Object.values(people), server));

  const at = (path) => new URL(path, server.links.clinician).href;
  const onward = (person, selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);

  test('a day of work', async () => {
    const clinician = await Person.at('chromium', { script: tell });
    people.clinician = clinician;
    await clinician.open(server.links.clinician);
    // An hour for two, told by text and by mail, moved and called off; sent before it is called off.
    for (const [days, off] of [[2, false], [3, true]]) {
      await clinician.open(at(`/book/${DEMO.nora}`));
      const date = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      await clinician.page.$eval('#date', (field, value) => { field.value = value; }, date);
      await clinician.page.$eval('#time', (field) => { field.value = '10:00'; });
      await clinician.page.$eval(`input[name="with"][value="${DEMO.mona}"]`, (box) => { box.checked = true; });
      await clinician.page.$eval('#sign', (field) => { field.value = 'Blå fugl'; });
      await onward(clinician, 'form[action^="/book/"] button');
      await outbox(off ? 6 : 2);
      await clinician.page.$eval('form[action$="/move"] input[name="time"]', (field) => { field.value = '11:00'; });
      await clinician.page.$eval('form[action$="/move"]', (form) => form.closest('details').setAttribute('open', ''));
      await onward(clinician, 'form[action$="/move"] button');
      await outbox(off ? 8 : 4);
      if (off) {
        await clinician.page.$eval('form[action$="/cancel"]', (form) => form.closest('details').setAttribute('open', ''));
        await clinician.page.$eval('input[name="by"]', (one) => { one.checked = true; });
        await clinician.page.$eval('input[name="cause"]', (one) => { one.checked = true; });
        await onward(clinician, 'form[action$="/cancel"] button');
        await outbox(10);
      }
      await clinician.open(clinician.page.url().replace(/\/?$/, '/messages'));
    }
    await clinician.close();
  });

  test('a meeting: somebody waits, comes in, writes, and leaves', async () => {
    const clinician = await host('chromium', server.links.clinician, { script: tell });
    people.inRoom = clinician;
    const young = await guest('chromium', server.links.young, { viewport: PHONE, script: tell });
    people.young = young;
    pages.young.push(await young.page.content());
    const guardian = await guest('firefox', server.links.guardian, { script: tell }, 'neither');
    people.guardian = guardian;
    pages.guardian.push(await guardian.page.content());
    await letIn(clinician);
    await young.until('phase', 'inside');
    await members([clinician, young]);
    await write(young, 'Gjøkeredet');
    await clinician.when(() => document.body.textContent.includes('Gjøkeredet'));
    pages.inside.push(await young.page.content());
    pages.guardian.push(await guardian.page.content());
    await leaveAsHost(clinician, 'end-for-all');
    await young.until('phase', 'ended');
    pages.inside.push(await young.page.content());
    pages.guardian.push(await guardian.page.content());
    await young.reload();
    pages.young.push(await young.page.content());
  });

  test('a closed hour with a task', async () => {
    const clinician = await Person.at('chromium', { script: tell });
    people.closing = clinician;
    await clinician.open(server.links.clinician);
    await clinician.open(at('/day'));
    await onward(clinician, 'a[href$="/close"]');
    await clinician.page.$eval('input[name="task"]', (field) => { field.value = 'Tusenfryden'; });
    await onward(clinician, 'form[action$="/close"] button');
    assert.match(await clinician.page.content(), /Tusenfryden/, 'the clinician has it');
  });

  test('logs and metrics', async () => {
    assert.deepEqual(found(EVERYTHING, server.log().replace(/^.*\bhttp:\/\/\S+$/gm, '')), []);
    const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
    assert.match(page, /samrom_/);
    assert.deepEqual(found(EVERYTHING, page), []);
  });

  test('mails, texts and calendars name their own recipient only', () => {
    const messages = files(join(server.data, 'outbox'));
    assert.ok(messages.length >= 10, `${messages.length} messages`);
    for (const [name, bytes] of messages) {
      const text = unwrapped(bytes.toString());
      const whose = name.endsWith('.eml') ? 'mona@example.org' : '99887766';
      assert.ok(text.includes(whose), `${name} goes to whom it is for`);
      assert.match(text, /Blå fugl/, 'and is signed');
      assert.deepEqual(found(EVERYTHING, text.replaceAll(whose, '')), [], name);
      assert.deepEqual(found(EVERYTHING, name), []);
    }
    assert.ok(messages.some(([, bytes]) => unwrapped(bytes.toString()).includes('BEGIN:VCALENDAR')), 'a calendar file was read');
  });

  test('addresses, titles and notifications', () => {
    let titles = 0;
    for (const person of Object.values(people)) {
      const outside = person.console.filter((line) => line.includes('outside '));
      titles += outside.length;
      assert.deepEqual(found(EVERYTHING, outside.join('\n')), []);
      assert.deepEqual(found(EVERYTHING, person.requests.map((url) => decodeURIComponent(url)).join('\n')), []);
    }
    assert.ok(titles > 10, 'titles were heard');
  });

  test('pages of a young person and of a guardian', () => {
    // Inside, the lock names who is there, and what was written stands there; outside there is a first name at most.
    for (const [whose, own] of [['young', ['Kari']], ['inside', ['Kari', 'Demodal', 'Nora', ...WRITTEN]], ['guardian', ['Kari']]]) {
      for (const [number, page] of pages[whose].entries()) {
        const others = EVERYTHING.filter((marker) => !own.includes(marker) && !(marker === 'Demolund' && own.includes('Nora')));
        for (const marker of found(others, page)) assert.fail(`page ${number}, ${whose}: …${page.slice(page.indexOf(marker) - 120, page.indexOf(marker) + 40)}…`);
      }
    }
  });

  test('what browsers keep', async () => {
    for (const who of ['young', 'guardian', 'closing']) {
      const kept = await people[who].page.evaluate(async () => JSON.stringify({
        local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie,
        databases: (await indexedDB.databases?.())?.map(({ name }) => name), caches: await caches.keys(),
      }));
      assert.deepEqual(found(EVERYTHING, kept), [], who);
    }
  });

  test('the database, its key and head, and a backup', () => {
    const identity = join(server.data, 'identity');
    const recipient = server.ask('backup-key', '--to', identity).match(/age1\w+/)[0];
    server.ask('backup', '--data', server.data, '--to', join(server.data, 'copy.age'), '--recipient', recipient);
    execFileSync('sync');
    const sealed = [...NAMED, ...REACHED, ...WRITTEN];
    const kept = files(server.data).filter(([name]) => !name.startsWith('/outbox') && !name.endsWith('server.log'));
    assert.ok(kept.some(([name]) => name.endsWith('.db')) && kept.some(([name]) => name.endsWith('.age')));
    for (const [name, bytes] of kept) assert.deepEqual(found(sealed, bytes.toString('utf8')), [], name);
  });

  /** Waits until so many messages lie in the outbox. */
  async function outbox(count) {
    const end = Date.now() + 30_000;
    const folder = join(server.data, 'outbox');
    const laid = () => { try { return readdirSync(folder).filter((name) => !name.startsWith('.')).length; } catch { return 0; } };
    while (laid() < count) {
      assert.ok(Date.now() < end, `${laid()} of ${count} messages are in the outbox`);
      await pause(200);
    }
  }
});
