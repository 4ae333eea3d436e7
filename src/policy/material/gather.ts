import { stat } from 'node:fs/promises';
import type { CheckedSet } from '../compile/compile.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import { reasonOf } from '../source/policy-directory.ts';
import type { Findings } from '../issues/issue.ts';
import { answerFiles } from './answer-files.ts';
import { readLinks } from './material-links.ts';
import { Material } from './material.ts';
import { pageFiles } from './page-files.ts';
import type { PluginFile } from './material.ts';
import { optionsNode, validateOptions } from '../providers.ts';
import type { PluggedProvider } from '../providers.ts';
import { holdingAt } from '../schema/schema.ts';
import type { Holding, Mark } from '../schema/schema.ts';
import type { CertificateSource, TlsClientCredentials } from '../snapshot/snapshot.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, pathText, walk } from '../source/source.ts';

export interface GatherContext {
  readonly root: MapNode;
  readonly directory: PolicyDirectory;
  readonly replaced: ReadonlyMap<SourceNode, string>;
  readonly marks: ReadonlyMap<SourceNode, Mark>;
  readonly providers: readonly PluggedProvider[];
  readonly findings: Findings;
  readonly nowMs: number;
}

export type Gathered = Pick<
  CheckedSet,
  | 'certificates'
  | 'defaultCertificate'
  | 'storeCa'
  | 'pageFiles'
  | 'answerFiles'
  | 'adminCertificate'
  | 'adminCa'
  | 'links'
  | 'serviceTls'
  | 'options'
  | 'providerFiles'
  | 'certificateTerms'
>;

/** Everything outside the set that it names: certificates, links, and plugins' verdicts on their options. */
export async function gather(context: GatherContext): Promise<Gathered> {
  const material = new Material(context);
  const { options, providerFiles } = await providerOptions(context, material);
  const gathered = {
    certificates: await serverCertificates(context, material),
    defaultCertificate: material.has(['gateway', 'defaultCertificate'])
      ? await material.serverCertificate(['gateway', 'defaultCertificate'], { needsName: false })
      : undefined,
    storeCa: material.has(['gateway', 'store', 'ca'])
      ? (await material.clientCredentials(['gateway', 'store']))?.caPem
      : undefined,
    pageFiles: await pageFiles({ ...context, material }),
    answerFiles: await answerFiles({ ...context, material }),
    adminCertificate: material.has(['gateway', 'admin', 'certificate'])
      ? await material.serverCertificate(['gateway', 'admin', 'certificate'], { needsName: false })
      : undefined,
    adminCa: await material.authorities(['gateway', 'admin', 'auth', 'clientCa']),
    links: await readLinks(context.root, material, context.directory),
    serviceTls: await serviceCredentials(context, material),
    options,
    providerFiles,
  };
  return { ...gathered, certificateTerms: material.terms };
}

async function serverCertificates(
  context: GatherContext,
  material: Material,
): Promise<readonly CertificateSource[]> {
  const list = childOf(childOf(context.root, 'gateway'), 'certificates');
  const certificates: CertificateSource[] = [];
  for (const index of itemsOf(list).keys()) {
    const path = ['gateway', 'certificates', index];
    const certificate = await material.serverCertificate(path, { needsName: true });
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}

async function serviceCredentials(
  context: GatherContext,
  material: Material,
): Promise<ReadonlyMap<string, TlsClientCredentials>> {
  const credentials = new Map<string, TlsClientCredentials>();
  for (const [name] of entriesOf(childOf(context.root, 'services'))) {
    const path = ['services', name, 'tls'];
    const tls = material.has(path) ? await material.clientCredentials(path) : undefined;
    if (tls !== undefined) credentials.set(name, tls);
  }
  return credentials;
}

async function providerOptions(
  context: GatherContext,
  material: Material,
): Promise<Pick<Gathered, 'options' | 'providerFiles'>> {
  const options = new Map<string, unknown>();
  const providerFiles = new Map<string, string>();
  for (const provider of context.providers) {
    const files = await checkFiles(provider, context, material);
    const { digests } = context.directory;
    providerFiles.set(provider.name, files.map((file) => digests.get(file)).join(' '));
    const { root, replaced, findings } = context;
    options.set(provider.name, await validateOptions(provider, root, replaced, findings));
  }
  return { options, providerFiles };
}

/**
 * A file that a plugin will read must be there and be what it should be now, not at the first request.
 * Resolves to the absolute paths of those files.
 */
async function checkFiles(
  provider: PluggedProvider,
  context: GatherContext,
  material: Material,
): Promise<readonly string[]> {
  const files: string[] = [];
  const groups = new Map<string, Partial<Record<Holding, PluginFile>>>();
  for (const [below, node] of walk(optionsNode(provider))) {
    const file = context.marks.get(node) === 'path' ? context.replaced.get(node) : undefined;
    if (file === undefined) continue;
    files.push(file);
    const path = ['providers', provider.name, ...below];
    const holding = holdingAt(provider.json, below);
    if (holding === undefined) await checkPresence(path, file, context, material);
    else {
      // A certificate and the key beside it belong together.
      const beside = pathText(path.slice(0, -1));
      groups.set(beside, { ...groups.get(beside), [holding]: { path, file } });
    }
  }
  for (const group of groups.values()) await material.checkPluginFiles(group);
  return files;
}

async function checkPresence(
  path: Path,
  file: string,
  { directory }: GatherContext,
  material: Material,
): Promise<void> {
  // For its digest; what is in it is the plugin's to judge.
  await directory.readMaterial(file);
  try {
    await stat(file);
  } catch (error) {
    material.report(path, { code: 'E204', reason: reasonOf(error) }, directory.shown(file));
  }
}
