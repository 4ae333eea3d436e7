import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../../../src/app/load/load-policy-set.ts';
import type { LoadedSet } from '../../../../src/app/load/load-policy-set.ts';
import { issue, makeCa } from '../../../support/tools/certificates.ts';
import { CREDENTIAL_PLACES } from '../../../support/policy/credential-places.ts';
import type {
  CredentialFiles,
  CredentialPlace,
  CredentialRole,
} from '../../../support/policy/credential-places.ts';

const DAY_MS = 86_400_000;
const NAMES = ['app.example.com'];
const daysAway = (days: number): Date => new Date(Date.now() + days * DAY_MS);

const ca = await makeCa('authority');
const stranger = await makeCa('stranger');
const leaf = await issue(ca, { names: NAMES });
const other = await issue(ca, { names: NAMES });
const pkcs12 = await readFile(
  join(import.meta.dirname, '../../../fixtures/pkcs12/certificate-only.p12'),
);
const good: CredentialFiles = {
  ca: text(ca.certPem),
  cert: text(leaf.certPem),
  key: text(leaf.keyPem),
};

/** A file that is not what it should be, and what must be said of it wherever it is read. */
interface Fault {
  readonly name: string;
  readonly role: CredentialRole;
  /** Which other files the place must have. */
  readonly needs?: CredentialRole;
  readonly change: Partial<CredentialFiles>;
  readonly says: RegExp;
  /** Default: it is an error. */
  readonly isWarning?: true;
}

const CERTIFICATE_FAULTS: readonly Fault[] = (['ca', 'cert'] as const).flatMap((role) => [
  {
    name: 'DER',
    role,
    change: { [role]: new X509Certificate(good[role]).raw },
    says: /^E205: .*is a certificate in DER, wanted a certificate in PEM(\|.*openssl x509 -inform DER -in .*)?$/,
  },
  {
    name: 'PKCS#12',
    role,
    change: { [role]: pkcs12 },
    says: /^E205: .*is a PKCS#12 file, wanted a certificate in PEM(\|.*openssl pkcs12 -in .* -nokeys -out .*)?$/,
  },
  { name: 'an empty file', role, change: { [role]: text('') }, says: /^E205: .*is empty, / },
  {
    name: 'a truncated file',
    role,
    change: { [role]: good[role].subarray(0, 300) },
    says: /^E205: .*is cut off: a certificate has no END line$/,
  },
  {
    name: 'a second certificate that is truncated',
    role,
    change: { [role]: Buffer.concat([good[role], text('\n'), good[role].subarray(0, 300)]) },
    says: /^E205: .*is cut off: a certificate has no END line$/,
  },
  {
    name: 'a key in its place',
    role,
    change: { [role]: good.key },
    says: /^E205: .*holds no certificate in PEM, found a private key$/,
  },
  {
    name: 'UTF-16',
    role,
    change: { [role]: Buffer.from(`\uFEFF${good[role].toString()}`, 'utf16le') },
    says: /^E205: .*is UTF-16 text/,
  },
]);

const expired = await issue(ca, { names: NAMES, notBefore: daysAway(-9), notAfter: daysAway(-3) });
const early = await issue(ca, { names: NAMES, notBefore: daysAway(3), notAfter: daysAway(60) });
const ending = await issue(ca, { names: NAMES, notAfter: daysAway(9.5) });
const oldCa = await makeCa('old', daysAway(-0.5));
const endingCa = await makeCa('ending', daysAway(9.5));

const FAULTS: readonly Fault[] = [
  ...CERTIFICATE_FAULTS,
  {
    name: 'a DER key',
    role: 'key',
    change: {
      key: createPrivateKey(leaf.keyPem).export({ format: 'der', type: 'pkcs8' }),
    },
    says: /^E205: .*is a private key in DER, wanted a private key in PEM(\|.*openssl pkey -inform DER .*)?$/,
  },
  {
    name: 'PKCS#12 as key',
    role: 'key',
    change: { key: pkcs12 },
    says: /^E205: .*is a PKCS#12 file, wanted a private key in PEM(\|.*-nocerts -noenc -out .*)?$/,
  },
  { name: 'an empty key', role: 'key', change: { key: text('') }, says: /^E205: .*is empty, / },
  {
    name: 'a truncated key',
    role: 'key',
    change: { key: good.key.subarray(0, 100) },
    says: /^E205: .*is cut off: the private key has no END line$/,
  },
  {
    name: 'an encrypted key',
    role: 'key',
    change: { key: encrypted(leaf.keyPem) },
    says: /^E205: .*holds an encrypted key, wanted one without a passphrase(\|.*openssl pkey .*)?$/,
  },
  {
    name: 'a certificate in place of the key',
    role: 'key',
    change: { key: good.cert },
    says: /^E205: .*holds no private key in PEM, found a certificate$/,
  },
  {
    name: 'the key of another certificate',
    role: 'key',
    needs: 'cert',
    change: { key: text(other.keyPem) },
    says: /^E206: .*does not belong to the certificate, which is for CN=app\.example\.com$/,
  },
  {
    name: 'a leaf that is not first',
    role: 'cert',
    change: { cert: text(`${ca.certPem}\n${leaf.certPem}`) },
    says: /^E217: .*has the certificate of the key, CN=app\.example\.com, at place 2; wanted it first/,
  },
  {
    name: 'strangers in the chain',
    role: 'cert',
    change: { cert: text(`${leaf.certPem}\n${ca.certPem}\n${stranger.certPem}`) },
    says: /^W312: .*holds what is not part of the certificate's chain: CN=stranger$/,
    isWarning: true,
  },
  {
    name: 'an expired certificate',
    role: 'cert',
    change: { cert: text(expired.certPem), key: text(expired.keyPem) },
    says: /^W310: .*expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    isWarning: true,
  },
  {
    name: 'a certificate that is not valid yet',
    role: 'cert',
    change: { cert: text(early.certPem), key: text(early.keyPem) },
    says: /^W310: .*is not valid before .* UTC, and it is .* UTC here$/,
    isWarning: true,
  },
  {
    name: 'a certificate that ends soon',
    role: 'cert',
    change: { cert: text(ending.certPem), key: text(ending.keyPem) },
    says: /^W311: .*expires in 9 days, on .* UTC$/,
    isWarning: true,
  },
  {
    name: 'an expired authority',
    role: 'ca',
    change: { ca: text(oldCa.certPem) },
    says: /^W310: .*expired on .* UTC$/,
    isWarning: true,
  },
  {
    name: 'an authority that ends soon',
    role: 'ca',
    change: { ca: text(endingCa.certPem) },
    says: /^W311: .*expires in 9 days, on .* UTC$/,
    isWarning: true,
  },
];

for (const place of CREDENTIAL_PLACES) {
  test(`nothing is said of good files at ${place.name}`, async () => {
    assert.deepEqual(said(await load(place, good)), []);
  });

  test(`each fault of a certificate or key is told at ${place.name}`, async () => {
    const faults = FAULTS.filter(({ role, needs = role }) => {
      return place.roles.includes(role) && place.roles.includes(needs);
    });
    for (const fault of faults) {
      const set = await load(place, { ...good, ...fault.change });

      const lines = said(set);
      assert.equal(lines.length, 1, `${fault.name}: ${lines.join(' / ')}`);
      assert.match(lines[0]!, fault.says, fault.name);
      assert.equal(set.kind, fault.isWarning === true ? 'ok' : 'errors', fault.name);
    }
  });
}

test('the old authority may stay beside the new one', async () => {
  const both = text(`${oldCa.certPem}\n${ca.certPem}`);
  const places = CREDENTIAL_PLACES.filter(({ roles }) => roles.includes('ca'));

  for (const place of places) {
    assert.deepEqual(said(await load(place, { ...good, ca: both })), [], place.name);
  }
});

test('a chain ends when the first of its certificates does', async () => {
  const soon = await issue(endingCa, { names: NAMES });
  const chain = text(`${soon.certPem}\n${endingCa.certPem}`);

  const set = await load(CREDENTIAL_PLACES[0]!, { ...good, cert: chain, key: text(soon.keyPem) });

  assert.match(said(set).join(), /^W311: .*expires in 9 days/);
});

/** `E205: message|hint` of every issue that is about what the files are. */
function said(set: LoadedSet): string[] {
  const issues = set.kind === 'ok' ? set.warnings : set.issues;
  return issues
    .filter(({ code }) => !['W304', 'W307', 'W330'].includes(code))
    .map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : `|${hint}`}`);
}

async function load(place: CredentialPlace, credentials: CredentialFiles): Promise<LoadedSet> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-credentials-'));
  try {
    for (const [path, content] of Object.entries(place.files(credentials))) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    return await loadPolicySet(directory, { generation: 1, cwd: directory, env: {} });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function encrypted(pem: string): Buffer {
  const options = { format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  return text(createPrivateKey(pem).export(options));
}

function text(content: string): Buffer {
  return Buffer.from(content);
}
