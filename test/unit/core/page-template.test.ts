import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTemplateFault, parseTemplate, PLACEHOLDERS } from '../../../src/core/page-template.ts';
import type { PageTemplate } from '../../../src/core/page-template.ts';
import { TEMPLATE_FIELDS, templatePage } from '../../../src/respond/template-page.ts';
import type { TemplateValues } from '../../../src/respond/template-page.ts';
import { docsPage } from '../../support/tools/sources.ts';

const HOSTILE = `"><script>alert('1')</script>{{id}}`;

test('every placeholder is replaced by its value, escaped, and no value is read as a template', () => {
  const names = Object.keys(PLACEHOLDERS);
  const html = names.map((name) => `<p title="{{${name}}}">{{${name}}}</p>`).join('\n');
  const values = Object.fromEntries(names.map((name) => [name, HOSTILE]));

  const page = templatePage(good(html), values as TemplateValues);

  assert.doesNotMatch(page, /<script|title="">/);
  assert.equal(page.match(/&lt;script&gt;/g)?.length, 2 * names.length);
  assert.equal(page.match(/\{\{id\}\}/g)?.length, 2 * names.length);
});

test('what is not known is empty, and a template without placeholders is itself', () => {
  assert.equal(templatePage(good('<b>{{retry}}</b>'), {} as TemplateValues), '<b></b>');
  assert.equal(templatePage(good('<b>x</b>'), {} as TemplateValues), '<b>x</b>');
});

for (const [html, line, column, what] of [
  ['<p>\n {{retri}}', 2, 2, /unknown placeholder \{\{retri\}\}/],
  ['{{constructor}}', 1, 1, /unknown placeholder/],
  ['{{ title }}', 1, 1, /no \{\{name\}\}/],
  ['{{{title}}}', 1, 1, /no \{\{name\}\}/],
  ['a {{#if x}}', 1, 3, /no \{\{name\}\}/],
  ['{{}}', 1, 1, /no \{\{name\}\}/],
  ['<a href={{support}}>', 1, 9, /without quotes/],
  ['<a href=\n{{support}}>', 2, 1, /without quotes/],
] as const) {
  test(`finds what is wrong in ${JSON.stringify(html)}, and where`, () => {
    const fault = parseTemplate(html);

    assert.ok(isTemplateFault(fault));
    assert.deepEqual([fault.line, fault.column], [line, column]);
    assert.match(fault.what, what);
  });
}

test('64 KiB of braces are judged in linear time', () => {
  const started = performance.now();

  parseTemplate('{'.repeat(65_536));
  parseTemplate('{{title}}'.repeat(7000));

  assert.ok(performance.now() - started < 1000);
});

test('a page of a template may load nothing but our style and pictures, and run nothing', () => {
  const policy = TEMPLATE_FIELDS.at(-1)!;

  assert.equal(
    policy,
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
});

test('the page of templates has each placeholder with its meaning', () => {
  const page = docsPage('error-pages.md').replaceAll(/ +/g, ' ');

  for (const [name, means] of Object.entries(PLACEHOLDERS)) {
    assert.ok(page.includes(`| \`{{${name}}}\` | ${means} |`), name);
  }
});

function good(html: string): PageTemplate {
  const parsed = parseTemplate(html);
  assert.ok(!isTemplateFault(parsed));
  return parsed;
}
