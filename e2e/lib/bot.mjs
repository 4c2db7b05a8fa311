// A native client (`proof/samrom-bot`) as one more person in the room, where a browser for each would be too much.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './server.mjs';

export class Bot {
  /** Presses the link, knocks, and stays for so many seconds or until the meeting ends. */
  static join(link, { seconds = 60, silent = false, admitAll = false } = {}) {
    const bot = new Bot();
    const binary = process.env.SAMROM_TEST_BOT ?? join(ROOT, 'target/debug/samrom-bot');
    const words = ['join', '--link', link, '--seconds', String(seconds), '--report', 'json', ...(silent ? ['--silent'] : []), ...(admitAll ? ['--admit-all'] : [])];
    bot.process = spawn(binary, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    bot.said = '';
    for (const stream of [bot.process.stdout, bot.process.stderr]) stream.on('data', (bytes) => { bot.said += bytes; });
    bot.exited = new Promise((resolve) => bot.process.once('exit', resolve));
    return bot;
  }

  /** Leaves as a person does. */
  async leave() {
    this.process.kill('SIGINT');
    await this.exited;
  }

  /** What it tells at the end, when the meeting is over for it. */
  async report() {
    await this.exited;
    return JSON.parse(this.said.slice(this.said.indexOf('{')));
  }

  /** Ends it at once, as a machine that is switched off. */
  stop() {
    this.process.kill('SIGKILL');
  }
}
