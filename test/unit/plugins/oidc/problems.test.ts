import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { markup } from '../../../../src/html/markup.ts';
import { problemPage } from '../../../../plugins/oidc/pages/problem-page.ts';
import { PROBLEMS } from '../../../../plugins/oidc/pages/problems.ts';
import type { ProblemCode } from '../../../../plugins/oidc/pages/problems.ts';
import { Options } from '../../../../plugins/oidc/options.ts';
import { viewOf } from '../../../support/plugins/plugin-host.ts';

const REQUEST = { ...viewOf(), body: () => Promise.resolve(new Uint8Array()), look: undefined };

const guide = readFileSync(new URL('../../../../docs/login.md', import.meta.url), 'utf8');

for (const [code, { status }] of Object.entries(PROBLEMS)) {
  test(`oidc.${code} is in the guide with its status, and is never a 500`, () => {
    const row = new RegExp(`^\\| \`oidc\\.${code}\` +\\| (\\d+) `, 'm').exec(guide);

    assert.equal(Number(row?.[1]), status);
    assert.ok((status >= 400 && status < 500) || status === 502 || status === 503);
  });
}

test('every option is in the guide', () => {
  for (const name of Object.keys(Options.shape)) {
    assert.match(guide, new RegExp(`^\\| \`${name}\` `, 'm'));
  }
});

test('every problem has words of its own', () => {
  const titles = Object.values(PROBLEMS).map(({ title }) => title);
  const sentences = Object.values(PROBLEMS).map(({ sentence }) => sentence);

  assert.equal(new Set(titles).size, titles.length);
  assert.equal(new Set(sentences).size, sentences.length);
});

test('whatever a page is given is text, never HTML', async () => {
  const hostile = `"><script>alert('1')</script>&`;
  const code: ProblemCode = 'redirect_uri_mismatch';
  const page = problemPage(
    { ...REQUEST, id: hostile },
    {
      code,
      retryAt: hostile,
      goOnTo: hostile,
      redirectUri: hostile,
    },
  );

  const text = await page.response.text();

  assert.doesNotMatch(text, /<script/);
  assert.equal(text.match(/&quot;&gt;&lt;script&gt;alert\(&#39;1&#39;\)/g)?.length, 4);
});

const BRANDED = {
  ...REQUEST,
  look: {
    brand: 'Acme',
    logoHref: '/.fairlead/assets/logo-0.svg',
    css: ':root{--accent:#c2410c}',
    support: 'https://support.example.com/',
  },
};

for (const [what, request, count] of [
  ['the style of the gateway', REQUEST, 1],
  ['the colours of the brand beside it', BRANDED, 2],
] as const) {
  test(`a page allows the styles that it has: ${what}`, async () => {
    const { response } = problemPage(request, { code: 'loop' });
    const styles = (await response.text()).matchAll(/<style>([\s\S]*?)<\/style>/g);
    const sources = [...styles].map(([, style]) => `'sha256-${hash('sha256', style!, 'base64')}'`);

    const policy = response.headers.get('content-security-policy')!;

    assert.equal(sources.length, count);
    for (const source of sources) assert.ok(policy.includes(source));
  });
}

test('a page has name, logo and support link of the operator, and may show the logo', async () => {
  const { response } = problemPage(BRANDED, { code: 'loop' });
  const text = await response.text();

  assert.match(text, /<title>[^<]+ – Acme<\/title>/);
  assert.match(text, /<img class="mark" [^>]*src="\/\.fairlead\/assets\/logo-0\.svg">/);
  assert.match(text, /<a href="https:\/\/support\.example\.com\/">Acme support<\/a>/);
  assert.match(response.headers.get('content-security-policy')!, /img-src 'self' data:/);
});

test('a template escapes texts, keeps markup, and skips what is not there', () => {
  const inner = markup`<b>${'<'}</b>`;

  assert.equal(markup`<p>${inner}${undefined}${'&'}</p>`.text, '<p><b>&lt;</b>&amp;</p>');
});
