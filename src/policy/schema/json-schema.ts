import { z } from 'zod';
import type { Plugin } from '../../plugin/contract.ts';
import type { Catalogue } from '../../plugin/host/host.ts';
import { withDefault } from './default-text.ts';
import type { JsonSchema } from './json-schema-data.ts';
import { policySchema } from './policy.ts';
import { withoutExamples } from './reference-examples.ts';

/** What is known of the plugins that are installed. `names` is for suggestions and the schema. */
export interface PluginCatalogue extends Catalogue {
  /** Why a package that the policy names could not be loaded; undefined when nothing is known of it. */
  problem?(name: string): string | undefined;
}

export { CORE_OPTIONS } from '../../plugin/host/host.ts';

const TARGET = 'draft-2020-12';
let core: JsonSchema | undefined;

/** Input form of the core's own schema; made once. */
export function coreSchemaJson(): JsonSchema {
  core ??= schemaJson(policySchema);
  return core;
}

/** Input form of a schema of the core. An editor shows descriptions, so they say the default as well. */
export function schemaJson(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: TARGET,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Only the policy's reader knows bigints; to an editor they are integers.
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer';
      const { byDefault: value = jsonSchema.default, description } = jsonSchema;
      delete jsonSchema['byDefault'];
      // How levels join is the gateway's business; the reference says it in words.
      delete jsonSchema['joins'];
      if (value !== undefined) jsonSchema.default = value;
      if (description !== undefined) jsonSchema.description = withDefault(description, value);
    },
  });
}

/** A plugin's options never change, and a load asks for them with every file. */
const optionsJson = new WeakMap<object, JsonSchema>();

/** Input form of a plugin's options. Throws what the plugin's schema library throws. */
export function optionsSchemaJson(plugin: Plugin<'authenticator', unknown>): JsonSchema {
  let json = optionsJson.get(plugin);
  if (json === undefined) {
    json = plugin.options['~standard'].jsonSchema.input({ target: TARGET });
    optionsJson.set(plugin, json);
  }
  return json;
}

/** The whole policy schema, the options of every installed plugin in it: `fairlead schema` writes it. */
export function policySchemaJson(plugins: PluginCatalogue, core = coreSchemaJson()): JsonSchema {
  const schema = withoutExamples(core) as MutableSchema;
  const provider = propertiesOf(propertiesOf(schema)['providers']?.additionalProperties);
  const kept = Object.fromEntries(Object.entries(provider).filter(([key]) => key !== 'plugin'));
  const names = [...plugins.names()].sort();
  const definitions: Record<string, unknown> = {};
  const choices = names.flatMap((name) => {
    const plugin = plugins.find(name);
    return plugin === undefined
      ? []
      : [choiceOf(name, withoutExamples(optionsSchemaJson(plugin)), kept, definitions)];
  });
  propertiesOf(schema)['providers']!.additionalProperties = {
    type: 'object',
    description: 'A way to authenticate: a plugin and its options.',
    properties: { plugin: { ...provider['plugin'], examples: names } },
    required: ['plugin'],
    allOf: choices,
  };
  const definitionsOfSchema = { ...schema.$defs, ...definitions };
  return { $id: 'policy.schema.json', ...schema, ...nonEmpty('$defs', definitionsOfSchema) };
}

interface MutableSchema {
  [key: string]: unknown;
  properties?: Record<string, MutableSchema>;
  additionalProperties?: MutableSchema;
  $defs?: Record<string, unknown>;
}

function propertiesOf(schema: MutableSchema | undefined): Record<string, MutableSchema> {
  return schema?.properties ?? {};
}

/** `if plugin is X then X's options`, for one plugin; its `$defs` move to the root under its name. */
function choiceOf(
  name: string,
  options: JsonSchema,
  kept: Record<string, unknown>,
  definitions: Record<string, unknown>,
): unknown {
  const { $schema: _dialect, $defs, ...rest } = options as MutableSchema;
  for (const [key, value] of Object.entries($defs ?? {})) {
    definitions[`${name}/${key}`] = renamed(value, name);
  }
  const moved = renamed(rest, name) as MutableSchema;
  return {
    if: { properties: { plugin: { const: name } }, required: ['plugin'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; this is data.
    then: { ...moved, properties: { plugin: {}, ...kept, ...moved.properties } },
  };
}

/** `#/$defs/a` of a plugin becomes `#/$defs/<plugin>~1a` of the whole (RFC 6901 3). */
function renamed(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const isReference = key === '$ref' && typeof inner === 'string' && inner.startsWith('#/$defs/');
    copy[key] = isReference
      ? `#/$defs/${pointerEscaped(name)}~1${inner.slice('#/$defs/'.length)}`
      : renamed(inner, name);
  }
  return copy;
}

function pointerEscaped(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

function nonEmpty(key: string, value: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}
