// What the join page costs somebody on a poor line: everything that a browser transfers until the device check stands,
// the frame worker included; and that the large MLS worker comes meanwhile, before anybody presses.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { closeBrowsers } from '../lib/browsers.mjs';
import { comeToDoor } from '../lib/meeting.mjs';
import { Server } from '../lib/server.mjs';

/** The aim. */
const FIRST_LOAD_AIM = 120_000;
/** Bytes as transferred, headers included; it may only fall, until it is the aim. */
const FIRST_LOAD_MAX = 136_000;

/** What a browser with an empty cache transfers of the meeting's page: `{ name, bytes, coding, worker }` each. */
async function loaded(server) {
  const person = await comeToDoor('chromium', server.links.young);
  const files = new Map();
  const listen = async (session) => {
    session.on('Network.responseReceived', ({ requestId, response }) => {
      const name = new URL(response.url).pathname.replace(/^.*\//, '');
      // A worker's own script is told to its page without the length of its body.
      const body = Number(response.headers['content-length'] ?? response.headers['Content-Length'] ?? 0);
      files.set(requestId, { name, body, coding: response.headers['content-encoding'] ?? response.headers['Content-Encoding'] });
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const file = files.get(requestId);
      if (file) file.bytes = encodedDataLength < file.body ? encodedDataLength + file.body : encodedDataLength;
    });
    await session.send('Network.enable');
  };
  const session = await person.page.createCDPSession();
  // Workers load their modules by themselves and are asked for them by themselves.
  const workers = [];
  person.page.on('workercreated', (worker) => workers.push(listen(worker.client)));
  await listen(session);
  await session.send('Network.clearBrowserCache');
  await person.open(person.page.url());
  await person.until('phase', 'checking');
  const has = (name) => [...files.values()].some((file) => file.name === name && file.bytes !== undefined);
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && !['group-worker.wasm', 'frame-worker.wasm'].every(has)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(workers);
  const phase = await person.page.evaluate(() => document.documentElement.dataset.phase);
  await person.close();
  return { phase, files: [...files.values()].filter(({ bytes }) => bytes !== undefined) };
}

describe('the weight of the join page', () => {
  let server;
  let page;
  before(async () => {
    server = await Server.start();
    page = await loaded(server);
  });
  after(async () => {
    await server?.stop();
    await closeBrowsers();
  });

  test('the first load has not grown, the frame worker included and the MLS worker not', () => {
    const first = page.files.filter(({ name }) => !name.startsWith('group-worker'));
    const table = first.map(({ name, bytes, coding }) => `${name} ${bytes} ${coding ?? ''}`).join('\n');
    for (const needed of ['site.css', 'meeting.css', 'stage.js', 'stage.wasm', 'frame-worker.js', 'frame-worker.wasm']) {
      assert.ok(first.some(({ name }) => name === needed), `${needed} was seen:\n${table}`);
    }
    const sum = first.reduce((all, { bytes }) => all + bytes, 0);
    console.log(`${table}\n${sum} in all`);
    if (sum >= FIRST_LOAD_AIM) console.log(`${sum - FIRST_LOAD_AIM} bytes above the aim of ${FIRST_LOAD_AIM}`);
    assert.ok(sum < FIRST_LOAD_MAX, `${sum} bytes:\n${table}`);
    assert.equal(first.filter(({ name }) => name === 'stage.wasm').length, 1, 'what is asked for early is not asked for twice');
  });

  test('the MLS worker is there before anybody has pressed anything', () => {
    assert.equal(page.phase, 'checking');
    assert.ok(page.files.some(({ name }) => name === 'group-worker.wasm'), 'it was loaded during the device check');
  });

  test('what the build made comes as Brotli', () => {
    for (const name of ['stage.wasm', 'stage.js', 'site.css', 'frame-worker.wasm', 'group-worker.wasm']) {
      assert.equal(page.files.find((file) => file.name === name)?.coding, 'br', name);
    }
  });
});
