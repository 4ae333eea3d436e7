import { basename, dirname, join } from 'node:path';
import { Secret } from '../../core/secret.ts';
import type { RouterLink, TlsClientCredentials } from '../../policy/snapshot/snapshot.ts';
import type { LinkDocuments, LinkResource } from './link-documents.ts';
import { parseLinkDocuments, parsePort } from './link-documents.ts';

/**
 * Reads what a Skupper site gives a client, unmodified: the output of `skupper link generate`, a folder of
 * credentials, a `connect.json`. Files come in through `LinkFiles`, so nothing here touches the disk.
 */
export interface LinkFiles {
  /** UTF-8 only. */
  read(path: string): Promise<LinkText>;
  /** A certificate or key, whatever its octets. */
  readMaterial(path: string): Promise<LinkText>;
  /** Names in a folder, sorted; undefined when the path is not a folder. */
  list(path: string): Promise<readonly string[] | undefined>;
}

export type LinkText =
  | { readonly kind: 'text'; readonly text: string }
  /** The rest of a sentence that begins with the file, `does not exist` for one. */
  | { readonly kind: 'unread'; readonly reason: string };

export type LinkResult =
  | { readonly kind: 'links'; readonly links: readonly RouterLink[] }
  | {
      readonly kind: 'refused';
      /** The rest of a sentence that begins with the path. */
      readonly reason: string;
      /** True when every endpoint is one that refuses clients. */
      readonly isInterRouterOnly: boolean;
    };

/** What to add to a site whose links give only `inter-router`; the port must be given for this role. */
export const ROUTER_ACCESS_TO_ADD = `apiVersion: skupper.io/v2alpha1
kind: RouterAccess
metadata: { name: ingress }
spec:
  generateTlsCredentials: true
  issuer: skupper-site-ca
  tlsCredentials: ingress-access-server
  roles: [{ name: normal, port: 20002 }]`;

type Credentials = Omit<TlsClientCredentials, 'serverName'>;

/** Entry routers of one link file or folder. */
export async function readLink(path: string, files: LinkFiles): Promise<LinkResult> {
  const names = await files.list(path);
  if (names === undefined) return readLinkFile(path, files);
  if (names.includes('connect.json')) return readLinkFile(join(path, 'connect.json'), files);
  const candidates = names.filter((name) => /\.(ya?ml|json)$/.test(name) && !name.startsWith('.'));
  const documents: LinkDocuments[] = [];
  for (const name of candidates) {
    const parsed = await readDocuments(join(path, name), files);
    if (typeof parsed === 'string') return refused(`holds ${name}, which ${parsed}`);
    documents.push(parsed);
  }
  if (documents.length === 0) {
    return refused(
      'holds no Link and no connect.json, so the host is not known; write { host, port, ca, cert, key } instead',
    );
  }
  return linksOf(together(documents), path, files);
}

async function readLinkFile(path: string, files: LinkFiles): Promise<LinkResult> {
  const parsed = await readDocuments(path, files);
  if (typeof parsed === 'string') return refused(parsed);
  return linksOf(parsed, dirname(path), files, basename(path));
}

/** The rest of a sentence that begins with the file, when it cannot be used. */
async function readDocuments(path: string, files: LinkFiles): Promise<LinkDocuments | string> {
  const file = await files.read(path);
  if (file.kind === 'unread') return file.reason;
  const parsed = parseLinkDocuments(file.text);
  return parsed.kind === 'refused' ? parsed.reason : parsed;
}

function together(documents: readonly LinkDocuments[]): LinkDocuments {
  return {
    kind: 'documents',
    links: documents.flatMap(({ links }) => links),
    secrets: new Map(documents.flatMap(({ secrets }) => [...secrets])),
    connect: documents.find(({ connect }) => connect !== undefined)?.connect,
    oldToken: documents.find(({ oldToken }) => oldToken !== undefined)?.oldToken,
    otherKinds: documents.flatMap(({ otherKinds }) => otherKinds),
  };
}

async function linksOf(
  parsed: LinkDocuments,
  folder: string,
  files: LinkFiles,
  file?: string,
): Promise<LinkResult> {
  if (parsed.connect !== undefined) return connectLink(parsed.connect, folder, files, file);
  if (parsed.links.length === 0) return refused(`holds no Link${found(parsed)}`);
  return resourceLinks(parsed, folder, files);
}

function found({ otherKinds, oldToken, secrets }: LinkDocuments): string {
  if (otherKinds.includes('AccessToken')) {
    return ' but an AccessToken, which can be used only once; "fairlead redeem" makes a link file of it';
  }
  if (oldToken !== undefined) {
    return (
      ` but a token of Skupper 1 (a Secret with the label skupper.io/type: ${oldToken}); ` +
      'Fairlead joins networks of Skupper 2, where "skupper link generate" makes a link'
    );
  }
  const kinds = [...otherKinds, ...(secrets.size > 0 ? ['Secret'] : [])];
  return kinds.length === 0 ? '' : `, found ${[...new Set(kinds)].join(', ')}`;
}

async function resourceLinks(
  parsed: LinkDocuments,
  folder: string,
  files: LinkFiles,
): Promise<LinkResult> {
  const links: RouterLink[] = [];
  let sawEndpoint = false;
  for (const link of parsed.links) {
    sawEndpoint ||= link.endpoints.length > 0;
    const endpoints = usableEndpoints(link);
    if (endpoints.length === 0) continue;
    const credentials = await credentialsOf(link, parsed, folder, files);
    if (typeof credentials === 'string') return refused(credentials);
    for (const { host, port, name } of endpoints) {
      links.push({ name, host, port, tls: { ...credentials, serverName: undefined } });
    }
  }
  if (links.length > 0) return { kind: 'links', links };
  if (!sawEndpoint) {
    return refused(`holds a Link without endpoints (line ${parsed.links[0]!.line})`);
  }
  return {
    kind: 'refused',
    reason: 'gives only an inter-router endpoint, which refuses clients',
    isInterRouterOnly: true,
  };
}

/** Per endpoint group: `normal`, else `edge`. An inter-router listener detaches every link of a client. */
function usableEndpoints(link: LinkResource): { host: string; port: number; name: string }[] {
  const groups = new Map<string, (typeof link.endpoints)[number][]>();
  for (const endpoint of link.endpoints) {
    const members = groups.get(endpoint.group) ?? [];
    groups.set(endpoint.group, [...members, endpoint]);
  }
  return [...groups].flatMap(([group, members]) => {
    const best =
      members.find(({ role }) => role === 'normal') ?? members.find(({ role }) => role === 'edge');
    if (best === undefined) return [];
    const name = groups.size > 1 ? `${link.name}/${group}` : link.name;
    return [{ host: best.host, port: best.port, name }];
  });
}

/** From the Secret of that name; else a folder of that name, or the link's own folder. */
async function credentialsOf(
  link: LinkResource,
  parsed: LinkDocuments,
  folder: string,
  files: LinkFiles,
): Promise<Credentials | string> {
  const secret = parsed.secrets.get(link.tlsCredentials);
  if (secret !== undefined) {
    const read = (key: string): Promise<LinkText> => Promise.resolve(secretText(secret.get(key)));
    return credentialsFrom(read, `the Secret ${link.tlsCredentials}`);
  }
  // The name comes from a file that somebody else wrote: it must not lead out of the folder.
  const isPlainName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(link.tlsCredentials);
  const own = isPlainName ? join(folder, link.tlsCredentials) : folder;
  const place = (await files.list(own)) === undefined ? folder : own;
  return credentialsFrom(
    (key) => files.readMaterial(join(place, key)),
    `the files beside it, and ${otherSecrets(link, parsed)}`,
  );
}

function otherSecrets({ tlsCredentials, line }: LinkResource, { secrets }: LinkDocuments): string {
  if (secrets.size === 0) return 'there is no Secret';
  const names = [...secrets.keys()].slice(0, 3).join(', ');
  return `its Link (line ${line}) names the Secret ${tlsCredentials}, found the Secret ${names}`;
}

function secretText(text: string | undefined): LinkText {
  return text === undefined ? { kind: 'unread', reason: ABSENT } : { kind: 'text', text };
}

const ABSENT = 'does not exist';

async function credentialsFrom(
  read: (key: string) => Promise<LinkText>,
  place: string,
): Promise<Credentials | string> {
  const [ca, cert, key] = [await read('ca.crt'), await read('tls.crt'), await read('tls.key')];
  if (ca.kind === 'text' && cert.kind === 'text' && key.kind === 'text') {
    return { caPem: ca.text, certPem: cert.text, keyPem: new Secret(key.text) };
  }
  const named = [['ca.crt', ca] as const, ['tls.crt', cert] as const, ['tls.key', key] as const];
  const lacking = named.flatMap(([name, file]) => {
    if (file.kind === 'text') return [];
    return [file.reason === ABSENT ? name : `${name} (it ${file.reason})`];
  });
  return `has no ${lacking.join(', ')} (looked for in ${place})`;
}

/**
 * The paths inside a connect.json are those of a container mount and wrong on the host, so a path that
 * does not exist is taken as a sibling of the file.
 */
async function connectLink(
  connect: Readonly<Record<string, unknown>>,
  folder: string,
  files: LinkFiles,
  file = 'connect.json',
): Promise<LinkResult> {
  const port = parsePort(connect['port']);
  const host = connect['host'];
  if (connect['scheme'] !== undefined && connect['scheme'] !== 'amqps') {
    return refused(`has the scheme ${JSON.stringify(connect['scheme'])}, wanted "amqps"`);
  }
  if (typeof host !== 'string' || host === '' || port === undefined) {
    return refused('holds no Link, and no host and port either');
  }
  const tls = (connect['tls'] ?? {}) as Readonly<Record<string, unknown>>;
  const named = new Map([
    ['ca.crt', tls['ca']],
    ['tls.crt', tls['cert']],
    ['tls.key', tls['key']],
  ]);
  const credentials = await credentialsFrom(async (key) => {
    const path = named.get(key);
    const text = typeof path === 'string' ? await files.readMaterial(path) : undefined;
    return text?.kind === 'text' ? text : files.readMaterial(join(folder, key));
  }, 'the files beside it');
  if (typeof credentials === 'string') return refused(credentials);
  const name = file === 'connect.json' ? basename(folder) : file;
  return {
    kind: 'links',
    links: [{ name, host, port, tls: { ...credentials, serverName: undefined } }],
  };
}

function refused(reason: string): LinkResult {
  return { kind: 'refused', reason, isInterRouterOnly: false };
}
