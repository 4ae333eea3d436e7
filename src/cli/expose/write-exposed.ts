import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { keepDevCertificates } from '../../certificates/dev-certificates.ts';
import { isLoopbackHost } from '../../core/network-addresses.ts';
import { calledAs } from '../called-as.ts';
import { Complaint } from '../complaint.ts';
import { runSchema } from '../schema/run-schema.ts';
import { exposedPolicy } from './exposed-policy.ts';
import type { ExposedLogin } from './exposed-policy.ts';
import type { ExposeTarget } from './expose-target.ts';

export interface Exposed {
  readonly target: ExposeTarget;
  readonly host: string;
  readonly listen: string;
  readonly link: string | undefined;
}

export interface WrittenTo {
  readonly directory: string;
  readonly login: ExposedLogin | undefined;
  /** Where certificates are kept. Default: `certs` in the directory. */
  readonly certificates?: string;
}

/**
 * Writes policy.yaml, its schema for editors, certificates and the link into a folder, and says what can be done next.
 * Rejects when there is a policy already: one that somebody changed is not overwritten.
 */
export async function writeExposed(exposed: Exposed, to: WrittenTo): Promise<void> {
  await writePolicy(exposed, to);
  const { directory } = to;
  // The first line of the policy leads editors to it.
  await runSchema({ write: join(directory, 'policy.schema.json') });
  const fairlead = calledAs(process.env);
  process.stdout.write(`wrote  ${join(directory, 'policy.yaml')}
next   ${fairlead} check ${directory}
       ${fairlead} test ${directory}
       ${fairlead} explain ${directory} --url https://${exposed.host}/
       ${fairlead} run ${directory}
then   ${curlLine(exposed, { port: portOf(exposed.listen), ca: join(directory, 'certs', 'ca.crt') })}
`);
}

function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}

/** A request that trusts the authority of the certificate, wherever the host may be. */
export function curlLine(
  { host }: Pick<Exposed, 'host'>,
  { port, ca }: { readonly port: number; readonly ca: string },
): string {
  const resolved = isLoopbackHost(host) ? '' : ` --resolve ${host}:${port}:127.0.0.1`;
  return `curl --cacert ${ca}${resolved} ${addressOf(host, port)}`;
}

export function addressOf(host: string, port: number): string {
  return `https://${host}${port === 443 ? '' : `:${port}`}/`;
}

/** The files alone. */
export async function writePolicy(exposed: Exposed, to: WrittenTo): Promise<void> {
  const { target, host, listen } = exposed;
  const { directory, login, certificates } = to;
  const file = join(directory, 'policy.yaml');
  if (await isThere(file))
    throw new Complaint(`${file} is there already: choose another directory`);
  const { link } = exposed;
  if (link !== undefined && !(await isThere(link))) {
    throw new Complaint(`there is no link file at "${link}": "skupper link generate" prints one`);
  }
  await mkdir(join(directory, 'secrets'), { recursive: true, mode: 0o700 });
  const kept = certificates ?? join(directory, 'certs');
  const names = [...new Set([host, 'localhost', '127.0.0.1'])];
  await keepDevCertificates(kept, names, Date.now());
  const policy = exposedPolicy({
    target,
    host,
    listen,
    login,
    link: await linkOf(exposed, directory),
    certificates: certificates ?? 'certs',
  });
  await writeFile(file, policy, { flag: 'wx' });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** Copied, so that the folder is whole. */
async function linkOf({ link }: Exposed, directory: string): Promise<string | undefined> {
  if (link === undefined) return undefined;
  const name = join('secrets', basename(link));
  await copyFile(link, join(directory, name));
  return name;
}
