import type { JsonSchema } from './json-schema-data.ts';

/** The name under which the reference shows the options of a plugin. */
const PROVIDER = 'example';

/**
 * The examples of a block, as they are written in a file. A place of the schema has them as `examplesInYaml`: texts of YAML,
 * each a value of the place (`.meta({ examplesInYaml: [...] })`, of a plugin's options too).
 */
export function blockExamples(block: string, place: JsonSchema): string {
  return codeBlocks(textsOf(place).map((text) => below([block], text)));
}

/** Of the options of a plugin: each as a provider. */
export function pluginExamples(plugin: string, options: JsonSchema): string {
  const texts = textsOf(options).map((text) => `plugin: ${plain(plugin)}\n${text}`);
  return codeBlocks(texts.map((text) => below(['providers', PROVIDER], text)));
}

/** `@` begins no plain text in YAML. */
function plain(name: string): string {
  return /^[a-z][a-z0-9-]*$/.test(name) ? name : `'${name}'`;
}

/** The same schema without examples, which are no values of JSON. */
export function withoutExamples(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === 'examplesInYaml' ? undefined : value,
  ) as JsonSchema;
}

function textsOf(place: JsonSchema): readonly string[] {
  return (place['examplesInYaml'] ?? []) as readonly string[];
}

function below(keys: readonly string[], text: string): string {
  const heads = keys.map((key, depth) => `${'  '.repeat(depth)}${key}:`);
  const indent = '  '.repeat(keys.length);
  const lines = text.split('\n').map((line) => `${indent}${line}`);
  return [...heads, ...lines].join('\n');
}

function codeBlocks(texts: readonly string[]): string {
  return texts.map((text) => `\n\`\`\`yaml\n${text}\n\`\`\`\n`).join('');
}
