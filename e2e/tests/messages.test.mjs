// What was sent about an appointment, as its host sees it: failed, in doubt, sent once more by a press; against a gateway
// that answers as a test tells it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DESKTOP, PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { CLINIC, DEMO } from '../lib/demo.mjs';
import { overflowing, owes } from '../lib/looks.mjs';
import { Server } from '../lib/server.mjs';

const NARROW = { width: 320, height: 640, deviceScaleFactor: 1 };

/** A gateway for text messages: keeps what it was asked, and answers with `status`. */
async function gateway() {
  const kept = { texts: [], status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      kept.texts.push(JSON.parse(body));
      response.writeHead(kept.status).end();
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  kept.url = `http://127.0.0.1:${server.address().port}/`;
  kept.stop = () => new Promise((resolve) => { server.close(resolve); });
  return kept;
}

/** Waits until this is so. */
async function eventually(condition, what) {
  const end = Date.now() + 30_000;
  while (!await condition()) {
    assert.ok(Date.now() < end, what);
    await pause(200);
  }
}

describe('messages', () => {
  let server;
  let sms;
  let appointment;
  let address;

  before(async () => {
    sms = await gateway();
    server = await Server.start({ environment: { SAMROM_SMS_URL: sms.url, SAMROM_MESSAGES_QUIET: '' } });
    const starts = new Date(Date.now() + 26 * 3_600_000).toISOString().slice(0, 16);
    const plan = ['--organization', CLINIC, '--kind', 'consultation', '--responsible', DEMO.kari, '--starts', starts, '--sign', 'Blå fugl'];
    appointment = server.admin('appointment', ...plan);
    for (const [person, role] of [[DEMO.kari, 'host'], [DEMO.nora, 'young-person'], [DEMO.mona, 'guardian']]) {
      server.admin('invite', '--appointment', appointment, '--person', person, '--role', role);
    }
    server.admin('contact', '--person', DEMO.nora, '--phone', '99 88 77 66');
    address = new URL(`/appointment/${appointment}/messages`, server.links.clinician).href;
  });
  after(() => closeAll([], server, sms));

  const queue = (person, kind, ...more) => server.admin('message', '--appointment', appointment, '--person', person, '--kind', kind, ...more);

  /** What the page says now. */
  async function read(person) {
    await person.open(address);
    return person.page.$eval('main', ({ textContent }) => textContent);
  }

  const says = (person, words) => eventually(async () => (await read(person)).includes(words), `the page says «${words}»`);

  test('a host sees how each stands, and sends once more what may have arrived', async () => {
    const kari = await Person.at('chromium', { viewport: PHONE });
    await kari.open(server.links.clinician);
    await kari.open(address);
    await owes(kari, 'no messages');
    await says(kari, 'Ingen meldinger er sendt');

    queue(DEMO.nora, 'invitation', '--link');
    await says(kari, 'Tatt imot av neste ledd');
    assert.match(sms.texts[0].text, /^Hei! Vi sees .* Kom gjerne litt før: http\S+\/j\/\S+ - Blå fugl$/);
    sms.status = 500;
    const id = queue(DEMO.nora, 'reminder');
    await says(kari, 'Den kan ha kommet fram.');
    // Nobody knows where to reach her.
    server.admin('contact', '--person', DEMO.mona);
    queue(DEMO.mona, 'invitation');
    await says(kari, 'Vi har ikke noe nummer');

    for (const dark of [false, true]) {
      await kari.inScheme(dark ? 'dark' : 'light');
      for (const [size, viewport] of [['phone', PHONE], ['desktop', DESKTOP]]) {
        await kari.resize(viewport);
        await owes(kari, `messages, ${size}`);
        await kari.open(address);
        await kari.picture(`page-messages-${size}${dark ? '-dark' : ''}`);
      }
    }
    await kari.inScheme('light');
    await kari.resize(NARROW);
    assert.deepEqual(await overflowing(kari), [], 'at 320 pixels');
    await kari.resize(PHONE);

    assert.equal(sms.texts.length, 2, 'never a second time by itself (SEC-060)');
    sms.status = 200;
    await kari.press(`form:has(input[value="${id}"]) button`);
    await eventually(() => sms.texts.length === 3, 'it is sent once more');
    assert.deepEqual([sms.texts[2].reference, sms.texts[2].text], [sms.texts[1].reference, sms.texts[1].text], 'the same message');
    await eventually(async () => !(await read(kari)).includes('Usikkert'), 'the doubt is over');
    await kari.close();
  });

  test('nobody else sees them', async () => {
    const nora = await Person.at('chromium', { viewport: PHONE });
    await nora.open(server.links.young);
    const answer = await nora.page.goto(new URL(`/appointment/${appointment}/messages`, server.links.young).href);
    assert.equal(answer.status(), 404, 'SEC-028');
    assert.ok(!(await nora.page.content()).includes('Usikkert'));
    await nora.close();
  });
});
