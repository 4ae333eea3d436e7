import { PLUGIN_API } from '../../contract.ts';
import type { OptionsSchema } from '../../contract.ts';
import { describeThrown } from '../call/describe-thrown.ts';
import { kindFault } from '../kinds/kinds.ts';

/** Read by the core and taken out before a plugin sees its options. */
export const CORE_OPTIONS: ReadonlySet<string> = new Set(['plugin', 'timeout', 'isolation']);

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when `value` keeps the contract of an authenticator plugin, else where it does not. */
export function pluginFault(value: unknown): string | undefined {
  if (!isObject(value)) return 'its default export is not a plugin object';
  if (value['api'] !== PLUGIN_API) {
    return `it has api ${JSON.stringify(value['api'])}, wanted ${PLUGIN_API}`;
  }
  const kind = kindFault(value['kind']);
  if (kind !== undefined) return `it is ${kind}`;
  if (typeof value['name'] !== 'string' || value['name'] === '') return 'it has no name';
  if (typeof value['create'] !== 'function') return 'it has no create()';
  if (value['check'] !== undefined && typeof value['check'] !== 'function') {
    return 'its check is not a function';
  }
  if (value['mayStandIn'] !== undefined && typeof value['mayStandIn'] !== 'function') {
    return 'its mayStandIn is not a function';
  }
  if (![undefined, 'reads', 'writes'].includes(value['authorization'] as undefined)) {
    return 'its authorization is none of "reads" and "writes"';
  }
  return optionsFault(value['options']);
}

function optionsFault(options: unknown): string | undefined {
  const standard = isObject(options) ? options['~standard'] : undefined;
  if (!isObject(standard) || typeof standard['validate'] !== 'function') {
    return 'its options are not a Standard Schema';
  }
  let schema: Fields;
  try {
    schema = (options as OptionsSchema<unknown>)['~standard'].jsonSchema.input({
      target: 'draft-2020-12',
    });
  } catch (thrown) {
    return `its options have no JSON Schema: ${describeThrown(thrown)}`;
  }
  const taken = declaredNames(schema).find((name) => CORE_OPTIONS.has(name));
  if (taken === undefined) return undefined;
  return `its options declare "${taken}", which the gateway itself reads (${[...CORE_OPTIONS].join(', ')})`;
}

/** Names at the top of the options, alternatives and intersections included. */
function declaredNames(schema: Fields): string[] {
  const own = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((key) => {
    const list = schema[key];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });
  return [...own, ...parts.flatMap(declaredNames)];
}

function isObject(value: unknown): value is Fields {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}
