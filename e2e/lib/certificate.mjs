// A certificate by an authority of one's own, as a clinic's IT department would make one for a trial.

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Lays `certificate.pem` and `private-key.pem` for this name, and `authority.pem`, into a folder. `pin` is what Chromium
 * takes for its `--ignore-certificate-errors-spki-list`.
 */
export function issue(folder, name) {
  const at = (file) => join(folder, file);
  const openssl = (...words) => execFileSync('openssl', words, { stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...curve, '-subj', '/CN=Trial authority', '-days', '2', '-keyout', at('authority-key.pem'), '-out', at('authority.pem'));
  writeFileSync(at('names'), `subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:false\n`);
  openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', at('private-key.pem'), '-out', at('request.pem'));
  openssl('x509', '-req', '-in', at('request.pem'), '-CA', at('authority.pem'), '-CAkey', at('authority-key.pem'), '-CAcreateserial', '-days', '2', '-extfile', at('names'), '-out', at('certificate.pem'));
  const { publicKey } = new X509Certificate(readFileSync(at('certificate.pem')));
  const pin = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
  return { certificate: at('certificate.pem'), key: at('private-key.pem'), authority: at('authority.pem'), pin };
}
