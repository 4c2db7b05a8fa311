// From a bare machine to a first real consultation as docs/manual/administrator.md leads: its commands as they stand
// there, its words as they stand on the pages; two passkeys, a certificate from files, a name that is not localhost, mail
// over a real server, no demo. The young person comes in Firefox. Prints what each part took.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, addKind, closeAll } from '../lib/browsers.mjs';
import { issue } from '../lib/certificate.mjs';
import { Clinic, road } from '../lib/clinic.mjs';
import { MailServer } from '../lib/mail.mjs';
import { hears, members, sees } from '../lib/meeting.mjs';
import { giveDevice } from '../lib/passkey.mjs';
import { MEDIA_ADDRESS, ROOT } from '../lib/server.mjs';

const HOST = 'rom.example.no';
const ADDRESS = `https://${HOST}`;
const ROADS = { nb: road('Fra tom maskin til første time'), en: road('From a bare machine to the first appointment') };
const { blocks, words } = ROADS.nb;
/** Nobody and nothing of these may stand in the log or an address. */
const MARKERS = ['Anne', 'Prøve', 'Per', 'Vegstad', 'Ida', 'Vegdal', 'Klinikken', 'ida@example.org', 'per@example.org'];

/** The block in which this stands. */
function block(part) {
  const found = blocks.filter((lines) => lines.some((line) => line.includes(part)));
  assert.equal(found.length, 1, `«${part}» stands in one block of the manual`);
  return found[0];
}

/** Presses what says this, in the words of the manual, on the page. */
async function press(person, word, { go = false } = {}) {
  assert.ok(words.includes(word), `the manual says *${word}*`);
  const mark = (wanted) => {
    const says = (element) => [element.innerText?.trim().split('\n')[0], element.getAttribute('aria-label')].includes(wanted);
    for (const marked of document.querySelectorAll('[data-road]')) marked.removeAttribute('data-road');
    const found = [...document.querySelectorAll('a, button, summary, label')].find((element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled') && says(element));
    found?.setAttribute('data-road', '');
    return found !== undefined;
  };
  await person.when(mark, {}, word);
  presses += 1;
  if (!go) return person.press('[data-road]');
  return Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), person.press('[data-road]')]);
}

async function fill(person, fields) {
  for (const [selector, value] of Object.entries(fields)) {
    presses += 1;
    await person.page.$eval(selector, (field, text) => { field.value = text; }, value);
  }
}

/** Date and time of day on the clinic's clock, some minutes from now. */
function soon(minutes) {
  const at = new Date(Date.now() + minutes * 60_000);
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'short' }).format(at).split(' ');
  return { '#date': parts[0], '#time': parts[1] };
}

let presses = 0;

describe('the road of the manual: from a bare machine to a first consultation', () => {
  let clinic;
  let mail;
  let pair;
  let recipient;
  let recoveryWords;
  const people = {};
  const links = {};
  const took = {};

  before(async () => {
    clinic = Clinic.make();
    pair = issue(clinic.source, HOST);
    mail = await MailServer.start({ ...pair, kind: 'none' });
    addKind('chromium-abroad', 'chromium', { args: [`--host-resolver-rules=MAP ${HOST} ${MEDIA_ADDRESS}`, `--ignore-certificate-errors-spki-list=${pair.pin}`] });
    addKind('firefox-abroad', 'firefox', { preferences: { 'network.dns.forceResolve': MEDIA_ADDRESS }, trusting: true });
  });
  after(() => closeAll(Object.values(people), clinic, mail));

  /** A step whose time is told at the end. */
  const step = (name, what) => test(name, async () => {
    const start = Date.now();
    await what();
    took[name] = Date.now() - start;
  });

  test('both languages lead by the same commands, and their words are words of the pages', () => {
    assert.deepEqual(ROADS.nb.blocks, ROADS.en.blocks);
    assert.equal(blocks.length, 8);
    for (const [language, { words: said }] of Object.entries(ROADS)) {
      const folder = join(ROOT, 'i18n', language);
      const texts = readdirSync(folder).flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/^[\w-]+ = (.*)$/gm)].map(([, text]) => text));
      assert.ok(said.length >= 20, `${said.length} words in ${language}`);
      assert.deepEqual(said.filter((word) => !texts.includes(word)), [], language);
    }
  });

  test('what it builds by is there', () => {
    const [build, install] = block('./x build');
    assert.match(readFileSync(join(ROOT, 'x'), 'utf8'), /^ {2}build\) build ;;$/m);
    assert.match(readFileSync(join(ROOT, 'x'), 'utf8'), /cargo build --quiet --release --package samrom/);
    assert.deepEqual([build, install], ['./x build', 'install -m 755 target/release/samrom /usr/local/bin/samrom']);
    assert.match(block('rustup')[2], /^curl --proto '=https' /);
  });

  step('user, folders and settings', async () => {
    await clinic.run(block('./x build')[1]);
    for (const line of block('useradd')) await clinic.run(line);
    const file = join(clinic.root, 'etc/samrom/samrom.toml');
    const config = readFileSync(file, 'utf8');
    assert.match(config, new RegExp(`^public_url = "${ADDRESS}"$`, 'm'));
    assert.doesNotMatch(config, /^demo/m);
    // The clinic's own mail server, as the file's comment shows; at night nothing would leave by itself.
    writeFileSync(file, `${config}\n[mail]\nserver = "127.0.0.1"\nport = ${mail.port}\nsecurity = "none"\nfrom = "avtale@example.no"\n[messages]\nquiet = ""\n`);
  });

  step('the service starts', async () => {
    for (const line of block('daemon-reload')) await clinic.run(line);
    await clinic.start({ host: HOST, authority: pair.authority });
    assert.ok(clinic.isEnabled('samrom'));
    assert.match(clinic.log(), /A root key was made/);
  });

  step('the words on paper', async () => {
    const [cd, show, check] = block('key words --check');
    await clinic.run(cd);
    recoveryWords = (await clinic.run(show)).out;
    assert.equal(recoveryWords.split(/\s+/).length, 24);
    assert.ok(!clinic.log().includes(recoveryWords.split(/\s+/).slice(0, 3).join(' ')), 'SEC-052');
    assert.match((await clinic.run(check, { input: recoveryWords })).err, /These are the words/);
  });

  step('the organisation, the administrator, her role and link', async () => {
    for (const line of block('admin organization')) links.administrator = (await clinic.run(line)).out;
    assert.match(links.administrator, new RegExp(`^${ADDRESS}/first/[\\w-]{32}$`));
  });

  step('the administrator makes her passkey', async () => {
    people.administrator = await Person.at('chromium-abroad');
    const { administrator } = people;
    await administrator.open(`${ADDRESS}/`);
    assert.equal(await administrator.page.$('.notice ul'), null, 'no demo links');
    await administrator.open(links.administrator);
    await giveDevice(administrator);
    await press(administrator, 'Lag passnøkkel');
    await administrator.when(() => location.pathname.startsWith('/admin/'));
    assert.match(await administrator.page.title(), /^Administrasjon/);
  });

  step('she enters a clinician and makes her link', async () => {
    const { administrator } = people;
    await press(administrator, 'Legg til en som jobber her', { go: true });
    await fill(administrator, { '#given': 'Per', '#family': 'Vegstad' });
    await press(administrator, 'Legg til', { go: true });
    await press(administrator, 'Lag engangslenke', { go: true });
    links.clinician = await administrator.page.$eval('#link', ({ value }) => value.trim());
  });

  step('the clinician makes a passkey', async () => {
    people.clinician = await Person.at('chromium-abroad');
    const { clinician } = people;
    await clinician.open(links.clinician);
    await giveDevice(clinician);
    await press(clinician, 'Lag passnøkkel');
    await clinician.when(() => location.pathname === '/day');
    assert.match(await clinician.page.title(), /^Dagen min/);
  });

  step('a young person is entered and a video hour booked', async () => {
    const { clinician } = people;
    await press(clinician, 'Ungdommene mine', { go: true });
    await press(clinician, 'Legg til en ungdom', { go: true });
    await fill(clinician, { '#given': 'Ida', '#family': 'Vegdal', '#mail': 'ida@example.org' });
    await clinician.page.$eval('input[name="way"][value="mail"]', (way) => { way.checked = true; });
    await press(clinician, 'Legg til', { go: true });
    await press(clinician, 'Sett opp en time', { go: true });
    await fill(clinician, soon(3));
    await press(clinician, 'Video');
    await press(clinician, 'Sett opp timen', { go: true });
    assert.match(new URL(clinician.page.url()).pathname, /^\/appointment\//, await clinician.text('main'));
  });

  step('the invitation comes by mail', async () => {
    const [{ envelope, text, subject }] = await mail.until(1);
    assert.deepEqual(envelope[1], ['ida@example.org']);
    links.young = text.match(new RegExp(`${ADDRESS}/j/[\\w-]{32}`))?.[0];
    assert.ok(links.young, text);
    for (const marker of MARKERS) assert.ok(!`${subject} ${text}`.includes(marker), marker);
  });

  step('the young person opens the link and waits', async () => {
    people.young = await Person.at('firefox-abroad', { viewport: PHONE });
    const { young } = people;
    await young.open(links.young);
    await press(young, 'Gå til venterommet', { go: true });
    await young.until('phase', 'checking');
    await press(young, 'Bilde og lyd');
    await press(young, 'Gå til venterommet');
    await young.until('phase', 'waiting');
  });

  step('the clinician goes in, lets in, and they see and hear each other', async () => {
    const { clinician, young } = people;
    await press(clinician, 'Åpne rommet', { go: true });
    await clinician.until('phase', 'checking');
    await press(clinician, 'Bilde og lyd');
    await clinician.press('#arrive');
    await clinician.until('phase', 'inside');
    await press(clinician, 'Slipp inn');
    await young.until('phase', 'inside');
    await members([clinician, young]);
    await Promise.all([sees(clinician), sees(young), hears(clinician), hears(young)]);
  });

  step('they leave, and the record is closed', async () => {
    const { clinician, young } = people;
    await press(clinician, 'Avslutt');
    await press(clinician, 'Avslutt timen for alle');
    await young.until('phase', 'ended');
    await clinician.until('phase', 'ended');
    assert.ok(words.includes('Ikke lukket ennå'));
    // The room's end is written while its pages are told.
    for (let look = 0; look < 50 && !await clinician.page.$('a[href$="/close"]'); look += 1) await clinician.open(`${ADDRESS}/day`);
    assert.match(await clinician.text('main'), /Ikke lukket ennå/);
    await Promise.all([clinician.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), clinician.press('a[href$="/close"]')]);
    await press(clinician, 'Lukk timen', { go: true });
    assert.match(await clinician.text('main'), /Timen er lukket/);
    assert.match(await clinician.page.$eval('.done textarea', ({ value }) => value), /^Holdt: Video\.$/m);
  });

  step('a backup, and it can be brought back', async () => {
    recipient = (await clinic.run(block('backup-key')[0])).out;
    assert.match(recipient, /^age1\w+$/);
    for (const line of block('start samrom-backup')) await clinic.run(line.replace('age1…', recipient));
    assert.ok(clinic.isEnabled('samrom-backup.timer'));
    const folder = join(clinic.root, 'var/backups/samrom');
    const [file, ...more] = readdirSync(folder);
    assert.equal(more.length, 0);
    const check = readFileSync(join(ROOT, 'docs/ops/backup.md'), 'utf8').match(/^ {4}(samrom restore --check --from) FILE (--identity identity\.txt)/m);
    const { err } = await clinic.run(`${check[1]} /var/backups/samrom/${file} ${check[2]}`, { input: recoveryWords });
    assert.match(err, /: whole; made /);
  });

  test('nothing of it stands in the log or in an address, nobody else was asked, and the chain is whole', async () => {
    for (const marker of MARKERS) assert.ok(!clinic.log().includes(marker), `${marker} is in the log (SEC-012)`);
    for (const person of Object.values(people)) {
      const asked = person.requests.filter((url) => !url.startsWith('data:')).map((url) => decodeURIComponent(url));
      assert.ok(asked.length > 3);
      assert.deepEqual(asked.filter((url) => new URL(url).hostname !== HOST), [], 'SEC-011');
      assert.deepEqual(asked.filter((url) => MARKERS.some((marker) => url.includes(marker))), [], 'SEC-012');
    }
    assert.match((await clinic.run('runuser -u samrom -- samrom audit verify')).out, /whole|entries/i);
  });

  test('every command of the manual was typed, and this is what it took', (t) => {
    const typed = blocks.flat().length - block('rustup').length - 1;
    // Two of them are this test's own: a look into the backup and the chain.
    assert.equal(clinic.commands, typed + 2);
    const total = Object.values(took).reduce((all, one) => all + one, 0);
    for (const [name, time] of Object.entries(took)) t.diagnostic(`${(time / 1000).toFixed(1)} s  ${name}`);
    t.diagnostic(`${(total / 1000).toFixed(1)} s in all, ${typed} commands, ${presses} presses and fields`);
  });
});
