// A clinic's machine in a folder, set up by the commands that stand in docs/manual/administrator.md and by nothing else.
// Every path of the system lies below that folder, and small stand-ins take the place of `useradd`, `runuser`, `install`
// and `systemctl`, which need the administrator of a real machine; the service's own unit file says what is started.

import { spawn } from 'node:child_process';
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

/** One machine: `run(line)` types a command, `start()` does what the service manager was asked to, `stop()` ends it. */
export class Clinic {
  constructor() {
    this.root = mkdtempSync(join(tmpdir(), 'samrom-clinic-'));
    this.state = join(this.root, 'state');
    this.commands = 0;
    writeFileSync(this.state, `cd ${join(this.root, 'source')}\n`);
    // What a Debian machine has, and the source with what `./x build` makes.
    for (const folder of ['bin', 'source/target/release', 'etc/systemd/system', 'usr/local/bin', 'var/lib', 'var/backups']) mkdirSync(join(this.root, folder), { recursive: true });
    symlinkSync(join(ROOT, 'docs'), join(this.root, 'source/docs'));
    symlinkSync(process.env.SAMROM_BINARY ?? join(ROOT, 'target/debug/samrom'), join(this.root, 'source/target/release/samrom'));
    for (const [name, script] of Object.entries(STAND_INS)) writeFileSync(join(this.root, 'bin', name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    this.environment = { PATH: `${this.root}/bin:${this.root}/usr/local/bin:/usr/bin:/bin`, HOME: this.root, LANG: 'C.UTF-8', CLINIC: this.root };
  }

  /** Where a path of the system lies. */
  at(path) {
    return path.replace(SYSTEM, (found) => `${this.root}${found}`);
  }

  /** Types one line where the one before left off, with its folder and its variables; gives what was printed. */
  async run(line, { input = '' } = {}) {
    this.commands += 1;
    const names = [...line.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    const script = [`. ${this.state}`, this.at(line), ...names.map((name) => `declare -p ${name} >> ${this.state}`), `echo "cd $PWD" >> ${this.state}`].join('\n');
    const shell = spawn('bash', ['--norc', '-eu', '-o', 'pipefail', '-c', script], { env: this.environment });
    let out = '';
    let err = '';
    shell.stdout.on('data', (part) => { out += part; });
    shell.stderr.on('data', (part) => { err += part; });
    shell.stdin.on('error', () => {}).end(input);
    const code = await new Promise((resolve) => { shell.once('close', resolve); });
    if (code !== 0) throw new Error(`${line}\n→ ${code}\n${out}${err}`);
    this.settle();
    return { out: out.trim(), err };
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

  /** What the service manager was asked for. */
  asked() {
    return readFileSync(join(this.root, 'asked'), 'utf8').trim().split('\n');
  }

  /** Starts the service as its unit says, once it was asked for, and waits until it answers under its address. */
  async start({ host, authority }) {
    if (!this.asked().includes('enable --now samrom')) throw new Error('nobody has asked for the service');
    const unit = readFileSync(join(this.root, UNIT), 'utf8');
    const key = (name) => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))[1];
    const [program, ...words] = key('ExecStart').split(' ');
    this.logFile = join(this.root, 'journal');
    const log = openSync(this.logFile, 'a');
    this.service = spawn(program, words, { cwd: key('WorkingDirectory'), stdio: ['ignore', log, log], env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' } });
    this.ended = new Promise((resolve) => { this.service.once('exit', resolve); });
    const ca = readFileSync(authority);
    const answers = () => new Promise((resolve) => {
      get({ host: '127.0.0.1', servername: host, port: 443, path: '/healthz', ca, headers: { host } }, (answer) => resolve(answer.resume().statusCode === 200)).on('error', () => resolve(false));
    });
    const end = Date.now() + 30_000;
    while (!await answers()) {
      if (Date.now() > end || this.service.exitCode !== null) throw new Error(`the service does not answer:\n${this.log()}`);
      await pause(50);
    }
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
