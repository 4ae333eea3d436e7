import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Plugin } from '../plugin/contract.ts';
import { pluginFault } from '../plugin/host/host.ts';
import { quoted, reportSchemaIssues } from './issues/schema-issues.ts';
import type { SchemaIssue } from './issues/schema-issues.ts';
import type { Findings } from './issues/issue.ts';
import { CORE_OPTIONS, optionsSchemaJson } from './schema/schema.ts';
import type { JsonSchema, PluginCatalogue } from './schema/schema.ts';
import { didYouMeanOr } from './issues/did-you-mean.ts';
import type { MapEntry, MapNode, Path, SourceNode } from './source/source.ts';
import { childOf, entriesOf, plainOf, textOf, tokenSpanAt } from './source/source.ts';

/** A provider whose plugin was found, before its options are judged. */
export interface PluggedProvider {
  readonly name: string;
  readonly entry: MapEntry;
  readonly plugin: Plugin<'authenticator', unknown>;
  readonly json: JsonSchema;
}

const OPTION_CODES = { type: 'E404', unknown: 'E402', missing: 'E403', value: 'E404' } as const;
/** Names that mean something else in a policy or below `/.fairlead/`. */
const RESERVED = new Set(['session', 'limits', 'login', 'public', 'errors', 'assets']);

/** Finds the plugin of each provider; an unknown or unusable one is reported at its `plugin:` token. */
export function findPlugins(
  root: MapNode,
  plugins: PluginCatalogue,
  findings: Findings,
): readonly PluggedProvider[] {
  const plugged: PluggedProvider[] = [];
  for (const [name, entry] of entriesOf(childOf(root, 'providers'))) {
    checkName(name, entry, findings);
    checkIsolation(name, entry, findings);
    const wanted = textOf(childOf(entry.node, 'plugin'));
    // Missing or of another type: the schema says so.
    if (wanted === undefined) continue;
    const at = tokenSpanAt(root, ['providers', name, 'plugin']);
    const path = ['providers', name, 'plugin'];
    const plugin = plugins.find(wanted);
    if (plugin === undefined) {
      const hint = didYouMeanOr('known plugins', wanted, plugins.names());
      findings.add({
        code: 'E401',
        message: plugins.problem?.(wanted) ?? `no plugin named ${quoted(wanted)}`,
        hint,
        path,
        at,
      });
      continue;
    }
    const fault = pluginFault(plugin);
    if (fault === undefined) plugged.push({ name, entry, plugin, json: optionsSchemaJson(plugin) });
    else {
      const message = `the plugin ${quoted(wanted)} cannot be used: ${fault}`;
      findings.add({ code: 'E406', message, path, at });
    }
  }
  return plugged;
}

function checkName(name: string, entry: MapEntry, findings: Findings): void {
  if (!RESERVED.has(name)) return;
  const message = `the name "${name}" is reserved; a provider must have another`;
  findings.add({ code: 'E104', message, path: ['providers', name], at: entry.key });
}

/** Kept for the core, so no plugin's schema would refuse it. */
function checkIsolation(name: string, { node }: MapEntry, findings: Findings): void {
  const isolation = entriesOf(node).find(([key]) => key === 'isolation')?.[1];
  if (isolation === undefined) return;
  const message = `unknown key "isolation" in providers.${name}`;
  const hint = 'not in this version: every plugin runs in the process of the gateway; remove it';
  const path = ['providers', name, 'isolation'];
  findings.add({ code: 'E102', message, hint, path, at: isolation.key });
}

/** The part of a provider that is the plugin's. */
export function optionsNode(provider: PluggedProvider): SourceNode {
  const { node } = provider.entry;
  if (node.kind !== 'map') return node;
  const entries = [...node.entries].filter(([key]) => !CORE_OPTIONS.has(key));
  return { ...node, entries: new Map(entries) };
}

/** Validated options of a provider; undefined when something was reported. */
export async function validateOptions(
  provider: PluggedProvider,
  root: MapNode,
  replaced: ReadonlyMap<SourceNode, string>,
  findings: Findings,
): Promise<unknown> {
  const base = ['providers', provider.name];
  const { plugin } = provider;
  try {
    const input = plainOf(optionsNode(provider), replaced);
    const result = await plugin.options['~standard'].validate(input);
    if (result.issues === undefined) return checkOptions(provider, result.value, root, findings);
    const issues = result.issues as readonly (StandardSchemaV1.Issue & SchemaIssue)[];
    reportSchemaIssues(issues, { root, base, json: provider.json, codes: OPTION_CODES, findings });
  } catch {
    // What a plugin throws may quote a secret, so it is not repeated.
    const path = [...base, 'plugin'];
    const message = `the plugin ${quoted(plugin.name)} failed while it checked its options`;
    findings.add({ code: 'E406', message, path, at: tokenSpanAt(root, path) });
  }
  return undefined;
}

function checkOptions(
  provider: PluggedProvider,
  options: unknown,
  root: MapNode,
  findings: Findings,
): unknown {
  const complaints = provider.plugin.check?.(options) ?? [];
  for (const { path: inner, message, hint } of complaints) {
    const path: Path = ['providers', provider.name, ...inner];
    findings.add({ code: 'E405', message, hint, path, at: tokenSpanAt(root, path) });
  }
  return complaints.length === 0 ? options : undefined;
}
