// A full room of native clients on the real server: what a forwarded packet costs it, kernel included, and what a
// participant costs it in memory.

import { readFileSync } from 'node:fs';
import { Bot } from '../e2e/lib/bot.mjs';
import { Server, freePort } from '../e2e/lib/server.mjs';

const ROUNDS = 7;
const WINDOW_MS = 4_000;
/** Linux counts a process's time in these (USER_HZ, the same on every machine that Debian runs on). */
const TICK_US = 10_000;
const PEOPLE = 8;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A meeting of today with two hosts and six others, and a link for each who comes by one. */
function fullRoom(server) {
  const clinic = server.admin('organization', '--name', 'Målestasjonen', '--kind', 'clinic');
  const enter = (kind, number) => server.admin('person', '--organization', clinic, '--kind', kind, '--given', `Måler ${number}`, '--family', 'Prøve');
  const host = enter('practitioner', 0);
  const now = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Oslo', dateStyle: 'short', timeStyle: 'short' }).format(Date.now() - 60_000);
  const appointment = server.admin('appointment', '--organization', clinic, '--kind', 'care-planning', '--responsible', host, '--starts', now.replace(' ', 'T'));
  const links = [];
  for (let number = 0; number < PEOPLE; number += 1) {
    const person = number === 0 ? host : enter('related', number);
    server.admin('invite', '--appointment', appointment, '--person', person, '--role', number === 0 ? 'host' : 'professional');
    links.push(server.admin('link', '--appointment', appointment, '--person', person));
  }
  return links;
}

/** Microseconds of processor that a process has used so far: in its own code, and in the kernel for it. */
function used(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
  return { own: Number(fields[11]) * TICK_US, kernel: Number(fields[12]) * TICK_US };
}

const kilobytes = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m)[1]);

async function packets(port) {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const of = (name) => Number(page.match(new RegExp(`^${name}(?:_total)? (\\d+)`, 'm'))?.[1] ?? 0);
  return { in: of('samrom_media_packets_in'), out: of('samrom_media_packets_out') };
}

/** Seven windows with eight people inside, each sending sound and picture. */
export async function load() {
  const metrics = await freePort();
  const server = await Server.start({ environment: { SAMROM_METRICS_PORT: String(metrics) } });
  const bots = [];
  try {
    const links = fullRoom(server);
    const seconds = 60 + Math.ceil((ROUNDS * WINDOW_MS) / 1_000);
    await pause(1_500);
    const empty = kilobytes(server.process.pid);
    for (const [place, link] of links.entries()) bots.push(Bot.join(link, { seconds, admitAll: place === 0 }));
    await settled(metrics);
    const full = kilobytes(server.process.pid);
    const windows = [];
    for (let round = 0; round < ROUNDS; round += 1) windows.push(await window(server.process.pid, metrics));
    return { people: PEOPLE, windows, empty, full, perPerson: Math.round((full - empty) / PEOPLE) };
  } finally {
    bots.forEach((bot) => bot.stop());
    await server.stop();
  }
}

/** Waits until as many packets go out as a full room makes: seven out for one in, or nearly. */
async function settled(port) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const before = await packets(port);
    await pause(2_000);
    const after = await packets(port);
    if (after.in > before.in && (after.out - before.out) / (after.in - before.in) > PEOPLE - 2) return;
  }
  throw new Error('the room did not fill');
}

async function window(pid, port) {
  const [time, count, from] = [used(pid), await packets(port), performance.now()];
  await pause(WINDOW_MS);
  const [laterTime, laterCount, elapsed] = [used(pid), await packets(port), performance.now() - from];
  const out = laterCount.out - count.out;
  const inwards = laterCount.in - count.in;
  const own = laterTime.own - time.own;
  const kernel = laterTime.kernel - time.kernel;
  return { inPerSecond: (inwards * 1_000) / elapsed, outPerSecond: (out * 1_000) / elapsed, perPacketOut: (own + kernel) / out, ownShare: own / (own + kernel) };
}
