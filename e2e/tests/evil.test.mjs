// A server that relays falsely, as the pages see it: a gate in front of the real server withholds, repeats, delays and
// forges what the server says to one page. The page notices, says so in words, and shows and plays nothing of it.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { closeAll } from '../lib/browsers.mjs';
import { ADMIT, closePanel, everythingOn, frames, fresh, guest, host, letIn, letInByHerYes, members, saysOn, write } from '../lib/meeting.mjs';
import { Gate, TAG } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';

// All files run in one process: hooks belong inside a suite, or they would run for every file.
/** SEC-019: five seconds, and what two cores need to say so in three browsers. */
const NOTICED_MS = 6_000;

describe('a server that relays falsely', () => {
  let server;
  let gate;
  let clinician;
  let young;
  let guardian;

  before(async () => {
    server = await Server.start();
    gate = await Gate.start(server);
    // The clinician's page is the one behind the gate, because it commits, adds and shows; the others see the truth.
    clinician = await host('chromium', gate.link(server.links.clinician));
    young = await guest('chromium', server.links.young);
    await letIn(clinician);
    await members([clinician, young]);
    await everybody((person) => fresh(person));
  });
  afterEach(() => { gate.tamper = undefined; });
  after(() => closeAll([guardian, young, clinician], gate, server));

  const everybody = (what) => Promise.all([clinician, young, guardian].filter(Boolean).map(what));
  const alarm = (person) => person.page.$eval('#alarm', (line) => (line.checkVisibility() ? line.innerText : ''));
  const chat = (person) => person.page.$eval('#chat-list', (list) => list.textContent);

  /** No picture and no sound of anybody is played, and nothing of one's own is sent. */
  async function dark(person) {
    await person.when(() => {
      const players = [...document.querySelectorAll('#tiles video, #tiles audio')];
      return players.length > 0 && players.every((player) => !player.srcObject);
    }, { timeout: 5_000 });
    for (const control of ['#microphone', '#camera']) {
      assert.equal(await saysOn(person, control), 'false', control);
    }
  }

  async function healed() {
    gate.tamper = undefined;
    await everybody((person) => person.until('alarm', ''));
    for (const person of [clinician, young]) {
      if (await saysOn(person, '#microphone') === 'false') await everythingOn(person);
    }
    await everybody((person) => fresh(person));
  }

  test('words said twice are shown once, and saying them again and again is noticed (SEC-017)', async () => {
    let twice = 0;
    gate.tamper = (message, tag) => {
      if (tag !== TAG.sealed) return [message];
      twice += 1;
      return [message, message];
    };
    await write(young, 'bare en gang');
    await closePanel(young, 'chat');
    await clinician.when(() => document.querySelector('#chat-list').textContent.includes('bare en gang'), { timeout: 10_000 });
    // What no key opens, because it was opened before, is a sign of something wrong.
    await clinician.until('alarm', 'diverged', 15_000);
    assert.ok(twice > 1, 'more was repeated since');
    assert.equal((await chat(clinician)).split('bare en gang').length - 1, 1);
    await healed();
  });

  test('a ghost: somebody who waits is to be added though nobody clicked; the worker refuses, the page says so (SEC-014)', async () => {
    let say;
    let lobby;
    gate.tamper = (message, tag, directly) => {
      say = directly;
      if (tag === TAG.lobby && message.length > 500) lobby = message;
      return [message];
    };
    guardian = await guest('chromium', server.links.guardian);
    await clinician.see(ADMIT);
    // In the lobby stand her seat (one byte of length, sixteen of id) and, last, her key package with its length.
    const seat = lobby.subarray(4, 21);
    const start = lobby.findIndex((_, at) => at > 40 && lobby[at] === 1 && at + 3 + ((lobby[at + 1] & 0x7f) | (lobby[at + 2] << 7)) === lobby.length);
    assert.ok(start > 0, 'the key package was found');
    const cameBack = Buffer.from([1]);
    say(Buffer.concat([lobby.subarray(0, 2), Buffer.from([TAG.addWanted]), seat, lobby.subarray(start + 1), cameBack]));
    await clinician.until('alarm', 'ghost-refused', 10_000);
    assert.match(await alarm(clinician), /Noen ble forsøkt lagt til/);
    await clinician.until('members', '2');
    assert.equal(await guardian.data('phase'), 'waiting');
    await Promise.all([clinician, young].map((person) => fresh(person)));
    await clinician.picture('evil-ghost');
    await clinician.until('alarm', '', 20_000);
  });

  test('pictures and voices under another name are refused, not shown (SEC-017)', async () => {
    await letInByHerYes(clinician, young);
    await members([clinician, young, guardian]);
    await everybody((person) => fresh(person));
    const before = await frames(clinician);
    let real;
    let say;
    // The slots say whose track each line carries; here everybody's are somebody else's.
    const swapped = (slots) => {
      const forged = Buffer.from(slots);
      const ids = [];
      for (let at = 5; at + 17 < forged.length; at += 19) ids.push(forged.subarray(at, at + 17).toString('hex'));
      const [one, other] = [...new Set(ids)];
      ids.forEach((id, index) => Buffer.from(id === one ? other : one, 'hex').copy(forged, 5 + index * 19));
      return forged;
    };
    gate.tamper = (message, tag, directly) => {
      say = directly;
      if (tag !== TAG.slots) return [message];
      real = message;
      return [swapped(message)];
    };
    // A new connection is told of all its lines.
    await clinician.reload();
    await clinician.until('phase', 'inside');
    await clinician.until('members', '3');
    await clinician.when(() => Number(document.documentElement.dataset.frames?.split(' ')[3]) > 50, { timeout: 20_000 });
    const counts = await frames(clinician);
    console.log(`    opened ${counts.opened}, refused ${counts.refused} (before ${before.refused})`);
    assert.ok(real, 'the slots were forged');
    const players = await clinician.page.$$eval('#tiles video', (all) => all.map((video) => video.videoWidth));
    assert.ok(players.length > 0 && players.every((width) => width === 0), `nothing is shown: ${players}`);
    gate.tamper = undefined;
    say(real);
    await healed();
  });

  test('a commit that is withheld from one page is noticed there, said in words, and she goes dark (SEC-019)', async () => {
    let from;
    gate.tamper = (message, tag) => {
      if (tag !== TAG.commit) return [message];
      from ??= Date.now();
      return [];
    };
    await guardian.press('#leave');
    // A page that is closed before it has said goodbye would be a lost line, for which no commit need come.
    await guardian.until('phase', 'ended');
    await guardian.close();
    guardian = undefined;
    await clinician.until('alarm', 'diverged', 20_000);
    const took = Date.now() - from;
    console.log(`    noticed ${took} ms after the commit was withheld`);
    assert.ok(took <= NOTICED_MS, `after ${took} ms`);
    assert.match(await alarm(clinician), /Noe stemmer ikke med låsen.*stoppet lyd og bilde/s);
    await dark(clinician);
    await clinician.picture('evil-withheld');
  });

  test('what is said sealed is withheld from one page: that page notices, says so and goes dark, and so does the other, whose words nobody answers; it ends when the truth comes through (SEC-018, SEC-019)', async () => {
    await clinician.reload();
    gate.tamper = undefined;
    await clinician.until('phase', 'inside');
    await members([clinician, young]);
    await healed();
    gate.tamper = (message, tag) => (tag === TAG.sealed ? [] : [message]);
    const from = Date.now();
    await clinician.until('alarm', 'diverged', 20_000);
    const took = Date.now() - from;
    console.log(`    noticed after ${took} ms`);
    assert.ok(took <= NOTICED_MS, `after ${took} ms`);
    assert.match(await alarm(clinician), /Noe stemmer ikke med låsen.*stoppet lyd og bilde/s);
    await dark(clinician);
    await young.until('alarm', 'diverged', 20_000);
    await healed();
  });
});
