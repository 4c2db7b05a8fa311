// The clinician's day and a booking under load: 50 000 hours in the records, a hundred requests a second, the server
// and its database on one core, on SQLite and on PostgreSQL.
//
// An open loop: requests leave by the clock whether or not the ones before have been answered, and each is timed from
// the moment at which it was due, so that a server that stands still is not measured less often.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT, Server } from '../e2e/lib/server.mjs';

const HOURS = Number(process.env.SAMROM_TEST_HOURS ?? 50_000);
const RATE = 100;
const WARM_SECONDS = 5;
const SECONDS = 60;
/**
 * A machine that others use as well is not the same in each minute: minutes are measured one after the other until so
 * many were calm, so many at most. All are told.
 */
const CALM_MINUTES = 3;
const MINUTES_MAX = 8;
/** A minute is calm when the machine's host gave less than this share of the core to others. */
const CALM = 0.01;
/** Of ten requests one books. */
const BOOKS_EACH = 10;
const CORE = '0';
const DAY_MS = 86_400_000;

const at = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** What the measured core has done since the machine started, in hundredths of a second (proc(5), /proc/stat). */
function core() {
  const line = readFileSync('/proc/stat', 'utf8').split('\n').find((line) => line.startsWith(`cpu${CORE} `));
  const [user, nice, system, idle, wait, interrupts, soft, stolen] = line.split(/ +/).slice(1).map(Number);
  return { busy: user + nice + system + interrupts + soft, free: idle + wait, stolen };
}

/** Shares of the core between two looks: what we used, and what the machine's host gave to others meanwhile. */
function shares(from, to) {
  const [busy, free, stolen] = ['busy', 'free', 'stolen'].map((what) => to[what] - from[what]);
  return { busy: busy / (busy + free + stolen), stolen: stolen / (busy + free + stolen) };
}

/** A PostgreSQL of its own on the measured core; stops with `stop()`. */
function cluster() {
  const versions = readdirSync('/usr/lib/postgresql').map(Number).filter((version) => existsSync(`/usr/lib/postgresql/${version}/bin/initdb`));
  const bin = `/usr/lib/postgresql/${Math.max(...versions)}/bin`;
  const folder = mkdtempSync('/tmp/samrom-pg-');
  const root = process.getuid() === 0;
  const as = root ? ['runuser', '-u', 'postgres', '--'] : ['env'];
  if (root) execFileSync('chown', ['postgres', folder]);
  execFileSync(as[0], [...as.slice(1), `${bin}/initdb`, '-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'], { cwd: folder, stdio: 'ignore' });
  const child = spawn('taskset', ['-c', CORE, ...as, `${bin}/postgres`, '-D', `${folder}/data`, '-k', folder, '-c', 'listen_addresses='], { cwd: folder, stdio: 'ignore' });
  return {
    address: `postgres://postgres@localhost/postgres?host=${folder}`,
    ready: async () => {
      for (let tries = 0; tries < 100 && !existsSync(`${folder}/.s.PGSQL.5432`); tries += 1) await pause(100);
      await pause(500);
    },
    /** Reads what was entered once through, as it has been read long ago in a clinic that runs. */
    settle: () => execFileSync(`${bin}/psql`, ['-h', folder, '-U', 'postgres', '-q', '-c', 'VACUUM ANALYZE', '-c', 'CHECKPOINT'], { stdio: ['ignore', 'ignore', 'inherit'] }),
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      // Its own process, below the one that changed user.
      const [pid] = execFileSync('head', ['-1', `${folder}/data/postmaster.pid`], { encoding: 'utf8' }).split('\n');
      process.kill(Number(pid), 'SIGINT');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fill(data, address) {
  const words = [data, address, String(Date.now()), String(HOURS)];
  const output = execFileSync(join(ROOT, 'target/release/examples/crowd'), words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return output.trim().split('\n').map((line) => JSON.parse(line));
}

/** An id as the form would carry it. */
function formId() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The next hour of a clinician that nobody has taken: far ahead, one after the other. */
function booking(person) {
  person.booked = (person.booked ?? 0) + 1;
  const day = new Date(Date.now() + (40 + Math.floor(person.booked / 8)) * DAY_MS).toISOString().slice(0, 10);
  const time = `${String(8 + (person.booked % 8)).padStart(2, '0')}:00`;
  const patient = person.patients[person.booked % person.patients.length];
  const form = new URLSearchParams({ id: formId(), kind: 'talk', date: day, time, minutes: '30', mode: 'video', words: 'warm', link: 'yes', sign: 'Blå fugl' });
  return { method: 'POST', path: `/book/${patient}`, body: form.toString(), wanted: 303 };
}

/** Sends one request and says how long it took from the moment at which it was due. */
function send(port, agent, person, what, due) {
  const headers = { cookie: `samrom=${person.cookie}`, host: `localhost:${port}`, 'accept-encoding': 'gzip' };
  if (what.body) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    headers['content-length'] = Buffer.byteLength(what.body);
    headers.origin = `http://localhost:${port}`;
    headers['sec-fetch-site'] = 'same-origin';
  }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, agent, method: what.method, path: what.path, headers }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === what.wanted) resolve(performance.now() - due);
        else reject(new Error(`${what.method} ${what.path.split('/')[1]} answered ${response.statusCode}`));
      });
    });
    asked.once('error', reject);
    asked.end(what.body);
  });
}

async function underLoad(port, people) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const times = { day: [], book: [], late: 0 };
  const under = [];
  let before;
  const began = performance.now();
  const total = (WARM_SECONDS + SECONDS) * RATE;
  for (let number = 0; number < total; number += 1) {
    const due = began + (number * 1_000) / RATE;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    const person = people[(number * 7) % people.length];
    const books = number % BOOKS_EACH === 0;
    const what = books ? booking(person) : { method: 'GET', path: '/day', wanted: 200 };
    const kept = number >= WARM_SECONDS * RATE;
    if (kept) before ??= core();
    // What the sender itself was late is nobody else's doing, and is told beside the times.
    if (kept) times.late = Math.max(times.late, performance.now() - due);
    under.push(send(port, agent, person, what, due).then((took) => { if (kept) times[books ? 'book' : 'day'].push(took); }));
  }
  await Promise.all(under);
  agent.destroy();
  return { ...times, ...shares(before, core()) };
}

async function on(engine) {
  const data = mkdtempSync(join(tmpdir(), 'samrom-bench-'));
  const postgres = engine === 'PostgreSQL' ? cluster() : undefined;
  try {
    await postgres?.ready();
    const from = Date.now();
    console.log(`  ${engine}: ${HOURS} hours are entered`);
    const people = fill(data, postgres?.address ?? 'sqlite');
    const filled = (Date.now() - from) / 1_000;
    postgres?.settle();
    const options = postgres ? ['--database', postgres.address] : [];
    // Messages leave at once, at whatever hour this is measured: what a booking announces is part of its work.
    const environment = { SAMROM_MESSAGES_QUIET: '' };
    const server = await Server.start({ data, demo: false, options, environment });
    execFileSync('taskset', ['-a', '-c', '-p', CORE, String(server.process.pid)], { stdio: 'ignore' });
    try {
      console.log(`  ${engine}: ${RATE} requests a second for ${SECONDS} s and again, after ${filled.toFixed(0)} s of entering`);
      const rows = [];
      for (let minute = 1, calm = 0; minute <= MINUTES_MAX && calm < CALM_MINUTES; minute += 1) {
        const { day, book, late, busy, stolen } = await underLoad(server.port, people);
        const row = (what, values) => ({ engine, what, minute, count: values.length, p50: at(values, 0.5), p99: at(values, 0.99), most: Math.max(...values), late, busy, stolen });
        rows.push(row('the day', day), row('a booking', book));
        calm += stolen < CALM;
        for (const { what, p50, p99, most } of rows.slice(-2)) console.log(`  ${engine}, minute ${minute}, ${what}: p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, longest ${most.toFixed(1)} ms; taken ${(stolen * 100).toFixed(1)} %`);
      }
      return rows;
    } finally {
      await server.stop();
    }
  } finally {
    await postgres?.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

/** Rows of both engines. */
export async function pages() {
  execFileSync('taskset', ['-c', '-p', '1', String(process.pid)], { stdio: 'ignore' });
  const rows = [...(await on('SQLite')), ...(await on('PostgreSQL'))];
  execFileSync('taskset', ['-c', '-p', '0-1', String(process.pid)], { stdio: 'ignore' });
  return { rows, hours: HOURS, rate: RATE, seconds: SECONDS };
}
