import { literalOf } from '../rules/field-template.ts';
import type { FieldRules } from '../snapshot/snapshot.ts';

/**
 * `headers.preset: web`: what the OWASP cheat sheet on response headers wants of every site, in the values that an
 * application works with which was not written for them. docs/headers.md has the reason of each.
 */
const WEB: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-opener-policy': 'same-origin-allow-popups',
  'cross-origin-resource-policy': 'same-site',
};

/** Without what the rule removes, and with the values that it sets where these are written out. */
export function presetFields(rules: FieldRules | undefined): readonly string[] {
  return Object.entries(WEB).flatMap(([name, value]) => {
    const own = rules?.said.find((said) => said.name === name && said.kind !== 'add');
    if (own === undefined) return [name, value];
    return own.kind === 'remove' ? [] : valuesOf(rules!, name, value);
  });
}

function valuesOf(rules: FieldRules, name: string, value: string): readonly string[] {
  const own = rules.added.filter((added) => added.name === name);
  const texts = own.map(({ template }) => literalOf(template));
  return texts.every((text) => text !== undefined)
    ? texts.flatMap((text) => [name, text])
    : [name, value];
}
