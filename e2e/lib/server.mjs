// Starts the real server in a folder of its own, with demo data and the links that it prints or as an empty installation.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const MEDIA_ADDRESS = '10.77.0.1';

const PEOPLE = { clinician: 'clinician', 'young person': 'young', guardian: 'guardian', 'care worker': 'careWorker', colleague: 'colleague' };

export async function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/**
 * A running server: `links` by person, `log()` for everything it said, `stop()` when done. With `demo: false` there is
 * nobody yet and no link; people come by `admin()`, and pages are at `url(path)`.
 */
export class Server {
  static async start({ options = [], environment = {}, data, port, demo = true } = {}) {
    const server = new Server();
    server.data = data ?? mkdtempSync(join(tmpdir(), 'samrom-e2e-'));
    server.ownsData = data === undefined;
    server.port = port ?? (await freePort());
    server.logFile = join(server.data, 'server.log');
    const log = openSync(server.logFile, 'a');
    // Each start prints links of its own, and those before it are no longer any.
    const before = server.log().length;
    // Ours, not the server's, which refuses settings that it does not know.
    const { SAMROM_BINARY: binary = join(ROOT, 'target/debug/samrom'), ...env } = { ...process.env, ...environment };
    server.run = { binary, env };
    server.demo = demo;
    const arguments_ = ['serve', ...(demo ? ['--demo'] : []), '--port', String(server.port), '--data', server.data, '--media-address', MEDIA_ADDRESS, ...options];
    server.process = spawn(binary, arguments_, { cwd: ROOT, stdio: ['ignore', log, log], env });
    server.exited = new Promise((resolve) => server.process.once('exit', resolve));
    try {
      await server.ready(before);
    } catch (error) {
      // Nobody else knows of it who could stop it.
      await server.stop();
      throw error;
    }
    return server;
  }

  log() {
    return readFileSync(this.logFile, 'utf8');
  }

  /** What another run of the program answers about the same records; throws when it fails. */
  ask(...words) {
    const { binary, env } = this.run;
    const ours = { ...env, SAMROM_HTTP_PORT: String(this.port) };
    return execFileSync(binary, words, { cwd: ROOT, env: ours, stdio: ['ignore', 'pipe', 'pipe'] }).toString().trim();
  }

  /** `samrom admin …`. */
  admin(...words) {
    return this.ask('admin', '--data', this.data, ...words);
  }

  /** `samrom audit verify`; throws when the chain is broken. */
  verifyAudit() {
    return this.ask('audit', '--data', this.data, 'verify');
  }

  async ready(before) {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const log = this.log().slice(before);
      this.links = Object.fromEntries(
        Object.entries(PEOPLE)
          .map(([label, key]) => [key, log.match(new RegExp(`^\\s*${label}:\\s+(http\\S+)`, 'm'))?.[1]])
          .filter(([, link]) => link),
      );
      if (this.demo ? this.links.clinician && this.links.young : await this.answers()) return;
      if (this.process.exitCode !== null) break;
      await pause(100);
    }
    throw new Error(`the server is not ready, or printed no links:\n${this.log()}`);
  }

  /** A page of an installation without demo. */
  url(path) {
    return new URL(path, `http://localhost:${this.port}`).href;
  }

  async answers() {
    return fetch(this.url('/healthz')).then(({ ok }) => ok, () => false);
  }

  async stop() {
    this.process.kill('SIGTERM');
    const patience = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(patience);
    if (this.ownsData) rmSync(this.data, { recursive: true, force: true });
  }
}
