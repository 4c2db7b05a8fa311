// Afterwards, as two people live it (SEC-110 to SEC-113): she leaves and lands on what comes next and what was agreed, which
// she can hide; asks the adult whom they agreed on to look in; answers three questions, for Kari or only to be counted; is
// not asked again the same week, nor after an abrupt end; and on a lent device nothing of hers stands there.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { DEMO, NAMES } from '../lib/demo.mjs';
import { key, tabTo } from '../lib/keyboard.mjs';
import { everySize } from '../lib/looks.mjs';
import { arrive, guest, host, leaveAsHost, letIn, letInByHerYes, members, walkToMeeting } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

const HER = `/people/${DEMO.nora}`;
const TASK = 'Skrive ned to ting til neste gang';
const LOOK_IN = 'Hei. Kan du se innom? - Blå rev';

const pathOf = (person) => new URL(person.page.url()).pathname;
const leads = (person, press) => Promise.all([person.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), press()]);
/** Opens a page on the host that this browser stands on; each of the demo's people has one of their own. */
const open = (person, path) => person.open(new URL(path, person.page.url()).href);

/** Presses a key on this and stands on the page that it leads to. */
async function go(person, selector) {
  await tabTo(person, selector);
  await leads(person, () => person.page.keyboard.press('Enter'));
}

/** Chooses in a group of which one is chosen already, as the keyboard does. */
async function choose(person, name, value, arrow = 'ArrowUp') {
  await tabTo(person, `input[name="${name}"]:checked`);
  for (let step = 0; step < 8; step += 1) {
    if (await person.page.evaluate(() => document.activeElement.value) === value) return;
    await person.page.keyboard.press(arrow);
  }
  throw new Error(`the keyboard never came to ${name}=${value}`);
}

/** Chooses in a group of which none is chosen: Tab comes to the first of it, and an arrow chooses the next. */
async function chooseFirst(person, name, value) {
  await tabTo(person, `input[name="${name}"]`);
  await person.page.keyboard.press(' ');
  await choose(person, name, value, 'ArrowDown');
}

/** The clinician at a desk of her own, beside the room. */
async function atDesk(kind, server, options) {
  const kari = await Person.at(kind, options);
  await kari.open(server.links.clinician);
  return kari;
}

/** Two people inside. */
async function inside(server, hostKind, guestKind, options = { viewport: PHONE }) {
  const clinician = await host(hostKind, server.links.clinician, {}, 'neither');
  const young = await guest(guestKind, server.links.young, options, 'neither');
  await letIn(clinician);
  await members([clinician, young]);
  return { clinician, young };
}

/** She leaves as one leaves, and stands on the page afterwards. */
async function leaves(young) {
  await young.press('#leave');
  await young.until('phase', 'ended');
  await leads(young, () => young.press('#view-ended a[href="/goodbye"]'));
  assert.equal(pathOf(young), '/goodbye');
}

/** Our agreement with an adult who may be asked to look in, by keyboard. */
async function agree(kari) {
  await open(kari, `${HER}/agreement`);
  await key(kari, 'input[name="has-adult"]', 'Space');
  await tabTo(kari, '#adult-name');
  await kari.page.keyboard.type('Mormor');
  await tabTo(kari, '#adult-phone');
  await kari.page.keyboard.type('998 87 766');
  await key(kari, '#adult-look-in', 'Space');
  await go(kari, '#save');
  assert.equal(await kari.page.$eval('#problem a', (link) => link.getAttribute('href')), '#adult-look-in', 'without a sign nobody knows whom it is from');
  await tabTo(kari, '#sign');
  await kari.page.keyboard.type('Blå rev');
  await go(kari, '#save');
  assert.equal(await kari.page.$('#problem'), null);
}

/** The hour that is on is closed, with something that she is to see and something that she is not. */
async function close(kari) {
  await open(kari, '/day');
  const hour = await kari.page.$eval('.hour-row:has([data-color="brand1"]) a.change', (link) => link.getAttribute('href'));
  await open(kari, `${hour}/close`);
  await kari.press('.fold:has([name="task"]) > summary');
  await kari.see('[name="task"]');
  await kari.page.type('[name="task"]', TASK);
  assert.equal(await kari.page.$eval('[name="for-her"]', (box) => box.checked), true, 'said before it is sent');
  await kari.press('input[name="usefulness"][value="much"]');
  await leads(kari, () => kari.press('form.fields button[data-size="lg"]'));
  assert.match(await kari.text('main'), /Timen er lukket/);
}

/** The messages that have left, as they lie in the folder of a demo. */
function left(server) {
  const folder = join(server.data, 'outbox');
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.txt')).map((name) => readFileSync(join(folder, name), 'utf8'));
  } catch {
    return [];
  }
}

const questions = (person) => person.page.$('#questions');

// All files run in one process: hooks belong inside a suite, or they would run for every file.
for (const [kind, hostKind] of [['chromium', 'firefox'], ['firefox', 'chromium']]) {
  describe(`afterwards by keyboard in ${kind}`, () => {
    let data;
    let server;
    let kari;
    let clinician;
    let young;
    before(async () => {
      data = mkdtempSync(join(tmpdir(), 'samrom-after-'));
      server = await Server.start({ data });
      kari = await atDesk(kind, server, { viewport: PHONE });
      await agree(kari);
      ({ clinician, young } = await inside(server, hostKind, kind));
    });
    after(async () => {
      await closeAll([young, clinician, kari], server);
      rmSync(data, { recursive: true, force: true });
    });

    test('she lands on what comes next, without a hurry and without a name in title or address', async () => {
      await leaves(young);
      const page = await young.text('main');
      assert.match(page, /Ferdig for i dag[^]*Du kan bli på siden så lenge du vil[^]*Neste gang: .* kl\. \d\d\.\d\d, på skjerm\.[^]*116 111/);
      assert.match(page, /Sist på skjerm: i dag/);
      assert.equal(await young.page.title(), 'Samrom');
      assert.equal(await young.page.$('#agreed'), null, 'nothing is agreed yet');
    });

    test('what was agreed comes with a reload, closed until she opens it, and she hides it again', async () => {
      await close(kari);
      await young.reload();
      assert.doesNotMatch(await young.text('main'), new RegExp(TASK), 'another eye sees a heading');
      await key(young, '#agreed > summary', 'Enter');
      assert.match(await young.text('#agreed'), new RegExp(TASK));
      await key(young, '#agreed > summary', 'Enter');
      assert.doesNotMatch(await young.text('main'), new RegExp(TASK));
    });

    test('company is asked by the very words that she was shown, once', async () => {
      await key(young, '#company > summary', 'Enter');
      assert.match(await young.text('#company'), /Du kan be Mormor om å se innom\. Da går denne meldingen til \+47 998 87 766:/);
      assert.equal(await young.text('#company-text'), LOOK_IN);
      await go(young, 'form[action="/goodbye/company"] button');
      assert.match(await young.text('main'), /Du spurte kl\. \d\d\.\d\d\./);
      const end = Date.now() + 15_000;
      while (!left(server).some((text) => text.includes('+4799887766')) && Date.now() < end) await pause(200);
      const texts = left(server).filter((text) => text.includes('+4799887766'));
      assert.deepEqual(texts, [`To: +4799887766\n\n${LOOK_IN}\n`]);
      assert.doesNotMatch(texts[0], NAMES, 'no name, no service, no place');
      await young.reload();
      assert.match(await young.text('main'), /Meldingen er sendt\. Vi vet ikke om den er lest\./);
      assert.equal(await young.page.$('form[action="/goodbye/company"]'), null, 'once');
      assert.doesNotMatch(server.log(), /Mormor|99887766/);
    });

    test('nothing is sent without her choice of who sees it; only counted, nobody sees it', async () => {
      await choose(young, 'got-said', 'no');
      await choose(young, 'next-time', 'meet');
      await go(young, 'form[action="/goodbye/questions"] button');
      assert.match(await young.text('#problem'), /Ingenting er sendt ennå/);
      assert.equal(await young.page.$eval('#problem a', (link) => link.getAttribute('href')), '#readers');
      assert.equal(await young.page.$eval('input[name="got-said"]:checked', ({ value }) => value), 'no', 'what she chose stands there');
      await chooseFirst(young, 'readers', 'statistics');
      await go(young, 'form[action="/goodbye/questions"] button');
      assert.match(await young.text('main'), /Det er ikke flere spørsmål i dag/);
      await open(kari, HER);
      assert.match(await kari.text('main'), /Ingen svar er vist deg ennå/);
      assert.match(await kari.text('main'), /Sist på skjerm\s+i dag/);
    });

    test('after another hour in the same week she is not asked', async () => {
      await leaveAsHost(clinician, 'end-for-all');
      await Promise.all([clinician.close(), young.close()]);
      const { port } = server;
      await server.stop();
      server = await Server.start({ data, port });
      ({ clinician, young } = await inside(server, hostKind, kind));
      await leaves(young);
      assert.match(await young.text('main'), /Neste gang:/);
      assert.equal(await questions(young), null);
    });
  });

  describe(`what she tells Kari in ${kind}`, () => {
    let server;
    let kari;
    let clinician;
    let young;
    before(async () => {
      server = await Server.start();
      kari = await atDesk(kind, server, { viewport: PHONE });
      ({ clinician, young } = await inside(server, hostKind, kind));
    });
    after(() => closeAll([young, clinician, kari], server));

    test('stands beside Kari\'s own view, never as one number, until she takes it back', async () => {
      await leaves(young);
      assert.equal(await young.page.$('#company'), null, 'nobody was agreed on: no false hope');
      await choose(young, 'got-said', 'partly');
      await choose(young, 'understood', 'yes');
      await chooseFirst(young, 'readers', 'clinician');
      // A tab that still shows the form.
      const first = young.page;
      await young.newPage();
      await young.open(first.url());
      const second = young.page;
      young.page = first;
      await go(young, 'form[action="/goodbye/questions"] button');
      assert.match(await young.text('main'), /Kari får se dette[^]*Fikk du sagt det du ville\?\s+Litt/);
      young.page = second;
      await young.page.bringToFront();
      await young.press('input[name="readers"][value="statistics"]');
      await young.press('input[name="got-said"][value="no"]');
      await leads(young, () => young.press('form[action="/goodbye/questions"] button'));
      assert.match(await young.text('main'), /Kari får se dette[^]*Litt/, 'the first answer stands');
      await first.close();
      await close(kari);
      await open(kari, HER);
      const course = await kari.page.$eval('#course ~ ul', (list) => list.innerText);
      assert.match(course, /Fikk sagt det\s+Litt\s+Følte seg forstått\s+Ja\s+Neste gang\s+ikke svart\s+Ditt syn: hvor nyttig det var\s+Mye/);
      assert.doesNotMatch(course, /\d\s*(%|av|\/)|★|snitt/i, 'words, never scores');
      await go(young, 'form[action="/goodbye/questions/back"] button');
      assert.match(await young.text('main'), /Du tok svarene tilbake\. De er slettet\./);
      await kari.reload();
      assert.match(await kari.text('main'), /Ingen svar er vist deg ennå/);
    });
  });
}

describe('afterwards, otherwise', () => {
  let server;
  let kari;
  let clinician;
  before(async () => {
    server = await Server.start();
    kari = await atDesk('chromium', server, { viewport: PHONE });
    clinician = await host('chromium', server.links.clinician, {}, 'neither');
  });
  after(() => closeAll([clinician, kari], server));

  test('an abrupt end brings no questions, and the numbers stand there', async () => {
    const young = await guest('chromium', server.links.young, { viewport: PHONE }, 'neither');
    await letIn(clinician);
    await members([clinician, young]);
    await young.press('#close-fast');
    await young.see('#view-neutral', 2_000);
    await clinician.see('#gone [data-reason="closed-fast"]');
    await young.press('[data-do="carry-on"]');
    await young.when(() => location.pathname === '/goodbye');
    await young.reload();
    const page = await young.text('main');
    assert.match(page, /116 111/);
    assert.doesNotMatch(page, /Neste gang|Sist på/, 'CARE-03: whoever came in may have pressed on');
    assert.equal(await questions(young), null, 'CARE-02');
    await young.close();
  });

  test('on a lent device nothing of hers stands, and a parent has none of it', async () => {
    await agree(kari);
    const device = await Person.at('chromium', { viewport: PHONE });
    await device.open(server.links.careWorker);
    await walkToMeeting(device);
    await leads(device, () => device.press('a[href^="/lend/"]'));
    await device.press('input[name="known"]');
    await leads(device, () => device.press('form[action^="/lend/"] button'));
    await leads(device, () => device.press('form[action="/here/start"] button'));
    await device.until('phase', 'checking');
    await arrive(device, 'neither');
    await device.until('phase', 'waiting');
    await letIn(clinician);
    await members([clinician, device]);
    const mona = await guest('chromium', server.links.guardian, { viewport: PHONE }, 'neither');
    await letInByHerYes(clinician, device);
    await members([clinician, device, mona]);
    await close(kari);
    // When she goes, her mother waits again (SEC-115).
    await leaves(mona);
    await leaves(device);
    for (const somebody of [device, mona]) {
      await somebody.reload();
      const page = await somebody.text('main');
      assert.doesNotMatch(page, /Neste gang|Sist på skjerm|Det dere ble enige om|Vil du ha selskap/);
      assert.doesNotMatch(await somebody.page.content(), new RegExp(TASK));
      assert.equal(await questions(somebody), null);
    }
    await Promise.all([device.close(), mona.close()]);
  });
});

describe('the pages afterwards', () => {
  for (const dark of [false, true]) {
    test(`axe, keyboard and width, ${dark ? 'dark' : 'light'}`, async () => {
      const server = await Server.start();
      const people = [];
      try {
        const look = (person, what) => everySize(person, what, { dark, picture: 'afterwards' });
        const kari = await atDesk('chromium', server, { viewport: PHONE, dark });
        people.push(kari);
        await agree(kari);
        const { clinician, young } = await inside(server, 'chromium', 'chromium', { viewport: PHONE, dark });
        people.push(clinician, young);
        await leaves(young);
        await close(kari);
        await young.reload();
        await look(young, 'landing');
        await young.press('#agreed > summary');
        await young.press('#company > summary');
        await young.press('input[name="got-said"][value="yes"]');
        await look(young, 'landing-open');
        await leads(young, () => young.press('form[action="/goodbye/questions"] button'));
        await look(young, 'refused');
        await young.press('input[name="readers"][value="clinician"]');
        await leads(young, () => young.press('form[action="/goodbye/questions"] button'));
        await look(young, 'told');
        await young.press('#company > summary');
        await leads(young, () => young.press('form[action="/goodbye/company"] button'));
        await look(young, 'company-asked');
        await open(kari, HER);
        await look(kari, 'person');
        await leads(young, () => young.press('form[action="/goodbye/questions/back"] button'));
        await look(young, 'taken-back');
      } finally {
        await Promise.all(people.map((person) => person.close()));
        await server.stop();
      }
    });
  }
});
