// A native client (`proof/samrom-bot`) as one more person in the room, where a browser for each would be too much.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './server.mjs';

export class Bot {
  /** Presses the link, knocks, and stays for so many seconds or until the meeting ends. */
  static join(link, { seconds, admitAll = false, silent = false }) {
    const bot = new Bot();
    const binary = process.env.SAMROM_TEST_BOT ?? join(ROOT, 'target/debug/samrom-bot');
    const words = ['join', '--link', link, '--seconds', String(seconds), ...(admitAll ? ['--admit-all'] : []), ...(silent ? ['--silent'] : [])];
    bot.process = spawn(binary, words, { stdio: 'ignore' });
    return bot;
  }

  /** Ends it at once, as a machine that is switched off. */
  stop() {
    this.process.kill('SIGKILL');
  }
}
