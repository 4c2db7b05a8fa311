// Near sound through the whole chain, from one browser's microphone, sealed, through the server, to what another plays:
// breath and a low *mm* keep their distance from talk, no gate opens or shuts, packets come in silence too, and of two who
// speak at once neither disappears.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PHONE, addKind, closeAll } from '../lib/browsers.mjs';
import { closePanel, fresh, pair, turn } from '../lib/meeting.mjs';
import { ROUND, SENT, fewestPackets, herSound, levelsAt, nearness, otherSound, partsOf, together } from '../lib/near.mjs';
import { Server } from '../lib/server.mjs';

/** Decibels by which anything may have become softer than it was said. */
const OFF_MAX = 6;
/** Decibels by which breath may have come nearer to or farther from talk: the gain that helps a soft voice lifts talk more. */
const DISTANCE_MAX = 10;
/** A machine that has no time drops sound that nobody gated: the best of so many rounds counts. */
const ROUNDS = 3;

// All files run in one process: hooks belong inside a suite, or they would run for every file.
describe('near sound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'samrom-near-'));
  let server;
  let clinician;
  let young;
  before(async () => {
    for (const [kind, path] of [['chromium-her', herSound(folder)], ['chromium-other', otherSound(folder)]]) {
      addKind(kind, 'chromium', { args: [`--use-file-for-fake-audio-capture=${path}`] });
    }
    server = await Server.start();
    ({ clinician, young } = await pair(server, { hostKind: 'chromium-other', guestKind: 'chromium-her', guestOptions: { viewport: PHONE } }));
    // Sound alone: pictures cost this machine more than it has.
    for (const person of [clinician, young]) await turn(person, '#camera', false);
    await turn(clinician, '#microphone', false);
    await fresh(clinician, { picture: false });
  });
  after(async () => {
    await closeAll([young, clinician], server);
    rmSync(folder, { recursive: true, force: true });
  });

  const written = (figures) => Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(name === 'holes' ? 3 : 1)}`).join(', ');
  const isNear = ({ talk, breath, mm, holes }) => [breath, mm].every((off) => Math.abs(off) <= DISTANCE_MAX && off + talk - SENT.talk >= -OFF_MAX) && holes < 0.05;
  /** Measures until it is as it should be, and gives the last figures. */
  async function measured(measure, isGood) {
    let figures;
    for (let round = 0; round < ROUNDS; round += 1) {
      figures = await measure();
      console.log(`    ${written(figures)}`);
      if (isGood(figures)) break;
    }
    return figures;
  }

  test('breath and a low mm keep their distance from talk, without holes', async () => {
    const figures = await measured(async () => nearness(await levelsAt(clinician, ROUND)), isNear);
    assert.ok(isNear(figures), written(figures));
    assert.ok(figures.silence < figures.talk - 40, 'silence is silence: this measures her sound and nothing else');
  });

  test('packets come as fast in silence as in talk', async () => {
    const { packets } = await measured(async () => ({ packets: await fewestPackets(clinician, ROUND) }), ({ packets: fewest }) => fewest > 44);
    assert.ok(packets > 44, `${packets} in the poorest second; a pause in sending would leave two or three`);
  });

  test('two who speak at once: neither is more than six decibels down', async () => {
    const talk = async (person) => together(partsOf(await levelsAt(person, ROUND)).talk);
    const alone = await talk(clinician);
    await turn(young, '#microphone', false);
    await turn(clinician, '#microphone');
    await fresh(young, { picture: false });
    const otherAlone = together(await levelsAt(young, 6));
    await turn(young, '#microphone');
    await fresh(clinician, { picture: false });
    const figures = await measured(
      async () => ({ hers: await talk(clinician) - alone, other: together(await levelsAt(young, 6)) - otherAlone }),
      ({ hers, other }) => hers > -OFF_MAX && other > -OFF_MAX,
    );
    assert.ok(figures.hers > -OFF_MAX && figures.other > -OFF_MAX, written(figures));
    await turn(clinician, '#microphone', false);
  });

  test('dampening is off until she wants it, is said to take breath, and is remembered', async () => {
    const dampens = () => young.page.evaluate(() => window.connections.at(-1).getSenders()[0].track.getSettings().noiseSuppression);
    assert.equal(await dampens(), false);
    await young.press('#open-devices');
    assert.match(await young.text('.noise'), /Pust, pauser og det du sier lavt, kan bli borte/);
    await young.press('#noise');
    await young.when(() => window.connections.at(-1).getSenders()[0].track?.getSettings().noiseSuppression === true);
    await closePanel(young, 'devices');
    await fresh(clinician, { picture: false });
    assert.equal(await young.page.evaluate(() => localStorage.getItem('samrom-noise')), 'dampened');
    await young.reload();
    await young.until('members', '2');
    assert.equal(await young.page.$eval('#noise', (box) => box.checked), true);
    await turn(young, '#microphone');
    await young.when(() => window.connections.at(-1).getSenders()[0].track?.getSettings().noiseSuppression === true);
    await fresh(clinician, { picture: false });
    const dampened = nearness(await levelsAt(clinician, ROUND));
    console.log(`    dampened: ${written(dampened)}`);
    assert.ok(dampened.talk > SENT.talk - DISTANCE_MAX, 'talk is heard with it as without it');
  });
});
