import type { JsonSchema } from './json-schema-data.ts';
import type { PluginCatalogue } from './json-schema.ts';
import { CORE_OPTIONS, coreSchemaJson, optionsSchemaJson } from './json-schema.ts';
import { described } from './default-text.ts';
import { blockExamples, pluginExamples } from './reference-examples.ts';
import { alternativesOf, code, itemsOf, kindOf, valuesOf } from './value-kind.ts';

/** One key of a table. */
interface Row {
  readonly key: string;
  readonly kind: string;
  readonly byDefault: string;
  readonly what: string;
}

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly Row[];
  /** Blocks of YAML, or where they are. */
  readonly examples: string;
}

/** In the place of a key that the operator chooses. */
const CHOSEN = 'X';

const HEAD = `# Policy reference

<!-- Generated from src/policy/schema and the options of the built-in plugins: "npm run schema" writes this page. -->

Every key of a policy, made from the schema that \`fairlead check\` uses. A policy is a folder of YAML files that count as one. A key that is
not here is an error.

- A **duration** is a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\` (\`30s\`); a **size** has \`B\`, \`KiB\`, \`MiB\` or \`GiB\` (\`10MiB\`); a **rate** has \`/s\`,
  \`/m\`, \`/h\` or \`/d\` (\`100/s\`).
- A **path** is relative to the folder of the policy. Paths and secrets may be references: \`\${env:NAME}\`, \`\${file:path}\`.
- A path takes over the keys of its route that it does not name. \`null\` sets a key back to its default, so that the route's value does not count.
- \`${CHOSEN}\` is a name that you choose. \`a.b\` is the key \`b\` in the mapping \`a\`; \`a[].b\` is \`b\` in each mapping of the list \`a\`.
- **required** inside a mapping that may be left out: needed when the mapping is there. **–** as default: nothing is set.
- The examples are parts of a set that \`fairlead check\` accepts. A comment names the warning of what would earn one.
`;

/** The page of every policy key: a section a block, and one for each plugin's options. */
export function referencePage(plugins: PluginCatalogue, core = coreSchemaJson()): string {
  const blocks = propertiesOf(core).filter(({ key }) => key !== 'version');
  const sections = blocks.flatMap(({ key, place }) => blockSections(key, place, plugins));
  const overview = propertiesOf(core).map((property) => rowOf(property.key, property));
  const isBlock = (key: string) => blocks.some((block) => block.key === key);
  const linked = (key: string) => (isBlock(key) ? `[${code(key)}](#${key})` : code(key));
  return [HEAD, table(overview, linked), ...sections.map(textOf)].join('\n');
}

function blockSections(block: string, place: JsonSchema, plugins: PluginCatalogue): Section[] {
  const values = place['properties'] === undefined ? valuesOf(place) : undefined;
  const what = described(place).what;
  const intro = values === undefined ? what : `${what} Keys of \`${block}.${CHOSEN}\`:`;
  const examples = `${blockExamples(block, place)}${MORE_EXAMPLES[block] ?? ''}`;
  const section = { title: block, intro, rows: rowsBelow(values ?? place, ''), examples };
  if (block === 'providers') return [section, ...pluginSections(plugins)];
  return block === 'routes' ? routeSections(section, values!) : [section];
}

const RULES = '[profiles](#profiles)';
/** What blocks have in common has its examples once. */
const MORE_EXAMPLES: Readonly<Record<string, string>> = {
  gateway: `\nMore examples of the keys of \`defaults\`: ${RULES}.\n`,
  routes: `\nMore examples of these keys: ${RULES}.\n`,
  paths: `\nExamples of these keys: ${RULES}, and \`paths\` in [routes](#routes).\n`,
};

/** What a path may say has a section of its own; a route's table names it. */
function routeSections(section: Section, route: JsonSchema): Section[] {
  const paths = propertiesOf(route).find(({ key }) => key === 'paths')!;
  const pathRule = valuesOf(paths.place)!;
  return [
    { ...section, rows: section.rows.filter(({ key }) => !key.startsWith('paths.')) },
    {
      title: 'paths',
      intro: `${described(pathRule).what} Keys of \`routes.${CHOSEN}.paths.PATH\`:`,
      rows: rowsBelow(pathRule, ''),
      examples: MORE_EXAMPLES['paths']!,
    },
  ];
}

function pluginSections(plugins: PluginCatalogue): Section[] {
  return [...plugins.names()].sort().flatMap((name) => {
    const plugin = plugins.find(name);
    if (plugin === undefined) return [];
    const shared = [...CORE_OPTIONS]
      .filter((key) => key !== 'isolation')
      .map((key) => `\`${key}\``);
    const options = optionsSchemaJson(plugin);
    return {
      title: `providers: ${name}`,
      intro: `Keys of a provider with \`plugin: ${name}\`, beside ${shared.join(' and ')}:`,
      rows: rowsBelow(options, ''),
      examples: pluginExamples(name, options),
    };
  });
}

interface Property {
  readonly key: string;
  readonly place: JsonSchema;
  readonly isRequired: boolean;
}

function propertiesOf(place: JsonSchema): Property[] {
  const required = (place['required'] ?? []) as readonly string[];
  return Object.entries((place['properties'] ?? {}) as Record<string, JsonSchema>).map(
    ([key, inner]) => ({ key, place: inner, isRequired: required.includes(key) }),
  );
}

/** The keys of every mapping that may stand at a place, and all below them. */
function rowsBelow(place: JsonSchema, above: string): readonly Row[] {
  const rows = alternativesOf(place).flatMap((alternative): readonly Row[] => {
    if (alternative['type'] === 'array') return rowsBelow(itemsOf(alternative), `${above}[]`);
    const values = valuesOf(alternative);
    const chosen = values === undefined ? [] : rowsBelow(values, join(above, CHOSEN));
    return [...propertiesOf(alternative).flatMap((each) => rowsAt(each, above)), ...chosen];
  });
  // "One, or a list of them" would have each key twice.
  const seen = new Set<string>();
  return rows.filter(({ key }) => {
    const bare = key.replaceAll('[]', '');
    return !seen.has(bare) && seen.add(bare);
  });
}

function rowsAt(property: Property, above: string): readonly Row[] {
  const key = join(above, property.key);
  return [rowOf(key, property), ...rowsBelow(property.place, key)];
}

function rowOf(key: string, { place, isRequired }: Property): Row {
  const { what, byDefault } = described(place);
  return {
    key,
    kind: kindOf(place),
    byDefault: byDefault ?? (isRequired ? 'required' : '–'),
    what,
  };
}

function join(above: string, key: string): string {
  return above === '' ? key : `${above}.${key}`;
}

function textOf({ title, intro, rows, examples }: Section): string {
  return `## ${title}\n\n${intro}\n\n${table(rows)}${examples}`;
}

function table(rows: readonly Row[], shownKey: (key: string) => string = code): string {
  const lines = rows.map(({ key, kind, byDefault, what }) =>
    [shownKey(key), kind, byDefault, sentence(what)].map(cell).join(' | '),
  );
  return ['Key | Value | Default | What it does', '--- | --- | --- | ---', ...lines]
    .map((line) => `| ${line} |\n`)
    .join('');
}

/** A bar would end the cell, also within code (GitHub Flavored Markdown 4.10). */
function cell(text: string): string {
  const parts = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').split('`');
  return parts.map((part, at) => (at % 2 === 0 ? literally(part) : part)).join('`');
}

/** Outside of code these begin emphasis and HTML. */
function literally(text: string): string {
  return text.replaceAll('*', '\\*').replaceAll('<', '&lt;');
}

/** Plugins write descriptions without the full stop. */
function sentence(text: string): string {
  return text === '' || /[.!?]$/.test(text) ? text : `${text}.`;
}
