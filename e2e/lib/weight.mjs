// What the meeting's page costs a browser that has nothing of it yet.

import { setTimeout as pause } from 'node:timers/promises';
import { comeToDoor } from './meeting.mjs';

/** What a browser with an empty cache transfers of the meeting's page: `{ name, bytes, coding, worker }` each. */
export async function loaded(server) {
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
    await pause(100);
  }
  await Promise.all(workers);
  const phase = await person.data('phase');
  await person.close();
  return { phase, files: [...files.values()].filter(({ bytes }) => bytes !== undefined) };
}
