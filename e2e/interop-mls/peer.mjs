// An MLS member made of ts-mls alone: an independent implementation for the tests of the room `group`.
// One JSON object per line comes in and one goes out; bytes are hexadecimal.
import { createInterface } from "node:readline";
import {
  acceptAll,
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  defaultCapabilities,
  defaultLifetime,
  emptyPskIndex,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  mlsExporter,
  processMessage,
} from "ts-mls";

const suite = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"));
const version = "mls10";
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const decode = (text) => decodeMlsMessage(bytes(text), 0)[0];
const encode = (wireformat, rest) => hex(encodeMlsMessage({ version, wireformat, ...rest }));

let signatureKeyPair;
let own;
let state;

async function makePackage(identity) {
  const credential = { credentialType: "basic", identity: bytes(identity) };
  own = await generateKeyPackageWithKey(credential, defaultCapabilities(), defaultLifetime, [], signatureKeyPair, suite);
}

async function epoch() {
  const { epochAuthenticator, exporterSecret } = state.keySchedule;
  const base = await mlsExporter(exporterSecret, "SFrame 1.0 Base Key", new Uint8Array(), 32, suite);
  return { epoch: Number(state.groupContext.epoch), authenticator: hex(epochAuthenticator), base: hex(base) };
}

async function commit(proposal) {
  const result = await createCommit(
    { state, cipherSuite: suite },
    { extraProposals: [proposal], ratchetTreeExtension: true },
  );
  state = result.newState;
  const welcome = result.welcome && encode("mls_welcome", { welcome: result.welcome });
  return { ...(await epoch()), commit: hex(encodeMlsMessage(result.commit)), welcome };
}

const actions = {
  async key() {
    signatureKeyPair = await suite.signature.keygen();
    return { key: hex(signatureKeyPair.publicKey) };
  },
  async keyPackage({ identity }) {
    await makePackage(identity);
    return { keyPackage: encode("mls_key_package", { keyPackage: own.publicPackage }) };
  },
  async create({ identity, group }) {
    await makePackage(identity);
    state = await createGroup(bytes(group), own.publicPackage, own.privatePackage, [], suite);
    return epoch();
  },
  async join({ welcome }) {
    state = await joinGroup(decode(welcome).welcome, own.publicPackage, own.privatePackage, emptyPskIndex, suite);
    return epoch();
  },
  add: ({ keyPackage }) => commit({ proposalType: "add", add: { keyPackage: decode(keyPackage).keyPackage } }),
  remove: ({ leaf }) => commit({ proposalType: "remove", remove: { removed: leaf } }),
  async process({ message }) {
    const result = await processMessage(decode(message), state, emptyPskIndex, acceptAll, suite);
    state = result.newState;
    return { ...(await epoch()), plaintext: result.kind === "applicationMessage" ? hex(result.message) : undefined };
  },
  async seal({ plaintext }) {
    const result = await createApplicationMessage(state, bytes(plaintext), suite);
    state = result.newState;
    return { message: encode("mls_private_message", { privateMessage: result.privateMessage }) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const answer = await actions[command.do](command).catch((error) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
