// A mail server that somebody else wrote (aiosmtpd), run beside a test; it keeps every mail as it came over the line.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './server.mjs';

/** A running one: `port`, `mails` (each with `raw`, `subject`, `text`, `calendar`, `envelope`), `stop()`. */
export class MailServer {
  /** With STARTTLS by this certificate and key unless `kind` says `tls` or `none`. */
  static async start({ certificate, key, kind = 'starttls' }) {
    const server = new MailServer();
    server.folder = mkdtempSync(join(tmpdir(), 'samrom-mail-'));
    server.mails = [];
    const mode = join(server.folder, 'mode');
    writeFileSync(mode, 'accept');
    const sink = join(ROOT, 'shell/server/tests/it/smtp_sink.py');
    server.process = spawn(join(ROOT, 'target/python/bin/python'), [sink, kind, certificate, key, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    server.exited = new Promise((resolve) => { server.process.once('exit', resolve); });
    server.port = await new Promise((resolve, reject) => {
      server.process.once('error', reject);
      server.process.once('exit', () => reject(new Error('the mail server ended')));
      createInterface({ input: server.process.stdout }).on('line', (line) => {
        if (line.startsWith('port ')) resolve(Number(line.slice(5)));
        else server.mails.push(JSON.parse(line));
      });
    });
    return server;
  }

  /** Waits until so many mails have come, and gives them. */
  async until(count) {
    const end = Date.now() + 30_000;
    while (this.mails.length < count) {
      if (Date.now() > end) throw new Error(`${this.mails.length} of ${count} mails have come`);
      await pause(100);
    }
    return this.mails;
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
