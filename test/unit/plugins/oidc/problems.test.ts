import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { markup } from '../../../../src/html/markup.ts';
import { problemPage } from '../../../../plugins/oidc/pages/problem-page.ts';
import { PROBLEMS } from '../../../../plugins/oidc/pages/problems.ts';
import type { ProblemCode } from '../../../../plugins/oidc/pages/problems.ts';
import { Options } from '../../../../plugins/oidc/options.ts';

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
  const page = problemPage({
    code,
    requestId: hostile,
    retryAt: hostile,
    goOnTo: hostile,
    redirectUri: hostile,
  });

  const text = await page.response.text();

  assert.doesNotMatch(text, /<script/);
  assert.equal(text.match(/&quot;&gt;&lt;script&gt;alert\(&#39;1&#39;\)/g)?.length, 4);
});

test('the style that a page allows is the style that it has', async () => {
  const page = problemPage({ code: 'loop', requestId: 'x' });
  const style = /<style>([\s\S]*?)<\/style>/.exec(await page.response.text())![1]!;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));

  const policy = page.response.headers.get('content-security-policy')!;

  assert.ok(policy.includes(`'sha256-${Buffer.from(digest).toString('base64')}'`));
});

test('a template escapes texts, keeps markup, and skips what is not there', () => {
  const inner = markup`<b>${'<'}</b>`;

  assert.equal(markup`<p>${inner}${undefined}${'&'}</p>`.text, '<p><b>&lt;</b>&amp;</p>');
});
