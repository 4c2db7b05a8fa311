// Names, addresses, services and what was written, planted in one whole day's work and looked for in everything that
// leaves the program or stays behind: logs, metrics, mails as a mail server takes them, texts, calendars, addresses,
// answers' headers, titles, notifications, other people's pages, what browsers keep, the database's bytes, the backup.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { issue } from '../lib/certificate.mjs';
import { DEMO } from '../lib/demo.mjs';
import { MailServer } from '../lib/mail.mjs';
import { findMeeting, guest, host, leaveAsHost, letIn, members, write } from '../lib/meeting.mjs';
import { Server, freePort } from '../lib/server.mjs';

/** What is planted, each of its own kind. */
const GIVEN = ['Kari', 'Jonas', 'Nora', 'Mona', 'Amir', 'Siri', 'Solveig', 'Halvard', 'Vegard'];
const FAMILY = ['Demodal', 'Demovik', 'Demolund', 'Demoli', 'Demoberg', 'Markdal', 'Markmoen'];
const PLACES = ['Demoklinikken', 'Demohuset', 'Demo kommune', 'BUP', 'barnevern', 'Markskolen'];
const REACHED = ['99887766', '41234567', 'mona@example.org', 'kari@example.org', 'solveig@example.org', 'halvard@example.org', 'vegard@example.org'];
const WRITTEN = ['Gjøkeredet', 'Tusenfryden', 'Bekkeblom'];
/** Whom an administrator never meets. */
const YOUNG = ['Nora', 'Demolund', 'Solveig', 'Markdal', 'Halvard', 'solveig@example.org', '99887766', ...WRITTEN];
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
  const words = mail.replace(/=\?utf-8\?b\?([^?]+)\?=/gi, (_, text) => Buffer.from(text, 'base64').toString())
    .replace(/=\?utf-8\?q\?([^?]+)\?=/gi, (_, text) => text.replaceAll('_', ' '));
  const quoted = words.replace(/=\r?\n/g, '').replace(/((?:=[0-9A-F]{2})+)/g, (text) => Buffer.from(text.replaceAll('=', ''), 'hex').toString());
  return [quoted, ...parts].join('\n').replace(/\r?\n[ \t]/g, '');
}

describe('nothing is told that should not be (SEC-012, SEC-021, SEC-061, SEC-062, CARE-12)', () => {
  let server;
  let metrics;
  let mail;
  let folder;
  const people = {};
  const pages = { young: [], inside: [], guardian: [], careWorker: [], administrator: [] };
  const heads = [];

  before(async () => {
    metrics = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'samrom-markers-'));
    const pair = issue(folder, 'mail.example.no');
    mail = await MailServer.start(pair);
    const post = {
      SAMROM_MAIL_SERVER: 'localhost', SAMROM_MAIL_PORT: String(mail.port), SAMROM_MAIL_AUTHORITY: pair.authority,
      SAMROM_MAIL_FROM: 'avtale@example.no', SAMROM_MAIL_FROM_NAME: 'Avtale',
    };
    server = await Server.start({ environment: { ...post, SAMROM_METRICS_PORT: String(metrics), SAMROM_MESSAGES_QUIET: '' } });
    server.admin('contact', '--person', DEMO.nora, '--phone', '99 88 77 66');
  });
  after(async () => {
    await closeAll(Object.values(people), server, mail);
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (path, link = 'clinician') => new URL(path, server.links[link]).href;

  /** Somebody whose titles and notifications are heard, and the headers of whose answers are kept. */
  async function come(name, link, options = {}) {
    const person = await Person.at('chromium', { ...options, script: tell });
    people[name] = person;
    person.page.on('response', (answer) => heads.push(JSON.stringify(answer.headers())));
    await person.open(link);
    return person;
  }

  const tick = (person, selector) => person.page.$eval(selector, (box) => { box.checked = true; });
  const fill = (person, selector, value) => person.page.$eval(selector, (field, text) => { field.value = text; }, value);
  const onward = (person, selector) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press(selector)]);

  test('a day of work', async () => {
    const clinician = await come('clinician', server.links.clinician);
    // An hour for two, told by text and by mail, moved and called off; sent before it is called off.
    for (const [days, off] of [[2, false], [3, true]]) {
      await clinician.open(at(`/book/${DEMO.nora}`));
      const date = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      await clinician.page.$eval('#date', (field, value) => { field.value = value; }, date);
      await clinician.page.$eval('#time', (field) => { field.value = '10:00'; });
      await clinician.page.$eval(`input[name="with"][value="${DEMO.mona}"]`, (box) => { box.checked = true; });
      await clinician.page.$eval('#sign', (field) => { field.value = 'Blå fugl'; });
      await onward(clinician, 'form[action^="/book/"] button');
      await told(off ? 3 : 1);
      await clinician.page.$eval('form[action$="/move"] input[name="time"]', (field) => { field.value = '11:00'; });
      await clinician.page.$eval('form[action$="/move"]', (form) => form.closest('details').setAttribute('open', ''));
      await onward(clinician, 'form[action$="/move"] button');
      await told(off ? 4 : 2);
      if (off) {
        await clinician.page.$eval('form[action$="/cancel"]', (form) => form.closest('details').setAttribute('open', ''));
        await clinician.page.$eval('input[name="by"]', (one) => { one.checked = true; });
        await clinician.page.$eval('input[name="cause"]', (one) => { one.checked = true; });
        await onward(clinician, 'form[action$="/cancel"] button');
        await told(5);
      }
      await clinician.open(clinician.page.url().replace(/\/?$/, '/messages'));
    }
    await clinician.close();
  });

  test('an administrator enters a colleague, a school, somebody from there, numbers', async () => {
    const administrator = await come('administrator', server.links.colleague);
    const look = async () => pages.administrator.push([administrator.page.url(), await administrator.page.content()]);
    await administrator.open(at('/admin', 'colleague'));
    const office = new URL(administrator.page.url()).pathname;
    await look();
    await administrator.open(at(`${office}/new`, 'colleague'));
    for (const [field, value] of [['#given', 'Vegard'], ['#family', 'Markmoen'], ['#mail', 'vegard@example.org'], ['#phone', '41 23 45 67']]) await fill(administrator, field, value);
    await tick(administrator, 'input[name="way"][value="mail"]');
    await onward(administrator, 'form[action$="/new"] button');
    await look();
    await onward(administrator, 'form[action$="/link"] button');
    await look();
    await administrator.open(at(office, 'colleague'));
    await administrator.page.$eval('#form-other', (fold) => fold.setAttribute('open', ''));
    await fill(administrator, '#form-other input[type="text"]', 'Markskolen');
    await tick(administrator, '#form-other input[value="school"]');
    await onward(administrator, 'form[action$="/partners"] button');
    await look();
    for (const path of ['/helplines', '/log', `/staff/${DEMO.kari}`]) {
      await administrator.open(at(`${office}${path}`, 'colleague'));
      await look();
    }
    await administrator.open(at(office, 'colleague'));
    assert.match(await administrator.page.content(), /Vegard Markmoen[\s\S]*Markskolen/, 'they were entered');
  });

  test('a clinician enters a young person whose address is protected, and those around, and books', async () => {
    const clinician = await come('entering', server.links.clinician);
    await clinician.open(at('/people'));
    await clinician.open(at('/people/new'));
    for (const [field, value] of [['#given', 'Solveig'], ['#family', 'Markdal'], ['#mail', 'solveig@example.org']]) await fill(clinician, field, value);
    await tick(clinician, 'input[name="way"][value="mail"]');
    await clinician.page.$eval('form[action="/people/new"] details', (fold) => fold.setAttribute('open', ''));
    await tick(clinician, 'input[name="protection"][value="strict"]');
    await onward(clinician, 'form[action="/people/new"] .actions button');
    const her = clinician.page.url();
    assert.match(await clinician.page.content(), /Solveig Markdal[\s\S]*solveig@example\.org/);
    await clinician.page.$eval('#add-around', (fold) => fold.setAttribute('open', ''));
    await tick(clinician, '#add-around input[name="role"][value="guardian"]');
    for (const [field, value] of [['#new-given', 'Halvard'], ['#new-family', 'Markdal'], ['#new-mail', 'halvard@example.org']]) await fill(clinician, field, value);
    await tick(clinician, '#add-around input[name="way"][value="mail"]');
    await onward(clinician, '#add-around button');
    await clinician.open(her.replace('/people/', '/book/'));
    await fill(clinician, '#date', new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10));
    await fill(clinician, '#time', '13:00');
    await fill(clinician, '#sign', 'Blå fugl');
    await clinician.page.$$eval('input[name="with"]', (boxes) => boxes.forEach((box) => { box.checked = true; }));
    await onward(clinician, 'form[action^="/book/"] .actions button');
    await mail.until(7);
    await clinician.open(clinician.page.url().replace(/\/?$/, '/messages'));
  });

  test('she asks, a deputy is named, a care worker answers, and a clinician reads and decides', async () => {
    const young = await come('asking', server.links.young, { viewport: PHONE });
    await findMeeting(young);
    await young.open(new URL('/ask?wish=meet', young.page.url()).href);
    pages.young.push(await young.page.content());
    await fill(young, '#line', 'Bekkeblom');
    await onward(young, 'form[action="/ask"] button');
    pages.young.push(await young.page.content());
    const worker = await come('careWorker', server.links.careWorker, { viewport: PHONE });
    await findMeeting(worker);
    pages.careWorker.push(await worker.page.content());
    await worker.open(await worker.page.$eval('a[href^="/not-today/"]', ({ href }) => href));
    pages.careWorker.push(await worker.page.content());
    for (const name of ['cause', 'she-knows', 'offer']) await tick(worker, `input[name="${name}"]`);
    await onward(worker, 'form.stack button');
    pages.careWorker.push(await worker.page.content());
    const clinician = await come('reading', server.links.clinician);
    await clinician.open(at('/away'));
    await onward(clinician, 'form[action="/away"] button');
    await onward(clinician, 'form[action="/away/end"] button');
    await clinician.open(at('/day'));
    assert.doesNotMatch(await clinician.page.content(), /Bekkeblom/, 'SEC-080: no list has her words');
    await onward(clinician, 'a[href^="/request/"]');
    assert.match(await clinician.page.content(), /Bekkeblom/, 'her clinician reads them');
    await onward(clinician, 'button[value="book"]');
    await clinician.open(at('/day'));
    await onward(clinician, 'a[href$="/response"]');
    await onward(clinician, 'button[value="keep"]');
    await young.reload();
    pages.young.push(await young.page.content());
  });

  test('a meeting: somebody waits, comes in, writes, and leaves', async () => {
    const clinician = await host('chromium', server.links.clinician, { script: tell });
    people.inRoom = clinician;
    // She looks elsewhere while they come.
    await clinician.page.evaluate(() => Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }));
    const young = await guest('chromium', server.links.young, { viewport: PHONE, script: tell });
    people.young = young;
    pages.young.push(await young.page.content());
    const guardian = await guest('firefox', server.links.guardian, { script: tell }, 'neither');
    people.guardian = guardian;
    pages.guardian.push(await guardian.page.content());
    await clinician.when(() => document.querySelectorAll('#lobby-list [data-do="admit"]').length === 2);
    await clinician.page.evaluate(() => delete document.hidden);
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

  test('mails as the mail server took them, their envelopes, headers and calendars', () => {
    // Seven: five to the guardian, one each to the other young person and hers.
    assert.deepEqual(mail.mails.map(({ envelope }) => envelope[1].join()).sort(), ['halvard@example.org', ...Array(5).fill('mona@example.org'), 'solveig@example.org']);
    for (const { envelope, raw, encrypted, subject, text, calendar, headers } of mail.mails) {
      const [whose] = envelope[1];
      assert.ok(encrypted, 'SEC-064');
      assert.match(text, /Blå fugl/, 'it is signed');
      // As read by somebody else's program, and byte by byte.
      for (const sink of [envelope[0], subject, text, ...calendar, headers.join(), unwrapped(raw)]) {
        assert.deepEqual(found(EVERYTHING, sink.replaceAll(whose, '')), [], `to ${whose}`);
      }
      assert.match(raw, new RegExp(`^To: <?${whose}>?\\r?$`, 'm'));
      if (!whose.startsWith('mona')) assert.doesNotMatch(unwrapped(raw), /\/j\//, 'SEC-073: no link to where she lives');
    }
    assert.ok(mail.mails.some(({ calendar }) => calendar.some((file) => file.includes('BEGIN:VCALENDAR'))), 'a calendar file was read');
  });

  test('texts name their own recipient only', () => {
    const messages = files(join(server.data, 'outbox'));
    assert.ok(messages.length >= 5, `${messages.length} messages`);
    for (const [name, bytes] of messages) {
      assert.ok(name.endsWith('.txt'), `${name}: mail went to the server`);
      const text = bytes.toString();
      assert.ok(text.includes('99887766'), `${name} goes to whom it is for`);
      assert.match(text, /Blå fugl/, 'and is signed');
      assert.deepEqual(found(EVERYTHING, text.replaceAll('99887766', '')), [], name);
      assert.deepEqual(found(EVERYTHING, name), []);
    }
  });

  test('addresses, titles and notifications', () => {
    let titles = 0;
    for (const person of Object.values(people)) {
      const outside = person.console.filter((line) => line.includes('outside '));
      titles += outside.length;
      assert.deepEqual(found(EVERYTHING, outside.join('\n')), []);
      assert.deepEqual(found(EVERYTHING, person.requests.map((url) => decodeURIComponent(url)).join('\n')), []);
    }
    assert.ok(titles > 30, 'titles were heard');
    assert.ok(people.inRoom.console.some((line) => line.includes('outside notification')), 'a notification was heard');
    assert.ok(heads.length > 50, 'headers were kept');
    for (const head of heads) assert.deepEqual(found(EVERYTHING, decodeURIComponent(head.replace(/%(?![0-9a-f]{2})/gi, '%25'))), []);
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

  test('an administrator sees no young person, and a care worker the clinician\'s first name', () => {
    assert.ok(pages.administrator.length >= 7 && pages.careWorker.length === 3);
    for (const [where, page] of pages.administrator) assert.deepEqual(found(YOUNG, page), [], new URL(where).pathname);
    for (const page of pages.careWorker) assert.deepEqual(found(EVERYTHING, page).filter((marker) => marker !== 'Kari'), []);
  });

  test('what browsers keep', async () => {
    for (const who of ['young', 'guardian', 'closing', 'entering', 'administrator', 'asking', 'careWorker', 'reading']) {
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

  /** Waits until so many texts lie in the outbox and as many mails have come. */
  async function told(count) {
    await mail.until(count);
    const end = Date.now() + 30_000;
    const outbox = join(server.data, 'outbox');
    const laid = () => { try { return readdirSync(outbox).filter((name) => !name.startsWith('.')).length; } catch { return 0; } };
    while (laid() < count) {
      assert.ok(Date.now() < end, `${laid()} of ${count} messages are in the outbox`);
      await pause(200);
    }
  }
});
