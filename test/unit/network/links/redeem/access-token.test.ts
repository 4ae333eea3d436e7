import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { parseAccessToken } from '../../../../../src/network/links/redeem/access-token.ts';
import { makeCa } from '../../../../support/tools/certificates.ts';

const { certPem: ca } = await makeCa();
const SPEC = { url: 'https://grants.example.com:9090/1', code: 'abc', ca };

function tokenText(spec: object, metadata: object = { name: 'west-1' }): string {
  return stringify({ kind: 'AccessToken', metadata, spec });
}

function outcome(text: string): string {
  const parsed = parseAccessToken(text);
  if (parsed.kind === 'refused') return parsed.reason;
  const { name, url, code } = parsed.token;
  return `${name} ${url.href} ${code}`;
}

test('reads what a site issues, as YAML or JSON, with other documents beside it', () => {
  const texts = [
    tokenText(SPEC),
    JSON.stringify({ kind: 'AccessToken', metadata: { name: 'west-1' }, spec: SPEC }),
    `kind: Site\n---\n${tokenText({ ...SPEC, linkCost: 3 })}`,
  ];

  for (const text of texts) {
    assert.equal(outcome(text), 'west-1 https://grants.example.com:9090/1 abc');
  }
});

test('takes a code of digits as the text that it is', () => {
  const text = tokenText(SPEC).replace('code: abc', 'code: 00123');

  assert.match(outcome(text), /00123$/);
});

test('says what a token lacks', () => {
  const reasons = [
    'a: [',
    'kind: Link',
    `${tokenText(SPEC)}---\n${tokenText(SPEC)}`,
    tokenText(SPEC, {}),
    tokenText(SPEC, { name: 'a\r\nsubject: b' }),
    tokenText({ ...SPEC, url: 'http://grants.example.com/1' }),
    tokenText({ ...SPEC, code: 'two words' }),
    tokenText({ ...SPEC, ca: undefined }),
    tokenText({ ...SPEC, ca: 'no certificate' }),
  ].map(outcome);

  assert.deepEqual(reasons, [
    'is not well-formed YAML or JSON',
    'holds no AccessToken',
    'holds 2 AccessTokens, wanted one',
    'has no metadata.name that is a resource name',
    'has no metadata.name that is a resource name',
    'has no spec.url that begins with https://',
    'has no spec.code of printable characters',
    'has no spec.ca that is a certificate in PEM',
    'has no spec.ca that is a certificate in PEM',
  ]);
});

test('no text whatever makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(parseAccessToken(text).kind, 'refused');
    }),
  );
});
