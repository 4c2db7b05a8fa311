// A device of one's own for passkeys, in Chromium: it makes them, keeps them, and says yes.

const DEVICE = {
  protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
  isUserVerified: true, automaticPresenceSimulation: true,
};

/** Gives it to a person's page. */
export async function giveDevice(person) {
  const cdp = await person.page.createCDPSession();
  await cdp.send('WebAuthn.enable', { enableUI: false });
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: DEVICE });
}
