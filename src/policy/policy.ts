// From a folder of YAML files to a frozen snapshot, or to every error in them. load.ts runs the passes; the rooms
// in the order of work, and the passes in them:
//   source/     read, select, merge: files → one tree in which each value knows where it is written; resolve references
//   issues/     what is wrong: codes, excerpt, hint, format
//   providers.ts find the plugins, and have them judge their options
//   schema/     every key with its type, default and description; the reference and the editor schema
//   rules/      effective rules: what holds where, of defaults, route and path
//   checks/     check the shape, and what the schema cannot say (checks.ts lists these); lint, after the compile
//   material/   hide secrets, gather: certificates, keys, links, options of plugins
//   compile/    checked set → snapshot
//   snapshot/   what the request path sees of a policy: types only
export { loadPolicy } from './load.ts';
export type { LoadOptions, LoadResult } from './load.ts';
