// A clinic's machine, set up by the commands that stand in docs/manual/administrator.md and by nothing else.
//
// It is a folder, unless SAMROM_BARE names the first process of a real one (bench/bare.sh makes it). In the folder every
// path of the system lies below it, and small stand-ins take the place of `useradd`, `runuser`, `install` and `systemctl`,
// which need the administrator of a real machine; the service's own unit file says what is started. On the real one every
// line is typed as it stands.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './server.mjs';

const SYSTEM = /\/(?:etc\/(?:samrom|systemd\/system)|var\/lib\/samrom|var\/backups\/samrom|usr\/local\/bin)(?![\w-])/g;
const UNIT = 'etc/systemd/system/samrom.service';

const STAND_INS = {
  useradd: '[ "${*: -1}" = samrom ]',
  // Everything is the tester's own here.
  install: 'words=(); while [ $# -gt 0 ]; do case $1 in -o|-g) [ "$2" = samrom ] || exit 64; shift 2 ;; *) words+=("$1"); shift ;; esac; done; exec /usr/bin/install "${words[@]}"',
  runuser: '[ "$1 $2 $3" = "-u samrom --" ] || exit 64; shift 3; exec "$@"',
  systemctl: 'echo "$*" >> "$CLINIC/asked"; [ "$*" != "start samrom-backup" ] || { cd "$CLINIC/etc/samrom" && eval "$(sed -n "s/^ExecStart=//p" "$CLINIC/etc/systemd/system/samrom-backup.service" | sed s/%%/%/g)"; }',
};

/** The road of the manual, in one language: its ```sh blocks in order, and the words that are put *so*. */
export function road(heading) {
  const manual = readFileSync(join(ROOT, 'docs/manual/administrator.md'), 'utf8');
  const part = manual.split(/^### /m).find((text) => text.startsWith(heading));
  if (!part) throw new Error(`there is no «${heading}» in the manual`);
  const text = part.split(/^## /m)[0];
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block.trim().split('\n'));
  const words = [...text.replace(/^```sh\n.*?^```$/gms, '').replaceAll('**', '').matchAll(/\*([^*\n]+)\*/g)].map(([, word]) => word);
  return { text, blocks, words };
}

/** Waits until the service answers under its address, over TLS by that authority. */
async function untilItAnswers(clinic, { host, authority }) {
  const ca = readFileSync(authority);
  const answers = () => new Promise((resolve) => {
    get({ host: '127.0.0.1', servername: host, port: 443, path: '/healthz', ca, headers: { host } }, (answer) => resolve(answer.resume().statusCode === 200)).on('error', () => resolve(false));
  });
  const end = Date.now() + 30_000;
  while (!await answers()) {
    if (Date.now() > end || clinic.hasEnded()) throw new Error(`the service does not answer:\n${clinic.log()}`);
    await pause(50);
  }
}

/** Types one line in a shell; gives what was printed. */
async function type(line, program, words, { input = '', env }) {
  const shell = spawn(program, words, { env });
  let out = '';
  let err = '';
  shell.stdout.on('data', (part) => { out += part; });
  shell.stderr.on('data', (part) => { err += part; });
  shell.stdin.on('error', () => {}).end(input);
  const code = await new Promise((resolve) => { shell.once('close', resolve); });
  if (code !== 0) throw new Error(`${line}\n→ ${code}\n${out}${err}`);
  return { out: out.trim(), err };
}

/** A line that goes on where the one before left off, with its folder and its variables, kept in a file of that shell. */
function carriedOn(line, state) {
  const names = [...line.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  return [`. ${state}`, line, ...names.map((name) => `declare -p ${name} >> ${state}`), `echo "cd $PWD" >> ${state}`].join('\n');
}

const BASH = ['--norc', '-eu', '-o', 'pipefail', '-c'];

/** The machine: `root` is where its files lie, `run(line)` types a command, `start()` waits for the service, `stop()` ends it. */
export class Clinic {
  static make() {
    return process.env.SAMROM_BARE ? new Bare(process.env.SAMROM_BARE) : new Clinic();
  }

  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'samrom-clinic-'));
    this.source = join(this.root, 'source');
    this.state = join(this.root, 'state');
    this.commands = 0;
    writeFileSync(this.state, `cd ${this.source}\n`);
    // What a Debian machine has, and the source with what `./x build` makes.
    for (const folder of ['bin', 'source/target/release', 'etc/systemd/system', 'usr/local/bin', 'var/lib', 'var/backups']) mkdirSync(join(this.root, folder), { recursive: true });
    symlinkSync(join(ROOT, 'docs'), join(this.source, 'docs'));
    symlinkSync(process.env.SAMROM_BINARY ?? join(ROOT, 'target/debug/samrom'), join(this.source, 'target/release/samrom'));
    for (const [name, script] of Object.entries(STAND_INS)) writeFileSync(join(this.root, 'bin', name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    this.environment = { PATH: `${this.root}/bin:${this.root}/usr/local/bin:/usr/bin:/bin`, HOME: this.root, LANG: 'C.UTF-8', CLINIC: this.root };
  }

  /** Where a path of the system lies. */
  at(path) {
    return path.replace(SYSTEM, (found) => `${this.root}${found}`);
  }

  async run(line, { input } = {}) {
    this.commands += 1;
    const said = await type(line, 'bash', [...BASH, carriedOn(this.at(line), this.state)], { input, env: this.environment });
    this.settle();
    return said;
  }

  /** What was just installed names paths of the system as well. */
  settle() {
    for (const folder of ['etc/samrom', 'etc/systemd/system'].map((name) => join(this.root, name)).filter(existsSync)) {
      for (const name of readdirSync(folder).filter((file) => /\.(toml|service)$/.test(file))) {
        const text = readFileSync(join(folder, name), 'utf8');
        const placed = text.replaceAll(this.root, '').replace(SYSTEM, (found) => `${this.root}${found}`);
        if (placed !== text) writeFileSync(join(folder, name), placed);
      }
    }
  }

  /** Whether the service manager was asked to start this now and at each start of the machine, and knows it. */
  isEnabled(unit) {
    const asked = readFileSync(join(this.root, 'asked'), 'utf8').split('\n');
    const file = unit.includes('.') ? unit : `${unit}.service`;
    return asked.includes(`enable --now ${unit}`) && existsSync(join(this.root, 'etc/systemd/system', file));
  }

  /** Starts the service as its unit says, once it was asked for, and waits until it answers under its address. */
  async start(address) {
    if (!this.isEnabled('samrom')) throw new Error('nobody has asked for the service');
    const unit = readFileSync(join(this.root, UNIT), 'utf8');
    const key = (name) => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))[1];
    const [program, ...words] = key('ExecStart').split(' ');
    this.logFile = join(this.root, 'journal');
    const log = openSync(this.logFile, 'a');
    this.service = spawn(program, words, { cwd: key('WorkingDirectory'), stdio: ['ignore', log, log], env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' } });
    this.ended = new Promise((resolve) => { this.service.once('exit', resolve); });
    await untilItAnswers(this, address);
  }

  hasEnded() {
    return this.service.exitCode !== null;
  }

  log() {
    return readFileSync(this.logFile, 'utf8');
  }

  async stop() {
    this.service?.kill('SIGTERM');
    const patience = setTimeout(() => this.service?.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(patience);
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A machine with a service manager of its own, in namespaces of its own, by its first process. */
class Bare {
  constructor(first) {
    this.root = `/proc/${first}/root`;
    this.source = join(this.root, 'root/samrom');
    this.enter = ['--target', first, '--mount', '--pid', '--uts', '--ipc', '--root', '--wd', '--', 'env', '-i', 'HOME=/root', 'LANG=C.UTF-8', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
    this.commands = 0;
    writeFileSync(join(this.root, 'root/state'), 'cd /root/samrom\n');
  }

  async run(line, { input } = {}) {
    this.commands += 1;
    return type(line, 'nsenter', [...this.enter, 'bash', ...BASH, carriedOn(line, '/root/state')], { input });
  }

  ask(...words) {
    return execFileSync('nsenter', [...this.enter, ...words], { encoding: 'utf8' }).trim();
  }

  isEnabled(unit) {
    return this.ask('systemctl', 'is-enabled', unit) === 'enabled' && this.ask('systemctl', 'is-active', unit) === 'active';
  }

  async start(address) {
    await untilItAnswers(this, address);
  }

  hasEnded() {
    return false;
  }

  log() {
    return this.ask('journalctl', '--unit', 'samrom', '--output', 'cat', '--no-pager');
  }

  async stop() {
    this.ask('systemctl', 'stop', 'samrom');
  }
}
