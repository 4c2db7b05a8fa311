// What the join page costs somebody on a poor line: what a browser transfers for it, without the two workers and with
// the one that seals frames. The large MLS worker is counted by nobody; it must be there before anybody presses.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, Person, closeAll } from '../lib/browsers.mjs';
import { findMeeting } from '../lib/meeting.mjs';
import { Gate } from '../lib/network.mjs';
import { Server } from '../lib/server.mjs';
import { loaded } from '../lib/weight.mjs';

/** Bytes as transferred, headers included, without the workers. */
const WITHOUT_WORKERS_MAX = 120_000;
/** The same with the worker that seals frames; the aim is 120,000 for this too, and it may only fall. */
const WITH_FRAME_WORKER_MAX = 136_000;

describe('the weight of the join page', () => {
  let server;
  let page;
  before(async () => {
    server = await Server.start();
    page = await loaded(server);
  });
  after(() => closeAll([], server));

  const sumOf = (files) => files.reduce((all, { bytes }) => all + bytes, 0);

  test('the first load is light', () => {
    const withFrames = page.files.filter(({ name }) => !name.startsWith('group-worker'));
    const first = withFrames.filter(({ name }) => !name.startsWith('frame-worker'));
    const table = first.map(({ name, bytes, coding }) => `${name} ${bytes} ${coding ?? ''}`).join('\n');
    for (const needed of ['site.css', 'meeting.css', 'stage.js', 'stage.wasm', 'frame-worker.js', 'frame-worker.wasm']) {
      assert.ok(withFrames.some(({ name }) => name === needed), `${needed} was seen:\n${table}`);
    }
    const [sum, all] = [sumOf(first), sumOf(withFrames)];
    console.log(`${table}\n${sum} without the workers, ${all} with the frame worker`);
    assert.ok(sum < WITHOUT_WORKERS_MAX, `${sum} bytes:\n${table}`);
    assert.ok(all < WITH_FRAME_WORKER_MAX, `${all} bytes with the frame worker`);
    assert.equal(first.filter(({ name }) => name === 'stage.wasm').length, 1, 'what is asked for early is not asked for twice');
  });

  test('the MLS worker is there before anybody has pressed anything', () => {
    assert.equal(page.phase, 'checking');
    assert.ok(page.files.some(({ name }) => name === 'group-worker.wasm'), 'it was loaded during the device check');
  });

  test('the device check stands before either worker is there, and a press is kept until it is', async () => {
    const gate = await Gate.start(server);
    gate.hold(/-worker/);
    const person = await Person.at('chromium', { viewport: PHONE });
    try {
      await person.open(gate.link(server.links.young));
      await findMeeting(person);
      await person.see('#view-check');
      await person.press('#means-both');
      await person.see('#check-picture');
      await person.picture('check-before-the-worker');
      assert.equal(await person.data('phase'), 'connecting');
      await person.press('#arrive');
      await person.see('#view-start');
      assert.match(await person.text('#view-start'), /Et øyeblikk/);
      gate.hold(undefined);
      await person.until('phase', 'waiting');
    } finally {
      await person.close();
      await gate.stop();
    }
  });

  test('what the build made comes as Brotli', () => {
    for (const name of ['stage.wasm', 'stage.js', 'site.css', 'frame-worker.wasm', 'group-worker.wasm']) {
      assert.equal(page.files.find((file) => file.name === name)?.coding, 'br', name);
    }
  });
});
