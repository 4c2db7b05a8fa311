// `./x bench`: takes the measurements and writes docs/ops/performance.md.
//
// What is measured: the weight of the join page as a browser transfers it; re-keying by group size; the forwarder's
// work per packet, sockets left out; what a full room of native clients costs the real server per packet, kernel
// included, and in memory; let in → first decoded picture in two Chromium browsers through the real server, on the
// plain line and with 25 ms each way through `samrom-impair`; the clinician's day and a booking under load on both
// engines. A run on a loaded machine is refused. With the word `pages` only the last is taken, and printed.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Person, addKind, closeBrowsers } from '../e2e/lib/browsers.mjs';
import { guest, host, letIn } from '../e2e/lib/meeting.mjs';
import { MEDIA_ADDRESS, ROOT, Server } from '../e2e/lib/server.mjs';
import { loaded } from '../e2e/lib/weight.mjs';
import { load } from './load.mjs';
import { pages } from './pages.mjs';

const ROUNDS = 7;
// Cameras as fast as most are; those of the tests are slower.
addKind('chromium-camera', 'chromium', { args: ['--use-fake-device-for-media-stream=device-count=3,fps=20'] });
const PROXY_ADDRESS = '10.77.0.2';
const LOAD_MAX = 0.75;
const CALM_MS = 180_000;

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const least = (values) => Math.min(...values);

/** The build just now is a load as well: waits until it has faded, and refuses a machine that stays busy. */
async function refuseLoadedMachine() {
  const busy = () => loadavg()[0] / availableParallelism();
  const patience = Date.now() + CALM_MS;
  while (busy() > LOAD_MAX && Date.now() < patience && !process.argv.includes('--loaded')) await pause(5_000);
  const load = busy();
  if (load > LOAD_MAX && !process.argv.includes('--loaded')) {
    console.error(`the machine is busy (${load.toFixed(2)} per core): figures would mislead; --loaded measures all the same`);
    process.exit(2);
  }
}

function example(name, ...where) {
  return execFileSync('cargo', ['run', '--quiet', '--release', ...where, '--example', name], { cwd: ROOT, encoding: 'utf8' });
}

/** Bytes that a browser transfers until the join page stands, and what comes later during the device check. */
async function pageWeight(server) {
  const { files } = await loaded(server);
  return new Map(files.map(({ name, bytes }) => [/^[0-9a-f-]{36}$/.test(name) ? 'page' : name, bytes]));
}

/** The moment at which the first picture of somebody else is on the screen, by the clock that all here share. */
function firstFrame(person) {
  return person.page.evaluate(() => new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector('#tiles video');
      if (video) video.requestVideoFrameCallback(() => resolve(Date.now()));
      else setTimeout(look, 5);
    };
    look();
  }));
}

/** Milliseconds from the click until both see each other. */
async function firstPicture(server) {
  const clinician = await host('chromium-camera', server.links.clinician);
  const young = await guest('chromium-camera', server.links.young);
  const frames = Promise.all([firstFrame(clinician), firstFrame(young)]);
  const clicked = clinician.page.evaluate(() => new Promise((resolve) => {
    document.addEventListener('click', () => resolve(Date.now()), { capture: true, once: true });
  }));
  await letIn(clinician);
  const took = Math.max(...(await frames)) - (await clicked);
  await clinician.press('#leave');
  await clinician.press('#leave-dialog [data-do="leave-now"]');
  await young.close();
  await clinician.close();
  return took;
}

async function firstPictures(profile) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await Server.start();
    const proxy = profile && impair(profile);
    if (profile) Person.answerAddress = [MEDIA_ADDRESS, PROXY_ADDRESS];
    times.push(await firstPicture(server));
    Person.answerAddress = undefined;
    proxy?.forEach((one) => one.stdin.end());
    await server.stop();
  }
  return times;
}

/** One proxy per media port of the server. */
function impair(profile) {
  return [4443, 4444].map((port) => spawn(join(ROOT, 'target/release/samrom-impair'), [
    '--listen', `${PROXY_ADDRESS}:${port}`, '--to', `${MEDIA_ADDRESS}:${port}`, '--up', profile, '--down', profile,
  ], { stdio: ['pipe', 'ignore', 'inherit'] }));
}

function table(head, rows) {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

const percent = (share) => `${(share * 100).toFixed(1)} %`;

/** The pages of planning under load, as the page has them. */
const underLoad = ({ rows, hours, rate, seconds }) => `## Pages of planning under load
${hours} hours in the records, those of the past closed but for the last two days, ${rate} requests a second by the clock (every tenth books, and what it announces is sent), the server and its database together on one core, the sender on the other; ${seconds} s, again and again until three were calm. Milliseconds from the moment at which a request was due until its last byte. *Taken*: the share of that core which the machine's host gave to others meanwhile; nobody here can do anything about it, and it decides the slowest requests; calm is below 1 %. Get it again: \`./x bench pages\`.

${table(['engine', 'request', 'minute', 'requests', 'p50 ms', 'p99 ms', 'longest ms', 'core in use', 'taken', 'sender late by ms'],
  rows.map((row) => [row.engine, row.what, row.minute, row.count, row.p50.toFixed(1), row.p99.toFixed(1), row.most.toFixed(1), percent(row.busy), percent(row.stolen), row.late.toFixed(1)]))}`;

await refuseLoadedMachine();
if (process.argv.includes('pages')) {
  console.log(underLoad(await pages()));
  process.exit(0);
}
const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
const server = await Server.start();
const weights = await pageWeight(server);
await server.stop();
const late = /^(group|frame)-worker/;
const first = [...weights].filter(([name]) => !late.test(name)).reduce((sum, [, size]) => sum + size, 0);
const ofFrames = [...weights].filter(([name]) => name.startsWith('frame-worker')).reduce((sum, [, size]) => sum + size, 0);
const rekey = example('rekey', '--package', 'path+file://' + join(ROOT, 'call/group')).trim().split('\n').map((line) => JSON.parse(line));
const forward = example('forward_cost', '--package', 'sfu').trim();
const room = await load();
const plain = await firstPictures();
const far = await firstPictures('delay=25');
await closeBrowsers();
const planning = await pages();

const spread = (rows, key, digits) => [least(rows.map((row) => row[key])), middle(rows.map((row) => row[key]))].map((value) => value.toFixed(digits));
const us = (cell) => (cell ? `${cell.min} / ${cell.median}` : '–');
const file = join(ROOT, 'docs/ops/performance.md');
// What bench/bare.sh measures is written by hand, at the end.
const bare = readFileSync(file, 'utf8').match(/^## From a bare machine .*/ms)?.[0] ?? '';
const page = `# Performance

Written by \`./x bench\`, but for the last part; do not edit. Machine: ${cpus()[0].model}, ${availableParallelism()} cores, ${new Date().toISOString().slice(0, 10)}.
These are baselines, each the minimum and median of ${ROUNDS} or more.

## Let in → picture on both sides
Two Chromium browsers, server and proxy on the same machine, which encodes and decodes four pictures meanwhile. From the click in the one page until both have shown their first decoded picture (\`requestVideoFrameCallback\`).

${table(['line', 'minimum ms', 'median ms'], [['plain', plain], ['50 ms round trip', far]].map(([name, times]) => [name, least(times).toFixed(0), middle(times).toFixed(0)]))}

## Re-keying
Microseconds, minimum / median. *Add* and *remove*: the committer until its new frame key is there. *Join*: from the welcome. *Receive*: one other member. Get them again: \`./x bench\`.

${table(['members', 'add', 'join', 'remove', 'receive'], rekey.map((row) => [row.members, us(row.add_us), us(row.join_us), us(row.remove_us), us(row.receive_us)]))}

## The forwarder's work per packet
CPU time, sockets left out, packets of 1.1 kB. Get it again: \`cargo run --release --package sfu --example forward_cost\`.

\`\`\`
${forward}
\`\`\`

## A full room
${room.people} native clients in one room of the real server, each sending made-up sound and pictures to all others. Processor time of the server, kernel included, as the kernel accounts for it, over ${room.windows.length} windows of four seconds.

${table(['what', 'minimum', 'median'], [
  ['µs per packet sent', ...spread(room.windows, 'perPacketOut', 2)],
  ['share of it in our own code', ...spread(room.windows, 'ownShare', 2)],
  ['packets in, per second', ...spread(room.windows, 'inPerSecond', 0)],
  ['packets out, per second', ...spread(room.windows, 'outPerSecond', 0)],
])}

Resident memory of the server: ${(room.empty / 1000).toFixed(1)} MB without anybody, ${(room.full / 1000).toFixed(1)} MB with the room full: ${room.perPerson} kB for each participant.

${underLoad(planning)}

## Weight of the join page
First load ${kilobytes(first)} kB as transferred, without the two workers; ${kilobytes(first + ofFrames)} kB with the one that seals frames.

${table(['what', 'kB transferred'], [...weights].sort((a, b) => b[1] - a[1]).map(([name, size]) => [name, kilobytes(size)]))}

${bare}`;
writeFileSync(file, page);
console.log(page);
process.exit(0);
