// A room with everybody in it, by personal link: two hosts, a young person in another browser, those around her, up to
// the eight that it holds. Who comes and who goes interrupts nobody else. Sound only, the later ones without
// microphone, and four of them native clients: two cores that are eight phones at once would measure themselves.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Bot } from '../lib/bot.mjs';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { CLINIC, DEMO } from '../lib/demo.mjs';
import { answers, arrive, closePanel, comeToDoor, follow, fresh, guest, leaveAsHost, letIn, members } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** Those who come without a browser. */
const NATIVE = ['mona', 'amir', 'siri', 'tone'];

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('more than two people', () => {
  let server;
  let meeting;
  let clinician;
  let colleague;
  let young;
  let professional;
  const links = {};
  const others = {};
  const bots = [];

  before(async () => {
    server = await Server.start();
    const now = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'short' }).format(Date.now() - 60_000);
    const appointment = server.admin('appointment', '--organization', CLINIC, '--kind', 'care-planning', '--responsible', DEMO.kari, '--starts', now.replace(' ', 'T'));
    const invite = (person, role) => server.admin('invite', '--appointment', appointment, '--person', person, '--role', role);
    const link = (name, person) => { links[name] = server.admin('link', '--appointment', appointment, '--person', person); };
    for (const name of ['kari', 'jonas']) invite(DEMO[name], 'host');
    for (const [name, role] of [['nora', 'young-person'], ['mona', 'guardian'], ['amir', 'care-worker'], ['siri', 'professional']]) {
      invite(DEMO[name], role);
      link(name, DEMO[name]);
    }
    for (const [name, role] of [['tone', 'interpreter'], ['ola', 'support'], ['ida', 'professional']]) {
      const person = server.admin('person', '--organization', CLINIC, '--kind', 'related', '--given', name, '--family', 'Demo');
      invite(person, role);
      link(name, person);
    }
  });

  after(async () => {
    for (const bot of bots) bot.stop();
    await closeAll([...Object.values(others), professional, young, colleague, clinician], server);
  });

  /** Somebody with a demo sign-in goes to this meeting, whatever else the day holds. */
  async function comeAsHost(link) {
    const person = await Person.at('chromium');
    await person.open(link);
    await person.open(new URL(meeting, link).href);
    await person.until('phase', 'checking');
    await arrive(person, 'sound');
    return person;
  }

  /** Those in the room at this moment who speak and are spoken to. */
  const talkers = () => [clinician, colleague, young].filter(Boolean);

  /** Each of them hears somebody, anew. */
  const goesOn = () => Promise.all(talkers().map((person) => fresh(person, { picture: false })));

  /** Waits until each of their groups has so many members, the silent ones too. */
  const membersAre = (count) => members(talkers(), count, 60_000);

  const tiles = (person) => person.page.$$eval('#tiles .tile', (all) => all.map((tile) => [tile.querySelector('[data-part="name"]').innerText, tile.dataset.status]));

  /** Lets in whoever waits, and waits until the group has grown to this many. */
  async function letInUntil(count) {
    await letIn(clinician);
    await membersAre(count);
  }

  test('three in a room: clinician, colleague and the young person in another browser hear each other', async () => {
    young = await guest('firefox', links.nora, { viewport: PHONE }, 'sound');
    meeting = new URL(young.page.url()).pathname;
    clinician = await comeAsHost(server.links.clinician);
    await clinician.until('phase', 'inside');
    await letInUntil(2);
    colleague = await comeAsHost(server.links.colleague);
    await letInUntil(3);
    await goesOn();
    for (const person of talkers()) assert.equal((await tiles(person)).length, 2);
  });

  test('a personal link is a handle, not the door: hers as often as she likes, nobody else\'s once she has pressed (CARE-13)', async () => {
    const other = await Person.at('chromium');
    await other.open(links.ida);
    await other.see('form[action^="/j/"] button');
    professional = await comeToDoor('chromium', links.ida);
    await follow(professional, links.ida);
    // Somebody who only looked before has bound nothing, and comes too late now.
    await Promise.all([other.page.waitForNavigation({ waitUntil: 'domcontentloaded' }), other.press('form[action^="/j/"] button')]);
    assert.match(await other.text('main'), /virker ikke lenger/);
    await other.close();
  });

  const epoch = async (person) => Number(await person.data('epoch'));
  const alarms = () => Promise.all(talkers().map((person) => person.data('alarm')));

  /** Nobody's lock has cried wolf and muted them. */
  async function nobodyWasMuted() {
    for (const person of talkers()) assert.ok(await person.page.$eval('#muted-word', (word) => word.hidden), person.kind);
    assert.deepEqual(new Set(await alarms()), new Set(['']));
  }

  test('up to eight: everybody has a tile, nobody is interrupted by who comes', async () => {
    const before = await epoch(young);
    const connections = await young.page.evaluate(() => window.connections.length);
    let count = 3;
    // At the door before the room fills: a browser that starts takes the others' time.
    others.ola = await comeToDoor('chromium', links.ola);
    for (const name of ['mona', 'amir', 'siri', 'tone', 'ola']) {
      if (NATIVE.includes(name)) {
        bots.push(Bot.join(links[name], { seconds: 600, silent: true }));
      } else {
        await arrive(others[name], 'neither');
      }
      if (name === 'mona') {
        await letIn(clinician);
        await answers(young, 'yes');
      }
      await (name === 'mona' ? membersAre(count += 1) : letInUntil(count += 1));
    }
    assert.equal(await epoch(young), before + 5, 'each newcomer changes the keys once');
    await nobodyWasMuted();
    await goesOn();
    for (const person of [...talkers(), others.ola]) {
      await person.when(() => document.querySelectorAll('#tiles .tile').length === 7, { timeout: 10_000 });
    }
    assert.equal(await young.page.evaluate(() => window.connections.length), connections, 'one connection all the while');
    await nobodyWasMuted();
    await clinician.picture('many-eight-clinician');
    await young.picture('many-eight-young');
  });

  test('the ninth is told in words that the room is full, and so is the host who would let in', async () => {
    await arrive(professional, 'neither');
    await professional.until('phase', 'waiting');
    await professional.when(() => /fullt/.test(document.querySelector('#waiting-why').innerText), { timeout: 10_000 });
    await professional.picture('many-ninth');
    await letIn(clinician);
    await clinician.when(() => /Rommet er fullt/.test(document.querySelector('#notice-text').innerText), { timeout: 10_000 });
    await professional.until('phase', 'waiting');
    await membersAre(8);
    await professional.close();
    professional = undefined;
  });

  test('who leaves and who is sent back is out at once and interrupts nobody: keys change, the others go on (SEC-024)', async () => {
    const before = await epoch(young);
    await others.ola.press('#leave');
    await others.ola.until('phase', 'ended');
    await membersAre(7);
    assert.ok(await epoch(young) > before, 'keys change when somebody goes');
    await clinician.press('#open-people');
    await clinician.page.evaluate(() => {
      const name = [...document.querySelectorAll('#roster [data-part="name"]')].find(({ innerText }) => innerText.startsWith('Mona'));
      name.closest('[data-id]').querySelector('[data-do="send-back"]').click();
    });
    await membersAre(6);
    await clinician.when(() => /Mona/.test(document.querySelector('#lobby-list').innerText), { timeout: 15_000 });
    assert.ok(await epoch(young) > before + 1, 'keys change when somebody is sent back');
    await closePanel(clinician, 'people');
    await nobodyWasMuted();
    await goesOn();
    assert.ok(!(await tiles(young)).some(([name]) => name.startsWith('Mona')));
    await nobodyWasMuted();
  });

  test('the clinician leaves and the colleague stays: nobody waits again, and the colleague ends it for all', async () => {
    await leaveAsHost(clinician);
    await clinician.close();
    clinician = undefined;
    await membersAre(5);
    await goesOn();
    await leaveAsHost(colleague, 'end-for-all');
    await young.until('phase', 'ended');
  });
});
