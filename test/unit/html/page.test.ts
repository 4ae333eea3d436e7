import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { markup } from '../../../src/html/markup.ts';
import { pageDocument, pagePolicy } from '../../../src/html/page.ts';

const HOSTILE = `"><script>alert('1')</script>&`;

test('whatever a page is given as text stays text', () => {
  const page = pageDocument({
    title: HOSTILE,
    content: markup`<p>${HOSTILE}</p>`,
    reference: { requestId: HOSTILE, code: HOSTILE },
    goOnTo: HOSTILE,
  });

  assert.doesNotMatch(page, /<script/);
  assert.equal(page.match(/&quot;&gt;&lt;script&gt;alert\(&#39;1&#39;\)/g)?.length, 6);
});

test('the style that a page allows is the style that it has', () => {
  const page = pageDocument({ title: 'A page', content: markup`` });
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
  const digest = createHash('sha256').update(style).digest('base64');

  const policy = pagePolicy({ formAction: undefined, frameAncestors: "'none'" });

  assert.ok(policy.includes(`style-src 'sha256-${digest}'`));
  assert.doesNotMatch(policy, /form-action|unsafe/);
});

test('a page of a problem is marked as one and has what to quote, any other page has neither', () => {
  const content = markup`<p>Words.</p>`;
  const problem = pageDocument({
    title: 'Refused',
    content,
    isHeld: true,
    reference: { requestId: '01K', code: 'route_not_found (404)' },
  });
  const other = pageDocument({ title: 'Your session', content });

  assert.match(problem, /<body class="held">/);
  assert.match(problem, /<dd><code class="id">01K<\/code><\/dd>/);
  assert.match(problem, /<dd><code>route_not_found \(404\)<\/code><\/dd>/);
  assert.doesNotMatch(other, /class="held"|class="ref"/);
});
