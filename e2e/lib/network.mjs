// Bad networks, as real as this machine allows: the kernel drops packets by rule, an address goes and another comes,
// and relays in front of the server stop, start, or change what they carry. Everything here needs `e2e/netns`.

import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { MEDIA_ADDRESS, freePort } from './server.mjs';

/** The port of sound and picture, UDP and TCP, for servers that these tests start. */
export const MEDIA_PORT = 40_000;
/** What a server needs to be told so that media has that one port only. */
export const ONE_PORT = { options: ['--media-port', String(MEDIA_PORT)], environment: { SAMROM_MEDIA_SHARDS: '1' } };

const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

/** The local table is asked first of all; ours must be asked before it. Done once for each namespace. */
function makeRoomForRules() {
  if (!/^0:/m.test(ip('rule'))) return;
  ip('rule', 'add', 'pref', '1000', 'table', 'local');
  ip('rule', 'del', 'pref', '0');
}

let nextRule = 100;

/** The kernel drops what matches from now on, e.g. `drop('ipproto', 'udp', 'dport', '40000')`. Returns the undoing. */
export function drop(...match) {
  makeRoomForRules();
  const pref = String(nextRule++);
  ip('rule', 'add', 'pref', pref, ...match, 'blackhole');
  return () => ip('rule', 'del', 'pref', pref);
}

/** A network that lets no UDP through to or from the media port. Returns the undoing. */
export function withoutUdp() {
  const undo = ['dport', 'sport'].map((end) => drop('ipproto', 'udp', end, String(MEDIA_PORT)));
  return () => undo.forEach((one) => one());
}

/** An interface with an address of its own, as a phone has; `move` takes it to another network. */
export class Interface {
  constructor(name, address) {
    this.name = name;
    ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-far`);
    for (const end of [name, `${name}-far`]) ip('link', 'set', end, 'up');
    this.take(address);
  }

  take(address) {
    this.address = address;
    ip('addr', 'add', `${address}/24`, 'dev', this.name);
  }

  move(address) {
    ip('addr', 'del', `${this.address}/24`, 'dev', this.name);
    this.take(address);
  }

  remove() {
    ip('link', 'del', this.name);
  }
}

/**
 * A UDP relay between browsers and the media port, a router that translates addresses. `rebind` gives everybody behind
 * it another address, as a router does that has forgotten them; `still` swallows everything.
 */
export class Router {
  static async start() {
    const router = new Router();
    router.clients = new Map();
    router.still = false;
    router.outside = createSocket('udp4');
    await new Promise((resolve) => router.outside.bind(0, MEDIA_ADDRESS, resolve));
    router.port = router.outside.address().port;
    router.outside.on('message', (packet, from) => router.carry(packet, from));
    return router;
  }

  /** What stands in an answer for UDP, and what is to stand there instead; the TCP candidate keeps the server's port. */
  get answerAddress() {
    return [`udp 2130706175 ${MEDIA_ADDRESS} ${MEDIA_PORT}`, `udp 2130706175 ${MEDIA_ADDRESS} ${this.port}`];
  }

  carry(packet, from) {
    if (this.still) return;
    const key = `${from.address}:${from.port}`;
    if (!this.clients.has(key)) this.clients.set(key, this.open(from));
    this.clients.get(key).send(packet, MEDIA_PORT, MEDIA_ADDRESS);
  }

  open(client) {
    const inside = createSocket('udp4');
    inside.on('message', (packet) => {
      if (!this.still) this.outside.send(packet, client.port, client.address);
    });
    inside.on('error', () => {});
    return inside;
  }

  /** Everybody behind the router comes from another port from now on. Returns how many. */
  rebind() {
    const before = [...this.clients.values()];
    this.clients.clear();
    for (const socket of before) socket.close();
    return before.length;
  }

  stop() {
    this.rebind();
    this.outside.close();
  }
}

/**
 * A TCP relay in front of the server's pages and sockets. `cut()`: nothing passes any more and nobody is told, as when
 * a train enters a tunnel. `refuse()`: everything is closed and new connections are refused. `open()`: as before.
 */
export class Gate {
  static async start(server) {
    const gate = new Gate();
    gate.to = server.port;
    gate.pairs = new Set();
    gate.isCut = false;
    gate.tamper = undefined;
    gate.late = undefined;
    gate.held = [];
    gate.port = await freePort();
    await gate.open();
    return gate;
  }

  /** A link of the server, leading through this gate. */
  link(link) {
    const url = new URL(link);
    url.port = String(this.port);
    return url.href;
  }

  async open() {
    this.isCut = false;
    for (const end of this.ends()) end.resume();
    if (this.listener) return;
    this.listener = createServer((client) => this.carry(client));
    await new Promise((resolve) => this.listener.listen(this.port, '127.0.0.1', resolve));
  }

  ends() {
    return [...this.pairs].flatMap(({ client, server }) => [client, server]);
  }

  carry(client) {
    const server = connect(this.to, '127.0.0.1');
    const pair = { client, server };
    this.pairs.add(pair);
    const over = () => {
      this.pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    const say = (message) => client.write(frame(message));
    const frames = new Frames((message, tag) => this.tamper?.(message, tag, say) ?? [message]);
    client.on('data', (bytes) => {
      if (this.late?.test(bytes.toString('latin1'))) this.held.push(() => server.write(bytes));
      else server.write(bytes);
    });
    server.on('data', (bytes) => client.write(frames.pass(bytes)));
    for (const end of [client, server]) {
      end.on('error', over);
      end.on('close', over);
      if (this.isCut) end.pause();
    }
  }

  /** Requests that match have to wait until this is called without a pattern. */
  hold(pattern) {
    this.late = pattern;
    if (!pattern) for (const go of this.held.splice(0)) go();
  }

  /** What is under way stays under way until the line is open again, as TCP would send it again. */
  cut() {
    this.isCut = true;
    for (const end of this.ends()) end.pause();
  }

  async refuse() {
    const closed = new Promise((resolve) => { this.listener.close(resolve); });
    for (const end of this.ends()) end.destroy();
    await closed;
    this.listener = undefined;
  }

  async stop() {
    if (this.listener) await this.refuse();
  }
}

/** Takes what the server says on one connection apart into WebSocket messages (RFC 6455 §5.2), once it is a socket. */
class Frames {
  constructor(change) {
    this.change = change;
    this.kind = 'unknown';
    this.rest = Buffer.alloc(0);
  }

  pass(bytes) {
    if (this.kind === 'page') return bytes;
    this.rest = Buffer.concat([this.rest, bytes]);
    const out = [];
    if (this.kind === 'unknown') {
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return Buffer.alloc(0);
      this.kind = this.rest.subarray(0, 12).toString().endsWith('101') ? 'socket' : 'page';
      const head = this.kind === 'page' ? this.rest.length : end + 4;
      out.push(this.rest.subarray(0, head));
      this.rest = this.rest.subarray(head);
    }
    for (let next = this.next(); next; next = this.next()) out.push(...next);
    return Buffer.concat(out);
  }

  next() {
    if (this.kind !== 'socket' || this.rest.length < 2) return undefined;
    const short = this.rest[1] & 0x7f;
    const head = { 126: 4, 127: 10 }[short] ?? 2;
    if (this.rest.length < head) return undefined;
    const length = { 126: () => this.rest.readUInt16BE(2), 127: () => Number(this.rest.readBigUInt64BE(2)) }[short]?.() ?? short;
    if (this.rest.length < head + length) return undefined;
    const whole = this.rest.subarray(0, head + length);
    this.rest = this.rest.subarray(head + length);
    // Only binary messages are the room's; ours are never fragmented.
    if (whole[0] !== 0x82) return [whole];
    const message = whole.subarray(head);
    return this.change(message, message[2]).map(frame);
  }
}

/** A binary WebSocket message of a server. */
function frame(message) {
  const head = message.length < 126 ? Buffer.from([0x82, message.length]) : Buffer.from([0x82, 126, message.length >> 8, message.length & 0xff]);
  return Buffer.concat([head, message]);
}

/** What a message of the server is: the third byte, behind the version (`words/protocol/src/wire.rs`, in its order). */
export const TAG = {
  lobby: 4, addWanted: 8, commit: 10, sealed: 13, roster: 15, slots: 17,
};
