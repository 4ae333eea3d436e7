import { ROUTER_ACCESS_TO_ADD, readLink } from '../../network/links/link-file.ts';
import type { LinkFiles } from '../../network/links/link-file.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import type { Material } from './material.ts';
import type { RouterLink } from '../snapshot/snapshot.ts';
import type { MapNode, Path } from '../source/source.ts';
import { childOf, itemsOf, nodeAt } from '../source/source.ts';

/** All entry routers that `network.link` gives; what cannot be used is reported at its token. */
export async function readLinks(
  root: MapNode,
  material: Material,
  directory: PolicyDirectory,
): Promise<readonly RouterLink[]> {
  const path = ['network', 'link'];
  const node = nodeAt(root, path);
  const places: Path[] =
    node?.kind === 'list' ? itemsOf(node).map((_, index) => [...path, index]) : [path];
  const links: RouterLink[] = [];
  for (const place of places) {
    const isExplicit = nodeAt(root, place)?.kind === 'map';
    links.push(
      ...(isExplicit
        ? await explicitLink(root, place, material)
        : await fileLinks(place, material, directory)),
    );
  }
  return links;
}

async function fileLinks(
  path: Path,
  material: Material,
  directory: PolicyDirectory,
): Promise<readonly RouterLink[]> {
  const file = material.textAt(path);
  if (file === undefined) return [];
  const shown = directory.shown(file);
  const result = await readLink(file, filesOf(directory));
  if (result.kind === 'refused') {
    const code = result.isInterRouterOnly ? 'E212' : 'E211';
    const hint = result.isInterRouterOnly
      ? `add to the site, then make the link again:\n${ROUTER_ACCESS_TO_ADD}`
      : undefined;
    material.report(path, { code, reason: result.reason }, `the link ${shown}`, hint);
    return [];
  }
  return result.links.filter((link) =>
    material.checkCredentials(link.tls, `the link ${shown}, ${plainName(link.name)}`, path),
  );
}

/** It comes from a file of the site's and goes into messages and a metric. */
function plainName(name: string): string {
  return name.replace(/[^\w./-]/g, '').slice(0, 100);
}

function filesOf(directory: PolicyDirectory): LinkFiles {
  return {
    read: (path) => directory.read(path),
    readMaterial: (path) => directory.readMaterial(path),
    list: (path) => directory.list(path),
  };
}

async function explicitLink(
  root: MapNode,
  path: Path,
  material: Material,
): Promise<readonly RouterLink[]> {
  const tls = await material.clientCredentials(path);
  const host = material.textAt([...path, 'host']);
  const port = childOf(nodeAt(root, path), 'port');
  if (tls === undefined || host === undefined) return [];
  // Anything else than a port number was reported by the schema.
  if (port?.kind !== 'scalar' || typeof port.value !== 'number') return [];
  return [{ name: `${host}:${port.value}`, host, port: port.value, tls }];
}
