import type { JsonSchema } from './json-schema-data.ts';
import type { PluginCatalogue } from './json-schema.ts';
import { CORE_OPTIONS, coreSchemaJson, optionsSchemaJson } from './json-schema.ts';
import { described } from './default-text.ts';
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
  const intro = described(place).what;
  if (values === undefined) return [{ title: block, intro, rows: rowsBelow(place, '') }];
  const own = `${intro} Keys of \`${block}.${CHOSEN}\`:`;
  if (block === 'providers') {
    const rows = rowsBelow(values, '');
    return [{ title: block, intro: own, rows }, ...pluginSections(plugins)];
  }
  if (block !== 'routes') return [{ title: block, intro: own, rows: rowsBelow(values, '') }];
  return routeSections(own, values);
}

/** What a path may say has a section of its own; a route's table names it. */
function routeSections(intro: string, route: JsonSchema): Section[] {
  const paths = propertiesOf(route).find(({ key }) => key === 'paths')!;
  const rows = rowsBelow(route, '').filter(({ key }) => !key.startsWith('paths.'));
  const pathRule = valuesOf(paths.place)!;
  return [
    { title: 'routes', intro, rows },
    {
      title: 'paths',
      intro: `${described(pathRule).what} Keys of \`routes.${CHOSEN}.paths.PATH\`:`,
      rows: rowsBelow(pathRule, ''),
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
    return {
      title: `providers: ${name}`,
      intro: `Keys of a provider with \`plugin: ${name}\`, beside ${shared.join(' and ')}:`,
      rows: rowsBelow(optionsSchemaJson(plugin), ''),
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

function textOf({ title, intro, rows }: Section): string {
  return `## ${title}\n\n${intro}\n\n${table(rows)}`;
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
