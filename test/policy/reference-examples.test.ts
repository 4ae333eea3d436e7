import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCases } from '../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { formatIssues } from '../../src/policy/issues/issue-format.ts';
import { exampleSets } from '../support/policy/example-sets.ts';
import { hasKey, referenceSections, valuesIn } from '../support/policy/reference-page.ts';
import type { ReferenceSection } from '../support/policy/reference-page.ts';

const sections = await referenceSections();
const maker = await exampleSets();

test('every key of the reference is in an example of its section, or of one that it names', () => {
  const missing = sections.flatMap((section) =>
    section.keys
      .filter((key) => !isShown(section, key))
      .map((key) => `${section.title}: ${key} (add it to examplesInYaml of its schema)`),
  );

  assert.deepEqual(missing, []);
});

for (const { title, examples } of sections) {
  for (const [index, example] of examples.entries()) {
    test(`example ${index + 1} of "${title}" passes check in a whole set`, async () => {
      const { set } = await maker.load(title, example);

      assert.ok(set.kind === 'ok', set.kind === 'errors' ? textOf(set.issues) : '');
      const warned = set.warnings.map(({ code }) => code);
      assert.deepEqual(warned, example.match(/W3\d\d/g) ?? [], textOf(set.warnings));
      const { cases } = await runCases(set, systemClock);
      assert.equal(cases.length > 0, title === 'tests');
      assert.deepEqual(
        cases.filter(({ differences }) => differences.length > 0),
        [],
      );
    });
  }
}

function textOf(issues: Parameters<typeof formatIssues>[0]): string {
  return formatIssues(issues, { format: 'text' });
}

/** Where the keys of a section may stand in the examples. */
function valuesOf(title: string): readonly unknown[] {
  const home = title === 'paths' ? 'routes' : title;
  const { examples } = sections.find((each) => each.title === home)!;
  return examples.flatMap((text) => valuesIn(title, text));
}

function isShown(section: ReferenceSection, key: string): boolean {
  const places: [string, string][] = [[section.title, key]];
  for (const title of section.elsewhere) places.push([title, key.replace(/^defaults\./, '')]);
  if (section.title === 'paths') places.push(['paths', key]);
  return places.some(([title, wanted]) => {
    const steps = wanted.replaceAll('[]', '').split('.');
    return valuesOf(title).some((value) =>
      hasKey(
        value,
        steps.filter((step) => step !== ''),
      ),
    );
  });
}
